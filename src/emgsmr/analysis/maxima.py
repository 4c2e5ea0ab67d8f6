"""Maximal contractions as what shares are relative to: how high, and how well they repeat."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence

import numpy as np

from emgsmr.analysis.reference import Trial
from emgsmr.analysis.standard_error import Error

MIN_TRIAL_SD = 0.05
"""Smallest SD of ln amplitude between maximal trials: half a second of EMG alone scatters by 5 % (with a
bandwidth of 193 Hz), however steady the muscle."""

NEAR_MAXIMUM = 0.7
"""A trial below this part of the best was about another muscle, or timid: it does not count."""


def near_maximum(trials: Sequence[Trial]) -> list[Trial]:
    """The trials that count: those nearly as high as the best."""
    best = max((trial.uv for trial in trials), default=0.0)
    return [trial for trial in trials if trial.uv >= NEAR_MAXIMUM * best]


def mean_maximum(trials: Sequence[Trial]) -> float:
    """Geometric mean (µV) of the trials that count; NaN without any.

    Examples
    --------
    >>> round(mean_maximum([Trial(0, 4, 90.0), Trial(60, 64, 100.0), Trial(120, 124, 30.0)]), 1)
    94.9
    """
    near = [trial.uv for trial in near_maximum(trials)]
    return float(np.exp(np.mean(np.log(near)))) if near else float("nan")


def maximum_errors(
    trials: Mapping[str, Sequence[Trial]], groups: Sequence[tuple[str, ...]]
) -> dict[tuple[str, ...], Error | str]:
    """How well the maximum of each group of sites (the mean of its trials) repeats.

    Parameters
    ----------
    trials : mapping of site to sequence of Trial
    groups : sequence of tuple of sites
        Their level is the mean of their sites' (log scale).

    Returns
    -------
    dict of group to Error, or to the reason why there is none

    Examples
    --------
    >>> trials = {"GMAX_L": [Trial(0, 4, 100.0), Trial(60, 64, 110.0)], "GMAX_R": [Trial(120, 124, 90.0)]}
    >>> found = maximum_errors(trials, [("GMAX_L",), ("GMAX_R",)])
    >>> round(found[("GMAX_L",)].sd, 3), found[("GMAX_R",)]
    (0.048, 'GMAX_R has fewer than two maximal contractions of similar height, which tell how well ...')
    """
    near = {site: near_maximum(found) for site, found in trials.items()}
    total, df = 0.0, 0
    answer: dict[tuple[str, ...], Error | str] = {}
    repeats: dict[tuple[str, ...], int] = {}
    for group in groups:
        single = [site for site in group if len(near[site]) < 2]
        if single:
            answer[group] = (
                f"{' and '.join(single)} {'has' if len(single) == 1 else 'have'} fewer than two maximal "
                "contractions of similar height, which tell how well it repeats"
            )
            continue
        repeats[group] = min(len(near[site]) for site in group)
        off: defaultdict[float, float] = defaultdict(float)
        for site in group:
            level = np.log([trial.uv for trial in near[site]])
            for trial, residual in zip(near[site], level - level.mean(), strict=True):
                off[trial.t0_s] += float(residual) / len(group)
        total += sum(value**2 for value in off.values())
        df += repeats[group] - 1
    sd = max(float(np.sqrt(total / df)), MIN_TRIAL_SD) if df else MIN_TRIAL_SD
    for group, k in repeats.items():
        answer[group] = Error(sd / float(np.sqrt(k)), float(df))
    return answer
