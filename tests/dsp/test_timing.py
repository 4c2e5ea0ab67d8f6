"""The center of activity turns with the profile; circular statistics, quiet parts, a filter's delay."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import signal, stats

from emgsmr.dsp import (
    burst_delay_s,
    circular_center,
    circular_mean,
    circular_sd,
    design_bandpass,
    quiet_part,
)
from emgsmr.simulate.spectrum import Spectrum

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


@given(
    values=st.lists(st.floats(-300, 300), min_size=2, max_size=30),
    period=st.sampled_from([1.0, 100.0, 360.0]),
)
def test_circular_statistics_are_those_of_scipy(values: list[float], period: float) -> None:
    x = np.array(values)
    length = abs(np.mean(np.exp(2j * np.pi * x / period)))
    if length < 1e-3:
        return  # the mean points nowhere
    turn = 100 / period
    assert distance(circular_mean(x, period=period) * turn, stats.circmean(x, high=period) * turn) < 1e-6
    if length < 1 - 1e-6:
        assert circular_sd(x, period=period) == pytest.approx(stats.circstd(x, high=period), rel=1e-6)


def test_close_values_have_the_ordinary_mean_and_sd_wherever_they_lie() -> None:
    x = np.random.default_rng(2).normal(scale=3, size=2000)
    for center in (0.0, 50.0, 99.0):
        assert distance(circular_mean((x + center) % 100), center + x.mean()) < 0.01
        assert circular_sd((x + center) % 100) == pytest.approx(x.std(), rel=0.01)


def test_missing_values_are_left_out_of_circular_statistics() -> None:
    x = np.array([98.0, np.nan, 2.0])
    assert circular_mean(x) == pytest.approx(0.0)
    assert circular_sd(x) == pytest.approx(2.0, abs=0.01)
    assert np.isnan([circular_mean(np.array([])), circular_mean(np.full(3, np.nan))]).all()
    assert np.isnan([circular_sd(np.array([])), circular_sd(np.array([7.0]))]).all()
    assert np.isnan(circular_mean(np.array([0.0, 50.0])))  # points nowhere
    assert circular_sd(np.array([4.0, 4.0, 4.0])) == 0.0


@given(seed=st.integers(0, 100), n=st.integers(4, 50), share=st.floats(0.05, 1.0))
def test_the_quiet_part_is_what_a_slow_loop_finds(seed: int, n: int, share: float) -> None:
    rng = np.random.default_rng(seed)
    bins, n_bins = rng.gamma(1.0, size=(n, 3)), max(round(share * n), 1)
    allowed = rng.random(n) < 0.7
    allowed[0] = True
    first, power = quiet_part(bins, n_bins=n_bins, allowed=allowed)
    for k in range(3):
        means = {f: np.mean([bins[(f + j) % n, k] for j in range(n_bins)]) for f in np.flatnonzero(allowed)}
        assert power[k] == pytest.approx(min(means.values()), rel=1e-12)
        assert means[first[k]] == pytest.approx(power[k], rel=1e-12)


def test_a_quiet_part_passes_over_missing_bins() -> None:
    bins = np.ones((10, 2))
    bins[3, 0] = np.nan
    bins[:, 1] = np.nan
    first, power = quiet_part(bins, n_bins=3)
    assert first[0] not in (1, 2, 3)
    assert power[0] == 1.0
    assert np.isnan(power[1])


@pytest.mark.parametrize(("fs", "low_hz"), [(1000.0, 30.0), (1000.0, 20.0), (2000.0, 30.0), (250.0, 20.0)])
def test_the_delay_is_how_far_the_filter_moves_a_pulse(fs: float, low_hz: float) -> None:
    """The center of a pulse's energy moves by the mean group delay, weighted with the power that passes."""
    sos = design_bandpass(low_hz=low_hz, high_hz=450.0, fs=fs)
    kernel = Spectrum(60.0, 120.0).kernel(fs)
    pulse = np.concatenate([kernel, np.zeros(len(kernel))])[:, np.newaxis]
    moved = signal.sosfilt(sos, pulse[:, 0])
    at = np.arange(len(moved))
    center = np.sum(at * moved**2) / np.sum(moved**2)
    still = signal.sosfiltfilt(sos, pulse[:, 0])  # the same band, not moved
    before = np.sum(at * still**2) / np.sum(still**2)
    assert burst_delay_s(sos, fs=fs) == pytest.approx((center - before) / fs, abs=2e-5)
