"""Intervals against scipy's bootstrap, numpy's quantiles and Student's interval."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from emgsmr.dsp import bca_interval, percentile_interval, resample_counts, resampled_mean, resampled_median

RESAMPLES = 20_000


def test_percentiles_are_numpys_and_missing_resamples_are_left_out(rng: np.random.Generator) -> None:
    values = rng.normal(size=(500, 3))
    values[::7, 1] = np.nan
    values[:, 2] = np.nan
    low, high = percentile_interval(values, level=0.9)
    np.testing.assert_allclose(low[:2], np.nanquantile(values[:, :2], 0.05, axis=0), rtol=1e-12)
    np.testing.assert_allclose(high[:2], np.nanquantile(values[:, :2], 0.95, axis=0), rtol=1e-12)
    assert np.isnan([low[2], high[2]]).all()


@pytest.mark.parametrize("statistic", ["mean", "median"])
def test_strides_one_by_one_give_scipys_interval(statistic: str, rng: np.random.Generator) -> None:
    x = rng.gamma(3.0, size=80)
    resampled = {"mean": resampled_mean, "median": resampled_median}[statistic]
    counts = resample_counts(80, block=1.0, n_resamples=RESAMPLES)
    ours = percentile_interval(resampled(x[:, np.newaxis], counts=counts)[:, 0])
    theirs = stats.bootstrap(
        (x,), getattr(np, statistic), n_resamples=RESAMPLES, method="percentile", random_state=rng
    ).confidence_interval
    np.testing.assert_allclose(ours, theirs, atol=0.03 * (theirs.high - theirs.low))


def test_bias_and_skewness_are_corrected_as_in_scipy(rng: np.random.Generator) -> None:
    x = rng.lognormal(0, 1, size=60)
    counts = resample_counts(60, block=1.0, n_resamples=RESAMPLES)
    resampled = resampled_mean(x[:, np.newaxis], counts=counts)[:, 0]
    left_out = np.array([np.delete(x, k).mean() for k in range(60)])
    ours = bca_interval(resampled, estimate=float(x.mean()), left_out=left_out)
    theirs = stats.bootstrap(
        (x,), np.mean, n_resamples=RESAMPLES, method="BCa", random_state=rng
    ).confidence_interval
    np.testing.assert_allclose(ours, theirs, atol=0.03 * (theirs.high - theirs.low))
    plain = percentile_interval(resampled)
    assert ours[1] - float(plain[1]) > 0.05 * (theirs.high - theirs.low)  # there was something to correct


@pytest.mark.parametrize("n", [8, 15, 60])
def test_few_strides_give_students_interval(n: int) -> None:
    """Of normal values drawn one by one, the widened percentiles are mean -+ t s / sqrt(n)."""
    x = stats.norm.ppf((np.arange(n) + 0.5) / n)
    counts = resample_counts(n, block=1.0, n_resamples=RESAMPLES)
    resampled = resampled_mean(x[:, np.newaxis], counts=counts)[:, 0]
    low, high = percentile_interval(resampled, n_blocks=n)
    reach = stats.t.ppf(0.975, n - 1) * x.std(ddof=1) / np.sqrt(n)
    assert float(high - low) / 2 == pytest.approx(reach, rel=0.06)


def test_a_corrected_interval_of_nothing_is_nothing() -> None:
    assert np.isnan(bca_interval(np.full(9, np.nan), estimate=1.0)).all()
    assert np.isnan(bca_interval(np.arange(9.0), estimate=float("nan"))).all()
    assert bca_interval(np.ones(9), estimate=1.0, left_out=np.ones(3)) == (1.0, 1.0)
    low, high = bca_interval(np.arange(9.0), estimate=99.0)  # every resample below the estimate: still finite
    assert low <= high <= 8.0
