"""A control chart: what a pair's points are judged against, learned from the baseline."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.adjustment import Parts
from emgsmr.analysis.points import Point
from emgsmr.analysis.settings import Settings

FloatArray = NDArray[np.float64]

ASSURANCE = 1.28
"""Baselines unluckier than nine of ten are allowed for (normal quantile of 0.9)."""

MIN_SIGMA = 0.03
"""Smallest standard deviation of a point (log scale): a burst of 150 ms cannot be measured better."""

RECENT = 6
"""Points that estimate the current size of a change."""

PATIENCE = 40
"""Points (some five minutes of running) after which a change should have been found."""

PLENTY = 60
"""Points of a baseline (600 strides) beyond which a longer one gains little."""

ENOUGH = 150
"""Points of a baseline (1500 strides) from which limits are drawn: bounds time and memory of a longer one."""

MOST_LIMIT = 3.0
"""The limit is never above this many times that of a long normal baseline: less would be found than the
practical floor asks for, and a baseline that bad is told by its smallest detectable change."""


@dataclass(frozen=True, slots=True)
class Chart:
    """What a pair's points are judged against.

    Attributes
    ----------
    mu, sigma : float
        Center and standard deviation of a point in control, log scale.
    phi : float
        Autocorrelation of successive points.
    n_points : int
        Of the baseline.
    k, limit : float
        Allowance and limit of the sums, in standard deviations.
    normal_limit : float
        What the limit would be for normal points with this autocorrelation and a known center and spread.
    part_sigmas : tuple of float
        Standard deviations of a point of the prime mover and of the compensator.
    part_mus : tuple of float
        Their centers.
    """

    mu: float
    sigma: float
    phi: float
    n_points: int
    k: float
    limit: float
    normal_limit: float
    part_sigmas: tuple[float, float]
    part_mus: tuple[float, float]

    @property
    def inflation(self) -> float:
        """By how much autocorrelation enlarges the variance of a mean of points."""
        return (1.0 + self.phi) / (1.0 - self.phi)

    def error(self, n: int, sigma: float) -> float:
        """Standard error of a mean of ``n`` points against the baseline's center."""
        return float(sigma * np.sqrt(self.inflation * (1.0 / max(n, 1) + 1.0 / self.n_points)))

    @property
    def band_pct(self) -> tuple[float, float]:
        """What a point in control leaves by chance in one of twenty, change of the ratio in %."""
        return float(100.0 * np.expm1(-1.96 * self.sigma)), float(100.0 * np.expm1(1.96 * self.sigma))

    @property
    def sdc(self) -> float:
        """Smallest change of a minute's mean (`RECENT` points) that is more than chance, log scale (95 %)."""
        return 1.96 * self.error(RECENT, self.sigma)

    @property
    def sdc_pct(self) -> float:
        """The same in %."""
        return float(100.0 * np.expm1(self.sdc))

    def finds_pct(self, settings: Settings, *, plenty: bool = False) -> float:
        """Lasting change (%) found within `PATIENCE` points; ``plenty``: with a baseline of `PLENTY`."""
        k, limit = self.k, self.limit
        if plenty:
            k = settings.cusum_k + ASSURANCE * float(np.sqrt(self.inflation / PLENTY))
            limit = self.normal_limit
        return max(settings.floor_pct, float(100.0 * np.expm1((k + limit / PATIENCE) * self.sigma)))

    def cost(self, settings: Settings) -> str:
        """What the length of the baseline costs, in a sentence."""
        size, found = settings.block_strides, self.finds_pct(settings)
        text = (
            f"baseline of {self.n_points * size} strides: a lasting change of {found:.0f} % is found within "
            f"{PATIENCE * size} strides"
        )
        would = self.finds_pct(settings, plenty=True)
        if self.n_points >= PLENTY or would > found - 1.0:
            return text
        return f"{text}; after a baseline of {PLENTY * size} strides {would:.0f} % would be"

    def as_record(self, settings: Settings) -> dict[str, Any]:
        """The chart as it stands in ``session.json``."""
        return {
            "n_baseline_points": self.n_points,
            "center": self.mu,
            "sigma": self.sigma,
            "autocorrelation": self.phi,
            "k": self.k,
            "limit": self.limit,
            "normal_limit": self.normal_limit,
            "sdc_pct": self.sdc_pct,
            "cost": self.cost(settings),
        }


