"""Bouts: the marked stretches that are the unit of a comparison, and what a pair did in each of them.

Strides of one bout are alike and next to each other; how much two bouts of an unchanged person differ is what
a change has to be held against. So each bout is one value: the median of its strides.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emgsmr.analysis.exercises import exercise_of
from emgsmr.analysis.protocols import BROKEN_OFF
from emgsmr.analysis.strides import Stride
from emgsmr.errors import ArgumentError, NotEnoughDataError
from emgsmr.recording import Event
from emgsmr.recording.event import clock

if TYPE_CHECKING:
    from emgsmr.analysis.comparison.received import LeftOut

MIN_BOUTS = 3
"""Bouts on each side: two tell next to nothing of how they scatter, and can be divided in three ways only."""

MIN_CYCLES = 3
"""Strides or repetitions in a bout: three describe it as well as twelve (Arsenault 1986)."""

DEFAULT_BEFORE = (("A1", "A2"), ("A",), ("before",))
DEFAULT_AFTER = (("B",), ("after",))

NO_BOUT = (
    "a bout is a phase event with a duration and a label: guide the session with a protocol, or mark it with "
    "emgsmr mark FILE phase --at T --duration D --label {}"
)


@dataclass(frozen=True, slots=True)
class Bout:
    """One marked stretch.

    Attributes
    ----------
    label : str
        Of its set, as in the plan.
    number : int
        Within its set and side, from 1.
    t0_s, t1_s : float, s
    side : {"L", "R"}, optional
        The leg that worked; None = both.
    exercise : str, optional
        What its event names; None = gait, or nothing that is known.
    broken_s : float, optional, s
        When it was broken off while the recording went on, as a note in it says.
    """

    label: str
    number: int
    t0_s: float
    t1_s: float
    side: str | None = None
    exercise: str | None = None
    broken_s: float | None = None

    def has(self, stride: Stride) -> bool:
        """Whether a stride lies in it."""
        return self.t0_s <= stride.t_start_s and stride.t_end_s <= self.t1_s


class BoutValue(NamedTuple):
    """A pair on one leg in one bout: medians over its strides (log scale), how many, and their cadence."""

    bout: Bout
    y: float
    prime: float
    compensator: float
    n: int
    cadence_spm: float


@dataclass(frozen=True, slots=True)
class Bouts:
    """The bouts of one condition, in the order of time; ``labels`` in the order of the plan.

    ``left_out``: those that do not count for any pair, and why (`emgsmr.analysis.comparison.received`).
    """

    labels: tuple[str, ...]
    bouts: tuple[Bout, ...]
    exercise: str | None = None
    left_out: tuple[LeftOut, ...] = ()


def find_bouts(
    events: Iterable[Event],
    wanted: Sequence[str],
    *,
    default: Sequence[tuple[str, ...]],
    exercise: str | None,
) -> Bouts:
    """The bouts with some labels.

    Parameters
    ----------
    events : iterable of Event
    wanted : sequence of str
        Labels; empty = the first of ``default`` of which there are bouts.
    default : sequence of tuple of str
    exercise : str, optional
        Only these.

    Raises
    ------
    NotEnoughDataError
        There is none.
    ArgumentError
        There are several exercises, and nobody said which one.

    Examples
    --------
    >>> events = [Event(60.0 * k, 30.0, "phase", label="Before") for k in range(3)]
    >>> found = find_bouts(events, (), default=DEFAULT_BEFORE, exercise=None)
    >>> found.labels, [(bout.number, bout.t0_s) for bout in found.bouts]
    (('before',), [(1, 0.0), (2, 60.0), (3, 120.0)])
    """
    events = list(events)
    phases = sorted((e for e in events if e.kind == "phase" and e.label), key=lambda event: event.t_s)
    timed = [event for event in phases if event.duration_s]
    named = {_plain(event.label) for event in timed}
    choices = [tuple(wanted)] if wanted else default
    labels = next((c for c in choices if any(_plain(label) in named for label in c)), ())
    if not labels:
        asked = " or ".join(dict.fromkeys(label for choice in choices for label in choice))
        there = ", ".join(dict.fromkeys(str(event.label) for event in timed)) or "none at all"
        raise NotEnoughDataError(
            f"There is no bout labeled {asked} (there are phases labeled {there}); "
            f"{NO_BOUT.format(choices[0][0])}."
        )
    known = {_plain(label): label for label in labels}
    chosen = [event for event in timed if _plain(event.label) in known]
    if exercise is not None:
        name = _plain(exercise).replace(" ", "_").replace("-", "_")
        chosen = [event for event in chosen if exercise_of(event) == name]
        if not chosen:
            raise NotEnoughDataError(f"No bout labeled {' or '.join(labels)} names the exercise {exercise}.")
    tasks = list(dict.fromkeys(exercise_of(event) for event in chosen))
    if len(tasks) > 1:
        names = ", ".join(task or "gait" for task in tasks)
        raise ArgumentError(
            f"The bouts labeled {' or '.join(labels)} are of several tasks ({names}): choose one with "
            "--exercise."
        )
    broken = sorted(e.t_s for e in events if e.kind == "note" and e.label == BROKEN_OFF)
    found = _numbered(chosen, known, broken)
    _check_apart(found)
    return Bouts(labels, tuple(found), tasks[0])


def holds_both(events: Iterable[Event]) -> bool:
    """Whether there are bouts before and after, by their usual labels.

    Examples
    --------
    >>> holds_both([Event(9.0 * k, 5.0, "phase", label=label) for k, label in enumerate(("A1", "b"))])
    True
    """
    named = {_plain(e.label) for e in events if e.kind == "phase" and e.duration_s}
    return all(
        any(_plain(label) in named for labels in choices for label in labels)
        for choices in (DEFAULT_BEFORE, DEFAULT_AFTER)
    )


def _plain(label: str | None) -> str:
    return (label or "").strip().casefold()


def _numbered(events: Sequence[Event], known: dict[str, str], broken: Sequence[float]) -> list[Bout]:
    count: dict[tuple[str, str | None], int] = {}
    found = []
    for event in events:
        label = known[_plain(event.label)]
        side = event.side or (event.site[-1] if event.site else None)
        number = count[label, side] = count.get((label, side), 0) + 1
        assert event.duration_s is not None
        end_s = event.t_s + event.duration_s
        broken_s = next((t_s for t_s in broken if event.t_s <= t_s < end_s), None)
        found.append(Bout(label, number, event.t_s, end_s, side, exercise_of(event), broken_s))
    return found


def _check_apart(bouts: Sequence[Bout]) -> None:
    """Refuse bouts of a leg that share strides: they would not be two."""
    for side in "LR":
        own = [bout for bout in bouts if bout.side in (None, side)]
        for one, other in pairwise(own):
            end_s = one.t1_s if one.broken_s is None else one.broken_s
            if other.t0_s < end_s - 0.05:  # ends and starts that touch are rounded
                at = clock(other.t0_s)
                raise ArgumentError(
                    f"Two bouts labeled {other.label} overlap at {at}: a stride belongs to one bout only."
                )


def of_side(bouts: Bouts, side: str) -> Bouts:
    """Those in which a leg worked."""
    return replace(
        bouts,
        bouts=tuple(bout for bout in bouts.bouts if bout.side in (None, side)),
        left_out=tuple(found for found in bouts.left_out if found.bout.side in (None, side)),
    )


def strides_in(strides: Sequence[Stride], bouts: Bouts) -> dict[Bout, list[Stride]]:
    """The strides that lie in each bout as a whole, valid or not."""
    starts = np.array([stride.t_start_s for stride in strides])
    found = {}
    for bout in bouts.bouts:
        first, stop = np.searchsorted(starts, (bout.t0_s, bout.t1_s))
        found[bout] = [stride for stride in strides[first:stop] if bout.has(stride)]
    return found
