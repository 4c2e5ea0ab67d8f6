"""One row of a comparison: effect, error, p-values and verdict; the family is corrected together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

import numpy as np

from emgsmr.analysis.comparison.bouts import BoutValue
from emgsmr.analysis.comparison.condition import column
from emgsmr.analysis.comparison.detectable import Detectable, smallest_detectable
from emgsmr.analysis.comparison.effect import (
    Effect,
    contrast,
    equivalence_p,
    half_width,
    hedges_g,
    matched,
    p_value,
    two_groups,
)
from emgsmr.analysis.comparison.measured import PairOnLeg, same_numbers
from emgsmr.analysis.comparison.multiplicity import false_discovery, holm
from emgsmr.analysis.comparison.permutation import Permutation, permute_bouts
from emgsmr.analysis.comparison.plan import ComparisonPlan
from emgsmr.analysis.comparison.verdict import Verdict, changed, verdict
from emgsmr.analysis.earlier import between_days

NAN = float("nan")


class Interval(NamedTuple):
    """A change on the log scale with its 95 % interval and p."""

    y: float
    low: float
    high: float
    p: float

    @classmethod
    def of(cls, effect: Effect, *, alpha: float = 0.05) -> Interval:
        """Of an effect; the interval misses with probability ``alpha``."""
        reach = float(half_width(effect, alpha=alpha))
        y = float(effect.y)
        return cls(y, y - reach, y + reach, float(p_value(effect)))


UNKNOWN = Interval(NAN, NAN, NAN, NAN)


@dataclass(frozen=True, slots=True)
class Judged:
    """A row; NaN where it is not comparable.

    Attributes
    ----------
    of : PairOnLeg
    primary : bool
        Whether it belongs to the family that was declared.
    change : Interval
        Of the log-ratio.
    d_prime, d_compensator : float
        Of each muscle alone (log scale); NaN where electrodes were placed anew.
    sdc : Detectable or None
    p_corrected : float
        Holm within the family; of others, the false discovery rate.
    p_equivalent : float
        Corrected as ``p_corrected``; NaN = not asked.
    permutation : Permutation or None
    effect_size : float
        Hedges' g over bouts.
    control : Interval
        Change beyond that of the other leg.
    verdict : Verdict
    """

    of: PairOnLeg
    primary: bool
    change: Interval = UNKNOWN
    d_prime: float = NAN
    d_compensator: float = NAN
    sdc: Detectable | None = None
    p_corrected: float = NAN
    p_equivalent: float = NAN
    permutation: Permutation | None = None
    effect_size: float = NAN
    control: Interval = UNKNOWN
    verdict: Verdict = "not_comparable"


def judge(
    pairs: Sequence[PairOnLeg], plan: ComparisonPlan, *, before_labels: Sequence[str], replaced: bool
) -> list[Judged]:
    """Rows with their verdicts.

    Parameters
    ----------
    pairs : sequence of PairOnLeg
    plan : ComparisonPlan
    before_labels : sequence of str
        Sets before the treatment: two or more tell the person's own error.
    replaced : bool
        Electrodes were placed anew.
    """
    rows = [
        _measured(found, plan, before_labels=before_labels, replaced=replaced)
        if not found.reason
        else Judged(found, found.pair.id in plan.primary)
        for found in pairs
    ]
    if not replaced:
        rows = [replace(row, control=_control(row.of, pairs)) if not row.of.reason else row for row in rows]
    p = _corrected(rows, [row.change.p for row in rows])
    equivalent = _corrected(rows, [row.p_equivalent for row in rows])
    return [_decided(row, *both) for row, *both in zip(rows, p, equivalent, strict=True)]


def _measured(
    found: PairOnLeg, plan: ComparisonPlan, *, before_labels: Sequence[str], replaced: bool
) -> Judged:
    before, after = column(found.before, "y"), column(found.after, "y")
    paired = plan.paired and same_numbers(found)
    effect = matched(before, after) if paired else two_groups(before, after)
    if replaced:
        error, source = between_days([float(before.mean())], float(effect.sd) / np.sqrt(2.0))
        effect = Effect(effect.y, np.asarray(error.sd), np.asarray(np.inf))
        sdc = Detectable(error.times(0.05), error, source)
    else:
        sets = [(label, column(_of_set(found.before, label), "y")) for label in before_labels]
        sdc = smallest_detectable(sets, n_before=len(before), n_after=len(after))
    margin = None if plan.margin_pct is None else float(np.log1p(plan.margin_pct / 100.0))
    return Judged(
        found,
        found.pair.id in plan.primary,
        change=Interval.of(effect),
        d_prime=NAN if replaced else _moved(found, "prime"),
        d_compensator=NAN if replaced else _moved(found, "compensator"),
        sdc=sdc,
        p_equivalent=NAN if margin is None else float(equivalence_p(effect, margin=margin)),
        permutation=None if replaced else permute_bouts(before, after),
        effect_size=NAN if replaced else float(hedges_g(before, after)),
    )


def _of_set(values: Sequence[BoutValue], label: str) -> list[BoutValue]:
    return [value for value in values if value.bout.label == label]


def _moved(found: PairOnLeg, part: str) -> float:
    assert part in ("prime", "compensator")
    before, after = ([getattr(value, part) for value in bouts] for bouts in (found.before, found.after))
    return float(np.mean(after) - np.mean(before))


def _control(found: PairOnLeg, pairs: Sequence[PairOnLeg]) -> Interval:
    """How much more this leg changed than the other one: within bouts, where both legs worked in them."""
    other = next(
        (p for p in pairs if p.pair.id == found.pair.id and p.side != found.side and not p.reason), None
    )
    if other is None:
        return UNKNOWN
    within = [
        _differences(one, two) for one, two in ((found.before, other.before), (found.after, other.after))
    ]
    if all(differences is not None for differences in within):
        return Interval.of(two_groups(*(d for d in within if d is not None)))
    groups = [column(bouts, "y") for bouts in (found.after, found.before, other.after, other.before)]
    return Interval.of(contrast(groups, (1.0, -1.0, -1.0, 1.0)))


def _differences(one: Sequence[BoutValue], other: Sequence[BoutValue]) -> np.ndarray | None:
    """Leg less other leg in each bout of both; None where they did not work in the same bouts."""
    by_bout = {value.bout: value.y for value in other}
    if len(by_bout) != len(one) or any(value.bout not in by_bout for value in one):
        return None
    return np.array([value.y - by_bout[value.bout] for value in one])


def _corrected(rows: Sequence[Judged], p: Sequence[float]) -> np.ndarray:
    """Holm over the primary rows (a declared one that could not be tested counts), the rest by FDR."""
    values = np.array(p, dtype=np.float64)
    primary = np.array([row.primary for row in rows], dtype=bool)
    found = np.full(len(values), np.nan)
    if primary.any():
        found[primary] = holm(values[primary])
    found[~primary] = false_discovery(values[~primary])
    return found


def _decided(row: Judged, p_corrected: float, p_equivalent: float) -> Judged:
    if row.of.reason or row.sdc is None:
        return row
    beyond = bool(changed(row.change.y, p_corrected, row.sdc.y))
    return replace(
        row,
        p_corrected=float(p_corrected),
        p_equivalent=float(p_equivalent),
        verdict=verdict(changed=beyond, p_equivalent=float(p_equivalent)),
    )
