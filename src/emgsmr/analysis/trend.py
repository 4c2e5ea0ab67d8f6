"""A pair over weeks: each session's normalized ratio against the earlier ones, and what days differ by.

Electrodes are placed anew for each session, so only ratios of muscles that are each relative to their own
maximum or reference run of the same day can be put side by side. A session counts with the strides or
repetitions of its own baseline (`emgsmr.analysis.shares.measure_shares`), and only against sessions of the
same task: a bridge shares the work in another way than running does.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from emgsmr.analysis.earlier import between_days
from emgsmr.analysis.exercises import exercise_of
from emgsmr.analysis.result import Analysis
from emgsmr.analysis.shares import NO_REFERENCE
from emgsmr.analysis.standing_difference import percent
from emgsmr.recording import Event

TREND_COLUMNS = (
    "recording", "started_utc", "pair", "side", "task", "normalization", "log_ratio", "ratio", "ci_low",
    "ci_high", "n", "n_earlier", "expected_low", "expected_high", "change_pct", "beyond_days", "error_from",
    "reason",
)  # fmt: skip
"""Columns of ``trend.csv``, in order."""

Z = 1.959964


class TrendSession(NamedTuple):
    """A session with the share of each pair and leg, or why there is none.

    ``shares``: by (pair, side), the log-ratio, its standard error within the session, and strides. ``task``:
    run, walk, or the exercise of the baseline.
    """

    recording: str
    started_utc: str | None
    normalization: str | None
    shares: dict[tuple[str, str], tuple[float, float, int]]
    reason: str = ""
    task: str = "run"


def trend_session(analysis: Analysis, recording: str, started_utc: str | None) -> TrendSession:
    """What a session adds to a trend."""
    standing = analysis.session["standing"]
    shares = {
        (row["pair"], row["side"]): (row["log_ratio"], row["sd"], row["n"]) for row in standing["shares"]
    }
    reason = "" if shares else NO_REFERENCE if standing["normalization"] is None else "no usable strides"
    return TrendSession(recording, started_utc, standing["normalization"], shares, reason, _task(analysis))


def _task(analysis: Analysis) -> str:
    """What was done in the baselines: a gait, or the exercises that phases name then."""
    baselines = [found for found in analysis.session["normalization"].values() if found]
    gaits = sorted({found["gait"] for found in baselines})
    if not baselines or set(gaits) <= {"run", "walk"}:
        return " + ".join(gaits)
    begin_s = min(found["t0_s"] for found in baselines)
    end_s = max(found["t1_s"] for found in baselines)
    phases = analysis.events[analysis.events["kind"] == "phase"]
    inside = (phases["t_s"] < end_s) & (phases["t_s"] + phases["duration_s"].fillna(0.0) > begin_s)
    texts = phases.loc[inside, ["label", "note"]].astype(object)
    exercises = {
        exercise_of(Event(0.0, None, "phase", label=label, note=note))
        for label, note in texts.where(texts.notna(), None).to_numpy().tolist()
    }
    return " + ".join(sorted(filter(None, exercises))) or " + ".join(gaits)


def trend_table(sessions: Sequence[TrendSession]) -> pd.DataFrame:
    """One row per session, pair and leg, in the order of the sessions.

    Parameters
    ----------
    sessions : sequence of TrendSession
        The oldest first.

    Returns
    -------
    DataFrame
        `TREND_COLUMNS`. ``ci_low`` to ``ci_high``: of the ratio within its session. ``expected_low`` to
        ``expected_high``: where a session of an unchanged person lies in 95 % of cases, by those before it
        with the same normalization and task; missing for the first. ``beyond_days``: whether it lies outside.

    Examples
    --------
    >>> weeks = [TrendSession(f"{k}.emgsmr", None, "mvc", {("P1", "L"): (y, 0.1, 60)})
    ...          for k, y in enumerate((0.0, 0.1, 1.9))]
    >>> trend_table(weeks)["beyond_days"].tolist()
    [None, False, True]
    """
    rows: list[dict[str, object]] = []
    known: dict[tuple[str, str, str | None, str], list[float]] = {}
    for session in sessions:
        about = {
            "recording": session.recording,
            "started_utc": session.started_utc,
            "task": session.task,
            "normalization": session.normalization,
        }
        if not session.shares:
            rows.append({**about, "reason": session.reason})
        for (pair, side), (y, sd, n) in sorted(session.shares.items()):
            earlier = known.setdefault((pair, side, session.normalization, session.task), [])
            row = {**about, "pair": pair, "side": side, "log_ratio": y, "ratio": float(np.exp(y)), "n": n}
            row |= {"ci_low": float(np.exp(y - Z * sd)), "ci_high": float(np.exp(y + Z * sd))}
            rows.append({**row, "n_earlier": len(earlier), **_against(earlier, y, sd)})
            earlier.append(y)
    table = pd.DataFrame(rows, columns=list(TREND_COLUMNS)).astype({"beyond_days": object})
    return table.assign(beyond_days=table["beyond_days"].where(table["beyond_days"].notna(), None))


def _against(earlier: Sequence[float], y: float, sd: float) -> dict[str, object]:
    if not earlier:
        return {}
    error, source = between_days(earlier, sd)
    reach, middle = error.times(0.05), float(np.mean(earlier))
    return {
        "expected_low": float(np.exp(middle - reach)),
        "expected_high": float(np.exp(middle + reach)),
        "change_pct": percent(y - middle),
        "beyond_days": bool(abs(y - middle) > reach),
        "error_from": source,
    }
