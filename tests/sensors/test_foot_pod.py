"""Foot pod packets of all flags, written here by hand from the standard's table."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.sensors import Reading
from emgsmr.sensors.foot_pod import MEASUREMENT, Unit, decode

VALUES = st.tuples(
    st.integers(0, 0xFFFF), st.integers(0, 255), st.integers(0, 0xFFFF), st.integers(0, 2**32 - 1)
)


def packet(flags, speed, cadence, stride, distance):
    """The bytes that the standard asks for."""
    content = struct.pack("<BHB", flags, speed, cadence)
    content += struct.pack("<H", stride) if flags & 1 else b""
    return content + (struct.pack("<I", distance) if flags & 2 else b"")


def sent(unit, readings):
    return [notification for item in readings for notification in unit.encode_reading(item)]


@pytest.mark.parametrize("flags", range(8))
@given(values=VALUES)
def test_every_combination_of_flags_there_and_back(flags, values):
    speed, cadence, stride, distance = values
    found = decode(MEASUREMENT, packet(flags, *values))
    expected = [Reading("cadence_spm", (float(cadence),))]
    expected += [Reading("stride_length_m", (stride / 100,))] if flags & 1 else []
    expected += [Reading("distance_m", (distance / 10,))] if flags & 2 else []
    assert found == [*expected, Reading("speed_mps", (speed / 256,))]
    # whether it ran is not recorded; the twin says it from the speed
    runs = 4 if speed >= 2 * 256 else 0
    assert sent(Unit(), found) == [(MEASUREMENT, packet(flags & 3 | runs, *values))]


@given(st.lists(st.tuples(st.integers(0, 3), VALUES), max_size=5))
def test_nothing_of_one_packet_is_left_for_the_next(packets):
    unit = Unit()
    for flags, values in packets:
        found = decode(MEASUREMENT, packet(flags, *values))
        [notification] = sent(unit, found)
        assert decode(*notification) == found


def test_values_that_do_not_fit_become_the_nearest_that_do():
    unit = Unit()
    told = [Reading("cadence_spm", (300.0,)), Reading("distance_m", (-1.0,)), Reading("speed_mps", (999.0,))]
    [notification] = sent(unit, told)
    found = {item.quantity: item.values[0] for item in decode(*notification)}
    assert found == {"cadence_spm": 255.0, "distance_m": 0.0, "speed_mps": 65535 / 256}


def test_a_speed_alone_is_a_packet():
    assert sent(Unit(), [Reading("speed_mps", (3.0,))]) == [(MEASUREMENT, bytes.fromhex("04 0003 00"))]
