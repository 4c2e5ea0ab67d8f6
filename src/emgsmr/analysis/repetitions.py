"""Cycles that are no gait: repetitions of an exercise, and windows of a held contraction, from the EMG alone.

Both look at all muscles of a side together (`emgsmr.dsp.joint_activation`), on a grid of 20 ms of the
recording's clock, so that each sensor keeps its own rate and clock.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.contacts import Contact, Gait
from emgsmr.analysis.seconds import HOPS_PER_S

FloatArray = NDArray[np.float64]

HOLD_S = 0.5
"""Windows of a held contraction. Twenty of them are in ten seconds, enough for a slope; a mean frequency from
one scatters by 6 % and an amplitude by 5 %, which the slope averages; at most half a second is lost at each
end and at a gap. In shorter ones the taper would smear the spectrum by more than 4 Hz."""

HOLD_STARTUP_S = 30.0
"""A held contraction is told from quiet within this time of the start, or at the end of the recording."""

HOLD_CONTRAST_DB = 10.0
"""Quiet is a tenth of the contraction's power or less; else it is the same contraction, a little weaker."""

ACTIVE = 0.5
"""Activation from which a window counts as held: half way, in dB, from quiet to the usual contraction."""

LONG_GAP_S = 60.0
"""After a longer gap everything begins anew."""

PIECE = 500
"""Frames that are read at once."""

FAULTS = {
    "cut": "cut off: began before, or went on after, the signal that there is",
    "long": "longer than 30 s: no repetition",
}


@dataclass(frozen=True, slots=True)
class ActiveChannel:
    """A muscle that takes part: its site, and where its signal is."""

    site: str
    stream: SensorStream
    column: int


class _Cycles(ABC):
    """What repetitions and windows share: frames of power in the order of time, with a start after a gap."""

    source = ""
    _gait: Gait

    def __init__(self, channels: list[ActiveChannel], *, from_s: float = float("-inf")) -> None:
        self._channels = channels
        self._streams = list(dict.fromkeys(channel.stream for channel in channels))
        self._from_s = from_s
        self.to_s = float("inf")  # signal after this is not looked at; may be told as it comes
        self._next: int | None = None
        self._first = self._missing = 0
        self._restart()

    def until(self, t_s: float) -> list[Contact]:
        """New cycles, from the signal up to ``t_s``."""
        t_s = min(t_s, self.to_s)
        if not self._channels or not np.isfinite(t_s):
            return []
        if self._next is None:
            starts = [float(s.timeline.time(s.first_index)) for s in self._streams if s.timed]
            if not starts:
                return []
            self._next = self._first = int(np.ceil(max(min(starts), self._from_s) * HOPS_PER_S))
        end = int(np.floor(t_s * HOPS_PER_S))
        found: list[Contact] = []
        while self._next < end:
            found += self._go_on(min(self._next + PIECE, end), end)
        return found

    def finish(self) -> list[Contact]:
        """No more signal will come."""
        return self._take(np.empty((0, len(self._channels))), last=True) if self._next is not None else []

    @property
    def needed_from_s(self) -> float:
        """Signal before this time is not read again."""
        return float("-inf") if self._next is None else min(self._pending(), self._next) / HOPS_PER_S - 0.1

    def gait(self, start_s: float, end_s: float) -> Gait | None:
        """The same for all."""
        del start_s, end_s
        return self._gait

    def _go_on(self, stop: int, end: int) -> list[Contact]:
        """Take in frames from the next one to ``stop`` at most; ``end``: how far the signal is known."""
        first = self._next
        assert first is not None
        power = power_at(self._channels, np.arange(first, stop))
        there = np.asarray(np.isfinite(power).any(axis=1))
        longest = round(LONG_GAP_S * HOPS_PER_S)
        if self._missing >= longest:  # in a long gap: go on where there is signal again
            if not there.any():
                signal_s = min(stream.next_hop_s((stop - 0.5) / HOPS_PER_S) for stream in self._streams)
                self._next = self._first = max(stop, int(min(signal_s * HOPS_PER_S - 1, end)))
                return []
            begin = int(np.argmax(there))
            self._missing, self._first, self._next = 0, first + begin, first + begin
            return []
        run = self._missing
        for n, seen in enumerate(there, 1):
            run = 0 if seen else run + 1
            if run >= longest:  # the same frame ends it however the frames were cut
                found = [*self._take(power[:n]), *self._take(power[:0], last=True)]
                self._restart()
                self._missing, self._first, self._next = run, first + n, first + n
                return found
        self._missing, self._next = run, stop
        return self._take(power)

    def _restart(self) -> None:
        """Forget what was learned."""
        self._activation: dsp.ActivationState | None = None

    @abstractmethod
    def _pending(self) -> int:
        """First frame that a cycle still to come may hold."""

    @abstractmethod
    def _take(self, power: FloatArray, *, last: bool = False) -> list[Contact]:
        """Take in frames of power."""

    def _contact(self, start: int, end: int, quiet: FloatArray, reason: str = "") -> Contact:
        levels = {c.site: float(q) for c, q in zip(self._channels, quiet, strict=True)}
        begin, stop = (self._first + start) / HOPS_PER_S, (self._first + end) / HOPS_PER_S
        return Contact(begin, self._gait, self.source, end_s=stop, reason=reason, quiet=levels)


