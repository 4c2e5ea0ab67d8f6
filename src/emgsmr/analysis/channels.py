"""One sensor's way through the pipeline: raw counts to filtered µV, hop powers and quality of each second.

What a `SensorStream` gives is a function of this sensor's samples alone, not of how they were cut into
blocks.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.quality import UNUSABLE, judge
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.timeline import Timeline
from emgsmr.dsp import SignalMeasures
from emgsmr.recording import SampleBlock, SensorInfo

FloatArray = NDArray[np.float64]

HOPS_PER_S = 50
"""Rate of the hop powers from which the rhythm of gait is found."""


@dataclass(frozen=True, slots=True, eq=False)
class Segment:
    """Filtered samples without a gap; those before ``valid_from`` still hold the filter's start-up."""

    first_index: int
    valid_from: int
    x: FloatArray

    @property
    def end_index(self) -> int:
        """Index after the last sample."""
        return self.first_index + len(self.x)


class SensorStream:
    """Filters and measures one sensor's placed channels; keeps the filtered signal until told to forget it.

    Parameters
    ----------
    info : SensorInfo
    channels : sequence of int
        Channels (from 0) that have a site.
    timeline : Timeline
    settings : Settings
    """

    def __init__(self, info: SensorInfo, channels: list[int], timeline: Timeline, settings: Settings) -> None:
        self.info = info
        self.channels = channels
        self.settings = settings
        self.timeline = timeline
        self.fs = info.rate_hz
        self._sos = dsp.design_bandpass(
            low_hz=settings.low_hz, high_hz=settings.high_hz, fs=self.fs, order=settings.filter_order
        )
        self.settle = dsp.settling_samples(self._sos)
        self.delay_s = dsp.burst_delay_s(self._sos, fs=self.fs)
        self.hop = max(round(self.fs / HOPS_PER_S), 1)
        self.second = max(round(self.fs), 1)
        self._mains = (settings.mains_hz,) if settings.mains_hz else (50.0, 60.0)
        self._filter_state: FloatArray | None = None
        self._hop_state: FloatArray | None = None
        self._raw_tail: NDArray[Any] | None = None
        self.first_index: int | None = None
        self.end_index = 0
        self.segments: list[Segment] = []
        self.hops: list[tuple[int, FloatArray]] = []
        self.seconds: list[tuple[int, int, SignalMeasures]] = []
        self._faults: list[tuple[int, int, tuple[str, ...]]] = []
        self.gaps: list[tuple[int, int]] = []
        self.restarts = 0

    def feed(self, block: SampleBlock) -> None:
        """Take in the next block; a jump of the index restarts the filter."""
        if block.n == 0 and len(block.arrivals) == 0:
            return
        if self.first_index is None:
            self.first_index = self.end_index = block.first_index
        self.timeline.advance(block.arrivals, first_index=self.first_index, end_index=block.end_index)
        if block.n == 0:
            return
        if block.first_index < self.end_index:  # recorded twice: keep the first
            repeated = min(self.end_index - block.first_index, block.n)
            block = block.cut(repeated)[1]
            if block.n == 0:
                return
        if block.first_index > self.end_index:
            self._close_second()
            self.gaps.append((self.end_index, block.first_index))
            self._filter_state = self._hop_state = None
            self.restarts += 1
        counts = np.ascontiguousarray(block.counts[:, self.channels])
        x, self._filter_state = dsp.bandpass(
            counts * self.info.scale_uv, sos=self._sos, state=self._filter_state
        )
        fresh = not self.segments or self.segments[-1].end_index != block.first_index
        self._keep(block.first_index, x, fresh=fresh)
        self._measure_hops(block.first_index, x)
        self._measure_seconds(block.first_index, counts)
        self.end_index = block.end_index

    def finish(self) -> None:
        """Close the last, partial second."""
        self._close_second()

    @property
    def measured_index(self) -> int:
        """Index up to which the signal's quality is known."""
        return self.end_index - (0 if self._raw_tail is None else len(self._raw_tail))

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

    def read(self, first: int, stop: int) -> FloatArray | None:
        """Filtered samples ``first..stop`` (n_samples, n_channels), or None at a gap or start-up."""
        for segment in reversed(self.segments):
            if segment.valid_from <= first and stop <= segment.end_index:
                return segment.x[first - segment.first_index : stop - segment.first_index]
        return None

    def hops_between(self, first: int, stop: int) -> FloatArray:
        """Power of the hops ``first..stop`` (n_hops, n_channels), µV²; NaN where there is none."""
        power = np.full((stop - first, len(self.channels)), np.nan)
        for start, known in self.hops:
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
        """Drop the filtered signal and the hops before sample ``before``: nobody will ask for them again."""
        kept = []
        for segment in self.segments:
            if segment.end_index <= before and segment is not self.segments[-1]:
                continue
            cut = min(max(before - segment.first_index, 0), len(segment.x))
            start = segment.first_index + cut
            kept.append(Segment(start, max(start, segment.valid_from), segment.x[cut:]) if cut else segment)
        self.segments = kept
        hops = []
        for first, power in self.hops:
            skip = max(before // self.hop - first, 0)
            if skip < len(power):
                hops.append((first + skip, power[skip:]) if skip else (first, power))
        self.hops = hops

    def _keep(self, first_index: int, x: FloatArray, *, fresh: bool) -> None:
        if fresh:
            self.segments.append(Segment(first_index, first_index + self.settle, x))
        else:
            last = self.segments[-1]
            self.segments[-1] = Segment(last.first_index, last.valid_from, np.concatenate([last.x, x]))

    def _measure_hops(self, first_index: int, x: FloatArray) -> None:
        power, first_hop, self._hop_state = dsp.hop_power(
            x, first_index=first_index, hop=self.hop, state=self._hop_state
        )
        if not len(power):
            return
        if self.hops and self.hops[-1][0] + len(self.hops[-1][1]) == first_hop:
            first_hop, before = self.hops.pop()
            power = np.concatenate([before, power])
        self.hops.append((first_hop, power))

    def _measure_seconds(self, first_index: int, counts: NDArray[Any]) -> None:
        """Quality of each whole second on the grid of the sample index."""
        if self._raw_tail is not None and len(self._raw_tail):
            first_index -= len(self._raw_tail)
            counts = np.concatenate([self._raw_tail, counts])
        first_whole = -(-first_index // self.second) * self.second
        if first_index != first_whole and first_whole <= first_index + len(counts):
            # after a start or a gap: the rest of the second that had begun
            self._measure(counts[np.newaxis, : first_whole - first_index], first_index)
            counts, first_index = counts[first_whole - first_index :], first_whole
        n = len(counts) // self.second if first_index == first_whole else 0
        if n:
            whole = counts[: n * self.second].reshape(n, self.second, counts.shape[1])
            for k in range(n):  # one at a time: the same bits however many come together
                self._measure(whole[k : k + 1], first_index + k * self.second)
        self._raw_tail = counts[n * self.second :].copy()

    def _close_second(self) -> None:
        """Measure what there is of a second that a gap or the end cut short."""
        if self._raw_tail is not None and len(self._raw_tail):
            self._measure(self._raw_tail[np.newaxis], self.end_index - len(self._raw_tail))
        self._raw_tail = None

    def _measure(self, counts: NDArray[Any], first_index: int) -> None:
        if counts.shape[1] < max(self.second // 10, 8):
            return  # too short to say anything
        n = counts.shape[1]
        measures = dsp.signal_measures(counts, fs=self.fs, mains_hz=self._mains, rails=self.info.rails)
        self.seconds.append((first_index, n, measures))
        judged = [judge(measures, column) for column in range(len(self.channels))]
        if any(state in UNUSABLE for state, _ in judged):
            faults = tuple(f"{state}: {reason}" if state in UNUSABLE else "" for state, reason in judged)
            self._faults.append((first_index, n, faults))
