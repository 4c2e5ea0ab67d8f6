"""What an analysis knew each minute: the predictors of an event, from its tables alone.

Names and units: ``overload`` (index, 0 to 100), ``excess`` (multiples of the smallest detectable change times
minutes), ``chart`` (ln of 1 + one-sided CUSUM, standard deviations), ``jasa`` (1 = the compensator shows
fatigue), ``ratio`` (ln against the baseline, last minute), ``above_20_pct`` (1 = that ratio is above 20 %),
``rms`` (ln of the compensator's against the baseline, last minute), ``elapsed`` (min since the first stride),
``cadence`` (ln against the baseline). Each is the highest of all pairs and sides; nothing later than the
minute is used.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.validation.overload import (
    BLOCK,
    MIN_BLOCKS,
    accumulated_excess,
    block_medians,
    overload_index,
    smallest_detectable_change,
)
from emgsmr.analysis.validation.session import MINUTE_S, RunnerSession, merged
from emgsmr.anatomy import load_catalog

if TYPE_CHECKING:
    import pandas as pd

    from emgsmr.analysis.result import Analysis

FloatArray = NDArray[np.float64]

FLOOR = float(np.log(1.2))
"""The fixed rule: 20 % is much, for everybody."""

MIN_STRIDES = 10
"""A minute with fewer usable strides has no value of its own."""

OVER_S = 2.0
"""A stride that began this long ago is over, and was measured."""

EVENTS = {"cramp": ("cramp",), "fatigue": ("fatigue",), "any": ("cramp", "fatigue")}
"""Kinds of diary events, by what is asked for."""


def runner_session(
    analysis: Analysis,
    *,
    name: str,
    runner: str,
    started: str = "",
    event: str = "any",
    simulated: bool = False,
) -> RunnerSession | str:
    """What validation needs of one analysis, or why it cannot be judged.

    Parameters
    ----------
    analysis : Analysis
    name, runner, started : str
        As in `RunnerSession`.
    event : {"any", "cramp", "fatigue"}
        Which of the diary's events counts.
    simulated : bool

    Returns
    -------
    RunnerSession or str
    """
    if analysis.baseline is None:
        return "no baseline, so nothing was tested"
    strides = analysis.strides[analysis.strides["valid"].astype(bool)]
    if not len(strides):
        return "no usable strides"
    start_s, end_s = analysis.baseline[1], analysis.duration_s
    marked = analysis.events["t_s"][analysis.events["kind"].isin(EVENTS[event])].to_numpy(np.float64)
    after = np.sort(marked[marked > start_s])
    if (marked <= start_s).any():
        return f"a {event if event != 'any' else 'marked'} event before the end of the baseline"
    event_s = float(after[0]) if len(after) else None
    end_s = min(end_s, event_s) if event_s is not None else end_s
    if not end_s - start_s >= MINUTE_S:
        return "less than a minute after the baseline"
    t_s = start_s + MINUTE_S * np.arange(np.ceil((end_s - start_s) / MINUTE_S - 1e-9), dtype=np.float64)
    predictors, usual = _predictors(analysis, strides, t_s)
    if predictors is None:
        return "no pair with a baseline of sixty strides or more"
    found = analysis.findings
    # a standing difference is there from the first stride: it tells runners apart, and no minute from another
    alarms = found[(found["tier"].to_numpy(np.float64) >= 1) & (found["pattern"] != "standing")]
    ends = alarms["t_end_s"].astype(np.float64).fillna(float("inf"))
    spans = list(zip(alarms["t_alarm_s"].astype(np.float64), ends, strict=True))
    return RunnerSession(
        name=name,
        runner=runner,
        started=started,
        start_s=start_s,
        end_s=end_s,
        event_s=event_s,
        t_s=t_s,
        predictors=predictors,
        flags=merged(spans, within=(start_s, end_s)),
        usual_cadence=usual,
        simulated=simulated,
    )


def _predictors(
    analysis: Analysis, strides: pd.DataFrame, t_s: FloatArray
) -> tuple[dict[str, FloatArray] | None, float]:
    assert analysis.baseline is not None
    base = analysis.baseline
    begin = strides["t_start_s"].to_numpy(np.float64)
    cadence = strides["cadence_spm"].to_numpy(np.float64)
    usual = float(np.median(cadence[_within(begin, *base)])) if _within(begin, *base).any() else float("nan")
    per_minute = usual / 2.0 if usual > 0 else 60.0
    rows = []
    for (pair, side), own in analysis.ratios[analysis.ratios["valid"].astype(bool)].groupby(["pair", "side"]):
        one = _of_pair(own, base, t_s, per_minute=per_minute, k=analysis.settings.cusum_k)
        if one is not None:
            sites = _compensators(str(pair), str(side), str(own["compensator"].iloc[0]))
            rows.append({**one, **_of_muscle(analysis, sites, base, t_s)})
    if not rows:
        return None, usual
    found = {name: _highest([row[name] for row in rows]) for name in rows[0]}
    found["elapsed"] = (t_s - float(begin.min())) / MINUTE_S
    found["cadence"] = _per_minute(begin, np.log(cadence / usual), t_s)
    return found, usual


def _within(t_s: FloatArray, start_s: float, end_s: float) -> NDArray[np.bool_]:
    return np.asarray((t_s >= start_s) & (t_s < end_s))


def _highest(columns: list[FloatArray]) -> FloatArray:
    """The highest of what is known."""
    table = np.where(np.isfinite(columns), columns, -np.inf).max(axis=0)
    return np.where(np.isfinite(table), table, np.nan)


def _per_minute(begin: FloatArray, values: FloatArray, t_s: FloatArray) -> FloatArray:
    """Median of the strides of the minute before each time; that of the minute before where there are few."""
    known = np.isfinite(values)
    begin, values = begin[known], values[known]
    out, last = np.empty(len(t_s)), np.nan
    for row, t in enumerate(t_s):
        inside = values[slice(*np.searchsorted(begin, (t - OVER_S - MINUTE_S, t - OVER_S)))]
        last = float(np.median(inside)) if len(inside) >= MIN_STRIDES else last
        out[row] = last
    return out


def _of_pair(
    own: pd.DataFrame, base: tuple[float, float], t_s: FloatArray, *, per_minute: float, k: float
) -> dict[str, FloatArray] | None:
    """Excess, index, chart and ratio of one pair on one side."""
    begin, y = own["t_s"].to_numpy(np.float64), own["log_ratio"].to_numpy(np.float64)
    inside = y[_within(begin, *base)]
    sdc = smallest_detectable_change(inside, per_minute=per_minute)
    if not sdc > 0:
        return None
    change = y - dsp.robust_center(inside)
    ratio = _per_minute(begin, change, t_s)
    excess = accumulated_excess(np.where(t_s > t_s[0], ratio, 0.0), sdc)
    return {
        "excess": excess,
        "overload": overload_index(excess),
        "chart": _chart(begin, change, base, t_s, k=k),
        "ratio": ratio,
        "above_20_pct": np.where(np.isfinite(ratio), (ratio > FLOOR).astype(np.float64), np.nan),
    }


def _chart(
    begin: FloatArray, change: FloatArray, base: tuple[float, float], t_s: FloatArray, *, k: float
) -> FloatArray:
    spread = dsp.robust_scale(block_medians(change[_within(begin, *base)]))
    after = begin >= base[1]
    points = block_medians(change[after])
    known_s = begin[after][BLOCK - 1 :: BLOCK][: len(points)] + OVER_S
    if not len(points) or not spread > 0:
        return np.zeros(len(t_s))
    total, _ = dsp.cusum(points / spread, k=k, state=0.0)
    steps = np.concatenate([[0.0], total])
    return np.asarray(np.log1p(steps[np.searchsorted(known_s, t_s)]))


def _compensators(pair: str, side: str, name: str) -> tuple[str, ...]:
    """Sites that may stand for a pair's compensator."""
    known = load_catalog().pairs.get(pair)
    members = () if known is None else known.compensator
    return tuple(f"{code}_{side}" for code in dict.fromkeys((name, *members)))


