"""The detector: whether a pair's ratio left its baseline, since when, how far, and which muscle moved.

Strides become points (medians of ten), points are standardized against the baseline, and a one-sided CUSUM
sums what exceeds the allowance. An alarm needs the sum above its limit *and* a change above the practical
floor.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from emgsmr import dsp
from emgsmr.analysis.baseline import MIN_STRIDES, Baseline, Members
from emgsmr.analysis.chart import MEDIAN_SE, RECENT, Chart, Point, fit_chart
from emgsmr.analysis.finding import Finding, Pattern, sentence
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.strides import CYCLE_NAMES, Stride
from emgsmr.anatomy import Pair

FloatArray = NDArray[np.float64]

BREAK_S = 60.0
"""Strides further apart than this do not share a point."""

MIN_PART = float(np.log(1.08))
"""A muscle that changed by less did not move, however certain."""


OVERLOAD_S = 3600.0
"""Time in which one smallest detectable change fills 63 % of the overload index."""


class PairStatus(NamedTuple):
    """A pair on one side, now: ``change_pct`` is the last point's (None until there is one)."""

    pair: str
    side: str
    prime: str
    compensator: str
    change_pct: float | None
    state: str


def _percent(log_change: float) -> float:
    return float(100.0 * np.expm1(log_change))


def _mean_and_reach(y: FloatArray, chart: Chart) -> tuple[float, float]:
    """Mean of the points, and half of its 95 % interval: their own scatter and the baseline's."""
    n = len(y)
    own = n >= RECENT  # fewer points say less about their scatter than the baseline does
    scatter = float(np.std(y, ddof=1)) if own else chart.sigma
    error = float(np.hypot(scatter / np.sqrt(n), MEDIAN_SE * chart.sigma / np.sqrt(chart.n_points)))
    return float(np.mean(y)), float(stats.t.ppf(0.975, (n if own else chart.n_points) - 1)) * error


