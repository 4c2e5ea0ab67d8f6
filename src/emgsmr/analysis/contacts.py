"""Foot contacts of one leg: from events, or from what repeats with each stride in its sensors' signals."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.channels import HOPS_PER_S, SensorStream

FloatArray = NDArray[np.float64]
Gait = Literal["run", "walk"]

WINDOW_S = 6.0
"""Span in which the rhythm is sought: four strides of slow walking, eight of running."""

STEP_S = 0.5
"""The window moves on by this much; each position places the contacts in its middle."""

MIN_STRENGTH = 0.25
"""Share of the envelopes' variance that has to be rhythmic where gait begins."""

GOES_ON = 0.08
"""The same where gait goes on, at about the same pace: bursts may be missing."""

AGREES = 0.6
"""How well the muscles' order has to fit there (1 = in perfect order)."""

MEMORY_S = 3.0
"""A rhythm that was not there for longer than this begins anew."""

WALK_DURATION_S = 0.87
"""A stride without other evidence that takes longer is walking (138 steps/min)."""


@dataclass(frozen=True, slots=True)
class Contact:
    """One foot contact; ``gait`` as far as the source of the contact can tell."""

    t_s: float
    gait: Gait | None = None
    source: str = ""


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


class Pace(NamedTuple):
    """Where contacts lie in a window: strides per second, strides since a contact at its middle, and gait."""

    freq_hz: float
    phase: float
    gait: Gait | None


class Rhythm(Protocol):
    """Something that repeats with each stride, and can tell from a window where the contacts lie in it."""

    @property
    def source(self) -> str:
        """Name of it in the table of strides."""

    def first_s(self) -> float | None:
        """When its first signal began; None if nothing has come yet."""

    def next_s(self, t_s: float) -> float:
        """When there is signal again after ``t_s``; infinity if not known."""

    def covers(self, begin_s: float, end_s: float) -> bool:
        """Whether enough of a window was measured to say whether there is a rhythm."""

    def pace(self, begin_s: float, end_s: float) -> Pace | None:
        """What it says of a window that it `covers`; None if nothing repeats."""


class WindowContacts:
    """Contacts from the first of some rhythms that covers a window, every half second.

    A contact is final once the window whose middle is nearest has passed, three seconds after it. The first
    window also places the contacts in its first half, the last those in its second.

    Parameters
    ----------
    rhythms : sequence of Rhythm
        The best first; another is asked where those before it were not measured (a sensor is lost), not where
        they say that nothing repeats.
    """

    def __init__(self, rhythms: Sequence[Rhythm]) -> None:
        self.rhythms = tuple(rhythms)
        self._next_step: int | None = None
        self._first_step = 0
        self._last = float("-inf")
        self._newest: tuple[Pace, str] | None = None  # what the window before said

    @property
    def source(self) -> str:
        """Of contacts that do not say it themselves."""
        return self.rhythms[0].source if self.rhythms else ""

    def until(self, t_s: float) -> list[Contact]:
        """New contacts, from the windows that end by ``t_s``."""
        if not self.rhythms or not np.isfinite(t_s):
            return []
        if self._next_step is None:
            starts = [start for rhythm in self.rhythms if (start := rhythm.first_s()) is not None]
            if not starts:
                return []
            self._next_step = self._first_step = int(np.ceil((min(starts) + WINDOW_S) / STEP_S))
        found = []
        while self._next_step * STEP_S <= t_s:
            end_s = self._next_step * STEP_S
            contacts = self._window(end_s)
            found += contacts
            self._next_step += 1
            if not contacts:  # a gap may last for hours: go on where there is signal again
                signal_s = min(rhythm.next_s(end_s - WINDOW_S) for rhythm in self.rhythms)
                self._next_step = max(self._next_step, int(min(signal_s, t_s) / STEP_S))
        return found

    def finish(self) -> list[Contact]:
        """No window will come after the last: it places the contacts up to its end."""
        if self._next_step is None or self._next_step <= self._first_step or self._newest is None:
            return []
        end_s = (self._next_step - 1) * STEP_S
        return self._placed(*self._newest, end_s, end_s - WINDOW_S / 2, end_s)

    @property
    def needed_from_s(self) -> float:
        """Signals before this time are not read again."""
        if self._next_step is None:
            return float("-inf")
        return self._next_step * STEP_S - WINDOW_S - 0.1

    def gait(self, start_s: float, end_s: float) -> Gait | None:
        """Told by the contacts themselves."""
        del start_s, end_s
        return None

    def _window(self, end_s: float) -> list[Contact]:
        """What the next window adds."""
        self._newest = None
        for rhythm in self.rhythms:
            if rhythm.covers(end_s - WINDOW_S, end_s):
                pace = rhythm.pace(end_s - WINDOW_S, end_s)
                if pace is None:
                    return []
                self._newest = (pace, rhythm.source)
                break
        if self._newest is None:
            return []
        middle = end_s - WINDOW_S / 2
        # a little overlap, so that a contact on the seam of two windows is not missed; the spacing rules out
        # doubles
        first = end_s == self._first_step * STEP_S
        begin = end_s - WINDOW_S if first else middle - STEP_S / 2 - 0.1 / self._newest[0].freq_hz
        return self._placed(*self._newest, end_s, begin, middle + STEP_S / 2)

    def _placed(self, pace: Pace, source: str, end_s: float, begin: float, end: float) -> list[Contact]:
        middle = end_s - WINDOW_S / 2
        first = int(np.ceil((begin - middle) * pace.freq_hz + pace.phase))
        last = int(np.floor((end - middle) * pace.freq_hz + pace.phase))
        found = []
        for turn in range(first, last + 1):
            t = middle + (turn - pace.phase) / pace.freq_hz
            if t - self._last > 0.6 / pace.freq_hz:
                found.append(Contact(t, pace.gait, source))
                self._last = t
        return found


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
        late[used] += LEARN * rhythm.late
        weight[used] += LEARN * (rhythm.weights - weight[used])
        total = float(np.add.reduce(weight))
        if total > 0:
            late -= float(np.add.reduce(weight * late)) / total


LEARN = 0.02
"""Part of what is new that is learned from a window: the memory is 25 s."""


class RhythmContacts(WindowContacts):
    """Contacts from the EMG alone."""

    def __init__(self, channels: Sequence[RhythmChannel]) -> None:
        super().__init__([EmgRhythm(channels)] if channels else [])


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
