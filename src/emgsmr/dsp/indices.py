"""Named indices of how muscles share work and how strides repeat: co-contraction, symmetry, variability."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def rudolph_cocontraction(a: FloatArray, b: FloatArray) -> FloatArray:
    """Co-contraction after Rudolph: mean of ``low / high * (low + high)`` over the cycle.

    Parameters
    ----------
    a, b : ndarray, shape (..., n_bins)
        Amplitudes of two muscles over the cycle, each relative to its own reference; not negative.

    Returns
    -------
    ndarray, shape (...)
        0 = never both at once; 2 = both at their reference all the time; no upper limit. NaN bins (no sample)
        are left out.

    Notes
    -----
    Rudolph, Axe and Snyder-Mackler 2000 (Knee Surg Sports Traumatol Arthrosc 8:262). Driven by amplitude: it
    grows with both muscles. Indices of co-contraction do not agree with each other, so name the one used.

    Examples
    --------
    >>> ones = np.ones(50)
    >>> float(rudolph_cocontraction(ones, ones)), float(rudolph_cocontraction(ones, 0.5 * ones))
    (2.0, 0.75)
    """
    low, high = np.minimum(a, b), np.maximum(a, b)
    ratio = np.divide(low, high, out=np.zeros(np.shape(high)), where=high != 0)
    return _mean(ratio * (low + high))


def falconer_winter_cocontraction(a: FloatArray, b: FloatArray) -> FloatArray:
    """Co-contraction after Falconer and Winter: twice the common area of two profiles by their total area, %.

    Parameters
    ----------
    a, b : ndarray, shape (..., n_bins)
        Amplitudes of two muscles over the cycle, each relative to its own reference; not negative.

    Returns
    -------
    ndarray, shape (...), %
        0 = never both at once, 100 = the same profile; NaN where both are silent.

    Notes
    -----
    Falconer and Winter 1985 (Electromyogr Clin Neurophysiol 25:135); Winter 2009, equation 6.13. Driven by
    shape: the same factor on both muscles changes nothing.

    Examples
    --------
    >>> ones = np.ones(50)
    >>> float(falconer_winter_cocontraction(ones, ones)), float(falconer_winter_cocontraction(ones, 3 * ones))
    (100.0, 50.0)
    """
    common, total = _mean(np.minimum(a, b)), _mean(a + b)
    share = np.divide(200.0 * common, total, out=np.full(np.shape(total), np.nan), where=total != 0)
    return np.asarray(share)


def symmetry_index(log_asymmetry: FloatArray) -> FloatArray:
    """Difference of right and left by their mean, %, from ``ln(right / left)``.

    Parameters
    ----------
    log_asymmetry : ndarray

    Returns
    -------
    ndarray, same shape, %
        ``100 |R - L| / ((R + L) / 2)``: 0 to 200, without the side.

    Notes
    -----
    Robinson, Herzog and Nigg 1987 (J Manipulative Physiol Ther 10:172). It is ``200 |tanh(a / 2)|`` of the
    log asymmetry a, so both say the same.

    Examples
    --------
    >>> symmetry_index(np.log([1.0, 3.0, 1 / 3])).round(9).tolist()   # 3 and 1: 2 by 2
    [0.0, 100.0, 100.0]
    """
    return np.asarray(200.0 * np.abs(np.tanh(np.asarray(log_asymmetry) / 2.0)))


def symmetry_angle(log_asymmetry: FloatArray) -> FloatArray:
    """Angle between the point (right, left) and the line of equality, from ``ln(right / left)``.

    Parameters
    ----------
    log_asymmetry : ndarray

    Returns
    -------
    ndarray, same shape, % of 90 degrees
        ``100 (45 - arctan(L / R)) / 90``: -50 to 50, positive = right more than left.

    Notes
    -----
    Zifchock et al. 2008 (Gait Posture 27:622).

    Examples
    --------
    >>> symmetry_angle(np.log([1.0, np.sqrt(3.0), 1 / np.sqrt(3.0)])).round(6).tolist()   # 15 degrees
    [0.0, 16.666667, -16.666667]
    """
    angle = np.degrees(np.arctan(np.exp(-np.asarray(log_asymmetry, dtype=np.float64))))
    return np.asarray(100.0 * (45.0 - angle) / 90.0)


def coefficient_of_variation(mean: FloatArray, mean_square: FloatArray, *, n: FloatArray) -> FloatArray:
    """Standard deviation (``n - 1``) by mean, %, from the mean and the mean square.

    Parameters
    ----------
    mean, mean_square : ndarray
    n : ndarray
        Values in each mean.

    Returns
    -------
    ndarray, same shape, %
        NaN for less than two values or a mean of zero.

    Examples
    --------
    >>> x = np.array([1.0, 2.0, 3.0])
    >>> coefficient_of_variation(x.mean(), (x**2).mean(), n=np.array(3.0)).round(9).tolist()
    50.0
    """
    n = np.asarray(n, dtype=np.float64)
    known = (n > 1) & (np.asarray(mean) != 0)
    variance = np.maximum(mean_square - np.square(mean), 0.0) * n / np.where(known, n - 1.0, 1.0)
    return np.asarray(np.where(known, 100.0 * np.sqrt(variance) / np.where(known, np.abs(mean), 1.0), np.nan))


def variance_ratio(profile: FloatArray, mean_square: FloatArray, *, n: FloatArray) -> FloatArray:
    """Variance between strides around their mean profile, by the variance around their overall mean.

    Parameters
    ----------
    profile : ndarray, shape (..., n_bins)
        Mean over strides of the amplitude in each bin.
    mean_square : ndarray, shape (...)
        Mean over strides and bins of the squared amplitude.
    n : ndarray, shape (...)
        Strides in the mean.

    Returns
    -------
    ndarray, shape (...)
        0 = all strides are the same; near 1 = they have nothing in common. NaN for less than two strides or
        no variation at all.

    Notes
    -----
    Hershler and Milner 1978 (IEEE Trans Biomed Eng 25:413): with k bins, n strides, X the amplitudes,
    ``[sum (X_ij - mean_i)^2 / (k (n - 1))] / [sum (X_ij - mean)^2 / (k n - 1)]``. It depends on how much the
    profiles were smoothed: compare only what was smoothed alike.

    Examples
    --------
    >>> x = np.array([[1.0, 2.0, 6.0], [1.0, 2.0, 6.0]])   # two strides alike
    >>> float(variance_ratio(x.mean(axis=0), np.mean(x**2), n=np.array(2.0)))
    0.0
    """
    k = profile.shape[-1]
    n = np.asarray(n, dtype=np.float64)
    center = np.mean(profile, axis=-1)
    within = np.maximum(mean_square - np.mean(np.square(profile), axis=-1), 0.0)
    overall = mean_square - np.square(center)
    known = (n > 1) & (overall > 0)
    scale = np.where(known, (k * n - 1.0) / (k * np.where(known, n - 1.0, 1.0)), np.nan)
    return np.asarray(scale * within / np.where(known, overall, 1.0))


def _mean(x: FloatArray) -> FloatArray:
    """Mean of the finite values along the last axis, NaN without any."""
    finite = np.isfinite(x)
    number = finite.sum(axis=-1)
    total = np.where(finite, x, 0.0).sum(axis=-1)
    return np.asarray(np.divide(total, number, out=np.full(np.shape(total), np.nan), where=number > 0))
