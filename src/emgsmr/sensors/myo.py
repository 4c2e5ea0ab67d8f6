"""Myo armband (Thalmic Labs): eight channels at 200 Hz in 8 bits, and motion; nothing is numbered.

EMG comes on four characteristics in turn, which is the only hint of loss. Bytes, commands and quirks with
their sources: ``firmware_notes/myo.md``.
"""

from __future__ import annotations

import numpy as np

from emgsmr.errors import ArgumentError, PacketError
from emgsmr.sensors.conversation import Answer, Counts, Notification, Packet, PlainDecoder, Reading, Write
from emgsmr.sensors.family import Advertisement, Characteristic, Family


def _uuid(short: str) -> str:
    return f"d506{short}-a904-deb9-4748-2c7f4a124842"


SERVICE = _uuid("0001")  # advertised
INFO, FIRMWARE, COMMAND = _uuid("0101"), _uuid("0201"), _uuid("0401")
IMU, TAP = _uuid("0402"), _uuid("0502")
CLASSIFIER = _uuid("0103")
ENVELOPE = _uuid("0104")
EMG = (_uuid("0105"), _uuid("0205"), _uuid("0305"), _uuid("0405"))
UNKNOWN = _uuid("0602")
BATTERY = "00002a19-0000-1000-8000-00805f9b34fb"
MANUFACTURER = "00002a29-0000-1000-8000-00805f9b34fb"

NEVER_SLEEP = b"\x09\x01\x01"
STREAM = b"\x01\x03\x03\x01\x00"  # EMG as sampled, motion, no classifier
STOP = b"\x01\x03\x00\x00\x00"

RATE_HZ = 200.0
CHANNELS = 8
RAILS = (-128, 127)
SAMPLES_PER_PACKET = 2
MODULUS = SAMPLES_PER_PACKET * len(EMG)

_NO_EMG = {INFO, FIRMWARE, COMMAND, TAP, CLASSIFIER, ENVELOPE, UNKNOWN, BATTERY, MANUFACTURER}
_TURN = {uuid: turn for turn, uuid in enumerate(EMG)}
_EMG_BYTES, _IMU_BYTES = 16, 20
# in the order of the packet: where it begins, how many values, counts per unit
_MOTION = {"orientation": (0, 4, 16384.0), "acceleration_g": (4, 3, 2048.0), "rotation_dps": (7, 3, 16.0)}
_TOLD = ("acceleration_g", "rotation_dps", "orientation")


def decode(uuid: str, payload: bytes) -> list[Packet | Reading]:
    """Two EMG samples, or a reading of the motion sensor; nothing in gestures, taps and envelopes.

    Examples
    --------
    >>> [packet] = decode(EMG[1], bytes.fromhex("090d01fefefefa02 06e9fcfdfcfe0502"))
    >>> packet.counter, packet.counts.tolist()
    (2, [[9, 13, 1, -2, -2, -2, -6, 2], [6, -23, -4, -3, -4, -2, 5, 2]])
    """
    uuid = uuid.lower()
    turn = _TURN.get(uuid)
    if turn is None and uuid != IMU:
        if uuid in _NO_EMG:
            return []
        raise PacketError(f"a Myo sends no EMG on the characteristic {uuid}")
    expected = _IMU_BYTES if turn is None else _EMG_BYTES
    if len(payload) != expected:
        raise PacketError(f"this packet of a Myo has {expected} bytes, not {len(payload)}")
    if turn is None:
        return list(_readings(payload))
    counts = np.frombuffer(payload, dtype="i1").reshape(SAMPLES_PER_PACKET, CHANNELS).astype("<i2")
    counts.flags.writeable = False
    return [Packet(SAMPLES_PER_PACKET * turn, counts)]


def _readings(payload: bytes) -> list[Reading]:
    values = np.frombuffer(payload, dtype="<i2").tolist()
    found = []
    for quantity in _TOLD:
        first, n, scale = _MOTION[quantity]
        found.append(Reading(quantity, tuple(value / scale for value in values[first : first + n])))
    return found


