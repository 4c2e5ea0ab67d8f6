"""Muscles by level and status, and where electrodes go."""

from __future__ import annotations

import math

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from emgsmr.anatomy.leg_drawing import DOTS, MUSCLES, OUTLINE, SPOTS
from emgsmr.gui.screen import Muscle, Status
from emgsmr.gui.widgets.legs import LEG, SHAPES, Legs, drawn_codes, svg_path


def shown(*muscles):
    widget = Legs()
    widget.show_values(muscles)
    return widget


def test_the_paths_are_those_of_the_report():
    numbers = np.array(
        OUTLINE.replace("M", " ").replace("C", " ").replace("L", " ").rstrip(" Z").split(), float
    )
    box = LEG.controlPointRect()
    assert (box.left(), box.right()) == (numbers[::2].min(), numbers[::2].max())
    assert (box.top(), box.bottom()) == (numbers[1::2].min(), numbers[1::2].max())
    assert set(SHAPES) == set(MUSCLES) == set(DOTS) == set(SPOTS)


@pytest.mark.parametrize("code", SPOTS)
def test_electrodes_lie_on_their_muscle(code):
    x, y = SPOTS[code]
    for step in (-9, 0, 9):
        assert SHAPES[code].contains(svg_path(f"M{x} {y + step} L{x + 0.1} {y + step} L{x} {y + step} Z"))


def test_groups_stand_for_their_muscles():
    assert drawn_codes("CALF_L") == ("MGAS", "LGAS")
    assert drawn_codes("nonsense") == ()


def test_says_each_muscle(app):
    widget = shown(Muscle("SOL_L", 0.2, Status.OFF, "no signal"), Muscle("GMAX_R", 0.5, Status.GOOD))
    assert widget.accessibleDescription() == "GMAX_R: good; SOL_L: no signal"


@pytest.mark.parametrize("level", [math.nan, math.inf, -3.0, 7.0])
def test_levels_stay_between_0_and_1(app, level):
    assert 0 <= shown(Muscle("GMAX_R", level, Status.GOOD)).muscles[0].level <= 1


def test_a_higher_level_is_brighter_or_darker_than_a_low_one(picture, colors):
    ground, low, high = (
        picture(shown(Muscle("GMAX_R", level, Status.GOOD)), 480, 424).astype(float) for level in (0, 0.3, 1)
    )
    assert np.abs(high - ground).sum() > np.abs(low - ground).sum() > 0


def test_left_is_left(picture, colors):
    image = [picture(shown(Muscle(f"GMAX_{side}", 1, Status.GOOD)), 480, 424).astype(float) for side in "LR"]
    changed = np.abs(image[0] - image[1]).sum(axis=2)[:200]
    assert changed[:, :240].sum() > 0
    only_left = np.abs(image[0] - picture(shown(), 480, 424)).sum(axis=2)[60:120]
    assert only_left[:, :240].sum() > 5 * only_left[:, 240:].sum()


def test_flagged_and_unusable_can_be_told_without_color(picture, colors):
    pictures = [
        picture(shown(Muscle("BFLH_R", 0.8, status, word)), 480, 424).mean(axis=2)
        for status, word in ((Status.GOOD, ""), (Status.WARN, "does more"), (Status.OFF, "no signal"))
    ]
    for k in (1, 2):
        assert (np.abs(pictures[0] - pictures[k])[100:240, 340:] > 40).sum() > 100  # the word beside it


@pytest.mark.parametrize("size", [(170, 160), (300, 240), (640, 480)])
def test_any_muscles_can_be_drawn(picture, colors, size):
    sites = [f"{code}_{side}" for code in (*MUSCLES, "HAM", "TFL", "ES", "?" * 60) for side in "LR"]
    every = [Muscle(site, 0.5, status, "w" * 80) for site in sites for status in Status]
    assert picture(shown(*every), *size).std(axis=(0, 1)).max() > 5
    assert (
        picture(shown(Muscle("", 0.5, Status.BAD), Muscle("X", 1, Status.WARN)), *size).std(axis=(0, 1)).max()
        > 1
    )


def test_muscles_that_are_not_drawn_are_words(picture, colors):
    empty, tfl = picture(shown(), 480, 424), picture(shown(Muscle("TFL_L", 0.5, Status.GOOD)), 480, 424)
    assert (empty != tfl).any()


def test_placing_highlights_one_site(picture, colors, has_color):
    widget = Legs()
    widget.show_placement("BFLH_R", ["GMAX_L"])
    assert "BFLH_R" in widget.accessibleName()
    assert "GMAX_L" in widget.accessibleDescription()
    image = picture(widget, 480, 424)
    assert has_color(image[:, 240:], colors.orange) > 100
    assert has_color(image[:, :240], colors.orange) == 0
    assert has_color(image[:, :240], colors.blue) > 500
    widget.show_values(())
    assert widget.placing == ""


def test_is_drawn_only_when_it_looks_different(app, paints):
    widget = shown(Muscle("GMAX_R", 0.5, Status.GOOD))
    assert paints(widget, lambda: widget.show_values([Muscle("GMAX_R", 0.501, Status.GOOD)])) == 0
    assert paints(widget, lambda: widget.show_values([Muscle("GMAX_R", 0.9, Status.GOOD)])) == 1
    assert paints(widget, lambda: widget.show_placement("SOL_L")) == 1
    assert paints(widget, lambda: widget.show_placement("SOL_L")) == 0
