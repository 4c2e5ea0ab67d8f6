"""Packets whose counters go back or make no sense: old ones, garbage, a sensor that counts anew."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgsmr.errors import PacketError

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

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


def is_old(index: int, counts: Counts, others: Iterable[tuple[int, Counts]], *, late: int) -> bool:
    """Whether a packet that has an old number is old: it came before, or comes a few packets late.

    Parameters
    ----------
    index : int
    counts : ndarray, shape (n_samples, n_channels)
    others : iterable of (index, counts)
        Packets that came.
    late : int
        Behind how many packets a late one may come.

    Examples
    --------
    >>> came = [(0, np.array([[7], [8]])), (4, np.array([[9], [5]]))]
    >>> is_old(0, np.array([[7], [8]]), came, late=3), is_old(0, np.array([[1], [2]]), came, late=3)
    (True, False)
    >>> is_old(2, np.array([[1], [2]]), came, late=3), is_old(2, np.array([[1], [2]]), came, late=0)
    (True, False)
    """
    behind = 0
    for other_index, other in others:
        low = max(index, other_index)
        high = min(index + len(counts), other_index + len(other))
        if low < high:
            mine, theirs = counts[low - index : high - index], other[low - other_index : high - other_index]
            return np.array_equal(mine, theirs)
        behind += other_index > index
    return behind <= late
