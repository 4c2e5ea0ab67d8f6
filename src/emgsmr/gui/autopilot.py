"""Leads through the steps where nobody clicks: presses what a user would press next, as soon as it may be."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from emgsmr.gui.screen import Step

if TYPE_CHECKING:
    from emgsmr.gui.screen import Screen

PATIENCE_S = 15.0
"""So long it waits for lights to turn green before it goes on without them."""


class Autopilot:
    """Presses one action at a time, through the presenter like everybody.

    Parameters
    ----------
    do : callable
        ``do(name)``, of the presenter.
    now : callable
        The window's clock (s).
    baseline : float
        How much of a full baseline (0 to 1) is taken, at least as much as is enough.
    """

    def __init__(self, do: Callable[[str], None], now: Callable[[], float], *, baseline: float = 0.0) -> None:
        self._do, self._now, self._baseline = do, now, baseline
        self.problem = ""
        """Why it cannot go on; empty if it can."""
        self._step: Step | None = None
        self._since_s = 0.0
        self._connecting = False

    def follow(self, screen: Screen) -> None:
        """Press what leads on from a screen."""
        if screen.step is not self._step:
            self._step, self._since_s = screen.step, self._now()
        if screen.busy or self.problem:
            return
        name = self._next(screen)
        if name:
            self._do(name)

    def _next(self, screen: Screen) -> str:
        may = {action.name for action in screen.actions if action.enabled}
        waited = self._now() - self._since_s >= PATIENCE_S
        if screen.step is Step.FIND:
            return self._find(screen)
        if screen.step is Step.PLACE:
            if all(row.sensor for row in screen.sites) and "next" in may:
                return "next"
            if waited and not any(row.sensor for row in screen.sites):
                self.problem = (
                    "No muscle is known, so nothing can be recorded by itself: give --montage "
                    "(`emgsmr scan --write-montage` makes one)"
                )
            return "next" if waited and "next" in may else ""
        if screen.step is Step.CHECK:
            return "next" if "next" in may else "confirm" if waited and "confirm" in may else ""
        if screen.step is Step.CALIBRATE:
            return self._calibrate(screen, may)
        if screen.step is Step.PROTOCOL:
            return next((action.name for action in screen.actions if action.main and action.enabled), "")
        return ""

    def _find(self, screen: Screen) -> str:
        if screen.banner is not None and screen.banner.kind == "error":
            self.problem = screen.banner.text
            return ""
        if self._connecting:
            return ""
        if not screen.sensors:
            return "scan" if not self._scanned() else self._give_up(screen.cue)
        self._connecting = True
        return "connect"

    def _scanned(self) -> bool:
        before, self._has_scanned = getattr(self, "_has_scanned", False), True
        return before

    def _give_up(self, why: str) -> str:
        self.problem = why
        return ""

    def _calibrate(self, screen: Screen, may: set[str]) -> str:
        countdown = screen.countdown
        if countdown is None:
            main = next((action.name for action in screen.actions if action.main and action.enabled), "")
            return main if main in ("start_rest", "start_baseline") else ""
        return "next" if "next" in may and countdown.progress >= self._baseline else ""
