"""Unwrapping a counter, against the indices it was made from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.sensors.counter import Numbering, unwrap

MODULI = st.sampled_from([16, 100, 256, 65536, 2**32])


@given(MODULI, st.integers(0, 2**40), st.data())
def test_any_loss_within_reach_is_counted_exactly(modulus, expected, data):
    back = data.draw(st.integers(0, modulus // 4))
    lost = data.draw(st.integers(0, modulus - back - 1))
    assert (
        unwrap((expected + lost) % modulus, modulus=modulus, expected=expected, back=back) == expected + lost
    )


@given(MODULI, st.integers(0, 2**40), st.data())
def test_an_old_packet_is_known_by_its_index(modulus, expected, data):
    back = data.draw(st.integers(1, modulus // 4))
    old = expected - data.draw(st.integers(1, back))
    assert unwrap(old % modulus, modulus=modulus, expected=expected, back=back) == old


@given(MODULI, st.integers(-(2**20), 2**40), st.data())
def test_an_index_always_has_its_counter(modulus, expected, data):
    counter = data.draw(st.integers(0, modulus - 1))
    back = data.draw(st.integers(0, modulus - 1))
    index = unwrap(counter, modulus=modulus, expected=expected, back=back)
    assert index % modulus == counter
    assert 0 <= index - (expected - back) < modulus


def test_packets_of_an_npg_lite_with_every_second_one_lost():
    """Thirty notifications, of which every second arrives: 150 samples are missing, through the wrap."""
    expected, missing = 0, 0
    for packet in range(0, 60, 2):
        first = packet * 10
        index = unwrap(first % 256, modulus=256, expected=expected, back=64)
        assert index == first
        missing += index - expected
        expected = index + 10
    assert missing == 29 * 10


@pytest.mark.parametrize("counter", [-1, 256, 10**9])
def test_a_counter_out_of_range_is_refused(counter):
    with pytest.raises(ValueError, match="range 256"):
        unwrap(counter, modulus=256, expected=0)


@pytest.mark.parametrize(
    ("modulus", "back"), [(None, 0), (8, 0), (16, 0), (200, 50), (256, 64), (524288, 1024), (2**32, 1024)]
)
def test_how_far_back_a_packet_is_old(modulus, back):
    assert Numbering(500.0, modulus).back == back


@pytest.mark.parametrize("wrong", [{"rate_hz": 0.0}, {"modulus": 0}, {"rate_tolerance": 1.0}])
def test_a_numbering_that_cannot_be_is_refused(wrong):
    with pytest.raises(ValueError, match=r"rate is positive|cannot wrap"):
        Numbering(**{"rate_hz": 500.0, "modulus": 256, **wrong})
