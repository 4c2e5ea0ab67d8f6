"""An episode: one change of a pair's ratio from its onset to its end, and the finding that tells of it."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from scipy import special

from emgsmr.analysis.baseline import Members
from emgsmr.analysis.chart import RECENT, Chart
from emgsmr.analysis.finding import Finding, Pattern, sentence
from emgsmr.analysis.points import Point
from emgsmr.analysis.signature import NOTICES, change_of, pattern_of
from emgsmr.anatomy import Pair

OVERLOAD_S = 3600.0
"""Time in which one smallest detectable change fills 63 % of the overload index."""

CONFIRMED = 2
"""Points in a row, the alarm's among them, that show a compensation pattern before it is told as tier 2."""

CLAIMS = 3
"""Points in a row in which a notice must look like an alarm before it becomes one."""


@dataclass(slots=True, eq=False)
class Episode:
    """What is known of a change so far; `finding` tells it.

    ``points``: from the onset on; ``alarm``: which of them raised it. ``fatigue``: what amplitude and
    spectrum of the compensator say together. ``explained``: sentences about what else this change explains.
    """

    pair: Pair
    side: str
    members: Members
    chart: Chart
    floor: float
    size: int
    direction: int
    number: int
    points: list[Point]
    alarm: int
    pattern: Pattern = "prime_down"
    tier: int = 0
    t_tier2_s: float | None = None
    t_tier3_s: float | None = None
    t_end_s: float | None = None
    fatigue: str = ""
    explained: dict[str, str] = field(default_factory=dict)
    ended_why: str = ""
    n_compensation: int = 0
    n_claims: int = 0

    @property
    def is_notice(self) -> bool:
        """Whether it claims nothing about compensation."""
        return self.pattern in NOTICES

    @property
    def described(self) -> list[Point]:
        """The points after the alarm; until there is one, those that raised it."""
        after = self.points[self.alarm + 1 :]
        return after or self.points[max(self.alarm + 1 - RECENT, 0) : self.alarm + 1]

    def take(self, point: Point) -> None:
        """Add a point."""
        self.points.append(point)

    def begin(self) -> None:
        """Tell the pattern for the first time: an alarm, or a notice."""
        self.pattern = self._pattern(self.points[-RECENT:])
        self.tier = 0 if self.is_notice else 1
        self.n_compensation = int(self.pattern == "compensation")

    def look(self) -> None:
        """Tell the pattern again, and raise the tier if it calls for that."""
        after = len(self.points) - self.alarm - 1
        recent = self._pattern(self.points[-RECENT:])
        told = self._pattern(self.described) if after >= RECENT else recent
        if self.tier == 0:  # a notice stays one; what is more than that begins a new episode
            self.n_claims = 0 if recent in NOTICES else self.n_claims + 1
            self.pattern = told if told in NOTICES else self.pattern
            return
        self.pattern = told
        self.n_compensation = self.n_compensation + 1 if told == "compensation" else 0
        if self.t_tier2_s is None and self.n_compensation >= CONFIRMED:
            self.t_tier2_s, self.tier = self.points[-1].t_end_s, max(self.tier, 2)

    def tire(self, quadrant: str, t_s: float) -> None:
        """Take in what the compensator's amplitude and spectrum say together."""
        self.fatigue = quadrant
        if quadrant == "fatigue" and self.t_tier2_s is not None and self.t_tier3_s is None:
            self.t_tier3_s, self.tier = t_s, 3

    def is_over(self) -> bool:
        """Whether three points in a row are back below half the floor."""
        if len(self.points) - self.alarm <= 3:
            return False
        last = [self.direction * (p.y - self.chart.mu) for p in self.points[-3:]]
        return float(np.mean(last)) < 0.5 * self.floor

    def finding(self) -> Finding:
        """The episode so far; its numbers describe the strides from the alarm on."""
        chart, points = self.chart, self.described
        change = change_of(points, chart)
        y = np.array([p.y for p in points]) - chart.mu
        mean, reach = mean_and_reach(y, chart, doubt=float(np.mean([p.doubt for p in points])))
        interval = (_percent(mean - reach), _percent(mean + reach))
        numbers = {
            "change_pct": _percent(mean),
            "d_prime_pct": _percent(change.prime),
            "d_compensator_pct": _percent(change.compensator),
            "t_onset_s": self.points[0].t_start_s,
            "z": mean / chart.sigma,
        }
        notes = [*self.explained.values(), *([self.ended_why] if self.ended_why else [])]
        return Finding(
            finding=f"{self.pair.id}_{self.side}_{self.number}",
            pair=self.pair.id,
            side=self.side,
            prime=self.pair.prime_name,
            compensator=self.pair.compensator_name,
            t_alarm_s=self.points[self.alarm].t_end_s,
            t_tier2_s=self.t_tier2_s,
            t_tier3_s=self.t_tier3_s,
            t_end_s=self.t_end_s,
            tier=self.tier,
            ci_low_pct=interval[0],
            ci_high_pct=interval[1],
            pattern=self.pattern,
            overload_index=None if self.is_notice else self._overload(),
            n_strides=len(points) * self.size,
            text=sentence(
                self.pair, self.side, pattern=self.pattern, ci_pct=interval, sdc_pct=chart.sdc_pct,
                fatigue=self.fatigue.replace("_", " "), notes=notes, **numbers,
            ),
            **numbers,
        )  # fmt: skip

    def _pattern(self, points: list[Point]) -> Pattern:
        change = change_of(points, self.chart)
        return pattern_of(change, self.chart, self.members, direction=self.direction, floor=self.floor)

    def _overload(self) -> float:
        """Accumulated excess since onset, saturating: 63 for one smallest detectable change in an hour."""
        excess = sum(max(p.y - self.chart.mu, 0.0) * (p.t_end_s - p.t_start_s) for p in self.points)
        return float(100.0 * -np.expm1(-excess / (self.chart.sdc * OVERLOAD_S)))


def mean_and_reach(y: np.ndarray, chart: Chart, *, doubt: float = 0.0) -> tuple[float, float]:
    """Mean of some points, and half of its 95 % interval.

    The error is that of the points, of the baseline's center, and of the adjustment for pace (``doubt``).
    Points that are alike from one to the next tell less than their number.
    """
    n = len(y)
    own = n >= RECENT  # fewer points say less about their scatter than the baseline does
    scatter = float(np.std(y, ddof=1)) if own else chart.sigma
    of_points = chart.inflation * scatter**2 / n
    of_center = chart.inflation * chart.sigma**2 / chart.n_points
    error = float(np.sqrt(of_points + of_center + doubt**2))
    freedom = (n if own else chart.n_points) - 1
    return float(np.mean(y)), float(special.stdtrit(freedom, 0.975)) * error


def _percent(log_change: float) -> float:
    return float(100.0 * np.expm1(log_change))
