"""Traces as pixels."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.gui.trace_image import GAP, PAPER, TRACE, ZERO, draw_trace, nice_scale


def drawn(low, high, *, height=21, scale=10.0):
    image = np.full((height, len(low)), PAPER, np.uint8)
    draw_trace(image, np.array(low, float), np.array(high, float), scale)
    return image


def rows_of(image, column):
    return np.flatnonzero(image[:, column] == TRACE).tolist()


def test_a_column_goes_from_its_lowest_to_its_highest_value():
    image = drawn([-10, 0], [10, 0])
    assert rows_of(image, 0) == list(range(21))
    assert 10 in rows_of(image, 1)


def test_up_is_up():
    assert rows_of(drawn([5], [5]), 0) == [5]
    assert rows_of(drawn([-5], [-5]), 0) == [15]


def test_neighbors_touch():
    image = drawn([-8, 8], [-8, 8])
    assert rows_of(image, 1) == list(range(2, 19))


def test_a_gap_is_drawn_as_a_gap():
    image = drawn([1, np.nan, 1], [2, np.nan, 2])
    assert GAP in image[:, 1]
    assert TRACE not in image[:, 1]
    assert GAP not in image[:, [0, 2]]
    assert (drawn([np.nan] * 3, [np.nan] * 3) != TRACE).all()


def test_what_is_too_large_stays_in_its_band():
    image = drawn([-1e12, 0.0], [1e12, np.inf])
    assert rows_of(image, 0) == list(range(21))
    assert TRACE not in image[:, 1]


@pytest.mark.parametrize("height", [1, 2, 3, 8])
def test_low_bands_can_be_drawn(height):
    assert TRACE in drawn([-1, 0, 3], [1, 2, 5], height=height)


def test_zero_is_marked():
    assert ZERO in drawn([8], [9])[:, 0]


@pytest.mark.parametrize("peak", [0.02, 1.0, 1.01, 19.99, 350, 4.2e6])
@pytest.mark.parametrize("present", [1e-3, 50.0, 1e7])
def test_scales_are_round_and_hold_the_peak(peak, present):
    scale = nice_scale(peak, present)
    assert scale >= peak
    digits = scale / 10 ** np.floor(np.log10(scale) + 1e-9)
    assert scale == present or np.isclose(digits, [1, 2, 5]).any()
    assert nice_scale(peak, scale) == scale


@pytest.mark.parametrize("peak", [0.0, -1.0, np.nan, np.inf])
def test_without_a_peak_the_scale_stays(peak):
    assert nice_scale(peak, 50.0) == 50.0
