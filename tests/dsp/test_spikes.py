"""Spikes against a loop over samples, a closed form and garbage; the quietest window against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr import dsp
from emgsmr.errors import ArgumentError

FS = 1000.0


def counted_by_hand(x: np.ndarray, threshold: float, apart: int) -> int:
    """Sample by sample: one that follows the last above the threshold by less than ``apart`` is the same."""
    level = sorted(abs(x))[(len(x) - 1) // 2] / 0.6744897501960817
    count, last = 0, -apart
    for index, value in enumerate(x):
        if abs(value) > threshold * level > 0:
            count += index - last >= apart
            last = index
    return count


@given(seed=st.integers(0, 10_000), n=st.integers(1, 400), threshold=st.sampled_from([1.0, 2.0, 3.5]))
def test_as_a_loop_over_the_samples_counts(seed: int, n: int, threshold: float) -> None:
    x = np.random.default_rng(seed).normal(size=(n, 2)) * [1.0, 40.0]
    count, level, since = dsp.count_spikes(x, fs=FS, threshold=threshold)
    for k in range(2):
        assert count[k] == counted_by_hand(x[:, k], threshold, 30)
        over = np.flatnonzero(np.abs(x[:, k]) > threshold * level[k])
        assert since[k] == (n - over[-1] if len(over) else 30 + n)


def test_fasciculations_on_noise_are_counted_and_nothing_else() -> None:
    rng = np.random.default_rng(5)
    x = rng.normal(0, 4, (60_000, 1))
    times = np.sort(rng.choice(np.arange(100, 59_900, 100), 25, replace=False))
    shape = 60 * np.diff(np.exp(-np.square(np.linspace(-3, 3, 13))))  # some 10 ms, up and down
    for t in times:
        x[t : t + len(shape), 0] += 5 * shape
    total, state = 0, None
    for first in range(0, 60_000, 1000):
        count, _, state = dsp.count_spikes(x[first : first + 1000], fs=FS, state=state)
        total += int(count[0])
    assert total == len(times)


def test_noise_crosses_as_often_as_gaussian_noise_does() -> None:
    """White noise at a threshold of 3: 2 (1 - Phi(3)) of the samples, each a spike of its own."""
    x = np.random.default_rng(6).normal(size=(400_000, 1))
    count, level, _ = dsp.count_spikes(x, fs=FS, threshold=3.0, apart_s=0.001)
    assert level[0] == pytest.approx(1.0, rel=0.01)
    assert count[0] == pytest.approx(400_000 * 0.0026998, rel=0.1)


def test_a_contraction_has_hardly_a_spike() -> None:
    x = np.random.default_rng(7).normal(0, 100, (1000, 1))
    assert dsp.count_spikes(x, fs=FS)[0].tolist() == [0]


def test_one_spike_across_two_seconds_is_one() -> None:
    x = np.random.default_rng(8).normal(0, 1, (2000, 1))
    x[[995, 1005]] = 50
    first, _, state = dsp.count_spikes(x[:1000], fs=FS)
    second, _, _ = dsp.count_spikes(x[1000:], fs=FS, state=state)
    assert (first[0], second[0]) == (1, 0)


@pytest.mark.parametrize(
    "x",
    [
        np.zeros((0, 2)),
        np.zeros((5, 2)),
        np.full((50, 1), 7.0),
        np.full((20, 1), np.nan),
        np.full((9, 1), np.inf),
    ],
    ids=["empty", "zeros", "constant", "nan", "infinite"],
)
def test_where_there_is_nothing_nothing_is_counted(x: np.ndarray) -> None:
    count, level, since = dsp.count_spikes(x, fs=FS)
    assert count.tolist() == [0] * x.shape[1]
    assert len(level) == len(since) == x.shape[1]
    assert (since >= len(x)).all()


def test_mostly_zeros_have_no_level() -> None:
    x = np.zeros((1000, 1))
    x[::10] = 500
    assert dsp.count_spikes(x, fs=FS)[0].tolist() == [0]


def test_impossible_numbers_are_refused() -> None:
    for wrong in ({"fs": 0.0}, {"fs": -1.0}, {"fs": FS, "threshold": 0.0}, {"fs": float("nan")}):
        with pytest.raises(ArgumentError):
            dsp.count_spikes(np.zeros((5, 1)), **wrong)
    for window, span in ((0, 5), (6, 5)):
        with pytest.raises(ArgumentError):
            dsp.least_and_most(np.zeros((5, 1)), n_window=window, n_span=span)


@given(seed=st.integers(0, 1000), n=st.integers(0, 40), window=st.integers(1, 6), more=st.integers(0, 20))
def test_least_and_most_are_those_of_all_windows(seed: int, n: int, window: int, more: int) -> None:
    power = np.random.default_rng(seed).chisquare(3, (n, 2))
    span = window + more
    least, most, state = dsp.least_and_most(power, n_window=window, n_span=span)
    if n < span:
        assert np.isnan([least, most]).all()
        assert np.array_equal(state, power)
    else:
        means = [power[k : k + window].mean(axis=0) for k in range(n - span, n - window + 1)]
        np.testing.assert_allclose([least, most], [np.min(means, axis=0), np.max(means, axis=0)], rtol=1e-12)
        assert np.array_equal(state, power[n - span :])


def test_what_is_not_known_stays_unknown() -> None:
    power = np.ones((10, 1))
    power[4] = np.nan
    least, most, _ = dsp.least_and_most(power, n_window=2, n_span=10)
    assert np.isnan([least, most]).all()
