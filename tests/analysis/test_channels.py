"""A sensor's stream: gaps restart it, forgetting leaves what is needed, quality comes second by second."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis import Settings
from emgsmr.analysis.channels import SensorStream
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
    assert stream.read(1700, 1800) is None
    assert stream.read(500, 900) is None
    assert sum(len(segment.x) for segment in stream.segments) == 3000 - 1750
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
    assert [(first, n) for first, n, _ in stream.seconds] == [
        (130, 370), (500, 500), (1000, 230), (2000, 500), (2500, 300),
    ]  # fmt: skip
    for first, n, measures in stream.seconds:
        here = x[first - 130 : first - 130 + n] if first < 2000 else x[first - 900 : first - 900 + n]
        expected = np.std(np.round(here[:, [0, 2]] / 0.01), axis=0)
        np.testing.assert_allclose(measures.sd_counts[0], expected, rtol=1e-9)


def test_an_instant_says_nothing_about_quality(make: SimpleNamespace, x: np.ndarray) -> None:
    stream = stream_of(make)
    stream.feed(make.block(x[:30], 0))
    stream.finish()
    assert stream.seconds == []


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
