"""Unwrapping a counter, against the indices it was made from."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.sensors.counter import unwrap

MODULI = st.sampled_from([100, 256, 65536, 2**32])


@given(MODULI, st.integers(0, 2**40), st.data())
def test_any_loss_within_reach_is_counted_exactly(modulus, expected, data):
    backward = min(modulus // 8, 1024)
    lost = data.draw(st.integers(0, modulus - backward - 1))
    assert unwrap((expected + lost) % modulus, modulus=modulus, expected=expected) == expected + lost


@given(MODULI, st.integers(0, 2**40), st.data())
def test_an_old_packet_is_known_by_its_index(modulus, expected, data):
    back = data.draw(st.integers(1, min(modulus // 8, 1024)))
    assert unwrap((expected - back) % modulus, modulus=modulus, expected=expected) == expected - back


@given(MODULI, st.integers(0, 2**40), st.integers(0, 2**36), st.data())
def test_the_clock_resolves_any_loss(modulus, expected, lost, data):
    error = data.draw(st.integers(-(modulus // 2) + 1, modulus // 2 - 1))
    index = unwrap(
        (expected + lost) % modulus, modulus=modulus, expected=expected, elapsed_samples=lost + error
    )
    assert index == expected + lost


@given(MODULI, st.integers(-(2**20), 2**40), st.floats(-1e6, 1e9) | st.none(), st.data())
def test_an_index_always_has_its_counter(modulus, expected, elapsed, data):
    counter = data.draw(st.integers(0, modulus - 1))
    index = unwrap(counter, modulus=modulus, expected=expected, elapsed_samples=elapsed)
    assert index % modulus == counter


def test_packets_of_an_npg_lite_with_every_second_one_lost():
    """Thirty notifications, of which every second arrives: 150 samples are missing, through the wrap."""
    expected, missing = 0, 0
    for packet in range(0, 60, 2):
        first = packet * 10
        index = unwrap(first % 256, modulus=256, expected=expected)
        assert index == first
        missing += index - expected
        expected = index + 10
    assert missing == 29 * 10


@pytest.mark.parametrize("counter", [-1, 256, 10**9])
def test_a_counter_out_of_range_is_refused(counter):
    with pytest.raises(ValueError, match="range 256"):
        unwrap(counter, modulus=256, expected=0)
