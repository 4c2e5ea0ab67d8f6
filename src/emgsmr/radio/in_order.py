"""Numbered packets in the order of their numbers: late ones are waited for, repeated ones left out."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from emgsmr.sensors import Counts

_PATIENCE_NS = 300_000_000


class Arrival(NamedTuple):
    """A packet as it came; ``opens`` and ``ends`` its notification."""

    ns: int
    counter: int | None
    counts: Counts
    opens: bool = True
    ends: bool = True


class Numbered(NamedTuple):
    """A packet whose place is known.

    Attributes
    ----------
    first : int
        Index of its first sample.
    counts : ndarray, shape (n_samples, n_channels)
    arrival_ns : int
    opens, ends : bool
        Whether it is the first, the last of its notification.
    estimated : int
        How many samples before it are missing by an estimate.
    """

    first: int
    counts: Counts
    arrival_ns: int
    opens: bool = True
    ends: bool = True
    estimated: int = 0


class InOrder:
    """Hands packets on in their order.

    Parameters
    ----------
    late : int
        Behind how many packets a late one may come; after a jump so many are waited for.

    Attributes
    ----------
    end : int
        Index after the last sample that was handed on.
    repeated : int
        Samples that came again, or too late.

    Examples
    --------
    >>> import numpy as np
    >>> order = InOrder(late=3)
    >>> packets = [Numbered(index, np.full((10, 1), index), 0) for index in (0, 20, 20, 10, 30)]
    >>> [[ready.first for ready in order.put(packet)] for packet in packets], order.repeated
    ([[0], [], [], [10, 20], [30]], 10)
    """

    def __init__(self, *, late: int) -> None:
        self.end = 0
        self.repeated = 0
        self._late = late
        self._waiting: list[Numbered] = []

    def put(self, packet: Numbered) -> list[Numbered]:
        """Take a packet; give those whose turn it is."""
        n = len(packet.counts)
        if packet.first == self.end and not self._waiting:
            self.end += n
            return [packet]
        stop = packet.first + n
        if stop <= self.end or any(
            waiting.first <= packet.first and stop <= waiting.first + len(waiting.counts)
            for waiting in self._waiting
        ):
            self.repeated += n
            return []
        # what was left out within one notification cannot come later
        late = self._late if packet.opens or self._waiting else 0
        self._waiting.append(packet)
        self._waiting.sort(key=lambda waiting: waiting.first)
        return self._ready(late, packet.arrival_ns)

    def flush(self) -> list[Numbered]:
        """Give what waits; what is missing will not come."""
        return self._ready(0, 0)

    def _ready(self, late: int, now_ns: int) -> list[Numbered]:
        ready = []
        waiting = self._waiting
        while waiting and (
            waiting[0].first <= self.end
            or len(waiting) > late
            or now_ns - waiting[0].arrival_ns > _PATIENCE_NS
        ):
            packet = waiting.pop(0)
            old = min(max(0, self.end - packet.first), len(packet.counts))
            if old:
                self.repeated += old
                packet = packet._replace(first=packet.first + old, counts=packet.counts[old:])
            if len(packet.counts):
                self.end = packet.first + len(packet.counts)
                ready.append(packet)
        return ready
