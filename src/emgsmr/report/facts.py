"""Numbers that the page shows beside the tables' own: each is a count or a median of a table's column."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from emgsmr.anatomy import Sling, load_catalog

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis

BLOCK = 10
BREAK_S = 20.0
"""A line is not drawn across a longer time without valid strides."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Change:
    """A muscle's median activation against its own reference, in ``n`` strides of a period."""

    site: str
    change_pct: float
    n: int
    flagged: bool


@dataclass(frozen=True, slots=True)
class Run:
    """A stretch of one quality state."""

    t_start_s: float
    t_end_s: float
    state: str


def lines(t_s: np.ndarray[Any, Any], y: np.ndarray[Any, Any]) -> tuple[np.ndarray[Any, Any], ...]:
    """The same points with a break (NaN) wherever more than `BREAK_S` passed between two.

    Examples
    --------
    >>> t, y = lines(np.array([0.0, 1.0, 60.0]), np.array([1.0, 2.0, 3.0]))
    >>> y.tolist()
    [1.0, 2.0, nan, 3.0]
    """
    breaks = np.flatnonzero(np.diff(t_s) > BREAK_S) + 1
    return np.insert(t_s, breaks, np.nan), np.insert(y, breaks, np.nan)


def block_medians(ratios: pd.DataFrame) -> tuple[np.ndarray[Any, Any], np.ndarray[Any, Any]]:
    """Time (s) and log-ratio of each ten consecutive valid strides; the last, shorter rest is left out."""
    t_s = ratios["t_s"].to_numpy(dtype=float)
    y = ratios["log_ratio"].to_numpy(dtype=float)
    n = len(y) // BLOCK
    if n == 0:
        return np.empty(0), np.empty(0)
    middle = t_s[: n * BLOCK].reshape(n, BLOCK)
    return np.median(middle, axis=1), np.median(y[: n * BLOCK].reshape(n, BLOCK), axis=1)


def episodes(analysis: Analysis, side: str, *, lowest_tier: int = 1) -> list[Span]:
    """When something was flagged on a side (s); not what stands from the first stride."""
    found = analysis.findings
    found = found[(found["side"] == side) & (found["tier"] >= lowest_tier) & (found["pattern"] != "standing")]
    return [
        (
            row["t_alarm_s"] if pd.isna(row["t_onset_s"]) else float(row["t_onset_s"]),
            analysis.duration_s if pd.isna(row["t_end_s"]) else float(row["t_end_s"]),
        )
        for row in found.to_dict("records")
    ]


def later_spans(analysis: Analysis, side: str) -> tuple[list[Span], bool]:
    """The period that is compared with the baseline: flagged episodes, else all that follows the baseline."""
    flagged = episodes(analysis, side)
    if flagged:
        return flagged, True
    begin = analysis.baseline[1] if analysis.baseline else 0.0
    return [(begin, float("inf"))], False


def period_name(analysis: Analysis, side: str) -> str:
    """Name of the period of `later_spans`."""
    if later_spans(analysis, side)[1]:
        return "flagged strides"
    return "after the baseline" if analysis.baseline else "all strides"


def within(t_s: pd.Series[Any], spans: list[Span]) -> pd.Series[Any]:
    """Which times lie in any of some spans."""
    inside = pd.Series(data=False, index=t_s.index)
    for begin, end in spans:
        inside |= (t_s >= begin) & (t_s < end)
    return inside


def muscle_changes(analysis: Analysis) -> dict[str, Change]:
    """Each site's change against its reference, in the period of `later_spans`; none without a baseline."""
    if analysis.baseline is None:
        return {}
    changes = {}
    for site, rows in analysis.activation.groupby("site"):
        spans, flagged = later_spans(analysis, str(site)[-1])
        chosen = rows[rows["valid"].astype(bool) & within(rows["t_s"], spans)]
        rel = chosen["rel"].dropna().astype(float)
        if len(rel):
            change = 100.0 * (float(rel.median()) - 1.0)
            changes[str(site)] = Change(str(site), change, len(rel), flagged)
    return changes


def exclusions(table: pd.DataFrame, by: str) -> list[dict[str, Any]]:
    """For each side or site: rows, rows that were used, and how many were left out for which reason."""
    rows = []
    for key, part in table.groupby(by):
        valid = part["valid"].astype(bool)
        reasons = part["reject_reason"][~valid].fillna("not stated").astype(str)
        kinds = reasons.str.split(":").str[0].str.strip()
        rows.append(
            {
                "key": str(key),
                "n": len(part),
                "used": int(valid.sum()),
                "reasons": [(str(kind), int(count)) for kind, count in kinds.value_counts().items()],
            }
        )
    return rows


def quality_runs(quality: pd.DataFrame, site: str, end_s: float) -> list[Run]:
    """Quality of a site as stretches of one state, in the order of time; a row holds until the next."""
    rows = quality[quality["site"] == site].sort_values("t_s", kind="stable")
    t_s, states = rows["t_s"].to_numpy(dtype=float), rows["state"].to_numpy(dtype=object)
    if not len(t_s):
        return []
    starts = np.flatnonzero(np.concatenate([[True], states[1:] != states[:-1]]))
    ends = np.append(t_s[starts[1:]], max(end_s, t_s[-1]))
    return [
        Run(float(t_s[i]), float(end), str(states[i]))
        for i, end in zip(starts, ends, strict=True)
        if end > t_s[i]
    ]


def good_share(runs: list[Run]) -> float | None:
    """Part of the time (%) in which the signal could be used."""
    total = sum(run.t_end_s - run.t_start_s for run in runs)
    used = sum(run.t_end_s - run.t_start_s for run in runs if run.state in ("good", "noisy"))
    return 100.0 * used / total if total > 0 else None


def sling_rows(analysis: Analysis) -> list[dict[str, Any]]:
    """For each sling of which something is measured: how much, and the members' shares then and later."""
    catalog = load_catalog()
    table = analysis.slings
    rows = []
    for sling in catalog.slings:
        part = table[table["sling"] == sling.id]
        if not len(part):
            continue
        sides = {}
        for side, own in part.groupby("side"):
            spans, _ = later_spans(analysis, str(side))
            shares: list[dict[str, Any]] = []
            for site, values in own.groupby("site", sort=False):
                if own["n_measured"].max() < 2:  # a share of nothing but itself
                    shares.append({"site": str(site), "then": None, "now": None})
                    continue
                then = _median(values, [analysis.baseline] if analysis.baseline else [(0.0, float("inf"))])
                now = _median(values, spans) if analysis.baseline else None
                shares.append({"site": str(site), "then": then, "now": now})
            sides[str(side)] = {
                "n_measured": int(own["n_measured"].max()),
                "n_members": int(own["n_members"].max()),
                "shares": shares,
            }
        rows.append({"id": sling.id, "name": sling.name, "sides": sides})
    return rows


def unmeasured_slings(analysis: Analysis) -> list[Sling]:
    """The slings of which nothing is measured."""
    measured = set(analysis.slings["sling"])
    return [sling for sling in load_catalog().slings if sling.id not in measured]


def _median(rows: pd.DataFrame, spans: list[Span]) -> float | None:
    values = rows["share"][within(rows["t_s"], spans)].dropna().astype(float)
    return 100.0 * float(values.median()) if len(values) else None
