"""Lanes, bands, episodes and marks of the time line."""

from __future__ import annotations

import dataclasses
import math

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
pytest.importorskip("pyqtgraph", exc_type=ImportError)

from emgsmr.gui.screen import Gauge, Line, Mark, Status
from emgsmr.gui.widgets.lanes import PHASES_PX, TAG_PX, lane_y
from emgsmr.gui.widgets.timeline import (
    LEAST,
    WINDOW_S,
    ClockAxis,
    Timeline,
    lane_height,
    lane_heights,
    most_telling,
    points,
)


def line(pair="P1", side="R", n=50, episodes=(), change=None):
    t_s = np.arange(n) * 8.0
    return Line(pair, side, f"{side} {pair}", t_s, np.zeros(n) if change is None else change, episodes)


def gauge(pair="P1", side="R", band=(-10.0, 11.0)):
    return Gauge(pair, side, "", 0.0, band, Status.GOOD, "usual", "")


@pytest.fixture
def timeline(app):
    widget = Timeline()
    widget.resize(800, 300)
    return widget


def test_says_its_lines_and_marks(timeline):
    timeline.show_values([line(episodes=((10, 60, 2),))], [gauge()], [Mark(61, "cramp", "cramp")], 400)
    assert timeline.accessibleDescription() == "R P1: 0 %, flagged once; cramp at 1:01"


def test_shows_the_last_minutes_or_the_whole_session(timeline):
    timeline.show_values([line()], now_s=30.0)
    assert timeline.span() == (0, WINDOW_S)
    timeline.show_values([line()], now_s=4000.0)
    assert timeline.span() == (4000 - WINDOW_S, 4000)
    timeline.button.click()
    assert timeline.whole
    assert timeline.span() == (0, 4000)
    timeline.show_whole(False)
    assert not timeline.button.isChecked()


def test_each_lane_has_its_band_and_its_last_value(timeline):
    lines = [line("P1", "L"), line("P1", "R", change=np.full(50, 21.0))]
    timeline.show_values(lines, [gauge("P1", "R", (-5.0, 6.0))], now_s=400.0)
    left, right = timeline.lanes.lanes
    assert (left.band, right.band) == (None, (-5.0, 6.0))
    assert (left.last, right.last) == (0.0, 21.0)


def test_equal_factors_are_equally_high():
    assert lane_height(25) == pytest.approx(-lane_height(-20))
    assert lane_height(1e9) == 1
    assert lane_height(-100) == -1
    assert np.isnan(lane_heights(np.array([math.nan, math.inf]))).all()


def test_lanes_do_not_overlap():
    assert lane_y(0, -1.0) > lane_y(1, 1.0)


def test_a_pause_breaks_the_line():
    given = Line("P1", "R", "", np.array([0.0, 8, 16, 300, 308]), np.zeros(5))
    t_s, y = points(given, 0, begin_s=0.0)
    assert np.flatnonzero(np.isnan(y)).tolist() == [3]
    assert len(t_s) == len(y) == 6


def test_only_what_can_be_seen_is_drawn():
    t_s, _ = points(line(n=3000), 0, begin_s=23000.0)
    assert 100 < len(t_s) < 130


def test_values_that_are_not_finite_are_left_out(timeline, picture):
    change = np.array([1.0, math.nan, math.inf, -math.inf, -100.0, 5.0])
    given = Line("P1", "R", "", np.array([0.0, 8, 16, 24, math.nan, 40]), change)
    t_s, y = points(given, 0, begin_s=0.0)
    assert np.isfinite(t_s).all()
    assert np.isfinite(y).sum() == 2
    timeline.show_values([given], [gauge(band=(math.nan, 5.0))], [Mark(math.nan, "lap", "")], math.inf)
    picture(timeline)


def test_where_not_all_fit_the_flagged_ones_stay(timeline):
    lines = [line(f"P{k}", "L", episodes=((5, 6, 1),) if k in (3, 7) else ()) for k in range(9)]
    assert [shown.pair for shown in most_telling(lines, 3)] == ["P0", "P3", "P7"]
    timeline.resize(600, 40 + 3 * LEAST)
    timeline.show_values(lines, now_s=100.0)
    assert [shown.pair for shown in timeline.lines] == ["P0", "P3", "P7"]
    assert timeline.lanes.hidden == 6


def test_a_line_is_drawn_in_its_lane(timeline, picture, colors, has_color):
    high = line("P1", "R", change=np.full(50, 40.0))
    timeline.show_values([line("P1", "L"), high], [gauge("P1", "L")], now_s=400.0)
    assert has_color(picture(timeline), colors.ink) > 200


