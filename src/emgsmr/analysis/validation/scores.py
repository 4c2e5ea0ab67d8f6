"""How well a score ranks those with the event above those without: weighted areas under the curves.

Weights may have a column for each resample, so that a bootstrap costs one sorting.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import stats

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]


def _grouped(score: FloatArray, positive: BoolArray, weight: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Weights of the positives and of the negatives at each distinct score, from low to high."""
    order = np.argsort(score, kind="stable")
    first = np.flatnonzero(np.concatenate([[True], np.diff(score[order]) > 0]))
    weight, hit = weight[order], positive[order][:, None]
    return (
        np.add.reduceat(np.where(hit, weight, 0.0), first, axis=0),
        np.add.reduceat(np.where(hit, 0.0, weight), first, axis=0),
    )


def _checked(
    score: FloatArray, positive: BoolArray, weight: FloatArray | None
) -> tuple[FloatArray, BoolArray, FloatArray]:
    score = np.asarray(score, dtype=np.float64)
    weight = np.ones(len(score)) if weight is None else np.asarray(weight, dtype=np.float64)
    known = np.isfinite(score)
    weight = weight[:, None] if weight.ndim == 1 else weight
    return score[known], np.asarray(positive, dtype=bool)[known], weight[known]


def roc_auc(score: FloatArray, positive: BoolArray, *, weight: FloatArray | None = None) -> FloatArray:
    """Probability that a positive has the higher score than a negative (a tie counts half).

    Parameters
    ----------
    score : ndarray, shape (n,)
        NaN = left out.
    positive : ndarray of bool, shape (n,)
    weight : ndarray, shape (n,) or (n, n_resamples), optional

    Returns
    -------
    ndarray, shape (n_resamples,) or (1,)
        NaN where there are no positives or no negatives.

    Examples
    --------
    >>> roc_auc(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])).tolist()
    [0.75]
    """
    score, positive, weight = _checked(score, positive, weight)
    if not len(score):
        return np.full(weight.shape[1], np.nan)
    hits, misses = _grouped(score, positive, weight)
    below = np.cumsum(misses, axis=0) - misses
    wins = (hits * (below + 0.5 * misses)).sum(axis=0)
    pairs = hits.sum(axis=0) * misses.sum(axis=0)
    area: FloatArray = np.divide(wins, pairs, out=np.full(len(pairs), np.nan), where=pairs > 0)
    return area


def average_precision(
    score: FloatArray, positive: BoolArray, *, weight: FloatArray | None = None
) -> FloatArray:
    """Area under the precision-recall curve, without interpolation; its chance level is the prevalence.

    Parameters and returns as in `roc_auc`.

    Examples
    --------
    >>> average_precision(np.array([0.1, 0.4, 0.35, 0.8]), np.array([False, False, True, True])).round(3)
    array([0.833])
    """
    score, positive, weight = _checked(score, positive, weight)
    if not len(score):
        return np.full(weight.shape[1], np.nan)
    hits, misses = (part[::-1] for part in _grouped(score, positive, weight))
    caught, flagged = np.cumsum(hits, axis=0), np.cumsum(hits + misses, axis=0)
    precision = np.divide(caught, flagged, out=np.zeros_like(caught), where=flagged > 0)
    total = hits.sum(axis=0)
    caught_at = (precision * hits).sum(axis=0)
    usable = (total > 0) & (misses.sum(axis=0) > 0)
    area: FloatArray = np.divide(caught_at, total, out=np.full(len(total), np.nan), where=usable)
    return area


def interval(values: FloatArray, *, n_groups: int, level: float = 0.95) -> tuple[float, float]:
    """Percentile interval of a statistic whose groups were resampled, widened as few groups demand.

    Parameters
    ----------
    values : ndarray, shape (n_resamples,)
        NaN = this resample had none.
    n_groups : int
        What was resampled: runners.
    level : float

    Returns
    -------
    low, high : float
        (NaN, NaN) where fewer than half of the values are finite.

    Notes
    -----
    A bootstrap of ``n`` groups is too narrow by ``sqrt((n - 1) / n)`` and knows no t distribution; the
    percentiles are moved outward by as much (Hesterberg 2015, Am Stat 69:371).

    Examples
    --------
    >>> values = np.linspace(0.0, 1.0, 1001)
    >>> [tuple(round(end, 3) for end in interval(values, n_groups=n)) for n in (10, 100000)]
    [(0.009, 0.991), (0.025, 0.975)]
    """
    finite = values[np.isfinite(values)]
    if n_groups < 2 or len(finite) < max(1, len(values) / 2):
        return float("nan"), float("nan")
    wider = float(np.sqrt(n_groups / (n_groups - 1)) * stats.t.ppf((1.0 + level) / 2.0, n_groups - 1))
    tail = float(stats.norm.sf(wider))
    low, high = np.quantile(finite, [tail, 1.0 - tail])
    return float(low), float(high)
