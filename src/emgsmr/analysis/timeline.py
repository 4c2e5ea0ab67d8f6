"""A sensor's time line: sample index to seconds on the recording's clock, and back."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp

FloatArray = NDArray[np.float64]


@dataclass(slots=True)
class ExactTimeline:
    """Of samples from a file, which state their own time: ``t = t0_s + (index - index0) / fs``."""

    fs: float
    index0: int = 0
    t0_s: float = 0.0
    residual_ms: float = 0.0
    unknown_ms: float = 0.0

    @property
    def rate_hz(self) -> float:
        """Samples per second."""
        return self.fs

    def advance(self, arrivals: NDArray[np.int64], *, first_index: int, end_index: int) -> None:
        """Nothing to learn from arrivals."""
        del arrivals, first_index, end_index

    @property
    def end_s(self) -> float:
        """Time up to which indices can be told (always all of it)."""
        return float("inf")

    def time(self, index: Any) -> FloatArray:
        """Time (s) of sample ``index``."""
        return np.asarray(self.t0_s + (np.asarray(index) - self.index0) / self.fs)

    def index(self, t_s: Any) -> FloatArray:
        """Sample index, with its fraction, at time ``t_s``."""
        return np.asarray(self.index0 + (np.asarray(t_s, dtype=np.float64) - self.t0_s) * self.fs)


@dataclass(slots=True)
class FittedTimeline:
    """Of samples from a radio: knots fitted to the arrivals (`emgsmr.dsp.fit_clock`), never moved."""

    fs: float
    started_ns: int = 0
    _state: dsp.ClockState | None = None
    _table: FloatArray = field(default_factory=lambda: np.empty((2, 0)))

    def advance(self, arrivals: NDArray[np.int64], *, first_index: int, end_index: int) -> None:
        """Take in the notifications of the next block."""
        seconds = np.empty((len(arrivals), 2))
        seconds[:, 0] = arrivals[:, 0]
        seconds[:, 1] = (arrivals[:, 1] - self.started_ns) / 1e9
        knots, self._state = dsp.fit_clock(
            seconds, fs=self.fs, first_index=first_index, end_index=end_index, state=self._state
        )
        if len(knots):
            self._table = np.concatenate([self._table, knots.T], axis=1)

    @property
    def residual_ms(self) -> float:
        """Root mean square of the fit's residuals, ms."""
        return float("nan") if self._state is None else 1000.0 * self._state.residual_s

    @property
    def unknown_ms(self) -> float:
        """How far the line may be off as far as the arrivals tell, ms; a delay common to all adds to it."""
        return float("nan") if self._state is None else 1000.0 * self._state.unknown_s

    @property
    def rate_hz(self) -> float:
        """Samples per second as fitted; NaN before there are knots."""
        if self._state is None or not self._table.size:
            return float("nan")
        return 1.0 / (1.0 / self.fs + self._state.slope)

    @property
    def last_knot(self) -> tuple[int, float] | None:
        """Sample index and time (s) of the last knot."""
        return None if self._state is None else self._state.last_knot

    @property
    def end_s(self) -> float:
        """Time of the last knot; what lies later cannot be told yet."""
        return float(self._table[1, -1]) if self._table.size else float("-inf")

    def time(self, index: Any) -> FloatArray:
        """Time (s) of sample ``index``, not beyond the last knot; NaN before there are knots."""
        if not self._table.size:
            return np.full(np.shape(index), np.nan)
        return dsp.interpolate(np.asarray(index), self._table[0], self._table[1])

    def index(self, t_s: Any) -> FloatArray:
        """Sample index, with its fraction, at time ``t_s``, not beyond the last knot; NaN without knots."""
        if not self._table.size:
            return np.full(np.shape(t_s), np.nan)
        return dsp.interpolate(np.asarray(t_s), self._table[1], self._table[0])


Timeline = ExactTimeline | FittedTimeline


def clock_facts(timeline: Timeline) -> dict[str, float | None]:
    """How a sensor's clock ran, for people and files; None where nothing is known (yet).

    Returns
    -------
    dict
        ``rate_hz`` as fitted; ``drift_ppm``, its difference from the nominal rate; ``residual_ms``, how far
        the earliest arrivals of the seconds lie from the line (root mean square); ``unknown_ms``, how far the
        line itself may be off as far as the arrivals can tell.
    """
    facts = {
        "rate_hz": timeline.rate_hz,
        "drift_ppm": 1e6 * (timeline.rate_hz / timeline.fs - 1.0),
        "residual_ms": timeline.residual_ms,
        "unknown_ms": timeline.unknown_ms,
    }
    return {name: float(value) if np.isfinite(value) else None for name, value in facts.items()}
