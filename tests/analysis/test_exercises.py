"""Phases that name an exercise: their cycles come from bursts or windows, steps count outside of them."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.analysis.contacts import Contact, EventContacts
from emgsmr.analysis.exercises import EXERCISES, ExerciseContacts, exercise_spans
from emgsmr.analysis.strides import StrideBuilder
from emgsmr.recording import Event


@pytest.mark.parametrize("label", ["bridge", "Single-leg bridge", "prone hip extension", "HOLD"])
def test_an_exercise_is_known_by_label_or_note(label: str) -> None:
    kind = "windows" if label == "HOLD" else "bursts"
    by_label = exercise_spans([Event(3.0, 4.0, "phase", label=label)], "R")
    by_note = exercise_spans([Event(3.0, 4.0, "phase", label="before", note=label)], "R")
    assert by_label == by_note
    assert [(s.label, s.t0_s, s.t1_s) for s in by_label] == [(kind, 3.0, 7.0)]


@pytest.mark.parametrize("label", ["baseline", "walk", "rest", "mvc", "", None, "bridges are fun"])
def test_other_phases_are_none(label: str | None) -> None:
    assert exercise_spans([Event(3.0, 4.0, "phase", label=label)], "R") == []


def test_spans_are_one_after_the_other_and_of_their_side() -> None:
    events = [
        Event(0.0, 10.0, "phase", label="bridge"),
        Event(5.0, 10.0, "phase", label="hold"),
        Event(6.0, 2.0, "phase", label="curl"),
        Event(20.0, 5.0, "phase", side="L", label="squat"),
        Event(30.0, None, "note", label="bridge"),
    ]
    spans = exercise_spans(events, "R")
    assert [(s.label, s.t0_s, s.t1_s) for s in spans] == [("bursts", 0.0, 10.0), ("windows", 10.0, 15.0)]
    assert exercise_spans(events, "L")[-1].t0_s == 20.0


def test_every_exercise_has_a_source_that_is_there() -> None:
    assert set(EXERCISES.values()) == {"bursts", "windows"}


def test_steps_within_an_exercise_are_ignored_and_make_no_stride_with_those_around_it() -> None:
    steps = EventContacts()
    for t in np.arange(0.5, 30.0):
        steps.add(float(t))
    contacts = ExerciseContacts(steps, [], "R")
    contacts.add_phase(Event(10.0, 10.0, "phase", label="bridge"))
    builder = StrideBuilder("R", contacts, [])
    found = [stride for t in np.arange(0.0, 31.0, 0.7) for stride in builder.until(float(t))]
    found += builder.until(31.0, last=True)
    starts = [stride.t_start_s for stride in found]
    assert starts == [*np.arange(0.5, 9.0), *np.arange(20.5, 29.0)]


def test_without_exercises_steps_pass_through() -> None:
    steps = EventContacts()
    contacts = ExerciseContacts(steps, [], "L")
    steps.add(1.0)
    steps.add(2.0)
    assert contacts.until(1.5) == [Contact(1.0)]
    assert contacts.until(2.5) == [Contact(2.0)]
    assert contacts.finish() == []
    assert contacts.needed_from_s == float("inf")
    assert contacts.source == "events"
