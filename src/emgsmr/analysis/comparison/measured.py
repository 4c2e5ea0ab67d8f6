"""What was measured of a pair on one leg before and after, or why the two cannot be compared."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from emgsmr.analysis.baseline import Baseline, Members
from emgsmr.analysis.comparison.bouts import MIN_BOUTS, BoutValue, of_side
from emgsmr.analysis.comparison.condition import (
    Condition,
    bout_values,
    relative_to,
    usable_bouts,
)
from emgsmr.analysis.comparison.electrodes import REPLACED, ElectrodesFound, moved, rates_differ
from emgsmr.analysis.comparison.own_reference import own_levels
from emgsmr.analysis.comparison.received import LeftOut
from emgsmr.analysis.leg import members_on
from emgsmr.analysis.strides import CYCLE_NAMES
from emgsmr.anatomy import Pair

BEFORE_LEVEL = "the bouts before"


@dataclass(frozen=True, slots=True)
class PairOnLeg:
    """A pair on one leg.

    Attributes
    ----------
    pair : Pair
    side : {"L", "R"}
    before, after : tuple of BoutValue
    reason : str
        Why they cannot be compared; empty if they can.
    notes : tuple of str
        What limits the comparison.
    relative_to : str
        What log-ratios are relative to.
    left_out : tuple of LeftOut
        Bouts that do not count; `notes` says so too.
    """

    pair: Pair
    side: str
    before: tuple[BoutValue, ...] = ()
    after: tuple[BoutValue, ...] = ()
    reason: str = ""
    notes: tuple[str, ...] = ()
    relative_to: str = BEFORE_LEVEL
    left_out: tuple[LeftOut, ...] = ()


def measure_pair(
    pair: Pair, side: str, before: Condition, after: Condition, electrodes: ElectrodesFound
) -> PairOnLeg | None:
    """The bouts of a pair on a leg; None if it was measured neither before nor after."""
    measured = [members_on(pair, side, list(look.pipeline.sites)) for look in (before, after)]
    if measured[0] is None and measured[1] is None:
        return None
    found = _common(pair, side, measured)
    if isinstance(found, str):
        return PairOnLeg(pair, side, reason=found)
    reason = _cannot(found, side, before, after, electrodes)
    if reason:
        return PairOnLeg(pair, side, reason=reason)
    scales = _scales(before, after, side)
    if isinstance(scales, str):
        return PairOnLeg(pair, side, reason=scales)
    members, notes = _usable(pair, found, measured, (before, after), scales)
    if isinstance(members, str):
        return PairOnLeg(pair, side, reason=members)
    name = BEFORE_LEVEL
    if electrodes.state == "replaced":
        levels = own_levels((before, after), scales, [*members.prime, *members.compensator])
        if isinstance(levels, str):
            return PairOnLeg(pair, side, reason=f"{REPLACED} ({electrodes.why}) and {levels}")
        scales, name = levels.scales, levels.name
        notes.append(f"{REPLACED} ({electrodes.why}): each muscle is relative to {name}")
    values, left_out = [], []
    for look, scale in zip((before, after), scales, strict=True):
        of_bouts, without = bout_values(look, scale, pair, side, members)
        left_out += without
        values.append(tuple(of_bouts))
    few = [
        f"only {_count(len(of_bouts))} {look.name} can be used, {MIN_BOUTS} are needed"
        for look, of_bouts in zip((before, after), values, strict=True)
        if len(of_bouts) < MIN_BOUTS
    ]
    reason = " and ".join(few)
    return PairOnLeg(pair, side, values[0], values[1], reason, tuple(notes), name, tuple(left_out))


def _count(n: int) -> str:
    return f"{n} bout{'' if n == 1 else 's'}"


def _common(pair: Pair, side: str, measured: Sequence[Members | None]) -> Members | str:
    """The sites of both parts that were measured before and after."""
    names = {"prime": pair.prime_name, "compensator": pair.compensator_name}
    for look, members in zip(("before", "after"), measured, strict=True):
        if members is None:
            return f"{pair.prime_name} and {pair.compensator_name} of this leg were not both measured {look}"
    assert measured[0] is not None
    assert measured[1] is not None
    parts = {}
    for part, name in names.items():
        one, other = getattr(measured[0], part), getattr(measured[1], part)
        parts[part] = tuple(site for site in one if site in other)
        if not parts[part]:
            return f"{name}_{side} was measured in different places before and after ({one[0]}, {other[0]})"
    return Members(parts["prime"], parts["compensator"])


def _cannot(
    members: Members, side: str, before: Condition, after: Condition, electrodes: ElectrodesFound
) -> str:
    """Why the recordings do not permit it; empty if they do."""
    sites = [*members.prime, *members.compensator]
    wirings = before.pipeline.wiring, after.pipeline.wiring
    if before.pipeline is not after.pipeline:
        if reason := rates_differ(sites, *wirings):
            return reason
        if electrodes.state == "kept":
            changes = [why for site in sites if (why := moved(site, *wirings))]
            if changes:
                return f"the montage was changed: {'; '.join(changes)}"
    for look in (before, after):
        n = len(of_side(look.bouts, side).bouts)
        if n < MIN_BOUTS:
            were = "was" if n == 1 else "were"
            return f"only {_count(n)} {look.name} {were} recorded for this leg, {MIN_BOUTS} are needed"
    return ""


def _scales(before: Condition, after: Condition, side: str) -> tuple[Baseline, Baseline] | str:
    """Noise floors of both looks, with the levels before; a sentence where there are none.

    Within one recording one noise floor counts for both: else a difference between the two would be one of
    the muscles.
    """
    one, other = before.scale(side), after.scale(side)
    for look, scale in ((before, one), (after, other)):
        if scale is None:
            return f"no stride or repetition {look.name} can be used"
    assert one is not None
    assert other is not None
    if one.gait != other.gait:
        tasks = {"run": "running", "walk": "walking"}
        words = [tasks.get(scale.gait, CYCLE_NAMES[scale.gait]) for scale in (one, other)]
        return f"the bouts before are {words[0]} and those after {words[1]}"
    if before.pipeline is after.pipeline:
        return one, one
    return one, relative_to(other, one.level)


def _usable(
    pair: Pair,
    members: Members,
    measured: Sequence[Members | None],
    looks: tuple[Condition, Condition],
    scales: tuple[Baseline, Baseline],
) -> tuple[Members | str, list[str]]:
    """The sites that can be used in enough bouts of both looks, and what was left out."""
    notes = []
    before = {site for found in measured if found for part in found for site in part}
    for site in sorted(before - {*members.prime, *members.compensator}):
        notes.append(f"without {site}, which was not measured both times")
    kept = {}
    for part in ("prime", "compensator"):
        sites = getattr(members, part)
        good = []
        for site in sites:
            bad = [
                look.name
                for look, scale in zip(looks, scales, strict=True)
                if usable_bouts(look, scale, site, pair.id if scale.gait == "run" else "main") < MIN_BOUTS
            ]
            if not bad:
                good.append(site)
            elif len(sites) > 1:
                notes.append(f"without {site}, whose signal {' and '.join(bad)} cannot be used")
            else:
                return f"the signal of {site} {' and '.join(bad)} cannot be used in {MIN_BOUTS} bouts", notes
        if not good:
            return f"the signals of {' and '.join(sites)} cannot be used in {MIN_BOUTS} bouts each", notes
        kept[part] = tuple(good)
    return Members(kept["prime"], kept["compensator"]), notes


def same_numbers(found: PairOnLeg) -> bool:
    """Whether each bout after has the one of the same number before."""
    before, after = ([value.bout.number for value in bouts] for bouts in (found.before, found.after))
    return before == after


def cadence_note(found: PairOnLeg, *, tolerance_pct: float) -> str:
    """That the pace was another one, which moves a ratio by itself; empty if it was not."""
    means = [np.mean([value.cadence_spm for value in bouts]) for bouts in (found.before, found.after)]
    if not np.isfinite(means).all() or not means[0] > 0:
        return ""
    change = 100.0 * (means[1] / means[0] - 1.0)
    if abs(change) <= tolerance_pct:
        return ""
    return f"cadence {change:+.0f} %, which moves a ratio by itself"
