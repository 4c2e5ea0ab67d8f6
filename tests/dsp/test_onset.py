"""Begin and end of a burst: against a slow loop, closed forms, simulated truth, and input without one."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from emgsmr.dsp import BurstEdges, double_threshold_edges, likelihood_edges
from emgsmr.dsp.onset import EMG_BANDWIDTH_HZ, NOISE_FREEDOM, WINDOW_FALSE_ALARM, pair_threshold

FS = 1000.0
METHODS = [likelihood_edges, double_threshold_edges]
both = pytest.mark.parametrize("find", METHODS)
Finder = Callable[..., BurstEdges]


def bursts(
    n_channels: int, *, snr_db: float, on: float = 0.4, off: float = 0.7, fs: float = FS, seed: int = 0
) -> np.ndarray:
    """A second of white noise of unit power, louder from ``on`` to ``off`` (s)."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(fs)) / fs
    level = np.where((t >= on) & (t < off), np.sqrt(1 + 10 ** (snr_db / 10)), 1.0)
    return np.asarray(level[:, np.newaxis] * rng.normal(size=(len(t), n_channels)))


def found(
    find: Finder,
    x: np.ndarray,
    *,
    fs: float = FS,
    noise: float | np.ndarray = 1.0,
    limits: tuple[int, int] | None = None,
) -> BurstEdges:
    start, stop = limits or (0, len(x))
    n = x.shape[1]
    return find(
        x,
        fs=fs,
        noise_power=np.broadcast_to(noise, n),
        peak_within=(int(0.35 * len(x)), int(0.75 * len(x))),
        limits=np.array([[start] * n, [stop] * n]),
    )


def slow_likelihood(x: np.ndarray, noise: float) -> tuple[float, float]:
    """Staude's rule in plain loops at 1 kHz: windows of 30 ms every 5 ms, pauses under 50 ms, the change."""
    window, hop, pause = 30, 5, 50
    limit = stats.f.ppf(1 - WINDOW_FALSE_ALARM, 2 * EMG_BANDWIDTH_HZ * window / FS, NOISE_FREEDOM)
    starts = range(0, len(x) - window + 1, hop)
    power = {k: float(np.mean(x[k : k + window] ** 2)) / noise for k in starts}
    active = [k for k in starts if power[k] > limit]
    peak = max((k for k in active if 335 <= k <= 735), key=lambda k: power[k])
    first = last = peak
    for k in reversed([k for k in active if k < peak]):
        if first - hop + window - (k + hop) >= pause:  # silent windows in between, from begin to end
            break
        first = k
    for k in [k for k in active if k > peak]:
        if k - hop + window - (last + hop) >= pause:
            break
        last = k

    def gain(part: np.ndarray) -> float:
        ratio = max(float(np.mean(part**2)) / noise, 1.0)
        return len(part) * (ratio - 1 - np.log(ratio))

    alarm = first + window
    on = max(range(max(alarm - 2 * window, 0), alarm - 1), key=lambda k: gain(x[k:alarm]))
    off = max(range(last + 2, min(last + 2 * window, len(x)) + 1), key=lambda k: gain(x[last:k]))
    return float(on), float(off)


@pytest.mark.parametrize("snr_db", [6, 12, 20, 30])
def test_likelihood_is_what_a_slow_loop_finds(snr_db: float) -> None:
    x = bursts(30, snr_db=snr_db)
    got = found(likelihood_edges, x)
    slow = np.array([slow_likelihood(x[:, k], 1.0) for k in range(x.shape[1])])
    np.testing.assert_array_equal(got.on, slow[:, 0])
    np.testing.assert_array_equal(got.off, slow[:, 1])


@pytest.mark.parametrize(
    ("find", "snr_db", "bias_ms", "sd_ms"),
    [
        (likelihood_edges, 10, 2, 8),
        (likelihood_edges, 15, 2, 4),
        (likelihood_edges, 20, 2, 3),
        (likelihood_edges, 30, 2, 2),
        (double_threshold_edges, 10, 5, 15),
        (double_threshold_edges, 20, 5, 15),
        (double_threshold_edges, 30, 5, 15),
    ],
)
def test_a_step_is_found_where_it_is(find: Finder, snr_db: float, bias_ms: float, sd_ms: float) -> None:
    """Bonato reports a bias under 10 and an SD under 15 ms for 8 dB and more."""
    got = found(find, bursts(200, snr_db=snr_db))
    for edge, truth, name in ((got.on, 400, "on"), (got.off, 700, "off")):
        assert np.isfinite(edge).mean() > 0.97
        error = edge[np.isfinite(edge)] - truth
        assert abs(np.median(error)) <= bias_ms, name
        assert np.std(error) <= sd_ms, name


@both
@pytest.mark.parametrize("fs", [200.0, 500.0, 1000.0, 1116.0, 2000.0, 4000.0])
def test_every_rate_gives_the_same_time(find: Finder, fs: float) -> None:
    got = found(find, bursts(60, snr_db=20, fs=fs), fs=fs)
    assert np.nanmedian(got.on) / fs == pytest.approx(0.4, abs=0.002 + 2 / fs)
    assert np.nanmedian(got.off) / fs == pytest.approx(0.7, abs=0.002 + 2 / fs)


