"""The stride of one leg from the EMG of its muscles: the rhythm of their envelopes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.contacts import GOES_ON, MEMORY_S, MIN_STRENGTH, Gait, Pace
from emgsmr.analysis.seconds import HOPS_PER_S

FloatArray = NDArray[np.float64]

AGREES = 0.6
"""How well the muscles' order has to fit there (1 = in perfect order)."""

LEARN = 0.02
"""Part of what is new that is learned from a window: the memory is 25 s."""

ALTERNATE = 0.8
"""Mean resultant of the distance between the legs from which on one tells the other's contacts: an SD
of a tenth of a stride."""


@dataclass(frozen=True, slots=True)
class RhythmChannel:
    """A muscle that takes part in finding the rhythm: where its signal is, and when it works."""

    stream: SensorStream
    column: int
    run_pct: float
    walk_pct: float


class LegMuscles:
    """The muscles of one leg in a window, and when this person's burst relative to each other.

    That is learned, so that the contacts stay where they are when one of them falls out: the textbook places
    the muscles together, not each of them.
    """

    def __init__(self, channels: Sequence[RhythmChannel]) -> None:
        self.channels = list(channels)
        self.streams = list(dict.fromkeys(channel.stream for channel in channels))
        self.seen_s = float("-inf")
        """End of the last window in which they had a rhythm."""
        self.gait: Gait | None = None
        self.evidence = 0.0
        self._columns: list[FloatArray] = []
        self._used = np.zeros(0, dtype=np.int64)
        self._late: dict[Gait, FloatArray] = {}
        self._weight: dict[Gait, FloatArray] = {}

    @property
    def measured(self) -> bool:
        """Whether one of the sensors was measured in the window."""
        return bool(self._columns)

    def look(self, grid: FloatArray) -> None:
        """Take in the envelopes at the times of a window."""
        envelopes = {stream: envelopes_at(stream, grid) for stream in self.streams}
        columns, used = [], []
        for number, channel in enumerate(self.channels):
            envelope = envelopes[channel.stream]
            if envelope is not None:
                columns.append(envelope[:, channel.column])
                used.append(number)
        self._columns, self._used = columns, np.array(used, dtype=np.int64)

    def muscles(self) -> dsp.Muscles:
        """Those that were measured in the window."""
        return dsp.Muscles(
            np.column_stack(self._columns),
            self._centers("run")[self._used],
            self._centers("walk")[self._used],
            self.evidence,
        )

    def take(self, rhythm: dsp.Rhythm, end_s: float) -> None:
        """Learn from a rhythm that was there."""
        self.seen_s, self.gait = end_s, rhythm.gait
        self.evidence += 0.2 * (rhythm.margin - self.evidence)
        self._learn(rhythm, self._used)

    def _centers(self, gait: Gait) -> FloatArray:
        """When each muscle is expected, % of the stride: by the textbook, moved to where it is."""
        book = np.array([channel.run_pct if gait == "run" else channel.walk_pct for channel in self.channels])
        late = self._late.get(gait)
        return book if late is None else book + 100.0 * late

    def _learn(self, rhythm: dsp.Rhythm, used: NDArray[np.int64]) -> None:
        """Move each muscle's time a little to where it was; on the whole they stay in place."""
        late = self._late.setdefault(rhythm.gait, np.zeros(len(self.channels)))
        weight = self._weight.setdefault(rhythm.gait, np.zeros(len(self.channels)))
        works = rhythm.weights >= 0.5 * weight[used]  # of one that has fallen out, what was known stays
        used = used[works]
        late[used] += LEARN * rhythm.late[works]
        weight[used] += LEARN * (rhythm.weights[works] - weight[used])
        total = float(np.add.reduce(weight))
        if total > 0:
            late -= float(np.add.reduce(weight * late)) / total


