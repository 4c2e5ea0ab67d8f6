"""What a comparison says, in sentences; every text of it is here."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from emgsmr.analysis.comparison.bouts import MIN_BOUTS
from emgsmr.analysis.comparison.judged import Interval, Judged
from emgsmr.analysis.comparison.plan import ComparisonPlan
from emgsmr.analysis.finding import NAMES, SIDES
from emgsmr.analysis.standing_difference import percent

NO_CAUSE = (
    "A change says that the muscles shared the work differently, not why: warm-up, practice, time, touch and "
    "expectation move it as well as a treatment, and an extreme value comes back by itself."
)
SWAPPED = (
    "left and right look exchanged between before and after ({}): check the sensors; "
    "if they are right, say that the sides were checked (--sides-checked)"
)
OTHER_TASK = "the bouts before are {} and those after {}"


def row_text(row: Judged, plan: ComparisonPlan) -> str:
    """The row in a sentence or two."""
    who = subject(row)
    if row.verdict == "not_comparable" or row.sdc is None:
        return " ".join([f"{who}: not comparable because {row.of.reason}.", *_notes(row)])
    change = _interval(row.change)
    needed = f"{percent(row.sdc.y):.0f} %"
    if row.verdict == "changed":
        text = (
            f"{who}: {change}, changed beyond measurement error (smallest detectable change {needed}, from "
            f"{row.sdc.source})."
        )
    elif row.verdict == "equivalent":
        assert plan.margin_pct is not None
        text = (
            f"{who}: {change}, equivalent within the margin of {plan.margin_pct:g} % that was stated before."
        )
    else:
        text = f"{who}: no detectable change: {change}; could be up to {_reach(row)}. {_why(row, needed)}"
    return " ".join([text, *_parts(row), *_against_other_leg(row, plan), *_notes(row)])


def subject(row: Judged) -> str:
    """Which ratio, on which leg."""
    side = SIDES[row.of.side]
    prime, compensator = (
        NAMES.get(name, name) for name in (row.of.pair.prime_name, row.of.pair.compensator_name)
    )
    extra = "" if row.primary else " (exploratory)"
    return f"{side.capitalize()} {compensator} relative to {side} {prime}{extra}"


def _interval(of: Interval) -> str:
    return f"{percent(of.y):+.0f} % (95 % CI {percent(of.low):+.0f} to {percent(of.high):+.0f} %)"


def _reach(row: Judged) -> str:
    """The end of the interval that lies further from no change."""
    end = row.change.high if abs(row.change.high) >= abs(row.change.low) else row.change.low
    return f"{abs(percent(end)):.0f} % {'more' if end > 0 else 'less'}"


def _why(row: Judged, needed: str) -> str:
    assert row.sdc is not None
    told = row.change.low <= 0 <= row.change.high
    if told:
        reach = (row.change.high - row.change.low) / 2.0
        if reach > row.sdc.y:
            least = f"{percent(reach):.0f} % (the scatter of these bouts)"
        else:
            least = f"{needed} ({row.sdc.source})"
        return f"A change of less than {least} could not have been told from error."
    if not row.p_corrected <= 0.05:
        tests = "Holm's correction for all pairs" if row.primary else "correction for all pairs explored"
        return f"The interval excludes no change, but not after {tests} (p = {row.p_corrected:.2f})."
    return f"It is less than the smallest detectable change of {needed} ({row.sdc.source})."


def _parts(row: Judged) -> list[str]:
    if not (np.isfinite(row.d_prime) and np.isfinite(row.d_compensator)):
        return []
    prime, compensator = (
        NAMES.get(name, name) for name in (row.of.pair.prime_name, row.of.pair.compensator_name)
    )
    return [
        f"Alone: {compensator} {percent(row.d_compensator):+.0f} %, {prime} {percent(row.d_prime):+.0f} %."
    ]


def _against_other_leg(row: Judged, plan: ComparisonPlan) -> list[str]:
    if plan.treated != row.of.side or not np.isfinite(row.control.y):
        return []
    control = row.control
    within = ", which could be nothing" if control.low <= 0 <= control.high else ""
    return [f"Beyond the change of the other leg: {_interval(control)}{within}."]


def notes_of(row: Judged) -> list[str]:
    """What limits a row: parts of a sentence."""
    notes = list(row.of.notes)
    if row.sdc is not None and np.isfinite(row.sdc.drift) and row.sdc.drift > 1.96 * _set_error(row):
        notes.append(
            f"before the treatment the ratio moved by {percent(row.sdc.drift):.0f} % from one set to the next"
        )
    return notes


def _notes(row: Judged) -> list[str]:
    notes = notes_of(row)
    return [f"Note: {'; '.join(notes)}."] if notes else []


def _set_error(row: Judged) -> float:
    """Standard error of the difference of two sets of the own bouts, were nothing to drift."""
    sets: dict[str, list[float]] = {}
    for value in row.of.before:
        sets.setdefault(value.bout.label, []).append(value.y)
    if len(sets) < 2 or min(map(len, sets.values())) < 2:
        return float("inf")
    return float(np.sqrt(sum(np.var(values, ddof=1) / len(values) for values in sets.values())))


def summary_lines(
    rows: Sequence[Judged], plan: ComparisonPlan, *, electrodes: str, before: str, after: str
) -> list[str]:
    """What was compared, each row, and what it does not say."""
    lines = [f"Compared {before} with {after}; electrodes {electrodes}."]
    if not rows:
        return [*lines, "No pair of muscles was measured on either leg."]
    lines += [row_text(row, plan) for row in rows]
    tests = [row.permutation for row in rows if row.permutation is not None]
    if tests:
        smallest = max(test.smallest for test in tests)
        lowest = min(test.p for test in tests)
        lines.append(
            f"Permutation of bouts: smallest p {lowest:.3g}; with so many bouts it cannot be below "
            f"{smallest:.3g}."
        )
    few = min((min(len(row.of.before), len(row.of.after)) for row in rows if not row.of.reason), default=0)
    if few and few <= MIN_BOUTS:
        lines.append(f"With {few} bouts on a side only large changes show; more bouts show smaller ones.")
    return [*lines, NO_CAUSE]
