"""Linear interpolation whose bits depend on the two neighbors of a point and nothing else."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


def interpolate(x: FloatArray, known_x: FloatArray, known_y: FloatArray) -> FloatArray:
    """Value at ``x`` on the line through the neighboring known points; the outermost lines go on outside.

    Parameters
    ----------
    x : ndarray
    known_x, known_y : ndarray, shape (n_points,)
        At least two points; ``known_x`` strictly increasing.

    Returns
    -------
    y : ndarray, shape of ``x``

    Notes
    -----
    `numpy.interp` rounds differently when there are more known points than wanted ones, so that its last bit
    depends on how much of a stream has come; this does not.

    Examples
    --------
    >>> interpolate(np.array([0.5, 3.0]), np.array([0.0, 1.0, 2.0]), np.array([0.0, 10.0, 30.0])).tolist()
    [5.0, 50.0]
    """
    x = np.asarray(x, dtype=np.float64)
    left = np.searchsorted(known_x[1:-1], x, side="right")  # the outermost points bound no line
    x0, y0 = known_x[left], known_y[left]
    slope = (known_y[left + 1] - y0) / (known_x[left + 1] - x0)
    return np.asarray(y0 + (x - x0) * slope)