def fit_chart(parts: list[Parts], *, n_charts: int, points_per_hour: float, settings: Settings) -> Chart:
    """Center, spread, allowance and limit from the baseline's strides, adjusted for pace.

    A short baseline tells center and spread badly. The allowance is enlarged by what nine of ten centers are
    wrong by at most, and the limit so that nine of ten such baselines keep the budget: the shorter the
    baseline, the less sensitive the chart, not the more nervous.
    """
    size = settings.block_strides
    y = np.array([p.y for p in parts])
    n = len(y) // size
    center, scale = dsp.center_and_scale(y, size=size)
    sigma = max(float(scale), MIN_SIGMA)
    phi = round(20 * dsp.autocorrelation(y, size=size)) / 20
    arl = max(round(settings.hours_per_false_alarm * n_charts * points_per_hour, -2), 100.0)
    block = int(min(max(2 * size, 3 * dsp.block_length(y[:, np.newaxis])[0]), max(len(y) // 4, size)))
    found = dsp.calibrated_cusum(
        y[-ENOUGH * size :], size=size, k=settings.cusum_k, arl=arl, block=block, least_scale=MIN_SIGMA
    )
    normal = dsp.cusum_limit(k=settings.cusum_k, arl=arl, phi=phi)
    of_center = ASSURANCE * float(np.sqrt((1.0 + phi) / (1.0 - phi) / n))
    rows = np.array([(p.prime, p.compensator) for p in parts]).T
    mus, sigmas = dsp.center_and_scale(rows, size=size)
    return Chart(
        mu=float(center),
        sigma=sigma,
        phi=phi,
        n_points=n,
        k=max(found.k, settings.cusum_k + of_center),
        limit=min(max(found.limit, normal), MOST_LIMIT * normal),
        normal_limit=normal,
        part_sigmas=(max(float(sigmas[0]), MIN_SIGMA), max(float(sigmas[1]), MIN_SIGMA)),
        part_mus=(float(mus[0]), float(mus[1])),
    )


class Track:
    """One direction of a chart: the sum, and the points since it was last zero."""

    def __init__(self, direction: int) -> None:
        self.direction = direction
        self.sum = 0.0
        self.points: list[Point] = []
        self.is_ready = False
        """Whether it is out, and clearly enough to be told."""
        self.n_out = 0
        self.n_held = 0

    def take(self, point: Point, chart: Chart) -> None:
        """Add a point; what the adjustment for pace may be wrong by does not count."""
        z = (self.direction * (point.y - chart.mu) - ASSURANCE * point.doubt) / chart.sigma
        z = min(max(z, -dsp.Z_MOST), dsp.Z_MOST)
        _, self.sum = dsp.cusum(np.array([z]), k=chart.k, state=self.sum)
        if self.sum == 0.0:
            self.restart()
        else:
            self.points.append(point)

    def size(self, chart: Chart) -> float:
        """Recent change in this direction, log scale, less what the adjustment may be wrong by."""
        if not self.points:
            return 0.0
        recent = [self.direction * (p.y - chart.mu) - ASSURANCE * p.doubt for p in self.points[-RECENT:]]
        return float(np.median(recent))

    def is_out(self, chart: Chart, *, floor: float) -> bool:
        """Whether the sum is above its limit, and the change above the practical floor."""
        return len(self.points) > 1 and self.sum > chart.limit and self.size(chart) > floor

    def restart(self) -> None:
        """Begin again from zero."""
        self.sum, self.points = 0.0, []
        self.is_ready, self.n_out, self.n_held = False, 0, 0
