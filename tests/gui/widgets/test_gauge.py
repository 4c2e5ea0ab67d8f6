"""What a gauge shows of its values."""

from __future__ import annotations

import dataclasses
import math

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from emgsmr.gui.screen import Gauge, Status
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.gauge import REACH, ShareGauge, position, reach_of

USUAL = Gauge(
    "P1", "R", "Right hamstrings : gluteus maximus", 3.2, (-9.0, 10.0), Status.GOOD, "usual", "As ever."
)
FLAGGED = dataclasses.replace(
    USUAL, value_pct=24.6, status=Status.WARN, word="hamstrings do more", text="Since 12:40."
)
SILENT = dataclasses.replace(
    USUAL, value_pct=None, band_pct=None, status=Status.OFF, word="no signal", text="Press it on."
)


def shown(gauge):
    widget = ShareGauge()
    widget.show_values(gauge)
    return widget


def test_says_number_and_word_to_screen_readers(app):
    widget = shown(FLAGGED)
    assert widget.number == "+25 %"
    assert widget.accessibleName() == "Right hamstrings : gluteus maximus: +25 %, hamstrings do more"
    assert widget.accessibleDescription() == "Since 12:40."


def test_without_a_value_the_reason_is_said(app):
    widget = shown(SILENT)
    assert widget.value is None
    assert widget.number == "–"
    assert "no signal" in widget.accessibleName()
    assert widget.accessibleDescription() == "Press it on."


@pytest.mark.parametrize("value", [math.nan, math.inf, -math.inf])
def test_what_is_not_a_number_is_not_shown_as_one(app, value):
    assert shown(dataclasses.replace(USUAL, value_pct=value)).value is None


@pytest.mark.parametrize("band", [(math.nan, 5.0), (-5.0, math.inf)])
def test_a_band_that_is_not_finite_is_left_out(app, band):
    assert shown(dataclasses.replace(USUAL, band_pct=band)).band is None


def test_equal_factors_are_equally_far_from_the_middle():
    assert position(25) == pytest.approx(-position(-20))
    assert position(1e9) == 1
    assert position(-100) == position(-250) == -1


def test_a_wide_band_fits_its_axis():
    assert reach_of((-5.0, 5.0)) == reach_of(None) == REACH
    assert abs(position(100, reach_of((-40.0, 100.0)))) < 1


@pytest.mark.parametrize("size", [(180, 56), (320, 110), (430, 160), (700, 300)])
@pytest.mark.parametrize(
    "gauge",
    [
        USUAL,
        FLAGGED,
        SILENT,
        dataclasses.replace(USUAL, value_pct=1e7, word="", title=""),
        dataclasses.replace(USUAL, value_pct=-100.0, band_pct=None),
        dataclasses.replace(FLAGGED, title="x" * 500, word="y" * 200, text="z " * 500),
        dataclasses.replace(SILENT, word="y" * 200, text="z " * 500),
        dataclasses.replace(USUAL, band_pct=(-100.0, 1e9)),
    ],
)
def test_any_gauge_can_be_drawn(picture, colors, has_color, gauge, size):
    widget = shown(gauge)
    image = picture(widget, *size)
    assert has_color(image, theme.status_color(colors, gauge.status)) > 20


def test_nothing_is_drawn_without_a_gauge(picture):
    assert len({tuple(pixel) for row in picture(ShareGauge(), 100, 60) for pixel in row}) == 1


def test_a_flag_looks_different_without_its_colors(picture, colors):
    one, other = picture(shown(USUAL), 430, 160), picture(shown(FLAGGED), 430, 160)
    assert (abs(one.mean(axis=2) - other.mean(axis=2)) > 30).mean() > 0.05


def test_is_drawn_only_when_it_looks_different(app, paints):
    widget = shown(USUAL)
    widget.resize(400, 150)
    assert paints(widget, lambda: widget.show_values(dataclasses.replace(USUAL, value_pct=3.2000001))) == 0
    assert paints(widget, lambda: widget.show_values(FLAGGED)) == 1
    assert paints(widget, lambda: widget.show_values(None)) == 1
    assert widget.accessibleName() == ""
