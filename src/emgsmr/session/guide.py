"""Leads a person through a protocol while a session records: says what to do, counts down, marks bouts."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from emgsmr.analysis.protocols import Step, opening_event, step_event
from emgsmr.errors import ArgumentError

if TYPE_CHECKING:
    from emgsmr.analysis.protocols import Protocol
    from emgsmr.session.live import Session

COUNT_S = 1.0
"""How often the time left is told."""

BROKEN_OFF = "broken off"
"""Label of the note in a bout that was not brought to its end: it counts as none."""


@dataclass(frozen=True, slots=True)
class Cue:
    """A step that is due now: where in the set, and how much of it is left."""

    step: Step
    t_s: float
    """When it began, on the recording's clock."""
    left_s: float


class Guide:
    """Goes through sets of steps on the session's clock.

    Parameters
    ----------
    session : Session
        That records.
    protocol : Protocol
    sets : sequence of sequence of Step
        From `emgsmr.analysis.protocols.set_schedule` or `session_schedule`.
    say : callable
        Told each step when it begins.
    count : callable
        Told the time left, once a second.
    wait : callable
        Awaited in steps that take as long as they take (the treatment).

    Attributes
    ----------
    cue : Cue or None
        The step that is due; None before the first.
    done : list of str
        Labels of the sets that were finished.
    """

    def __init__(
        self,
        session: Session,
        protocol: Protocol,
        sets: Sequence[Sequence[Step]],
        *,
        say: Callable[[Cue], None],
        wait: Callable[[], Awaitable[None]],
        count: Callable[[Cue], None] = lambda _: None,
    ) -> None:
        self.cue: Cue | None = None
        self.done: list[str] = []
        self._session, self._protocol, self._sets = session, protocol, sets
        self._say, self._count, self._wait = say, count, wait

    async def run(self) -> None:
        """Go through all sets, then end the session.

        Bouts land in the recording when they begin, as phases with the set's label and their duration.
        """
        opening = opening_event(self._protocol, self._session.elapsed_s)
        self._session.mark(opening.kind, label=opening.label, note=opening.note)
        for steps in self._sets:
            begin_s = self._session.elapsed_s
            for step in steps:
                await self._do(step, begin_s)
            if steps[-1].label:
                self.done.append(steps[-1].label)
        self._session.request_stop()

    async def _do(self, step: Step, begin_s: float) -> None:
        """One step, to its end on the clock of its set: lateness does not add up."""
        now_s = self._session.elapsed_s
        self.cue = Cue(step, now_s, step.duration_s)
        event = step_event(self._protocol, step, now_s)
        if event is not None:
            left_s = max(begin_s + step.end_s - now_s, 0.0) if step.duration_s else None
            self._session.mark(
                event.kind, label=event.label, side=event.side, note=event.note, duration_s=left_s
            )
        self._say(self.cue)
        try:
            await self._last(step, begin_s, now_s)
        except asyncio.CancelledError:
            if step.kind == "bout":
                with suppress(ArgumentError):  # the recording ended: nothing of the bout comes after that
                    self._session.mark("note", label=BROKEN_OFF, side=step.side)
            raise

    async def _last(self, step: Step, begin_s: float, now_s: float) -> None:
        """Wait for the end of a step."""
        if step.kind == "treatment":
            await self._wait()
            return
        while (left_s := begin_s + step.end_s - self._session.elapsed_s) > 1e-6:
            self.cue = Cue(step, now_s, left_s)
            self._count(self.cue)
            await self._session.air.sleep(min(left_s - COUNT_S * int((left_s - 1e-6) / COUNT_S), left_s))


def start_guide(guide: Guide, session: Session) -> asyncio.Task[None]:
    """Let a guide run beside its session; an error of it ends the session."""
    task = asyncio.get_running_loop().create_task(guide.run(), name="guide")
    task.add_done_callback(lambda _: session.request_stop())
    return task
