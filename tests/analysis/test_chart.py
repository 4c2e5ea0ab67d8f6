"""The chart of a pair: its limits, its sums, and the interval of what it finds."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.signal import lfilter

from emgsmr import dsp
from emgsmr.analysis import Settings
from emgsmr.analysis.adjustment import Parts
from emgsmr.analysis.chart import MIN_SIGMA, MOST_LIMIT, Chart, Track, fit_chart
from emgsmr.analysis.episode import mean_and_reach
from emgsmr.analysis.points import Point

HOW = {"n_charts": 8, "points_per_hour": 514.0, "settings": Settings()}


def alike(rng: np.random.Generator, n: int, *, phi: float, sd: float = 0.25) -> np.ndarray:
    """Log-ratios of strides: heavy tails, and neighbors that are alike."""
    e = rng.standard_t(5, size=n) * np.sqrt(3 / 5)
    return np.asarray(sd * lfilter([np.sqrt(1 - phi**2)], [1, -phi], e))


def chart_of(y: np.ndarray) -> Chart:
    return fit_chart([Parts(float(v), 0.0) for v in y], **HOW)  # type: ignore[arg-type]


def point(y: float, doubt: float = 0.0) -> Point:
    return Point(0.0, 7.0, y, -y / 2, y / 2, doubt, (-y / 2, y / 2), (0.0, 0.0))


@pytest.mark.parametrize("n", [60, 300, 900])
@pytest.mark.parametrize("phi", [0.0, 0.3])
def test_the_limit_is_never_below_that_for_normal_points(
    rng: np.random.Generator, n: int, phi: float
) -> None:
    chart = chart_of(alike(rng, n, phi=phi))
    arl = round(10 * 8 * 514.0, -2)
    assert chart.normal_limit == pytest.approx(dsp.cusum_limit(k=0.25, arl=arl, phi=chart.phi))
    assert chart.normal_limit <= chart.limit <= MOST_LIMIT * chart.normal_limit
    assert chart.k > Settings().cusum_k
    assert chart.n_points == n // 10


def test_the_same_baseline_gives_the_same_chart(rng: np.random.Generator) -> None:
    y = alike(rng, 300, phi=0.2)
    assert chart_of(y) == chart_of(y.copy())


@pytest.mark.parametrize("y", [np.zeros(100), np.full(60, 3.0), np.r_[np.zeros(200), np.full(5, 1e6)]])
def test_a_baseline_without_spread_has_the_smallest_that_can_be_measured(y: np.ndarray) -> None:
    chart = chart_of(y)
    assert chart.sigma == MIN_SIGMA
    assert np.isfinite([chart.mu, chart.k, chart.limit, chart.sdc]).all()


def test_both_directions_sum_what_exceeds_the_allowance(rng: np.random.Generator) -> None:
    chart = chart_of(alike(rng, 300, phi=0.0))
    up, down = Track(1), Track(-1)
    sums = [0.0, 0.0]
    for y in rng.normal(0.1, 0.1, size=50):
        z = (float(y) - chart.mu) / chart.sigma
        for k, (track, sign) in enumerate(((up, 1), (down, -1))):
            track.take(point(float(y)), chart)
            sums[k] = max(0.0, sums[k] + min(max(sign * z, -4.0), 4.0) - chart.k)
            assert track.sum == pytest.approx(sums[k], abs=1e-9)
            assert (track.sum == 0.0) == (not track.points)


def test_one_wild_point_counts_for_four(rng: np.random.Generator) -> None:
    chart = chart_of(alike(rng, 300, phi=0.0))
    track = Track(1)
    track.take(point(chart.mu + 1000.0), chart)
    assert track.sum == pytest.approx(4.0 - chart.k)
    assert not track.is_out(chart, floor=0.1)


def test_doubt_about_the_pace_is_taken_off(rng: np.random.Generator) -> None:
    chart = chart_of(alike(rng, 300, phi=0.0))
    sure, unsure = Track(1), Track(1)
    for _ in range(6):
        sure.take(point(chart.mu + 0.2), chart)
        unsure.take(point(chart.mu + 0.2, doubt=0.05), chart)
    assert sure.size(chart) == pytest.approx(0.2)
    assert unsure.size(chart) == pytest.approx(0.2 - 1.28 * 0.05)
    assert unsure.sum < sure.sum


@pytest.mark.parametrize(("phi", "n_after"), [(0.0, 30), (0.3, 30), (0.2, 4)])
def test_the_interval_holds_the_change_in_19_of_20(
    rng: np.random.Generator, phi: float, n_after: int
) -> None:
    """Baselines of 300 strides, then points with a change of 0.5: all errors are in it."""
    inside, n = 0, 200
    for _ in range(n):
        y = alike(rng, 300 + 10 * n_after, phi=phi)
        before, after = y[:300], np.median(y[300:].reshape(-1, 10), axis=1) + 0.5
        center, scale = dsp.center_and_scale(before, size=10)
        correlation = dsp.autocorrelation(before, size=10)
        chart = Chart(float(center), float(scale), correlation, 30, 0.5, 17.0, 16.0, (0.1, 0.1), (0.0, 0.0))
        mean, reach = mean_and_reach(after - chart.mu, chart)
        inside += abs(mean - 0.5) < reach
    assert 0.91 <= inside / n <= 0.995
