"""Robust regression on a few covariates, with slopes drawn to zero where the data cannot tell them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

HUBER = 1.345
"""Residuals beyond this many standard deviations count less: 95 % efficient for normal data (Huber 1964)."""

STEPS = 12


class RobustFit(NamedTuple):
    """Level (at covariates of zero), slopes, their covariance, and the spread of the residuals."""

    level: float
    slopes: FloatArray
    covariance: FloatArray
    scale: float


def robust_fit(
    y: FloatArray, x: FloatArray, *, slope_sd: FloatArray, n_per_independent: float = 1.0
) -> RobustFit:
    """Regression of y on covariates by Huber's weights, with a normal prior on the slopes.

    Parameters
    ----------
    y : ndarray, shape (n,)
    x : ndarray, shape (n, n_covariates)
        No covariate at all is allowed: the level is then a robust mean.
    slope_sd : ndarray, shape (n_covariates,)
        Standard deviation of the prior of each slope, around zero: a covariate that hardly varied keeps a
        slope near zero, and this uncertainty.
    n_per_independent : float
        How many values tell as much as an independent one: what autocorrelation costs.

    Returns
    -------
    RobustFit
        The covariance is that of the slopes given data and prior.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = rng.normal(size=(300, 1))
    >>> y = 1.0 + 0.5 * x[:, 0] + 0.1 * rng.standard_normal(300)
    >>> y[::10] = 50.0
    >>> fit = robust_fit(y, x, slope_sd=np.array([1.0]))
    >>> round(fit.level, 1), round(float(fit.slopes[0]), 1)
    (1.0, 0.5)
    """
    n_covariates = x.shape[1]
    level, slopes = float(np.median(y)), np.zeros(n_covariates)
    scale, covariance = 0.0, np.diag(np.square(slope_sd))
    for _ in range(STEPS):
        residuals = y - level - x @ slopes
        scale = 1.4826 * float(np.median(np.abs(residuals - np.median(residuals))))
        if not scale > 0.0:
            break
        weight = 1.0 / np.maximum(np.abs(residuals) / (HUBER * scale), 1.0)
        total = float(np.sum(weight))
        x_mean = np.sum(weight[:, np.newaxis] * x, axis=0) / total
        y_mean = float(np.sum(weight * y) / total)
        d = x - x_mean
        noise = scale**2 * n_per_independent
        precision = (d.T * weight) @ d / noise + np.diag(1.0 / np.square(slope_sd))
        covariance = np.linalg.inv(precision) if n_covariates else covariance
        slopes = covariance @ ((d.T * weight) @ (y - y_mean)) / noise
        level = y_mean - float(x_mean @ slopes)
    return RobustFit(level, slopes, covariance, scale)
