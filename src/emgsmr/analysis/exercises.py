"""Exercises within a session: in a phase that names one, its repetitions count instead of steps."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from emgsmr.analysis.contacts import Contact, ContactSource, Gait
from emgsmr.analysis.phases import Span, labeled_spans
from emgsmr.analysis.repetitions import ActiveChannel, BurstContacts, HoldContacts
from emgsmr.recording import Event

EXERCISES = {
    "repetitions": "bursts",
    "prone_hip_extension": "bursts",
    "bridge": "bursts",
    "hip_thrust": "bursts",
    "single_leg_bridge": "bursts",
    "heel_raise": "bursts",
    "single_leg_heel_raise": "bursts",
    "knee_extension": "bursts",
    "knee_flexion": "bursts",
    "leg_curl": "bursts",
    "curl": "bursts",
    "squat": "bursts",
    "lunge": "bursts",
    "step_up": "bursts",
    "hold": "windows",
    "isometric": "windows",
    "plank": "windows",
}
"""Labels or notes of phases, and where the cycles in such a phase come from."""

SETTLED_S = 5.0
"""The steps before a moment are known by then."""


def exercise_of(event: Event) -> str | None:
    """The exercise that a phase's label or note names.

    Examples
    --------
    >>> exercise_of(Event(60.0, 30.0, "phase", label="before", note="Single-leg bridge"))
    'single_leg_bridge'
    """
    words = (
        (word or "").strip().lower().replace(" ", "_").replace("-", "_") for word in (event.label, event.note)
    )
    return next((word for word in words if word in EXERCISES), None)


def exercise_spans(events: Sequence[Event], side: str) -> list[Span]:
    """Phases of a side that name an exercise, one after the other; their label says where cycles come from.

    Examples
    --------
    >>> events = [Event(60.0, 30.0, "phase", label="baseline", note="Single-leg bridge"),
    ...           Event(90.0, None, "phase", label="walk")]
    >>> exercise_spans(events, "L")
    [Span(label='bursts', t0_s=60.0, t1_s=90.0, side=None, site=None)]
    """
    found: list[Span] = []
    for span in labeled_spans(
        replace(e, label=EXERCISES.get(exercise_of(e) or "")) for e in events if e.kind == "phase"
    ):
        t0_s = max(span.t0_s, found[-1].t1_s) if found else span.t0_s
        if span.side in (None, side) and span.t1_s > t0_s:
            found.append(span._replace(t0_s=t0_s))
    return found


class ExerciseContacts:
    """The contacts of gait, and in phases that name an exercise its repetitions or windows instead.

    Parameters
    ----------
    steps : ContactSource
    channels : list of ActiveChannel
        The muscles of the side.
    side : {"L", "R"}
    """

    def __init__(self, steps: ContactSource, channels: list[ActiveChannel], side: str) -> None:
        self.steps = steps
        self._channels = channels
        self._side = side
        self._phases: list[Event] = []
        self._spans: list[Span] = []
        self._over = 0  # how many of them
        self._cycles: BurstContacts | HoldContacts | None = None
        self._held: list[Contact] = []
        self._from_s = self._t_s = float("-inf")

    @property
    def source(self) -> str:
        """Of the contacts of gait; the others say it themselves."""
        return self.steps.source

    def add_phase(self, event: Event) -> None:
        """Take in a ``phase`` event."""
        self._phases.append(event)
        self._spans = exercise_spans(self._phases, self._side)

    def until(self, t_s: float) -> list[Contact]:
        """New contacts, repetitions and windows."""
        self._held += self.steps.until(t_s)
        self._t_s = t_s
        return self._go_on(last=False)

    def finish(self) -> list[Contact]:
        """What is left."""
        self._held += self.steps.finish()
        return self._go_on(last=True)

    @property
    def needed_from_s(self) -> float:
        """Signal before this time is not read again."""
        if self._cycles is not None:
            return min(self._cycles.needed_from_s, self.steps.needed_from_s)
        coming = self._spans[self._over].t0_s if self._over < len(self._spans) else float("inf")
        return min(coming, self.steps.needed_from_s)

    def gait(self, start_s: float, end_s: float) -> Gait | None:
        """Of a stride."""
        return self.steps.gait(start_s, end_s)

    def _go_on(self, *, last: bool) -> list[Contact]:
        found: list[Contact] = []
        while self._over < len(self._spans):
            span = self._spans[self._over]
            found += self._released(span.t0_s)
            if self._t_s < span.t0_s + (0.0 if last else SETTLED_S):
                break
            if self._cycles is None:
                kind = BurstContacts if span.label == "bursts" else HoldContacts
                self._cycles = kind(self._channels, from_s=span.t0_s)
            self._cycles.to_s = span.t1_s
            found += self._cycles.until(self._t_s)
            if self._t_s < span.t1_s and not last:
                break
            found += self._cycles.finish()
            self._cycles, self._from_s = None, span.t1_s
            self._over += 1
        else:
            found += self._released(float("inf"))
        return found

    def _released(self, before_s: float) -> list[Contact]:
        """Steps before a time and after the last exercise."""
        found = [c for c in self._held if self._from_s <= c.t_s < before_s]
        self._held = [c for c in self._held if c.t_s >= before_s]
        return found
