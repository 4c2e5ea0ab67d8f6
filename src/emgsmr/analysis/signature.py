"""Which muscle moved, and whether its electrode is the likelier reason: the pattern of a change."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from emgsmr.analysis.baseline import Members
from emgsmr.analysis.chart import Chart
from emgsmr.analysis.finding import Pattern
from emgsmr.analysis.points import Point

MIN_PART = float(np.log(1.08))
"""A muscle that changed by less did not move, however certain."""

SHARE_OF_BOTH = 0.2
"""Both muscles moved only if the one that moved less did at least this part of the change of the ratio."""

LEAST_HARDER, SHARE_HARDER = float(np.log(1.1)), 0.25
"""Harder work raises the prime mover by a tenth, and by a quarter of what the compensator rises."""

QUIET_MOVED = float(np.log(1.1))
QUIET_SHARE = 0.5
"""A channel's gain is suspected if its quiet part moved by a tenth, and half as much as its bursts."""

NOTICES: frozenset[str] = frozenset({"gain_drift", "harder_work", "speed_change", "signal"})
"""Patterns of tier 0: they claim nothing about compensation."""


class Change(NamedTuple):
    """Medians over some points, natural logarithms against the baseline's centers."""

    y: float
    prime: float
    compensator: float
    levels: tuple[float, ...]
    quiets: tuple[float, ...]
    n_points: int


def change_of(points: Sequence[Point], chart: Chart) -> Change:
    """How far some points are from the baseline."""
    rows = np.array([(p.y, p.prime, p.compensator, *p.levels, *p.quiets) for p in points])
    middle = np.median(rows, axis=0).tolist()
    n = len(points[0].levels)
    return Change(
        middle[0] - chart.mu,
        middle[1] - chart.part_mus[0],
        middle[2] - chart.part_mus[1],
        tuple(middle[3 : 3 + n]),
        tuple(middle[3 + n :]),
        len(points),
    )


def pattern_of(change: Change, chart: Chart, members: Members, *, direction: int, floor: float) -> Pattern:
    """The pattern of a change of the ratio toward the compensator (``direction`` 1) or away from it (-1)."""
    without = direction * (change.y - sum(gains(change, chart, members).values()))
    if without < direction * change.y and without < floor:
        return "gain_drift"
    errors = [1.96 * chart.error(change.n_points, sigma) for sigma in chart.part_sigmas]
    least = max(MIN_PART, SHARE_OF_BOTH * abs(change.y))
    of_prime, of_compensator = max(errors[0], least), max(errors[1], least)
    harder = max(of_prime, LEAST_HARDER, SHARE_HARDER * change.compensator)
    if change.prime > harder and change.compensator > of_compensator:
        return "harder_work"
    if direction < 0:
        return "opposite"
    if change.prime < -of_prime and change.compensator > of_compensator:
        return "compensation"
    return "prime_down" if -change.prime > change.compensator else "compensator_up"


def gains(change: Change, chart: Chart, members: Members) -> dict[str, float]:
    """What members contribute to the log-ratio whose quiet part moved along with their bursts.

    Muscles change their bursts. Sweat, a drying electrode or a moved cable change a channel in all phases.
    """
    found = {}
    error = 1.96 * chart.error(change.n_points, max(chart.part_sigmas))
    weights = weights_of(members)
    for (site, weight), level, quiet in zip(weights.items(), change.levels, change.quiets, strict=True):
        together = abs(quiet) > QUIET_MOVED and quiet * level > 0  # NaN: not known, not suspected
        if together and abs(level) > max(error, MIN_PART) and quiet / level > QUIET_SHARE:
            found[site] = weight * level
    return found


def weights_of(members: Members) -> dict[str, float]:
    """What each member's logarithm counts for in the log-ratio."""
    weights = dict.fromkeys(members.prime, -1.0 / len(members.prime))
    return weights | dict.fromkeys(members.compensator, 1.0 / len(members.compensator))
