"""Control charts and robust statistics: whether a change is more than chance."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

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


@lru_cache(maxsize=64)
def cusum_limit(*, k: float, arl: float, phi: float = 0.0) -> float:
    """Limit h with which a one-sided CUSUM runs ``arl`` points, on average, before a false alarm.

    Parameters
    ----------
    k : float
        Allowance, in standard deviations.
    arl : float, points
    phi : float
        First-order autocorrelation of the points, 0 or more.

    Notes
    -----
    Sums of autocorrelated points spread as those of independent points with ``(1 + phi) / (1 - phi)`` times
    the variance do; the limit is that of such points.

    Examples
    --------
    >>> round(cusum_limit(k=0.25, arl=5200), 1)   # published: 11.82
    11.8
    >>> cusum_limit(k=0.25, arl=5200, phi=0.2) > cusum_limit(k=0.25, arl=5200)
    True
    """
    spread = float(np.sqrt((1.0 + phi) / (1.0 - phi)))
    independent = k / spread
    near = float(optimize.brentq(lambda h: _siegmund(independent, h) / arl - 1.0, 0.0, 20.0 / independent))
    found = optimize.brentq(
        lambda h: np.log(cusum_arl(k=independent, h=h, n_states=150) / arl),
        0.8 * near,
        1.2 * near + 1.0,
        xtol=5e-3,
    )
    return float(found) * spread


def _siegmund(k: float, h: float) -> float:
    """Siegmund's approximation (1985) of the run length in control."""
    b = 2.0 * k * (h + 1.166)
    return float((np.exp(b) - b - 1.0) / (2.0 * k * k))


def ewma(z: FloatArray, *, weight: float, state: float = 0.0) -> tuple[FloatArray, float]:
    """One-sided exponentially weighted mean ``Z = max(0, (1 - weight) Z + weight z)``.

    Parameters
    ----------
    z : ndarray, shape (n_points,)
        Standardized values.
    weight : float
        Of the newest point, 0 to 1.
    state : float
        Z before the first point.

    Returns
    -------
    mean : ndarray, shape (n_points,)
    state : float

    Examples
    --------
    >>> ewma(np.array([1.0, 1.0, -3.0, 1.0]), weight=0.5)[0].tolist()
    [0.5, 0.75, 0.0, 0.5]
    """
    mean = np.empty(len(z))
    for i, value in enumerate(z):
        state = max(0.0, (1.0 - weight) * state + weight * float(value))
        mean[i] = state
    return mean, state


def ewma_arl(*, weight: float, limit: float, shift: float = 0.0, n_states: int = 400) -> float:
    """Average run length of a one-sided EWMA for independent normal points, by a Markov chain.

    Parameters
    ----------
    weight : float
    limit : float
        In asymptotic standard deviations of the mean: the alarm is above
        ``limit * sqrt(weight / (2 - weight))``.
    shift : float
        Mean of the points.
    n_states : int

    Returns
    -------
    float, points
        From 0 to the first alarm.

    Examples
    --------
    >>> round(ewma_arl(weight=0.05, limit=2.831), -1)   # published: 1000
    1000.0
    """
    top = limit * np.sqrt(weight / (2.0 - weight))
    width = 2.0 * top / (2 * n_states - 1)
    states = np.arange(n_states) * width
    apart = states[np.newaxis, :] - (1.0 - weight) * states[:, np.newaxis]
    upper = stats.norm.cdf((apart + width / 2) / weight - shift)
    step = upper - stats.norm.cdf((apart - width / 2) / weight - shift)
    step[:, 0] = upper[:, 0]
    return float(np.linalg.solve(np.eye(n_states) - step, np.ones(n_states))[0])


class PageHinkley(NamedTuple):
    """State of a Page-Hinkley test: points so far, their mean, the sum, and its lowest value."""

    n: int = 0
    mean: float = 0.0
    total: float = 0.0
    lowest: float = 0.0


def page_hinkley(
    x: FloatArray, *, allowance: float, state: PageHinkley | None = None
) -> tuple[FloatArray, PageHinkley]:
    """Sum of what exceeds the running mean, above its lowest value: a CUSUM that needs no baseline.

    A fallback. Its run length in control is not fixed, and early on it is worse than a CUSUM against a
    baseline, because what it compares with is learned from the same points.

    Parameters
    ----------
    x : ndarray, shape (n_points,)
    allowance : float, units of x
    state : PageHinkley, optional

    Returns
    -------
    s : ndarray, shape (n_points,)
    state : PageHinkley

    Examples
    --------
    >>> page_hinkley(np.array([0.0, 0.0, 3.0, 3.0]), allowance=0.5)[0].tolist()
    [0.0, 0.0, 1.5, 2.5]
    """
    n, mean, total, lowest = state or PageHinkley()
    s = np.empty(len(x))
    for i, value in enumerate(x):
        n += 1
        mean += (float(value) - mean) / n
        total += float(value) - mean - allowance
        lowest = min(lowest, total)
        s[i] = total - lowest
    return s, PageHinkley(n, mean, total, lowest)
