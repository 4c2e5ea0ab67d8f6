"""The pace of each stride: cadence, and speed and grade where a device tells them.

A stride is compared with what had been told by its beginning, by the device that told the quantity first:
live, nothing else can be known.
"""

from __future__ import annotations

from bisect import bisect_right
from typing import NamedTuple

import numpy as np

from emgsmr.analysis.strides import Stride
from emgsmr.recording import TimedReading

NAN = float("nan")

OLDEST_S = {"speed_mps": 3.0, "grade_pct": 30.0}
"""Quantities that count, and how old a value may be: the grade of a treadmill is told when it changes."""

POSSIBLE = {"speed_mps": (0.1, 15.0), "grade_pct": (-60.0, 60.0)}
"""What a runner's speed and a hill can be; anything else was not told."""


class Pace(NamedTuple):
    """Natural logarithms of cadence (steps per minute) and speed (m/s), and grade (%); NaN = not known."""

    ln_cadence: float
    ln_speed: float = NAN
    grade_pct: float = NAN


class PaceLog:
    """What devices have told about speed and grade so far.

    Readings come in the order of their arrival, each before the blocks that arrive after it.
    """

    def __init__(self, started_ns: int = 0) -> None:
        self._started_ns = started_ns
        self._source: dict[str, str] = {}
        self._told: dict[str, tuple[list[float], list[float]]] = {name: ([], []) for name in OLDEST_S}

    def add(self, reading: TimedReading) -> None:
        """Take in a reading; only those of speed and grade count."""
        if reading.quantity not in OLDEST_S or len(reading.values) != 1:
            return
        low, high = POSSIBLE[reading.quantity]
        if self._source.setdefault(reading.quantity, reading.source) == reading.source:
            times, values = self._told[reading.quantity]
            times.append(reading.time_s(self._started_ns))
            values.append(reading.values[0] if low <= reading.values[0] <= high else NAN)

    def at(self, stride: Stride) -> Pace:
        """Pace of a stride."""
        speed = self._last("speed_mps", stride.t_start_s)
        return Pace(
            float(np.log(stride.cadence_spm)),
            float(np.log(speed)) if speed > 0 else NAN,
            self._last("grade_pct", stride.t_start_s),
        )

    def _last(self, quantity: str, t_s: float) -> float:
        times, values = self._told[quantity]
        at = bisect_right(times, t_s) - 1
        return values[at] if at >= 0 and t_s - times[at] <= OLDEST_S[quantity] else NAN