class PairMonitor:
    """Watches one pair on one side, stride by stride."""

    def __init__(self, pair: Pair, side: str, members: Members, *, n_charts: int, settings: Settings) -> None:
        self.pair = pair
        self.side = side
        self.members = members
        self.chart: Chart | None = None
        self.why_not = "no baseline"
        self.findings: list[Finding] = []
        self._n_charts = n_charts
        self._settings = settings
        self._baseline: Baseline | None = None
        self._strides: list[Stride] = []
        self._since: list[Point] = []
        self._s = 0.0
        self._alarm_at: int | None = None
        self._tier2_s: float | None = None
        self._episodes = 0
        self._latest: Point | None = None

    def begin(self, baseline: Baseline, strides: list[Stride]) -> None:
        """Learn what is usual from the baseline's strides."""
        self._baseline = baseline
        inside = [s for s in strides if s.valid and baseline.t0_s <= s.t_start_s < baseline.t1_s]
        ratios = [r for s in inside if (r := baseline.log_ratio(s, self.pair, self.members)) is not None]
        points = [point for stride in inside if (point := self._point(stride)) is not None]
        in_points = len(points) * self._settings.block_strides
        left, self._strides = len(self._strides), []
        if in_points < MIN_STRIDES:
            usable = min(in_points + left, MIN_STRIDES - 1)
            noun = CYCLE_NAMES[baseline.gait]
            self.why_not = f"only {usable} usable baseline {noun}, {MIN_STRIDES} are needed"
            return
        self.why_not = ""
        per_hour = baseline.cadence_spm / 2 * 60
        if not np.isfinite(per_hour):  # repetitions: as often as they were done
            starts = [s.t_start_s for s in inside]
            per_hour = 3600.0 * (len(starts) - 1) / (starts[-1] - starts[0])
        self.chart = fit_chart(
            points,
            dsp.robust_scale(np.array([r.y for r in ratios])),
            n_charts=self._n_charts,
            points_per_hour=per_hour / self._settings.block_strides,
            settings=self._settings,
        )

    def push(self, stride: Stride) -> list[Finding]:
        """Take in a stride after the baseline; return the findings that it changed."""
        point = self._point(stride) if self.chart is not None and stride.valid else None
        self._latest = point or self._latest
        return [] if point is None else self._judge(point)

    def status(self) -> PairStatus:
        """Where this pair stands."""
        change = state = None
        if self.chart is None:
            state = self.why_not
        elif self._latest is not None:
            change = _percent(self._latest.y - self.chart.mu)
        if self._alarm_at is not None:
            state = f"tier {self.findings[-1].tier}: {self.findings[-1].pattern}".replace("_", " ")
        names = (self.pair.prime_name, self.pair.compensator_name)
        return PairStatus(self.pair.id, self.side, *names, change, state or "watching")

    def _point(self, stride: Stride) -> Point | None:
        """The next point, once enough strides are together."""
        baseline = self._baseline
        assert baseline is not None
        off_pace = (
            abs(stride.cadence_spm / baseline.cadence_spm - 1) > self._settings.cadence_tolerance_pct / 100
        )
        if off_pace or baseline.log_ratio(stride, self.pair, self.members) is None:
            return None
        if self._strides and stride.t_start_s - self._strides[-1].t_end_s > BREAK_S:
            self._strides.clear()
        self._strides.append(stride)
        if len(self._strides) < self._settings.block_strides:
            return None
        strides, self._strides = self._strides, []
        ratios = np.array([baseline.log_ratio(s, self.pair, self.members) for s in strides], dtype=np.float64)
        y, prime, compensator = np.median(ratios, axis=0)

        def quiet(sites: tuple[str, ...]) -> float:
            level = [
                np.log(s.sites[site].quiet / baseline.quiet[site]) / 2 for s in strides for site in sites
            ]
            return float(np.median(level))

        return Point(
            strides[0].t_start_s,
            strides[-1].t_end_s,
            float(y),
            float(prime),
            float(compensator),
            quiet(self.members.prime),
            quiet(self.members.compensator),
        )

    def _judge(self, point: Point) -> list[Finding]:
        chart = self.chart
        assert chart is not None
        _, self._s = dsp.cusum(np.array([(point.y - chart.mu) / chart.sigma]), k=chart.k, state=self._s)
        if self._s == 0.0 and self._alarm_at is None:
            self._since.clear()
            return []
        self._since.append(point)
        floor = np.log1p(self._settings.floor_pct / 100)
        size = float(np.mean([p.y for p in self._since[-RECENT:]])) - chart.mu
        if self._alarm_at is None:
            if self._s <= chart.limit or size <= floor or len(self._since) < 2:
                return []
            self._alarm_at = len(self._since) - 1
            self._episodes += 1
            self.findings.append(self._finding(t_end_s=None))
            return [self.findings[-1]]
        before = self.findings[-1]
        recent = float(np.mean([p.y for p in self._since[-3:]])) - chart.mu
        over = len(self._since) - self._alarm_at > 3 and recent < 0.5 * floor
        self.findings[-1] = self._finding(t_end_s=point.t_end_s if over else None)
        changed = over or self.findings[-1].tier != before.tier or self.findings[-1].pattern != before.pattern
        if over:
            self._since.clear()
            self._s, self._alarm_at, self._tier2_s = 0.0, None, None
        return [self.findings[-1]] if changed else []

    def _finding(self, *, t_end_s: float | None) -> Finding:
        """The episode so far; its numbers describe the points from the alarm on."""
        chart, alarm = self.chart, self._alarm_at
        assert chart is not None
        assert alarm is not None
        points = np.array(self._since[alarm:], dtype=np.float64)
        prime, compensator = float(np.median(points[:, 3])), float(np.median(points[:, 4]))
        mean, reach = _mean_and_reach(points[:, 2] - chart.mu, chart)
        pattern = self._pattern(prime, compensator, points)
        if pattern == "compensation" and self._tier2_s is None and len(points) >= 2:
            self._tier2_s = self._since[-1].t_end_s
        notice = pattern in ("gain_drift", "harder_work")
        size = {
            "change_pct": _percent(mean),
            "d_prime_pct": _percent(prime),
            "d_compensator_pct": _percent(compensator),
            "t_onset_s": self._since[0].t_start_s,
        }
        interval = (_percent(mean - reach), _percent(mean + reach))
        return Finding(
            finding=f"{self.pair.id}_{self.side}_{self._episodes}",
            pair=self.pair.id,
            side=self.side,
            prime=self.pair.prime_name,
            compensator=self.pair.compensator_name,
            t_alarm_s=self._since[alarm].t_end_s,
            t_tier2_s=self._tier2_s,
            t_tier3_s=None,
            t_end_s=t_end_s,
            tier=0 if notice else 1 if self._tier2_s is None else 2,
            ci_low_pct=interval[0],
            ci_high_pct=interval[1],
            z=mean / chart.sigma,
            pattern=pattern,
            overload_index=None if notice else self._overload(),
            n_strides=len(points) * self._settings.block_strides,
            text=sentence(
                self.pair, self.side, pattern=pattern, ci_pct=interval, sdc_pct=chart.sdc_pct, **size
            ),
            **size,
        )

    def _pattern(self, prime: float, compensator: float, points: FloatArray) -> Pattern:
        """Which muscle moved, and whether its electrode is the likelier reason."""
        assert self.chart is not None
        error = np.sqrt(1.0 / len(points) + MEDIAN_SE**2 / self.chart.n_points)
        enough = max(1.96 * self.chart.component_sigma * error, MIN_PART)
        quiet_prime, quiet_compensator = np.median(points[:, 5]), np.median(points[:, 6])
        for part, quiet in ((prime, quiet_prime), (compensator, quiet_compensator)):
            if abs(part) > enough and quiet / part > 0.5 and abs(quiet) > np.log(1.1):
                return "gain_drift"
        if prime > enough and compensator > enough:
            return "harder_work"
        if prime < -enough and compensator > enough:
            return "compensation"
        return "prime_down" if -prime > compensator else "compensator_up"

    def _overload(self) -> float:
        """Accumulated excess since onset, saturating: 63 for one smallest detectable change in an hour."""
        assert self.chart is not None
        excess = sum(max(p.y - self.chart.mu, 0.0) * (p.t_end_s - p.t_start_s) for p in self._since)
        return float(100.0 * -np.expm1(-excess / (self.chart.sdc * OVERLOAD_S)))
