"""Measures of signal quality per second: clipping, flatness, mains, motion."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr.dsp.taper import hann

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


class _Bands(NamedTuple):
    """Which bins of a spectrum belong to what; ``lines`` and ``beside`` for each mains frequency."""

    fast: NDArray[np.intp]
    slow: NDArray[np.intp]
    lines: tuple[NDArray[np.intp], ...]
    beside: tuple[NDArray[np.intp], ...]


@lru_cache(maxsize=64)
def _bands(n: int, fs: float, mains: tuple[float, ...]) -> _Bands:
    freqs = np.fft.rfftfreq(n, 1 / fs)
    fast = freqs >= 20.0
    distance = [np.abs(freqs - hz * np.round(freqs / hz)) for hz in mains]
    return _Bands(
        np.flatnonzero(fast),
        np.flatnonzero((freqs > 0) & ~fast),
        tuple(np.flatnonzero(fast & (d <= 2.0)) for d in distance),
        tuple(np.flatnonzero(fast & (d > 2.0) & (d <= 6.0)) for d in distance),
    )


def signal_measures(
    counts: NDArray[Any],
    *,
    fs: float,
    mains_hz: float | tuple[float, ...],
    rails: tuple[int, int] | None = None,
) -> SignalMeasures:
    """Measure raw samples, one row per second.

    Parameters
    ----------
    counts : ndarray, shape (n_seconds, n_samples, n_channels), ADC counts
        Raw, before any filter.
    fs : float, Hz
    mains_hz : float or tuple of float, Hz
        50 or 60, or both: then the louder one counts.
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
    spectrum = np.fft.rfft(x * hann(n)[:, np.newaxis], axis=1)
    power = spectrum.real**2 + spectrum.imag**2
    bands = _bands(n, fs, mains_hz if isinstance(mains_hz, tuple) else (mains_hz,))
    tiny = np.finfo(np.float64).tiny
    total = power[:, bands.fast].sum(axis=1)
    slow = power[:, bands.slow].sum(axis=1)
    loudest = np.full_like(total, np.nan)
    for line, beside in zip(bands.lines, bands.beside, strict=True):
        if 4 * n < fs or not len(beside):
            continue
        # what stands at the line above the level of its neighbors
        level = power[:, beside].mean(axis=1)
        excess = np.maximum(power[:, line].sum(axis=1) - level * len(line), 0.0)
        least = 1e-6 * total + tiny
        mains_db = 10.0 * np.log10(np.maximum(excess, least) / np.maximum(total - excess, least))
        loudest = np.fmax(loudest, mains_db)
    return SignalMeasures(sd, clipped, loudest, total / np.maximum(slow, 1e-9 * total + tiny))
