"""What pictures of a comparison show: activation over the stride, and the signal's quality, in the bouts."""

from __future__ import annotations

from collections import Counter
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from emgsmr.analysis.comparison.bouts import MIN_CYCLES
from emgsmr.analysis.comparison.own_reference import own_levels
from emgsmr.analysis.facts import N_BINS
from emgsmr.analysis.tables import quality_table

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from emgsmr.analysis.baseline import Baseline
    from emgsmr.analysis.comparison.condition import Condition

PEAK, OWN_REFERENCE = "% of the peak before", "% of the own reference"

PROFILE_COLUMNS = ("site", "condition", "pct", "mean", "sd", "n", "unit")
QUALITY_COLUMNS = ("condition", "label", "bout", "t_s", "t_end_s", "site", "state")
CYCLE_COLUMNS = ("condition", "side", "found", "used", "reason", "left_out")


def bout_profiles(before: Condition, after: Condition, *, replaced: bool) -> pd.DataFrame:
    """Mean activation of each site over the stride or repetition, before and after in one unit.

    Parameters
    ----------
    before, after : Condition
    replaced : bool
        Electrodes were placed anew: amplitudes are relative to each day's own maxima or reference run, and
        a site without them both times is left out.

    Returns
    -------
    DataFrame
        `PROFILE_COLUMNS`: mean and SD over strides in each fiftieth of the stride, noise included.
    """
    looks = (before, after)
    rows: list[dict[str, Any]] = []
    for side in "LR":
        scales = [look.scale(side) for look in looks]
        if scales[0] is None or scales[1] is None or scales[0].gait != scales[1].gait:
            continue
        both = scales[0], scales[1]
        amplitudes = [
            _amplitudes(look, scale, side) for look, scale in zip(looks, both, strict=True) if scale
        ]
        for site in sorted(set(amplitudes[0]) & set(amplitudes[1])):
            found = [amplitude[site] for amplitude in amplitudes]
            units = _own_units(looks, both, site) if replaced else _peak(found[0])
            if units is None:
                continue
            for look, strides, unit in zip(looks, found, units, strict=True):
                name = OWN_REFERENCE if replaced else PEAK
                rows += _profile(site, look.name, 100.0 * strides / unit, name)
    return pd.DataFrame(rows, columns=list(PROFILE_COLUMNS))


def _amplitudes(look: Condition, scale: Baseline, side: str) -> dict[str, NDArray[np.float64]]:
    """µV of each site: a row for each usable stride, a column for each part of it."""
    found: dict[str, list[NDArray[np.float64]]] = {}
    for strides in look.strides(side).values():
        for stride in strides:
            if not stride.valid or stride.gait != scale.gait:
                continue
            for site, facts in stride.sites.items():
                if facts.valid:
                    found.setdefault(site, []).append(facts.bins)
    return {site: np.sqrt(np.array(bins)) for site, bins in found.items() if len(bins) >= MIN_CYCLES}


def _mean(strides: NDArray[np.float64]) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Mean and SD over strides; parts of a stride without a sample are left out."""
    finite = np.isfinite(strides)
    n = finite.sum(axis=0)
    mean = np.where(finite, strides, 0.0).sum(axis=0) / np.where(n > 0, n, np.nan)
    squares = np.where(finite, np.square(strides - mean), 0.0).sum(axis=0)
    return mean, np.sqrt(squares / np.where(n > 1, n - 1, np.nan))


def _peak(strides: NDArray[np.float64]) -> tuple[float, float] | None:
    mean, _ = _mean(strides)
    peak = float(np.nanmax(mean)) if np.isfinite(mean).any() else 0.0
    return (peak, peak) if peak > 0 else None


def _own_units(
    looks: tuple[Condition, Condition], scales: tuple[Baseline, Baseline], site: str
) -> tuple[float, float] | None:
    found = own_levels(looks, scales, [site])
    if isinstance(found, str):
        return None
    levels = [scale.level.get(("main", site), 0.0) for scale in found.scales]
    return (levels[0], levels[1]) if min(levels) > 0 else None


def _profile(site: str, condition: str, strides: NDArray[np.float64], unit: str) -> list[dict[str, Any]]:
    mean, sd = _mean(strides)
    return [
        {
            "site": site,
            "condition": condition,
            "pct": pct,
            "mean": m,
            "sd": s,
            "n": len(strides),
            "unit": unit,
        }
        for pct, m, s in zip(100.0 * np.arange(N_BINS) / N_BINS, mean, sd, strict=True)
    ]


def bout_quality(before: Condition, after: Condition) -> pd.DataFrame:
    """Quality of each site, second by second, in the bouts only.

    Returns
    -------
    DataFrame
        `QUALITY_COLUMNS`; times on the recording's clock, each row cut to its bout.
    """
    rows = []
    for look in (before, after):
        table = quality_table(look.pipeline.sites)
        for site, own in table.groupby("site"):
            starts = own["t_s"].to_numpy(dtype=float)
            ends = np.append(starts[1:], starts[-1] + 1.0)
            for bout in look.bouts.bouts:
                if bout.side not in (None, str(site)[-1]):
                    continue
                about = {"condition": look.name, "label": bout.label, "bout": bout.number, "site": site}
                for k in np.flatnonzero((starts < bout.t1_s) & (ends > bout.t0_s)):
                    begin, end = max(starts[k], bout.t0_s), min(ends[k], bout.t1_s)
                    rows.append({**about, "t_s": begin, "t_end_s": end, "state": own["state"].iloc[k]})
    return pd.DataFrame(rows, columns=list(QUALITY_COLUMNS))


def bout_cycles(before: Condition, after: Condition) -> pd.DataFrame:
    """How many strides or repetitions of each leg the bouts hold, and why some were left out.

    Returns
    -------
    DataFrame
        `CYCLE_COLUMNS`; one row per reason, or one without reason where none was left out.
    """
    rows = []
    for look in (before, after):
        for side in "LR":
            if side not in look.pipeline.legs:
                continue
            strides = [stride for found in look.strides(side).values() for stride in found]
            reasons = Counter(stride.reason.split(":")[0] for stride in strides if not stride.valid)
            about = {
                "condition": look.name,
                "side": side,
                "found": len(strides),
                "used": sum(stride.valid for stride in strides),
            }
            for reason, n in reasons.most_common() or [("", 0)]:
                rows.append({**about, "reason": reason, "left_out": n})
    return pd.DataFrame(rows, columns=list(CYCLE_COLUMNS))
