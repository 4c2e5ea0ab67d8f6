"""What is usual for a channel, learned second by second; and the judge who knows it."""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, log, nan
from statistics import median

from emgsmr.analysis.quality import (
    ENOUGH_S,
    HUM_S,
    MOTION_LEAST,
    MOTION_UNUSUAL,
    UNUSABLE,
    USUAL_S,
    Usual,
    Verdict,
    hum_power,
    judge,
    slow_power,
)
from emgsmr.dsp import SignalMeasures
from emgsmr.dsp.extremes import BAND_STEPS, piled_up
from emgsmr.dsp.quality import Measured
from emgsmr.recording import SensorInfo


class _Ordered:
    """The last values of a measure, in order of time and of size."""

    def __init__(self) -> None:
        self._recent: deque[float] = deque()
        self._sorted: list[float] = []

    def add(self, value: float) -> None:
        if len(self._recent) == USUAL_S:
            old = self._recent.popleft()
            del self._sorted[bisect_left(self._sorted, old)]
        self._recent.append(value)
        insort(self._sorted, value)

    def limit(self, side: int) -> float:
        """Three MADs (half the interquartile range) and 6 dB or more below or above the median."""
        values, n = self._sorted, len(self._sorted)
        spread = (values[(3 * n) // 4] - values[n // 4]) / 2
        return values[n // 2] + side * max(MOTION_UNUSUAL * spread, MOTION_LEAST)


@dataclass(slots=True)
class _Rail:
    """An extreme value of a channel so far, and whether samples pile up there; ``sign`` -1: the lowest."""

    sign: int
    value: float = -inf
    at: float = 0.0
    near: float = 0.0

    def add(self, value: float, at: float, near: float, step: float) -> None:
        value *= self.sign
        above = value - self.value
        if abs(above) <= 1.5 * step:
            self.at += at
            self.near += near
        elif above > 0:
            inside = self.at + self.near if above <= BAND_STEPS * step else 0.0
            self.at, self.near = at, near + inside
        elif -above <= BAND_STEPS * step:
            self.near += at + near
        self.value = max(self.value, value)

    @property
    def limit(self) -> float:
        """The value, if it is a limit; else infinitely far away."""
        return self.sign * (self.value if piled_up(self.at, self.near) else inf)


@dataclass(slots=True)
class _Channel:
    """What is remembered of a channel."""

    motion: _Ordered = field(default_factory=_Ordered)
    slow: _Ordered = field(default_factory=_Ordered)
    hum: deque[float] = field(default_factory=lambda: deque(maxlen=USUAL_S))
    shares: deque[tuple[float, float]] = field(default_factory=lambda: deque(maxlen=HUM_S))
    high: _Rail = field(default_factory=lambda: _Rail(1))
    low: _Rail = field(default_factory=lambda: _Rail(-1))

    def look(self, m: Measured) -> None:
        """Take in what does not depend on the verdict."""
        if m.high - m.low > 2 * BAND_STEPS * m.step_counts:
            self.high.add(m.high, m.n_high, m.n_below_high, m.step_counts)
            self.low.add(m.low, m.n_low, m.n_above_low, m.step_counts)
        if m.high > m.low and m.hum_share == m.hum_share:
            self.shares.append((m.hum_share, m.other_hum_share))

    def usual(self) -> Usual:
        share = 0.0
        if len(self.shares) >= HUM_S // 2:
            share = max(median(values) for values in zip(*self.shares, strict=True))
        if len(self.hum) < ENOUGH_S:
            return Usual(hum_share=share, high=self.high.limit, low=self.low.limit)
        return Usual(
            hum_power=sum(self.hum) / len(self.hum),
            motion_low=self.motion.limit(-1),
            slow_high=self.slow.limit(1),
            hum_share=share,
            high=self.high.limit,
            low=self.low.limit,
        )

    def keep(self, m: Measured) -> None:
        """Remember a usable second."""
        if m.motion_ratio > 0 and m.mains_db == m.mains_db:
            self.motion.add(log(m.motion_ratio))
            self.slow.add(log(slow_power(m)))
            self.hum.append(hum_power(m))


class Judge:
    """Judges the channels of a sensor, second by second in the order of time.

    Parameters
    ----------
    n_channels : int
    scale_uv : float, µV per count
        NaN if the unit is not known.

    Examples
    --------
    >>> import numpy as np
    >>> from emgsmr.dsp import signal_measures
    >>> noise = np.random.default_rng(1).normal(0, 50, (20, 1000, 1)).round()
    >>> noise[15:] += 500 * np.sin(np.arange(1000) * 0.1 * np.pi)[:, None]
    >>> judge = Judge(1, scale_uv=nan)
    >>> seconds = [signal_measures(second[None], fs=1000, mains_hz=50) for second in noise]
    >>> [judge.second(measures)[0].state for measures in seconds][13:17]
    ['good', 'good', 'off', 'off']
    """

    def __init__(self, n_channels: int, *, scale_uv: float) -> None:
        self._channels = [_Channel() for _ in range(n_channels)]
        self._scale_uv = scale_uv

    @classmethod
    def of(cls, info: SensorInfo, n_channels: int) -> Judge:
        """Judge channels of a sensor."""
        return cls(n_channels, scale_uv=info.scale_uv if info.scale_known == "known" else nan)

    def second(self, measures: SignalMeasures, removed: Sequence[bool] = ()) -> list[Verdict]:
        """Verdicts of the next second, one for each channel; ``removed``: where hum was subtracted."""
        verdicts = []
        for column, channel in enumerate(self._channels):
            measured = measures.channel(column)
            channel.look(measured)
            gone = bool(len(removed)) and bool(removed[column])
            verdict = judge(measured, channel.usual(), scale_uv=self._scale_uv, removed=gone)
            if verdict.state not in UNUSABLE:
                channel.keep(measured)
            verdicts.append(verdict)
        return verdicts
