"""The schedule: time without holes, legs in turn, words filled in, and events that a comparison finds."""

from __future__ import annotations

import dataclasses
from collections import Counter

import pytest

from emgsmr.analysis.comparison.bouts import DEFAULT_AFTER, DEFAULT_BEFORE, find_bouts, of_side
from emgsmr.analysis.exercises import exercise_spans
from emgsmr.analysis.protocols import (
    load_protocol,
    protocol_names,
    schedule_events,
    session_schedule,
    set_schedule,
    step_event,
)
from emgsmr.recording.event import check_event


@pytest.mark.parametrize("name", protocol_names())
def test_a_set_has_no_holes_and_says_something_at_each_step(name: str) -> None:
    steps = set_schedule(load_protocol(name), "A1", warm_up=True)
    t_s = 0.0
    for step in steps:
        assert step.t_s == pytest.approx(t_s)
        assert step.say
        assert "{" not in step.say
        t_s = step.end_s
    assert steps[0].kind == "prepare"
    assert steps[-1].kind == "end"


@pytest.mark.parametrize("name", protocol_names())
def test_a_session_leaves_bouts_that_a_comparison_finds(name: str) -> None:
    protocol = load_protocol(name)
    events, t_s = [], 100.0
    for part in session_schedule(protocol):
        events += schedule_events(protocol, part, t_s)
        t_s += part[-1].end_s + 300.0
    for event in events:
        check_event(event)
    before = find_bouts(events, (), default=DEFAULT_BEFORE, exercise=None)
    after = find_bouts(events, (), default=DEFAULT_AFTER, exercise=None)
    assert before.labels == ("A1", "A2")
    assert before.exercise == after.exercise == protocol.exercise
    for side in "LR":
        assert Counter(bout.label for bout in of_side(before, side).bouts) == {
            "A1": protocol.bouts,
            "A2": protocol.bouts,
        }
        assert len(of_side(after, side).bouts) == protocol.bouts
        spans = exercise_spans(events, side)
        assert len(spans) == (3 * protocol.bouts if protocol.exercise else 0)  # rest is no exercise
    assert [event.label for event in events if event.kind == "note"] == ["treatment"]


def test_legs_take_turns_and_are_named() -> None:
    steps = set_schedule(load_protocol("single_leg_bridge"), "B", first_side="L")
    bouts = [step for step in steps if step.kind == "bout"]
    assert [step.side for step in bouts] == ["L", "R"] * 4
    assert "left leg" in bouts[0].say
    assert "right leg" in bouts[1].say
    assert [(step.number, step.total) for step in bouts[:2]] == [(1, 8), (2, 8)]
    rests = [step.duration_s for step in steps if step.kind == "rest"]
    protocol = load_protocol("single_leg_bridge")
    assert rests == [protocol.change_s, protocol.rest_s] * 3 + [protocol.change_s]


def test_only_the_first_set_warms_up_and_the_treatment_has_no_length() -> None:
    a1, a2, treatment, b = session_schedule(load_protocol("easy_run"))
    assert [any(step.kind == "warm_up" for step in part) for part in (a1, a2, b)] == [True, False, False]
    (step,) = treatment
    assert (step.kind, step.duration_s) == ("treatment", 0.0)
    assert "electrode" in step.say


def test_words_are_there_where_a_protocol_has_none() -> None:
    bare = dataclasses.replace(load_protocol("bridge"), cues={}, quiet_s=0.0)
    steps = set_schedule(bare, "A1", warm_up=True)
    assert all(step.say for step in steps)
    assert {step.kind for step in steps} == {"prepare", "ready", "bout", "rest", "end"}
    assert [step_event(bare, step, 0.0) for step in steps if step.kind == "rest"] == [None] * (bare.bouts - 1)
