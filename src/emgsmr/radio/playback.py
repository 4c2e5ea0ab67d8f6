"""What an emulated sensor has to send, and what of it is due."""

from __future__ import annotations

import bisect
import math
from array import array
from typing import TYPE_CHECKING

import numpy as np

from emgsmr.radio.played import sent_ranges
from emgsmr.sensors import Facts, Family

if TYPE_CHECKING:
    from collections.abc import Iterator

    from numpy.typing import NDArray

    from emgsmr.radio.played import PlayedSensor
    from emgsmr.sensors import Answer, Notification

_FIRMWARE = "00002a26-0000-1000-8000-00805f9b34fb"
_SOFTWARE = "00002a28-0000-1000-8000-00805f9b34fb"


class Playback:
    """The sensor's end of its connections, and where it stands in what it plays.

    Parameters
    ----------
    played : PlayedSensor

    Attributes
    ----------
    sent_samples : int
        EMG samples whose notifications left.
    """

    def __init__(self, played: PlayedSensor) -> None:
        self.played = played
        self.sent_samples = 0
        self._starts, self._sent = _packets(played)
        self._reading_s = [t_s for t_s, _ in played.readings]
        self._next = self._next_reading = 0
        self._counter_origin = 0
        self.connect()

    def connect(self) -> None:
        """Forget what the last connection made the protocol remember."""
        played = self.played
        self._unit = played.family.unit(
            Facts(
                firmware=played.information.get(_FIRMWARE, ""),
                software=played.information.get(_SOFTWARE, ""),
                channels=played.counts.shape[1],
            )
        )

    def rewrite(self, played: PlayedSensor) -> None:
        """Play something else from the next packet on; what was sent already has to be the same in both."""
        self.played = played
        sent = self._starts[self._next] if self._next < len(self._starts) else len(played.counts)
        readings_s = self._reading_s[self._next_reading - 1] if self._next_reading else -math.inf
        self._starts, self._sent = _packets(played)
        self._reading_s = [t_s for t_s, _ in played.readings]
        self._next = bisect.bisect_left(self._starts, sent)
        self._next_reading = bisect.bisect_right(self._reading_s, readings_s)

    def answer(self, uuid: str, data: bytes) -> Answer:
        """Obey a command."""
        return self._unit.answer(uuid, data)

    def start(self, now_s: float | None) -> None:
        """Go on with the first packet that begins at a time of the play; None = the play has not begun."""
        played = self.played
        if now_s is not None:
            taken = math.ceil((now_s - played.t0_s) * played.rate_hz)
            self._next = bisect.bisect_left(self._starts, taken)
            self._next_reading = bisect.bisect_left(self._reading_s, now_s)
        restarts = isinstance(played.family, Family) and played.family.counter_restarts
        if restarts and self._next < len(self._starts):
            self._counter_origin = self._starts[self._next]

    @property
    def exhausted(self) -> bool:
        """Whether all that it plays was sent or its time has passed."""
        return self._next >= len(self._starts) and self._next_reading >= len(self._reading_s)

    def due(self, now_s: float, *, silent: bool) -> Iterator[Notification]:
        """Notifications that are complete by a time of the play; none leaves a silent sensor."""
        played = self.played
        while self._next_reading < len(self._reading_s) and self._reading_s[self._next_reading] <= now_s:
            _, reading = played.readings[self._next_reading]
            self._next_reading += 1
            if not silent:
                yield from self._unit.encode_reading(reading)
        n = played.emg.samples_per_packet if self._starts else 0
        while self._next < len(self._starts):
            start, sent = self._starts[self._next], self._sent[self._next]
            if played.t0_s + (start + n - 1) / played.rate_hz > now_s:  # its last sample is not taken yet
                return
            self._next += 1
            # what the air will lose is made, too: a counter, a clock, a stream of bytes go on
            made = self._unit.encode(start - self._counter_origin, played.counts[start : start + n])
            if sent and not silent:
                self.sent_samples += n
                yield from made


def _packets(played: PlayedSensor) -> tuple[array[int], NDArray[np.bool_]]:
    """First samples of all packets, and whether each is sent; a long session has millions of them."""
    if not isinstance(played.family, Family):
        return array("q"), np.empty(0, dtype=bool)
    n = played.family.samples_per_packet
    sent = [np.arange(first, stop, n) for first, stop in sent_ranges(played)]
    lost = [np.arange(first, stop - n + 1, n) for first, stop in played.lost]
    starts = np.concatenate([np.empty(0, dtype=np.int64), *sent, *lost])
    order = np.argsort(starts, kind="stable")
    is_sent = np.arange(len(starts)) < sum(len(part) for part in sent)
    return array("q", starts[order].astype(np.int64).tobytes()), is_sent[order]
