"""Foot contacts of one leg: from events, or from what repeats with each stride in its sensors' signals."""

from __future__ import annotations

from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Gait = Literal["run", "walk", "rep", "hold"]

WINDOW_S = 6.0
"""Span in which the rhythm is sought: four strides of slow walking, eight of running."""

STEP_S = 0.5
"""The window moves on by this much; each position places the contacts in its middle."""

MIN_STRENGTH = 0.25
"""Share of the envelopes' variance that has to be rhythmic where gait begins."""

GOES_ON = 0.08
"""The same where gait goes on, at about the same pace: bursts may be missing."""

MEMORY_S = 3.0
"""A rhythm that was not there for longer than this begins anew."""

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
