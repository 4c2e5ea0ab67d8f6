"""One sensor's way through the pipeline: raw counts to filtered µV, hop powers and quality of each second.

What a `SensorStream` gives is a function of this sensor's samples alone, not of how they were cut into
blocks.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.long_list import LongList, Shelf
from emgsmr.analysis.quality import UNUSABLE
from emgsmr.analysis.seconds import Second, SecondChain
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.timeline import Timeline
from emgsmr.recording import SampleBlock, SensorInfo

FloatArray = NDArray[np.float64]

_FIRST_INDEX = attrgetter("first_index")
_FIRST_HOP = itemgetter(0)


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Filtered samples of a second; those before ``valid_from`` still hold the filter's start-up."""

    first_index: int
    valid_from: int
    x: FloatArray

    @property
    def end_index(self) -> int:
        """Index after the last sample."""
        return self.first_index + len(self.x)


class SensorStream:
    """Filters and measures one sensor's placed channels; keeps the filtered signal until told to forget it.

    Samples are collected until their second is complete, or a gap or the end cuts it short: only then they
    are filtered and measured.

    Parameters
    ----------
    info : SensorInfo
    channels : sequence of int
        Channels (from 0) that have a site.
    timeline : Timeline
    settings : Settings
    shelf : Shelf, optional
        For what is known of old seconds.
    """

    def __init__(
        self,
        info: SensorInfo,
        channels: list[int],
        timeline: Timeline,
        settings: Settings,
        shelf: Shelf | None = None,
    ) -> None:
        shelf = shelf or Shelf()
        self.info = info
        self.channels = channels
        self.settings = settings
        self.timeline = timeline
        self.fs = info.rate_hz
        self.band_hz = (settings.low_hz, min(settings.high_hz, 0.45 * self.fs))
        self._chain = SecondChain(info, len(channels), settings)
        self.settle = self._chain.settle
        self.delay_s = dsp.burst_delay_s(self._chain.sos, fs=self.fs)
        self.hop = self._chain.hop
        self.first_index: int | None = None
        self.end_index = 0
        self.measured_index = 0
        """Index up to which the signal is filtered and its quality known."""
        self.segments: list[Segment] = []
        self.hops: list[tuple[int, FloatArray]] = []
        self.seconds: LongList[Second] = LongList(shelf)
        self.envelopes: dict[tuple[float, float], FloatArray | None] = {}
        """Of the windows that were asked for since the last block (`emgsmr.analysis.emg_rhythm`)."""
        self.gaps: list[tuple[int, int]] = []
        self.restarts = 0
        self._begun: list[NDArray[Any]] = []
        self._valid_from = 0
        self._faults: LongList[tuple[int, int, tuple[str, ...]]] = LongList(shelf)

    def feed(self, block: SampleBlock) -> None:
        """Take in the next block; a jump of the index restarts the filter."""
        if block.n == 0 and len(block.arrivals) == 0:
            return
        self.envelopes.clear()
        if self.first_index is None:
            self.first_index = block.first_index
            self._restart(block.first_index)
        self.timeline.advance(block.arrivals, first_index=self.first_index, end_index=block.end_index)
        if block.n == 0:
            return
        if block.first_index < self.end_index:  # recorded twice: keep the first
            repeated = min(self.end_index - block.first_index, block.n)
            block = block.cut(repeated)[1]
            if block.n == 0:
                return
        if block.first_index > self.end_index:
            self.finish()
            self.gaps.append((self.end_index, block.first_index))
            self.restarts += 1
            self._restart(block.first_index)
        self._collect(np.ascontiguousarray(block.counts[:, self.channels]))

    def finish(self) -> None:
        """Use what there is of the second that has begun: nothing comes directly after it."""
        if self._begun:
            self.envelopes.clear()
            self._close()

    @property
    def timed(self) -> bool:
        """Whether there are samples, and their time is known."""
        return self.first_index is not None and self.timeline.end_s > float("-inf")

    @property
    def measured_s(self) -> float:
        """Time up to which everything about this sensor is known and final."""
        if not self.timed:
            return float("-inf")
        return min(float(self.timeline.time(self.measured_index)), self.timeline.end_s)

    @property
    def ends_s(self) -> float:
        """Time after the last sample that came."""
        return float(self.timeline.time(self.end_index))

    def read(self, first: int, stop: int) -> FloatArray | None:
        """Filtered samples ``first..stop`` (n_samples, n_channels), or None at a gap or start-up."""
        begin = bisect_right(self.segments, first, key=_FIRST_INDEX) - 1
        end = bisect_right(self.segments, stop - 1, key=_FIRST_INDEX)
        found = self.segments[max(begin, 0) : end]
        if begin < 0 or found[0].valid_from > first or found[-1].end_index < stop:
            return None
        if sum(len(segment.x) for segment in found) != found[-1].end_index - found[0].first_index:
            return None  # a gap in between
        start = found[0].first_index
        x = found[0].x if len(found) == 1 else np.concatenate([segment.x for segment in found])
        return x[first - start : stop - start]

    def hops_between(self, first: int, stop: int) -> FloatArray:
        """Power of the hops ``first..stop`` (n_hops, n_channels), µV²; NaN where there is none."""
        power = np.full((stop - first, len(self.channels)), np.nan)
        begin = max(bisect_right(self.hops, first, key=_FIRST_HOP) - 1, 0)
        end = bisect_right(self.hops, stop - 1, key=_FIRST_HOP)
        for start, known in self.hops[begin:end]:
            low, high = max(start, first), min(start + len(known), stop)
            if low < high:
                power[low - first : high - first] = known[low - start : high - start]
        return power

    def fault(self, first: int, stop: int, column: int) -> str:
        """Why samples ``first..stop`` of a channel cannot be used; empty if they can."""
        for start, n, faults in reversed(self._faults):
            if start + n <= first:
                break
            if start < stop and faults[column]:
                return faults[column]
        return ""

    def next_hop_s(self, t_s: float) -> float:
        """Time of the first hop after ``t_s``; infinity if there is none yet."""
        if not self.timed:
            return float("inf")
        number = int(np.ceil(float(self.timeline.index(t_s)) / self.hop))
        later = [max(first, number) for first, power in self.hops if first + len(power) > number]
        return float(self.timeline.time((min(later) + 0.5) * self.hop)) if later else float("inf")

    def forget(self, before: int) -> None:
        """Drop seconds and hops that end before sample ``before``: nobody will ask for them again."""
        self.envelopes.clear()
        # in the order of time: what is forgotten stands first
        while self.segments and self.segments[0].end_index <= before:
            del self.segments[0]
        while self.hops and (self.hops[0][0] + len(self.hops[0][1])) * self.hop <= before:
            del self.hops[0]

    def recall(self) -> None:
        """Have what is known of all seconds in memory."""
        self.seconds.recall()
        self._faults.recall()

    def _restart(self, index: int) -> None:
        self._chain.restart()
        self._valid_from = index + self.settle
        self.end_index = self.measured_index = index

    def _collect(self, counts: NDArray[Any]) -> None:
        """Cut where seconds end, on the grid of the sample index."""
        second = self._chain.second
        while len(counts):
            left = second - self.end_index % second
            self._begun.append(counts[:left])
            self.end_index += len(self._begun[-1])
            counts = counts[left:]
            if self.end_index % second == 0:
                self._close()

    def _close(self) -> None:
        """Filter and measure the second that has begun."""
        counts, first_index = np.concatenate(self._begun), self.measured_index
        self._begun = []
        self.measured_index = self.end_index
        second, filtered = self._chain.process(counts, first_index)
        self.segments.append(Segment(first_index, self._valid_from, filtered.x))
        if len(filtered.hop_power):
            self.hops.append((filtered.first_hop, filtered.hop_power))
        if second is not None:
            self._note(second)

    def _note(self, second: Second) -> None:
        """Keep a second, and what is wrong in it."""
        self.seconds.append(second)
        if any(verdict.state in UNUSABLE for verdict in second.verdicts):
            faults = tuple(
                f"{state}: {reason}" if state in UNUSABLE else "" for state, reason, _ in second.verdicts
            )
            self._faults.append((second.first_index, second.n, faults))
