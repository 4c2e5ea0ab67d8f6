"""A guided session at the console: cues, countdowns, and the sensors below them."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.cli.journal import Journal
from emgsmr.cli.question import asker, pressed_enter
from emgsmr.errors import EmgsmrError
from emgsmr.recording.event import clock

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emgsmr.analysis.protocols import Protocol, Step
    from emgsmr.radio.air import Air
    from emgsmr.recording import Montage
    from emgsmr.session.guide import Cue, Guide

VIRTUAL_TREATMENT_S = 20.0
STYLES = {"bout": "bold green", "rest": "cyan", "treatment": "bold magenta", "ready": "bold yellow"}


class GuidedJournal(Journal):
    """A journal with the cue above its tables."""

    guide: Guide | None = None
    enter = ""
    """What is said while Enter is waited for."""

    def _view(self) -> Any:
        from rich.console import Group

        cue = self.guide.cue if self.guide is not None else None
        return (
            Group(cue_panel(cue, enter=self.enter), super()._view()) if cue is not None else super()._view()
        )


def cue_panel(cue: Cue, *, enter: str = "") -> Any:
    """What is to be done, and how much of it is left."""
    from rich.align import Align
    from rich.panel import Panel
    from rich.text import Text

    step = cue.step
    text = Text(justify="center")
    text.append(f"{step.title}\n", style="bold")
    text.append(f"\n{step.say}\n\n", style=STYLES.get(step.kind, ""))
    if step.duration_s:
        part = 1.0 - cue.left_s / step.duration_s
        filled = round(40 * min(max(part, 0.0), 1.0))
        text.append("█" * filled + "░" * (40 - filled))
        text.append(f"  {cue.left_s:.0f} s", style="bold")
    elif enter:
        text.append(enter, style="bold")
    return Panel(Align.center(text), title=step.label or None)


class GuidedRun:
    """Records a protocol's sets."""

    def __init__(
        self,
        protocol: Protocol,
        sets: Sequence[Sequence[Step]],
        out: Path,
        *,
        treatment_s: float | None,
        as_json: bool,
    ) -> None:
        self._protocol, self._sets, self._out = protocol, sets, out
        self._treatment_s, self._as_json = treatment_s, as_json
        self._journal: GuidedJournal | None = None
        self.done: list[str] = []

    def record(self, montage: Montage | None, *, radio: str, speed: float, seed: int) -> None:
        """Go through the protocol to its end, or to Ctrl-C."""
        from emgsmr.session import Session
        from emgsmr.session.guide import Guide, start_guide

        air = self._air(radio, speed=speed, seed=seed)
        session = Session(montage, air=air, out=self._out, ask=asker())
        journal = GuidedJournal(session, on_alert=None, lines_to_stderr=True)
        guide = Guide(session, self._protocol, self._sets, say=self._say, wait=self._wait)
        journal.guide, self._journal = guide, journal
        tasks: list[asyncio.Task[None]] = []
        try:
            journal.run(on_start=lambda: tasks.append(start_guide(guide, session)))
        except KeyboardInterrupt:
            raise click.Abort from None
        except EmgsmrError:
            if self._out.exists():
                click.echo(f"What came before is kept: {self._out}", err=True)
            raise
        self.done = guide.done
        for task in tasks:
            if task.done() and not task.cancelled() and (error := task.exception()) is not None:
                raise error

    def summary(self) -> dict[str, Any]:
        """The session as one JSON object."""
        assert self._journal is not None
        return self._journal.summary()

    def _air(self, radio: str, *, speed: float, seed: int) -> Air:
        from emgsmr.radio.choose import choose_air
        from emgsmr.radio.client import change_asked_for, virtual_client

        change_pct = change_asked_for(radio)
        if change_pct is None:
            return choose_air(radio, speed=speed, seed=seed)
        if self._treatment_s is None:  # what the person does after it is written before the play
            self._treatment_s = VIRTUAL_TREATMENT_S
        return virtual_client(
            self._protocol,
            self._sets,
            change_pct=change_pct,
            treatment_s=self._treatment_s,
            speed=speed,
            seed=seed,
        )

    def _say(self, cue: Cue) -> None:
        """A line for each step, where no panel shows it."""
        journal = self._journal
        if journal is not None and journal.is_live():
            return
        label = f" {cue.step.label}" if cue.step.label else ""
        length = f" ({cue.step.duration_s:g} s)" if cue.step.duration_s else ""
        line = f"{clock(cue.t_s)}{label} {cue.step.title}{length}: {cue.step.say}"
        click.echo(line, err=self._as_json)

    async def _wait(self) -> None:
        """For the end of the treatment."""
        assert self._journal is not None
        if self._treatment_s is not None:
            await self._journal.session.air.sleep(self._treatment_s)
            return
        enter = self._protocol.words["guide.enter"]
        if not self._journal.is_live():
            click.echo(enter, err=True)
        self._journal.enter = enter
        await pressed_enter()
        self._journal.enter = ""
