"""What the values of raw samples tell without a spectrum: where they end, pile up and stand still."""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
CountArray = NDArray[np.int64]
NumberOrArray = float | CountArray

BAND_STEPS = 16
"""Steps below an extreme in which samples are counted; those within one step are at it: rails may flicker."""

PILED_UP = 5
"""Fewer samples than this at an extreme are no clipping that a single second could show."""

FROZEN_S, FROZEN_SAMPLES = 0.1, 40
"""How long one value must be repeated to be called dead: both, for slow sensors with coarse steps repeat."""

COARSE = 0.25
"""Share of repeated values from which on a signal is too coarse for a repeated value to mean anything."""


class Extremes(NamedTuple):
    """Ends of the values of each second; arrays (n_seconds, n_channels), see `emgsmr.dsp.SignalMeasures`."""

    step_counts: FloatArray
    high: FloatArray
    n_high: CountArray
    n_below_high: CountArray
    low: FloatArray
    n_low: CountArray
    n_above_low: CountArray


def value_extremes(x: FloatArray, size: FloatArray) -> Extremes:
    """Extremes of each second, and how many samples are at and near them.

    Parameters
    ----------
    x : ndarray, shape (n_seconds, n_channels, n_samples), ADC counts
    size : ndarray, shape (n_seconds, n_channels, n_samples - 1), ADC counts
        Absolute differences of neighbors.

    Examples
    --------
    >>> x = np.array([3.0, 9.0, 9.0, 8.0, 1.0])[None, None]
    >>> got = value_extremes(x, np.abs(np.diff(x)))
    >>> [float(value.item()) for value in got]
    [1.0, 9.0, 3.0, 2.0, 1.0, 1.0, 4.0]
    """
    step = np.where(size > 0, size, np.inf).min(axis=2, initial=np.inf)
    high, low = x.max(axis=2), x.min(axis=2)
    one, band = 1.5 * step, (BAND_STEPS + 0.5) * step  # imported steps may be rounded
    n_high = (x >= (high - one)[..., np.newaxis]).sum(axis=2)
    n_low = (x <= (low + one)[..., np.newaxis]).sum(axis=2)
    below = (x >= (high - band)[..., np.newaxis]).sum(axis=2) - n_high
    above = (x <= (low + band)[..., np.newaxis]).sum(axis=2) - n_low
    return Extremes(step, high, n_high, below, low, n_low, above)


def pile_up_pct(extremes: Extremes, n: int) -> FloatArray:
    """Samples (%) at an extreme at which they pile up as only a limit makes them.

    Notes
    -----
    A value that is the highest of its second by chance is reached once or twice. Even the flat top of a slow
    sine has at most half as many samples at its highest two values as in the fifteen below them, whatever its
    amplitude; as many is the bar here. Of values that span fewer than 32 steps nothing is said.

    Examples
    --------
    >>> x = np.clip(np.round(500 * np.sin(np.arange(1000.0))), -400, 400)[None, None]
    >>> pile_up_pct(value_extremes(x, np.abs(np.diff(x))), 1000).round(1).item()
    41.7
    >>> x = np.round(500 * np.sin(np.arange(1000.0)))[None, None]
    >>> pile_up_pct(value_extremes(x, np.abs(np.diff(x))), 1000).item()
    0.0
    """
    e = extremes
    if not (np.maximum(e.n_high, e.n_low) >= PILED_UP).any():  # as in most seconds
        return np.zeros(e.n_high.shape)
    at = piled_up(e.n_high, e.n_below_high) * e.n_high + piled_up(e.n_low, e.n_above_low) * e.n_low
    return np.asarray(at * (e.high - e.low > 2 * BAND_STEPS * e.step_counts) * (100.0 / n))


def piled_up(at: NumberOrArray, near: NumberOrArray) -> Any:
    """Whether that many samples at an extreme, and near it, are a limit's work.

    Examples
    --------
    >>> piled_up(np.array([4, 26, 26]), np.array([0, 20, 30])).tolist()
    [False, True, False]
    """
    return (at >= PILED_UP) & (at > near)


def longest_at_end(x: FloatArray, extremes: Extremes) -> FloatArray:
    """Longest run of samples within a step of the highest or the lowest value (n_seconds, n_channels).

    Runs of fewer than four are not told from none.

    Examples
    --------
    >>> x = np.array([1.0, 9.0, 9.0, 8.0, 9.0, 1.0])[None, None]
    >>> longest_at_end(x, value_extremes(x, np.abs(np.diff(x)))).item()
    4.0
    """
    e = extremes
    longest = np.zeros(x.shape[:2])
    many = np.maximum(e.n_high, e.n_low) >= 4
    for second, channel in np.argwhere(many) if many.any() else ():
        place = second, channel
        reach = 1.5 * e.step_counts[place]
        for at_end in (x[place] >= e.high[place] - reach, x[place] <= e.low[place] + reach):
            edges = np.flatnonzero(np.diff(np.concatenate([[False], at_end, [False]])))
            run = (edges[1::2] - edges[::2]).max()
            longest[place] = max(longest[place], run if run >= 4 else 0)
    return longest


def frozen_seconds(size: FloatArray, *, fs: float) -> FloatArray:
    """How long (s) values stood still for a tenth of a second or more, in each second and channel.

    Parameters
    ----------
    size : ndarray, shape (n_seconds, n_channels, n_samples - 1), ADC counts
        Absolute differences of neighbors.
    fs : float, Hz

    Returns
    -------
    ndarray, shape (n_seconds, n_channels), s
        0 where many values are repeated elsewhere, too: the steps are coarse, and standing still is chance.

    Examples
    --------
    >>> x = np.arange(1000.0)
    >>> x[300:450] = x[300]
    >>> frozen_seconds(np.abs(np.diff(x))[None, None], fs=1000.0).item()
    0.15
    """
    longest = max(round(FROZEN_S * fs), FROZEN_SAMPLES)
    out = np.zeros(size.shape[:2])
    half = longest // 2
    n_blocks = size.shape[2] // half
    if not n_blocks:
        return out
    # a long run fills at least one block of half its length: most seconds are done here
    blocks = size[..., : n_blocks * half].reshape(*out.shape, n_blocks, half)
    still = blocks.max(axis=3) == 0
    if not still.any():
        return out
    for second, channel in np.argwhere(still.any(axis=2)):
        moving = np.flatnonzero(np.concatenate([[True], size[second, channel] > 0, [True]]))
        lengths = np.diff(moving)  # of the runs of one value
        long = lengths >= longest
        frozen, repeats = int(lengths[long].sum()), int((lengths[~long] - 1).sum())
        if repeats <= COARSE * max(int(lengths.sum()) - frozen, 1):
            out[second, channel] = frozen / fs
    return out
