"""Several tests at once: Holm for the family declared before, Benjamini and Hochberg for the rest."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]


def holm(p: ArrayLike) -> FloatArray:
    """p-values corrected so that a family takes chance for an effect with probability alpha at most.

    Parameters
    ----------
    p : array_like, shape (..., n_tests)
        NaN = declared, but could not be tested: it counts as a test and stays NaN.

    Returns
    -------
    ndarray, shape (..., n_tests)

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03, np.nan]).round(6).tolist()
    [0.04, 0.09, 0.09, nan]
    """
    values = np.asarray(p, dtype=np.float64)
    filled = np.where(np.isnan(values), 1.0, values)
    order = np.argsort(filled, axis=-1, kind="stable")
    ranked = np.take_along_axis(filled, order, axis=-1)
    n = values.shape[-1]
    stepped = np.minimum(np.maximum.accumulate(ranked * np.arange(n, 0, -1), axis=-1), 1.0)
    found = np.empty_like(stepped)
    np.put_along_axis(found, order, stepped, axis=-1)
    return np.where(np.isnan(values), np.nan, found)


def false_discovery(p: ArrayLike) -> FloatArray:
    """p-values corrected so that of what is called an effect, a part alpha at most is chance.

    Parameters
    ----------
    p : array_like, shape (n_tests,)
        NaN = not tested.

    Examples
    --------
    >>> false_discovery([0.01, 0.04, np.nan]).tolist()
    [0.02, 0.04, nan]
    """
    values = np.asarray(p, dtype=np.float64)
    known = np.flatnonzero(np.isfinite(values))
    order = known[np.argsort(values[known], kind="stable")[::-1]]
    n = len(order)
    found = np.full(values.shape, np.nan)
    found[order] = np.minimum.accumulate(np.minimum(values[order] * n / np.arange(n, 0, -1), 1.0))
    return found
