"""What the measures of a second say about a channel: one state, with its reason in words.

A second is judged by its own measures and by what is usual for its channel: the seconds before, never those
after, so that a live session says what an analysis of its recording says.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, field
from math import inf, log, log10, nan, sqrt
from statistics import median
from typing import Literal, NamedTuple

from emgsmr.dsp import SignalMeasures
from emgsmr.dsp.extremes import BAND_STEPS, piled_up
from emgsmr.dsp.quality import Measured
from emgsmr.recording import SensorInfo

State = Literal["good", "noisy", "motion", "clipped", "flat", "off", "gap"]

# Limits for one second of raw samples. What they cost in false alarms and what they find is measured in
# benchmarks/validation/quality.py; why they are where they are: docs/decisions/0075.
FLAT_STEPS = 1.0  # standard deviation in steps of the numbers: less is the converter's own noise
CLIPPED_PCT = 0.1  # samples at the end of the range, where more than three follow each other;
CUT_PCT = 1.0  # where they do not, the amplitude is 4 % too small in bursts of a fifth of the second
OFF_MAINS_DB = 20.0  # hum a hundred times everything else: nothing but hum
OFF_HUM_UV, OFF_HUM_DB = 50.0, 5.0  # hum that no electrode on skin picks up, and three times the rest
OFF_JUMP_DB = 10.0  # hum above the channel's own usual, where it outweighs the rest
OFF_DRIFT_RATIO = 0.01  # a hundred times more power below 20 Hz than above: the input floats
MOTION_RATIO = 0.2  # five times more power below 20 Hz than above: a tenth too much amplitude
MOTION_LOW_SHARE = 0.5  # half of the power above 20 Hz lies below 40 Hz: a tenth too much amplitude
MOTION_UNUSUAL = 3.0  # MADs from the channel's own median, where there is more below 20 Hz than above
MOTION_LEAST = 1.4  # and at least that much (6 dB, as a logarithm of power)
NOISY_MAINS_DB = 0.0  # hum that one second shows by itself
NOISY_SHARE = 0.05  # hum of that share of the power, in half of ten seconds and in this one
SPIKE = 20.0  # peak over the level around it: one such sample adds a twentieth to the amplitude of a second

UNUSABLE: frozenset[str] = frozenset({"motion", "clipped", "flat", "off", "gap"})
"""States in which a stride's amplitude is not used."""

USUAL_S, ENOUGH_S, HUM_S = 60, 10, 10
"""Usable seconds that are remembered, from which on they tell what is usual, and seconds of hum."""


class Usual(NamedTuple):
    """What is usual for a channel, from the seconds before; NaN or infinite = not known yet.

    ``hum_power``: mean, counts². ``motion_low``: ln of the motion ratio, three MADs (and 6 dB) below its
    median. ``slow_high``: likewise above that of ln of the power below 20 Hz (counts²). ``hum_share``: median
    of the last ten seconds. ``high``, ``low``: counts at which samples piled up.
    """

    hum_power: float = nan
    motion_low: float = -inf
    slow_high: float = inf
    hum_share: float = 0.0
    high: float = inf
    low: float = -inf


class Verdict(NamedTuple):
    """State of one channel in one second, and why (empty for "good"); samples at the end of the range, %."""

    state: State
    reason: str
    clipped_pct: float


def judge(
    measured: Measured, usual: Usual | None = None, *, scale_uv: float = nan, removed: bool = False
) -> Verdict:
    """State of one channel in one second, and why.

    Parameters
    ----------
    measured : Measured
    usual : Usual, optional
        Without it only what a second shows by itself is found.
    scale_uv : float, µV per count
        NaN if the unit is not known.
    removed : bool
        Whether hum was subtracted in the signal that is analyzed.

    Returns
    -------
    Verdict

    Examples
    --------
    >>> import numpy as np
    >>> second = np.random.default_rng(1).normal(0, 50, 1000).clip(-80, 80).round()
    >>> from emgsmr.dsp import signal_measures
    >>> measures = signal_measures(second[None, :, None], fs=1000, mains_hz=50)
    >>> judge(measures.channel(0)).reason
    '11.2 % of the samples at the end of the range'
    """
    usual = usual or Usual()
    clipped = _clipped_pct(measured, usual)
    state, reason = _unusable(measured, usual, clipped, scale_uv) or _noisy(
        measured, usual, clipped, removed=removed
    )
    return Verdict(state, reason, clipped)


