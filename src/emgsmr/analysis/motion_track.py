"""A sensor's readings of motion as they come, and what a window of time holds of them."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import merge
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.seconds import HOPS_PER_S
from emgsmr.recording import TimedReading

if TYPE_CHECKING:
    from emgsmr.recording import Recording, SampleBlock

FloatArray = NDArray[np.float64]

QUANTITIES = ("acceleration_g", "rotation_dps")
"""Readings from which strides can be told."""

MAX_SPACING_S = 0.09
"""Readings further apart leave a hole; below the 0.1 s that a window waits for what may still come."""

ABSURD = 1e6
"""No motion is greater, in g or degrees per second."""

MIN_COVERED = 0.8
"""Part of a window that must have been measured."""


@dataclass(frozen=True, slots=True, eq=False)
class MotionWindow:
    """Motion of a sensor in a window: as read, and on the grid of `HOPS_PER_S`."""

    acceleration: tuple[FloatArray, FloatArray] | None  # times (s) and values (g)
    on_grid: dict[str, FloatArray]


class MotionTrack:
    """Keeps one sensor's readings of motion as long as a window may need them."""

    def __init__(self, stream: SensorStream) -> None:
        self.stream = stream
        self._index: dict[str, list[int]] = {name: [] for name in QUANTITIES}
        self._values: dict[str, list[tuple[float, ...]]] = {name: [] for name in QUANTITIES}

    def add(self, reading: TimedReading) -> None:
        """Take in a reading; one without a place among the samples cannot be timed and is left out."""
        known = self._index.get(reading.quantity)
        if known is None or reading.sample_index is None:
            return
        if known and reading.sample_index < known[-1]:
            return  # came out of order
        if max(map(abs, reading.values)) > ABSURD:
            return
        known.append(reading.sample_index)
        self._values[reading.quantity].append(reading.values)

    @property
    def n_kept(self) -> int:
        """Readings in memory."""
        return sum(map(len, self._index.values()))

    def first_s(self) -> float | None:
        """When the sensor began; None if that is not known yet. Whether it tells motion does not matter."""
        return float(self.stream.timeline.time(self.stream.first_index)) if self.stream.timed else None

    def next_s(self, t_s: float) -> float:
        """Time of the first reading after ``t_s``; infinity if there is none yet."""
        if not self.stream.timed:
            return float("inf")
        at = float(self.stream.timeline.index(t_s))
        later = [index[k] for index in self._index.values() if (k := bisect_left(index, at)) < len(index)]
        return float(self.stream.timeline.time(min(later))) if later else float("inf")

    def forget(self, before_s: float) -> None:
        """Drop what was read before a time."""
        if not self.stream.timed:
            return
        at = float(self.stream.timeline.index(before_s))
        for name, index in self._index.items():
            n = bisect_left(index, at)
            if n > HOPS_PER_S:  # now and then
                del index[:n]
                del self._values[name][:n]

    def window(self, begin_s: float, end_s: float) -> MotionWindow | None:
        """What was read in a window; None unless one quantity covers it."""
        if not self.stream.timed:
            return None
        grid = begin_s + (np.arange(round((end_s - begin_s) * HOPS_PER_S)) + 0.5) / HOPS_PER_S
        low, high = self.stream.timeline.index(np.array([begin_s - 0.1, end_s + 0.1]))
        on_grid, read = {}, None
        for name in QUANTITIES:
            index = self._index[name]
            first, stop = bisect_left(index, low), bisect_left(index, high)
            if stop - first < 2:
                continue
            values = np.array(self._values[name][first:stop], dtype=np.float64)
            limit = MAX_SPACING_S * self.stream.fs
            times = self.stream.timeline.time(_evenly(np.array(index[first:stop], dtype=np.float64), limit))
            placed = _between(times, values, grid)
            if placed is None:
                continue
            on_grid[name] = placed
            if name == "acceleration_g":
                inside = (times >= begin_s) & (times < end_s)
                read = (times[inside], np.ascontiguousarray(values[inside]))
        return MotionWindow(read, on_grid) if on_grid else None


def _evenly(index: FloatArray, limit: float) -> FloatArray:
    """Where readings lie among the samples, if they were taken at even distances.

    A reading names the packet of EMG before it: the readings of one packet have one index, and each came on
    average half a packet later than it says. A line through the indices of those that follow each other
    without a hole (``limit``, samples) undoes that; half a packet is what the distances from the line tell.
    """
    even = index.copy()
    ends = np.concatenate([[0], np.flatnonzero(np.diff(index) > limit) + 1, [len(index)]])
    for first, stop in pairwise(ends.tolist()):
        n = stop - first
        if n < 8:
            continue
        count = np.arange(n) - (n - 1) / 2
        part = index[first:stop]
        center = float(np.add.reduce(part)) / n
        slope = float(np.add.reduce(count * (part - center))) / float(np.add.reduce(count * count))
        line = center + slope * count
        off = part - line
        if float(np.abs(off).max()) > 0.5 * limit:
            continue  # not even: some are missing, or the rate changed
        half = float(np.sqrt(3.0 * np.add.reduce(off * off) / n))  # of what is evenly spread by rounding down
        even[first:stop] = line + min(half, 0.25 * limit)
    return even


def _between(times: FloatArray, values: FloatArray, grid: FloatArray) -> FloatArray | None:
    """Values on a grid, by the line between readings that are near; elsewhere the mean. None if too few."""
    right = np.searchsorted(times, grid, side="right")
    inside = (right > 0) & (right < len(times))
    right = np.clip(right, 1, len(times) - 1)
    span = times[right] - times[right - 1]
    there = inside & (span < MAX_SPACING_S) & (span > 0.0)
    if there.mean() < MIN_COVERED:
        return None
    part = (grid - times[right - 1]) / np.where(span > 0.0, span, 1.0)
    placed = values[right - 1] + part[:, np.newaxis] * (values[right] - values[right - 1])
    if not there.all():
        placed[~there] = placed[there].mean(axis=0)
    return np.ascontiguousarray(placed)


def in_turn(
    recording: Recording, *, motion: bool, seconds: float = 10.0
) -> Iterator[SampleBlock | TimedReading]:
    """Blocks (of up to ``seconds``) and readings of a recording as they came.

    A reading comes before the block with the first sample after it. ``motion``: with the vectors that strides
    can be told from; others are left out.
    """
    parts = [recording.readings(vectors=False)]
    if motion:
        parts += [recording.readings(name) for name in QUANTITIES]
    readings = merge(*parts, key=lambda item: item[1].arrival_ns)
    waiting = next(readings, None)
    for block in recording.blocks(seconds=seconds):
        if len(block.arrivals):
            came_ns = int(block.arrivals[-1, 1])
            while waiting is not None and waiting[1].arrival_ns <= came_ns:
                yield waiting[1]
                waiting = next(readings, None)
        yield block
    while waiting is not None:
        yield waiting[1]
        waiting = next(readings, None)
