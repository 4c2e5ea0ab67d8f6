"""How a statistic of successive strides would scatter: the stationary block bootstrap.

A resample is told by how often each unit (a stride, or a run of strides) occurs in it. Means and medians of
all resamples then follow from these counts in one go, and several statistics of the same strides share them.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.integer[Any]]

SEED = 20050101
"""Resampling is part of the arithmetic: the same strides give the same interval, bit for bit."""

N_RESAMPLES = 2000
"""Enough for the ends of a 95 % interval (Efron and Tibshirani 1993)."""


AT_ONCE = 250
"""Resamples that are drawn together: bounds the memory."""

CELLS = 1_000_000
"""Values near the middle, by resamples, that are looked at together: bounds the memory, too."""


def block_length(x: FloatArray) -> FloatArray:
    """Mean block length that suits the autocorrelation of each series (stationary bootstrap).

    Parameters
    ----------
    x : ndarray, shape (n_strides, n_series)
        In the order of time; NaN = missing.

    Returns
    -------
    ndarray, shape (n_series,), strides
        At least 1; 1 where fewer than 10 values or no variation.

    Notes
    -----
    Politis and White 2004 (Econometric Reviews 23:53) with the correction of Patton, Politis and White 2009
    (28:372): autocovariances up to where five in a row are small, weighted by a flat-top window, give the
    length with the least error of the bootstrap's variance; at most ``min(3 sqrt(n), n / 3)``. Missing values
    are left out of the sums.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> e = rng.normal(size=(500, 1))
    >>> slow = np.array([0.9 ** np.arange(60) @ e[k : k + 60, 0] for k in range(440)])[:, None]
    >>> block_length(e).round(1).tolist(), block_length(slow).round().tolist()
    ([1.0], [23.0])
    """
    return np.array([_block_length(column[_span(column)]) for column in np.asarray(x, dtype=np.float64).T])


def _span(column: FloatArray) -> slice:
    """From the first to the last finite value."""
    finite = np.flatnonzero(np.isfinite(column))
    return slice(finite[0], finite[-1] + 1) if len(finite) else slice(0, 0)


def _block_length(x: FloatArray) -> float:
    n = len(x)
    finite = np.isfinite(x)
    n_finite = int(finite.sum())
    if n_finite < 10:
        return 1.0
    d = np.where(finite, x - x[finite].mean(), 0.0)
    if not np.ptp(x[finite]) > 0:
        return 1.0
    there = finite.astype(np.float64)
    in_a_row = max(5, int(np.log10(n)))
    n_lags = int(np.ceil(np.sqrt(n))) + in_a_row
    covariance, correlation = np.zeros(n_lags + 1), np.zeros(n_lags + 1)
    for k in range(min(n_lags, n - 2) + 1):
        early, late = d[: n - k], d[k:]
        pairs = float(there[: n - k] @ there[k:])
        product = float(early @ late)
        covariance[k] = product / pairs * (n - k) / n if pairs else 0.0
        scale = float(np.sqrt((d[k + 1 :] @ d[k + 1 :]) * (d[: n - k - 1] @ d[: n - k - 1])))
        correlation[k] = abs(product) / scale if scale > 0 else 0.0
    small = correlation < 2.0 * np.sqrt(np.log10(n) / n)
    lag = next((k for k in range(n_lags - in_a_row + 1) if small[k : k + in_a_row].all()), None)
    reach = n_lags if lag is None else min(2 * max(lag, 1), n_lags)
    lags = np.arange(1, reach + 1)
    window = np.minimum(1.0, 2.0 * (1.0 - lags / reach))
    spectrum = covariance[0] + 2.0 * float(np.sum(window * covariance[1 : reach + 1]))
    slope = 2.0 * float(np.sum(window * lags * covariance[1 : reach + 1]))
    if spectrum == 0.0:
        return 1.0
    longest = np.ceil(min(3.0 * np.sqrt(n), n / 3.0))
    return float(np.clip(np.cbrt(np.square(slope / spectrum) * n), 1.0, longest))


def resample_counts(
    n_units: int, *, block: float, n_resamples: int = N_RESAMPLES, stream: int = 0
) -> FloatArray:
    """How often each unit occurs in each resample of the stationary bootstrap.

    Parameters
    ----------
    n_units : int
    block : float, units
        Mean length of the blocks; 1 = units are drawn one by one (the ordinary bootstrap).
    n_resamples : int
    stream : int
        Resamples of different streams are independent of each other.

    Returns
    -------
    ndarray, shape (n_units, n_resamples)
        Whole numbers; every column adds up to ``n_units``.

    Notes
    -----
    Blocks begin anywhere and have geometric lengths; behind the last unit comes the first (Politis and
    Romano 1994, J Am Stat Assoc 89:1303). Where strides are missing, a block goes on with the next.

    Examples
    --------
    >>> counts = resample_counts(300, block=4.0)
    >>> counts.shape, bool((counts.sum(axis=0) == 300).all())
    ((300, 2000), True)
    """
    rng = np.random.default_rng([SEED, stream])
    counts = np.empty((n_units, n_resamples))
    for first in range(0, n_resamples, AT_ONCE):
        part = counts[:, first : first + AT_ONCE]
        part[:] = _drawn(rng, n_units, block=block, n_resamples=part.shape[1])
    return counts


def _drawn(rng: np.random.Generator, n_units: int, *, block: float, n_resamples: int) -> FloatArray:
    begins = rng.random((n_resamples, n_units), dtype=np.float32) < 1.0 / max(block, 1.0)
    begins[:, 0] = True
    at = np.flatnonzero(begins)
    length = np.diff(at, append=n_resamples * n_units)  # a resample's last block ends with it
    resample = at // n_units
    first = rng.integers(0, n_units, size=len(at))
    end = first + length
    over = end > n_units
    # +1 where a block begins and -1 behind its end, added up along the units; what runs over covers unit 0
    cells = n_units * n_resamples
    steps = np.bincount(first * n_resamples + resample, minlength=cells)
    steps -= np.bincount(end % n_units * n_resamples + resample, minlength=cells)
    steps = steps.reshape(n_units, n_resamples)
    steps[0] = np.bincount(resample[over | (first == 0)], minlength=n_resamples)
    return _added_up(steps.astype(np.float64))


def _added_up(rows: FloatArray) -> FloatArray:
    """Cumulative sum down the rows, in place: row by row is many times faster than `numpy.cumsum`."""
    for k in range(1, len(rows)):
        rows[k] += rows[k - 1]
    return rows


def resampled_mean(x: FloatArray, *, counts: FloatArray, unit: IntArray | None = None) -> FloatArray:
    """Mean of the finite values of each series in each resample.

    Parameters
    ----------
    x : ndarray, shape (n_strides, n_series)
    counts : ndarray, shape (n_units, n_resamples)
        From `resample_counts`.
    unit : ndarray of int, shape (n_strides,), optional
        The unit that each stride belongs to, never decreasing; omitted: each is its own.

    Returns
    -------
    ndarray, shape (n_resamples, n_series)
        NaN where a resample has no finite value.

    Notes
    -----
    Sums over units are rounded to a grid (2^-52 of the largest possible sum) on which all sums of a resample
    are exact, so the order in which a matrix product adds, or the number of its threads, changes no bit.

    Examples
    --------
    >>> x = np.array([[1.0], [2.0], [np.nan]])
    >>> resampled_mean(x, counts=np.array([[1.0, 0, 0], [1, 2, 0], [1, 1, 3]])).ravel().tolist()
    [1.5, 2.0, nan]
    """
    finite = np.isfinite(x)
    total = counts.T @ _exact(_by_unit(np.where(finite, x, 0.0), unit, len(counts)))
    alike = bool(len(x)) and bool((finite == finite[:, :1]).all())  # one count for all series, then
    number = counts.T @ _by_unit(finite[:, : 1 if alike else None].astype(np.float64), unit, len(counts))
    return np.asarray(np.where(number > 0, total / np.where(number > 0, number, 1.0), np.nan))


def _by_unit(x: FloatArray, unit: IntArray | None, n_units: int) -> FloatArray:
    """Sums of each unit's rows."""
    if unit is None:
        return x
    sums = np.zeros((n_units, x.shape[1]))
    if len(x):
        first = np.flatnonzero(np.diff(unit, prepend=-1))
        sums[unit[first]] = np.add.reduceat(x, first, axis=0)
    return sums


