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
