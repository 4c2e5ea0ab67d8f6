"""NPG Lite (Upside Down Labs): three or six channels at 500 Hz, a counter in every sample.

Bytes, commands and quirks with their sources: ``firmware_notes/npg_lite.md``.
"""

from __future__ import annotations

import numpy as np

from emgsmr.errors import ArgumentError, PacketError
from emgsmr.sensors.conversation import (
    Answer,
    Counts,
    Notification,
    Packet,
    PlainDecoder,
    Reading,
    Write,
)
from emgsmr.sensors.family import Advertisement, Characteristic, Family

SERVICE = "4fafc201-1fb5-459e-8fcc-c5c9c331914b"  # an ESP32 example's UUID: other gadgets have it too
DATA = "beb5483e-36e1-4688-b7f5-ea07361b26a8"
CONTROL = "0000ff01-0000-1000-8000-00805f9b34fb"
BATTERY = "f633d0ec-46b4-43c1-a39f-1ca06d0602e1"

RATE_HZ = 500.0
FULL_SCALE = 4095  # 12 bit
SAMPLES_PER_PACKET = 10
CHANNEL_COUNTS = (3, 6)
_BYTES_PER_SAMPLE = {1 + 2 * n: n for n in CHANNEL_COUNTS}  # a counter byte, then two bytes for each channel
_CHANNELS_BY_LENGTH = {
    length * n: channels for length, channels in _BYTES_PER_SAMPLE.items() for n in (1, SAMPLES_PER_PACKET)
}


def decode(uuid: str, payload: bytes) -> list[Packet]:
    """Packets in a notification; a new one begins wherever the counter of the samples jumps.

    Examples
    --------
    >>> [packet] = decode(DATA, bytes.fromhex("fe 0800 07d0 0fff"))
    >>> packet.counter, packet.counts.tolist()
    (254, [[2048, 2000, 4095]])
    """
    uuid = uuid.lower()
    if uuid in (BATTERY, CONTROL):
        return []
    if uuid != DATA:
        raise PacketError(f"an NPG Lite sends no EMG on the characteristic {uuid}")
    if len(payload) not in _CHANNELS_BY_LENGTH:
        raise PacketError(
            f"{len(payload)} bytes are no packet of an NPG Lite (70 or 130): flash the current BLE firmware"
        )
    channels = _CHANNELS_BY_LENGTH[len(payload)]
    samples = np.frombuffer(payload, dtype=[("counter", "u1"), ("counts", ">u2", (channels,))])
    if samples["counts"].max() > FULL_SCALE:
        raise PacketError("an NPG Lite sends 12-bit values; this packet holds larger ones")
    counters = samples["counter"]
    counts = samples["counts"].astype("<i2")
    counts.flags.writeable = False
    starts = [
        0,
        *(np.flatnonzero(np.diff(counters) != 1) + 1).tolist(),
    ]  # uint8 differences wrap as the counter does
    stops = [*starts[1:], len(counts)]
    return [Packet(int(counters[i]), counts[i:j]) for i, j in zip(starts, stops, strict=True)]


def encode(first_index: int, counts: Counts) -> Notification:
    """Make the notification that carries ten samples; the inverse of `decode`."""
    counts = np.asarray(counts)
    if counts.ndim != 2 or len(counts) != SAMPLES_PER_PACKET or counts.shape[1] not in CHANNEL_COUNTS:
        raise ArgumentError(f"an NPG Lite packet holds 10 samples of 3 or 6 channels, not {counts.shape}")
    if counts.min() < 0 or counts.max() > FULL_SCALE:
        raise ArgumentError(f"an NPG Lite sends counts from 0 to {FULL_SCALE}")
    samples = np.empty(len(counts), dtype=[("counter", "u1"), ("counts", ">u2", (counts.shape[1],))])
    samples["counter"] = (first_index + np.arange(len(counts))) % 256
    samples["counts"] = counts
    return DATA, samples.tobytes()


def matches(advertisement: Advertisement) -> bool:
    """Recognize by name; other gadgets share the service: `required_uuids` decides after connecting."""
    return (advertisement.name or "").startswith("NPG")


def advertise(name: str, channels: int, battery_pct: int) -> Advertisement:
    """Advertise a name; neither the service nor the battery is in it."""
    del battery_pct
    return Advertisement(name or f"NPG-Lite-{channels}CH:00:00")


class Unit:
    """The board's end of a connection."""

    def __init__(self) -> None:
        self._running = False

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Answer as the firmware does; blanks around a command and lower case do not matter."""
        if uuid.lower() != CONTROL:
            return Answer()
        command = data.decode("ascii", errors="replace").strip().upper()
        if command in ("START", "STOP"):
            self._running = command == "START"
            return Answer("start" if self._running else "stop", data)
        if command == "WHORU":
            return Answer(value=b"NPG-LITE")
        if command == "STATUS":
            return Answer(value=b"RUNNING" if self._running else b"STOPPED")
        return Answer(value=b"UNKNOWN COMMAND")

    def encode(self, first_index: int, counts: Counts) -> list[Notification]:
        """Ten samples."""
        return [encode(first_index, counts)]

    def encode_reading(self, reading: Reading) -> list[Notification]:
        """Its battery is all that it tells of."""
        return [(BATTERY, bytes([round(reading.values[0])]))] if reading.quantity == "battery_pct" else []


FAMILY = Family(
    key="npg_lite",
    name="NPG Lite",
    maker="Upside Down Labs",
    rate_hz=RATE_HZ,
    rate_tolerance=1e-3,  # of its crystal, amply
    channel_counts=CHANNEL_COUNTS,
    bits=12,
    rails=(0, FULL_SCALE),
    dtype="<i2",
    scale_uv=3.3e6 / FULL_SCALE,
    scale_known="unknown",
    scale_note=(
        "The amplifier's gain is not published: µV are at the ADC's input (about 806 per count), "
        "and compare only with the same unit's."
    ),
    counter_modulus=256,
    samples_per_packet=SAMPLES_PER_PACKET,
    loss_detection=(
        "Every sample is numbered 0-255: up to 192 lost samples in a row (0.38 s) are counted exactly by the "
        "number alone, longer gaps with the host's clock. Samples that the board itself drops when it cannot "
        "keep up are not numbered and show only as a slow clock."
    ),
    can=(
        "raw EMG of three or six muscles with one board",
        "activation relative to the own baseline, and the ratio of two muscles, within a session",
        "bursts and their timing within the stride",
    ),
    cannot=(
        "spectral fatigue at full quality: 500 Hz cuts the EMG spectrum, its indices are marked degraded",
        "absolute µV at the skin: the gain is not published",
        "motion of the limb: it has no motion sensor",
    ),
    services={
        SERVICE: (
            Characteristic(DATA, ("notify",)),
            Characteristic(CONTROL, ("read", "write", "notify")),
            Characteristic(BATTERY, ("read", "notify")),  # empty until the first check, 10 s after START
        )
    },
    notify_uuids=(DATA,),
    required_uuids=(DATA, CONTROL),
    min_mtu=133,
    matches=matches,
    advertise=advertise,
    decoder=lambda facts: PlainDecoder(decode, start=(Write(CONTROL, b"START"),)),  # noqa: ARG005
    unit=lambda facts: Unit(),  # noqa: ARG005
    stop=(Write(CONTROL, b"STOP"),),
    counter_restarts=True,
    battery_uuid=BATTERY,
    notes=(
        "Flash the BLE firmware (NPG-Lite-Flasher) first. If it cannot be found again after a lost link, "
        "switch it off and on."
    ),
)
