"""One change, one alarm: muscles that two pairs share move both ratios, and only one of them is told.

The hamstrings compensate in P1 and are the prime mover in P2. If they rise, P1's ratio rises and P2's falls;
if they fall, it is the other way round. The pair whose ratio moved toward its compensator tells it; the
other one is explained by it, and is silent unless its own other muscle moved by more than the practical
floor as well.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emgsmr.analysis.chart import RECENT, Track
from emgsmr.analysis.detector import PairMonitor
from emgsmr.analysis.finding import SIDES, Finding, muscle_name
from emgsmr.analysis.points import Point
from emgsmr.analysis.signature import weights_of
from emgsmr.analysis.strides import Stride

HEADING = 0.5
"""A ratio that moved by this part of the floor toward its compensator may be about to be told."""

MOST_HELD = 18
"""Points (two minutes) that an alarm waits for another pair to tell the same change."""


class Arbiter:
    """The pairs of one leg together."""

    def __init__(self, monitors: Sequence[PairMonitor]) -> None:
        self.monitors = list(monitors)
        self._silenced: dict[int, tuple[int, int]] = {}  # monitor: (the one that explains it, direction)

    def push(self, stride: Stride) -> list[Finding]:
        """Take in a stride after the baseline; return the findings that it changed."""
        changed = [f for monitor in self.monitors for f in monitor.close_if_stale(stride)]
        made = [k for k, monitor in enumerate(self.monitors) if monitor.take(stride)]
        # first those toward a compensator: what they tell may explain the others
        made.sort(key=lambda k: (_direction(self.monitors[k]) != 1, k))
        for k in made:
            self._release()
            changed += self._judge(k)
        return changed

    def _judge(self, k: int) -> list[Finding]:
        monitor = self.monitors[k]
        track = monitor.candidate()
        if track is None:
            return monitor.judge()
        if self._is_explained(k, track) or self._is_held(monitor, track):
            return []
        return [*self._superseded(k, track), *monitor.judge()]

    def _is_explained(self, k: int, track: Track) -> bool:
        """Whether the open episode of another pair tells this change already; says so in its text."""
        monitor = self.monitors[k]
        for j, other in enumerate(self.monitors):
            episode = other.episode
            if j == k or episode is None or (episode.direction < 0 < track.direction):
                continue
            if (
                not shares(monitor, other, track, episode.direction)
                or own_part(monitor, other, track) > monitor.floor
            ):
                continue
            self._silenced[k] = (j, track.direction)
            episode.explained[monitor.pair.id] = _explanation(monitor, track)
            return True
        return False

    def _is_held(self, monitor: PairMonitor, track: Track) -> bool:
        """Whether another pair is about to tell this change as one toward its compensator."""
        if track.direction > 0 or track.n_held >= MOST_HELD:
            return False
        for other in self.monitors:
            if other is monitor or other.chart is None or other.episode is not None:
                continue
            heading = other.tracks[0].size(other.chart) > HEADING * other.floor
            if (
                heading
                and shares(monitor, other, track, 1)
                and (own_part(monitor, other, track) <= monitor.floor)
            ):
                track.n_held += 1
                return True
        return False

    def _superseded(self, k: int, track: Track) -> list[Finding]:
        """End episodes away from a compensator that this change, now told, explains."""
        monitor, closed = self.monitors[k], []
        for other in self.monitors:
            episode = other.episode
            if other is monitor or episode is None or episode.direction > 0 or track.direction < 0:
                continue
            back = Track(-1)
            back.points = episode.points
            if shares(other, monitor, back, 1) and own_part(other, monitor, back) <= other.floor:
                closed += other.close(f"Told from then on by {monitor.pair.id}, which shares the muscle.")
        return closed

    def _release(self) -> None:
        """What was explained by an episode that is over starts from zero."""
        for k, (j, direction) in list(self._silenced.items()):
            if self.monitors[j].episode is None:
                del self._silenced[k]
                self.monitors[k].tracks[0 if direction > 0 else 1].restart()


def _direction(monitor: PairMonitor) -> int:
    track = monitor.candidate()
    return 0 if track is None else track.direction


def shares(monitor: PairMonitor, other: PairMonitor, track: Track, direction: int) -> bool:
    """Whether a muscle of both pairs moved so that it explains this change, and the other's, too."""
    weights, others = weights_of(monitor.members), weights_of(other.members)
    shared = [site for site in weights if site in others]
    if not shared:
        return False
    levels = dict(zip(monitor.sites, _levels(track.points), strict=True))
    here = track.direction * sum(weights[site] * levels[site] for site in shared)
    there = direction * sum(others[site] * levels[site] for site in shared)
    return here > 0 and there > 0


def own_part(monitor: PairMonitor, other: PairMonitor, track: Track) -> float:
    """What is left of a change without the muscles that the other pair measures as well (log scale)."""
    weights, others = weights_of(monitor.members), weights_of(other.members)
    levels = dict(zip(monitor.sites, _levels(track.points), strict=True))
    return track.direction * sum(w * levels[site] for site, w in weights.items() if site not in others)


def _levels(points: Sequence[Point]) -> list[float]:
    return list(np.median([p.levels for p in points[-RECENT:]], axis=0).tolist())


def _explanation(monitor: PairMonitor, track: Track) -> str:
    assert monitor.chart is not None
    size = 100.0 * np.expm1(track.direction * track.size(monitor.chart))
    side, pair = SIDES[monitor.side], monitor.pair
    return (
        f"It also explains the change of {side} {muscle_name(pair.compensator_name)} relative to "
        f"{muscle_name(pair.prime_name)} ({size:+.0f} %), which shares the muscle."
    )
