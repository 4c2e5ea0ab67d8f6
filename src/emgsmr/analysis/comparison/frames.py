"""The tables of a comparison: rows, bouts, and the tests behind the rows."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import numpy as np
import pandas as pd

from emgsmr.analysis.comparison.bouts import Bout
from emgsmr.analysis.comparison.condition import column
from emgsmr.analysis.comparison.judged import Interval, Judged
from emgsmr.analysis.comparison.plan import ComparisonPlan
from emgsmr.analysis.comparison.words import row_text
from emgsmr.analysis.standing_difference import percent

COMPARISON_COLUMNS: dict[str, tuple[str, ...]] = {
    "comparison": (
        "pair", "side", "before", "after", "n_before", "n_after", "change_pct", "ci_low_pct", "ci_high_pct",
        "d_prime_pct", "d_compensator_pct", "sdc_pct", "p", "p_holm", "verdict", "text",
    ),
    "comparison_bouts": (
        "pair", "side", "condition", "label", "bout", "t_start_s", "t_end_s", "log_ratio", "log_prime",
        "log_compensator", "n", "cadence_spm", "left_out",
    ),
    "comparison_tests": ("pair", "side", "test", "value", "ci_low", "ci_high", "unit", "p", "note"),
}  # fmt: skip
"""Columns of each table, in order: a contract with other people's scripts."""


def comparison_frame(rows: Sequence[Judged], plan: ComparisonPlan) -> pd.DataFrame:
    """One row per pair and leg."""
    return _frame("comparison", [_row(row, plan) for row in rows])


def _row(row: Judged, plan: ComparisonPlan) -> dict[str, Any]:
    of = row.of
    return {
        "pair": of.pair.id,
        "side": of.side,
        "before": float(column(of.before, "y").mean()) if of.before else None,
        "after": float(column(of.after, "y").mean()) if of.after else None,
        "n_before": len(of.before),
        "n_after": len(of.after),
        "change_pct": percent(row.change.y),
        "ci_low_pct": percent(row.change.low),
        "ci_high_pct": percent(row.change.high),
        "d_prime_pct": percent(row.d_prime),
        "d_compensator_pct": percent(row.d_compensator),
        "sdc_pct": percent(row.sdc.y) if row.sdc is not None else None,
        "p": row.change.p,
        "p_holm": row.p_corrected if row.primary else None,
        "verdict": row.verdict,
        "text": row_text(row, plan),
    }


def bouts_frame(rows: Sequence[Judged]) -> pd.DataFrame:
    """One row per pair, leg and bout; those that were left out have a reason instead of values."""
    found: list[dict[str, Any]] = []
    for row in rows:
        own = [
            {
                **_bout(row, condition, value.bout),
                "log_ratio": value.y,
                "log_prime": value.prime,
                "log_compensator": value.compensator,
                "n": value.n,
                "cadence_spm": value.cadence_spm,
            }
            for condition, values in (("before", row.of.before), ("after", row.of.after))
            for value in values
        ]
        own += [{**_bout(row, left.condition, left.bout), "left_out": left.why} for left in row.of.left_out]
        found += sorted(own, key=lambda bout: (bout["condition"] == "after", bout["t_start_s"]))
    return _frame("comparison_bouts", found)


def _bout(row: Judged, condition: str, bout: Bout) -> dict[str, Any]:
    return {
        "pair": row.of.pair.id,
        "side": row.of.side,
        "condition": condition,
        "label": bout.label,
        "bout": bout.number,
        "t_start_s": bout.t0_s,
        "t_end_s": bout.t1_s,
    }


def tests_frame(rows: Sequence[Judged]) -> pd.DataFrame:
    """One row per pair, leg and test."""
    found = []
    for row in rows:
        if row.sdc is None:
            continue
        for test in _tests(row):
            found.append({"pair": row.of.pair.id, "side": row.of.side, **test})
    return _frame("comparison_tests", found)


def _tests(row: Judged) -> Iterator[dict[str, Any]]:
    assert row.sdc is not None
    if row.permutation is not None:
        how = "every division of the bouts" if row.permutation.exact else "divisions drawn at random"
        note = f"{how}; with so many bouts p cannot be below {row.permutation.smallest:.3g}"
        yield {"test": "permutation", "p": row.permutation.p, "note": note}
    if np.isfinite(row.effect_size):
        yield {"test": "hedges_g", "value": row.effect_size, "note": "over bouts"}
    if np.isfinite(row.control.y):
        note = "change beyond that of the other leg"
        yield {"test": "other_leg", **_percent(row.control), "note": note}
    if np.isfinite(row.p_equivalent):
        note = "two one-sided tests, corrected for all pairs that were tested"
        yield {"test": "equivalence", "p": row.p_equivalent, "note": note}
    if not row.primary:
        note = "exploratory: false discovery rate over the pairs that are not primary"
        yield {"test": "exploratory", "p": row.p_corrected, "note": note}
    if np.isfinite(row.sdc.drift):
        note = "between the means of the untreated sets"
        yield {"test": "drift_before", "value": percent(row.sdc.drift), "unit": "%", "note": note}
    note = f"one bout before and one after; from {row.sdc.source}"
    yield {"test": "sdc_single_bout", "value": percent(row.sdc.single_bouts), "unit": "%", "note": note}


def _percent(interval: Interval) -> dict[str, Any]:
    return {
        "value": percent(interval.y),
        "ci_low": percent(interval.low),
        "ci_high": percent(interval.high),
        "unit": "%",
        "p": interval.p,
    }


def _frame(name: str, rows: Sequence[dict[str, Any]]) -> pd.DataFrame:
    return pd.DataFrame(list(rows), columns=list(COMPARISON_COLUMNS[name]))
