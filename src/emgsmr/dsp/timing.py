"""When in the cycle a muscle works."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

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
    center = np.mod(np.round(np.angle(resultant) / (2 * np.pi) * 100.0, 9), 100.0)
    return np.where(np.abs(resultant) > 0, center, np.nan)
