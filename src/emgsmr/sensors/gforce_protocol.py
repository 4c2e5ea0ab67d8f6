"""What the armbands of OYMotion and a host say to each other: commands with answers, packets in parts.

Bytes, commands and quirks with their sources: ``firmware_notes/gforce.md``.
"""

from __future__ import annotations

import math
import struct
from dataclasses import dataclass

import numpy as np

from emgsmr.errors import PacketError, SensorError, UnsupportedFirmwareError
from emgsmr.sensors.conversation import Counts, Dialog, Packet, Reading, Write

SERVICE = "0000ffd0-0000-1000-8000-00805f9b34fb"
COMMAND = "f000ffe1-0451-4000-b000-000000000000"
DATA = "f000ffe2-0451-4000-b000-000000000000"

CHANNELS = 8
PACKAGE_IDS, SET_CONFIG, GET_CONFIG, DATA_SWITCH = 0x26, 0x3F, 0x46, 0x4F
NO_DATA, ACCELERATION, ROTATION, ORIENTATION, EMG = 0, 0x01, 0x02, 0x10, 0x80  # flags of the data switch
_EMG_BYTES = 128  # of samples in a packet
_LONGEST = 1 + 2 + _EMG_BYTES
_PART = 0xFF  # a packet in parts: this, how many are still to come, bytes
TYPE_ACCELERATION, TYPE_ROTATION, TYPE_ORIENTATION, TYPE_EMG = 1, 2, 5, 8  # types of packets
_SILENT = (3, 4, 6, 7, 9, 10, 11, 12)  # types that hold nothing that is recorded
MOTION_SCALE = 65536
OK, UNSUPPORTED, BAD_PARAMETER = 0, 1, 2
_CODES = {1: "not supported", 2: "bad parameter", 3: "failed", 4: "timed out"}
_TOP_EXPONENT = 12  # a mantissa of 12 bits then fills the 24 bits that the scale is for


@dataclass(frozen=True, slots=True, kw_only=True)
class Mode:
    """One way to send EMG; ``hint`` is what to do if a unit or its packets do not fit it."""

    rate_hz: int
    bits: int
    samples: int
    numbered: bool
    rails: tuple[int, int]
    hint: str

    @property
    def packet_bytes(self) -> int:
        """Length of an EMG packet."""
        return 1 + 2 * self.numbered + _EMG_BYTES

    @property
    def config(self) -> bytes:
        """What the configuration command carries: rate, channel mask, bytes of samples, resolution."""
        return struct.pack("<HHBB", self.rate_hz, 2**CHANNELS - 1, _EMG_BYTES, self.bits)


def _write_family(key: str) -> str:
    return f'write family = "{key}" in the montage'


BITS_12 = Mode(
    rate_hz=500, bits=12, samples=8, numbered=False, rails=(0, 4095), hint=_write_family("gforce_8bit")
)
BITS_8 = Mode(rate_hz=1000, bits=8, samples=16, numbered=False, rails=(0, 255), hint=_write_family("gforce"))
NUMBERED = Mode(  # asks for 8 bit, as the maker's program does, and gets numbers with an exponent
    rate_hz=500,
    bits=8,
    samples=8,
    numbered=True,
    rails=(-2048 << _TOP_EXPONENT, 2047 << _TOP_EXPONENT),
    hint=_write_family("gforce"),
)


class Decoder:
    """The host's end of a connection; it puts packets together that come in parts."""

    def __init__(self, mode: Mode) -> None:
        self._mode = mode
        self._parts = bytearray()
        self._left: int | None = None  # parts still to come

    def start(self) -> Dialog:
        """Configure, then switch EMG on and all else off."""
        mode = self._mode
        yield _ask(DATA_SWITCH, bytes(4))  # the maker: no data while configuring; the answer does not matter
        hint = f"{mode.hint}; only gForcePro, Pro+ and Oct send raw EMG"
        _check((yield _ask(SET_CONFIG, mode.config)), f"{mode.bits} bit at {mode.rate_hz} Hz", hint)
        if mode.numbered:
            _check((yield _ask(PACKAGE_IDS, b"\x01")), "numbered packets", mode.hint)
        else:
            told = yield _ask(GET_CONFIG)
            if told is not None and told[0] == OK and told[2:8] != mode.config:
                raise UnsupportedFirmwareError(
                    f"this gForce did not take {mode.bits} bit at {mode.rate_hz} Hz: {mode.hint}"
                )
        _check((yield _ask(DATA_SWITCH, EMG.to_bytes(4, "little"))), "raw EMG", hint)

    def feed(self, uuid: str, payload: bytes) -> list[Packet | Reading]:
        r"""Read a notification, or a part of a packet.

        Examples
        --------
        >>> [packet] = Decoder(BITS_8).feed(DATA, b"\x08" + bytes(range(128, 136)) * 16)
        >>> packet.counter, packet.counts.shape, packet.counts[0].tolist()
        (None, (16, 8), [128, 129, 130, 131, 132, 133, 134, 135])
        """
        uuid = uuid.lower()
        if uuid == COMMAND:
            return []  # replies belong to the dialog
        if uuid != DATA:
            raise PacketError(f"a gForce sends no EMG on the characteristic {uuid}")
        if not payload:
            raise PacketError("a gForce sends no empty notifications")
        if payload[0] != _PART:
            self._forget()
            return _read(self._mode, payload)
        packet = self._join(payload)
        return [] if packet is None else [_emg(self._mode, packet)]

    def _join(self, part: bytes) -> bytes | None:
        """Add a part; the packet, if it is the last. A packet that lacks a part is dropped as a whole."""
        if len(part) < 2:
            raise PacketError("a part of a gForce packet says how many follow; this one does not")
        left, expected = part[1], self._left
        missing = expected is not None and left != expected - 1
        if expected is None or missing:
            self._parts.clear()
        self._parts += part[2:]
        self._left = left
        too_long = len(self._parts) > _LONGEST
        packet = bytes(self._parts)
        if left == 0 or too_long:
            self._forget()
        if too_long:
            raise PacketError(f"parts of a gForce packet come to more than its {_LONGEST} bytes")
        if missing:
            raise PacketError("a part of a gForce packet is missing")
        return packet if left == 0 else None

    def _forget(self) -> None:
        self._parts.clear()
        self._left = None


