"""The ring behind the traces: what is in it, where gaps are, and when it is."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr import dsp
from emgsmr.gui.trace_buffer import BAND_HZ, STEP_S, WATCHED_S, TraceBuffer
from emgsmr.recording import SampleBlock, SensorInfo


def info(fs=1000.0, channels=1, scale=0.5):
    return SensorInfo(1, "umyo", "", "s", "", fs, channels, "<i4", scale, "known")


def fed(blocks, *, seconds=2.0, **more):
    buffer = TraceBuffer(info(**more), seconds=seconds)
    for block in blocks:
        buffer.take(block)
    return buffer


@pytest.fixture
def counts(rng):
    return rng.integers(-1000, 1000, (5000, 2)).astype(np.int32)


def each_sample(buffer, begin, end):
    """One column per sample: what the ring holds."""
    low, high = buffer.columns(np.arange(begin, end + 1) / buffer.fs)
    np.testing.assert_array_equal(low, high)
    return low


def test_holds_the_newest_seconds_filtered(counts):
    buffer = fed([SampleBlock(1, 0, counts)], channels=2)
    sos = dsp.design_bandpass(low_hz=BAND_HZ[0], high_hz=450, fs=1000)
    wanted, _ = dsp.bandpass(counts * 0.5, sos=sos)
    np.testing.assert_array_equal(each_sample(buffer, 3000, 5000), wanted[3000:].astype(np.float32))
    assert np.isnan(each_sample(buffer, 2900, 3000)).all()


@pytest.mark.parametrize("cuts", [[1], [7, 8, 2500], list(range(100, 5000, 100)), [4999]])
def test_the_cut_of_the_stream_does_not_matter(counts, cuts):
    parts = np.split(counts, cuts)
    starts = [0, *cuts]
    cut = fed([SampleBlock(1, at, part) for at, part in zip(starts, parts, strict=True)], channels=2)
    whole = fed([SampleBlock(1, 0, counts)], channels=2)
    np.testing.assert_array_equal(each_sample(cut, 3000, 5000), each_sample(whole, 3000, 5000))


def test_a_gap_stays_a_gap(counts):
    buffer = fed([SampleBlock(1, 0, counts[:500, :1]), SampleBlock(1, 800, counts[800:1200, :1])])
    rows = each_sample(buffer, 0, 1200)[:, 0]
    assert np.flatnonzero(np.isnan(rows)).tolist() == list(range(500, 800))


def test_a_gap_longer_than_the_ring_empties_it(counts):
    buffer = fed([SampleBlock(1, 0, counts[:, :1]), SampleBlock(1, 10**9, counts[:10, :1])])
    rows = each_sample(buffer, 10**9 - 1990, 10**9 + 10)[:, 0]
    assert np.isnan(rows[:-10]).all()
    assert np.isfinite(rows[-10:]).all()


def test_what_was_told_already_and_empty_blocks_change_nothing(counts):
    blocks = [SampleBlock(1, 0, counts[:500, :1]), SampleBlock(1, 500, counts[:0, :1])]
    again = [*blocks, SampleBlock(1, 100, counts[100:200, :1])]
    np.testing.assert_array_equal(each_sample(fed(again), 0, 500), each_sample(fed(blocks), 0, 500))


@pytest.mark.parametrize("n_columns", [1, 7, 333, 2000])
def test_columns_hold_the_extremes_of_their_samples(counts, n_columns):
    buffer = fed([SampleBlock(1, 0, counts)], channels=2)
    edges = np.linspace(3.0, 5.0, n_columns + 1)
    low, high = buffer.columns(edges)
    rows = each_sample(buffer, 3000, 5000)
    index = np.ceil(edges * 1000 - 1e-6).astype(int) - 3000
    for k in range(n_columns):
        part = rows[index[k] : index[k + 1]]
        np.testing.assert_array_equal(low[k], part.min(axis=0))
        np.testing.assert_array_equal(high[k], part.max(axis=0))


def test_more_columns_than_samples_leave_the_others_empty(counts):
    low, high = fed([SampleBlock(1, 0, counts[:, :1])]).columns(np.linspace(4.9, 5.0, 401))
    assert np.isfinite(low).sum() == np.isfinite(high).sum() == 100


def test_columns_with_a_missing_sample_are_missing(counts):
    buffer = fed([SampleBlock(1, 0, counts[:505, :1]), SampleBlock(1, 506, counts[506:1000, :1])])
    low, _ = buffer.columns(np.linspace(0, 1, 101))
    assert np.flatnonzero(np.isnan(low[:, 0])).tolist() == [50]


def test_an_empty_buffer_has_nothing_to_draw():
    low, high = fed([]).columns(np.linspace(0, 1, 11))
    assert np.isnan(low).all()
    assert np.isnan(high).all()


def arrivals(at, *, delay_s=0.0, offset_s=100.0, fs=1000.0):
    return np.array([[at, round((offset_s + at / fs + delay_s) * 1e9)]])


def blocks_with(delays, *, n=20, jump_s=0.0, jump_at=10**9):
    zeros = np.zeros((n, 1), np.int32)
    for k, delay in enumerate(delays):
        end = (k + 1) * n
        late = jump_s if end > jump_at else 0.0
        yield SampleBlock(1, k * n, zeros, arrivals(end, delay_s=delay + late))


def test_stands_on_the_hosts_clock_as_soon_as_something_arrived():
    buffer = fed(blocks_with([0.0]))
    assert buffer.end_s == pytest.approx(100.02)


def test_late_notifications_do_not_move_the_picture(rng):
    buffer = TraceBuffer(info(), seconds=2.0)
    offsets = set()
    for block in blocks_with([0.0, *rng.exponential(0.03, 2000)]):
        buffer.take(block)
        offsets.add(round(buffer.end_s - buffer.end_index / buffer.fs, 6))
    assert len(offsets) == 1


def test_a_clock_that_really_moved_is_followed():
    n = round(3 * WATCHED_S * 1000 / 20)
    buffer = fed(blocks_with([0.0] * n, jump_s=3 * STEP_S, jump_at=round(WATCHED_S * 1000)))
    assert buffer.end_s - buffer.end_index / 1000 == pytest.approx(100 + 3 * STEP_S)


def test_says_its_filter():
    assert TraceBuffer(info(), seconds=1).band_hz == (30, 450)
    assert TraceBuffer(info(fs=500.0), seconds=1).band_hz == (30, 225)
    assert TraceBuffer(info(fs=25.0), seconds=1).band_hz is None


def test_memory_is_that_of_its_seconds(counts):
    buffer = TraceBuffer(info(), seconds=10)
    before = buffer.n_bytes
    for k in range(50):
        buffer.take(SampleBlock(1, k * 5000, counts[:, :1]))
    assert buffer.n_bytes == before == 10_000 * 4


def test_a_sensor_too_slow_for_the_band_is_shown_as_it_is(counts):
    buffer = fed([SampleBlock(1, 0, counts[:50, :1])], fs=50.0)
    np.testing.assert_array_equal(each_sample(buffer, 0, 50)[:, 0], (counts[:50, 0] * 0.5).astype(np.float32))
