"""Heart rate packets of all flags, written here by hand from the standard's table."""

from __future__ import annotations

import struct
from itertools import chain

from hypothesis import given
from hypothesis import strategies as st

from emgsmr.sensors import Reading
from emgsmr.sensors.heart_rate import MEASUREMENT, Unit, decode

FLAGS = st.builds(dict, wide=st.booleans(), contact=st.integers(0, 3), energy=st.booleans(), rr=st.booleans())
INTERVALS = st.lists(st.integers(1, 0xFFFF), min_size=1, max_size=7)


def packet(flags, rate, energy, intervals):
    """The bytes that the standard asks for."""
    bits = flags["wide"] | flags["contact"] << 1 | flags["energy"] << 3 | flags["rr"] << 4
    content = struct.pack("<BH" if flags["wide"] else "<BB", bits, rate)
    if flags["energy"]:
        content += struct.pack("<H", energy)
    if flags["rr"]:
        content += struct.pack(f"<{len(intervals)}H", *intervals)
    return content


def sent(unit, readings):
    return list(chain.from_iterable(unit.encode_reading(item) for item in readings))


@given(FLAGS, st.integers(0, 255), st.integers(0, 0xFFFF), INTERVALS)
def test_every_combination_of_flags(flags, rate, energy, intervals):
    found = decode(MEASUREMENT, packet(flags, rate, energy, intervals))
    if flags["contact"] == 2:
        assert found == [Reading("contact", (0.0,))]
        return
    expected = [Reading("contact", (1.0,))] if flags["contact"] == 3 else []
    if flags["rr"]:
        expected += [Reading("rr_interval_ms", (i / 1024 * 1000,)) for i in intervals]
    if rate:
        expected.append(Reading("heart_rate_bpm", (float(rate),)))
    assert found == expected


@given(FLAGS, st.integers(1, 0xFFFF), INTERVALS)
def test_bytes_there_and_back(flags, rate, intervals):
    """But for what is not recorded: the energy, and forms of saying the same."""
    wide = rate > 255
    flags = {**flags, "energy": False, "wide": wide, "contact": flags["contact"] & 2 and 3}
    payload = packet(flags, rate, 0, intervals)
    assert sent(Unit(), decode(MEASUREMENT, payload)) == [(MEASUREMENT, payload)]


@given(
    st.lists(
        st.tuples(st.sampled_from([None, 0.0, 1.0]), INTERVALS | st.just([]), st.integers(1, 400)), max_size=5
    )
)
def test_readings_there_and_back(packets):
    """One unit and many packets: nothing of one is left for the next."""
    unit, told, expected = Unit(), [], []
    for contact, intervals, rate in packets:
        readings = [] if contact is None else [Reading("contact", (contact,))]
        if contact != 0.0:
            readings += [Reading("rr_interval_ms", (i * 1000 / 1024,)) for i in intervals]
            readings.append(Reading("heart_rate_bpm", (float(rate),)))
        expected += readings
        told += [item for notification in sent(unit, readings) for item in decode(*notification)]
    assert told == expected


def test_intervals_that_do_not_fit_go_with_the_next_packet():
    unit = Unit()
    intervals = [Reading("rr_interval_ms", (1000.0 + i * 1000 / 1024,)) for i in range(12)]
    rate = Reading("heart_rate_bpm", (60.0,))
    [(uuid, first)] = sent(unit, [*intervals, rate])
    [(_, second)] = sent(unit, [rate])
    assert len(first) == 20
    assert [*decode(uuid, first)[:-1], *decode(uuid, second)[:-1]] == intervals


def test_intervals_from_before_contact_was_lost_are_dropped():
    unit = Unit()
    rate = Reading("heart_rate_bpm", (60.0,))
    lost = sent(unit, [Reading("rr_interval_ms", (1000.0,)), Reading("contact", (0.0,))])
    assert lost == [(MEASUREMENT, b"\x04\x00")]
    assert sent(unit, [rate]) == [(MEASUREMENT, b"\x00\x3c")]


def test_an_interval_of_zero_is_none():
    assert decode(MEASUREMENT, bytes.fromhex("10 3c 0000 0004")) == [
        Reading("rr_interval_ms", (1000.0,)),
        Reading("heart_rate_bpm", (60.0,)),
    ]