def _ask(command: int, body: bytes = b"") -> Write:
    """A command that is answered: code, command, data."""

    def is_reply(uuid: str, payload: bytes) -> bool:
        return uuid.lower() == COMMAND and len(payload) >= 2 and payload[0] != _PART and payload[1] == command

    return Write(COMMAND, bytes([command]) + body, is_reply=is_reply)


def _check(reply: bytes | None, what: str, hint: str) -> None:
    if reply is None:
        raise SensorError(f"a gForce gave no answer when asked for {what}: switch it off and on")
    if reply[0] != OK:
        said = _CODES.get(reply[0], f"code {reply[0]}")
        raise UnsupportedFirmwareError(f"this gForce does not send {what} ({said}): {hint}")


def _read(mode: Mode, packet: bytes) -> list[Packet | Reading]:
    """EMG or motion in a whole packet."""
    kind = packet[0] & 0x7F
    if kind == TYPE_EMG:
        return [_emg(mode, packet)]
    if kind in (TYPE_ACCELERATION, TYPE_ROTATION):
        if len(packet) == 1 or len(packet) % 12 != 1:
            raise PacketError(f"{len(packet)} bytes are no motion packet of a gForce")
        quantity = "acceleration_g" if kind == TYPE_ACCELERATION else "rotation_dps"
        return [
            Reading(quantity, (x / MOTION_SCALE, y / MOTION_SCALE, z / MOTION_SCALE))
            for x, y, z in struct.iter_unpack("<3i", packet[1:])
        ]
    if kind == TYPE_ORIENTATION:
        if len(packet) != 17:
            raise PacketError(f"{len(packet)} bytes are no orientation of a gForce (17)")
        values = struct.unpack("<4f", packet[1:])
        if not all(map(math.isfinite, values)):
            raise PacketError("an orientation of a gForce is four finite numbers")
        return [Reading("orientation", values)]
    if kind not in _SILENT:
        raise PacketError(f"a gForce packet of type {kind} is not known: update emgsmr")
    return []


def _emg(mode: Mode, packet: bytes) -> Packet:
    if packet[:1] not in (b"\x08", b"\x88"):
        raise PacketError("parts of a gForce packet make no EMG: its first one is missing")
    if len(packet) != mode.packet_bytes:
        other = _write_family("gforce_ids") if len(packet) == _LONGEST else mode.hint
        raise PacketError(
            f"{len(packet)} bytes are no EMG packet as it was asked for ({mode.packet_bytes}): {other}"
        )
    if mode.numbered:
        counts = from_train_data(np.frombuffer(packet, dtype="<i2", offset=3))
        number: int | None = int.from_bytes(packet[1:3], "little") * mode.samples
    else:
        number = None
        if mode.bits == 8:
            counts = np.frombuffer(packet, dtype=np.uint8, offset=1).astype("<i2")
        else:
            counts = np.frombuffer(packet, dtype="<i2", offset=1)
            if counts.view("<u2").max() > mode.rails[1]:
                raise PacketError(f"these are no 12-bit values: {mode.hint}")
    counts = counts.reshape(mode.samples, CHANNELS)
    counts.flags.writeable = False
    return Packet(number, counts)


def from_train_data(sent: Counts) -> Counts:
    """Counts from numbers with a mantissa of 12 bits and an exponent of 4.

    Examples
    --------
    >>> from_train_data(np.array([0x0010, -16, 0x7FF3], dtype=np.int16)).tolist()
    [1, -1, 16376]
    """
    wide = sent.astype("<i4")
    return (wide >> 4) << (wide & 15)


def to_train_data(counts: Counts) -> Counts:
    """Numbers with a mantissa of 12 bits and the smallest exponent (0 to 12) that fits; the rest is cut off.

    Examples
    --------
    >>> from_train_data(to_train_data(np.array([2047, 2049, -4099]))).tolist()
    [2047, 2048, -4100]
    """
    mantissa = np.array(counts, dtype=np.int64)
    exponent = np.zeros_like(mantissa)
    for _ in range(_TOP_EXPONENT):
        large = (mantissa < -2048) | (mantissa > 2047)
        if not large.any():
            break
        mantissa[large] >>= 1
        exponent[large] += 1
    return ((mantissa << 4) | exponent).astype("<i2")