@pytest.mark.parametrize(("pairs", "needed", "chance"), [(5, 1, 0.05), (5, 2, 0.01), (10, 3, 0.001)])
def test_the_double_threshold_alarms_in_noise_as_often_as_it_says(
    pairs: int, needed: int, chance: float
) -> None:
    threshold = pair_threshold(pairs=pairs, needed=needed, false_alarm=chance)
    z = np.sum(np.random.default_rng(3).normal(size=(400_000, pairs, 2)) ** 2, axis=2)
    alarms = np.mean(np.sum(z > threshold, axis=1) >= needed)
    assert alarms == pytest.approx(chance, rel=0.1)


@both
def test_noise_alone_is_rarely_a_burst(find: Finder) -> None:
    got = found(find, np.random.default_rng(5).normal(size=(1000, 300)))
    longer = (got.off - got.on) > 30  # what a stride would claim
    assert np.mean(longer) < 0.05


@both
def test_a_burst_up_to_the_limit_has_no_edge_there(find: Finder) -> None:
    x = bursts(20, snr_db=25)
    early, late = found(find, x, limits=(450, 1000)), found(find, x, limits=(0, 650))
    assert np.isnan(early.on).all()
    assert np.isfinite(early.off).all()
    assert np.isfinite(late.on).all()
    assert np.isnan(late.off).all()
    inside = found(find, x, limits=(500, 600))
    assert np.isnan(inside.on).all()
    assert np.isnan(inside.off).all()


@both
def test_a_second_burst_after_a_pause_is_not_part_of_the_first(find: Finder) -> None:
    x = bursts(40, snr_db=25)
    x[800:880] *= 8
    x[200:280] *= 8
    got = found(find, x)
    assert np.median(got.on) == pytest.approx(400, abs=3)
    assert np.median(got.off) == pytest.approx(700, abs=3)


@both
def test_channels_do_not_know_of_each_other(find: Finder) -> None:
    x = bursts(5, snr_db=15)
    together = found(find, x)
    for k in range(5):
        alone = found(find, np.ascontiguousarray(x[:, [k]]))
        assert (together.on[k], together.off[k]) == (alone.on[0], alone.off[0])


@both
@settings(max_examples=25)
@given(exponent=st.integers(-20, 20), seed=st.integers(0, 50))
def test_gain_cancels(find: Finder, exponent: int, seed: int) -> None:
    x = bursts(2, snr_db=12, seed=seed)
    plain, louder = found(find, x), found(find, x * 2.0**exponent, noise=4.0**exponent)
    np.testing.assert_array_equal(plain.on, louder.on)
    np.testing.assert_array_equal(plain.off, louder.off)


@both
@settings(max_examples=25)
@given(hops=st.integers(1, 20), seed=st.integers(0, 50))
def test_a_burst_that_comes_later_is_found_as_much_later(find: Finder, hops: int, seed: int) -> None:
    x = np.round(bursts(2, snr_db=15, seed=seed) * 64)  # whole numbers: sums are exact wherever they begin
    shift = 10 * hops
    later = np.concatenate([np.zeros((shift, 2)), x])
    at = {"fs": FS, "noise_power": np.full(2, 4096.0)}
    plain = find(x, peak_within=(350, 750), limits=np.array([[0, 0], [1000, 1000]]), **at)
    moved = find(
        later,
        peak_within=(350 + shift, 750 + shift),
        limits=np.array([[0, 0], [1000, 1000]]) + shift,
        **at,
    )
    np.testing.assert_array_equal(plain.on + shift, moved.on)
    np.testing.assert_array_equal(plain.off + shift, moved.off)


@both
def test_backward_in_time_the_end_is_the_beginning(find: Finder) -> None:
    x = bursts(100, snr_db=20)
    forward, backward = found(find, x), found(find, x[::-1].copy())
    assert np.median(forward.on) == pytest.approx(len(x) - np.median(backward.off), abs=3)


@both
@pytest.mark.parametrize(
    "x",
    [
        np.zeros((1000, 2)),
        np.full((1000, 2), 3.0),
        np.full((1000, 2), np.nan),
        np.full((1000, 2), np.inf),
        np.full((1000, 2), 1e300),
        np.where(np.arange(2000).reshape(1000, 2) % 4 < 2, 5000.0, -5000.0),
        np.zeros((0, 2)),
        np.zeros((1, 2)),
        np.ones((29, 2)),
    ],
    ids=["zero", "constant", "nan", "inf", "huge", "saturated", "empty", "one sample", "short"],
)
def test_what_holds_no_burst_gives_no_edges(find: Finder, x: np.ndarray) -> None:
    with np.errstate(all="ignore"):
        got = found(find, x)
    assert np.isnan(got.on).all()
    assert np.isnan(got.off).all()


@both
@pytest.mark.parametrize("noise", [0.0, np.nan, np.inf])
def test_without_a_noise_power_nothing_is_said(find: Finder, noise: float) -> None:
    x = bursts(3, snr_db=20)
    got = found(find, x, noise=np.array([noise, 1.0, noise]))
    np.testing.assert_array_equal(np.isnan(got.on), [True, False, True])
    np.testing.assert_array_equal(np.isnan(got.off), [True, False, True])


@both
def test_a_missing_sample_spoils_only_its_channel(find: Finder) -> None:
    x = bursts(3, snr_db=20)
    x[500, 1] = np.nan
    got = found(find, x)
    assert np.isfinite(got.on[[0, 2]]).all()
    assert np.isnan(got.on[1]) or got.on[1] < 500


@both
def test_arguments_are_not_changed(find: Finder) -> None:
    x = bursts(2, snr_db=20)
    before = x.copy()
    found(find, x)
    np.testing.assert_array_equal(x, before)