def test_episodes_are_shaded_and_marks_named(timeline, picture, colors, has_color):
    timeline.show_values([line()], [gauge()], now_s=400.0)
    plain = picture(timeline)
    timeline.show_values([line(episodes=((100, 200, 1), (250, math.inf, 3)))], [gauge()], now_s=400.0)
    flagged = picture(timeline)
    assert has_color(flagged, colors.orange) > has_color(plain, colors.orange) + 50
    assert (plain != flagged).any(axis=2).mean() > 0.05
    timeline.show_values([line()], [gauge()], [Mark(300, "cramp", "cramp")], 400.0)
    assert has_color(picture(timeline), colors.blue) > 300


def test_marks_and_phases_have_a_strip_above_the_lanes(timeline, picture, colors, has_color):
    lines = [line("P1", "L"), line("P1", "R")]
    marks = [
        Mark(5, "phase", "rest"), Mark(15, "phase", "pause"), Mark(200, "phase", "run"),
        Mark(300, "cramp", "cramp"), Mark(301, "note", "shoe untied"), Mark(302, "note", "no room"),
    ]  # fmt: skip
    timeline.show_values(lines, [gauge("P1", "L")], marks, 600.0)
    image = picture(timeline)
    high = timeline.plot.getViewBox().viewRange()[1][1]
    per_px = (high + 1.5) / timeline.plot.getViewBox().height()
    assert (high - 0.5) / per_px == pytest.approx(PHASES_PX + 2 * TAG_PX, rel=0.15)
    assert [mark.text for mark in timeline.marks.phases] == ["rest", "pause", "run"]
    strip, below = image[: PHASES_PX + 2 * TAG_PX], image[PHASES_PX + 2 * TAG_PX + 4 :]
    assert has_color(strip, colors.blue) > 1000  # the names
    assert has_color(below, colors.blue) < 600  # only lines
    timeline.show_values(lines, [gauge("P1", "L")], marks[:3], 600.5)
    assert (timeline.plot.getViewBox().viewRange()[1][1] - 0.5) / per_px < PHASES_PX + 6
    timeline.show_values(lines, [gauge("P1", "L")], (), 601.0)
    assert timeline.plot.getViewBox().viewRange()[1][1] == 0.5


@pytest.mark.parametrize("size", [(280, 90), (600, 160), (1400, 600)])
def test_any_time_line_can_be_drawn(timeline, picture, colors, size):
    episodes = tuple((k * 7.0, k * 7.0 + 5, k % 5 - 1) for k in range(600))
    episodes += ((math.nan, 5.0, 1), (-math.inf, 7.0, 2), (9e9, 9e9, 2), (50.0, 20.0, 1))
    lines = [
        dataclasses.replace(line(f"P{k}", side, 3000, episodes), title="t" * 300)
        for k in range(9)
        for side in "LR"
    ]
    marks = [Mark(k * 3.0, "note", "a very long note " * 9) for k in range(500)]
    timeline.show_values(lines, [gauge(band=(-100.0, 1e12))], marks, 4000.0)
    for whole in (True, False):
        timeline.show_whole(whole)
        assert picture(timeline, *size).std(axis=(0, 1)).max() > 5
    timeline.show_values([], now_s=0.0)
    picture(timeline, *size)


def test_empty_lines_can_be_drawn(timeline, picture):
    timeline.show_values([line(n=0)], [gauge()], now_s=5.0)
    assert math.isinf(timeline.lanes.lanes[0].last)
    picture(timeline)


def test_is_drawn_once_a_second_at_most(timeline, paints):
    lines, gauges = [line(n=50)], [gauge()]
    timeline.show_values(lines, gauges, now_s=700.1)
    view = timeline.plot.viewport()
    assert paints(view, lambda: timeline.show_values(lines, gauges, now_s=700.2)) == 0
    assert paints(view, lambda: timeline.show_values([line(n=51)], gauges, now_s=700.3)) >= 1


def test_time_is_in_minutes_and_seconds(app):
    axis = ClockAxis("bottom")
    assert axis.tickStrings([-60, 0, 90, 3600], 1, 60) == ["", "0:00", "1:30", "1:00:00"]
    for span, size in ((60, 500), (600, 800), (14400, 300), (1e7, 100), (600, 0)):
        (step, _), *_ = axis.tickSpacing(0, span, size)
        assert step > 0
