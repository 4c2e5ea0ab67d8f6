"""Envelopes made comparable: no knocks, no burst that counts for more than others, one scale."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter1d

FloatArray = NDArray[np.float64]

CAP_QUANTILE = 0.9
"""An envelope is cut off at this quantile of itself: bursts last longer than a tenth of the time."""

KNOCK = 1.8
"""An envelope so many times above its usual peak is no muscle but a knock at the sensor."""


def without_knocks(envelopes: FloatArray, *, fs: float, period_s: float) -> FloatArray:
    """Envelopes in which what is much louder than each stride's peak was taken out.

    Parameters
    ----------
    envelopes : ndarray, shape (n_samples, n_channels)
        Several strides.
    fs : float, Hz
    period_s : float, s
        Of a stride, more or less.

    Returns
    -------
    calm : ndarray, shape (n_samples, n_channels)

    Notes
    -----
    The usual peak of a channel is the median of its running maximum over a stride. What exceeds it by
    `KNOCK`, with a tenth of a second around, becomes the channel's median, which carries no rhythm.

    Examples
    --------
    >>> x = np.tile([0.0, 0.0, 0.0, 4.0, 4.0], 20)[:, None]
    >>> x[50] = 90.0
    >>> without_knocks(x, fs=10, period_s=0.5)[[49, 50, 51, 53]].ravel().tolist()
    [0.0, 0.0, 0.0, 4.0]
    """
    peaks = maximum_filter1d(envelopes, max(round(1.1 * period_s * fs), 1), axis=0, mode="nearest")
    ordered, half = np.sort(peaks, axis=0), len(peaks) // 2
    usual = (ordered[(len(peaks) - 1) // 2] + ordered[half]) / 2  # np.median takes three times as long
    loud = envelopes > KNOCK * usual
    if not loud.any():
        return envelopes
    knocked = loud.copy()
    for k in range(1, max(round(0.1 * fs), 1) + 1):
        knocked[k:] |= loud[:-k]
        knocked[:-k] |= loud[k:]
    return np.where(knocked, np.median(envelopes, axis=0), envelopes)


def steadied(envelopes: FloatArray, *, fs: float, period_s: float) -> FloatArray:
    """Envelopes `without_knocks`, cut off at their own 0.9 quantile: a burst is a burst, however strong.

    Examples
    --------
    >>> x = np.tile([0.0, 0.0, 0.0, 4.0, 4.0], 20)[:, None]
    >>> x[[23, 28]] = [[5.0], [7.0]]
    >>> steadied(x, fs=10, period_s=0.5)[[23, 28]].ravel().tolist()
    [4.0, 4.0]
    """
    calm = without_knocks(envelopes, fs=fs, period_s=period_s)
    level = np.sort(calm, axis=0)[int(CAP_QUANTILE * (len(calm) - 1))]
    return np.asarray(np.minimum(calm, level))


def standardized(envelopes: FloatArray, *, fs: float, period_s: float) -> FloatArray:
    """Envelopes `steadied`, without their mean, divided by their SD; zeros where there is none.

    Examples
    --------
    >>> x = np.tile([[0.0, 5.0], [0.0, 5.0], [4.0, 5.0], [4.0, 5.0]], (20, 1))
    >>> standardized(x, fs=10, period_s=0.4)[:4].T.tolist()
    [[-1.0, -1.0, 1.0, 1.0], [0.0, 0.0, 0.0, 0.0]]
    """
    steady = steadied(envelopes, fs=fs, period_s=period_s)
    n = len(steady)
    centered = steady - np.add.reduce(steady, axis=0) / n
    scale = np.sqrt(np.add.reduce(np.square(centered), axis=0) / n)
    alive = scale > 1e-9 * np.abs(steady).max(initial=0.0)
    return np.asarray(np.where(alive, centered / np.where(alive, scale, 1.0), 0.0))
