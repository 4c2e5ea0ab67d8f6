"""Slopes against scipy, slow loops and closed forms; intervals against simulated coverage."""

from __future__ import annotations

from statistics import median

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from emgsmr.dsp import adjusted_theil_sen, theil_sen
from emgsmr.dsp.trend import MAX_PHI, variance_factor


def autoregressive(rng: np.random.Generator, n: int, phi: float) -> np.ndarray:
    noise = rng.standard_normal(n)
    for k in range(1, n):
        noise[k] = phi * noise[k - 1] + np.sqrt(1 - phi**2) * noise[k]
    return noise


@pytest.mark.parametrize("n", [3, 5, 8, 17, 40])
@pytest.mark.parametrize("ties", [False, True])
def test_without_autocorrelation_it_is_what_scipy_gives(n: int, ties: bool) -> None:
    rng = np.random.default_rng(n)
    compared = 0
    for _ in range(60):
        x = np.sort([0.0, *rng.integers(1, n, n - 1) / 3.0]) if ties else np.arange(n) / 7.0
        y = rng.standard_normal(n).round(1 if ties else 12)
        got, expected = theil_sen(x, y), stats.theilslopes(y, x)
        assert got.slope == pytest.approx(expected.slope, rel=1e-12)
        if got.n_effective == n:
            assert (got.low, got.high) == pytest.approx((expected.low_slope, expected.high_slope), rel=1e-12)
            compared += 1
        else:
            assert got.n_effective < n
            assert got.low <= expected.low_slope
            assert got.high >= expected.high_slope
    assert compared > 20


def test_the_slope_is_the_median_of_all_pairs(rng: np.random.Generator) -> None:
    x, y = rng.permutation(15).astype(float), rng.standard_normal(15)
    slopes = [(y[j] - y[i]) / (x[j] - x[i]) for i in range(15) for j in range(i)]
    assert theil_sen(x, y).slope == pytest.approx(median(slopes), rel=1e-12)


@given(
    seed=st.integers(0, 10_000),
    a=st.floats(-5, 5),
    b=st.floats(-5, 5),
    scale=st.floats(0.1, 10),
    stretch=st.floats(0.1, 10),
)
def test_a_line_added_and_units_changed_do_to_the_slope_what_they_must(
    seed: int, a: float, b: float, scale: float, stretch: float
) -> None:
    rng = np.random.default_rng(seed)
    x, y = np.arange(12.0), autoregressive(rng, 12, 0.4)
    before = theil_sen(x, y)
    after = theil_sen(x / stretch, scale * (y + a + b * x))
    for old, new in zip(before[:3], after[:3], strict=True):
        assert new == pytest.approx(stretch * scale * (old + b), rel=1e-6, abs=1e-9 * stretch * scale)
    assert after.n_effective == pytest.approx(before.n_effective, rel=1e-6)
    turned = theil_sen(x, -y)
    assert (turned.slope, turned.low, turned.high) == pytest.approx(
        (-before.slope, -before.high, -before.low)
    )


def test_an_outlier_moves_nothing() -> None:
    x = np.arange(15.0)
    y = 0.2 * x
    y[7] = 1e6
    assert theil_sen(x, y).slope == pytest.approx(0.2)
    assert adjusted_theil_sen(x, y, np.sin(x)).slope == pytest.approx(0.2, abs=0.01)


@pytest.mark.parametrize("phi", [0.0, 0.3, 0.6])
def test_the_factor_is_what_autocorrelation_does_to_the_variance_of_a_slope(phi: float) -> None:
    """Of least squares, by a loop over pairs; and what is found is right in the middle of many series."""
    rng = np.random.default_rng(5)
    n = 300
    x = np.arange(float(n))
    z = (x - x.mean()) / np.sqrt(np.sum((x - x.mean()) ** 2))
    exact = sum(z[i] * z[j] * phi ** abs(i - j) for i in range(n) for j in range(n))
    found = []
    for _ in range(40):
        noise = autoregressive(rng, n, phi)
        found.append(variance_factor(x, noise - np.polyval(np.polyfit(x, noise, 1), x)))
    assert np.median(found) == pytest.approx(exact, rel=0.12)


