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


def over_the_air(
    *, fs: float, ppm: float, n: int = 10, interval_s: float = 0.03, minutes: float = 30.0, seed: int = 0
) -> np.ndarray:
    """Packets that wait for a connection event, 1 % of them lost, half of these in runs; with stalls."""
    rng = np.random.default_rng(seed)
    end = np.arange(n, int(minutes * 60 * fs), n)
    ready = START_S + (end - 1) / (fs * (1 + ppm * 1e-6))
    begin = rng.uniform(0, interval_s)
    event = np.ceil((ready - begin) / interval_s) + (rng.random(len(end)) < 0.02)
    came = begin + event * interval_s + 0.001 + rng.exponential(0.0004, len(end))
    for stall in rng.uniform(0, minutes * 60, 10):
        held = (came > stall) & (came < stall + rng.uniform(0.2, 5.0))
        came[held] = came[held].max(initial=0.0)
    keep = rng.random(len(end)) >= 0.005
    for first in rng.integers(0, len(end), len(end) // 10_000):
        keep[first : first + 50] = False
    return np.column_stack([end, np.maximum.accumulate(came)])[keep]


@pytest.mark.parametrize(
    ("models", "bar_s"),
    [
        (((500.0, 10, 0.03), (500.0, 10, 0.03)), 0.003),
        (((500.0, 10, 0.015), (1116.0, 24, 0.03)), 0.003),
        (((200.0, 2, 0.045), (1116.0, 24, 0.0225)), 0.003),
        (((500.0, 10, 0.02), (1116.0, 24, 0.03)), 0.005),  # packets in step with the connection events
    ],
)
def test_over_connection_events_sensors_agree_after_half_an_hour(
    models: tuple[tuple[float, int, float], ...], bar_s: float
) -> None:
    """Delays beat slowly with the connection events: a line through earliest arrivals is not enough."""
    told = []
    for seed, ((fs, n, interval_s), ppm) in enumerate(zip(models, (50.0, -50.0), strict=True)):
        arrivals = over_the_air(fs=fs, ppm=ppm, n=n, interval_s=interval_s, seed=seed)
        knots = knots_of(arrivals, fs=fs)
        rate = fs * (1 + ppm * 1e-6)
        index = np.arange(25 * 60, 30 * 60 - 10, 0.25) * rate
        told.append(interpolate(index, knots[:, 0], knots[:, 1]) - START_S - index / rate)
    assert np.percentile(np.abs(told[0] - told[1]), 95) < bar_s
    assert np.percentile(np.abs(told), 95) < bar_s + 0.002


@settings(max_examples=10)
@given(shift=st.integers(-(2**20), 2**20), seed=st.integers(0, 3))
def test_a_constant_added_to_all_arrivals_shifts_all_times_by_it(shift: int, seed: int) -> None:
    arrivals = over_the_air(fs=500.0, ppm=30.0, minutes=1.0, seed=seed)
    arrivals[:, 1] = np.round(arrivals[:, 1] * 2**20) / 2**20  # so that the sum is exact
    moved = arrivals + np.array([0.0, float(shift)])
    one, other = knots_of(arrivals, fs=500.0), knots_of(moved, fs=500.0)
    np.testing.assert_array_equal(one[:, 0], other[:, 0])
    np.testing.assert_allclose(other[:, 1], one[:, 1] + shift, rtol=0, atol=1e-6)


@settings(max_examples=20)
@given(
    seed=st.integers(0, 2**16),
    delay_s=st.floats(0.0, 3.0),
    part=st.floats(0.0, 0.4),
)
def test_delaying_many_of_the_notifications_moves_no_time_by_much(
    seed: int, delay_s: float, part: float
) -> None:
    arrivals = notifications(fs=500.0, true_fs=500.0, minutes=1)
    rng = np.random.default_rng(seed)
    delayed = arrivals.copy()
    delayed[rng.random(len(arrivals)) < part, 1] += rng.uniform(0, delay_s)
    one, other = knots_of(arrivals, fs=500.0), knots_of(delayed, fs=500.0)
    assert np.abs(one[15:, 1] - other[15:, 1]).max() < 0.006


@pytest.mark.parametrize("jump_s", [-0.3, -0.06, 0.06, 0.3])
def test_an_index_that_was_only_estimated_after_a_gap_is_taken_up_within_seconds(jump_s: float) -> None:
    """A sensor that counts anew after a lost link: the host can only estimate how far its index went on."""
    arrivals = notifications(fs=500.0, true_fs=500.0, minutes=4)
    arrivals = arrivals[(arrivals[:, 0] < 60_000) | (arrivals[:, 0] > 65_000)]
    arrivals[arrivals[:, 0] > 65_000, 1] += jump_s
    told = errors(knots_of(arrivals, fs=500.0), true_fs=500.0, after_s=137, upto=arrivals[-1, 0])
    assert np.abs(told - jump_s).max() < 0.006


@pytest.mark.parametrize("jump_s", [-0.1, 0.1])
def test_a_jump_without_a_gap_is_taken_up_within_half_a_minute(jump_s: float) -> None:
    arrivals = notifications(fs=500.0, true_fs=500.0, minutes=4)
    arrivals[arrivals[:, 0] > 60_000, 1] += jump_s
    told = errors(knots_of(arrivals, fs=500.0), true_fs=500.0, after_s=150, upto=arrivals[-1, 0])
    assert np.abs(told - jump_s).max() < 0.006


def test_what_the_arrivals_leave_open_is_said() -> None:
    """Packets in step with the connection events hide how late they are; packets out of step do not."""
    end = np.arange(10, 60_001, 10)
    sent = START_S + (end - 1) / 500
    spread = np.column_stack([end, np.ceil(sent / 0.0273) * 0.0273])
    in_step = np.column_stack([end, np.ceil(sent / 0.03) * 0.03])
    known = fit_clock(spread, fs=500, first_index=0, end_index=60_000)[1]
    hidden = fit_clock(in_step, fs=500, first_index=0, end_index=60_000)[1]
    assert known.unknown_s < 0.002
    assert 0.004 < hidden.unknown_s < 0.006
