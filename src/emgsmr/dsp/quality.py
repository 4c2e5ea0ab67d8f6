"""Measures of signal quality per second: clipping, flatness, mains, motion."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


class SignalMeasures(NamedTuple):
    """Quality of each second and channel; arrays of shape (n_seconds, n_channels).

    ``sd_counts``: standard deviation, ADC counts. ``clipped_pct``: samples at a rail, %. ``mains_db``: power
    at the mains frequency and its harmonics against all other power above 20 Hz, dB; NaN where the samples
    are too few (a quarter of a second) to tell a line from its neighbors. ``motion_ratio``: power above 20 Hz
    divided by power below it (without the mean), linear; low = movement.
    """

    sd_counts: FloatArray
    clipped_pct: FloatArray
    mains_db: FloatArray
    motion_ratio: FloatArray


def signal_measures(
    counts: NDArray[Any], *, fs: float, mains_hz: float, rails: tuple[int, int] | None = None
) -> SignalMeasures:
    """Measure raw samples, one row per second.

    Parameters
    ----------
    counts : ndarray, shape (n_seconds, n_samples, n_channels), ADC counts
        Raw, before any filter.
    fs : float, Hz
    mains_hz : float, Hz
        50 or 60.
    rails : tuple of int, optional
        Lowest and highest count of the ADC; without them clipping is not judged (0 %).

    Returns
    -------
    SignalMeasures

    Examples
    --------
    >>> t = np.arange(1000) / 1000
    >>> hum = np.round(900 * np.sin(2 * np.pi * 50 * t)).astype(int)[None, :, None]
    >>> got = signal_measures(hum, fs=1000, mains_hz=50, rails=(-900, 900))
    >>> bool(got.mains_db[0, 0] > 20), float(got.clipped_pct[0, 0])
    (True, 10.0)
    """
    x = np.ascontiguousarray(counts, dtype=np.float64)  # sums add in the order of memory
    n = x.shape[1]
    if rails is None:
        clipped = np.zeros(x.shape[::2])
    else:
        clipped = 100.0 * np.mean((counts <= rails[0]) | (counts >= rails[1]), axis=1)
    x = x - x.mean(axis=1, keepdims=True)
    sd = np.sqrt(np.mean(np.square(x), axis=1))
    taper = np.hanning(n + 2)[1:-1, np.newaxis]
    spectrum = np.fft.rfft(x * taper, axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    freqs = np.fft.rfftfreq(n, 1 / fs)
    fast = freqs >= 20.0
    distance = np.abs(freqs - mains_hz * np.round(freqs / mains_hz))
    line = fast & (distance <= 2.0)
    beside = fast & (distance > 2.0) & (distance <= 6.0)
    tiny = np.finfo(np.float64).tiny
    # what stands at the line above the level of its neighbors
    level = power[:, beside].mean(axis=1) if 4 * n >= fs and beside.any() else np.nan
    excess = np.maximum(power[:, line].sum(axis=1) - level * line.sum(), 0.0)
    total = power[:, fast].sum(axis=1)
    slow = power[:, (freqs > 0) & ~fast].sum(axis=1)
    mains_db = 10.0 * np.log10(
        np.maximum(excess, 1e-6 * total + tiny) / np.maximum(total - excess, 1e-6 * total + tiny)
    )
    return SignalMeasures(sd, clipped, mains_db, total / np.maximum(slow, 1e-9 * total + tiny))
