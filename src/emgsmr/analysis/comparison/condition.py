"""One look at a person: a finished pipeline, its bouts, and what each pair did in them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np

from emgsmr.analysis.baseline import Baseline, Members, fit_baseline
from emgsmr.analysis.comparison.bouts import MIN_CYCLES, Bout, Bouts, BoutValue, of_side, strides_in
from emgsmr.analysis.comparison.received import LeftOut, mostly_missing
from emgsmr.analysis.facts import SiteFacts
from emgsmr.analysis.leg import Leg
from emgsmr.analysis.pipeline import Pipeline
from emgsmr.analysis.strides import Stride
from emgsmr.anatomy import Pair

Levels = Mapping[tuple[str, str], float]
"""What log-ratios are relative to: µV of each (window, site)."""


@dataclass(frozen=True, slots=True, eq=False)
class Condition:
    """Before, or after.

    Attributes
    ----------
    name : {"before", "after"}
    pipeline : Pipeline
        Finished.
    bouts : Bouts
    source : str
        Name of the recording.
    """

    name: Literal["before", "after"]
    pipeline: Pipeline
    bouts: Bouts
    source: str

    def strides(self, side: str) -> dict[Bout, list[Stride]]:
        """A leg's strides in each of its bouts."""
        leg = self.pipeline.legs.get(side)
        return {} if leg is None else strides_in(leg.strides, of_side(self.bouts, side))

    def scale(self, side: str) -> Baseline | None:
        """Noise floor, gait and levels of a leg's strides in the bouts; None if none can be used."""
        strides = [stride for found in self.strides(side).values() for stride in found]
        rest = {
            site: power
            for site in self.pipeline.sites
            if site.endswith(f"_{side}") and (power := self.pipeline.rest_power(site)) is not None
        }
        infinite = float("inf")
        return fit_baseline(strides, t0_s=-infinite, t1_s=infinite, source="bouts", rest=rest)

    def leg(self, side: str) -> Leg:
        """That leg of the pipeline."""
        return self.pipeline.legs[side]


def relative_to(scale: Baseline, levels: Levels) -> Baseline:
    """The same noise floor and gait, with other levels."""
    return replace(scale, level=dict(levels))


def usable_bouts(condition: Condition, scale: Baseline, site: str, window: str) -> int:
    """Bouts that were mostly received from a site, and in which it can be used in enough strides."""
    return sum(
        sum(np.isfinite(scale.log_rel(stride, site, window)) for stride in strides if stride.valid)
        >= MIN_CYCLES
        and not mostly_missing(condition.pipeline, bout, [site])
        for bout, strides in condition.strides(site[-1]).items()
    )


def bout_values(
    condition: Condition, scale: Baseline, pair: Pair, side: str, members: Members
) -> tuple[list[BoutValue], list[LeftOut]]:
    """A pair's values in the bouts of a leg, and each bout that is left out."""
    found, left_out = [], []
    sites = [*members.prime, *members.compensator]
    for bout, strides in condition.strides(side).items():
        used = [stride for stride in strides if stride.valid]
        ratios = [scale.log_ratio(stride, pair, members) for stride in used]
        known = [(stride, ratio) for stride, ratio in zip(used, ratios, strict=True) if ratio is not None]
        why = mostly_missing(condition.pipeline, bout, sites)
        if not why and len(known) < MIN_CYCLES:
            why = (
                f"{len(known)} of {len(strides)} strides or repetitions could be used, "
                f"{MIN_CYCLES} are needed"
            )
        if why:
            left_out.append(LeftOut(condition.name, bout, why))
            continue
        y, prime, compensator = (float(np.median(part)) for part in zip(*(r for _, r in known), strict=True))
        cadence = float(np.median([stride.cadence_spm for stride, _ in known]))
        found.append(BoutValue(bout, y, prime, compensator, len(known), cadence))
    return found, left_out


def column(values: Sequence[BoutValue], name: Literal["y", "prime", "compensator"]) -> np.ndarray:
    """One of the numbers of some bouts."""
    return np.array([getattr(value, name) for value in values])


def site_levels(condition: Condition, side: str) -> dict[str, np.ndarray]:
    """Logarithm of the median amplitude (µV) of each site in each usable bout, over whole strides.

    Not in the windows of the pairs: exchanged sensors show bursts at another time, too.
    """
    found: dict[str, list[float]] = {}
    for strides in condition.strides(side).values():
        for site, facts in _valid_facts(strides).items():
            power = np.array([np.nanmean(f.bins) for f in facts if np.isfinite(f.bins).any()])
            power = power[power > 0]
            if len(power) >= MIN_CYCLES:
                found.setdefault(site, []).append(float(0.5 * np.log(np.median(power))))
    return {site: np.array(levels) for site, levels in found.items()}


def burst_centers(condition: Condition, side: str) -> dict[str, float]:
    """Circular mean (% of the stride) of when each site works, over all bouts; gait only."""
    strides = [s for found in condition.strides(side).values() for s in found if s.gait in ("run", "walk")]
    found = {}
    for site, facts in _valid_facts(strides).items():
        at = np.array([f.center_pct for f in facts if np.isfinite(f.center_pct)])
        if len(at) >= MIN_CYCLES:
            found[site] = float(
                np.angle(np.exp(2j * np.pi * at / 100.0).mean()) / (2 * np.pi) * 100.0 % 100.0
            )
    return found


def _valid_facts(strides: Sequence[Stride]) -> dict[str, list[SiteFacts]]:
    found: dict[str, list[SiteFacts]] = {}
    for stride in strides:
        for site, facts in stride.sites.items():
            if stride.valid and facts.valid:
                found.setdefault(site, []).append(facts)
    return found
