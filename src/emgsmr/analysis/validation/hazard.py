"""The risk of an event per minute: a discrete-time hazard, fitted with a ridge, judged on other runners."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy.special import expit, logit

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

MIN_EVENTS = 100
"""Fewer events calibrate nothing: ten per coefficient is the rule of thumb, and the intervals must tell
something."""

EVENTS_PER_COEFFICIENT = 10

PRIOR_SD = 1.0
"""Of a coefficient per standard deviation of its covariate: a factor of 2.7 on the odds is plausible, one of
20 is not."""

_STEPS = 100
_TOLERANCE = 1e-8
_SMALLEST = 1e-12


class Hazard(NamedTuple):
    """A fitted hazard: ``logit h = intercept + coefficients @ (x - center) / scale``."""

    intercept: float
    coefficients: FloatArray
    center: FloatArray
    scale: FloatArray

    def per_minute(self, x: FloatArray) -> FloatArray:
        """Hazard of each row of covariates, per minute; an unknown covariate counts as average."""
        z = np.where(np.isfinite(x), (x - self.center) / self.scale, 0.0)
        return np.asarray(expit(self.intercept + z @ self.coefficients))


def fit_hazard(x: FloatArray, event: BoolArray, *, prior_sd: float = PRIOR_SD) -> Hazard:
    """Fit the hazard of minutes at risk.

    Parameters
    ----------
    x : ndarray, shape (n_minutes, n_covariates)
        At the beginning of each minute; NaN = unknown.
    event : ndarray of bool, shape (n_minutes,)
        Whether it happened in that minute.
    prior_sd : float
        Of the normal prior of each coefficient, per standard deviation of its covariate; the intercept has
        none.

    Returns
    -------
    Hazard

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(20_000, 1))
    >>> event = rng.random(20_000) < 1 / (1 + np.exp(4 - x[:, 0]))
    >>> fit_hazard(x, event).coefficients.round(1).tolist()
    [1.0]
    """
    with np.errstate(invalid="ignore"):
        known = np.isfinite(x)
        n = np.maximum(known.sum(axis=0), 1)
        center = np.where(known, x, 0.0).sum(axis=0) / n
        spread = np.sqrt((np.where(known, x - center, 0.0) ** 2).sum(axis=0) / n)
    scale = np.where(spread > 0, spread, 1.0)
    z = np.where(known, (x - center) / scale, 0.0)
    design = np.column_stack([np.ones(len(z)), z])
    penalty = np.full(design.shape[1], 1.0 / prior_sd**2)
    penalty[0] = 0.0
    fitted = logistic(design, event, penalty=penalty)
    return Hazard(float(fitted[0]), fitted[1:], center, scale)


def logistic(
    design: FloatArray, event: BoolArray, *, penalty: FloatArray, weight: FloatArray | None = None
) -> FloatArray:
    """Coefficients of a logistic regression with a quadratic penalty, by Newton steps that never climb."""
    y = event.astype(np.float64)
    w = np.ones(len(y)) if weight is None else weight
    rate = np.clip(y @ w / w.sum(), _SMALLEST, 1 - _SMALLEST) if w.any() else 0.5
    beta = np.zeros(design.shape[1])
    beta[0] = logit(rate)

    def cost(b: FloatArray) -> float:
        eta = design @ b
        return float(w @ (np.logaddexp(0.0, eta) - y * eta) + 0.5 * penalty @ (b * b))

    now = cost(beta)
    for _ in range(_STEPS):
        p = expit(design @ beta)
        slope = design.T @ (w * (p - y)) + penalty * beta
        curvature = (design * (w * p * (1 - p))[:, None]).T @ design + np.diag(penalty + _SMALLEST)
        step = np.linalg.lstsq(curvature, slope, rcond=None)[0]
        size = 1.0
        while (after := cost(beta - size * step)) > now and size > _TOLERANCE:
            size /= 2.0
        if not after < now:
            break
        beta = beta - size * step
        done, now = now - after < _TOLERANCE * (1.0 + abs(now)), after
        if done:
            break
    return beta


def left_out(x: FloatArray, event: BoolArray, group: NDArray[np.int64]) -> FloatArray:
    """Hazard of each runner's minutes by a fit to the other runners; NaN where these have no event.

    Parameters
    ----------
    x : ndarray, shape (n_minutes, n_covariates)
    event : ndarray of bool, shape (n_minutes,)
    group : ndarray of int, shape (n_minutes,)
        Runner of each minute.
    """
    hazard = np.full(len(event), np.nan)
    for runner in np.unique(group):
        own = group == runner
        if event[~own].any() and not event[~own].all():
            hazard[own] = fit_hazard(x[~own], event[~own]).per_minute(x[own])
    return hazard


def within_horizon(hazard: FloatArray, minutes: float) -> FloatArray:
    """Risk within some minutes if the hazard stays as it is now."""
    return np.asarray(-np.expm1(minutes * np.log1p(-np.clip(hazard, 0.0, 1.0 - _SMALLEST))))


def calibration(
    hazard: FloatArray, event: BoolArray, weight: FloatArray | None = None
) -> tuple[float, float]:
    """Intercept and slope of what happened on the logit of what was said: 0 and 1 where they agree.

    Parameters
    ----------
    hazard : ndarray, shape (n_minutes,)
        Out of sample.
    event : ndarray of bool, shape (n_minutes,)
    weight : ndarray of int, shape (n_minutes,), optional
        How often each minute counts.

    Returns
    -------
    intercept : float
        With the slope held at 1: calibration in the large.
    slope : float
    """
    use = np.isfinite(hazard)
    if weight is not None:
        use &= weight > 0
    said = logit(np.clip(hazard[use], _SMALLEST, 1 - _SMALLEST))
    y = event[use]
    times = np.ones(len(y)) if weight is None else weight[use].astype(np.float64)
    if not y.any() or y.all() or not np.ptp(said) > 0:
        return float("nan"), float("nan")
    return _offset(said, y, times), _slope(said, y, times)


def _offset(said: FloatArray, event: BoolArray, times: FloatArray) -> float:
    shift = 0.0
    for _ in range(_STEPS):
        p = expit(said + shift)
        step = float(times @ (event - p)) / max(float(times @ (p * (1 - p))), _SMALLEST)
        shift += float(np.clip(step, -2.0, 2.0))
        if abs(step) < 1e-8:
            break
    return shift


def _slope(said: FloatArray, event: BoolArray, times: FloatArray) -> float:
    design = np.column_stack([np.ones(len(said)), said - said.mean()])
    return float(logistic(design, event, penalty=np.zeros(2), weight=times)[1])
