"""Heart rate straps and bands with the standard Heart Rate service, of any maker.

Bytes and quirks with their sources: ``firmware_notes/heart_rate.md``.
"""

from __future__ import annotations

from emgsmr.errors import PacketError
from emgsmr.sensors.conversation import Answer, Counts, Notification, PlainDecoder, Reading
from emgsmr.sensors.family import Advertisement, Characteristic, Device
from emgsmr.sensors.standard_services import BATTERY, BATTERY_TABLE, encode_battery_level, uuid16

SERVICE = uuid16("180d")
MEASUREMENT = uuid16("2a37")
BODY_LOCATION = uuid16("2a38")

_WIDE, _CONTACT_SHIFT, _ENERGY, _RR = 0x01, 1, 0x08, 0x10
_NO_CONTACT, _CONTACT = 2, 3  # of the two contact bits; 0 and 1: the device cannot tell
_RR_HZ = 1024
_PAYLOAD_BYTES = 20  # what fits the smallest ATT MTU


def decode(uuid: str, payload: bytes) -> list[Reading]:
    """Read a notification: contact, the intervals between beats (oldest first), the heart rate.

    Without contact there is no value, whatever the bytes say; a rate of 0 is none either. The energy is
    skipped, and so is what follows the last field that is known.

    Examples
    --------
    >>> [(item.quantity, item.values) for item in decode(MEASUREMENT, bytes.fromhex("103ed803"))]
    [('rr_interval_ms', (960.9375,)), ('heart_rate_bpm', (62.0,))]
    >>> decode(MEASUREMENT, bytes.fromhex("0400"))
    [Reading(quantity='contact', values=(0.0,))]
    """
    if uuid.lower() != MEASUREMENT:
        raise PacketError(f"no heart rate comes on the characteristic {uuid}")
    flags = payload[0] if payload else 0
    rate_stop = 3 if flags & _WIDE else 2
    rr_start = rate_stop + (2 if flags & _ENERGY else 0)
    rr_bytes = payload[rr_start:] if flags & _RR else b""
    if len(payload) < rr_start or len(rr_bytes) % 2:
        raise PacketError(f"{len(payload)} bytes are no whole heart rate measurement")
    contact = flags >> _CONTACT_SHIFT & 3
    if contact == _NO_CONTACT:
        return [Reading("contact", (0.0,))]
    found = [Reading("contact", (1.0,))] if contact == _CONTACT else []
    for at in range(0, len(rr_bytes), 2):
        interval = int.from_bytes(rr_bytes[at : at + 2], "little")
        if interval:
            found.append(Reading("rr_interval_ms", (interval * 1000 / _RR_HZ,)))
    rate = int.from_bytes(payload[1:rate_stop], "little")
    if rate:
        found.append(Reading("heart_rate_bpm", (float(rate),)))
    return found


class Unit:
    """The strap's end of a connection.

    A packet leaves with each heart rate, and carries the contact and the intervals that were given before
    it; intervals for which it has no room go with the next. One without contact leaves at once.
    """

    def __init__(self) -> None:
        self._contact = 0
        self._intervals: list[int] = []

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Answer nothing: there is no command."""
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
        if reading.quantity == "rr_interval_ms":
            self._intervals.append(max(0, min(0xFFFF, round(value * _RR_HZ / 1000))))
        elif reading.quantity == "contact":
            self._contact = _CONTACT if value else _NO_CONTACT
            if not value:
                self._intervals.clear()
                return [self._packet(0)]
        elif reading.quantity == "heart_rate_bpm":
            return [self._packet(max(0, min(0xFFFF, round(value))))]
        return []

    def _packet(self, rate: int) -> Notification:
        wide = rate > 0xFF
        room = (_PAYLOAD_BYTES - (3 if wide else 2)) // 2
        sent, self._intervals = self._intervals[:room], self._intervals[room:]
        flags = (_WIDE if wide else 0) | self._contact << _CONTACT_SHIFT | (_RR if sent else 0)
        self._contact = 0
        parts = [bytes([flags]), rate.to_bytes(2 if wide else 1, "little")]
        return MEASUREMENT, b"".join(parts + [interval.to_bytes(2, "little") for interval in sent])


def matches(advertisement: Advertisement) -> bool:
    """Recognize by the advertised service."""
    return SERVICE in (uuid.lower() for uuid in advertisement.service_uuids)


def advertise(name: str, channels: int, battery_pct: int) -> Advertisement:
    """Advertise the name and the service."""
    del channels, battery_pct
    return Advertisement(name or "HRM-0000", (SERVICE,))


DEVICE = Device(
    key="heart_rate",
    name="Heart rate strap",
    maker="any maker, standard Bluetooth service",
    can=(
        "heart rate, about once a second: how hard the run is",
        "the intervals between beats, in steps of 1 ms, where the device sends them (most chest straps)",
        "whether its electrodes touch the skin, where the device knows",
    ),
    cannot=(
        "EMG: it has no muscle channels",
        "the moment of a beat: an interval says how long it was, its arrival only about when",
        "quick changes, with an optical band: it smooths over several seconds and rarely sends intervals",
        "energy use: the device's estimate is not recorded",
    ),
    services={
        SERVICE: (
            Characteristic(MEASUREMENT, ("notify",)),
            Characteristic(BODY_LOCATION, ("read",), b"\x01"),  # chest
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
        "Wet the electrodes and put it on: a strap sleeps until it touches skin. A watch has to be set to "
        "broadcast heart rate. Some straps serve one computer or phone at a time: close other apps."
    ),
)
