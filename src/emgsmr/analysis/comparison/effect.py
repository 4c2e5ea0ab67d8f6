"""How far means of bouts lie apart, and how sure that is: Welch's t, paired t, and sums of several means.

Everything works along the last axis, so a simulation of thousands of sessions goes through the same lines as
one person's.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import stats

FloatArray = NDArray[np.float64]

ALPHA = 0.05
"""Chance that a family of tests finds a change where there is none."""


class Effect(NamedTuple):
    """An effect on the log scale, its standard error, and the degrees of freedom that is known with."""

    y: FloatArray
    sd: FloatArray
    df: FloatArray


def contrast(groups: Sequence[ArrayLike], weights: Sequence[float]) -> Effect:
    """Weighted sum of the means of independent groups, with the error of Welch and Satterthwaite.

    Parameters
    ----------
    groups : sequence of array_like, shape (..., n_bouts)
        At least two bouts each; they may differ in how many and in how much they scatter.
    weights : sequence of float

    Returns
    -------
    Effect
        Each part of shape (...).

    Examples
    --------
    >>> effect = contrast([[1.0, 3.0], [0.0, 2.0]], (1.0, -1.0))
    >>> float(effect.y), round(float(effect.sd), 3), float(effect.df)
    (1.0, 1.414, 2.0)
    """
    arrays = [np.asarray(group, dtype=np.float64) for group in groups]
    y = sum(w * x.mean(axis=-1) for w, x in zip(weights, arrays, strict=True))
    parts = [w**2 * x.var(axis=-1, ddof=1) / x.shape[-1] for w, x in zip(weights, arrays, strict=True)]
    variance = np.asarray(sum(parts))
    spread = sum(part**2 / (x.shape[-1] - 1) for part, x in zip(parts, arrays, strict=True))
    with np.errstate(divide="ignore", invalid="ignore"):
        df = np.where(variance > 0, variance**2 / spread, np.inf)
    return Effect(np.asarray(y), np.sqrt(variance), np.asarray(df))


def two_groups(before: ArrayLike, after: ArrayLike) -> Effect:
    """After less before, of independent bouts (Welch).

    Examples
    --------
    >>> float(two_groups([0.0, 0.2, 0.1], [0.3, 0.5, 0.4]).y.round(6))
    0.3
    """
    return contrast([after, before], (1.0, -1.0))


def matched(before: ArrayLike, after: ArrayLike) -> Effect:
    """After less before, of bouts that belong together one by one (paired t)."""
    return contrast([np.asarray(after, dtype=np.float64) - np.asarray(before, dtype=np.float64)], (1.0,))


def p_value(effect: Effect) -> FloatArray:
    """Two-sided p of no effect.

    Examples
    --------
    >>> float(p_value(two_groups([0.0, 0.1, 0.2], [0.0, 0.1, 0.2])))
    1.0
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(effect.y == 0, 0.0, np.abs(effect.y) / effect.sd)
    return np.asarray(2.0 * stats.t.sf(t, effect.df))


def half_width(effect: Effect, *, alpha: float = ALPHA) -> FloatArray:
    """Half of the interval that misses with probability ``alpha``, on the log scale."""
    return np.asarray(stats.t.ppf(1.0 - alpha / 2.0, effect.df) * effect.sd)


def equivalence_p(effect: Effect, *, margin: float) -> FloatArray:
    """Test an effect as large as ``margin`` (log scale) either way: the larger p of two one-sided t tests.

    Examples
    --------
    >>> small = Effect(np.array(0.0), np.array(0.01), np.array(8.0))
    >>> bool(equivalence_p(small, margin=float(np.log(1.2))) < 0.001)
    True
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        above = stats.t.sf(np.divide(effect.y + margin, effect.sd), effect.df)
        below = stats.t.cdf(np.divide(effect.y - margin, effect.sd), effect.df)
    return np.asarray(np.maximum(above, below))


def hedges_g(before: ArrayLike, after: ArrayLike) -> FloatArray:
    """Effect size over bouts: difference over the mean of both SDs, corrected for few bouts.

    Examples
    --------
    >>> round(float(hedges_g([0.0, 1.0, 2.0], [2.0, 3.0, 4.0])), 2)
    1.6
    """
    x, y = np.asarray(before, dtype=np.float64), np.asarray(after, dtype=np.float64)
    scale = (x.std(axis=-1, ddof=1) + y.std(axis=-1, ddof=1)) / 2.0
    correction = 1.0 - 3.0 / (4.0 * (x.shape[-1] + y.shape[-1] - 2) - 1.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        return np.asarray(
            np.where(scale > 0, correction * (y.mean(axis=-1) - x.mean(axis=-1)) / scale, np.nan)
        )
