"""Points of a chart: medians of some successive strides that can be compared with the baseline."""

from __future__ import annotations

from math import isfinite, log
from typing import Literal, NamedTuple

import numpy as np

from emgsmr.analysis.adjustment import Adjustment, Parts
from emgsmr.analysis.baseline import Baseline, Members
from emgsmr.analysis.pace import Pace
from emgsmr.analysis.strides import Stride
from emgsmr.anatomy import Pair

BREAK_S = 60.0
"""Strides further apart than this do not share a point."""

GOOD_SHARE = 0.8
"""A point counts only if both muscles could be used in this share of the strides that it spans."""

Missed = Literal["", "signal", "pace"]


class Point(NamedTuple):
    """Median of ``Settings.block_strides`` strides; natural logarithms against the baseline, at its pace.

    ``doubt``: standard deviation of the adjustment for pace. ``levels``, ``quiets``: of each member, prime
    mover first: activation (as measured, whatever the pace) and the quiet part of the stride.
    """

    t_start_s: float
    t_end_s: float
    y: float
    prime: float
    compensator: float
    doubt: float
    levels: tuple[float, ...]
    quiets: tuple[float, ...]


class Value(NamedTuple):
    """One stride of a pair."""

    t_start_s: float
    t_end_s: float
    parts: Parts
    doubt: float
    levels: tuple[float, ...]
    quiets: tuple[float, ...]


def stride_levels(
    stride: Stride, baseline: Baseline, pair: Pair, members: Members
) -> tuple[float, ...] | None:
    """Logarithm of each member's activation; None unless all of them are valid and the gait the same."""
    if not stride.valid:
        return None
    window = pair.id if stride.gait == "run" else "main"
    levels = tuple(baseline.log_rel(stride, site, window) for site in (*members.prime, *members.compensator))
    return levels if all(isfinite(level) for level in levels) else None


def parts_of(levels: tuple[float, ...], members: Members) -> Parts:
    """Log-ratio, and the mean of its parts."""
    n = len(members.prime)
    prime = sum(levels[:n]) / n
    compensator = sum(levels[n:]) / len(members.compensator)
    return Parts(compensator - prime, (compensator + prime) / 2.0)


def quiet_levels(stride: Stride, baseline: Baseline, members: Members) -> tuple[float, ...]:
    """Logarithm of the amplitude of each member's quiet part against the baseline's; NaN if not known."""
    found = []
    for site in (*members.prime, *members.compensator):
        now, then = stride.sites[site].quiet, baseline.quiet.get(site, float("nan"))
        found.append(log(now / then) / 2.0 if now > 0 and then > 0 else float("nan"))
    return tuple(found)


class PointMaker:
    """Collects strides of one pair until they are a point."""

    def __init__(
        self, pair: Pair, members: Members, baseline: Baseline, adjustment: Adjustment, *, size: int
    ) -> None:
        self.pair, self.members = pair, members
        self.baseline, self.adjustment = baseline, adjustment
        self.missed: Missed = ""
        """Why the last stride does not count."""
        self._size = size
        self._values: list[Value] = []
        self._n_bad = 0

    def take(self, stride: Stride, pace: Pace, *, most_doubt: float, tolerance: float) -> Point | None:
        """The next point, once enough strides are together.

        Parameters
        ----------
        stride : Stride
        pace : Pace
        most_doubt : float
            Strides whose adjustment is less certain than this (log scale) do not count,
        tolerance : float
            unless their cadence is within this (log scale) of the baseline's.
        """
        levels = stride_levels(stride, self.baseline, self.pair, self.members)
        if levels is None:
            self.missed = "signal"
            self._n_bad += 1
            return None
        doubt = self.adjustment.doubt(pace)
        away = self.adjustment.away(pace)
        if doubt > most_doubt and not (abs(away[0]) <= tolerance and not any(away[1:])):
            self.missed = "pace"
            return None
        self.missed = ""
        if self._values and stride.t_start_s - self._values[-1].t_end_s > BREAK_S:
            self._clear()
        parts = self.adjustment.adjusted(parts_of(levels, self.members), pace)
        quiets = quiet_levels(stride, self.baseline, self.members)
        self._values.append(Value(stride.t_start_s, stride.t_end_s, parts, doubt, levels, quiets))
        if len(self._values) < self._size:
            return None
        values, n_bad = self._values, self._n_bad
        self._clear()
        return point_of(values) if len(values) >= GOOD_SHARE * (len(values) + n_bad) else None

    def _clear(self) -> None:
        self._values, self._n_bad = [], 0


def point_of(values: list[Value]) -> Point:
    """The medians of some strides."""
    rows = np.array([(v.parts.y, v.parts.prime, v.parts.compensator, *v.levels, *v.quiets) for v in values])
    middle = np.median(rows, axis=0).tolist()
    n = len(values[0].levels)
    return Point(
        values[0].t_start_s,
        values[-1].t_end_s,
        middle[0],
        middle[1],
        middle[2],
        float(np.mean([v.doubt for v in values])),
        tuple(middle[3 : 3 + n]),
        tuple(middle[3 + n :]),
    )