def test_the_factor_has_limits() -> None:
    x = np.arange(20.0)
    n = 20
    z = (x - x.mean()) / np.sqrt(np.sum((x - x.mean()) ** 2))
    most = sum(z[i] * z[j] * MAX_PHI ** abs(i - j) for i in range(n) for j in range(n))
    assert variance_factor(x, np.sin(x / 3)) == pytest.approx(most)
    assert variance_factor(x, (-1.0) ** x) == 1.0
    assert variance_factor(x, np.zeros(20)) == 1.0
    assert variance_factor(np.zeros(20), np.sin(x)) == 1.0


@pytest.mark.parametrize(("phi", "least", "most"), [(0.0, 0.93, 0.985), (0.3, 0.92, 0.975)])
@pytest.mark.parametrize("n", [11, 17])
def test_the_interval_covers_the_truth_as_often_as_it_says(
    n: int, phi: float, least: float, most: float
) -> None:
    """Blocks of four minutes of walking (11) or running (17); the range allows for 600 trials."""
    rng = np.random.default_rng(n)
    minutes = np.linspace(0, 4, n)
    trials = [theil_sen(minutes, 0.1 * minutes + autoregressive(rng, n, phi)) for _ in range(600)]
    assert least <= np.mean([t.low <= 0.1 <= t.high for t in trials]) <= most


def test_without_the_correction_autocorrelated_noise_would_fool_it() -> None:
    rng = np.random.default_rng(2)
    minutes = np.linspace(0, 4, 17)
    plain = [stats.theilslopes(autoregressive(rng, 17, 0.3), minutes) for _ in range(400)]
    assert np.mean([t.low_slope <= 0 <= t.high_slope for t in plain]) < 0.91


def test_adjustment_is_exact_without_noise() -> None:
    minutes = np.linspace(0, 4, 17)
    cadence = 0.05 * np.sin(minutes) + 0.01 * minutes
    got = adjusted_theil_sen(minutes, -0.03 * minutes + 1.7 * cadence + 4.6, cadence)
    assert got[:3] == pytest.approx((-0.03, -0.03, -0.03), abs=1e-9)


def test_a_change_of_pace_is_no_trend() -> None:
    """A step in the middle of the window: amplitude rises with cadence, and nothing else happens."""
    rng = np.random.default_rng(3)
    minutes, cadence = np.linspace(0, 4, 17), np.repeat([0.0, 0.06], [8, 9])
    covered = fooled = 0
    for _ in range(300):
        y = 2.0 * cadence + 0.03 * rng.standard_normal(17)
        jitter = cadence + 0.003 * rng.standard_normal(17)
        got, plain = adjusted_theil_sen(minutes, y, jitter), theil_sen(minutes, y)
        covered += got.low <= 0 <= got.high
        fooled += not plain.low <= 0 <= plain.high
    assert covered / 300 > 0.92
    assert fooled / 300 > 0.4


def test_a_covariate_that_goes_along_with_time_leaves_a_wide_interval(rng: np.random.Generator) -> None:
    minutes = np.linspace(0, 4, 17)
    ramp = 0.02 * minutes + 0.0005 * rng.standard_normal(17)
    y = 0.03 * minutes + 0.02 * rng.standard_normal(17)
    plain, adjusted = theil_sen(minutes, y), adjusted_theil_sen(minutes, y, ramp)
    assert adjusted.high - adjusted.low > 5 * (plain.high - plain.low)
    assert adjusted.low < 0 < adjusted.high


def test_a_constant_covariate_changes_nothing(rng: np.random.Generator) -> None:
    x, y = np.arange(10.0), rng.standard_normal(10)
    assert adjusted_theil_sen(x, y, np.full(10, 4.4)) == theil_sen(x, y)


@pytest.mark.parametrize(
    ("x", "y"),
    [
        ([], []),
        ([1.0], [1.0]),
        ([1.0, 2.0], [1.0, 2.0]),
        ([1.0, 1.0, 1.0], [1.0, 2.0, 3.0]),
        ([1.0, 2.0, 3.0, 4.0], [1.0, np.nan, 3.0, 4.0]),
        ([1.0, 2.0, 3.0, 4.0], [1.0, np.inf, 3.0, 4.0]),
    ],
)
def test_what_has_no_slope_gives_none(x: list[float], y: list[float]) -> None:
    for got in (
        theil_sen(np.array(x), np.array(y)),
        adjusted_theil_sen(np.array(x), np.array(y), np.arange(float(len(x)))),
    ):
        assert np.isnan(got[:3]).all()


def test_constant_values_have_the_slope_zero() -> None:
    assert theil_sen(np.arange(9.0), np.full(9, 3.0))[:3] == (0.0, 0.0, 0.0)
