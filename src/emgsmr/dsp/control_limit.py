"""The limit of a control chart from a baseline's own values, by block bootstrap.

Tables of run lengths assume independent normal points and a center and spread that are known. Here they are
neither: values are alike from one to the next, some are far out, and a short baseline tells center and spread
badly. So baselines, and long runs in control, are drawn from the baseline's own values.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SEED = 19540601
"""Drawing is part of the arithmetic: the same baseline gives the same limit, bit for bit."""

N_BASELINES = 60
"""Baselines that are drawn; the limit suits nine of ten of them."""

N_POINTS = 10_000
"""Points of the run in control: some thousand excursions of the sum, whose highest tenth tells its tail."""

ASSURED = 0.9
"""Share of baselines with which the chart runs as long as it should."""

Z_MOST = 4.0
"""A point counts for at most so many standard deviations: one wild point is no change, four may be one."""

LEAST_EXCURSIONS = 50
"""A sum with fewer in `N_POINTS` hardly ever comes back to zero: no tail can be fitted."""


class Calibration(NamedTuple):
    """A one-sided CUSUM for estimated center and spread.

    ``k``: the allowance asked for, and what the center may be wrong by; ``limit``: of the sum; infinite if no
    limit would do.
    """

    k: float
    limit: float


def median_sd(n: int) -> float:
    """Standard deviation of the median of ``n`` independent normal values, relative to that of one.

    Examples
    --------
    >>> round(median_sd(1), 2), round(median_sd(3), 2), round(median_sd(11), 2)   # exact: 1, 0.67, 0.37
    (1.0, 0.66, 0.37)
    """
    return float(np.sqrt(np.pi / (2 * n + np.pi - 2)))


def window_medians(x: FloatArray, *, size: int) -> FloatArray:
    """Medians of overlapping windows along the last axis, a fifth of a window apart.

    Examples
    --------
    >>> window_medians(np.arange(8.0), size=5).tolist()
    [2.0, 3.0, 4.0, 5.0]
    """
    step = max(1, size // 5)
    windows = np.lib.stride_tricks.sliding_window_view(x, size, axis=-1)[..., ::step, :]
    return np.asarray(np.median(windows, axis=-1))


def center_and_scale(x: FloatArray, *, size: int) -> tuple[FloatArray, FloatArray]:
    """Robust center and standard deviation of medians of ``size`` successive values, along the last axis.

    Overlapping windows are used, since a short series has few that do not overlap. The standard deviation is
    never below that for independent values.

    Parameters
    ----------
    x : ndarray, shape (..., n_values)
    size : int
        At most ``n_values``.

    Returns
    -------
    center, scale : ndarray, shape (...)

    Examples
    --------
    >>> x = np.random.default_rng(0).normal(3.0, 1.0, 5000)
    >>> center, scale = center_and_scale(x, size=10)
    >>> round(float(center), 1), round(float(scale), 1)
    (3.0, 0.4)
    """
    medians = window_medians(x, size=size)
    center = np.median(medians, axis=-1)
    scale = _scale(medians)
    return center, np.maximum(scale, median_sd(size) * _scale(x))


def _scale(x: FloatArray) -> FloatArray:
    middle = np.median(x, axis=-1, keepdims=True)
    return np.asarray(1.4826 * np.median(np.abs(x - middle), axis=-1))


def autocorrelation(x: FloatArray, *, size: int, prior_sd: float = 0.15) -> float:
    """Autocorrelation of successive medians of ``size`` values; 0 or more.

    Some thirty medians tell it badly (standard error 0.18), so it is drawn toward zero as a normal prior of
    ``prior_sd`` would.

    Parameters
    ----------
    x : ndarray, shape (n_values,)
        In the order of time.
    size : int
    prior_sd : float

    Examples
    --------
    >>> e = np.random.default_rng(0).normal(size=6000)
    >>> slow = np.convolve(e, np.ones(40), "valid")
    >>> autocorrelation(e, size=10) < 0.1, autocorrelation(slow, size=10) > 0.6
    (True, True)
    """
    step = max(1, size // 5)
    lag = size // step
    medians = window_medians(x, size=size)
    n = len(x) / size
    scale = float(_scale(medians))
    if len(medians) <= lag + 1 or not scale > 0:
        return 0.0
    d = np.clip(medians - np.median(medians), -3.0 * scale, 3.0 * scale)
    found = float(np.sum(d[lag:] * d[:-lag]) / np.sum(d * d)) * len(d) / (len(d) - lag)
    found += (1.0 + 3.0 * found) / n  # an estimated mean makes neighbors look less alike
    shrunk = found * prior_sd**2 / (prior_sd**2 + 1.0 / n)
    return float(np.clip(shrunk, 0.0, 0.8))


def calibrated_cusum(
    residuals: FloatArray, *, size: int, k: float, arl: float, block: int, least_scale: float = 0.0
) -> Calibration:
    """Allowance and limit of a one-sided CUSUM of medians of ``size`` values, from values in control.

    Baselines as long as this one are drawn in blocks from it, each gives its own center and spread, and a
    long run in control is judged with them. The allowance grows by what nine of ten centers are wrong by at
    most; the limit is the one with which nine of ten of the charts run ``arl`` points or longer.

    Parameters
    ----------
    residuals : ndarray, shape (n_values,)
        Values in control without their center, in the order of time; at least ``2 * size``.
    size : int
    k : float
        Allowance, in standard deviations of a point.
    arl : float, points
        Average run length that is asked for.
    block : int
        Length of the blocks, values.
    least_scale : float
        Standard deviation of a point that no estimate goes below.

    Notes
    -----
    Between two zeros the sum makes an excursion; excursions are independent, and the heights of high ones
    fall off exponentially (Siegmund 1985, Sequential Analysis). The mean excess over their 90th percentile
    gives the slope, and so the limit for run lengths far beyond what was drawn.

    Examples
    --------
    >>> e = np.random.default_rng(1).normal(size=3000)
    >>> found = calibrated_cusum(e, size=10, k=0.25, arl=5200, block=20)
    >>> bool(9 < found.limit < 16), bool(found.k < 0.4)   # known center and spread: 11.8, 0.25
    (True, True)
    """
    x = residuals - np.median(residuals)
    n = len(x)
    rng = np.random.default_rng([SEED, n, size])
    baselines = x[_blocks(rng, n, N_BASELINES, n, block)]
    center, scale = center_and_scale(baselines, size=size)
    center, scale = center - np.median(center), np.maximum(scale, max(least_scale, 1e-12))
    run = x[_blocks(rng, n, 1, N_POINTS * size, block)[0]].reshape(N_POINTS, size)
    points = np.median(run, axis=-1)
    points = points - np.median(points)
    allowance = k + float(np.quantile(np.abs(center / scale), 2 * ASSURED - 1))
    limits = np.concatenate(
        [_limits((sign * points[:, np.newaxis] - center) / scale, allowance, arl) for sign in (1.0, -1.0)]
    )
    return Calibration(allowance, float(np.quantile(limits, ASSURED, method="higher")))


def _blocks(rng: np.random.Generator, n: int, rows: int, length: int, block: int) -> NDArray[np.int64]:
    """Indices of blocks that begin anywhere; behind the last value comes the first."""
    n_blocks = -(-length // block)
    starts = rng.integers(0, n, size=(rows, n_blocks, 1))
    return np.asarray(((starts + np.arange(block)) % n).reshape(rows, -1)[:, :length])


def _limits(z: FloatArray, allowance: float, arl: float) -> FloatArray:
    """Limit of each column's chart (n_points, n_charts) from the tail of its excursions."""
    walk = np.cumsum(np.clip(z, -Z_MOST, Z_MOST) - allowance, axis=0)
    lowest = np.minimum.accumulate(np.minimum(walk, 0.0), axis=0)
    found = np.empty(z.shape[1])
    for k in range(z.shape[1]):
        zero = np.flatnonzero(walk[:, k] <= lowest[:, k])
        if len(zero) < LEAST_EXCURSIONS:
            found[k] = np.inf
            continue
        height = np.sort(np.maximum.reduceat(walk[:, k] - lowest[:, k], zero))
        high = height[int(0.9 * len(height)) :]
        excess = float(np.mean(high - high[0]))
        rate = 0.1 * len(zero) / len(z)  # of excursions above high[0], per point
        found[k] = high[0] + excess * max(np.log(arl * rate), 0.0)
    return found
