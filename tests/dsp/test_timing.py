"""The center of activity is a circular mean: it turns with the profile."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.dsp import circular_center

MIDDLES = np.arange(1, 100, 2.0)  # of fifty bins, %


def distance(a: float, b: float) -> float:
    return abs((a - b + 50) % 100 - 50)


@given(center=st.floats(0, 100), width=st.floats(0.5, 20))
def test_the_center_of_a_von_mises_burst_is_its_mean(center: float, width: float) -> None:
    profile = np.exp(width * np.cos(2 * np.pi * (MIDDLES - center) / 100))
    got = circular_center(profile[:, np.newaxis])[0]
    assert 0 <= got < 100
    assert distance(got, center) < 0.01


@given(shift=st.integers(0, 49), seed=st.integers(0, 20))
def test_a_turned_profile_has_a_turned_center(shift: int, seed: int) -> None:
    profile = np.random.default_rng(seed).gamma(1.0, size=(50, 2)) + np.eye(50, 2) * 40
    before, after = circular_center(profile), circular_center(np.roll(profile, shift, axis=0))
    for b, a in zip(before, after, strict=True):
        assert distance(a, b + 2 * shift) < 1e-6


def test_a_burst_around_foot_contact_is_not_averaged_to_midstance() -> None:
    profile = np.zeros((50, 1))
    profile[[46, 47, 48, 49, 0, 1]] = 1.0  # 92 to 104 %: an arithmetic mean would say 64 %
    assert circular_center(profile)[0] == pytest.approx(98.0)


def test_negative_and_missing_values_count_as_no_activity() -> None:
    profile = np.zeros((50, 2))
    profile[10], profile[30, 0] = 2.0, -5.0
    profile[31, 0] = np.nan
    np.testing.assert_allclose(circular_center(profile), 21.0)


def test_silence_has_no_center() -> None:
    assert np.isnan(circular_center(np.zeros((50, 3)))).all()
