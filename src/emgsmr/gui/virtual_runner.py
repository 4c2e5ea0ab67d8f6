"""The virtual runner does what the window asks a person for: contracts the muscle that it names, and runs."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from emgsmr.gui.screen import Step

if TYPE_CHECKING:
    from emgsmr.gui.calibration import Calibration
    from emgsmr.gui.screen import Screen
    from emgsmr.radio.on_call import RunnerOnCall

AGAIN_S = 7.0
"""A contraction that led to nothing is repeated after so long."""


class VirtualRunner:
    """Follows the screens.

    Parameters
    ----------
    runner : RunnerOnCall
    calibration : callable
        Which task is under way.
    now : callable
        The window's clock (s).
    """

    def __init__(
        self, runner: RunnerOnCall, calibration: Callable[[], Calibration], now: Callable[[], float]
    ) -> None:
        self._runner, self._calibration, self._now = runner, calibration, now
        self._asked: tuple[str, str, int] = ("", "", 0)
        self._asked_s = 0.0

    def follow(self, screen: Screen) -> None:
        """Do what a screen asks for, if it is something new, or was asked for long ago."""
        calibration = self._calibration()
        if screen.step is Step.RUN or (screen.step is Step.CALIBRATE and calibration.task == "baseline"):
            self._runner.run()
            return
        asked = _asked(screen, calibration)
        again = self._now() - self._asked_s >= AGAIN_S and asked[0] != Step.CALIBRATE
        if asked[1] and (asked != self._asked or again):
            self._runner.contract(asked[1])
            self._asked_s = self._now()
        self._asked = asked


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
