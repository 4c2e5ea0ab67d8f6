"""Isolated spikes in a quiet signal, and how quiet the quietest part of the last moments was."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emgsmr.errors import ArgumentError

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

_GAUSSIAN_MEDIAN = 0.6744897501960817
"""Median of the absolute value of a Gaussian of unit variance."""


def count_spikes(
    x: FloatArray,
    *,
    fs: float,
    threshold: float = 6.0,
    apart_s: float = 0.03,
    state: IntArray | None = None,
) -> tuple[IntArray, FloatArray, IntArray]:
    """Count the isolated spikes of a second, and say against which level.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
        Band-passed EMG: a second of it, or what there is of one.
    fs : float, Hz
    threshold : float
        Times the level.
    apart_s : float, s
        Samples above the threshold that lie closer belong to one spike.
    state : ndarray of int, shape (n_channels,), optional
        Samples since the last one above the threshold; omitted at a start or after a gap.

    Returns
    -------
    count : ndarray of int, shape (n_channels,)
    level : ndarray, shape (n_channels,), µV
        Standard deviation of ``x`` as its median absolute value gives it, which a few spikes do not move;
        NaN without samples.
    state : ndarray of int, shape (n_channels,)

    Notes
    -----
    Gaussian noise with frequencies up to 450 Hz crosses six times its level once in a day. A contraction
    raises the level with the signal, so that it has hardly a spike. Where more than half of the samples are
    0 there is no level, and nothing is counted.

    Examples
    --------
    >>> x = np.random.default_rng(1).normal(0, 3, (1000, 1))
    >>> x[[200, 205, 700]] = 60
    >>> count, level, since = count_spikes(x, fs=1000)
    >>> count.tolist(), level.round().tolist(), since.tolist()
    ([2], [3.0], [300])
    """
    if not fs > 0.0 or not threshold > 0.0:
        raise ArgumentError(f"fs and threshold must be above 0, not {fs:g} and {threshold:g}.")
    n, n_channels = x.shape
    apart = max(round(apart_s * fs), 1)
    since = np.full(n_channels, apart, dtype=np.int64) if state is None else state
    if n == 0:
        return np.zeros(n_channels, dtype=np.int64), np.full(n_channels, np.nan), since.copy()
    size = np.ascontiguousarray(np.abs(x).T)
    middle = (n - 1) // 2  # np.median takes seven times as long
    level = np.partition(size, middle, axis=1)[:, middle] / _GAUSSIAN_MEDIAN
    count, last = np.zeros(n_channels, dtype=np.int64), since + n
    above = size > threshold * level[:, np.newaxis]
    for k in np.flatnonzero(above.any(axis=1) & (level > 0.0)):
        found = np.flatnonzero(above[k])
        count[k] = np.count_nonzero(found[1:] - found[:-1] >= apart) + (found[0] + since[k] >= apart)
        last[k] = n - found[-1]
    return count, level, last


def least_and_most(
    power: FloatArray, *, n_window: int, n_span: int, state: FloatArray | None = None
) -> tuple[FloatArray, FloatArray, FloatArray]:
    """The least and the greatest mean power of a short window within a longer span that ends here.

    A muscle that rests once in every stride has a small least power, whatever its bursts do; one that does
    not rest has not.

    Parameters
    ----------
    power : ndarray, shape (n_hops, n_channels), µV²
        New hops (`hop_power`).
    n_window, n_span : int, hops
        Length of the window and of the span: those of the last ``n_span`` hops count.
    state : ndarray, shape (n, n_channels), µV², optional
        Hops before; omitted at a start or after a gap.

    Returns
    -------
    least, most : ndarray, shape (n_channels,), µV²
        NaN until there are ``n_span`` hops.
    state : ndarray, shape (n, n_channels), µV²

    Examples
    --------
    >>> bursts = np.array([1.0, 1, 9, 9, 1, 1, 9, 9])[:, np.newaxis]
    >>> least, most, _ = least_and_most(bursts, n_window=2, n_span=6)
    >>> least.tolist(), most.tolist()
    ([1.0], [9.0])
    """
    if not 1 <= n_window <= n_span:
        raise ArgumentError(f"n_window must be from 1 to n_span, not {n_window} of {n_span}.")
    hops = power if state is None else np.concatenate([state, power])
    hops = hops[max(len(hops) - n_span, 0) :]
    if len(hops) < n_span:
        nothing = np.full(power.shape[1], np.nan)
        return nothing, nothing.copy(), hops.copy()
    n = n_span - n_window + 1
    total = hops[:n].copy()
    for k in range(1, n_window):
        total += hops[k : k + n]
    return total.min(axis=0) / n_window, total.max(axis=0) / n_window, hops.copy()
