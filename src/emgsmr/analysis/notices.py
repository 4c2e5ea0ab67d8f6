"""Notices of why nothing is watched: another pace for long, or a site without a usable signal for long.

Strides in which a chart stands still make no points, so nothing can be found in them. Short of a minute that
goes without saying; after it, one notice tells of the whole stretch.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from emgsmr.analysis.detector import PairMonitor
from emgsmr.analysis.finding import SIDES, Finding, Pattern, muscle_name
from emgsmr.analysis.strides import Stride
from emgsmr.recording.event import clock

LASTING_S = 60.0
MOSTLY = 0.8
BACK = 10
"""Strides in a row that end a stretch."""

NAN = float("nan")
SINCE = "@"
"""Stands for the time in a text until it is known."""


class Stretch:
    """Successive strides that mostly have something, from the first of them on."""

    def __init__(self) -> None:
        self.start_s: float | None = None
        self.lasting_s: float | None = None
        """When it had lasted long enough to be told."""
        self.last_s = NAN
        """End of the last stride that has it."""
        self.n = 0
        self._n_all = 0
        self._n_back = 0

    def take(self, stride: Stride, *, has: bool) -> bool:
        """Take in a stride; whether the stretch is now over (then begin another)."""
        if self.start_s is None:
            if not has:
                return False
            self.start_s = stride.t_start_s
        self._n_all += 1
        self.n += has
        self._n_back = 0 if has else self._n_back + 1
        if has:
            self.last_s = stride.t_end_s
        if self._n_back >= BACK or (
            self.lasting_s is None and self._n_all >= BACK and self.n < MOSTLY * self._n_all
        ):
            return True
        if self.lasting_s is None and self.last_s - self.start_s >= LASTING_S:
            self.lasting_s = stride.t_end_s
        return False


class LegNotices:
    """What stands in the way of one leg's pairs."""

    def __init__(self, monitors: Sequence[PairMonitor]) -> None:
        self.findings: list[Finding] = []
        self._monitors = list(monitors)
        self._pace = Stretch()
        self._sites: dict[str, Stretch] = {}
        self._open: dict[str, int] = {}  # what: number in `findings`

    def push(self, stride: Stride) -> list[Finding]:
        """Take in a stride after the monitors had it; return notices that began or ended."""
        watching = [m for m in self._monitors if m.chart is not None]
        if not stride.valid or not watching:
            return []
        changed: list[Finding] = []
        off_pace = [m for m in watching if m.missed == "pace"]
        if off_pace or any(not m.missed for m in watching):
            over = self._pace.take(stride, has=bool(off_pace))
            monitor = off_pace[0] if off_pace else watching[0]
            changed += self._told("pace", self._pace, monitor, "speed_change", _pace_text(monitor))
            if over:
                changed += self._ended("pace", self._pace)
                self._pace = Stretch()
        for site in dict.fromkeys(site for m in watching for site in m.sites):
            facts = stride.sites.get(site)
            stretch = self._sites.setdefault(site, Stretch())
            over = stretch.take(stride, has=facts is None or not facts.valid)
            pairs = [m for m in watching if site in m.sites]
            text = _signal_text(site, pairs, "" if facts is None else facts.reason)
            changed += self._told(site, stretch, pairs[0], "signal", text)
            if over:
                changed += self._ended(site, stretch)
                self._sites[site] = Stretch()
        return changed

    def _told(
        self, what: str, stretch: Stretch, monitor: PairMonitor, pattern: Pattern, text: str
    ) -> list[Finding]:
        if stretch.lasting_s is None or what in self._open:
            return []
        self._open[what] = len(self.findings)
        self.findings.append(_notice(what, monitor, pattern, stretch, text, len(self.findings) + 1))
        return [self.findings[-1]]

    def _ended(self, what: str, stretch: Stretch) -> list[Finding]:
        number = self._open.pop(what, None)
        if number is None:
            return []
        self.findings[number] = replace(self.findings[number], n_strides=stretch.n, t_end_s=stretch.last_s)
        return [self.findings[number]]


def _pace_text(monitor: PairMonitor) -> str:
    return (
        f"{SIDES[monitor.side].capitalize()} leg: since {SINCE} the pace differs too much from the "
        f"baseline's for its ratios to be compared; nothing is claimed about compensation until it is back."
    )


def _signal_text(site: str, pairs: Sequence[PairMonitor], reason: str) -> str:
    code, _, side = site.rpartition("_")
    names = " and ".join(m.pair.id for m in pairs)
    why = f" Reason: {reason}" if reason else ""
    return (
        f"No usable signal from the {SIDES[side]} {muscle_name(code)} ({site}) since {SINCE}; {names} cannot "
        f"be watched on this side until it is back.{why}"
    )


def _notice(
    what: str, monitor: PairMonitor, pattern: Pattern, stretch: Stretch, text: str, number: int
) -> Finding:
    assert stretch.start_s is not None
    assert stretch.lasting_s is not None
    return Finding(
        finding=f"{what}_{monitor.side}_{number}",
        pair=monitor.pair.id,
        side=monitor.side,
        prime=monitor.pair.prime_name,
        compensator=monitor.pair.compensator_name,
        t_onset_s=stretch.start_s,
        t_alarm_s=stretch.lasting_s,
        t_tier2_s=None,
        t_tier3_s=None,
        t_end_s=None,
        tier=0,
        change_pct=NAN,
        ci_low_pct=NAN,
        ci_high_pct=NAN,
        d_prime_pct=NAN,
        d_compensator_pct=NAN,
        z=NAN,
        pattern=pattern,
        overload_index=None,
        n_strides=stretch.n,
        text=text.replace(SINCE, clock(stretch.start_s)),
    )
