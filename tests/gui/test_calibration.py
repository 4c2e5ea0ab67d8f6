"""Rest, baseline and maximal contractions: tasks with their time."""

from __future__ import annotations

import pytest

from emgsmr.analysis.baseline import MIN_STRIDES
from emgsmr.gui.calibration import (
    GOOD_STRIDES,
    MOST_S,
    PAUSE_S,
    PUSH_S,
    READY_S,
    REST_S,
    Calibration,
    Phase,
    fewest_strides,
    legs_of,
)


@pytest.fixture
def at(scripted):
    """A function that makes a snapshot at a time, with so many strides on each leg."""

    def make(t_s, left=0, right=0):
        strides = {"L": left, "R": right}
        return scripted.streaming(stage="recording", elapsed_s=t_s, baseline_strides=strides)

    return make


def test_rest_lasts_ten_seconds_of_the_recording(at):
    calibration = Calibration()
    assert calibration.start("rest", 5.0) == [Phase("rest")]
    countdown = calibration.countdown(at(8.0))
    assert (countdown.left_s, countdown.progress, countdown.enough) == (7.0, pytest.approx(0.3), False)
    assert calibration.go_on(at(5.0 + REST_S - 0.1)) == []
    assert calibration.go_on(at(5.0 + REST_S)) == [Phase("pause")]
    assert (calibration.task, calibration.done) == ("", {"rest"})
    assert calibration.countdown(at(20.0)) is None
    assert calibration.go_on(at(20.0)) == []


def test_a_baseline_counts_strides_of_the_leg_that_has_fewer(at):
    calibration = Calibration()
    calibration.start("baseline", 0.0)
    countdown = calibration.countdown(at(60.0, 84, 120))
    assert countdown.text.startswith("84 of 240 strides on each leg")
    assert countdown.enough
    assert countdown.progress == pytest.approx(84 / GOOD_STRIDES)
    assert calibration.go_on(at(60.0, 84, 120)) == []
    assert calibration.go_on(at(170.0, GOOD_STRIDES, GOOD_STRIDES)) == [Phase("run")]
    assert calibration.done == {"baseline"}


def test_too_few_strides_are_not_enough_however_long(at):
    calibration = Calibration()
    calibration.start("baseline", 0.0)
    few = at(MOST_S + 60.0, MIN_STRIDES - 1, 500)
    assert calibration.go_on(few) == []
    countdown = calibration.countdown(few)
    assert not countdown.enough
    assert countdown.left_s == 0.0
    assert "look at the lights" in countdown.text
    assert not calibration.countdown(at(10.0, 10, 10)).enough


def test_time_ends_a_baseline_that_can_be_used(at):
    calibration = Calibration()
    calibration.start("baseline", 0.0)
    assert calibration.go_on(at(MOST_S, MIN_STRIDES, MIN_STRIDES)) == [Phase("run")]


def test_only_legs_that_are_measured_count(scripted):
    one = scripted.streaming(channels=(scripted.channel("GL", 0, "GMAX_L"),), baseline_strides={"L": 70})
    assert (legs_of(one), fewest_strides(one)) == (("L",), 70)
    calibration = Calibration()
    calibration.start("baseline", 0.0)
    assert "on this leg" in calibration.countdown(one).text
    pairs = scripted.streaming(pairs=(scripted.pair(side="R"),), baseline_strides={"L": 70})
    assert (legs_of(pairs), fewest_strides(pairs)) == (("R",), 0)
    nothing = scripted.streaming(sites=False)
    assert (legs_of(nothing), fewest_strides(nothing)) == ((), 0)


def test_a_maximal_contraction_is_two_pushes_with_a_pause(at):
    calibration = Calibration()
    assert calibration.start("mvc", 0.0, "GMAX_R") == [Phase("pause")]
    marks, titles, t_s = [], [], 0.0
    while calibration.task and t_s < 100:
        t_s += 0.5
        marks += [(t_s, phase) for phase in calibration.go_on(at(t_s))]
        countdown = calibration.countdown(at(t_s))
        titles += [countdown.title] if countdown else []
    push = Phase("mvc", "GMAX_R")
    first = READY_S
    assert marks == [
        (first, push),
        (first + PUSH_S, Phase("pause")),
        (first + PUSH_S + PAUSE_S, push),
        (first + 2 * PUSH_S + PAUSE_S, Phase("pause")),
    ]
    assert list(dict.fromkeys(titles)) == ["Get ready", "Push as hard as you can", "Loosen it"]
    assert calibration.done == {"GMAX_R"}


def test_a_countdown_names_the_muscle_and_the_push(at):
    calibration = Calibration()
    calibration.start("mvc", 0.0, "GMAX_R")
    assert calibration.countdown(at(1.0)).cue == "right gluteus maximus"
    assert calibration.countdown(at(1.0)).text == "first of two, 2 s"
    calibration.part = 3
    assert calibration.countdown(at(1.0)).text.startswith("second of two")