def _exact(sums: FloatArray) -> FloatArray:
    """Each series rounded to a grid on which every sum of ``len(sums)`` of its entries is exact."""
    largest = np.abs(sums).max(axis=0, initial=0.0) * max(len(sums), 1)
    _, exponent = np.frexp(largest)
    grid = np.ldexp(1.0, exponent - 52)
    return np.asarray(np.round(sums / grid) * grid)


def resampled_median(x: FloatArray, *, counts: FloatArray, unit: IntArray | None = None) -> FloatArray:
    """Median of the finite values of each series in each resample; parameters as in `resampled_mean`.

    Returns
    -------
    ndarray, shape (n_resamples, n_series)
        NaN where a resample has no finite value.

    Examples
    --------
    >>> x = np.array([[5.0], [1.0], [3.0]])
    >>> resampled_median(x, counts=np.array([[1.0, 2, 0], [1, 1, 1], [1, 0, 1]])).ravel().tolist()
    [3.0, 5.0, 2.0]
    """
    unit = np.arange(len(x)) if unit is None else unit
    found = np.full((counts.shape[1], x.shape[1]), np.nan)
    for k in range(x.shape[1]):
        there = np.flatnonzero(np.isfinite(x[:, k]))
        if len(there):
            order = there[np.argsort(x[there, k], kind="stable")]
            found[:, k] = _weighted_median(x[order, k], unit[order], counts)
    return found


