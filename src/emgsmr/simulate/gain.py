"""By what the script multiplies each site's bursts and frequencies, as points over time."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import numpy as np

from emgsmr.errors import ArgumentError
from emgsmr.simulate.profile import PROFILES
from emgsmr.simulate.scenario import Inhibition, Points, Scenario, Shift

if TYPE_CHECKING:
    from emgsmr.anatomy import Pair

_FINE_S = 2.0  # distance of points where two changes overlap


def combined(parts: Sequence[Points]) -> Points:
    """Multiply several factors, as points.

    Examples
    --------
    >>> combined([((10.0, 1.0), (20.0, 2.0)), ((30.0, 1.0), (40.0, 0.5))])[-1]
    (40.0, 1.0)
    """
    if not parts:
        return ((0.0, 1.0),)
    if len(parts) == 1:
        return parts[0]
    times = {t for points in parts for t, _ in points}
    times |= set(np.arange(min(times), max(times), _FINE_S).tolist())
    t = np.array(sorted(times))
    product = np.ones(len(t))
    for points in parts:
        product *= np.interp(t, [p[0] for p in points], [p[1] for p in points])
    return tuple(zip(t.tolist(), product.tolist(), strict=True))


def shifted_sites(
    shift: Shift | Inhibition, pairs: Mapping[str, Pair]
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Name the sites of the prime mover and of the compensator that a shift or an inhibition acts on."""
    if shift.pair not in pairs:
        raise ArgumentError(f"there is no pair {shift.pair}; there are {', '.join(pairs)}")
    pair = pairs[shift.pair]
    return (
        tuple(f"{muscle}_{shift.side}" for muscle in pair.prime),
        tuple(f"{muscle}_{shift.side}" for muscle in pair.compensator),
    )


def burst_gains(scenario: Scenario, pairs: Mapping[str, Pair]) -> dict[str, Points]:
    """Find the factor on each site's bursts over time: shifts, one-sided changes, fatigue and speed."""
    parts: dict[str, list[Points]] = {f"{muscle}_{side}": [] for muscle in PROFILES for side in "LR"}
    for shift in scenario.shifts:
        prime, compensator = shifted_sites(shift, pairs)
        for sites, sign in ((prime, -1.0), (compensator, 1.0)):
            for site in sites:
                parts[site].append(
                    tuple((t, 1.0 + sign * shift.size * reached) for t, reached in shift.points)
                )
    for change in scenario.changes:
        parts[change.site].append(change.points)
    for fatigue in scenario.fatigue:
        for site in fatigue.sites:
            parts[site].append(((fatigue.start_s, 1.0), (fatigue.stop_s, fatigue.gain)))
    if any(speed != 1.0 for _, speed in scenario.speed):
        for site, site_parts in parts.items():
            site_parts.append(_speed_gain(scenario.speed, PROFILES[site.rsplit("_", 1)[0]].speed_exponent))
    return {site: combined(site_parts) for site, site_parts in parts.items()}


def spectral_scales(scenario: Scenario) -> dict[str, Points]:
    """Find the factor on each tiring site's frequencies over time."""
    parts: dict[str, list[Points]] = {}
    for fatigue in scenario.fatigue:
        for site in fatigue.sites:
            parts.setdefault(site, []).append(((fatigue.start_s, 1.0), (fatigue.stop_s, fatigue.scale)))
    return {site: combined(site_parts) for site, site_parts in parts.items()}


def _speed_gain(speed: Points, exponent: float) -> Points:
    t = np.unique(np.concatenate([np.linspace(a[0], b[0], 25) for a, b in itertools.pairwise(speed)]))
    level = np.interp(t, [p[0] for p in speed], [p[1] for p in speed]) ** exponent
    return tuple(zip(t.tolist(), level.tolist(), strict=True))
