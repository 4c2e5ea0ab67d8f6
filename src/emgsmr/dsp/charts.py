"""Control charts and robust statistics: whether a change is more than chance."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

FloatArray = NDArray[np.float64]


def robust_center(x: FloatArray) -> float:
    """Median of the finite values; NaN without any.

    Examples
    --------
    >>> robust_center(np.array([1.0, 2.0, 90.0, np.nan]))
    2.0
    """
    finite = x[np.isfinite(x)]
    return float(np.median(finite)) if len(finite) else float("nan")


def robust_scale(x: FloatArray) -> float:
    """Estimate the standard deviation as 1.4826 times the median absolute deviation (finite values only).

    Examples
    --------
    >>> round(robust_scale(np.random.default_rng(0).normal(0, 2, 20000)), 1)
    2.0
    """
    finite = x[np.isfinite(x)]
    return float(1.4826 * np.median(np.abs(finite - np.median(finite)))) if len(finite) else float("nan")


def cusum(z: FloatArray, *, k: float, state: float = 0.0) -> tuple[FloatArray, float]:
    """One-sided cumulative sum ``S = max(0, S + z - k)``.

    Parameters
    ----------
    z : ndarray, shape (n_points,)
        Standardized values.
    k : float
        Allowance: half the shift, in standard deviations, that is to be found fastest.
    state : float
        S before the first point.

    Returns
    -------
    s : ndarray, shape (n_points,)
    state : float

    Examples
    --------
    >>> cusum(np.array([1.0, 1.0, -3.0, 1.0]), k=0.25)[0].tolist()
    [0.75, 1.5, 0.0, 0.75]
    """
    s = np.empty(len(z))
    for i, value in enumerate(z):  # a recursion of a few points per minute: no vector form is needed
        state = max(0.0, state + float(value) - k)
        s[i] = state
    return s, state


def cusum_arl(*, k: float, h: float, shift: float = 0.0, n_states: int = 400) -> float:
    """Average run length of a one-sided CUSUM for independent normal points, by a Markov chain.

    Parameters
    ----------
    k, h : float
        Allowance and limit, in standard deviations.
    shift : float
        Mean of the points.
    n_states : int
        Fineness of the chain (Brook and Evans 1972, Biometrika 59:539).

    Returns
    -------
    float, points
        From 0 to the first alarm.

    Examples
    --------
    >>> round(cusum_arl(k=0.5, h=4)), round(cusum_arl(k=0.5, h=5))   # published: 335, 931
    (335, 931)
    """
    width = 2.0 * h / (2 * n_states - 1)
    states = np.arange(n_states) * width
    upper = stats.norm.cdf(states[np.newaxis, :] - states[:, np.newaxis] + width / 2 + k - shift)
    lower = stats.norm.cdf(states[np.newaxis, :] - states[:, np.newaxis] - width / 2 + k - shift)
    step = upper - lower
    step[:, 0] = upper[:, 0]  # everything at or below zero restarts at zero
    return float(np.linalg.solve(np.eye(n_states) - step, np.ones(n_states))[0])


@lru_cache(maxsize=32)
def cusum_limit(*, k: float, arl: float) -> float:
    """Limit h with which a one-sided CUSUM runs ``arl`` points, on average, before a false alarm.

    Examples
    --------
    >>> round(cusum_limit(k=0.25, arl=5200), 1)   # published: 11.82
    11.8
    """
    return float(optimize.brentq(lambda h: np.log(cusum_arl(k=k, h=h) / arl), 0.5, 60.0, xtol=1e-4))
