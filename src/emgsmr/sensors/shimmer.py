"""Shimmer3R and Shimmer3 with the EXG board: two channels of 24 bits at 1024 Hz, a clock in every packet.

Commands, packets and quirks with their sources: ``firmware_notes/shimmer3r.md``.
"""

from __future__ import annotations

from collections.abc import Callable, Generator
from dataclasses import replace
from typing import TypeAlias

import numpy as np

from emgsmr.errors import PacketError, SensorError, UnsupportedFirmwareError
from emgsmr.sensors.conversation import Dialog, Packet, Write
from emgsmr.sensors.family import Advertisement, Characteristic, Family
from emgsmr.sensors.shimmer_stream import (
    ACK,
    CHANNELS,
    CONFIG_BYTES,
    CONFIG_BYTES_3R,
    EXG_REPLY,
    GET_EXG,
    HIGH,
    INQUIRY,
    INQUIRY_REPLY,
    LAYOUT,
    LOW,
    NACK,
    SET_EXG,
    SET_RATE,
    SET_SENSORS,
    START,
    STOP,
    TICKS_HZ,
    WRAP,
    Frames,
    Layout,
    Run,
    inquiry,
)
from emgsmr.sensors.shimmer_twin import SAMPLES_PER_PACKET, SENSORS, ShimmerUnit

TICKS = LAYOUT.ticks
GAIN = 12
# ADS1292R, chips 1 and 2: 2000 samples per second (byte 0), inputs and gain for EMG, chip 2 at rest
REGISTERS = (bytes.fromhex("04a01069602000000203"), bytes.fromhex("04a010e1e10000000201"))
_IGNORED = {1: 0x08, 7: 0xFF}  # the firmware sets the clock bit itself; byte 7 is a status

Asked: TypeAlias = Generator[Write, bytes | None, bytes]


class Gathered:
    """Puts a reply together from notifications; recognizes it when it is whole.

    Parameters
    ----------
    cut : callable
        ``cut(seen)`` gives the reply in what was seen so far, None if it is not there (yet).
    """

    def __init__(self, cut: Callable[[bytes], bytes | None]) -> None:
        self.reply: bytes | None = None
        self._cut = cut
        self._seen = b""

    def __call__(self, uuid: str, payload: bytes) -> bool:
        """Whether this notification completes the reply."""
        del uuid
        self._seen = (self._seen + payload)[-1024:]
        self.reply = self._cut(self._seen)
        return self.reply is not None


def _acknowledged(seen: bytes) -> bytes | None:
    return seen[-1:] if seen[-1:] in (b"\xff", b"\xfe") else None


def _after(kind: int, length: Callable[[bytes], int]) -> Callable[[bytes], bytes | None]:
    """Cut out a reply of this kind that stands after an acknowledgement at the end of what was seen."""

    def cut(seen: bytes) -> bytes | None:
        at = -1
        while (at := seen.find(bytes((ACK, kind)), at + 1)) >= 0:
            if length(seen[at + 1 :]) == len(seen) - at - 1:
                return seen[at + 1 :]
        return bytes((NACK,)) if seen[-1:] == bytes((NACK,)) else None

    return cut


def _same(registers: bytes, wanted: bytes) -> bool:
    pairs = zip(registers, wanted, strict=True)
    return all((a ^ b) & ~_IGNORED.get(i, 0) == 0 for i, (a, b) in enumerate(pairs))


