"""Confidence intervals from a resampled statistic."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import special

FloatArray = NDArray[np.float64]


def percentile_interval(
    resampled: FloatArray, *, level: float = 0.95, n_blocks: float = np.inf
) -> tuple[FloatArray, FloatArray]:
    """Interval between two quantiles of the resampled statistic.

    Parameters
    ----------
    resampled : ndarray, shape (n_resamples, ...)
        NaN = undefined in that resample; left out.
    level : float
    n_blocks : float
        Independent blocks in the sample (strides by mean block length). The fewer, the wider: resamples
        spread too little by ``sqrt((m - 1) / m)``, and the normal's tails are Student's. Infinite = the plain
        percentile interval.

    Returns
    -------
    low, high : ndarray, shape (...)

    Notes
    -----
    The widening is the "expanded percentile interval" of Hesterberg 2015 (Am Stat 69:371).

    Examples
    --------
    >>> values = np.arange(1001.0)
    >>> [round(float(end)) for end in percentile_interval(values)]
    [25, 975]
    >>> [round(float(end)) for end in percentile_interval(values, n_blocks=20)]
    [16, 984]
    """
    tail = _tail(level, n_blocks)
    return _quantile(resampled, tail), _quantile(resampled, 1.0 - tail)


def _tail(level: float, n_blocks: float) -> float:
    """Share beyond each end of an interval, made smaller where there are few blocks."""
    tail = (1.0 - level) / 2.0
    if np.isfinite(n_blocks):
        m = max(n_blocks, 2.0)
        tail = float(special.ndtr(special.stdtrit(m - 1.0, tail) * np.sqrt(m / (m - 1.0))))
    return tail


def bca_interval(
    resampled: FloatArray,
    *,
    estimate: float,
    left_out: FloatArray | None = None,
    level: float = 0.95,
    n_blocks: float = np.inf,
) -> tuple[float, float]:
    """Interval between quantiles that are moved for bias and skewness (bias-corrected and accelerated).

    Parameters
    ----------
    resampled : ndarray, shape (n_resamples,)
    estimate : float
        The statistic of the sample itself.
    left_out : ndarray, shape (n_left_out,), optional
        The statistic without one block of successive strides after the other (the jackknife), for the
        skewness; omitted: corrected for bias only.
    level, n_blocks : float
        As in `percentile_interval`.

    Returns
    -------
    low, high : float

    Notes
    -----
    Efron 1987 (J Am Stat Assoc 82:171). Not for medians: their jackknife takes few values, and says nothing.

    Examples
    --------
    >>> values = np.arange(1001.0)
    >>> [round(end) for end in bca_interval(values, estimate=500.0)]
    [25, 975]
    >>> [round(end) for end in bca_interval(values, estimate=550.0)]   # resamples lie too low: move up
    [44, 986]
    """
    finite = resampled[np.isfinite(resampled)]
    if not len(finite) or not np.isfinite(estimate):
        return float("nan"), float("nan")
    share = (np.sum(finite < estimate) + 0.5 * np.sum(finite == estimate)) / len(finite)
    bias = special.ndtri(np.clip(share, 0.5 / len(finite), 1.0 - 0.5 / len(finite)))
    skew = 0.0 if left_out is None else _acceleration(left_out[np.isfinite(left_out)])
    z = bias + np.array([1.0, -1.0]) * special.ndtri(_tail(level, n_blocks))
    low, high = special.ndtr(bias + z / (1.0 - skew * z))
    return float(_quantile(finite, low)), float(_quantile(finite, high))


def _acceleration(left_out: FloatArray) -> float:
    """How the statistic's spread grows with itself, from the jackknife."""
    away = left_out.mean() - left_out if len(left_out) else left_out
    spread = float(np.sum(np.square(away)))
    return float(np.sum(away**3)) / (6.0 * spread**1.5) if spread > 0 else 0.0


def _quantile(values: FloatArray, q: float) -> FloatArray:
    """`numpy.nanquantile` over the first axis, NaN without a warning where there is nothing."""
    ordered = np.sort(values, axis=0)  # NaN last
    n = np.isfinite(ordered).sum(axis=0)
    place = q * np.maximum(n - 1, 0)
    low = np.floor(place).astype(np.int64)
    high = np.minimum(low + 1, np.maximum(n - 1, 0))
    below = np.take_along_axis(ordered, np.asarray(low)[np.newaxis], axis=0)[0]
    above = np.take_along_axis(ordered, np.asarray(high)[np.newaxis], axis=0)[0]
    return np.asarray(np.where(n > 0, below + (above - below) * (place - low), np.nan))
