"""When a sample could have come at the earliest: the lower envelope of the delay of a sensor's packets.

Packets come late, by connection intervals, missed connection events and stalls, but never early. The earliest
ones of each half second lie on a line, arrival = level + index / true rate, to a few ms; how far above it a
packet lies is its excess delay. An excess that stays means samples that were not counted.
"""

from __future__ import annotations

from itertools import pairwise

_SEGMENT_NS = 500_000_000
_LEVEL_SEGMENTS = 20  # the level follows the earliest of so many
_RATE_SEGMENTS = 120  # and the rate is learned from so many
_RATE_EVERY = 4  # segments; fitting the rate is what costs time
_NOISE_S = 0.01  # how well one earliest arrival tells the rate, against how well it was known before
_MATURE_SEGMENTS = 2


class Envelope:
    """The line on which a sensor's earliest arrivals lie.

    Parameters
    ----------
    rate_hz : float, Hz
        Nominal.
    tolerance : float
        By which part the true rate may differ.

    Examples
    --------
    Ten samples each 20 ms; a packet that comes 30 ms late, and one that is on time:

    >>> envelope = Envelope(500.0, 0.03)
    >>> for packet in range(200):
    ...     envelope.add(10 * packet, 20_000_000 * packet)
    >>> [round(envelope.excess(2010, t_ns), 3) for t_ns in (4_050_000_000, 4_020_000_000)]
    [0.03, 0.0]
    """

    def __init__(self, rate_hz: float, tolerance: float) -> None:
        self._nominal_s = 1.0 / rate_hz
        self._tolerance = tolerance
        self._slope = 0.0  # s per sample, by which the true period exceeds the nominal one
        self._level = 0.0
        self._origin: tuple[int, int] | None = None
        self._minima: list[tuple[int, float]] = []  # (index, delay) of the earliest of each segment
        self._earliest: tuple[int, float] | None = None
        self._segment_end_ns = 0
        self._closed = 0
        self._first_delay: float | None = None

    @property
    def period_s(self) -> float:
        """Time from sample to sample, as far as it is known."""
        return self._nominal_s + self._slope

    @property
    def is_mature(self) -> bool:
        """Whether it has seen enough to call a packet early."""
        return self._closed >= _MATURE_SEGMENTS

    def excess(self, end: int, arrival_ns: int) -> float:
        """By how many seconds the packet that ends before index ``end`` came later than at the earliest."""
        if self._origin is None:
            return 0.0
        index, t_ns = self._origin
        return (arrival_ns - t_ns) * 1e-9 - (end - index) * (self._nominal_s + self._slope) - self._level

    def add(self, end: int, arrival_ns: int) -> None:
        """Learn from a packet whose place is known."""
        if self._origin is None:
            self._origin = (end, arrival_ns)
            self._segment_end_ns = arrival_ns + _SEGMENT_NS
        elif arrival_ns >= self._segment_end_ns:
            self._close()
            self._segment_end_ns = arrival_ns + _SEGMENT_NS
        index = end - self._origin[0]
        delay = (arrival_ns - self._origin[1]) * 1e-9 - index * self._nominal_s
        early = delay - index * self._slope - self._level
        if early < 0:
            self._level += early
        earliest = self._earliest
        if earliest is None or delay - earliest[1] < (index - earliest[0]) * self._slope:
            self._earliest = (index, delay)

    def shortage_s(self) -> float:
        """Time by which the samples fell short of the slowest rate that the tolerance allows, or 0."""
        if self._first_delay is None or not self._minima:
            return 0.0
        index = self._minima[-1][0]
        slower = index * self._nominal_s * self._tolerance / (1 - self._tolerance)
        return max(0.0, self._level + index * self._slope - self._first_delay - slower)

    def _close(self) -> None:
        """End a segment: fit the line anew."""
        assert self._earliest is not None
        minima = self._minima
        minima.append(self._earliest)
        self._earliest = None
        self._closed += 1
        if self._closed == _MATURE_SEGMENTS:
            del minima[0]  # a stream may start with less delay than it can keep up
            self._first_delay = minima[0][1]
        del minima[:-_RATE_SEGMENTS]
        if self._closed <= _LEVEL_SEGMENTS or not self._closed % _RATE_EVERY:
            self._slope = self._fitted_slope()
        self._level = min(delay - index * self._slope for index, delay in minima[-_LEVEL_SEGMENTS:])

    def _fitted_slope(self) -> float:
        """Slope of the line, within the tolerance; the nominal one counts until the arrivals tell more."""
        if not self._tolerance:
            return 0.0
        span_s = (self._minima[-1][0] - self._minima[0][0]) * self._nominal_s
        weight = span_s**2 / (span_s**2 + (_NOISE_S / self._tolerance) ** 2)
        limit = self._tolerance * self._nominal_s
        return weight * min(limit, max(-limit, _lower_slope(self._minima)))


def _lower_slope(points: list[tuple[int, float]]) -> float:
    """Slope of the line that lies below all points and is nearest to them: an edge of their lower hull."""
    hull: list[tuple[int, float]] = []
    for x, y in points:
        while hull and x <= hull[-1][0]:
            if y >= hull[-1][1]:
                break
            hull.pop()
        else:
            while len(hull) > 1 and (
                (hull[-1][1] - hull[-2][1]) * (x - hull[-2][0])
                >= (y - hull[-2][1]) * (hull[-1][0] - hull[-2][0])
            ):
                hull.pop()
            hull.append((x, y))
    middle = (points[0][0] + points[-1][0]) / 2
    for (x0, y0), (x1, y1) in pairwise(hull):
        if x1 >= middle:
            return (y1 - y0) / (x1 - x0)
    return 0.0