class BurstContacts(_Cycles):
    """Repetitions: the bursts of the muscles of a side together, each from its rise to its fall.

    A burst is final 3 s after its end, and 10 s after the start of the recording; see
    `emgsmr.dsp.joint_activation` and `emgsmr.dsp.find_bursts`.
    """

    source = "bursts"
    _gait: Gait = "rep"

    def _restart(self) -> None:
        super()._restart()
        self._bursts: dsp.BurstState | None = None
        self._quiet = np.full(len(self._channels), np.nan)

    def _pending(self) -> int:
        return self._first + (0 if self._bursts is None else self._bursts.needed_from)

    def _take(self, power: FloatArray, *, last: bool = False) -> list[Contact]:
        activation, quiet, self._activation = dsp.joint_activation(
            power, fs=HOPS_PER_S, state=self._activation, last=last
        )
        begin = 0 if self._bursts is None else self._bursts.frame
        bursts, self._bursts = dsp.find_bursts(activation, fs=HOPS_PER_S, state=self._bursts, last=last)
        # the quiet level as it was known when the burst ended
        known = np.concatenate([self._quiet[np.newaxis], quiet])
        self._quiet = known[-1]
        return [
            self._contact(b.start, b.end, known[max(b.end - begin, 0)], FAULTS.get(b.fault, ""))
            for b in bursts
        ]


class HoldContacts(_Cycles):
    """Windows of `HOLD_S` on the grid of time, in which one of a side's muscles is held tight throughout.

    Where no muscle shows a quiet level, ten times weaker than the rest, all of the signal counts. A window is
    final 3 s after its end, and 30 s after the start of the recording.
    """

    source = "windows"
    _gait: Gait = "hold"

    def _restart(self) -> None:
        super()._restart()
        self._left = (np.empty(0), np.empty((0, len(self._channels))))
        self._done = 0

    def _pending(self) -> int:
        return self._first + self._done

    def _take(self, power: FloatArray, *, last: bool = False) -> list[Contact]:
        activation, quiet, self._activation = dsp.joint_activation(
            power,
            fs=HOPS_PER_S,
            startup_s=HOLD_STARTUP_S,
            min_contrast_db=HOLD_CONTRAST_DB,
            any_muscle=True,
            state=self._activation,
            last=last,
        )
        activation = np.concatenate([self._left[0], activation])
        quiet = np.concatenate([self._left[1], quiet])
        size = round(HOLD_S * HOPS_PER_S)
        skip = -(self._first + self._done) % size  # windows lie on the grid of time
        found = []
        start = skip
        while start + size <= len(activation):
            frames, level = activation[start : start + size], quiet[start]
            if frames.min() > ACTIVE:  # not where some are missing
                found.append(self._contact(self._done + start, self._done + start + size, level))
            start += size
        start = min(start, len(activation))
        self._left = (activation[start:].copy(), quiet[start:].copy())
        self._done += start
        return found


def power_at(channels: list[ActiveChannel], frames: NDArray[np.int64]) -> FloatArray:
    """Power (µV²) of each channel in frames of 20 ms of the recording's clock; NaN where there is none.

    Each frame takes the hop of the sensor that holds its middle; hops in which a filter settles do not count.
    """
    power = np.full((len(frames), len(channels)), np.nan)
    times = (frames + 0.5) / HOPS_PER_S
    for stream in dict.fromkeys(channel.stream for channel in channels):
        if not stream.hops or not stream.timed:
            continue
        at = np.floor(stream.timeline.index(times) / stream.hop).astype(np.int64)
        known = stream.hops_between(int(at[0]), int(at[-1]) + 1)[at - at[0]]
        settled = np.zeros(len(at), dtype=bool)
        for segment in stream.segments:
            settled |= (at * stream.hop >= segment.valid_from) & (at * stream.hop < segment.end_index)
        known[~settled] = np.nan
        for k, channel in enumerate(channels):
            if channel.stream is stream:
                power[:, k] = known[:, channel.column]
    return power
