"""uMyo (Ultimate Robotics): one channel at about 1116 Hz, a 32-bit sample index, a motion sensor.

Only the firmware of March 2026 or later, which streams over GATT. Bytes, clock and quirks with their sources:
``firmware_notes/umyo.md``.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from emgsmr.errors import ArgumentError, PacketError
from emgsmr.sensors.conversation import Answer, Counts, Notification, Packet, PlainDecoder, Reading
from emgsmr.sensors.family import Advertisement, Characteristic, Family

SERVICE = "93375900-f229-8b49-b397-44b5899b8601"
TELEMETRY = "fc7a850d-c1a5-f61f-0da7-9995621fbd01"
NAME = "fc7a850d-c1a5-f61f-0da7-9995621fbd02"

RATE_HZ = 1116.0
FULL_SCALE = 16383  # 14 bit
MODULUS = 2**32
SAMPLES_PER_PACKET = 24
MANUFACTURER_BYTES = 15

# length: (bytes of type before the index, samples); the rest of a packet, if any, is the orientation
_EMG = {52: (0, 24), 60: (0, 24), 36: (0, 16), 20: (0, 8), 53: (1, 24), 61: (1, 24)}
_IMU = {26: 0, 27: 1}
_TYPE = {53: 0x02, 27: 0x03, 61: 0x01}
_ORIENTATION = {60: 52, 61: 53}
_EMPTY_MV, _FULL_MV = 3200, 4200  # of a lithium cell: it switches off at 3.2 V; the vendor gives no curve


@dataclass(frozen=True, slots=True)
class Motion:
    """A reading of the motion sensor: integers as sent, empty where the packet has none.

    Accelerometer ±2 g, gyroscope ±500 °/s, magnetometer in counts, quaternion w x y z.
    """

    acceleration: tuple[int, ...]
    rotation: tuple[int, ...]
    magnetic: tuple[int, ...]
    quaternion: tuple[int, ...]

    @property
    def acceleration_g(self) -> tuple[float, ...]:
        """Acceleration, g."""
        return tuple(value / 16384 for value in self.acceleration)

    @property
    def rotation_dps(self) -> tuple[float, ...]:
        """Rate of rotation, °/s."""
        return tuple(value * 500 / 32768 for value in self.rotation)

    @property
    def orientation(self) -> tuple[float, ...]:
        """Unit quaternion w x y z (the firmware scales by 32000, its specification says 32767)."""
        return tuple(value / 32000 for value in self.quaternion)


def _check(uuid: str, payload: bytes) -> None:
    if uuid.lower() != TELEMETRY:
        raise PacketError(f"a uMyo sends no EMG on the characteristic {uuid}")
    length = len(payload)
    if length not in _EMG and length not in _IMU:
        raise PacketError(f"{length} bytes are no packet of a uMyo: update its firmware, or emgsmr")
    if length in _TYPE and payload[0] != _TYPE[length]:
        raise PacketError(f"a uMyo packet of {length} bytes cannot be of type {payload[0]}")


def decode(uuid: str, payload: bytes) -> list[Packet]:
    """Read the EMG in a notification; none in one that holds only motion (`decode_motion`).

    Examples
    --------
    >>> [packet] = decode(TELEMETRY, bytes.fromhex("c0120000 401f 411f 421f 431f 441f 451f 461f 471f"))
    >>> packet.counter, packet.counts.shape, packet.counts[:2, 0].tolist()
    (4800, (8, 1), [8000, 8001])
    """
    if uuid.lower() == NAME:
        return []
    _check(uuid, payload)
    if len(payload) in _IMU:
        return []
    start, n = _EMG[len(payload)]
    counts = np.frombuffer(payload, dtype="<i2", count=n, offset=start + 4).reshape(-1, 1)
    return [Packet(int.from_bytes(payload[start : start + 4], "little"), counts)]


def decode_motion(uuid: str, payload: bytes) -> Motion | None:
    """Read the motion in a notification, None if it holds none.

    Examples
    --------
    >>> motion = decode_motion(TELEMETRY, bytes.fromhex("000000000040" + "0000" * 6 + "007d" + "0000" * 3))
    >>> motion.acceleration_g, motion.orientation
    ((0.0, 0.0, 1.0), (1.0, 0.0, 0.0, 0.0))
    """
    if uuid.lower() == NAME:
        return None
    _check(uuid, payload)
    length = len(payload)
    if length in _IMU:
        values = tuple(np.frombuffer(payload, dtype="<i2", offset=_IMU[length]).tolist())
        return Motion(values[0:3], values[3:6], values[6:9], values[9:13])
    if length in _ORIENTATION:
        return Motion(
            (), (), (), tuple(np.frombuffer(payload, dtype="<i2", offset=_ORIENTATION[length]).tolist())
        )
    return None


def encode(first_index: int, counts: Counts) -> Notification:
    """Make the notification that carries 24 samples; the inverse of `decode`."""
    counts = np.asarray(counts)
    if counts.shape != (SAMPLES_PER_PACKET, 1):
        raise ArgumentError(f"a uMyo packet holds 24 samples of 1 channel, not {counts.shape}")
    if counts.min() < 0 or counts.max() > FULL_SCALE:
        raise ArgumentError(f"a uMyo sends counts from 0 to {FULL_SCALE}")
    return TELEMETRY, (first_index % MODULUS).to_bytes(4, "little") + counts.astype("<i2").tobytes()


def encode_motion(motion: Motion) -> Notification:
    """Make the notification that carries a reading of the motion sensor; the inverse of `decode_motion`."""
    values = (*motion.acceleration, *motion.rotation, *motion.magnetic, *motion.quaternion)
    if len(values) != 13:
        raise ArgumentError(f"a uMyo motion packet holds 13 values, not {len(values)}")
    return TELEMETRY, np.array(values, dtype="<i2").tobytes()


def _battery_mv(manufacturer: bytes) -> int | None:
    return 2000 + 10 * manufacturer[1] if len(manufacturer) == MANUFACTURER_BYTES else None


def matches(advertisement: Advertisement) -> bool:
    """Recognize by name, or by manufacturer field if renamed; `required_uuids` decides after connecting.

    "uMyo v2" is the firmware before March 2026: it advertises an envelope and cannot be connected.
    """
    name = advertisement.name or ""
    if name.startswith("uMyo v2"):
        return False
    if name.startswith("uMyo-"):
        return True
    if advertisement.service_uuids:
        return False  # it advertises none; a heart rate strap with a short name does
    battery_mv = _battery_mv(advertisement.manufacturer)
    # a renamed unit advertises the first seven characters; 4550 mV = 255 = "above 4.5 V"
    return 1 <= len(name) <= 7 and battery_mv is not None and (battery_mv <= 4500 or battery_mv == 4550)


def advertise(name: str, channels: int, battery_pct: int) -> Advertisement:
    """Advertise seven characters of its name, and a field that holds its battery."""
    del channels
    battery = round((_EMPTY_MV - 2000 + battery_pct * (_FULL_MV - _EMPTY_MV) / 100) / 10)
    return Advertisement((name or "uMyo-0000")[:7], (), bytes([0, battery]) + bytes(MANUFACTURER_BYTES - 2))


def battery_pct(advertisement: Advertisement) -> int | None:
    """Estimate the battery level from the advertisement, linear from 3.2 to 4.2 V; None for a coin cell."""
    battery_mv = _battery_mv(advertisement.manufacturer)
    if battery_mv is None or battery_mv < _EMPTY_MV:  # a lithium cell would have switched it off
        return None
    return min(100, round(100 * (battery_mv - _EMPTY_MV) / (_FULL_MV - _EMPTY_MV)))


def readings(motion: Motion) -> list[Reading]:
    """What a motion packet says, in units; the magnetometer's scale is not known."""
    found = (
        ("acceleration_g", motion.acceleration_g),
        ("rotation_dps", motion.rotation_dps),
        ("orientation", motion.orientation),
    )
    return [Reading(quantity, values) for quantity, values in found if values]


