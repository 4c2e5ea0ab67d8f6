"""The table of bursts: when each muscle's main burst began and ended, where that can be told."""

from __future__ import annotations

from collections.abc import Iterable
from math import isnan
from typing import Any

import pandas as pd

from emgsmr.analysis.baseline import Baseline
from emgsmr.analysis.columns import frame
from emgsmr.analysis.leg import Leg
from emgsmr.analysis.strides import Stride

NO_FLOOR = "no noise floor is known"


def bursts_table(legs: Iterable[Leg], *, snr_db: float) -> pd.DataFrame:
    """One row per valid stride and site; times only where the burst stands ``snr_db`` above the noise."""
    rows = [
        _row(stride, site, leg.baseline, snr_db)
        for leg in legs
        if leg.baseline is not None
        for stride in leg.strides
        for site in stride.sites
    ]
    rows.sort(key=lambda row: (row["t_start_s"], row["site"]))
    return frame("bursts", rows)


def why_not(stride: Stride, site: str, baseline: Baseline, *, snr_db: float) -> str:
    """Why nothing is claimed about when a muscle worked in a stride; empty if it is."""
    facts = stride.sites[site]
    if not facts.valid:
        return facts.reason
    if not baseline.noise.get(site, 0.0) > 0:
        return NO_FLOOR
    snr = baseline.snr_db(stride, site)
    if isnan(snr):
        return "not above the noise"
    return "" if snr >= snr_db else f"only {snr:.1f} dB above the noise, {snr_db:g} are needed"


def _row(stride: Stride, site: str, baseline: Baseline, snr_db: float) -> dict[str, Any]:
    burst = stride.sites[site].burst
    reason = why_not(stride, site, baseline, snr_db=snr_db) or burst.reason
    row = {
        "stride": stride.number,
        "site": site,
        "t_start_s": stride.t_start_s,
        "snr_db": baseline.snr_db(stride, site),
        "valid": not reason,
        "reject_reason": reason or None,
    }
    if reason:
        return row
    return row | {
        "t_on_s": burst.t_on_s,
        "t_off_s": burst.t_off_s,
        "on_pct": stride.pct_at(burst.t_on_s),
        "off_pct": stride.pct_at(burst.t_off_s),
        "duration_s": burst.t_off_s - burst.t_on_s,
    }
