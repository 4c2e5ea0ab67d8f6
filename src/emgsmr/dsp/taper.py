"""The Hann window, computed once per length."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray


@lru_cache(maxsize=512)
def hann(n: int) -> NDArray[np.float64]:
    """Hann window of ``n`` samples without its zeros at both ends; read-only.

    Examples
    --------
    >>> hann(3).tolist()
    [0.5, 1.0, 0.5]
    """
    taper = np.hanning(n + 2)[1:-1]
    taper.flags.writeable = False
    return np.asarray(taper, dtype=np.float64)


@lru_cache(maxsize=512)
def hann_power(n: int) -> float:
    """Sum of the squares of `hann`, computed once per length.

    Examples
    --------
    >>> hann_power(3)
    1.5
    """
    return float(np.add.reduce(np.square(hann(n))))


@lru_cache(maxsize=512)
def hann_sum(n: int) -> float:
    """Sum of `hann`, computed once per length.

    Examples
    --------
    >>> hann_sum(3)
    2.0
    """
    return float(np.add.reduce(hann(n)))
