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


@dataclass(frozen=True, slots=True)
class RhythmChannel:
    """A muscle that takes part in finding the rhythm: where its signal is, and when it works."""

    stream: SensorStream
    column: int
    run_pct: float
    walk_pct: float


class EmgRhythm:
    """The common stride frequency and phase of a leg's muscles, from their envelopes.

    It learns when this person's muscles burst relative to each other, so that the contacts stay where they
    are when one of them falls out: the textbook places the muscles together, not each of them.
    """

    source = "emg"

    def __init__(self, channels: Sequence[RhythmChannel]) -> None:
        self._channels = list(channels)
        self._streams = list(dict.fromkeys(channel.stream for channel in channels))
        self._envelopes: dict[SensorStream, FloatArray | None] = {}
        self._seen_s = float("-inf")
        self._freq_hz: float | None = None
        self._evidence = 0.0
        self._late: dict[Gait, FloatArray] = {}
        self._weight: dict[Gait, FloatArray] = {}

    def first_s(self) -> float | None:
        """When the first of the sensors began."""
        starts = [
            float(c.stream.timeline.time(c.stream.first_index)) for c in self._channels if c.stream.timed
        ]
        return min(starts, default=None)

    def next_s(self, t_s: float) -> float:
        """When one of the sensors has a hop after ``t_s``."""
        return min((stream.next_hop_s(t_s) for stream in self._streams), default=float("inf"))

    def covers(self, begin_s: float, end_s: float) -> bool:
        """Whether one of the sensors was measured."""
        n = round((end_s - begin_s) * HOPS_PER_S)
        grid = begin_s + (np.arange(n) + 0.5) / HOPS_PER_S
        self._envelopes = {stream: envelopes_at(stream, grid) for stream in self._streams}
        return any(envelope is not None for envelope in self._envelopes.values())

    def pace(self, begin_s: float, end_s: float) -> Pace | None:
        """Of the window that was asked for last."""
        del begin_s
        columns, used = [], []
        for number, channel in enumerate(self._channels):
            envelope = self._envelopes[channel.stream]
            if envelope is not None:
                columns.append(envelope[:, channel.column])
                used.append(number)
        goes_on = end_s - self._seen_s <= MEMORY_S
        if not goes_on:
            self._freq_hz, self._evidence = None, 0.0
        chosen = np.array(used)
        rhythm = dsp.find_rhythm(
            np.column_stack(columns),
            fs=HOPS_PER_S,
            run_pct=self._centers("run")[chosen],
            walk_pct=self._centers("walk")[chosen],
            near_hz=self._freq_hz,
            evidence=self._evidence,
        )
        if rhythm.strength < MIN_STRENGTH and not (
            goes_on and rhythm.strength >= GOES_ON and rhythm.agreement >= AGREES
        ):
            return None
        self._seen_s, self._freq_hz = end_s, rhythm.freq_hz
        self._evidence += 0.2 * (rhythm.margin - self._evidence)
        self._learn(rhythm, chosen)
        return Pace(rhythm.freq_hz, rhythm.phase, rhythm.gait)

    def _centers(self, gait: Gait) -> FloatArray:
        """When each muscle is expected, % of the stride: by the textbook, moved to where it is."""
        book = np.array(
            [channel.run_pct if gait == "run" else channel.walk_pct for channel in self._channels]
        )
        late = self._late.get(gait)
        return book if late is None else book + 100.0 * late

    def _learn(self, rhythm: dsp.Rhythm, used: NDArray[np.int64]) -> None:
        """Move each muscle's time a little to where it was; on the whole they stay in place."""
        late = self._late.setdefault(rhythm.gait, np.zeros(len(self._channels)))
        weight = self._weight.setdefault(rhythm.gait, np.zeros(len(self._channels)))
        works = rhythm.weights >= 0.5 * weight[used]  # of one that has fallen out, what was known stays
        used = used[works]
        late[used] += LEARN * rhythm.late[works]
        weight[used] += LEARN * (rhythm.weights[works] - weight[used])
        total = float(np.add.reduce(weight))
        if total > 0:
            late -= float(np.add.reduce(weight * late)) / total


def envelopes_at(stream: SensorStream, grid: FloatArray) -> FloatArray | None:
    """Amplitudes (µV) of a sensor's channels at the times of ``grid``; None if a fifth is missing.

    A moment counts as measured between two hops that follow each other. The others take the mean of those,
    which carries no rhythm.
    """
    if not stream.hops or not stream.timed:
        return None
    first, last = (int(index) // stream.hop for index in stream.timeline.index(grid[[0, -1]]))
    level = np.sqrt(stream.hops_between(first - 2, last + 3))
    times = stream.timeline.time((np.arange(first - 2, last + 3) + 0.5) * stream.hop)
    left = np.searchsorted(times[1:-1], grid, side="right")
    slope = (level[1:] - level[:-1]) / (times[1:] - times[:-1])[:, np.newaxis]
    envelope = level[left] + (grid - times[left])[:, np.newaxis] * slope[left]
    there = np.isfinite(envelope[:, 0])
    if there.mean() < 0.8:
        return None
    if not there.all():
        envelope[~there] = envelope[there].mean(axis=0)
    return envelope
