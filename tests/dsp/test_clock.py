"""A sensor's time line from notifications that come late and bunched, against when they were sent."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgsmr.dsp import ClockState, fit_clock, interpolate

START_S = 3.25


def notifications(
    *,
    fs: float,
    true_fs: float,
    minutes: float,
    n: int = 10,
    late_s: float = 0.03,
    lost: float = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """Index after the last sample of each, and when it came, uniformly late."""
    rng = np.random.default_rng(seed)
    end = np.arange(n, int(minutes * 60 * true_fs), n)
    sent = START_S + (end - 1) / true_fs
    came = sent + 0.002 + rng.uniform(0, late_s, len(end))
    came = np.maximum.accumulate(came)  # one link delivers in order
    keep = rng.random(len(end)) >= lost
    return np.column_stack([end, came])[keep]


def knots_of(arrivals: np.ndarray, *, fs: float) -> np.ndarray:
    knots, _ = fit_clock(arrivals, fs=fs, first_index=0, end_index=int(arrivals[-1, 0]))
    return knots


def errors(knots: np.ndarray, *, true_fs: float, after_s: float, upto: float) -> np.ndarray:
    """Time told minus time sampled, on a grid."""
    index = np.arange(after_s * true_fs, upto, 97.0)
    return np.asarray(interpolate(index, knots[:, 0], knots[:, 1]) - (START_S + index / true_fs))


@pytest.mark.parametrize("ppm", [-50.0, 0.0, 50.0])
@pytest.mark.parametrize("fs", [500.0, 1116.0])
def test_two_sensors_agree_within_five_milliseconds_after_half_an_hour(fs: float, ppm: float) -> None:
    """±50 ppm, 30 ms of bunching, 1 % loss: 5 ms at the 95th percentile, relative to each other."""
    spread = []
    for seed, rate in enumerate((fs * (1 + ppm * 1e-6), fs * (1 - ppm * 1e-6))):
        arrivals = notifications(fs=fs, true_fs=rate, minutes=30, lost=0.01, seed=seed)
        knots = knots_of(arrivals, fs=fs)
        told = errors(knots, true_fs=rate, after_s=30, upto=arrivals[-1, 0])
        spread.append(told[: 30 * 60 * 4])
    n = min(map(len, spread))
    relative = np.abs(spread[0][:n] - spread[1][:n])
    assert np.percentile(relative, 95) < 0.005
    assert relative.max() < 0.015


@pytest.mark.parametrize("percent", [-3.0, 3.0])
def test_a_rate_wrong_by_percents_is_learned_within_seconds(percent: float) -> None:
    true_fs = 500 * (1 + percent / 100)
    arrivals = notifications(fs=500, true_fs=true_fs, minutes=5)
    knots = knots_of(arrivals, fs=500)
    late = np.abs(errors(knots, true_fs=true_fs, after_s=20, upto=arrivals[-1, 0]))
    assert np.percentile(late, 95) < 0.006
    assert late.max() < 0.015
    assert np.abs(errors(knots, true_fs=true_fs, after_s=0, upto=20 * true_fs)).max() < 0.1


def test_a_late_burst_bends_nothing() -> None:
    """A busy host delivers ten seconds of notifications at once, two seconds late."""
    arrivals = notifications(fs=500, true_fs=500, minutes=3)
    stalled = (arrivals[:, 1] > 60) & (arrivals[:, 1] < 62)
    arrivals[stalled, 1] = 62.0
    told = errors(knots_of(arrivals, fs=500), true_fs=500, after_s=10, upto=arrivals[-1, 0])
    assert np.abs(told).max() < 0.01


def test_a_gap_of_the_index_is_bridged_at_the_rate_so_far() -> None:
    true_fs = 500 * (1 + 40e-6)
    arrivals = notifications(fs=500, true_fs=true_fs, minutes=4)
    gone = (arrivals[:, 0] > 60 * 500) & (arrivals[:, 0] < 95 * 500)
    knots = knots_of(arrivals[~gone], fs=500)
    assert np.abs(errors(knots, true_fs=true_fs, after_s=20, upto=arrivals[-1, 0])).max() < 0.012


@given(
    cuts=st.lists(st.integers(0, 4000), max_size=20),
    first_index=st.sampled_from([0, 1, 499, 500, 501, 3210]),
    seed=st.integers(0, 5),
)
def test_no_cut_changes_a_knot_and_time_never_runs_backwards(
    cuts: list[int], first_index: int, seed: int
) -> None:
    rng = np.random.default_rng(seed)
    end = first_index + np.cumsum(rng.choice([9, 10, 10, 10, 700], size=400, p=[0.2, 0.3, 0.3, 0.19, 0.01]))
    came = np.maximum.accumulate(end / 500 * (1 + rng.normal(0, 0.02)) + rng.exponential(0.05, 400))
    arrivals = np.column_stack([end, came])
    whole, last = fit_clock(arrivals, fs=500, first_index=first_index, end_index=int(end[-1]))
    state: ClockState | None = None
    pieces, begin = [], first_index
    for cut in [*sorted(min(first_index + c, int(end[-1])) for c in [*cuts, *cuts[:2]]), int(end[-1])]:
        inside = (end > begin) & (end <= cut)
        knots, state = fit_clock(
            arrivals[inside], fs=500, first_index=first_index, end_index=max(cut, begin), state=state
        )
        pieces.append(knots)
        begin = max(begin, cut)
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    assert state == last
    assert (np.diff(whole, axis=0) > 0).all()


def test_knots_reach_a_second_beyond_what_was_seen() -> None:
    arrivals = notifications(fs=500, true_fs=500, minutes=1)
    for end in (500, 777, 5000):
        knots, _ = fit_clock(arrivals[arrivals[:, 0] <= end], fs=500, first_index=0, end_index=end)
        assert knots[-1, 0] == (end // 500 + 1) * 500
        assert knots[0, 0] == 0


def test_before_the_first_second_there_is_no_time() -> None:
    arrivals = notifications(fs=500, true_fs=500, minutes=1)
    knots, state = fit_clock(arrivals[:40], fs=500, first_index=0, end_index=400)
    assert knots.shape == (0, 2)
    assert np.isnan(state.residual_s)


def test_samples_without_any_arrival_have_no_time() -> None:
    knots, state = fit_clock(np.empty((0, 2)), fs=500, first_index=0, end_index=2600)
    assert knots.shape == (0, 2)
    arrivals = notifications(fs=500, true_fs=500, minutes=1)
    knots, _ = fit_clock(
        arrivals[(arrivals[:, 0] > 2600) & (arrivals[:, 0] < 4000)],
        fs=500, first_index=0, end_index=4000, state=state,
    )  # fmt: skip
    assert knots[0, 0] == 0
    assert np.abs(knots[:, 1] - START_S - knots[:, 0] / 500).max() < 0.03


@settings(max_examples=10)
@given(offset=st.floats(-1e6, 1e6))
def test_the_residual_says_how_far_the_minima_lie_from_the_line(offset: float) -> None:
    exact = np.arange(10, 20001, 10)
    knots, state = fit_clock(
        np.column_stack([exact, offset + (exact - 1) / 500]), fs=500, first_index=0, end_index=20000
    )
    assert state.residual_s < 1e-6
    np.testing.assert_allclose(knots[:, 1], offset + knots[:, 0] / 500, atol=1e-5)
