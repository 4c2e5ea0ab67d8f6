"""What the strides of a leg hold, as arrays over its strides: for statistics of many of them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.facts import N_BINS, SiteFacts
from emgsmr.analysis.leg import Leg

FloatArray = NDArray[np.float64]

SMOOTHING = np.array([1.0, 2.0, 3.0, 2.0, 1.0])
"""Weights of neighboring bins in a smoothed profile: about a tenth of the stride."""

Series = tuple[tuple[float, str, str], ...]
"""A weighted sum of logarithms of amplitudes: (weight, site, window), all of one side."""


@dataclass(frozen=True, slots=True, eq=False)
class StrideArrays:
    """The valid strides of one leg in the gait of its baseline, in the order of time.

    Attributes
    ----------
    side : str
    t_start_s, t_end_s : ndarray, shape (n_strides,), s
    log_rms : dict of (site, window) to ndarray, shape (n_strides,)
        Logarithm of the noise-corrected RMS in µV; NaN where the site is not valid.
    shape : dict of site to ndarray, shape (n_strides, N_BINS), µV
        Noise-corrected amplitude over the stride, smoothed over a tenth of it.
    center_pct : dict of site to ndarray, shape (n_strides,)
        Burst centers; NaN where the burst does not stand out of the noise.
    """

    side: str
    t_start_s: FloatArray
    t_end_s: FloatArray
    log_rms: dict[tuple[str, str], FloatArray]
    shape: dict[str, FloatArray]
    center_pct: dict[str, FloatArray]

    @property
    def sites(self) -> tuple[str, ...]:
        """Sites with a valid stride in the baseline, in alphabetical order."""
        return tuple(self.shape)

    def series(self, series: Series) -> FloatArray:
        """A series over the strides; NaN where one of its amplitudes is missing."""
        total = np.zeros(len(self.t_start_s))
        for weight, site, window in series:
            total += weight * self.log_rms[site, window]
        return total


def stride_arrays(leg: Leg, *, center_snr_db: float) -> StrideArrays | None:
    """The arrays of one leg; None without a baseline. Centers where bursts stand so far above the noise."""
    baseline = leg.baseline
    if baseline is None:
        return None
    strides = [stride for stride in leg.strides if stride.valid and stride.gait == baseline.gait]
    missing = SiteFacts(valid=False, reason="")
    found = StrideArrays(
        leg.side,
        np.array([stride.t_start_s for stride in strides]),
        np.array([stride.t_end_s for stride in strides]),
        {},
        {},
        {},
    )
    for site in sorted(baseline.noise):
        facts = [f if (f := stride.sites.get(site, missing)).valid else missing for stride in strides]
        noise = baseline.noise[site]
        for window in (window for window, at in baseline.level if at == site):
            power = np.array([f.power.get(window, np.nan) for f in facts])
            rms = dsp.noise_corrected(power, noise_power=noise)
            found.log_rms[site, window] = np.log(np.where(rms > 0, rms, np.nan))
        bins = np.array([f.bins for f in facts]).reshape(len(facts), N_BINS)
        found.shape[site] = dsp.noise_corrected(_smoothed(bins), noise_power=noise)
        above = np.array([f.power.get("main", np.nan) for f in facts]) > noise * (
            1 + 10 ** (center_snr_db / 10)
        )
        found.center_pct[site] = np.where(
            above & (noise > 0), np.array([f.center_pct for f in facts]), np.nan
        )
    return found


def _smoothed(power: FloatArray) -> FloatArray:
    """Weighted mean of neighboring bins around the cycle; a bin without a sample is left out."""
    finite = np.isfinite(power)
    filled = np.where(finite, power, 0.0)
    total, weight = np.zeros(power.shape), np.zeros(power.shape)
    for k, part in enumerate(SMOOTHING):
        shift = k - len(SMOOTHING) // 2
        total += part * np.roll(filled, shift, axis=1)
        weight += part * np.roll(finite, shift, axis=1)
    return np.asarray(np.divide(total, weight, out=np.full(power.shape, np.nan), where=weight > 0))
