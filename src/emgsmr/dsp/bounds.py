"""Lines between bounds: what the earliest arrival of each second says about a sensor's clock.

An *upper* bound is an arrival: nothing arrives before it was sent. A *lower* bound lies below it by the most
that the earliest arrival of a second can be late. Both are pairs (sample index, offset in s), the offset
being a time less index / fs. Of each kind only the convex hull towards the line is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Bound = tuple[int, float]

WANDER = 1e-8
"""Change of the rate per second that is allowed for: 6 ppm in ten minutes, a crystal that warms up."""

LARGEST_STEP_S = 0.05
"""Connection intervals are rarely longer, so neither are the steps between delays."""

HOST_JITTER_S = 0.002
"""What the host itself adds to a delay, mostly less."""


@dataclass(frozen=True, slots=True)
class Corridor:
    """All lines between upper and lower bounds.

    Attributes
    ----------
    upper, lower : tuple of (int, float)
        The bounds, as far as they agree with the newest.
    slope : float
        The middle of the lines' slopes, s per sample.
    lowest, highest : float, s
        Between these the lines pass index ``at``.
    """

    upper: tuple[Bound, ...]
    lower: tuple[Bound, ...]
    slope: float
    lowest: float
    highest: float


def corridor(
    upper: tuple[Bound, ...], lower: tuple[Bound, ...], at: int, *, fs: float, slope: float, free: float
) -> Corridor:
    """The lines between bounds; while there are none, the oldest bound is dropped.

    Parameters
    ----------
    upper, lower : tuple of (int, float)
        At least one each, in the order of their index.
    at : int
        Index for which the lines are wanted, after the last bound. Old bounds are loosened for a rate that
        may have wandered since (`WANDER`).
    fs : float, Hz
    slope, free : float, s per sample
        Slopes are within ``free`` of ``slope``.

    Examples
    --------
    >>> found = corridor(((0, 1.0), (500, 1.0)), ((0, 0.99), (500, 0.99)), 500, fs=500, slope=0.0, free=1.0)
    >>> round(found.lowest, 6), round(found.highest, 6), found.slope
    (0.99, 1.0, 0.0)
    """
    while True:
        x_up, up = _relaxed(upper, at, fs=fs, side=1)
        x_low, low = _relaxed(lower, at, fs=fs, side=-1)
        smallest, largest = _slopes(x_up, up, x_low, low)
        smallest, largest = max(smallest, slope - free), min(largest, slope + free)
        if smallest <= largest:
            highest = float((up - largest * x_up).min())
            lowest = float((low - smallest * x_low).max())
            return Corridor(upper, lower, (smallest + largest) / 2, min(lowest, highest), highest)
        if len(upper) == len(lower) == 1:  # the newest contradict each other: an arrival is the harder fact
            level = float(up[0] - slope * x_up[0])
            below = (upper[0][0], upper[0][1] - LARGEST_STEP_S)
            return Corridor(upper, (below,), slope, level - LARGEST_STEP_S, level)
        if len(upper) == 1 or (len(lower) > 1 and lower[0][0] < upper[0][0]):
            lower = lower[1:]
        else:
            upper = upper[1:]


def ceiling(
    upper: tuple[Bound, ...], lower: tuple[Bound, ...], at: int, *, fs: float, slope: float, free: float
) -> float:
    """The highest offset at an index that the bounds allow (arguments as of `corridor`)."""
    x_up, up = _relaxed(upper, at, fs=fs, side=1)
    _, largest = _slopes(x_up, up, *_relaxed(lower, at, fs=fs, side=-1))
    return float((up - min(largest, slope + free) * x_up).min())


def hull(chain: tuple[Bound, ...], new: Bound, *, side: int) -> tuple[Bound, ...]:
    """The convex hull of bounds with a later one: of upper bounds (``side`` 1) or of lower ones (-1).

    Examples
    --------
    >>> hull(((0, 2.0), (1, 3.0)), (2, 2.0), side=1)
    ((0, 2.0), (2, 2.0))
    """
    kept = list(chain)
    while len(kept) >= 2:
        (x0, y0), (x1, y1) = kept[-2:]
        if side * ((y1 - y0) * (new[0] - x1) - (new[1] - y1) * (x1 - x0)) < 0:
            break
        kept.pop()
    return (*kept, new)


def step_between(delays: Sequence[float], *, packet_s: float) -> float:
    """Largest step between the smaller delays of a second: the least of them is late by no more.

    Packets of a constant period beat with the connection events, so their delays take steps of the common
    measure of both; of incommensurate periods the delays are spread evenly and the steps are small. If nearly
    all are equal, packets keep pace with the events, and only those that missed one show how far apart these
    are.

    Parameters
    ----------
    delays : sequence of float, s
        Of a second's notifications, from any zero.
    packet_s : float, s
        Time from packet to packet: the step cannot be larger.

    Examples
    --------
    >>> step_between([0.025, 0.0125, 0, 0.025, 0.0125, 0, 0.05], packet_s=0.02)
    0.0125
    >>> step_between([0, 0, 0, 0, 0.015], packet_s=0.02)
    0.015
    """
    packet_s = min(packet_s, LARGEST_STEP_S)
    delays = sorted(delays)
    bulk = delays[: max(len(delays) // 2, 1)]
    if bulk[-1] - bulk[0] < packet_s / 8:
        return min(delays[-1] - delays[0], packet_s)
    apart = [b - a for a, b in pairwise(bulk)]
    widest = max(apart)
    # from the least of one cluster to the least of the next, if it is jitter that makes the clusters wide
    starts = [bulk[0], *(delay for delay, gap in zip(bulk[1:], apart, strict=True) if gap > widest / 2)]
    return min(max(b - a for a, b in pairwise(starts)), widest + HOST_JITTER_S, packet_s)


def _relaxed(chain: tuple[Bound, ...], at: int, *, fs: float, side: int) -> tuple[FloatArray, FloatArray]:
    """Index (from ``at``) and value of bounds, loosened with their age."""
    x = np.array([bound[0] - at for bound in chain], dtype=np.float64)
    y = np.array([bound[1] for bound in chain])
    return x, y + side * (0.5 * WANDER / fs**2) * np.square(x)


def _slopes(x_up: FloatArray, up: FloatArray, x_low: FloatArray, low: FloatArray) -> tuple[float, float]:
    """Smallest and largest slope of the lines between bounds; the smallest is larger if there is no line."""
    apart = x_up[np.newaxis, :] - x_low[:, np.newaxis]
    room = up[np.newaxis, :] - low[:, np.newaxis]
    if (room[apart == 0] < 0).any():
        return float("inf"), float("-inf")
    before, after = apart < 0, apart > 0
    smallest = (room[before] / apart[before]).max(initial=-np.inf)
    return float(smallest), float((room[after] / apart[after]).min(initial=np.inf))
