from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.gui.review.overview import (
    MOST_BINS,
    Pyramid,
    bin_for,
    overview_parts,
    reduced,
    spread_order,
)
from emgsmr.gui.review.signal import TILE, Signal
from emgsmr.recording import Recording, SampleBlock


def slow_bins(values, size):
    """Least and greatest of each bin, sample by sample."""
    low = np.full((-(-len(values) // size), values.shape[1]), np.nan)
    high = low.copy()
    for index, row in enumerate(values):
        for column, value in enumerate(row):
            if not np.isnan(value):
                place = index // size, column
                low[place] = value if np.isnan(low[place]) else min(low[place], value)
                high[place] = value if np.isnan(high[place]) else max(high[place], value)
    return low, high


@given(
    st.integers(1, 1500),
    st.integers(1, 3),
    st.lists(st.integers(0, 1500), max_size=8),
    st.lists(st.tuples(st.integers(0, 1500), st.integers(1, 300)), max_size=4),
    st.randoms(use_true_random=False),
)
def test_a_pyramid_is_what_a_slow_loop_finds_whatever_the_cut(n, channels, cuts, gaps, order):
    values = np.random.default_rng(n).normal(size=(n, channels)).astype(np.float32)
    for first, length in gaps:
        values[first : first + length] = np.nan
    pyramid = Pyramid(n, channels)
    edges = [0, *sorted({cut for cut in cuts if 0 < cut < n}), n]
    parts = [(first, values[first:stop]) for first, stop in pairwise(edges)]
    order.shuffle(parts)
    for first, part in parts:
        pyramid.add(part, first)
    for size, most in ((64, 10**9), (pyramid.sizes[-1], 1)):
        found_size, number, low, high = pyramid.bins(0, n, most=most)
        assert (found_size, number) == (size, 0)
        slow = slow_bins(values, size)
        np.testing.assert_array_equal(low, slow[0])
        np.testing.assert_array_equal(high, slow[1])


@given(st.integers(0, 300), st.integers(0, 200), st.sampled_from([1, 2, 8, 64]))
def test_bins_are_counted_from_sample_0(first, n, size):
    values = np.arange(n, dtype=float)[:, None]
    number, low, high = reduced(values, first, size)
    whole = np.full((first + n, 1), np.nan)
    whole[first:] = values
    slow = slow_bins(whole, size)
    np.testing.assert_array_equal(low, slow[0][number:])
    np.testing.assert_array_equal(high, slow[1][number:])


def test_coarse_levels_agree_with_the_samples():
    values = np.random.default_rng(1).normal(size=(300_000, 1)).astype(np.float32)
    pyramid = Pyramid(300_000, 1)
    for first in range(0, 300_000, 12_345):
        pyramid.add(values[first : first + 12_345], first)
    assert pyramid.sizes == [64, 512, 4096]
    for most, size in ((10_000, 64), (1000, 512), (100, 4096), (1, 4096)):
        found, number, low, high = pyramid.bins(100_000, 200_000, most=most)
        assert found == size
        inside = values[number * size : (number + len(low)) * size]
        np.testing.assert_array_equal(low[:, 0], reduced(inside, 0, size)[1][:, 0])
        assert high.max() == inside.max()


def test_what_lies_beyond_the_end_is_left_out():
    pyramid = Pyramid(100, 1)
    pyramid.add(np.ones((100, 1)), 90)
    pyramid.add(np.ones((10, 1)), 500)
    pyramid.put(50, np.ones((1, 1)), np.ones((1, 1)))
    assert np.isnan(pyramid.bins(0, 64, most=9)[2]).all()
    assert pyramid.bins(64, 100, most=9)[3].tolist() == [[1.0]]


@pytest.mark.parametrize(("hours", "channels"), [(1, 8), (24, 8), (24 * 300, 1), (1, 1024)])
def test_memory_is_bounded(hours, channels):
    size = bin_for(hours * 3_600_000, channels)
    assert size & (size - 1) == 0
    assert -(-hours * 3_600_000 // size) * channels <= MOST_BINS


@pytest.mark.parametrize("n", [0, 1, 2, 5, 8, 100])
def test_all_places_come_once_and_the_first_are_spread(n):
    order = list(spread_order(n))
    assert sorted(order) == list(range(n))
    if n == 100:
        assert max(np.diff(sorted(order[:16]))) <= 16


@pytest.mark.parametrize("filtered", [False, True])
def test_the_overview_of_a_file_is_that_of_its_tiles(make, filtered):
    with Recording(make(seconds=45.0, gaps=((5000, 9000), (30_000, 30_020)))) as recording:
        signal = Signal(recording)
        shares, pyramid = [], Pyramid(signal.sensors[1].n_samples, 1)
        for share, parts in overview_parts(signal):
            shares.append(share)
            for sensor, kind, first, low, high in parts:
                if (sensor, kind) == (1, filtered):
                    pyramid.put(first, low, high)
        assert shares == sorted(shares)
        assert shares[-1] == 1.0
        tiles = [signal.tile(1, number, filtered=filtered) for number in range(-(-45_000 // TILE))]
        slow = slow_bins(np.concatenate(tiles)[:45_000], 64)
        _, _, low, high = pyramid.bins(0, 45_000, most=10**6)
        np.testing.assert_array_equal(low, slow[0])
        np.testing.assert_array_equal(high, slow[1])
        assert np.isnan(low[80:140]).all()


def test_tiles_are_the_samples_of_the_file(make):
    path = make(seconds=9.0, gaps=((5000, 6000),))
    with Recording(path) as recording:
        signal = Signal(recording)
        tiles = np.concatenate([signal.tile(1, number, filtered=False) for number in range(3)])[:9000]
        blocks = [block for block in recording.pieces(1) if block.n]
    slow = np.full((9000, 1), np.nan, dtype=np.float32)
    for block in blocks:
        assert isinstance(block, SampleBlock)
        slow[block.first_index : block.end_index] = block.counts * 0.5
    np.testing.assert_array_equal(tiles, slow)
