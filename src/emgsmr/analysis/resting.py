"""Whether a muscle rests between its bursts as it usually does: one site, second by second.

Rests on `Second.least_power`, the quietest tenth of a second within one and a half: as long as the muscle
rests once in every stride, it is small. No stride needs to be known for that, so it holds as well while
strides are irregular, and in standing.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from dataclasses import dataclass, field
from math import exp, isfinite, log, sqrt
from statistics import fmean, median

from emgsmr.analysis.seconds import SPAN_S, Second

USUAL_S, ENOUGH_S = 120, 20
"""Good seconds that tell what is usual, and from which number on they do."""

TOPS_S = 600
"""Good seconds from which the usual height of a burst comes."""

SDS = 3.0
RISE = 3.0  # times the usual amplitude: more than effort, sweat or a moved electrode change it
SHARE = 0.10  # of the muscle's burst; cramps are told to reach 15 to 50 % of a maximal contraction
LEAST_UV = 5.0  # where the unit is known: what an amplifier's noise may do is no activity
HOLD = 0.6  # of the limit: what was sustained stays so above it (firing in cramps waxes and wanes)
BRIDGE_S = 3.0  # seconds that cannot be judged in a row end it
LASTING_S = 120.0  # no cramp: a new usual level


@dataclass(slots=True)
class Sustained:
    """Activity without rest: since when, and how strong in the quietest tenth of a second, µV."""

    t_start_s: float
    t_end_s: float
    least_uv: list[float] = field(default_factory=list)
    said: bool = False

    @property
    def length_s(self) -> float:
        """From the beginning to the last second in which it was seen."""
        return self.t_end_s - self.t_start_s

    @property
    def level_uv(self) -> float:
        """Median over its seconds."""
        return median(self.least_uv)


class Tops:
    """The height that the bursts of a site usually reach: upper decile of the last good seconds."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque()
        self._sorted: list[float] = []

    def add(self, value: float) -> None:
        """Take in the loudest tenth of a second, µV."""
        if len(self._recent) == TOPS_S:
            del self._sorted[bisect_left(self._sorted, self._recent.popleft())]
        self._recent.append(value)
        insort(self._sorted, value)

    @property
    def usual(self) -> float:
        """µV; 0 while nothing is known."""
        return self._sorted[(9 * (len(self._sorted) - 1)) // 10] if self._sorted else 0.0


class Resting:
    """Follows one site.

    Parameters
    ----------
    column : int
        Of the sensor's placed channels.
    in_uv : bool
        Whether the unit is known.
    """

    def __init__(self, column: int, *, in_uv: bool) -> None:
        self.column = column
        self.good = False
        """Whether the last second could be judged."""
        self.sustained: Sustained | None = None
        self.ended: Sustained | None = None
        """What ended with the last second, if it had been said."""
        self._least_uv = LEAST_UV if in_uv else 0.0
        self._logs: deque[float] = deque(maxlen=USUAL_S)
        self._tops = Tops()

    @property
    def rest_uv(self) -> float:
        """Usual amplitude of the quietest tenth of a second; NaN while it is not known."""
        return exp(fmean(self._logs)) if len(self._logs) >= ENOUGH_S else float("nan")

    @property
    def burst_uv(self) -> float:
        """Usual amplitude of the loudest tenth of a second."""
        return self._tops.usual

    @property
    def share(self) -> float:
        """How strong the sustained activity is, relative to the muscle's burst; 0 if there is none."""
        return self.sustained.level_uv / self.burst_uv if self.sustained is not None else 0.0

    def second(self, second: Second, end_s: float) -> None:
        """Take in the next second, which ends at ``end_s``."""
        self.ended = None
        least, most = second.least_power[self.column], second.most_power[self.column]
        state = second.verdicts[self.column].state
        self.good = state == "good" and isfinite(least) and most > 0.0
        if not self.good:
            if self.sustained is not None and end_s - self.sustained.t_end_s > BRIDGE_S:
                self._end()
            return
        least_uv, most_uv = sqrt(max(least, 1e-12 * most)), sqrt(most)
        limit_uv = self._limit_uv(most_uv)
        if self.sustained is not None and least_uv > HOLD * limit_uv:
            self.sustained.t_end_s = end_s
            self.sustained.least_uv.append(least_uv)
            if self.sustained.length_s > LASTING_S:
                self._end()
                self._logs.clear()
            return
        if self.sustained is not None:
            self._end()
        if least_uv > limit_uv:
            self.sustained = Sustained(end_s - SPAN_S, end_s, [least_uv])
            return
        self._logs.append(log(least_uv))
        self._tops.add(most_uv)

    def _limit_uv(self, most_uv: float) -> float:
        """What the quietest tenth of a second must exceed to count as activity without rest."""
        n = len(self._logs)
        if n < ENOUGH_S:
            return float("inf")
        mean = fmean(self._logs)
        spread = sqrt(sum((value - mean) ** 2 for value in self._logs) / (n - 1))
        above = exp(min(mean + max(SDS * spread, log(RISE)), 700.0))  # garbage must not overflow
        return max(above, SHARE * max(self._tops.usual, most_uv), self._least_uv)

    def _end(self) -> None:
        if self.sustained is not None and self.sustained.said:
            self.ended = self.sustained
        self.sustained = None
