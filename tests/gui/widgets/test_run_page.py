"""The page of the run as a whole."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
pytest.importorskip("pyqtgraph", exc_type=ImportError)

from emgsmr.gui.screen import (
    Action,
    Banner,
    Fact,
    Gauge,
    Light,
    Line,
    Mark,
    Muscle,
    Screen,
    SensorRow,
    Status,
    Step,
)
from emgsmr.gui.widgets.run_page import RunPage
from emgsmr.recording import Placement, SampleBlock, SensorInfo, Wiring

SITES = ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R", "MGAS_L", "MGAS_R", "SOL_L", "SOL_R")
SIZES = [(1280, 800), (1024, 600), (1920, 1080)]
GOOD = Light(Status.GOOD, "good")


def gauges(n_pairs=2):
    return tuple(
        Gauge(f"P{k}", side, f"{side} P{k}", 3.0, (-9.0, 10.0), Status.GOOD, "usual", "")
        for k in range(1, n_pairs + 1)
        for side in "LR"
    )


def screen(**more):
    values = {
        "actions": (Action("cramp", "Cramp", "C"), Action("stop", "Stop", main=True)),
        "sensors": tuple(SensorRow(f"s{k}", "umyo", "", GOOD, 1, sites=(s,)) for k, s in enumerate(SITES)),
        "gauges": gauges(),
        "muscles": tuple(Muscle(site, 0.5, Status.GOOD) for site in SITES),
        "lines": tuple(Line(g.pair, g.side, g.title, np.arange(5.0), np.zeros(5)) for g in gauges()),
        "marks": (Mark(3, "cramp", "cramp"),),
        "facts": (Fact("elapsed", "12:40"),),
        "now_s": 100.0,
    }
    return Screen(Step.RUN, "Run", **(values | more))


@pytest.fixture
def page(app):
    return RunPage()


@pytest.mark.parametrize("size", SIZES)
def test_everything_has_room(page, app, size):
    page.resize(*size)
    page.show_values(screen())
    page.show()
    app.processEvents()
    assert (page.width(), page.height()) == size
    parts = [page.banner, page.legs, page.lights, page.gauges, page.timeline, page.facts, page.actions_row]
    boxes = [part.rect().translated(part.mapTo(page, part.rect().topLeft())) for part in parts]
    for k, box in enumerate(boxes):
        assert page.rect().contains(box)
        assert not any(box.intersects(other) for other in boxes[:k])
    for widget in page.gauges.gauges.values():
        assert widget.height() > 0.12 * size[1]
    page.hide()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("n_pairs", [0, 1, 9])
def test_any_number_of_pairs_can_be_drawn(page, picture, n_pairs, size):
    banner = Banner("flag", "Right hamstrings do more", "Since 12:40.")
    page.show_values(screen(gauges=gauges(n_pairs), banner=banner, lines=(), muscles=(), sensors=()))
    assert picture(page, *size).std(axis=(0, 1)).max() > 10
    assert len(page.gauges.gauges) == 2 * n_pairs


def test_left_stands_left(page, app):
    page.resize(1280, 800)
    page.show_values(screen())
    page.show()
    app.processEvents()
    left, right = (page.gauges.gauges["P1", side] for side in "LR")
    assert left.x() < right.x()
    assert left.y() == right.y() < page.gauges.gauges["P2", "L"].y()
    page.hide()


def test_gauges_stay_the_same_widgets(page):
    page.show_values(screen())
    before = dict(page.gauges.gauges)
    changed = dataclasses.replace(gauges()[0], value_pct=20.0)
    page.show_values(screen(gauges=(changed, *gauges()[1:])))
    assert page.gauges.gauges == before
    assert page.gauges.gauges["P1", "L"].number == "+20 %"
    page.show_values(screen(gauges=gauges(1)))
    assert list(page.gauges.gauges) == [("P1", "L"), ("P1", "R")]


def test_traces_stand_where_the_time_line_stood(page, app, rng):
    sensor = SensorInfo(1, "umyo", "", "s", "", 1000.0, 1, "<i4", 0.5, "known")
    page.show_channels(Wiring((sensor,), (Placement(1, 0, "SOL_L"),)))
    page.resize(1280, 800)
    page.show_values(screen(traces=True))
    page.show()
    app.processEvents()
    drawn = page.traces.frames
    page.take([SampleBlock(1, 0, rng.integers(-9, 9, (500, 1)))])
    app.processEvents()
    assert page.traces.isVisible()
    assert not page.timeline.isVisible()
    assert page.traces.frames == drawn + 1
    page.show_values(screen())
    assert page.timeline.isVisible()
    page.hide()


def test_buttons_tell_what_is_asked(page):
    told = []
    page.asked.connect(told.append)
    page.show_values(screen())
    page.actions_row.buttons["stop"].click()
    assert told == ["stop"]


def test_shown_again_nothing_is_painted(page, paints):
    page.resize(1280, 800)
    shown = screen()
    page.show_values(shown)
    assert paints(page, lambda: page.show_values(shown)) == 0
    again = screen()  # equal, not the same
    parts = (page.banner, page.legs, page.lights, page.facts, page.gauges.gauges["P1", "L"])
    for part in parts:
        assert paints(part, lambda: page.show_values(again)) == 0