def _clipped_pct(m: Measured, usual: Usual) -> float:
    reach = 1.5 * m.step_counts if m.step_counts < inf else 0.0  # what counts as being at the limit
    at = m.n_high if m.high + reach >= usual.high else 0.0
    at += m.n_low if m.low - reach <= usual.low else 0.0
    return max(m.clipped_pct, 100.0 * at / m.n)


def _unusable(m: Measured, usual: Usual, clipped: float, scale_uv: float) -> tuple[State, str] | None:
    if m.mains_db > OFF_MAINS_DB:
        return "off", f"nothing but mains hum ({m.mains_db:.0f} dB above the rest): electrode off?"
    if clipped > (CLIPPED_PCT if m.run_at_end else CUT_PCT):
        return "clipped", f"{clipped:.1f} % of the samples at the end of the range"
    if m.sd_counts == 0 or m.sd_counts < FLAT_STEPS * min(m.step_counts, 1e300):
        return "flat", "no signal: electrode off, or sensor not measuring"
    if m.frozen_s > 0:
        return "flat", f"one value repeated for {1000 * m.frozen_s:.0f} ms: sensor or cable dropped out"
    hum = _hum_power(m)
    if m.mains_db > OFF_HUM_DB and scale_uv * sqrt(hum) > OFF_HUM_UV:
        return "off", f"mains hum of {scale_uv * sqrt(hum):.0f} µV: electrode loose?"
    if m.mains_db > 0 and hum > 10 ** (OFF_JUMP_DB / 10) * usual.hum_power:
        jump = 10 * log10(hum / max(usual.hum_power, 1e-9 * hum))
        return "off", f"mains hum {min(jump, 60):.0f} dB above what is usual here: electrode loose?"
    if m.motion_ratio < OFF_DRIFT_RATIO:
        return "off", "slow drift outweighs everything above 20 Hz a hundredfold: electrode off?"
    if m.motion_ratio < MOTION_RATIO:
        return "motion", "movement: more than five times as much power below 20 Hz as above"
    if m.low_share > MOTION_LOW_SHARE:
        return "motion", f"movement: {100 * m.low_share:.0f} % of the power above 20 Hz lies below 40 Hz"
    if m.motion_ratio < 1 and log(m.motion_ratio) < usual.motion_low and log(_slow(m)) > usual.slow_high:
        return "motion", "movement: power below 20 Hz far above what is usual here"
    return None


def _noisy(m: Measured, usual: Usual, clipped: float, *, removed: bool) -> tuple[State, str]:
    share = max(_hum_share(m), 0.0)
    if m.mains_db > NOISY_MAINS_DB or (usual.hum_share > NOISY_SHARE and share > NOISY_SHARE):
        told = ", removed" if removed else ""
        return "noisy", f"mains hum {round(m.mains_db)} dB relative to the signal{told}"
    if clipped > CLIPPED_PCT:
        return "noisy", f"{clipped:.1f} % of the samples at the end of the range, none for long"
    if m.spike > SPIKE:
        return "noisy", f"spike {m.spike:.0f} times as high as the signal around it"
    return "good", ""


def _hum_share(m: Measured) -> float:
    shares = [share for share in (m.hum_share, m.other_hum_share) if share == share]  # not NaN
    return max(shares, default=0.0)


def _hum_power(m: Measured) -> float:
    return max(_hum_share(m), 0.0) * m.fast_power


def _slow(m: Measured) -> float:
    return m.fast_power / m.motion_ratio if m.motion_ratio > 0 else inf


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
        known = Usual(hum_share=share, high=self.high.limit, low=self.low.limit)
        if len(self.hum) < ENOUGH_S:
            return known
        return known._replace(
            hum_power=sum(self.hum) / len(self.hum),
            motion_low=self.motion.limit(-1),
            slow_high=self.slow.limit(1),
        )

    def keep(self, m: Measured) -> None:
        """Remember a usable second."""
        if m.motion_ratio > 0 and m.mains_db == m.mains_db:
            self.motion.add(log(m.motion_ratio))
            self.slow.add(log(_slow(m)))
            self.hum.append(_hum_power(m))


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
            verdict = judge(
                measured,
                channel.usual(),
                scale_uv=self._scale_uv,
                removed=bool(len(removed)) and bool(removed[column]),
            )
            if verdict.state not in UNUSABLE:
                channel.keep(measured)
            verdicts.append(verdict)
        return verdicts
