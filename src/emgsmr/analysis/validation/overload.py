"""The overload index over time: accumulated excess of a ratio, in multiples of what could be chance.

A research index. It is no probability of anything; whether it may be read as one is `risk`'s to say.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp

FloatArray = NDArray[np.float64]

FULL_MINUTES = 60.0
"""One smallest detectable change held for an hour fills 63 % of the index."""

BLOCK = 10
"""Strides whose median is one value: their autocorrelation is gone by then."""

MEDIAN_SE = 1.2533
"""Standard error of a median against that of a mean, for normal data."""

MIN_BLOCKS = 6
"""Baselines of fewer strides than sixty have no spread worth the name."""


def block_medians(values: FloatArray, *, block: int = BLOCK) -> FloatArray:
    """Medians of successive values, ``block`` at a time; a rest that fills no block is left out."""
    n = len(values) // block
    return np.asarray(np.median(values[: n * block].reshape(n, block), axis=1)) if n else np.empty(0)


def smallest_detectable_change(baseline: FloatArray, *, per_minute: float) -> float:
    """Smallest change of a minute's mean that is more than chance (95 %), log scale.

    Parameters
    ----------
    baseline : ndarray, shape (n_strides,)
        Log-ratios of the baseline's strides.
    per_minute : float
        Strides in a minute.

    Returns
    -------
    float
        NaN for a baseline of fewer than sixty strides.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> round(smallest_detectable_change(0.25 * rng.normal(size=40_000), per_minute=86.0), 2)
    0.06
    """
    blocks = block_medians(baseline)
    if len(blocks) < MIN_BLOCKS or not per_minute > 0:
        return float("nan")
    spread = dsp.robust_scale(blocks)
    return float(1.96 * spread * np.sqrt(BLOCK / per_minute + MEDIAN_SE**2 / len(blocks)))


def accumulated_excess(change: FloatArray, sdc: float) -> FloatArray:
    """Multiples of the smallest detectable change, times minutes, up to the end of each minute.

    Parameters
    ----------
    change : ndarray, shape (n_minutes,)
        Of the log-ratio against the baseline, mean of each minute; NaN = not measured.
    sdc : float, log scale

    Returns
    -------
    ndarray, shape (n_minutes,)
        A minute counts with all of its excess if that is more than chance, and else not at all: the sum of
        what noise leaves above zero would grow with time.

    Examples
    --------
    >>> accumulated_excess(np.array([0.05, 0.2, np.nan, 0.3, -0.4]), 0.1).round(6).tolist()
    [0.0, 2.0, 2.0, 5.0, 5.0]
    """
    if not sdc > 0:
        return np.full(len(change), np.nan)
    excess = np.nan_to_num(change, nan=0.0) / sdc
    return np.cumsum(np.where(excess > 1.0, excess, 0.0))


def overload_index(excess: FloatArray) -> FloatArray:
    """Index from 0 to 100 of an accumulated excess (multiples of the smallest detectable change, min).

    Examples
    --------
    >>> overload_index(np.array([0.0, 60.0, 600.0])).round(1).tolist()
    [0.0, 63.2, 100.0]
    """
    return np.asarray(-100.0 * np.expm1(-excess / FULL_MINUTES))