def _decode_all(uuid: str, payload: bytes) -> list[Packet | Reading]:
    """EMG and motion in a notification."""
    motion = decode_motion(uuid, payload)
    return [*decode(uuid, payload), *(readings(motion) if motion is not None else ())]


class Unit:
    """The sensor's end of a connection; a motion packet leaves when all three of its readings are there."""

    def __init__(self) -> None:
        self._motion: dict[str, tuple[float, ...]] = {}

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Answer nothing: no command exists; a name that is written can be read back."""
        return Answer(value=data[:16] if uuid.lower() == NAME else b"")

    def encode(self, first_index: int, counts: Counts) -> list[Notification]:
        """24 samples."""
        return [encode(first_index, counts)]

    def encode_reading(self, reading: Reading) -> list[Notification]:
        """Acceleration, rotation and orientation, in this order, make one packet."""
        scale = {"acceleration_g": 16384, "rotation_dps": 32768 / 500, "orientation": 32000}
        if reading.quantity not in scale:
            return []
        self._motion[reading.quantity] = reading.values
        if reading.quantity != "orientation":
            return []
        raw = {
            quantity: tuple(max(-32768, min(32767, round(value * scale[quantity]))) for value in values)
            for quantity, values in self._motion.items()
        }
        still = (0, 0, 0)
        motion = Motion(
            raw.get("acceleration_g", still), raw.get("rotation_dps", still), still, raw["orientation"]
        )
        self._motion.clear()
        return [encode_motion(motion)]


FAMILY = Family(
    key="umyo",
    name="uMyo",
    maker="Ultimate Robotics",
    rate_hz=RATE_HZ,
    channel_counts=(1,),
    bits=14,
    rails=(0, FULL_SCALE),
    dtype="<i2",
    scale_uv=3.6e6 / 2**14 / 80,  # 0.6 V reference at gain 1/6, 14 bit; in-amp AD8293G80, gain 80
    scale_known="estimated",
    scale_note=(
        "2.75 µV per count at the electrode, computed from the v3.1 board's parts (gain 80); "
        "the vendor states no µV, and other board revisions may differ."
    ),
    counter_modulus=MODULUS,
    samples_per_packet=SAMPLES_PER_PACKET,
    loss_detection=(
        "Every packet carries the index of its first sample (32 bit, wraps after 44 days): lost samples are "
        "counted exactly, also those that the sensor's queue drops while the link is slow or down."
    ),
    can=(
        "raw EMG of one muscle with a unit that sticks to the skin",
        "activation, ratios, bursts and their timing within the stride",
        "spectral fatigue indices: at 1116 Hz the EMG spectrum is whole",
        "acceleration, rotation and orientation, about 25 times a second",
    ),
    cannot=(
        "µV that compare with other systems: the scale is estimated from the board's parts",
        "an exact sampling rate: the clock runs free (1116 or 1150 Hz by different accounts) and is fitted",
        "anything with the firmware before March 2026: it only advertises an envelope",
    ),
    services={
        SERVICE: (
            Characteristic(TELEMETRY, ("read", "notify")),
            Characteristic(NAME, ("read", "write-without-response", "notify"), b"uMyo-0000"),
        )
    },
    notify_uuids=(TELEMETRY,),
    required_uuids=(TELEMETRY,),
    min_mtu=55,
    matches=matches,
    advertise=advertise,
    battery_pct=battery_pct,
    decoder=lambda facts: PlainDecoder(_decode_all),  # noqa: ARG005
    unit=lambda facts: Unit(),  # noqa: ARG005
    starts_on_subscribe=True,
    notes=(
        "Press the button until the LED is blue (Bluetooth mode; it is kept). Units sold before March 2026 "
        "need a firmware update."
    ),
)
