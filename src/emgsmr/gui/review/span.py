"""Which stretch of a session is seen: moves, zoom steps, and never beyond its ends."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from dataclasses import dataclass

WIDTHS_S = (
    0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 20.0, 30.0, 60.0, 120.0, 300.0, 600.0, 1200.0, 1800.0,
    3600.0, 7200.0, 14400.0, 43200.0, 86400.0,
)  # fmt: skip
"""What a zoom step leads to; beyond them only the whole session."""


@dataclass(frozen=True, slots=True)
class Span:
    """From ``start_s`` to ``stop_s`` on the recording's clock.

    Examples
    --------
    >>> whole = Span(0.0, 3600.0)
    >>> seen = whole.around(100.0, 10.0)
    >>> seen, seen.moved(0.5, whole), seen.zoomed(-1, whole, at_s=100.0)
    (Span(start_s=95.0, stop_s=105.0), Span(start_s=100.0, stop_s=110.0), Span(start_s=97.5, stop_s=102.5))
    """

    start_s: float
    stop_s: float

    @property
    def width_s(self) -> float:
        """How long it is."""
        return self.stop_s - self.start_s

    @property
    def middle_s(self) -> float:
        """Its middle."""
        return 0.5 * (self.start_s + self.stop_s)

    def within(self, whole: Span) -> Span:
        """The same width, pushed back between the ends; everything if it is wider."""
        if self.width_s >= whole.width_s:
            return whole
        start_s = min(max(self.start_s, whole.start_s), whole.stop_s - self.width_s)
        return self if start_s == self.start_s else Span(start_s, start_s + self.width_s)

    def around(self, t_s: float, width_s: float) -> Span:
        """``width_s`` with ``t_s`` in the middle, within this span."""
        return Span(t_s - width_s / 2, t_s + width_s / 2).within(self)

    def moved(self, share: float, whole: Span) -> Span:
        """Moved by a share of its width; positive is later."""
        by_s = share * self.width_s
        return Span(self.start_s + by_s, self.stop_s + by_s).within(whole)

    def zoomed(self, steps: int, whole: Span, *, at_s: float) -> Span:
        """Wider by ``steps`` (narrower where negative); ``at_s`` stays where it is on the screen."""
        ladder = [width for width in WIDTHS_S if width < whole.width_s] + [whole.width_s]
        if steps > 0:
            place = bisect_right(ladder, self.width_s * (1 + 1e-9)) - 1 + steps
        else:
            place = bisect_left(ladder, self.width_s * (1 - 1e-9)) + steps
        width_s = ladder[min(max(place, 0), len(ladder) - 1)]
        before = min(max((at_s - self.start_s) / self.width_s, 0.0), 1.0)
        start_s = self.start_s + before * (self.width_s - width_s)
        return Span(start_s, start_s + width_s).within(whole)