def _weighted_median(ordered: FloatArray, unit: IntArray, counts: FloatArray) -> FloatArray:
    """Medians of all resamples of ordered values; only ranks near the middle are looked at."""
    n, half = len(ordered), len(ordered) // 2
    in_units = [np.bincount(unit[:upto], minlength=len(counts)) for upto in (n, half)]
    total, below_half = np.array(in_units, dtype=np.float64) @ counts
    reach = int(1.2 * np.abs(below_half - total / 2).max(initial=0.0)) + 8
    found = np.empty(counts.shape[1])
    width = max(CELLS // min(2 * reach, n), 1)
    for first in range(0, len(found), width):
        part = slice(first, first + width)
        found[part] = _medians_near(
            ordered, unit, counts[:, part], total=total[part], below_half=below_half[part], reach=reach
        )
    return found


def _medians_near(
    ordered: FloatArray,
    unit: IntArray,
    counts: FloatArray,
    *,
    total: FloatArray,
    below_half: FloatArray,
    reach: int,
) -> FloatArray:
    n, half = len(ordered), len(ordered) // 2
    lower, upper = np.floor((total + 1) / 2), np.floor(total / 2) + 1  # the middle rank, or both of them
    while True:
        begin, end = max(half - reach, 0), min(half + reach, n)
        upto = _added_up(counts[unit[begin:end]])
        below = below_half - (upto[half - begin - 1] if half > begin else 0.0)
        if ((below < lower) & (below + upto[-1] >= upper))[total > 0].all():
            break
        reach *= 2
    low, high = _first_row(upto, lower - below), _first_row(upto, upper - below)
    middle = (ordered[begin + low] + ordered[begin + high]) / 2
    return np.where(total > 0, middle, np.nan)


def _first_row(rising: FloatArray, level: FloatArray) -> IntArray:
    """In each column, the first row that reaches its level (the last where none does): bisection."""
    columns = np.arange(rising.shape[1])
    low, high = np.zeros(len(columns), np.int64), np.full(len(columns), len(rising) - 1)
    for _ in range(len(rising).bit_length()):
        middle = (low + high) // 2
        reached = rising[middle, columns] >= level
        low, high = np.where(reached, low, np.minimum(middle + 1, high)), np.where(reached, middle, high)
    return low
