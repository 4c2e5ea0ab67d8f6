"""The virtual runner does what the window asks a person for: contracts muscles, runs, keeps to a protocol."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from emgsmr.gui.screen import Step

if TYPE_CHECKING:
    from emgsmr.gui.calibration import Calibration
    from emgsmr.gui.desk import Desk
    from emgsmr.gui.screen import Screen
    from emgsmr.radio.runner_on_call import RunnerOnCall

AGAIN_S = 7.0
"""A contraction that led to nothing is repeated after so long."""


class VirtualRunner:
    """Follows the screens.

    Parameters
    ----------
    runner : RunnerOnCall
    desk : Desk
        Which task is under way.
    now : callable
        The window's clock (s).
    change_pct : float, %
        What a protocol's treatment changes.
    """

    def __init__(
        self,
        runner: RunnerOnCall,
        desk: Desk,
        now: Callable[[], float],
        *,
        change_pct: float = 40.0,
    ) -> None:
        self._runner, self._desk, self._now = runner, desk, now
        self._change_pct = change_pct
        self._rehearsed: object = ()
        self._label = ""
        self._asked: tuple[str, str, int] = ("", "", 0)
        self._asked_s = 0.0

    def follow(self, screen: Screen) -> None:
        """Do what a screen asks for, if it is something new, or was asked for long ago."""
        if screen.step is Step.PROTOCOL:
            self._keep_to_protocol()
            return
        calibration = self._desk.state.calibration
        if screen.step is Step.RUN or (screen.step is Step.CALIBRATE and calibration.task == "baseline"):
            self._runner.run()
            return
        asked = _asked(screen, calibration)
        again = self._now() - self._asked_s >= AGAIN_S and asked[0] != Step.CALIBRATE
        if asked[1] and (asked != self._asked or again):
            self._runner.contract(asked[1])
            self._asked_s = self._now()
        self._asked = asked

    def _keep_to_protocol(self) -> None:
        """Rehearse it once it is chosen; perform each set when it begins, and stand in between."""
        chosen, snapshot = self._desk.state.protocol, self._desk.snapshot
        if chosen.protocol is not None and chosen.sets is not self._rehearsed:
            self._rehearsed = chosen.sets
            self._runner.rehearse(chosen.protocol, chosen.sets, change_pct=self._change_pct)
        cue = snapshot.cue if chosen.guided else None
        label = cue.step.label if cue is not None else ""
        if label == self._label:
            return
        self._label = label
        if cue is None:
            self._runner.stand()
        elif label:
            begun_s = self._now() - (snapshot.elapsed_s - (cue.t_s - cue.step.t_s))
            self._runner.perform(label, late_s=lambda: self._now() - begun_s)


def _asked(screen: Screen, calibration: Calibration) -> tuple[str, str, int]:
    """Step, site, and which time; the site is empty if nothing is to be contracted now."""
    site, time = "", 0
    if screen.step is Step.PLACE:
        site = screen.selected_site
    elif screen.step is Step.CHECK:
        untested = [row.site for row in screen.sites if row.sensor and not row.contracted]
        site = screen.selected_site or next(iter(untested), "")
    elif screen.step is Step.CALIBRATE and calibration.task == "mvc" and calibration.part % 2:
        site, time = calibration.site, calibration.part
    return screen.step, site, time
