"""Foot contacts of one leg: from events, or from the rhythm of the EMG itself."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal, Protocol

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.seconds import HOPS_PER_S

FloatArray = NDArray[np.float64]
Gait = Literal["run", "walk", "rep", "hold"]

WINDOW_S = 6.0
"""Span in which the rhythm is sought: four strides of slow walking, eight of running."""

STEP_S = 0.5
"""The window moves on by this much; each position places the contacts in its middle."""

MIN_STRENGTH = 0.25
"""Share of the envelopes' variance that has to be rhythmic."""

WALK_DURATION_S = 0.87
"""A stride without other evidence that takes longer is walking (138 steps/min)."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One foot contact; ``gait`` as far as the source of the contact can tell.

    With ``end_s`` it is a cycle of its own, such as a repetition of an exercise: from ``t_s`` to there.
    ``reason``: why it cannot be used. ``quiet``: the quiet level of each site as its source knows it (µV²).
    """

    t_s: float
    gait: Gait | None = None
    source: str = ""
    end_s: float | None = None
    reason: str = ""
    quiet: Mapping[str, float] = field(default_factory=dict)


class ContactSource(Protocol):
    """Where contacts come from, in the order of time, as far as the signals have come."""

    @property
    def source(self) -> str:
        """Name of it in the table of strides."""

    def until(self, t_s: float) -> list[Contact]:
        """Contacts not handed out yet, as far as they are known from the signals up to ``t_s``."""

    def finish(self) -> list[Contact]:
        """Those that are left, since no more signal will come."""

    @property
    def needed_from_s(self) -> float:
        """Signal before this time is not read again."""

    def gait(self, start_s: float, end_s: float) -> Gait | None:
        """Of a stride, if it is known."""


class EventContacts:
    """Contacts that the recording states; a toe-off in between tells running from walking."""

    source = "events"
    needed_from_s = float("inf")

    def __init__(self) -> None:
        self._contacts: deque[float] = deque()
        self._toe_offs: list[float] = []

    def add(self, t_s: float, *, toe_off: bool = False) -> None:
        """Take in an event, in the order of time."""
        if toe_off:
            self._toe_offs.append(t_s)
        else:
            self._contacts.append(t_s)

    def until(self, t_s: float) -> list[Contact]:
        """Contacts not handed out yet, up to ``t_s``."""
        found = []
        while self._contacts and self._contacts[0] <= t_s:
            found.append(Contact(self._contacts.popleft()))
        return found

    def finish(self) -> list[Contact]:
        """All have been handed out."""
        return []

    def gait(self, start_s: float, end_s: float) -> Gait | None:
        """From the share of stance in a stride: more than half is walking."""
        for toe_off in self._toe_offs:
            if start_s < toe_off < end_s:
                return "walk" if (toe_off - start_s) > 0.5 * (end_s - start_s) else "run"
        return None


@dataclass(frozen=True, slots=True)
class RhythmChannel:
    """A muscle that takes part in finding the rhythm: where its signal is, and when it works."""

    stream: SensorStream
    column: int
    run_pct: float
    walk_pct: float


class RhythmContacts:
    """Contacts from the EMG: the common stride frequency and phase of a leg's muscles, every half second.

    A contact is final once the window whose middle is nearest has passed, three seconds after it. The first
    window also places the contacts in its first half, the last those in its second.
    """

    source = "emg"

    def __init__(self, channels: list[RhythmChannel]) -> None:
        self._channels = channels
        self._streams = list(dict.fromkeys(channel.stream for channel in channels))
        self._next_step: int | None = None
        self._first_step = 0
        self._last = float("-inf")

    def until(self, t_s: float) -> list[Contact]:
        """New contacts, from the windows that end by ``t_s``."""
        if not self._channels or not np.isfinite(t_s):
            return []
        if self._next_step is None:
            first_s = self._first_s()
            if first_s is None:
                return []
            self._next_step = self._first_step = int(np.ceil((first_s + WINDOW_S) / STEP_S))
        found = []
        while self._next_step * STEP_S <= t_s:
            end_s = self._next_step * STEP_S
            contacts = self._contacts(end_s)
            found += contacts
            self._next_step += 1
            if not contacts:  # a gap may last for hours: go on where there is signal again
                signal_s = min(stream.next_hop_s(end_s - WINDOW_S) for stream in self._streams)
                self._next_step = max(self._next_step, int(min(signal_s, t_s) / STEP_S))
        return found

    def finish(self) -> list[Contact]:
        """No window will come after the last: it places the contacts up to its end."""
        if self._next_step is None or self._next_step <= self._first_step:
            return []
        return self._contacts((self._next_step - 1) * STEP_S, until_end=True)

    @property
    def needed_from_s(self) -> float:
        """Hops before this time are not read again."""
        if self._next_step is None:
            return float("-inf")
        return (self._next_step - 1) * STEP_S - WINDOW_S - 0.1  # `finish` looks at the last window again

    def gait(self, start_s: float, end_s: float) -> Gait | None:
        """Told by the contacts themselves."""
        del start_s, end_s
        return None

    def _first_s(self) -> float | None:
        """When the first of the sensors began; None if none has sent anything yet."""
        starts = [
            float(c.stream.timeline.time(c.stream.first_index)) for c in self._channels if c.stream.timed
        ]
        return min(starts, default=None)

    def _contacts(self, end_s: float, *, until_end: bool = False) -> list[Contact]:
        grid = end_s - WINDOW_S + (np.arange(round(WINDOW_S * HOPS_PER_S)) + 0.5) / HOPS_PER_S
        envelopes = {stream: envelopes_at(stream, grid) for stream in self._streams}
        columns, centers = [], []
        for channel in self._channels:
            envelope = envelopes[channel.stream]
            if envelope is not None:
                columns.append(envelope[:, channel.column])
                centers.append((channel.run_pct, channel.walk_pct))
        if not columns:
            return []
        run_pct, walk_pct = np.array(centers).T
        rhythm = dsp.find_rhythm(np.column_stack(columns), fs=HOPS_PER_S, run_pct=run_pct, walk_pct=walk_pct)
        if rhythm.strength < MIN_STRENGTH:
            return []
        middle = end_s - WINDOW_S / 2
        # a little overlap, so that a contact on the seam of two windows is not missed; the spacing rules out
        # doubles
        overlap = 0.1 / rhythm.freq_hz
        begin = middle - STEP_S / 2 - overlap if end_s > self._first_step * STEP_S else end_s - WINDOW_S
        end = end_s if until_end else middle + STEP_S / 2
        first = int(np.ceil((begin - middle) * rhythm.freq_hz + rhythm.phase))
        found = []
        last = int(np.floor((end - middle) * rhythm.freq_hz + rhythm.phase))
        for turn in range(first, last + 1):
            t = middle + (turn - rhythm.phase) / rhythm.freq_hz
            if t - self._last > 0.6 / rhythm.freq_hz:
                found.append(Contact(t, rhythm.gait))
                self._last = t
        return found


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
