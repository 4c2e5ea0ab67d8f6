"""The lower envelope of the delay, against the line that the arrivals were made from."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgsmr.radio.envelope import Envelope


def fed(rate_hz, nominal_hz, tolerance, seconds, *, seed=0, n=10, late_s=0.03):
    """An envelope after so many seconds of packets that are up to ``late_s`` late; and the last index."""
    rng = np.random.default_rng(seed)
    envelope = Envelope(nominal_hz, tolerance)
    ends = np.arange(n, int(seconds * rate_hz), n)
    late = rng.uniform(0, late_s, len(ends))
    for end, t_s in zip(ends.tolist(), (ends / rate_hz + late).tolist(), strict=True):
        envelope.add(end, round(t_s * 1e9))
    return envelope, ends[-1]


@settings(max_examples=20)
@given(st.floats(-0.03, 0.03), st.integers(0, 1000))
def test_excess_is_what_was_added_to_the_delay(error, seed):
    rate_hz = 500.0 * (1 + error)
    envelope, last = fed(rate_hz, 500.0, 0.03, 30.0, seed=seed)
    for late_s in (0.0, 0.02, 1.0):
        for ahead in (10, 2500):  # and five seconds later
            end = int(last) + ahead
            excess_s = envelope.excess(end, round((end / rate_hz + late_s) * 1e9))
            assert excess_s == pytest.approx(late_s, abs=0.006)
    assert 1 / envelope.period_s == pytest.approx(rate_hz, rel=3e-4)


def test_the_rate_stays_within_its_tolerance():
    envelope, _ = fed(510.0, 500.0, 0.001, 60.0)
    assert 1 / envelope.period_s == pytest.approx(500.5, abs=0.05)


def test_a_rate_that_is_known_is_not_learned_from_a_few_seconds():
    envelope, _ = fed(500.0, 500.0, 2e-4, 3.0, late_s=0.1)
    assert 1 / envelope.period_s == pytest.approx(500.0, rel=2e-5)


def test_an_exact_rate_needs_no_learning():
    envelope, _ = fed(500.0, 500.0, 0.0, 30.0)
    assert envelope.period_s == 0.002


def test_before_the_first_packet_nothing_is_late():
    assert Envelope(500.0, 0.01).excess(10, 10**12) == 0.0


@pytest.mark.parametrize(("rate_hz", "short_s"), [(500.0, 0.0), (496.0, 0.0), (450.0, 5.0)])
def test_shortage_beyond_the_tolerance(rate_hz, short_s):
    envelope, _ = fed(rate_hz, 500.0, 0.01, 60.0)
    # at 450 Hz 54 s of samples take 60 s, and 54.5 s are allowed; the last ten seconds lag behind
    assert envelope.shortage_s() == pytest.approx(short_s, abs=0.6)


def test_the_level_follows_a_delay_that_stays():
    envelope, last = fed(500.0, 500.0, 0.001, 30.0)
    for end in range(int(last) + 10, int(last) + 15000, 10):
        envelope.add(end, round((end / 500 + 0.2) * 1e9))
    assert abs(envelope.excess(end + 10, round(((end + 10) / 500 + 0.2) * 1e9))) < 0.01
