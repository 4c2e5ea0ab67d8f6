"""The rule that anyone would try first, to compare the detector with: ten strides' median above +20 %."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

STRIDES = 10
LIMIT_PCT = 20.0
MERGE_S = 120.0
"""Alarms that follow sooner belong to the one before."""

Alarms = dict[tuple[str, str], tuple[float, ...]]
"""Times of the alarms (s) by pair and side."""


def fixed_rule(ratios: pd.DataFrame, *, after_s: float) -> Alarms:
    """Alarms of the rule, from the table of ratios.

    Every ten valid strides of a pair after the baseline make a median of the log-ratio; above ln 1.2 is an
    alarm. It knows neither the spread of the baseline nor what else moved.
    """
    found: Alarms = {}
    valid = ratios[ratios["valid"].astype(bool) & (ratios["t_s"] >= after_s)]
    for (pair, side), rows in valid.groupby(["pair", "side"]):
        y, t = rows["log_ratio"].to_numpy(dtype=np.float64), rows["t_s"].to_numpy(dtype=np.float64)
        n = len(y) // STRIDES * STRIDES
        medians = np.median(y[:n].reshape(-1, STRIDES), axis=1)
        at = t[STRIDES - 1 : n : STRIDES][medians > np.log1p(LIMIT_PCT / 100.0)]
        found[str(pair), str(side)] = merged(at.tolist())
    return found


def merged(times: Sequence[float]) -> tuple[float, ...]:
    """First of each group of alarms."""
    kept: list[float] = []
    last = -np.inf
    for t in times:
        if t - last >= MERGE_S:
            kept.append(t)
        last = t
    return tuple(kept)
