"""A sensor's stream: gaps restart it, forgetting leaves what is needed, quality comes second by second."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis import Settings
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.seconds import Second
from emgsmr.analysis.timeline import ExactTimeline

FS = 500.0


def stream_of(make: SimpleNamespace, columns: tuple[int, ...] = (0, 2)) -> SensorStream:
    return SensorStream(make.sensor(1, 3, fs=FS), list(columns), ExactTimeline(FS), Settings())


@pytest.fixture
def x(rng: np.random.Generator) -> np.ndarray:
    return rng.normal(200, 60, (3000, 3))


def test_placed_channels_are_filtered_and_no_other(make: SimpleNamespace, x: np.ndarray) -> None:
    stream = stream_of(make)
    stream.feed(make.block(x))
    got = stream.read(1000, 2000)
    assert got is not None
    assert got.shape == (1000, 2)
    for column, channel in enumerate((0, 2)):
        alone = stream_of(make, (channel,))
        alone.feed(make.block(x))
        np.testing.assert_array_equal(alone.read(1000, 2000)[:, 0], got[:, column])  # type: ignore[index]


def test_after_a_gap_it_is_as_if_the_sensor_had_just_started(make: SimpleNamespace, x: np.ndarray) -> None:
    stream = stream_of(make)
    stream.feed(make.block(x[:1200], 0))
    stream.feed(make.block(x[1300:], 1300))
    assert stream.gaps == [(1200, 1300)]
    fresh = stream_of(make)
    fresh.feed(make.block(x[1300:], 1300))
    settled = 1300 + stream.settle
    np.testing.assert_array_equal(stream.read(settled, 3000), fresh.read(settled, 3000))
    assert stream.read(settled - 1, 2000) is None  # still settling
    assert stream.read(1100, 1400) is None  # holds the gap
    assert stream.read(stream.settle, 1200) is not None


def test_a_block_that_comes_twice_or_overlaps_counts_once(make: SimpleNamespace, x: np.ndarray) -> None:
    once, twice = stream_of(make), stream_of(make)
    once.feed(make.block(x))
    for first, stop in [(0, 1000), (500, 1000), (900, 1500), (0, 10), (1500, 3000)]:
        twice.feed(make.block(x[first:stop], first))
    np.testing.assert_array_equal(once.read(500, 3000), twice.read(500, 3000))
    assert twice.gaps == []
    assert len(twice.seconds) == len(once.seconds)


def test_forgetting_keeps_what_lies_after(make: SimpleNamespace, x: np.ndarray) -> None:
    stream = stream_of(make)
    stream.feed(make.block(x[:1200], 0))
    stream.feed(make.block(x[1300:], 1300))
    kept = stream.read(1800, 3000)
    stream.forget(1750)
    np.testing.assert_array_equal(stream.read(1800, 3000), kept)
    assert stream.read(1400, 1800) is None  # whole seconds are forgotten
    assert stream.read(500, 900) is None
    assert sum(len(segment.x) for segment in stream.segments) == 3000 - 1500
    more = np.random.default_rng(1).normal(200, 60, (500, 3))
    stream.feed(make.block(more, 3000))
    whole = stream_of(make)
    whole.feed(make.block(np.concatenate([x[1300:], more]), 1300))
    np.testing.assert_array_equal(stream.read(2500, 3500), whole.read(2500, 3500))


def test_forgetting_everything_goes_on(make: SimpleNamespace, x: np.ndarray) -> None:
    stream = stream_of(make)
    stream.feed(make.block(x[:1000]))
    stream.forget(10**9)
    stream.feed(make.block(x[1000:], 1000))
    assert stream.gaps == []
    assert stream.read(1000, 3000) is not None


def test_seconds_lie_on_the_grid_of_the_index(make: SimpleNamespace, x: np.ndarray) -> None:
    stream = stream_of(make)
    stream.feed(make.block(x[:1100], 130))  # 370 of a second, one whole, 230 of the next
    stream.feed(make.block(x[1100:1900], 2000))
    stream.finish()
    assert [(second.first_index, second.n) for second in stream.seconds] == [
        (130, 370), (500, 500), (1000, 230), (2000, 500), (2500, 300),
    ]  # fmt: skip
    assert all(verdict.state == "good" for second in stream.seconds for verdict in second.verdicts)


def test_an_instant_says_nothing_about_quality(make: SimpleNamespace, x: np.ndarray) -> None:
    stream = stream_of(make)
    stream.feed(make.block(x[:30], 0))
    stream.finish()
    assert list(stream.seconds) == []


def test_without_samples_nothing_is_known(make: SimpleNamespace, x: np.ndarray) -> None:
    stream = stream_of(make)
    assert stream.measured_s == float("-inf")
    stream.feed(make.block(x[:0], 0))
    assert stream.first_index is None
    stream.finish()
    assert stream.read(0, 1) is None


def test_what_is_measured_lags_by_the_second_that_has_begun(make: SimpleNamespace, x: np.ndarray) -> None:
    stream = stream_of(make)
    stream.feed(make.block(x[:1234]))
    assert stream.measured_index == 1000
    assert stream.measured_s == 2.0


def seconds_of(make: SimpleNamespace, x_uv: np.ndarray, settings: Settings | None = None) -> list[Second]:
    n_channels = x_uv.shape[1]
    stream = SensorStream(
        make.sensor(1, n_channels, fs=FS), list(range(n_channels)), ExactTimeline(FS), settings or Settings()
    )
    stream.feed(make.block(x_uv))
    stream.finish()
    return stream.seconds


def test_the_power_of_a_second_is_that_of_the_filtered_signal(make: SimpleNamespace) -> None:
    """A tone of 80 Hz passes the band-pass whole: half its squared amplitude."""
    amplitude = np.array([10.0, 30.0])
    t = np.arange(2600)[:, np.newaxis] / FS
    seconds = seconds_of(make, amplitude * np.sin(2 * np.pi * 80 * t) + 500)
    for second in seconds:  # that with the start-up, too: only the settled part of it counts
        np.testing.assert_allclose(second.power, np.square(amplitude) / 2, rtol=3e-3)
    assert np.isnan(seconds_of(make, np.ones((55, 1)))[0].power).all()  # nothing but start-up


def test_the_peak_is_the_best_half_second_that_ends_in_the_second(make: SimpleNamespace) -> None:
    """A tone that is louder for 0.5 s, across the seam of two seconds."""
    t = np.arange(3000) / FS
    level = np.where((t >= 2.7) & (t < 3.2), 40.0, 4.0)
    seconds = seconds_of(make, (level * np.sin(2 * np.pi * 80 * t))[:, np.newaxis])
    peak = [float(second.peak_power[0]) for second in seconds]
    assert peak[3] == pytest.approx(40**2 / 2, rel=0.02)
    assert peak[2] == pytest.approx(0.6 * 40**2 / 2, rel=0.02)  # 0.3 s of the window that ends at 3.0 s
    assert peak[4] == pytest.approx(4**2 / 2, rel=0.02)
    assert seconds[2].power[0] == pytest.approx(0.3 * 40**2 / 2 + 0.7 * 4**2 / 2, rel=0.03)


def test_no_peak_reaches_across_a_gap_or_into_the_start(make: SimpleNamespace) -> None:
    stream, fresh = stream_of(make, (0,)), stream_of(make, (0,))
    loud = 100 * np.random.default_rng(3).normal(size=(1500, 3))
    stream.feed(make.block(loud[:300], 0))
    stream.feed(make.block(loud[310:], 310))
    fresh.feed(make.block(loud[310:], 310))
    peaks = {second.first_index: float(second.peak_power[0]) for second in stream.seconds}
    assert stream.settle > 50  # 0.1 s: too little is left of each of the first two
    assert np.isnan(peaks[0])
    assert np.isnan(peaks[310])
    assert peaks[500] == fresh.seconds[1].peak_power[0]
    assert np.isfinite(peaks[1000])


def test_mains_are_removed_where_they_are(make: SimpleNamespace) -> None:
    rng = np.random.default_rng(4)
    t = np.arange(5000)[:, np.newaxis] / FS
    emg = rng.normal(size=(5000, 2)) * (2 + 60 * np.exp(6 * (np.cos(2 * np.pi * t / 0.7) - 1)))
    hum = np.array([30.0, 0.0]) * np.sin(2 * np.pi * 49.95 * t) * ((t >= 3) & (t < 7))
    clean, cleaned = seconds_of(make, emg), seconds_of(make, emg + hum)
    for second, (before, after) in enumerate(zip(clean, cleaned, strict=True)):
        removed = after.mains_removed_db
        assert np.isfinite(removed[0]) == (3 <= second < 7)
        assert np.isnan(removed[1])
        assert after.power[1] == before.power[1]
        assert after.power[0] == pytest.approx(before.power[0], rel=0.02)
        if 3 <= second < 7:
            assert removed[0] == pytest.approx(10 * np.log10(30**2 / 2 / before.power[0]), abs=0.5)
    left = seconds_of(make, emg + hum, Settings(remove_mains=False))
    assert np.isnan([second.mains_removed_db for second in left]).all()
    assert left[4].power[0] > clean[4].power[0] + 0.5 * 30**2 / 2