class EmgRhythm:
    """The stride of a leg from its own muscles; where they fall silent for a while, from the other leg's.

    Both legs stride at one frequency, which is sought over the muscles of both. A leg in which nothing
    repeats gets its contacts from the other for `MEMORY_S`, as far from that one's as they were before. Who
    stands still moves neither leg.

    Parameters
    ----------
    channels : sequence of RhythmChannel
        Muscles of the leg.
    other : sequence of RhythmChannel
        Those of the other leg, known up to where windows are asked for; none if it is not measured.
    """

    source = "emg"

    def __init__(self, channels: Sequence[RhythmChannel], other: Sequence[RhythmChannel] = ()) -> None:
        # what is known of the other leg is this object's own: what it says depends on its windows alone,
        # not on when the other leg's contacts were asked for
        self._here, self._there = LegMuscles(channels), LegMuscles(other)
        self._seen_s = float("-inf")
        self._freq_hz: float | None = None
        self._ahead: dict[Gait, complex] = {}

    def first_s(self) -> float | None:
        """When the first of the leg's sensors began."""
        starts = [float(s.timeline.time(s.first_index)) for s in self._here.streams if s.timed]
        return min(starts, default=None)

    def next_s(self, t_s: float) -> float:
        """When one of the leg's sensors has a hop after ``t_s``."""
        return min((stream.next_hop_s(t_s) for stream in self._here.streams), default=float("inf"))

    def covers(self, begin_s: float, end_s: float) -> bool:
        """Whether one of the leg's sensors was measured."""
        n = round((end_s - begin_s) * HOPS_PER_S)
        grid = begin_s + (np.arange(n) + 0.5) / HOPS_PER_S
        for leg in (self._here, self._there):
            leg.look(grid)
        return self._here.measured

    def pace(self, begin_s: float, end_s: float) -> Pace | None:
        """Of the window that was asked for last."""
        del begin_s
        legs = [leg for leg in (self._here, self._there) if leg.measured]
        goes_on = end_s - self._seen_s <= MEMORY_S
        if not goes_on:
            self._freq_hz = None
            self._here.evidence = self._there.evidence = 0.0
        found = dsp.find_rhythms([leg.muscles() for leg in legs], fs=HOPS_PER_S, near_hz=self._freq_hz)
        for leg, rhythm in zip(legs, found, strict=True):
            if repeats(rhythm, goes_on=goes_on):
                leg.take(rhythm, end_s)
                self._seen_s, self._freq_hz = end_s, rhythm.freq_hz
        own, other = found[0], found[1] if len(found) > 1 else None
        if self._here.seen_s == end_s:
            if other is not None and self._there.seen_s == end_s:
                self._compare(own, other)
            return Pace(own.freq_hz, own.phase, own.gait)
        return self._carried(other, end_s)

    def _compare(self, own: dsp.Rhythm, other: dsp.Rhythm) -> None:
        """Learn how far this leg is ahead: half a stride, more or less."""
        if own.gait == other.gait:
            turn = complex(np.exp(2j * np.pi * (own.phase - other.phase)))
            known = self._ahead.get(own.gait, -1.0 + 0.0j)
            self._ahead[own.gait] = known + LEARN * (turn - known)

    def _carried(self, other: dsp.Rhythm | None, end_s: float) -> Pace | None:
        """From the other leg, if it strides for sure, and this one did so until recently."""
        gait = self._here.gait
        if other is None or gait != other.gait or end_s - self._here.seen_s > MEMORY_S:
            return None
        ahead = self._ahead.get(gait, -1.0 + 0.0j)
        if other.strength < MIN_STRENGTH or abs(ahead) < ALTERNATE:
            return None
        return Pace(other.freq_hz, (other.phase + float(np.angle(ahead)) / (2 * np.pi)) % 1.0, gait)


def repeats(rhythm: dsp.Rhythm, *, goes_on: bool) -> bool:
    """Whether a leg strides: its envelopes are rhythmic, or a little where there was a rhythm before."""
    return rhythm.strength >= MIN_STRENGTH or (
        goes_on and rhythm.strength >= GOES_ON and rhythm.agreement >= AGREES
    )


def envelopes_at(stream: SensorStream, grid: FloatArray) -> FloatArray | None:
    """Amplitudes (µV) of a sensor's channels at the times of ``grid``; None if a fifth is missing.

    A moment counts as measured between two hops that follow each other. The others take the mean of those,
    which carries no rhythm.
    """
    if not stream.hops or not stream.timed:
        return None
    window = (float(grid[0]), float(grid[-1]))
    if window not in stream.envelopes:  # both legs ask for the same
        stream.envelopes[window] = _interpolated(stream, grid)
    return stream.envelopes[window]


def _interpolated(stream: SensorStream, grid: FloatArray) -> FloatArray | None:
    first, last = (int(index) // stream.hop for index in stream.timeline.index(grid[:: len(grid) - 1]))
    level = np.sqrt(stream.hops_between(first - 2, last + 3))
    times = stream.timeline.time((np.arange(first - 2, last + 3) + 0.5) * stream.hop)
    left = times[1:-1].searchsorted(grid, side="right")
    slope = (level[1:] - level[:-1]) / (times[1:] - times[:-1])[:, np.newaxis]
    envelope = level[left] + (grid - times[left])[:, np.newaxis] * slope[left]
    there = np.isfinite(envelope[:, 0])
    if np.count_nonzero(there) / len(there) < 0.8:
        return None
    if not there.all():
        envelope[~there] = envelope[there].mean(axis=0)
    return envelope
