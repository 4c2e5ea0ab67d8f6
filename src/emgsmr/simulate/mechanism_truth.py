"""What became of muscles that can tire, as a part of the ground truth."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import numpy as np

from emgsmr.simulate.takeover import Takeover

if TYPE_CHECKING:
    from emgsmr.anatomy import Pair
    from emgsmr.simulate.mechanism import Work
    from emgsmr.simulate.scenario import Scenario

_TIRED_RMS, _TIRED_HZ = 1.08, 0.96  # what four or twelve minutes of running can tell from nothing (0071)
_WINDOW_S = 720.0
_WEAK = 0.95


def mechanism_truth(
    truth: dict[str, Any], scenario: Scenario, work: Work, pairs: Mapping[str, Pair]
) -> dict[str, Any]:
    """Put what the muscles did into the ground truth.

    Returns
    -------
    dict
        ``truth`` with ``load`` (force at the top of fresh bursts, relative to maximal), ``takeovers``
        (inhibitions as forces and as EMG of fresh muscles), ``t_force_5pct_s`` (for each site when its
        maximal force first was 5 % below that at the end of the baseline, else None), for each site
        ``force_capacity`` (maximal force relative to fresh) and ``drive`` (excitation relative to that of a
        fresh muscle at the same force), and in ``expected`` the findings of inhibitions. A finding is of tier
        3 if the compensator's EMG rises by 8 % and its mean frequency falls by 4 % within 12 minutes after
        the shift is complete.
    """
    sites = {
        site: {
            **entry,
            "force_capacity": _listed(work, site, "force_capacity"),
            "drive": _listed(work, site, "drive"),
        }
        for site, entry in truth["sites"].items()
    }
    since = max((p.stop_s for p in scenario.phases if p.label == "baseline"), default=scenario.start_s)
    shifts = [row for row in truth["expected"] if "change_pct" in row]
    others = [row for row in truth["expected"] if "change_pct" not in row]
    first = len(scenario.shifts)
    shifts += [_finding(takeover, pairs) for takeover in work.takeovers[first:]]
    return {
        **truth,
        "sites": sites,
        "load": scenario.load,
        "takeovers": [_row(takeover) for takeover in work.takeovers],
        "t_force_5pct_s": {site: weak_from_s(work, site, since) for site in work.sites},
        "expected": [
            {**row, "tier": 3 if _tires(work, takeover, row["t_full_s"]) else 2}
            for row, takeover in zip(shifts, work.takeovers, strict=True)
        ]
        + others,
    }


def weak_from_s(work: Work, site: str, since_s: float) -> float | None:
    """Find when a site's maximal force has fallen by 5 % since a moment; None: never."""
    t_s, capacity = work.course.t_s, work.course.force_capacity[:, work.sites.index(site)]
    start = min(int(np.searchsorted(t_s, since_s)), len(t_s) - 1)
    weak = np.flatnonzero(capacity[start:] <= _WEAK * capacity[start])
    return float(t_s[start + weak[0]]) if len(weak) else None


def _listed(work: Work, site: str, quantity: str) -> list[list[float]]:
    return [[t, round(value, 6)] for t, value in work.points(site, quantity)]


def _row(takeover: Takeover) -> dict[str, Any]:
    row = dataclasses.asdict(takeover)
    return {key: list(map(list, value)) if key == "points" else _plain(value) for key, value in row.items()}


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, tuple) else value


def _tires(work: Work, takeover: Takeover, full_s: float) -> bool:
    t_s = work.course.t_s
    start = min(int(np.searchsorted(t_s, full_s)), len(t_s) - 1)
    stop = min(int(np.searchsorted(t_s, full_s + _WINDOW_S)), len(t_s) - 1)
    at = [work.sites.index(site) for site in takeover.compensator]
    rms = work.course.amplitude[stop, at] / work.course.amplitude[start, at]
    hz = work.course.frequency[stop, at] / work.course.frequency[start, at]
    return bool(np.any((rms >= _TIRED_RMS) & (hz <= _TIRED_HZ)))


def _finding(takeover: Takeover, pairs: Mapping[str, Pair]) -> dict[str, Any]:
    pair = pairs[takeover.pair]
    prime, compensator = (
        float(np.exp(np.mean(np.log(levels))))
        for levels in (takeover.prime_level, takeover.compensator_level)
    )
    begun = [t for t, reached in takeover.points if reached > 0.0]
    before = [t for t, reached in takeover.points if reached == 0.0 and begun and t < begun[0]]
    return {
        "kind": "finding",
        "pattern": "compensation",
        "pair": takeover.pair,
        "side": takeover.side,
        "prime": f"{pair.prime_name}_{takeover.side}",
        "compensator": f"{pair.compensator_name}_{takeover.side}",
        "t_onset_s": before[-1] if before else 0.0,
        "t_full_s": next((t for t, reached in takeover.points if reached >= 1.0), 0.0),
        "change_pct": 100.0 * (compensator / prime - 1.0),
        "d_prime_pct": 100.0 * (prime - 1.0),
        "d_compensator_pct": 100.0 * (compensator - 1.0),
    }