def encode(first_index: int, counts: Counts) -> Notification:
    """Make the notification that carries two samples; the inverse of `decode`."""
    counts = np.asarray(counts)
    if counts.shape != (SAMPLES_PER_PACKET, CHANNELS):
        raise ArgumentError(f"a Myo packet holds 2 samples of 8 channels, not {counts.shape}")
    if counts.min() < RAILS[0] or counts.max() > RAILS[1]:
        raise ArgumentError(f"a Myo sends counts from {RAILS[0]} to {RAILS[1]}")
    return EMG[first_index // SAMPLES_PER_PACKET % len(EMG)], counts.astype("i1").tobytes()


class Unit:
    """The armband's end of a connection; a motion packet leaves when all three of its readings are there."""

    def __init__(self) -> None:
        self._motion: dict[str, tuple[float, ...]] = {}

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Obey the command that sets the mode; EMG modes 2 and 3 stream, others do not."""
        if uuid.lower() != COMMAND or len(data) != 5 or data[:2] != STREAM[:2]:
            return Answer()
        return Answer("start" if data[2] in (2, 3) else "stop")

    def encode(self, first_index: int, counts: Counts) -> list[Notification]:
        """Two samples, on the characteristic whose turn it is."""
        return [encode(first_index, counts)]

    def encode_reading(self, reading: Reading) -> list[Notification]:
        """Acceleration, rotation and orientation, in this order, make one packet."""
        if reading.quantity not in _MOTION:
            return []
        self._motion[reading.quantity] = reading.values
        if reading.quantity != _TOLD[-1]:
            return []
        values: list[int] = []
        for quantity, (_, n, scale) in _MOTION.items():
            told = self._motion.get(quantity, (0.0,) * n)
            values += [max(-32768, min(32767, round(value * scale))) for value in told]
        self._motion.clear()
        return [(IMU, np.array(values, dtype="<i2").tobytes())]


def matches(advertisement: Advertisement) -> bool:
    """Recognize by the service it advertises; its name is its owner's choice."""
    return SERVICE in (uuid.lower() for uuid in advertisement.service_uuids)


def advertise(name: str, channels: int, battery_pct: int) -> Advertisement:
    """Advertise a name and the service."""
    del channels, battery_pct
    return Advertisement(name or "My Myo", (SERVICE,))


FAMILY = Family(
    key="myo",
    name="Myo armband",
    maker="Thalmic Labs",
    rate_hz=RATE_HZ,
    rate_tolerance=0.01,
    channel_counts=(CHANNELS,),
    bits=8,
    rails=RAILS,
    dtype="<i2",
    scale_uv=1.0,
    scale_known="unknown",
    scale_note=(
        "The maker publishes no µV: a count is shown as 1 µV, which is only a name for it, and compares "
        "with the same unit's only."
    ),
    counter_modulus=MODULUS,
    counter_certain=False,
    samples_per_packet=SAMPLES_PER_PACKET,
    loss_detection=(
        "Nothing is numbered. Four characteristics carry the EMG in turn: a turn that is left out hints at "
        "one to three lost packets, four in a row look like none; the rest is an estimate by the host's "
        "clock. What it shows is a possible loss."
    ),
    can=(
        "raw EMG of eight places around one limb",
        "activation relative to the own baseline, and bursts within the stride",
        "acceleration, rotation and orientation, 50 times a second",
    ),
    cannot=(
        "spectral fatigue: 200 Hz keeps the EMG spectrum up to 100 Hz only, its indices are not trustworthy",
        "absolute µV: the scale is not published, and 8 bits are coarse",
        "a certain count of lost samples: nothing is numbered",
        "a thigh or a glute: the band is made for a forearm, and fits a slim calf at most",
    ),
    services={
        "0000180f-0000-1000-8000-00805f9b34fb": (Characteristic(BATTERY, ("read", "notify")),),
        "0000180a-0000-1000-8000-00805f9b34fb": (Characteristic(MANUFACTURER, ("read",), b"Thalmic Labs"),),
        SERVICE: (
            Characteristic(INFO, ("read",), bytes(20)),
            Characteristic(FIRMWARE, ("read",), bytes.fromhex("01000500b2070200")),
            Characteristic(COMMAND, ("write",)),
        ),
        _uuid("0002"): (Characteristic(IMU, ("notify",)), Characteristic(TAP, ("indicate",))),
        _uuid("0003"): (Characteristic(CLASSIFIER, ("indicate",)),),
        _uuid("0004"): (Characteristic(ENVELOPE, ("notify",)),),
        _uuid("0005"): tuple(Characteristic(uuid, ("notify",)) for uuid in EMG),
        _uuid("0006"): (Characteristic(UNKNOWN, ("indicate",)),),
    },
    notify_uuids=(*EMG, IMU),
    required_uuids=(COMMAND, *EMG),
    matches=matches,
    advertise=advertise,
    decoder=lambda facts: PlainDecoder(  # noqa: ARG005
        decode, start=(Write(COMMAND, NEVER_SLEEP), Write(COMMAND, STREAM))
    ),
    unit=lambda facts: Unit(),  # noqa: ARG005
    stop=(Write(COMMAND, STOP),),
    notes=(
        "Wear it with the logo at the same place each time: only then are its channels the same muscles. "
        "It is kept awake while it is connected."
    ),
)
