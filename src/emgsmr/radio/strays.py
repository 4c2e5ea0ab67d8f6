"""Packets whose counters make no sense: garbage, or the sensor has begun to count anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgsmr.errors import PacketError

if TYPE_CHECKING:
    from collections.abc import Callable

    from emgsmr.radio.in_order import Arrival
    from emgsmr.sensors import Counts

_CONFIRMED = 3  # packets that go on from each other are no garbage
_LOST = 4  # packets that may be missing between two of them


class Strays:
    """Keeps strays until they confirm each other.

    Parameters
    ----------
    modulus : int, samples
        Of their counter.
    refuse : callable
        Told the error of each that was not confirmed.
    """

    def __init__(self, modulus: int, refuse: Callable[[PacketError], None]) -> None:
        self._modulus = modulus
        self._refuse = refuse
        self._kept: list[Arrival] = []

    def keep(self, arrival: Arrival) -> list[Arrival]:
        """Take a stray; give all that were kept once they go on from each other, else none."""
        kept = self._kept
        if kept:
            assert arrival.counter is not None
            assert kept[-1].counter is not None
            step = (arrival.counter - kept[-1].counter) % self._modulus
            if step == 0:
                return []  # it came twice
            if step > _LOST * len(kept[-1].counts):
                self.drop()
        self._kept.append(arrival)
        if len(self._kept) < _CONFIRMED:
            return []
        confirmed, self._kept = self._kept, []
        return confirmed

    def drop(self) -> None:
        """A packet came that makes sense: what is kept is garbage."""
        if not self._kept:
            return
        for _ in self._kept:
            self._refuse(PacketError("a packet's number does not fit the time at which it came"))
        self._kept = []


def differ(index: int, counts: Counts, other_index: int, other: Counts) -> bool:
    """Whether two packets give different values to a sample.

    >>> differ(4, np.array([[1], [2]]), 5, np.array([[2], [3]]))
    False
    """
    low = max(index, other_index)
    high = min(index + len(counts), other_index + len(other))
    return low < high and not np.array_equal(
        counts[low - index : high - index], other[low - other_index : high - other_index]
    )
