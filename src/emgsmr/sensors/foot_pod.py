"""Foot pods with the standard Running Speed and Cadence service, of any maker.

Bytes and quirks with their sources: ``firmware_notes/foot_pod.md``.
"""

from __future__ import annotations

import struct

from emgsmr.errors import PacketError
from emgsmr.sensors.conversation import Answer, Counts, Notification, PlainDecoder, Reading
from emgsmr.sensors.family import Advertisement, Characteristic, Device
from emgsmr.sensors.standard_services import BATTERY, BATTERY_TABLE, encode_battery_level, uuid16

SERVICE = uuid16("1814")
MEASUREMENT = uuid16("2a53")
FEATURE = uuid16("2a54")

_STRIDE, _DISTANCE, _RUNNING = 0x01, 0x02, 0x04
_HEAD = struct.Struct("<BHB")  # flags, speed, cadence
_SPEED_UNIT = 1 / 256  # m/s
_RUNS_FROM_MPS = 2.0  # a twin says "running" from here; people change from walking at about this speed


def decode(uuid: str, payload: bytes) -> list[Reading]:
    """Read a notification: cadence, stride length and distance where it has them, speed.

    The cadence is as sent: some pods count steps, some strides. What follows the last field that is known is
    skipped.

    Examples
    --------
    >>> found = decode(MEASUREMENT, bytes.fromhex("070003b47800e8030000"))
    >>> {item.quantity: item.values[0] for item in found}
    {'cadence_spm': 180.0, 'stride_length_m': 1.2, 'distance_m': 100.0, 'speed_mps': 3.0}
    """
    if uuid.lower() != MEASUREMENT:
        raise PacketError(f"no running speed comes on the characteristic {uuid}")
    flags = payload[0] if payload else 0
    distance_at = _HEAD.size + (2 if flags & _STRIDE else 0)
    stop = distance_at + (4 if flags & _DISTANCE else 0)
    if len(payload) < stop:
        raise PacketError(f"{len(payload)} bytes are no whole running speed measurement")
    _, speed, cadence = _HEAD.unpack_from(payload)
    found = [Reading("cadence_spm", (float(cadence),))]
    if flags & _STRIDE:
        length = int.from_bytes(payload[_HEAD.size : distance_at], "little")
        found.append(Reading("stride_length_m", (length / 100,)))
    if flags & _DISTANCE:
        found.append(Reading("distance_m", (int.from_bytes(payload[distance_at:stop], "little") / 10,)))
    found.append(Reading("speed_mps", (speed * _SPEED_UNIT,)))
    return found


class Unit:
    """The pod's end of a connection.

    A packet leaves with each speed, and carries the cadence, stride length and distance that were given
    before it.
    """

    def __init__(self) -> None:
        self._given: dict[str, float] = {}

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Answer nothing: no command is known to the twin."""
        del uuid, data
        return Answer()

    def encode(self, first_index: int, counts: Counts) -> list[Notification]:
        """No EMG."""
        del first_index, counts
        return []

    def encode_reading(self, reading: Reading) -> list[Notification]:
        """Collect what belongs into one packet."""
        [value, *_] = reading.values
        if reading.quantity == "battery_pct":
            return [encode_battery_level(value)]
        if reading.quantity in ("cadence_spm", "stride_length_m", "distance_m"):
            self._given[reading.quantity] = value
        elif reading.quantity == "speed_mps":
            return [self._packet(value)]
        return []

    def _packet(self, speed_mps: float) -> Notification:
        given, self._given = self._given, {}
        flags, tail = _RUNNING if speed_mps >= _RUNS_FROM_MPS else 0, b""
        if "stride_length_m" in given:
            flags |= _STRIDE
            tail += _bounded(100 * given["stride_length_m"], 2).to_bytes(2, "little")
        if "distance_m" in given:
            flags |= _DISTANCE
            tail += _bounded(10 * given["distance_m"], 4).to_bytes(4, "little")
        cadence = _bounded(given.get("cadence_spm", 0.0), 1)
        return MEASUREMENT, _HEAD.pack(flags, _bounded(speed_mps / _SPEED_UNIT, 2), cadence) + tail


def _bounded(value: float, n_bytes: int) -> int:
    return max(0, min((1 << 8 * n_bytes) - 1, round(value)))


def matches(advertisement: Advertisement) -> bool:
    """Recognize by the advertised service."""
    return SERVICE in (uuid.lower() for uuid in advertisement.service_uuids)


def advertise(name: str, channels: int, battery_pct: int) -> Advertisement:
    """Advertise the name and the service."""
    del channels, battery_pct
    return Advertisement(name or "Pod-0000", (SERVICE,))


DEVICE = Device(
    key="foot_pod",
    name="Foot pod",
    maker="any maker, standard Bluetooth service",
    can=(
        "speed and cadence, about once a second: whether a change goes with the pace",
        "stride length and distance, where the pod sends them",
    ),
    cannot=(
        "EMG: it has no muscle channels",
        "the moment of a foot contact, or which foot it was",
        "a cadence that needs no second look: some pods count steps, some strides (half as many); it is "
        "recorded as sent",
        "a speed that is exact without calibration to the runner",
    ),
    services={
        SERVICE: (
            Characteristic(MEASUREMENT, ("notify",)),
            Characteristic(FEATURE, ("read",), b"\x07\x00"),  # stride length, distance, walking or running
        ),
        BATTERY: BATTERY_TABLE,
    },
    notify_uuids=(MEASUREMENT,),
    required_uuids=(MEASUREMENT,),
    matches=matches,
    advertise=advertise,
    decoder=lambda facts: PlainDecoder(decode),  # noqa: ARG005
    unit=lambda facts: Unit(),  # noqa: ARG005
    starts_on_subscribe=True,
    notes=(
        "Shake it or take a few steps to wake it. Look at the first cadence: if it is about 80 to 95 while "
        "you run, the pod counts strides, and twice that is steps per minute."
    ),
)
