"""The presenter: takes what the user does and what the session says, and tells what to show. No Qt."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from emgsmr.gui import doing, protocol_screens, recording_screens, screens
from emgsmr.gui.desk import RECORDING, Desk
from emgsmr.gui.following import follow
from emgsmr.gui.screen import Step
from emgsmr.gui.summary import Make, make_summary

if TYPE_CHECKING:
    from emgsmr.analysis import Finding
    from emgsmr.gui.alerts import Sound
    from emgsmr.gui.engine import Engine
    from emgsmr.gui.memory import Memory
    from emgsmr.gui.screen import Screen
    from emgsmr.recording import Montage


class Presenter:
    """Leads from sensors to summary.

    Parameters
    ----------
    engine : Engine
        The session in its own thread.
    folder : Path
        Where recordings go.
    memory : Memory
        Montages of earlier sessions.
    now : callable
        The window's clock (s).
    today : callable
        Date and time, for the name of the recording.
    make_summary : callable
        ``make_summary(path)`` gives the `emgsmr.gui.summary.Summary` of a recording; called in a thread.
    montage : Montage, optional
        That sensors are connected with.
    out : Path, optional
        The first recording, instead of one named by date and time.
    protocol : str
        Name or path of the one that is begun after the check; empty = the user decides.
    """

    def __init__(
        self,
        engine: Engine,
        *,
        folder: Path,
        memory: Memory,
        now: Callable[[], float] = time.monotonic,
        today: Callable[[], datetime] = datetime.now,
        make_summary: Make = make_summary,
        montage: Montage | None = None,
        out: Path | None = None,
        protocol: str = "",
    ) -> None:
        snapshot = engine.snapshot()
        self.desk = Desk(
            engine,
            Path(folder),
            memory,
            now,
            today,
            make_summary,
            snapshot,
            montage=montage,
            out=out,
            protocol=protocol,
        )

    def look(self) -> Screen:
        """What to show now; to be called by a timer."""
        desk = self.desk
        desk.snapshot = desk.engine.snapshot()
        now_s = desk.now()
        desk.activities.take(desk.snapshot.channels, now_s)
        desk.outages.take(desk.snapshot)
        follow(desk, now_s)
        return replace(self._screen(now_s), muted=desk.muted, traces=desk.traces)

    def _screen(self, now_s: float) -> Screen:
        desk = self.desk
        state, snapshot, activities = desk.state, desk.snapshot, desk.activities
        if state.step is Step.FIND:
            return screens.find(state, snapshot, desk.offered(), desk.memory.problem)
        if state.step is Step.PLACE:
            return screens.placing(state, snapshot, activities, now_s)
        if state.step is Step.CHECK:
            return screens.checking(state, snapshot, activities, now_s)
        if state.step is Step.CALIBRATE:
            return recording_screens.calibrating(state, snapshot, activities, desk.outages)
        if state.step is Step.PROTOCOL:
            return protocol_screens.protocol(state, snapshot, activities, desk.outages)
        if state.step is Step.RUN:
            return recording_screens.running(state, snapshot, activities, desk.outages, muted=desk.muted)
        return recording_screens.after(state, snapshot)

    def do(self, name: str, value: str = "") -> None:
        """Do what the user asks; what does not fit now does nothing.

        Parameters
        ----------
        name : str
            One of `emgsmr.gui.doing.WHERE`.
        value : str
            Such as a site, a note, a path or "SENSOR/CHANNEL".

        Raises
        ------
        ArgumentError
            There is no such action.
        """
        doing.do(self.desk, name, value)

    def sounds(self) -> list[Sound]:
        """Sounds to play since the last call; none while muted."""
        sounds, self.desk.sounds = self.desk.sounds, []
        return [] if self.desk.muted else sounds

    def alerts(self) -> list[Finding]:
        """Findings that the user was alerted of since the last call, muted or not."""
        alerts, self.desk.alerts = self.desk.alerts, []
        return alerts

    def closing(self) -> str:
        """A question to ask before the window closes; empty if nothing would be lost."""
        state = self.desk.state
        if state.step in RECORDING:
            return f"A recording is running. Stop it and close? It is kept as {state.out}."
        if state.summary is not None and state.summary.summary is None:
            return f"The summary is still being written; the recording is kept as {state.out}. Close anyway?"
        return ""
