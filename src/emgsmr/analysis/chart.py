"""A control chart: what a pair's points are judged against, learned from the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from emgsmr import dsp
from emgsmr.analysis.settings import Settings

MEDIAN_SE = 1.2533
"""Standard error of a median against that of a mean, for normal data."""

ASSURANCE = 1.28
"""Baselines unluckier than nine of ten are allowed for (normal quantile of 0.9)."""

MIN_SIGMA = 0.03
"""Smallest standard deviation of a point (log scale): a burst of 150 ms cannot be measured better."""

RECENT = 6
"""Points that estimate the current size of a change."""


class Point(NamedTuple):
    """Median of ``Settings.block_strides`` strides; natural logarithms against the baseline."""

    t_start_s: float
    t_end_s: float
    y: float
    prime: float
    compensator: float
    quiet_prime: float
    quiet_compensator: float


@dataclass(frozen=True, slots=True)
class Chart:
    """What a pair's points are judged against."""

    mu: float
    sigma: float
    n_points: int
    k: float
    limit: float
    component_sigma: float

    @property
    def sdc(self) -> float:
        """Smallest change of a minute's mean (`RECENT` points) that is more than chance, log scale (95 %)."""
        return float(1.96 * self.sigma * np.sqrt(1.0 / RECENT + MEDIAN_SE**2 / self.n_points))

    @property
    def sdc_pct(self) -> float:
        """The same in %."""
        return float(100.0 * np.expm1(self.sdc))


def fit_chart(
    points: list[Point], spread: float, *, n_charts: int, points_per_hour: float, settings: Settings
) -> Chart:
    """Center, spread and limit from the baseline's points.

    ``spread`` is the robust standard deviation of single strides. A short baseline estimates center and
    spread badly, so both are moved to the cautious end of what nine of ten such baselines would have given.
    """
    y = np.array([point.y for point in points])
    parts = np.array([[point.prime, point.compensator] for point in points])
    n = len(y)
    white = MEDIAN_SE * spread / np.sqrt(settings.block_strides)
    caution = 1.0 + ASSURANCE * 1.166 / np.sqrt(n)
    sigma = float(max(dsp.robust_scale(y) * caution, white, MIN_SIGMA))
    component = max(dsp.robust_scale(parts[:, 0]), dsp.robust_scale(parts[:, 1]), sigma / np.sqrt(2.0))
    arl = settings.hours_per_false_alarm * n_charts * points_per_hour
    return Chart(
        mu=dsp.robust_center(y),
        sigma=sigma,
        n_points=n,
        k=float(settings.cusum_k + ASSURANCE * MEDIAN_SE / np.sqrt(n)),
        limit=dsp.cusum_limit(k=settings.cusum_k, arl=round(arl, -2)),
        component_sigma=float(component),
    )
