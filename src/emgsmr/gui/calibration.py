"""Rest, baseline run and guided maximal contractions: what to do, for how long, and when it is enough.

Time is the session's clock: what counts is what was recorded. A phase lasts until the next, so that one that
was broken off never reaches into what followed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

from emgsmr.analysis.baseline import MIN_STRIDES
from emgsmr.gui.screen import Countdown
from emgsmr.gui.words import site_title

if TYPE_CHECKING:
    from emgsmr.session.snapshot import Snapshot

REST_S = 10.0

LEAST_STRIDES = MIN_STRIDES
"""Fewer than this on a leg are no baseline."""

GOOD_STRIDES = 240
"""Some three minutes of running. The allowance for not knowing the own center falls with the square root of
the strides: at 240 it is half of what it is at 60, and another halving takes 960 (docs/decisions/0081)."""

MOST_S = 300.0
"""A baseline run is over after so long, if it has enough strides: runners wait for their run."""

READY_S, PUSH_S, PAUSE_S = 3.0, 4.0, 30.0
"""Of a maximal contraction: get ready, push, and rest before the second."""

PAUSE = "pause"
"""Label of the phase between two tasks, in which nothing is measured."""

Task = Literal["", "rest", "baseline", "mvc"]


@dataclass(frozen=True, slots=True)
class Phase:
    """A phase that begins now, for the recording."""

    label: str
    site: str | None = None


@dataclass(slots=True)
class Calibration:
    """Which task is being done since when.

    Attributes
    ----------
    task : {"", "rest", "baseline", "mvc"}
    since_s : float, s
        On the session's clock.
    site : str
        Of a maximal contraction.
    part : int
        Of a maximal contraction: 0 ready, 1 push, 2 pause, 3 push again.
    done : set of str
        "rest", "baseline", and the sites that were contracted maximally.
    """

    task: Task = ""
    since_s: float = 0.0
    site: str = ""
    part: int = 0
    done: set[str] = field(default_factory=set)

    def start(self, task: Task, now_s: float, site: str = "") -> list[Phase]:
        """Begin a task; one that is under way is broken off."""
        self.task, self.since_s, self.site, self.part = task, now_s, site, 0
        return [Phase(PAUSE)] if task in ("mvc", "") else [Phase(task)]

    def go_on(self, snapshot: Snapshot) -> list[Phase]:
        """Look at the clock; gives the phases that begin now. A finished baseline is followed by the run."""
        spent_s = snapshot.elapsed_s - self.since_s
        if self.task == "rest" and spent_s >= REST_S:
            self.done.add("rest")
            return self.start("", snapshot.elapsed_s)
        if self.task == "baseline" and is_finished(snapshot, spent_s):
            self.done.add("baseline")
            return [Phase("run")]
        if self.task == "mvc":
            return self._go_on_pushing(snapshot.elapsed_s, spent_s)
        return []

    def _go_on_pushing(self, now_s: float, spent_s: float) -> list[Phase]:
        if spent_s < _PARTS[self.part]:
            return []
        self.since_s, self.part = now_s, self.part + 1
        if self.part == len(_PARTS):
            self.done.add(self.site)
            return self.start("", now_s)
        return [Phase(PAUSE) if self.part == 2 else Phase("mvc", self.site)]

    def countdown(self, snapshot: Snapshot) -> Countdown | None:
        """What to do now, and how far it is; None between tasks."""
        spent_s = max(0.0, snapshot.elapsed_s - self.since_s)
        if self.task == "rest":
            left_s = max(0.0, REST_S - spent_s)
            text = f"{left_s:.0f} seconds"
            cue = "Both feet on the floor, muscles loose"
            return Countdown("Stand still", cue, left_s, REST_S, 1 - left_s / REST_S, enough=False, text=text)
        if self.task == "baseline":
            return _baseline(snapshot, spent_s)
        if self.task == "mvc":
            return self._pushing(spent_s)
        return None

    def _pushing(self, spent_s: float) -> Countdown:
        of_s = _PARTS[self.part]
        left_s = max(0.0, of_s - spent_s)
        title = ("Get ready", "Push as hard as you can", "Loosen it", "Push as hard as you can")[self.part]
        text = f"{'first' if self.part < 2 else 'second'} of two, {left_s:.0f} s"
        return Countdown(
            title, site_title(self.site), left_s, of_s, 1 - left_s / of_s, enough=False, text=text
        )


_PARTS = (READY_S, PUSH_S, PAUSE_S, PUSH_S)


def legs_of(snapshot: Snapshot) -> tuple[str, ...]:
    """Name the sides whose strides count: those with a pair, or else those with a placed channel."""
    sides: Iterable[str] = {view.side for view in snapshot.pairs}
    sides = sides or {signal.site[-1] for signal in snapshot.channels if signal.site}
    return tuple(sorted(sides))


def fewest_strides(snapshot: Snapshot) -> int:
    """Usable strides of the baseline on the leg that has fewer."""
    return min((snapshot.baseline_strides.get(side, 0) for side in legs_of(snapshot)), default=0)


def is_finished(snapshot: Snapshot, spent_s: float) -> bool:
    """Whether a baseline run is over: strides enough, or time up with no fewer than the least."""
    strides = fewest_strides(snapshot)
    return strides >= GOOD_STRIDES or (spent_s >= MOST_S and strides >= LEAST_STRIDES)


def _baseline(snapshot: Snapshot, spent_s: float) -> Countdown:
    strides = fewest_strides(snapshot)
    enough = strides >= LEAST_STRIDES
    each = "on each leg" if len(legs_of(snapshot)) > 1 else "on this leg"
    text = f"{strides} of {GOOD_STRIDES} strides {each}"
    if enough:
        text += "; enough to go on, more finds smaller changes"
    elif spent_s >= MOST_S:
        text += f"; too few can be used ({LEAST_STRIDES} are needed): look at the lights, or skip"
    return Countdown(
        "Run at your usual pace",
        "Easy and even, as you will run; it goes on by itself",
        max(0.0, MOST_S - spent_s),
        MOST_S,
        min(1.0, strides / GOOD_STRIDES),
        enough,
        text,
    )