def _of_muscle(
    analysis: Analysis, sites: tuple[str, ...], base: tuple[float, float], t_s: FloatArray
) -> dict[str, FloatArray]:
    """Amplitude of the compensator against the baseline, and whether it shows fatigue."""
    rms, jasa = [np.full(len(t_s), np.nan)], np.zeros(len(t_s))
    used = analysis.activation[analysis.activation["valid"].astype(bool)]
    for site in sites:
        own = used[used["site"] == site]
        begin = own["t_s"].to_numpy(np.float64)
        with np.errstate(divide="ignore", invalid="ignore"):
            level = np.log(own["rms_uV"].to_numpy(np.float64))
        usual = level[_within(begin, *base) & np.isfinite(level)]
        if len(usual) >= MIN_BLOCKS * BLOCK:
            rms.append(_per_minute(begin, level - np.median(usual), t_s))
        rows = analysis.fatigue[analysis.fatigue["site"] == site]
        at_s = rows.loc[rows["jasa"] == "fatigue", "t_s"].to_numpy(np.float64)
        for t in at_s:
            jasa[(t_s >= t) & (t_s < t + 2 * MINUTE_S)] = 1.0
    return {"rms": _highest(rms), "jasa": jasa}


def diary_kinds(events: Any) -> list[str]:
    """Kinds of the events that could have been forecast, of an events table."""
    return sorted(set(events["kind"]) & set(EVENTS["any"]))
