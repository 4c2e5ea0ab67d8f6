"""The block bootstrap against another package's block lengths, a variance in closed form, and slow loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.dsp import N_RESAMPLES, block_length, resample_counts, resampled_mean, resampled_median


def autoregressive(n: int, phi: float) -> np.ndarray:
    """A series that any program can make: the logistic map, summed up with a memory."""
    x, total, series = 0.3, 0.0, []
    for _ in range(n):
        x = 4.0 * x * (1 - x)
        total = phi * total + x
        series.append(total)
    return np.array(series)


@pytest.mark.parametrize(
    ("n", "phi", "published"),
    [
        # arch 8.0.0, arch.bootstrap.optimal_block_length(x)["stationary"]; below 1 it has no meaning
        (40, 0.0, 1.843506), (40, 0.3, 0.755626), (40, 0.7, 2.804697),
        (150, 0.0, 1.490942), (150, 0.3, 2.369981), (150, 0.7, 6.626175),
        (400, 0.0, 3.04141), (400, 0.3, 1.295658), (400, 0.7, 11.613494),
    ],
)  # fmt: skip
def test_block_lengths_of_another_package(n: int, phi: float, published: float) -> None:
    x = autoregressive(n, phi)
    assert block_length(x[:, np.newaxis])[0] == pytest.approx(max(published, 1.0), abs=1e-5)


def test_a_block_length_does_not_hang_on_unit_offset_or_a_few_missing_strides(
    rng: np.random.Generator,
) -> None:
    x = autoregressive(300, 0.8)
    missing = x.copy()
    missing[rng.choice(300, 15, replace=False)] = np.nan
    one, scaled, holes = block_length(np.column_stack([x, 5.0 - 1e3 * x, missing]))
    assert scaled == pytest.approx(one, rel=1e-9)
    assert holes == pytest.approx(one, rel=0.3)


@pytest.mark.parametrize(
    "x", [np.empty(0), np.ones(1), np.full(50, 3.0), np.full(50, np.nan), np.arange(9.0)]
)
def test_without_variation_or_values_strides_are_drawn_one_by_one(x: np.ndarray) -> None:
    assert block_length(x[:, np.newaxis]).tolist() == [1.0]


@given(st.integers(1, 60), st.floats(1.0, 30.0))
def test_every_resample_has_as_many_units_as_there_are(n_units: int, block: float) -> None:
    counts = resample_counts(n_units, block=block, n_resamples=40)
    assert counts.shape == (n_units, 40)
    assert (counts.sum(axis=0) == n_units).all()
    assert (counts >= 0).all()
    assert (counts == np.round(counts)).all()


def test_the_same_strides_give_the_same_resamples_and_streams_differ() -> None:
    one = resample_counts(80, block=3.0)
    np.testing.assert_array_equal(one, resample_counts(80, block=3.0))
    assert one.shape[1] == N_RESAMPLES
    other = resample_counts(80, block=3.0, stream=1)
    shared = np.corrcoef(one.ravel(), other.ravel())[0, 1]
    assert abs(shared) < 0.02


@pytest.mark.parametrize("block", [1.0, 2.5, 8.0, 40.0])
def test_the_variance_of_the_mean_is_that_of_the_closed_form(block: float, rng: np.random.Generator) -> None:
    """Politis and Romano 1994: weighted autocovariances, weights from the blocks' geometric lengths."""
    n, p = 120, 1.0 / block
    x = np.convolve(rng.normal(size=n + 9), 0.8 ** np.arange(10), "valid")
    d = x - x.mean()
    covariance = np.array([d[: n - k] @ d[k:] / n for k in range(n)])
    k = np.arange(1, n)
    weight = (1 - k / n) * (1 - p) ** k + k / n * (1 - p) ** (n - k)
    expected = (covariance[0] + 2 * np.sum(weight * covariance[1:])) / n
    counts = resample_counts(n, block=block, n_resamples=20_000)
    means = resampled_mean(x[:, np.newaxis], counts=counts)[:, 0]
    assert means.mean() == pytest.approx(x.mean(), abs=4 * np.sqrt(expected / 20_000))
    assert means.var() == pytest.approx(expected, rel=0.05)


@given(st.integers(0, 2**31), st.integers(1, 40), st.integers(1, 5), st.floats(0.0, 0.9))
def test_means_and_medians_are_those_of_the_repeated_strides(
    seed: int, n: int, per_unit: int, lost: float
) -> None:
    rng = np.random.default_rng(seed)
    x = np.round(rng.normal(size=(n, 2)), 1)  # ties, too
    x[rng.random(x.shape) < lost] = np.nan
    unit = np.arange(n) // per_unit
    counts = resample_counts(unit[-1] + 1, block=2.0, n_resamples=15, stream=seed)
    means = resampled_mean(x, counts=counts, unit=unit)
    medians = resampled_median(x, counts=counts, unit=unit)
    for resample in range(15):
        for column in range(2):
            values = np.repeat(x[:, column], counts[unit, resample].astype(int))
            values = values[np.isfinite(values)]
            if not len(values):
                assert np.isnan(means[resample, column])
                assert np.isnan(medians[resample, column])
            else:
                assert means[resample, column] == pytest.approx(values.mean(), rel=1e-12, abs=1e-12)
                assert medians[resample, column] == np.median(values)


def test_the_order_of_adding_changes_no_bit(rng: np.random.Generator) -> None:
    x = rng.lognormal(0, 3, size=(200, 3))
    counts = resample_counts(200, block=4.0)
    order = rng.permutation(200)
    once = resampled_mean(x, counts=counts)
    np.testing.assert_array_equal(resampled_mean(x[order], counts=counts[order]), once)
    np.testing.assert_array_equal(resampled_mean(x[:, :1], counts=counts), once[:, :1])
    np.testing.assert_allclose(once, counts.T @ x / 200, rtol=1e-11)


def test_units_without_a_stride_are_empty() -> None:
    counts = np.array([[1.0, 0.0], [1.0, 2.0], [1.0, 1.0]])
    x, unit = np.array([[2.0], [4.0]]), np.array([0, 2])
    assert resampled_mean(x, counts=counts, unit=unit).ravel().tolist() == [3.0, 4.0]
    assert resampled_median(x, counts=counts, unit=unit).ravel().tolist() == [3.0, 4.0]
    none = np.empty((0, 1))
    assert np.isnan(resampled_mean(none, counts=counts, unit=np.empty(0, int))).all()
    assert np.isnan(resampled_median(none, counts=counts, unit=np.empty(0, int))).all()
