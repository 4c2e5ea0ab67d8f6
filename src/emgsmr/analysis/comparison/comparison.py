"""Before and after: which ratios changed, by how much, against the smallest change that could be told."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import TYPE_CHECKING, Any

import pandas as pd

from emgsmr.analysis.comparison.bouts import DEFAULT_AFTER, DEFAULT_BEFORE, find_bouts, of_side
from emgsmr.analysis.comparison.condition import Condition, burst_centers, site_levels
from emgsmr.analysis.comparison.electrodes import ElectrodesFound, common_high_hz, electrodes_of
from emgsmr.analysis.comparison.frames import bouts_frame, comparison_frame, tests_frame
from emgsmr.analysis.comparison.judged import Judged, judge
from emgsmr.analysis.comparison.measured import PairOnLeg, cadence_note, measure_pair, same_numbers
from emgsmr.analysis.comparison.pictured import bout_cycles, bout_profiles, bout_quality
from emgsmr.analysis.comparison.plan import ComparisonPlan
from emgsmr.analysis.comparison.received import without_broken_off
from emgsmr.analysis.comparison.record import comparison_record
from emgsmr.analysis.comparison.swapped import half_a_stride_off, sides_exchanged
from emgsmr.analysis.comparison.words import OTHER_TASK, SWAPPED, summary_lines
from emgsmr.analysis.leg import watched_pairs
from emgsmr.analysis.result import finished_pipeline
from emgsmr.analysis.settings import Settings
from emgsmr.anatomy import SIDES
from emgsmr.errors import ArgumentError, SettingsError

if TYPE_CHECKING:
    from emgsmr.analysis.pipeline import Pipeline
    from emgsmr.recording import Recording


@dataclass(frozen=True, eq=False)
class Comparison:
    """Before and after, pair by pair.

    Attributes
    ----------
    table : DataFrame
        ``comparison.csv``: one row per pair and leg.
    bouts : DataFrame
        ``comparison_bouts.csv``: one row per bout, pair and leg, for a picture.
    tests : DataFrame
        ``comparison_tests.csv``: permutation, effect size, other leg as control, equivalence.
    rows : tuple of Judged
        The same with everything behind them.
    plan : ComparisonPlan
    settings : Settings
    session : dict
        How it was made: ``session.json``.
    profiles, quality, cycles : DataFrame
        For pictures: activation over the stride, quality second by second, and strides left out, in the
        bouts (`emgsmr.analysis.comparison.pictured`).
    """

    table: pd.DataFrame
    bouts: pd.DataFrame
    tests: pd.DataFrame
    rows: tuple[Judged, ...]
    plan: ComparisonPlan
    settings: Settings
    session: dict[str, Any] = field(repr=False)
    profiles: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)
    quality: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)
    cycles: pd.DataFrame = field(repr=False, default_factory=pd.DataFrame)

    def summary(self) -> list[str]:
        """What changed, what did not, and what cannot be said, in plain sentences."""
        return list(self.session["summary"])


def compare(
    before: Recording,
    after: Recording | None = None,
    *,
    settings: Settings | None = None,
    plan: ComparisonPlan | None = None,
) -> Comparison:
    """Compare what the muscles did before and after.

    Parameters
    ----------
    before : Recording
    after : Recording, optional
        Default: the same recording, whose bouts are labeled.
    settings : Settings, optional
        Of the analysis of both.
    plan : ComparisonPlan, optional
        Labels of bouts, primary pairs, margin, treated leg.

    Returns
    -------
    Comparison
        Rows that cannot be compared say why.

    Raises
    ------
    NotEnoughDataError
        A recording has no bout with the labels.
    ArgumentError, SettingsError
        What was asked for contradicts itself.

    Notes
    -----
    The unit is the bout: a ``phase`` event with a duration and a label. A pair's value in a bout is the
    median of its strides' (or repetitions') log-ratios; the effect is the difference of the means over bouts,
    with Welch's interval. *Changed* takes both: p corrected by Holm over the primary pairs of both legs at
    most 0.05, and more than the smallest detectable change.
    """
    settings, plan = settings or Settings(), plan or ComparisonPlan()
    single = after is None or after.path == before.path
    other = before if after is None else after
    electrodes = electrodes_of(before, other, plan)
    both = [
        find_bouts(recording.events(), wanted, default=default, exercise=plan.exercise)
        for recording, wanted, default in (
            (before, plan.before, DEFAULT_BEFORE),
            (other, plan.after, DEFAULT_AFTER if single else (*DEFAULT_AFTER, *DEFAULT_BEFORE)),
        )
    ]
    labels = [{label.casefold() for label in found.labels} for found in both]
    if single and labels[0] & labels[1]:
        raise ArgumentError("Bouts before and after need different labels where they are in one recording.")
    high_hz = settings.high_hz if single else common_high_hz(before.wiring, other.wiring, settings.high_hz)
    if high_hz <= settings.low_hz:
        raise SettingsError(f"The band has no room between {settings.low_hz:g} Hz and what both rates allow.")
    settings = replace(settings, high_hz=high_hz)
    pipeline = finished_pipeline(before, settings)
    later = pipeline if single else finished_pipeline(other, settings)
    looks = (
        Condition("before", pipeline, both[0], before.path.name),
        Condition("after", later, both[1], other.path.name),
    )
    return compare_conditions(*looks, electrodes=electrodes, plan=plan)


def compare_conditions(
    before: Condition, after: Condition, *, electrodes: ElectrodesFound, plan: ComparisonPlan
) -> Comparison:
    """The same, of pipelines that have run."""
    settings = before.pipeline.settings
    before, after = (
        replace(look, bouts=without_broken_off(look.bouts, look.pipeline, look.name))
        for look in (before, after)
    )
    pairs = list(_measured(before, after, electrodes, plan))
    _check_primary(before.pipeline, plan)
    rows = judge(pairs, plan, before_labels=before.bouts.labels, replaced=electrodes.state == "replaced")
    summary = summary_lines(
        rows,
        plan,
        electrodes=f"{electrodes.state} ({electrodes.why})",
        before=_named(before),
        after=_named(after),
    )
    return Comparison(
        table=comparison_frame(rows, plan),
        bouts=bouts_frame(rows),
        tests=tests_frame(rows),
        rows=tuple(rows),
        plan=plan,
        settings=settings,
        session=comparison_record(before, after, rows, plan, electrodes, summary),
        profiles=bout_profiles(before, after, replaced=electrodes.state == "replaced"),
        quality=bout_quality(before, after),
        cycles=bout_cycles(before, after),
    )


def _measured(
    before: Condition, after: Condition, electrodes: ElectrodesFound, plan: ComparisonPlan
) -> Iterator[PairOnLeg]:
    """Each watched pair of each leg that was measured before or after."""
    reason = _other_task(before, after) or _exchanged(before, after, electrodes, plan)
    tolerance = before.pipeline.settings.cadence_tolerance_pct
    for pair in watched_pairs(before.pipeline.catalog, before.pipeline.settings):
        for side in SIDES:
            found = measure_pair(pair, side, before, after, electrodes)
            if found is None:
                continue
            broken = (of_side(look.bouts, side).left_out for look in (before, after))
            left_out = (*chain.from_iterable(broken), *found.left_out)
            sentences = tuple(bout.sentence for bout in left_out)
            found = replace(found, left_out=left_out, notes=(*found.notes, *sentences))
            if reason:
                found = replace(found, reason=reason)
            if not found.reason and (note := cadence_note(found, tolerance_pct=tolerance)):
                found = replace(found, notes=(*found.notes, note))
            if not found.reason and plan.paired and not same_numbers(found):
                note = "bouts could not be paired, since not the same ones are there before and after"
                found = replace(found, notes=(*found.notes, note))
            yield found


def _other_task(before: Condition, after: Condition) -> str:
    names = [(look.bouts.exercise or "gait").replace("_", " ") for look in (before, after)]
    return "" if names[0] == names[1] else OTHER_TASK.format(*names)


def _exchanged(before: Condition, after: Condition, electrodes: ElectrodesFound, plan: ComparisonPlan) -> str:
    """Why sides look exchanged; empty if they do not, or if somebody checked them."""
    if plan.sides_checked or before.pipeline is after.pipeline:  # of one recording nobody is connected anew
        return ""
    looks = before, after
    centers = [{s: c for side in SIDES for s, c in burst_centers(look, side).items()} for look in looks]
    if sites := half_a_stride_off(*centers):
        return SWAPPED.format(f"{', '.join(sites)} work half a stride later")
    if electrodes.state == "kept":
        levels = [{s: x for side in SIDES for s, x in site_levels(look, side).items()} for look in looks]
        if muscles := sides_exchanged(*levels):
            return SWAPPED.format(f"which leg is louder turned around at once in {', '.join(muscles)}")
    return ""


def _check_primary(pipeline: Pipeline, plan: ComparisonPlan) -> None:
    watched = [pair.id for pair in watched_pairs(pipeline.catalog, pipeline.settings)]
    unknown = [name for name in plan.primary if name not in pipeline.catalog.pairs]
    if unknown:
        known = ", ".join(pipeline.catalog.pairs)
        raise SettingsError(f"There is no pair {unknown[0]!r} to be primary; the pairs are {known}.")
    if not set(plan.primary) & set(watched):
        raise SettingsError(
            f"None of the primary pairs {', '.join(plan.primary)} is watched ({', '.join(watched)}): add "
            "them with --pairs."
        )


def _named(look: Condition) -> str:
    n = len(look.bouts.bouts)
    return f"{n} bout{'' if n == 1 else 's'} labeled {' and '.join(look.bouts.labels)} of {look.source}"
