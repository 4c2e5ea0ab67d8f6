"""Where values end, pile up and stand still, against counting by hand."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from emgsmr.dsp.extremes import frozen_seconds, pile_up_pct, value_extremes


def pile_up(x: np.ndarray) -> float:
    x = np.round(x).astype(float)[np.newaxis, np.newaxis]
    return float(pile_up_pct(value_extremes(x, np.abs(np.diff(x))), x.shape[2])[0, 0])


def frozen(x: np.ndarray, fs: float = 1000.0) -> float:
    return float(frozen_seconds(np.abs(np.diff(x))[np.newaxis, np.newaxis], fs=fs)[0, 0])


@given(hnp.arrays(np.int16, st.integers(2, 80), elements=st.integers(-40, 40)))
def test_the_counts_are_those_of_a_slow_loop(values: np.ndarray) -> None:
    x = values.astype(float)[np.newaxis, np.newaxis]
    got = [float(v.item()) for v in value_extremes(x, np.abs(np.diff(x)))]
    v = [int(value) for value in values]
    differences = [abs(b - a) for a, b in pairwise(v) if a != b]
    if not differences:
        assert got[0] == np.inf
        return
    step = min(differences)
    at_high = sum(value >= max(v) - 1.5 * step for value in v)
    at_low = sum(value <= min(v) + 1.5 * step for value in v)
    below = sum(value >= max(v) - 16.5 * step for value in v) - at_high
    above = sum(value <= min(v) + 16.5 * step for value in v) - at_low
    assert got == [step, max(v), at_high, below, min(v), at_low, above]


@pytest.mark.parametrize("amplitude", [3, 10, 30, 100, 1000, 30000])
@pytest.mark.parametrize("hz", [0.7, 1.3, 3.1, 7.7, 20.37, 50.3, 83.1, 211.7])
@pytest.mark.parametrize("fs", [200.0, 1000.0, 2148.0])
def test_the_peak_of_a_sine_is_no_clipping(amplitude: float, hz: float, fs: float) -> None:
    """However slow and coarse: its flat tops are flat only by the quantization."""
    t = np.arange(int(fs)) / fs
    for phase in np.linspace(0, 6, 13):
        assert pile_up(amplitude * np.sin(2 * np.pi * hz * t + phase) + 0.3) == 0


@pytest.mark.parametrize("sd", [0.7, 3.0, 20.0, 200.0, 5000.0])
def test_noise_is_not_clipped_until_something_cuts_it(sd: float) -> None:
    for seed in range(50):
        assert pile_up(np.random.default_rng(seed).normal(0, sd, 1000)) == 0


@pytest.mark.parametrize("limit", [0.5, 1.0, 1.5, 2.0])
def test_cut_noise_is_clipped_by_the_share_that_was_cut(limit: float) -> None:
    x = np.random.default_rng(3).normal(0, 500, 1000)
    cut = np.count_nonzero(np.abs(x) >= 500 * limit) / 10
    assert pile_up(x.clip(-500 * limit, 500 * limit)) == pytest.approx(cut, abs=0.5)


def test_one_rail_is_enough() -> None:
    x = np.random.default_rng(3).normal(0, 500, 1000)
    assert pile_up(x.clip(-3000, 600)) == pytest.approx(np.count_nonzero(x >= 600) / 10, abs=0.5)


@pytest.mark.parametrize("value", [-5.0, 0.0, 4095.0])
def test_a_constant_is_flat_and_not_clipped(value: float) -> None:
    x = np.full(1000, value)
    assert pile_up(x) == 0
    assert frozen(x) == 1.0


@pytest.mark.parametrize("ms", [50, 99, 101, 250, 999])
@pytest.mark.parametrize("start", [0, 1, 333])
def test_a_repeated_value_is_found_from_a_tenth_of_a_second_on(ms: int, start: int) -> None:
    x = np.random.default_rng(ms).normal(0, 50, 1000).round()
    stop = min(start + ms, 1000)
    x[start:stop] = x[start]
    expected = (stop - start) / 1000
    assert frozen(x) == pytest.approx(expected if expected >= 0.1 else 0.0, abs=0.002)


def test_several_dead_pieces_add_up() -> None:
    x = np.random.default_rng(0).normal(0, 50, 1000).round()
    for start in (100, 400, 700):
        x[start : start + 150] = 0
    assert frozen(x) == pytest.approx(0.45, abs=0.003)


def test_rest_of_a_coarse_sensor_is_not_dead() -> None:
    """Eight bits: between two bursts most values are the same."""
    rng = np.random.default_rng(1)
    x = np.round(np.where(np.arange(200) % 100 < 30, 20.0, 0.25) * rng.normal(size=200))
    assert frozen(x, fs=200.0) == 0


def test_too_few_samples_say_nothing() -> None:
    for n in (0, 1, 2, 30):
        assert frozen(np.zeros(n)) == 0
    assert pile_up(np.zeros(1)) == 0
