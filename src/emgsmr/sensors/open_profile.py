"""The open profile: what a do-it-yourself sensor has to speak to be recorded by emgsmr.

Specification, for whoever writes the firmware: ``firmware_notes/open_profile.md``.
"""

from __future__ import annotations

from collections.abc import Generator

import numpy as np

from emgsmr.errors import PacketError, SensorError
from emgsmr.sensors.conversation import Dialog, Packet, Reading, Signal, Write
from emgsmr.sensors.family import Advertisement, Characteristic, Family
from emgsmr.sensors.open_description import (
    BATTERY,
    BATTERY_SERVICE,
    CHANNEL_COUNTS,
    CONTROL,
    DATA,
    DESCRIBE,
    DESCRIPTION,
    DPS_COUNTS,
    G_COUNTS,
    HAS_BATTERY,
    HAS_MOTION,
    INDEX_BYTES,
    MODULUS,
    MOTION,
    NAME_PREFIX,
    REPLY,
    SERVICE,
    START,
    STOP,
    Description,
    parse,
)
from emgsmr.sensors.open_twin import SAMPLES_PER_PACKET, OpenUnit


class OpenDecoder:
    """The host's end of a connection.

    Attributes
    ----------
    description : Description or None
        Known after the reply to "describe".
    """

    def __init__(self) -> None:
        self.description: Description | None = None

    @property
    def signal(self) -> Signal | None:
        """What the unit says of its EMG."""
        return None if self.description is None else self.description.signal

    def start(self) -> Dialog:
        """Ask for the description, then start."""
        reply = yield from _ask(DESCRIBE)
        self.description = parse(reply[2:])
        yield from _ask(START)

    def feed(self, uuid: str, payload: bytes) -> list[Packet | Reading]:
        """EMG, motion, or nothing in a reply to a command.

        Examples
        --------
        >>> decoder = OpenDecoder()
        >>> decoder.feed(CONTROL, bytes((0x81, 0)) + Description(channels=2).pack())
        []
        >>> [packet] = decoder.feed(DATA, bytes.fromhex("e8030000 0100 feff 0200 fdff"))
        >>> packet.counter, packet.counts.tolist()
        (1000, [[1, -2], [2, -3]])
        """
        uuid = uuid.lower()
        if uuid == CONTROL:
            if payload[:2] == bytes((DESCRIBE | REPLY, 0)):
                self.description = parse(payload[2:])
            return []
        if uuid == MOTION:
            return _motion(payload)
        if uuid != DATA:
            raise PacketError(f"a sensor of the open profile sends nothing on the characteristic {uuid}")
        if self.description is None:
            raise PacketError("data came before the sensor's description")
        return [_packet(payload, self.description)]


def _ask(command: int) -> Generator[Write, bytes | None, bytes]:
    def is_reply(uuid: str, payload: bytes) -> bool:
        return uuid.lower() == CONTROL and payload[:1] == bytes((command | REPLY,))

    reply = yield Write(CONTROL, bytes((command,)), is_reply=is_reply)
    if reply is None:
        raise SensorError(f"the sensor does not answer command {command}: switch it off and on")
    if len(reply) < 2 or reply[1] != 0:
        raise SensorError(f"the sensor refuses command {command}: its reply is {reply.hex(' ')}")
    return reply


def _packet(payload: bytes, description: Description) -> Packet:
    frame = description.channels * description.value_bytes
    n, rest = divmod(len(payload) - INDEX_BYTES, frame)
    if n < 1 or rest:
        raise PacketError(
            f"{len(payload)} bytes are no packet of {description.channels} channels of "
            f"{description.value_bytes} bytes: 4 for the index, then whole samples"
        )
    if description.value_bytes == 2:
        counts = np.frombuffer(payload, "<i2", offset=INDEX_BYTES).reshape(n, -1)
    else:
        wide = np.zeros((n, description.channels, 4), dtype=np.uint8)
        wide[:, :, 1:] = np.frombuffer(payload, "u1", offset=INDEX_BYTES).reshape(n, -1, 3)
        counts = (wide.view("<i4")[:, :, 0] >> 8).astype("<i4", copy=False)
        counts.flags.writeable = False
    return Packet(int.from_bytes(payload[:INDEX_BYTES], "little"), counts)


def _motion(payload: bytes) -> list[Packet | Reading]:
    if len(payload) not in (10, 16):
        raise PacketError(f"{len(payload)} bytes are no motion of the open profile (10 or 16)")
    values = np.frombuffer(payload, "<i2", offset=INDEX_BYTES).tolist()
    readings: list[Packet | Reading] = [Reading("acceleration_g", tuple(v / G_COUNTS for v in values[:3]))]
    if len(values) == 6:
        readings.append(Reading("rotation_dps", tuple(v / DPS_COUNTS for v in values[3:])))
    return readings


def matches(advertisement: Advertisement) -> bool:
    """Recognize by the advertised service, or by the beginning of its name."""
    uuids = (uuid.lower() for uuid in advertisement.service_uuids)
    return SERVICE in uuids or (advertisement.name or "").startswith(NAME_PREFIX)


def advertise(name: str, channels: int, battery_pct: int) -> Advertisement:
    """Advertise its service, and its name in the scan response."""
    del battery_pct, channels
    return Advertisement(name or f"{NAME_PREFIX}0000", (SERVICE,))


def _twin(channels: int) -> Description:
    return Description(channels or 1, flags=HAS_MOTION | HAS_BATTERY, label="twin")


FAMILY = Family(
    key="open",
    name="Open profile",
    maker="do-it-yourself",
    rate_hz=1000.0,
    channel_counts=CHANNEL_COUNTS,
    bits=16,
    rails=(-32768, 32767),
    dtype="<i2",
    scale_uv=1.0,
    scale_known="unknown",
    scale_note=(
        "Each unit says its own rate, channels, bits and scale when it is connected; where it gives no "
        "scale, amplitudes are in counts and compare only with the same unit's."
    ),
    counter_modulus=MODULUS,
    samples_per_packet=SAMPLES_PER_PACKET,
    loss_detection=(
        "Every packet carries the index of its first sample (32 bit), which goes on while the link is down: "
        "lost samples are counted exactly, also those that the sensor's queue drops."
    ),
    can=(
        "raw EMG of one to eight muscles, 100 to 10000 Hz, whatever the unit has",
        "activation, ratios, bursts and their timing within the stride",
        "acceleration and rotation, if the unit has a motion sensor",
    ),
    cannot=(
        "more than its electronics can: nobody but its builder has tested it",
        "spectral fatigue at full quality below 1000 Hz: its indices are marked degraded",
    ),
    services={
        SERVICE: (
            Characteristic(DESCRIPTION, ("read",), _twin(1).pack()),
            Characteristic(DATA, ("notify",)),
            Characteristic(CONTROL, ("write", "notify")),
            Characteristic(MOTION, ("notify",)),
        ),
        BATTERY_SERVICE: (Characteristic(BATTERY, ("read", "notify")),),
    },
    notify_uuids=(CONTROL, DATA, MOTION),
    required_uuids=(DESCRIPTION, DATA, CONTROL),
    stop=(Write(CONTROL, bytes((STOP,))),),
    matches=matches,
    advertise=advertise,
    battery_uuid=BATTERY,
    decoder=lambda facts: OpenDecoder(),  # noqa: ARG005
    unit=lambda facts: OpenUnit(_twin(facts.channels)),
    notes=(
        "For sensors that you build: firmware_notes/open_profile.md says what to program, and "
        "'emgsmr doctor --sensor ADDRESS' checks the result."
    ),
)
