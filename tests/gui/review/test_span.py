from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.gui.review.span import WIDTHS_S, Span

times = st.floats(0, 3600)
wholes = st.builds(
    lambda start, width: Span(start, start + width), st.floats(-100, 100), st.floats(0.01, 1e5)
)


@given(wholes, times, st.sampled_from(WIDTHS_S), st.floats(-3, 3), st.integers(-5, 5))
def test_nothing_leaves_the_session(whole, t_s, width_s, share, steps):
    span = whole.around(t_s, width_s)
    for seen in (span, span.moved(share, whole), span.zoomed(steps, whole, at_s=t_s)):
        assert seen.start_s >= whole.start_s - 1e-6
        assert seen.stop_s <= whole.stop_s + 1e-6
        assert 0 < seen.width_s <= whole.width_s + 1e-6


@given(st.sampled_from(WIDTHS_S[3:10]), st.floats(1000, 2600), st.floats(0, 1))
def test_zooming_in_and_out_returns(width_s, middle_s, place):
    whole = Span(0.0, 3600.0)
    span = whole.around(middle_s, width_s)
    at_s = span.start_s + place * span.width_s
    back = span.zoomed(-1, whole, at_s=at_s).zoomed(1, whole, at_s=at_s)
    assert back.start_s == pytest.approx(span.start_s, abs=1e-6)
    assert back.stop_s == pytest.approx(span.stop_s, abs=1e-6)


def test_what_is_under_the_pointer_stays_there():
    whole = Span(0.0, 3600.0)
    span = whole.around(100.0, 10.0)
    closer = span.zoomed(-1, whole, at_s=97.0)
    assert (97.0 - closer.start_s) / closer.width_s == pytest.approx(0.2)


def test_moving_there_and_back_returns():
    whole = Span(0.0, 3600.0)
    span = whole.around(100.0, 10.0)
    assert span.moved(0.5, whole).moved(-0.5, whole) == span


def test_zooming_out_for_long_shows_everything_and_in_the_least():
    whole = Span(0.0, 3661.0)
    span = whole.around(100.0, 10.0)
    assert span.zoomed(99, whole, at_s=100.0) == whole
    assert span.zoomed(-99, whole, at_s=100.0).width_s == pytest.approx(WIDTHS_S[0])
    assert whole.zoomed(-1, whole, at_s=1e9).stop_s == whole.stop_s  # a pointer outside zooms at the edge


def test_an_odd_width_goes_to_the_next_step():
    whole = Span(0.0, 3600.0)
    span = Span(100.0, 107.0)
    assert span.zoomed(1, whole, at_s=100.0).width_s == pytest.approx(10.0)
    assert span.zoomed(-1, whole, at_s=100.0).width_s == pytest.approx(5.0)
