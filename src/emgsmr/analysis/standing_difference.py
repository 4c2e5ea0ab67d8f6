"""A difference that stands: one comparison of a share, its error, and whether it is large enough."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, Literal, Self

import numpy as np

from emgsmr.analysis.standard_error import Error

ALPHA = 0.05
"""Chance that any comparison with one comparator in a session takes error for a difference."""

Comparator = Literal["other leg", "earlier sessions", "published"]


@dataclass(frozen=True, slots=True)
class Difference:
    """One comparison.

    Attributes
    ----------
    comparator : {"other leg", "earlier sessions", "published"}
    pair, side : str
        The leg whose compensator carries more than the comparator's; None where nothing was compared.
    y, prime, compensator : float
        On the log scale, positive = more; ``y`` = compensator less prime mover.
    sd, half_width, bound : float
        Standard error, half of the 95 % interval, and what ``y`` must exceed.
    n : int
        Strides or repetitions.
    against, error_from : str
        What it was compared with, and what the error comes from, in words.
    reason : str
        Why nothing was compared, or why it is no finding of its own.
    """

    comparator: Comparator
    pair: str
    side: str | None
    y: float = float("nan")
    prime: float = float("nan")
    compensator: float = float("nan")
    sd: float = float("nan")
    half_width: float = float("nan")
    bound: float = float("nan")
    n: int = 0
    against: str = ""
    error_from: str = ""
    reason: str = ""

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What it is about: the other leg's difference is one for both sides."""
        return self.comparator, self.pair, None if self.comparator == "other leg" else self.side

    @property
    def found(self) -> bool:
        """Whether it is beyond its error and the practical floor, and not said already."""
        return bool(self.y > self.bound) and not self.reason

    def judged(self, error: Error, *, n_comparisons: int, floor_pct: float) -> Self:
        """The same with what it must exceed: the bound for all comparisons together, and the floor."""
        bound = max(error.times(ALPHA / n_comparisons), float(np.log1p(floor_pct / 100.0)))
        return replace(self, sd=error.sd, half_width=error.times(ALPHA), bound=bound)

    @property
    def interval_pct(self) -> tuple[float, float]:
        """95 % interval of the difference, %."""
        return percent(self.y - self.half_width), percent(self.y + self.half_width)

    def as_dict(self) -> dict[str, Any]:
        """For ``session.json``."""
        return {
            "comparator": self.comparator,
            "against": self.against or None,
            "error_from": self.error_from or None,
            "pair": self.pair,
            "side": self.side,
            "difference_pct": percent(self.y),
            "ci_low_pct": self.interval_pct[0],
            "ci_high_pct": self.interval_pct[1],
            "needed_pct": percent(self.bound),
            "found": self.found,
            "n": self.n,
            "reason": self.reason or None,
        }


def percent(log: float) -> float:
    """A difference on the log scale in %.

    Examples
    --------
    >>> round(percent(0.3365))
    40
    """
    return float(100.0 * np.expm1(log))
