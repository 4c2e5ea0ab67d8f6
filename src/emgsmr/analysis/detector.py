"""The detector: whether a pair's ratio left its baseline, since when, how far, and which muscle moved.

Strides become points (medians of ten, adjusted for pace), points are standardized against the baseline, and
two one-sided CUSUMs sum what exceeds the allowance toward the compensator and away from it. An alarm needs
the sum above its limit *and* a change above the practical floor.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis.adjustment import Adjustment, fit_adjustment
from emgsmr.analysis.baseline import MIN_STRIDES, Baseline, Members
from emgsmr.analysis.chart import PLENTY, RECENT, Chart, Track, fit_chart
from emgsmr.analysis.episode import CLAIMS, Episode
from emgsmr.analysis.finding import Finding
from emgsmr.analysis.pace import PaceLog
from emgsmr.analysis.points import Missed, Point, PointMaker, parts_of, stride_levels
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.signature import NOTICES, change_of, pattern_of
from emgsmr.analysis.strides import CYCLE_NAMES, Stride
from emgsmr.anatomy import Pair
from emgsmr.recording.event import clock

MOST_DOUBT = 1.0 / 3.0
"""An adjustment for pace that is less certain than this part of the practical floor is not made."""

LEAST_DOUBT = 0.02
"""An adjustment that is that certain (log scale) is made whatever the floor."""

STALE_S = 300.0
"""After so long without a point an open episode ends: what happened since is not known."""

FATIGUE_EVERY_S = 60.0

FloatArray = NDArray[np.float64]

NONE: FloatArray = np.empty(0)
NONE.flags.writeable = False

Quadrant = Callable[[str, float], "str | None"]
"""JASA quadrant of a site as known at a time; None if there is none yet."""


class PairStatus(NamedTuple):
    """A pair on one side, now.

    ``change_pct`` is the last point's (None until there is one). ``band_pct``: what the baseline's own points
    leave by chance in one of twenty (None without a baseline). ``t_s``, ``points_pct``: all points so far,
    the end of their last strides and their change.
    """

    pair: str
    side: str
    prime: str
    compensator: str
    change_pct: float | None
    state: str
    band_pct: tuple[float, float] | None = None
    t_s: FloatArray = NONE
    points_pct: FloatArray = NONE


class PairMonitor:
    """Watches one pair on one side, stride by stride."""

    def __init__(
        self,
        pair: Pair,
        side: str,
        members: Members,
        *,
        n_charts: int,
        settings: Settings,
        paces: PaceLog | None = None,
        quadrant: Quadrant = lambda _site, _t_s: None,
    ) -> None:
        self.pair, self.side, self.members = pair, side, members
        self.quadrant = quadrant
        self.floor = float(np.log1p(settings.floor_pct / 100))
        self._n_charts = n_charts
        self._settings = settings
        self._paces = paces or PaceLog()
        self.restart()

    def restart(self) -> None:
        """Forget the baseline, and all that was found against it."""
        self.chart: Chart | None = None
        self.adjustment: Adjustment | None = None
        self.why_not = "no baseline"
        self.findings: list[Finding] = []
        self.episode: Episode | None = None
        self.tracks = (Track(1), Track(-1))
        self._baseline: Baseline | None = None
        self._points: PointMaker | None = None
        self._latest: Point | None = None
        self._looked_s = float("-inf")
        self._history = (NONE, NONE)

    @property
    def sites(self) -> tuple[str, ...]:
        """The sites that it needs."""
        return (*self.members.prime, *self.members.compensator)

    @property
    def missed(self) -> Missed:
        """Why the last stride did not count; empty if it did, or nothing is watched."""
        return self._points.missed if self._points is not None else ""

    def begin(self, baseline: Baseline, strides: Sequence[Stride]) -> None:
        """Learn what is usual from the baseline's strides."""
        self._baseline = baseline
        settings = self._settings
        inside = [s for s in strides if s.valid and baseline.t0_s <= s.t_start_s < baseline.t1_s]
        used = [s for s in inside if stride_levels(s, baseline, self.pair, self.members) is not None]
        if len(used) < max(MIN_STRIDES, 2 * settings.block_strides):
            noun = CYCLE_NAMES[baseline.gait]
            needed = max(MIN_STRIDES, 2 * settings.block_strides)
            self.why_not = f"only {len(used)} usable baseline {noun}, {needed} are needed"
            return
        levels = [stride_levels(s, baseline, self.pair, self.members) for s in used]
        parts = [parts_of(level, self.members) for level in levels if level is not None]
        paces = [self._paces.at(s) for s in used]
        self.adjustment = fit_adjustment(parts, paces, size=settings.block_strides)
        adjusted = [self.adjustment.adjusted(p, pace) for p, pace in zip(parts, paces, strict=True)]
        self.why_not = ""
        per_hour = baseline.cadence_spm / 2 * 60
        if not np.isfinite(per_hour):  # repetitions: as often as they were done
            starts = [s.t_start_s for s in inside]
            per_hour = 3600.0 * (len(starts) - 1) / (starts[-1] - starts[0])
        self.chart = fit_chart(
            adjusted,
            n_charts=self._n_charts,
            points_per_hour=per_hour / settings.block_strides,
            settings=settings,
        )
        self._points = PointMaker(
            self.pair, self.members, baseline, self.adjustment, size=settings.block_strides
        )

    def push(self, stride: Stride) -> list[Finding]:
        """Take in a stride after the baseline; return the findings that it changed."""
        closed = self.close_if_stale(stride)
        return closed + (self.judge() if self.take(stride) else [])

    def take(self, stride: Stride) -> bool:
        """Take in a stride; whether it made a point, which `judge` then looks at."""
        if self.chart is None or self._points is None:
            return False
        point = self._points.take(
            stride,
            self._paces.at(stride),
            most_doubt=max(MOST_DOUBT * self.floor, LEAST_DOUBT),
            tolerance=float(np.log1p(self._settings.cadence_tolerance_pct / 100)),
        )
        if point is None:
            return False
        self._latest = point
        t_s, points_pct = self._history
        self._history = (np.append(t_s, point.t_end_s), np.append(points_pct, self._change_pct(point)))
        for track in self.tracks:
            track.take(point, self.chart)
            self._look_at(track, self.chart)
        if self.episode is not None:
            self.episode.take(point)
        return True

    def _look_at(self, track: Track, chart: Chart) -> None:
        """Whether a direction is out; what looks like a notice must do so for some points."""
        if not track.is_out(chart, floor=self.floor):
            track.n_out, track.is_ready = 0, False
            return
        change = change_of(track.points[-RECENT:], chart)
        pattern = pattern_of(change, chart, self.members, direction=track.direction, floor=self.floor)
        track.n_out += 1
        track.is_ready = pattern not in NOTICES or track.n_out >= CLAIMS

    def candidate(self) -> Track | None:
        """The direction in which the ratio has left its baseline, if no episode is open."""
        if self.chart is None or self.episode is not None:
            return None
        return next((track for track in self.tracks if track.is_ready), None)

    def judge(self) -> list[Finding]:
        """Look at the point that has just been made; return the finding that it changed."""
        track = self.candidate()
        if track is not None:
            return [self.open(track)]
        return self._go_on() if self.episode is not None else []

    def open(self, track: Track) -> Finding:
        """Begin an episode."""
        assert self.chart is not None
        self.episode = Episode(
            self.pair, self.side, self.members, self.chart, self.floor, self._settings.block_strides,
            track.direction, len(self.findings) + 1, list(track.points), len(track.points) - 1,
        )  # fmt: skip
        self.episode.begin()
        self.findings.append(self.episode.finding())
        return self.findings[-1]

    def close(self, why: str = "", *, t_end_s: float | None = None) -> list[Finding]:
        """End the open episode, at its last point unless told otherwise."""
        if self.episode is None:
            return []
        self.episode.t_end_s = self.episode.points[-1].t_end_s if t_end_s is None else t_end_s
        self.episode.ended_why = why
        self.findings[-1] = self.episode.finding()
        self.episode = None
        for track in self.tracks:
            track.restart()
        return [self.findings[-1]]

    def close_if_stale(self, stride: Stride) -> list[Finding]:
        """End what has had no point for long before this stride."""
        if self._latest is None or stride.t_end_s - self._latest.t_end_s <= STALE_S:
            return []
        reason = {"pace": "the pace was too different from the baseline's", "signal": "the signal was lost"}
        why = reason.get(self.missed, "there were no strides")
        closed = self.close(f"Not followed after {clock(self._latest.t_end_s)}: {why}.")
        self._latest = None
        for track in self.tracks:
            track.restart()
        return closed

    def excess(self, stride: Stride) -> float | None:
        """What the compensator did beyond what prime mover and pace let expect; None where not known."""
        if self.adjustment is None or self._baseline is None:
            return None
        levels = stride_levels(stride, self._baseline, self.pair, self.members)
        if levels is None:
            return None
        return self.adjustment.excess(parts_of(levels, self.members), self._paces.at(stride))

    def status(self) -> PairStatus:
        """Where this pair stands."""
        change, state = None, "watching"
        if self.chart is not None and self.chart.n_points < PLENTY:
            found = self.chart.finds_pct(self._settings)
            state = f"watching (short baseline: a change of {found:.0f} % is found within minutes)"
        if self.chart is None:
            state = self.why_not
        elif self._latest is not None:
            change = self._change_pct(self._latest)
        if self.episode is not None:
            state = f"tier {self.episode.tier}: {self.episode.pattern}".replace("_", " ")
        elif self.missed:
            state = f"paused: {'pace differs from the baseline' if self.missed == 'pace' else 'no signal'}"
        names = (self.pair.prime_name, self.pair.compensator_name)
        band = None if self.chart is None else self.chart.band_pct
        return PairStatus(self.pair.id, self.side, *names, change, state, band, *self._history)

    def _change_pct(self, point: Point) -> float:
        assert self.chart is not None
        return float(100.0 * np.expm1(point.y - self.chart.mu))

    def _go_on(self) -> list[Finding]:
        episode = self.episode
        assert episode is not None
        before = self.findings[-1]
        if episode.is_over():
            return self.close()
        episode.look()
        if episode.n_claims >= CLAIMS:
            return self._restarted(episode)
        self._ask_for_fatigue(episode)
        self.findings[-1] = after = episode.finding()
        return [after] if (after.tier, after.pattern) != (before.tier, before.pattern) else []

    def _restarted(self, notice: Episode) -> list[Finding]:
        """A notice has become more than one: it ends where the alarm begins."""
        recent = notice.points[-CLAIMS:]
        track = Track(notice.direction)
        track.points = recent
        closed = self.close(t_end_s=recent[0].t_start_s)
        return [*closed, self.open(track)]

    def _ask_for_fatigue(self, episode: Episode) -> None:
        """Once a minute; of several sites of the compensator, one that tires is enough."""
        now_s = episode.points[-1].t_end_s
        if episode.direction < 0 or now_s - self._looked_s < FATIGUE_EVERY_S:
            return
        self._looked_s = now_s
        told = [q for site in self.members.compensator if (q := self.quadrant(site, now_s)) is not None]
        if told:
            episode.tire("fatigue" if "fatigue" in told else told[0], now_s)
