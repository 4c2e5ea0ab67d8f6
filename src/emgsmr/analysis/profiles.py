"""Mean activation over the stride, for pictures: one curve for each site and period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from emgsmr.analysis.columns import COLUMNS, frame
from emgsmr.analysis.finding import Finding
from emgsmr.analysis.leg import Leg
from emgsmr.analysis.periods import inside, session_periods
from emgsmr.recording import Event

FloatArray = NDArray[np.float64]


def profiles_table(
    legs: Iterable[Leg], findings: Sequence[Finding] = (), events: Iterable[Event] = ()
) -> pd.DataFrame:
    """Mean amplitude over the stride (or repetition) for each site and period.

    Notes
    -----
    Of each stride the RMS in fifty equal parts, as measured: noise included, not smoothed. Mean and standard
    deviation (``n - 1``) are those of these amplitudes over the valid strides in the gait of the baseline; a
    part of a stride without a sample is left out.
    """
    legs = [leg for leg in legs if leg.baseline is not None]
    periods = session_periods(legs, findings, events)
    parts = []
    for leg in legs:
        baseline = leg.baseline
        assert baseline is not None
        strides = [s for s in leg.strides if s.valid and s.gait == baseline.gait]
        for site in sorted({site for stride in strides for site in stride.sites}):
            with_site = [s for s in strides if site in s.sites and s.sites[site].valid]
            starts = np.array([stride.t_start_s for stride in with_site])
            amplitude = np.sqrt(np.array([stride.sites[site].bins for stride in with_site]))
            for period in periods:
                if leg.side in period.sides:
                    rows = amplitude[inside(starts, period.spans[leg.side])]
                    if len(rows):
                        parts.append(_profile(site, period.name, rows))
    if not parts:
        return frame("profiles", ())
    return pd.concat(parts, ignore_index=True)[list(COLUMNS["profiles"])]


def _profile(site: str, period: str, amplitude: FloatArray) -> pd.DataFrame:
    """The rows of one curve; ``amplitude`` has a row for each stride."""
    n, n_bins = amplitude.shape
    finite = np.isfinite(amplitude)
    number = finite.sum(axis=0)
    mean = np.where(finite, amplitude, 0.0).sum(axis=0) / np.where(number > 0, number, np.nan)
    squares = np.where(finite, np.square(amplitude - mean), 0.0).sum(axis=0)
    return pd.DataFrame(
        {
            "site": site,
            "period": period,
            "pct": 100.0 * np.arange(n_bins) / n_bins,
            "mean_uV": mean,
            "sd_uV": np.sqrt(squares / np.where(number > 1, number - 1, np.nan)),
            "n": n,
        }
    )