class ShimmerDecoder:
    """The host's end of a connection: sets the unit up for EMG, and reads its stream.

    Parameters
    ----------
    write_uuid, notify_uuid : str
    config_bytes : int
        In the reply to an inquiry.
    """

    def __init__(self, write_uuid: str, notify_uuid: str, config_bytes: int) -> None:
        self._write_uuid = write_uuid
        self._notify_uuid = notify_uuid
        self._config_bytes = config_bytes
        self._frames = Frames(config_bytes, LAYOUT.__eq__)
        self._phase: int | None = None

    def start(self) -> Dialog:
        """Stop a stream that still runs, write the settings that differ, start."""
        yield self._write(bytes((STOP,)), Gathered(_acknowledged))
        layout = yield from self._inquire()
        changed = layout != LAYOUT
        if changed:
            yield from self._set(bytes((SET_RATE,)) + TICKS.to_bytes(2, "little"))
            yield from self._set(bytes((SET_SENSORS,)) + SENSORS)
        for chip, wanted in enumerate(REGISTERS):
            asked = bytes((GET_EXG, chip, 0, len(wanted)))
            reply = yield from self._ask(asked, _after(EXG_REPLY, lambda seen: 2 + len(wanted)))  # noqa: ARG005, B023
            if len(reply) != 2 + len(wanted) or not _same(reply[2:], wanted):
                yield from self._set(bytes((SET_EXG, chip, 0, len(wanted))) + wanted)
                changed = True
        if changed and (yield from self._inquire()) != LAYOUT:
            raise UnsupportedFirmwareError(
                "the Shimmer does not take the settings for EMG: it needs the EXG board and current firmware"
            )
        yield from self._set(bytes((START,)))

    def feed(self, uuid: str, payload: bytes) -> list[Packet]:
        """Packets that are whole now; a new one begins wherever the clock jumps."""
        if uuid.lower() != self._notify_uuid:
            raise PacketError(f"a Shimmer sends no data on the characteristic {uuid}")
        runs = self._frames.feed(payload)
        if not runs and self._frames.skipped > 8 * LAYOUT.size:
            self._frames.skipped = 0
            raise PacketError(
                "bytes from the Shimmer that are no packets of two EMG channels: start it again"
            )
        return [self._packet(run) for run in runs]

    def _packet(self, run: Run) -> Packet:
        if self._phase is None:
            self._phase = run.ticks % TICKS
        counter = (
            run.ticks - self._phase
        ) % WRAP + TICKS // 2  # a clock that is read a tick late stays within
        raw = np.frombuffer(run.data, dtype=np.uint8).reshape(-1, LAYOUT.size)
        wide = np.zeros((len(raw), CHANNELS, 4), dtype=np.uint8)
        wide[:, :, :3] = raw[:, 5:].reshape(-1, CHANNELS, 3)
        counts = (wide.view(">i4")[:, :, 0] >> 8).astype("<i4")
        counts.flags.writeable = False
        return Packet(counter // TICKS % (WRAP // TICKS), counts)

    def _write(self, command: bytes, gathered: Gathered) -> Write:
        return Write(self._write_uuid, command, response=False, is_reply=gathered)

    def _ask(self, command: bytes, cut: Callable[[bytes], bytes | None]) -> Asked:
        gathered = Gathered(cut)
        payload = yield self._write(command, gathered)
        if gathered.reply is None and payload is not None:
            gathered(self._notify_uuid, payload)
        if gathered.reply is None:
            raise SensorError("the Shimmer does not answer: switch it off and on, and keep its base away")
        return gathered.reply

    def _set(self, command: bytes) -> Generator[Write, bytes | None, None]:
        if (yield from self._ask(command, _acknowledged)) != bytes((ACK,)):
            raise SensorError(
                f"the Shimmer refuses command 0x{command[0]:02x}: stop its logging, and take it off its base"
            )

    def _inquire(self) -> Generator[Write, bytes | None, Layout | None]:
        cut = _after(INQUIRY_REPLY, lambda seen: inquiry(seen, self._config_bytes)[1])
        reply = yield from self._ask(bytes((INQUIRY,)), cut)
        return inquiry(reply, self._config_bytes)[0]


def _is_named(prefix: str) -> Callable[[Advertisement], bool]:
    return lambda advertisement: (advertisement.name or "").startswith(prefix)


def _advertised(prefix: str, service: str) -> Callable[[str, int, int], Advertisement]:
    # other devices with the same radio module advertise the same service: only the name is this sensor's
    return lambda name, channels, battery_pct: Advertisement(name or f"{prefix}0000-BLE", (service,))  # noqa: ARG005


_CYSPP = "65333333-a115-11e2-9e9a-0800200ca10{}".format  # cable replacement service of the radio module
_SERVICE_3R, _STREAM_3R = _CYSPP(0), _CYSPP(2)
_SERVICE = "49535343-fe7d-4ae5-8fa9-9fafd205e455"  # transparent UART of the older one
_COMMANDS, _STREAM = "49535343-8841-43f4-a8d4-ecbe34729bb3", "49535343-1e4d-4bd9-ba61-23c647249616"

SHIMMER3R = Family(
    key="shimmer3r",
    name="Shimmer3R",
    maker="Shimmer Research",
    rate_hz=TICKS_HZ / TICKS,
    rate_tolerance=1e-3,
    channel_counts=(CHANNELS,),
    bits=24,
    rails=(LOW, HIGH),
    dtype="<i4",
    scale_uv=2.42e6 / GAIN / HIGH,
    scale_known="known",
    scale_note=(
        "0.024 µV per count at the electrode: reference 2.42 V, gain 12 (emgsmr sets it), 24 bit. The "
        "amplifier's own tolerance is not calibrated out."
    ),
    counter_modulus=WRAP // TICKS,
    samples_per_packet=SAMPLES_PER_PACKET,
    loss_detection=(
        "Every sample carries the sensor's clock (32768 Hz, wraps after 512 s), which goes on while the "
        "link is down: lost samples are counted exactly, also those that its own buffer drops."
    ),
    can=(
        "raw EMG of two muscles with one unit, in µV that compare between units",
        "activation, ratios, bursts and their timing within the stride",
        "spectral fatigue indices: the EMG spectrum is whole up to 500 Hz",
    ),
    cannot=(
        "anything without the EXG board: other Shimmer units have no EMG",
        "motion of the limb: its motion sensors stay off, the link is needed for EMG",
        "its battery level: look at its LED before a run",
    ),
    services={
        _SERVICE_3R: (
            Characteristic(_CYSPP(1), ("write", "indicate")),
            Characteristic(_STREAM_3R, ("write-without-response", "notify")),
            Characteristic(_CYSPP(3), ("indicate",)),
        )
    },
    notify_uuids=(_STREAM_3R,),
    required_uuids=(_STREAM_3R,),
    min_mtu=100,  # a stream of bytes fits any, but 11 kB/s do not go through small ones
    matches=_is_named("Shimmer3R-"),
    advertise=_advertised("Shimmer3R-", _SERVICE_3R),
    decoder=lambda facts: ShimmerDecoder(_STREAM_3R, _STREAM_3R, CONFIG_BYTES_3R),  # noqa: ARG005
    unit=lambda facts: ShimmerUnit(_STREAM_3R, _STREAM_3R, CONFIG_BYTES_3R),  # noqa: ARG005
    stop=(Write(_STREAM_3R, bytes((STOP,)), response=False),),
    notes=(
        "Take it off its base, and stop its own recording. emgsmr writes rate, channels and gain into the "
        "unit, and they stay: set it up again before you record with the maker's software. It may ask to be "
        "paired; no code is needed."
    ),
)

SHIMMER3 = replace(
    SHIMMER3R,
    key="shimmer3",
    name="Shimmer3",
    cannot=(*SHIMMER3R.cannot, "Bluetooth LE in older units: only those with the RN4678 radio have it"),
    services={
        _SERVICE: (
            Characteristic(_STREAM, ("write", "write-without-response", "notify")),
            Characteristic(_COMMANDS, ("write", "write-without-response")),
        )
    },
    notify_uuids=(_STREAM,),
    required_uuids=(_STREAM, _COMMANDS),
    matches=_is_named("Shimmer3-"),
    advertise=_advertised("Shimmer3-", _SERVICE),
    decoder=lambda facts: ShimmerDecoder(_COMMANDS, _STREAM, CONFIG_BYTES),  # noqa: ARG005
    unit=lambda facts: ShimmerUnit(_COMMANDS, _STREAM, CONFIG_BYTES),  # noqa: ARG005
    stop=(Write(_COMMANDS, bytes((STOP,)), response=False),),
)
