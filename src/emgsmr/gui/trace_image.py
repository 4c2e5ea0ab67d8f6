"""Stacked traces as an image: one numpy operation per trace, whatever the number of samples."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.floating[Any]]
PAPER, TRACE, GAP, ZERO = 0, 1, 2, 3
"""Indices of the image's colors."""


def nice_scale(peak_uv: float, present_uv: float) -> float:
    """Half-height of a trace in µV (1, 2 or 5 times a power of ten), changed only where it has to be.

    Examples
    --------
    >>> nice_scale(130, 50), nice_scale(130, 200), nice_scale(20, 200), nice_scale(float("nan"), 100)
    (200.0, 200, 50.0, 100)
    """
    if not np.isfinite(peak_uv) or peak_uv <= 0 or 0.3 * present_uv <= peak_uv <= present_uv:
        return present_uv
    exponent = 10.0 ** np.floor(np.log10(peak_uv * 1.5))
    steps = exponent * np.array([1.0, 2.0, 5.0, 10.0])
    return float(steps[np.searchsorted(steps, peak_uv * (1.5 if peak_uv <= present_uv else 1.0))])


def draw_trace(image: NDArray[np.uint8], low: FloatArray, high: FloatArray, scale: float) -> None:
    """Draw one trace into its band of the image.

    Parameters
    ----------
    image : ndarray of uint8, shape (height, n_columns)
        Changed in place: `TRACE` where the signal is, `GAP` where samples are missing, `ZERO` in the middle.
    low, high : ndarray, shape (n_columns,)
        As of `emgsmr.gui.trace_buffer.TraceBuffer.columns`; NaN = missing.
    scale : float
        Value at the upper edge.
    """
    height = len(image)
    known = np.isfinite(low) & np.isfinite(high)
    image[height // 2, :] = ZERO
    image[height // 2 - 1 : height // 2 + 1, ~known] = GAP
    if not known.any():
        return
    middle = (height - 1) / 2
    top = np.where(known, np.clip(middle - high / scale * middle, 0, height - 1), height).round()
    bottom = np.where(known, np.clip(middle - low / scale * middle, 0, height - 1), -1).round()
    # neighbors touch: a steep edge must not fall apart into dots
    both = known[1:] & known[:-1]
    joined_top = top.copy()
    joined_top[1:][both] = np.minimum(top[1:], bottom[:-1])[both]
    joined_bottom = bottom.copy()
    joined_bottom[1:][both] = np.maximum(bottom[1:], top[:-1])[both]
    rows = np.arange(height, dtype=np.int16)[:, np.newaxis]
    image[(rows >= joined_top.astype(np.int16)) & (rows <= joined_bottom.astype(np.int16))] = TRACE
