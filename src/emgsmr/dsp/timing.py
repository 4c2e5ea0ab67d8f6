"""When in the cycle a muscle works and when it rests, and by how much a filter delays what is seen of it."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import signal

FloatArray = NDArray[np.float64]


@lru_cache(maxsize=8)
def _turns(n_bins: int) -> NDArray[np.complex128]:
    """Unit vectors to the middle of each bin of the cycle."""
    return np.asarray(np.exp(2j * np.pi * (np.arange(n_bins) + 0.5) / n_bins))


def circular_center(weights: FloatArray) -> FloatArray:
    """Center of activity: the circular mean of a profile over the cycle.

    Parameters
    ----------
    weights : ndarray, shape (n_bins, n_channels)
        Activity in equal bins from 0 to 100 % of the cycle; negative values count as zero.

    Returns
    -------
    center_pct : ndarray, shape (n_channels,), % of the cycle, 0 <= center < 100
        NaN where there is no activity.

    Examples
    --------
    >>> profile = np.zeros((50, 1)); profile[[0, 49]] = 1.0   # half a bin each side of foot contact
    >>> circular_center(profile).round(3).tolist()
    [0.0]
    """
    positive = np.where(weights > 0.0, weights, 0.0)  # a comparison with NaN is false
    n_bins = len(positive)
    resultant = _turns(n_bins) @ positive
    center = np.mod((np.angle(resultant) / (2 * np.pi) * 100.0).round(9), 100.0)
    return np.where(np.abs(resultant) > 0, center, np.nan)


def circular_mean(values: FloatArray, *, period: float = 100.0) -> float:
    """Mean of places on a cycle.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In the unit of ``period``; NaN are left out.
    period : float
        Length of the cycle: 100 for % of the stride.

    Returns
    -------
    float
        0 <= mean < ``period``; NaN where there are no values, or none that point anywhere together.

    Examples
    --------
    >>> circular_mean(np.array([98.0, 2.0, 99.0, 1.0]))   # the arithmetic mean would be 50
    0.0
    """
    resultant = _resultant(values, period)
    if not abs(resultant) > 1e-9:
        return float("nan")
    return float(np.mod(np.round(np.angle(resultant) / (2 * np.pi) * period, 9), period))


def circular_sd(values: FloatArray, *, period: float = 100.0) -> float:
    """Standard deviation of places on a cycle: ``period / 2π · sqrt(-2 ln R)``, R the mean resultant length.

    For values close together it is the ordinary one (divided by n); NaN for fewer than two values.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In the unit of ``period``; NaN are left out.
    period : float

    Notes
    -----
    Mardia and Jupp, Directional Statistics, 2000, section 2.3.

    Examples
    --------
    >>> round(circular_sd(np.array([98.0, 2.0])), 2)
    2.0
    """
    if np.count_nonzero(np.isfinite(values)) < 2:
        return float("nan")
    length = min(abs(_resultant(values, period)), 1.0)
    if length == 0.0:
        return float("inf")
    return float(period / (2 * np.pi) * np.sqrt(-2.0 * np.log(length)))


def _resultant(values: FloatArray, period: float) -> complex:
    """Mean of the unit vectors to the finite values; 0 without any."""
    finite = values[np.isfinite(values)]
    if not len(finite):
        return 0j
    return complex(np.mean(np.exp(2j * np.pi * finite / period)))


def quiet_part(
    bins: FloatArray, *, n_bins: int, allowed: NDArray[np.bool_] | None = None
) -> tuple[NDArray[np.int64], FloatArray]:
    """The contiguous part of the cycle with the least power.

    Parameters
    ----------
    bins : ndarray, shape (n, n_channels), µV²
        Mean power in equal parts of a cycle; the last is followed by the first.
    n_bins : int
        Length of the part.
    allowed : ndarray of bool, shape (n,), optional
        Bins with which it may begin; omitted = all.

    Returns
    -------
    first : ndarray of int, shape (n_channels,)
        Its first bin; it may go on over the end of the cycle.
    power : ndarray, shape (n_channels,), µV²
        Its mean power; NaN where every allowed part holds a missing bin.

    Notes
    -----
    The least of many is below the true floor: where the floor itself is wanted, find the place on some cycles
    and measure it on others.

    Examples
    --------
    >>> bins = np.full((10, 1), 9.0); bins[[9, 0]] = 1.0
    >>> first, power = quiet_part(bins, n_bins=2)
    >>> int(first[0]), float(power[0])
    (9, 1.0)
    """
    ring = np.concatenate([bins, bins[: n_bins - 1]])
    total = ring[: len(bins)].copy()
    for k in range(1, n_bins):  # a running sum would carry one missing bin on to all that follow
        total += ring[k : k + len(bins)]
    if allowed is not None:
        total[~allowed] = np.nan
    missing = np.isnan(total)
    first = np.argmin(np.where(missing, np.inf, total), axis=0)
    return first, total[first, np.arange(bins.shape[1])] / n_bins


def burst_delay_s(sos: FloatArray, *, fs: float) -> float:
    """By how much a causal filter delays the envelope of a burst of EMG: its mean group delay, s.

    Parameters
    ----------
    sos : ndarray, shape (n_sections, 6)
    fs : float, Hz

    Notes
    -----
    Weighted with the power that passes, of the model spectrum ``f² / ((f² + 60²) (f² + 120²)²)`` (Stulen and
    De Luca 1981). A change that is sudden against the filter shows earlier, one of low frequencies later.

    Examples
    --------
    >>> from emgsmr.dsp.filters import design_bandpass
    >>> round(1000 * burst_delay_s(design_bandpass(low_hz=30, high_hz=450, fs=1000), fs=1000), 1)
    3.1
    """
    f = np.linspace(1.0, 0.499 * fs, 4096)
    _, response = signal.sosfreqz(sos, worN=f, fs=fs)
    delay = -np.gradient(np.unwrap(np.angle(response)), 2 * np.pi * f)
    power = f**2 / ((f**2 + 60.0**2) * (f**2 + 120.0**2) ** 2) * np.abs(response) ** 2
    return float(np.sum(delay * power) / np.sum(power))
