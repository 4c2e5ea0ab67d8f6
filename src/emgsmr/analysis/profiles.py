"""Mean activation over the stride, for pictures: one curve for each site and period."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
import pandas as pd

from emgsmr.analysis.columns import frame
from emgsmr.analysis.finding import Finding
from emgsmr.analysis.leg import Leg


def profiles_table(legs: Iterable[Leg], findings: Sequence[Finding]) -> pd.DataFrame:
    """Mean amplitude over the stride for each site: in the baseline, in flagged episodes, in all strides."""
    rows = []
    for leg in legs:
        if leg.baseline is None:
            continue
        baseline = leg.baseline
        episodes = [
            (f.t_onset_s, f.t_end_s or float("inf")) for f in findings if f.side == leg.side and f.tier > 0
        ]
        strides = [s for s in leg.strides if s.valid and s.gait == baseline.gait]
        periods = {
            "baseline": [s for s in strides if baseline.t0_s <= s.t_start_s < baseline.t1_s],
            "flagged": [s for s in strides if any(a <= s.t_start_s < b for a, b in episodes)],
            "all": strides,
        }
        for site in sorted({site for stride in strides for site in stride.sites}):
            for period, members in periods.items():
                bins = [s.sites[site].bins for s in members if s.sites[site].valid]
                if not bins:
                    continue
                amplitude = np.sqrt(np.array(bins))
                edges = np.linspace(0, 100, amplitude.shape[1] + 1)
                for (pct, _), mean, sd in zip(
                    pairwise(edges), np.nanmean(amplitude, axis=0), np.nanstd(amplitude, axis=0), strict=True
                ):
                    rows.append(
                        {
                            "site": site,
                            "period": period,
                            "pct": pct,
                            "mean_uV": mean,
                            "sd_uV": sd,
                            "n": len(bins),
                        }
                    )
    return frame("profiles", rows)
