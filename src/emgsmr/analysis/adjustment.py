"""What pace does to a pair's ratio: learned from the baseline, and how far beyond it that can be trusted."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.pace import Pace

FloatArray = NDArray[np.float64]

COVARIATES = ("ln cadence", "ln speed", "grade %")

SLOPE_SD = (1.5, 0.5, 0.03)
"""What the slope of a log-ratio on each covariate may be, before anything is measured (standard deviation).

EMG amplitudes grow as speed to powers that differ between muscles by about 0.5; cadence grows as speed to
about a third, which makes 1.5. Ten percent of grade change a ratio of hip to calf by some 30 %.
"""

PART_SD = (6.0, 2.0, 0.06)
"""The same for a single muscle: all of them grow with speed."""

KNOWN_SHARE = 0.8
"""A covariate that fewer baseline strides have is left out."""

RANGE_PCT = (5.0, 95.0)
"""Between these percentiles of the baseline (over ten strides) a slope is known; beyond them it is not."""


class Parts(NamedTuple):
    """A log-ratio and the mean of its two parts, natural logarithms; the parts follow from them."""

    y: float
    common: float

    @property
    def prime(self) -> float:
        """Logarithm of the prime mover."""
        return self.common - self.y / 2.0

    @property
    def compensator(self) -> float:
        """Logarithm of the compensator."""
        return self.common + self.y / 2.0


@dataclass(frozen=True, slots=True)
class Adjustment:
    """Slopes on pace, and their uncertainty.

    Attributes
    ----------
    center, low, high : tuple of float
        Median of each covariate in the baseline, and the range over which its slopes are known.
    slopes, part_slopes : tuple of float
        Of the log-ratio and of the mean of its parts.
    covariance : ndarray, shape (3, 3)
        Of the log-ratio's slopes.
    used : tuple of bool
        Covariates that the baseline has.
    excess_slope, excess_level : float
        Of ln compensator on ln prime mover.
    """

    center: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    slopes: tuple[float, ...]
    part_slopes: tuple[float, ...]
    covariance: FloatArray
    used: tuple[bool, ...]
    excess_slope: float
    excess_level: float

    def as_record(self) -> dict[str, Any]:
        """The adjustment as it stands in ``session.json``: what is used, where its slopes are known."""
        used = {
            name: {"slope": self.slopes[k], "known_from": self.low[k], "known_to": self.high[k]}
            for k, name in enumerate(COVARIATES)
            if self.used[k]
        }
        return {**used, "excess_slope": self.excess_slope}

    def away(self, pace: Pace) -> tuple[float, ...]:
        """How far a pace is from the baseline's; 0 where it is not known.

        A foot pod that falls silent leaves cadence, which a change of speed moves as well.
        """
        return tuple(
            value - center if used and value == value else 0.0
            for value, center, used in zip(pace, self.center, self.used, strict=True)
        )

    def adjusted(self, parts: Parts, pace: Pace) -> Parts:
        """The same at the baseline's pace."""
        away = self.away(pace)
        y = sum(slope * d for slope, d in zip(self.slopes, away, strict=True))
        common = sum(slope * d for slope, d in zip(self.part_slopes, away, strict=True))
        return Parts(parts.y - y, parts.common - common)

    def doubt(self, pace: Pace) -> float:
        """Standard deviation (log scale) of the adjustment of the ratio at a pace.

        Within the range of the baseline it is that of the slopes. Natural jitter says little about what
        another pace does, so beyond the range the slopes may be anything that `SLOPE_SD` allows.
        """
        away = self.away(pace)
        if not any(away):
            return 0.0
        inside, beyond = [], 0.0
        for d, low, high, sd in zip(away, self.low, self.high, SLOPE_SD, strict=True):
            inside.append(min(max(d, low), high))
            beyond += (sd * (d - inside[-1])) ** 2
        known = sum(
            inside[i] * inside[j] * float(self.covariance[i, j])
            for i in range(len(inside))
            for j in range(len(inside))
        )
        return float(np.sqrt(max(known, 0.0) + beyond))

    def excess(self, parts: Parts, pace: Pace) -> float:
        """What the compensator does beyond what its prime mover's activation and the pace let expect."""
        at = self.adjusted(parts, pace)
        return at.compensator - self.excess_level - self.excess_slope * at.prime


def fit_adjustment(parts: list[Parts], paces: list[Pace], *, size: int) -> Adjustment:
    """Slopes on pace from a baseline's strides.

    Parameters
    ----------
    parts, paces : list
        Of the baseline's valid strides, in the order of time; at least ``size``.
    size : int
        Strides in a point of the chart.

    Returns
    -------
    Adjustment
        A baseline at one pace leaves the slopes near zero (`emgsmr.dsp.robust_fit`).

    Notes
    -----
    The slope of the excess is attenuated by what scatters in the prime mover's amplitude, as any slope on a
    variable with errors is. It describes what one amplitude lets expect of the other, no law of sharing.
    """
    y = np.array([p.y for p in parts])
    common = np.array([p.common for p in parts])
    pace = np.array(paces, dtype=np.float64)
    used = np.isfinite(pace).mean(axis=0) >= KNOWN_SHARE
    center = np.array([np.nanmedian(c) if u else 0.0 for c, u in zip(pace.T, used, strict=True)])
    x = np.where(np.isfinite(pace) & used, pace - center, 0.0)
    per_independent = _per_independent(y)
    of_ratio = dsp.robust_fit(
        y, x[:, used], slope_sd=np.array(SLOPE_SD)[used], n_per_independent=per_independent
    )
    of_parts = dsp.robust_fit(
        common, x[:, used], slope_sd=np.array(PART_SD)[used], n_per_independent=_per_independent(common)
    )
    slopes, part_slopes, covariance = np.zeros(3), np.zeros(3), np.zeros((3, 3))
    slopes[used], part_slopes[used] = of_ratio.slopes, of_parts.slopes
    covariance[np.ix_(used, used)] = of_ratio.covariance
    slow = dsp.window_medians(np.ascontiguousarray(x.T), size=size)
    low, high = np.percentile(slow, RANGE_PCT, axis=1)
    y, common = y - x @ slopes, common - x @ part_slopes
    excess = dsp.robust_fit(
        common + y / 2, (common - y / 2)[:, np.newaxis], slope_sd=np.array([1.0]), n_per_independent=1.0
    )
    return Adjustment(
        tuple(center.tolist()),
        tuple(np.minimum(low, 0.0).tolist()),
        tuple(np.maximum(high, 0.0).tolist()),
        tuple(slopes.tolist()),
        tuple(part_slopes.tolist()),
        covariance,
        tuple(used.tolist()),
        float(excess.slopes[0]),
        excess.level,
    )


def _per_independent(x: FloatArray) -> float:
    """How many strides tell as much as an independent one."""
    phi = min(dsp.autocorrelation(x, size=1), 0.6)
    return (1.0 + phi) / (1.0 - phi)
