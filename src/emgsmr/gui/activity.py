"""How active each channel is against its own rest and its own usual maximum, from one level every look.

The level is the RMS of the last quarter of a second. Of noise with a bandwidth of some 200 Hz it scatters by
1 / sqrt(4 · 200 · 0.25) = 7 % (SD), so three times rest never comes by chance.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emgsmr.session.snapshot import ChannelSignal

Key = tuple[str, int]
"""Sensor and channel, from 0."""

TIMES_REST = 4.0
"""A contraction stands out from rest by 12 dB: what spectra need (10 dB), and a little more."""

HELD_S = 0.75
"""So long altogether: a knock on a sensor fills the window of a quarter of a second once, and is over."""

FALL_S, RISE_S = 0.3, 40.0
"""Rest follows downward at once and upward slowly: five seconds of contraction raise it by an eighth."""

FORGET_S = 60.0
"""The usual maximum fades with this time constant: a minute of easier running fills the scale again."""

LONGEST_STEP_S = 1.0
"""A longer time between two looks counts as this."""


@dataclass(slots=True)
class Activity:
    """One channel's.

    Attributes
    ----------
    rms, rest, usual : float, µV
        Now, at rest, and the running reference: the strongest of late, fading over `FORGET_S`;
        NaN = not known.
    above_s : float, s
        How long it was above `TIMES_REST` of late; falls as slowly as it rose.
    best : float
        The strongest that was held, as a multiple of rest.
    contracted : bool
        It stood out from rest for `HELD_S`.
    knocked_s : float, s
        When a short bump ended, on the caller's clock; minus infinity = never.
    """

    rms: float = math.nan
    rest: float = math.nan
    usual: float = math.nan
    above_s: float = 0.0
    best: float = 0.0
    contracted: bool = False
    knocked_s: float = -math.inf
    bump_s: float = 0.0

    @property
    def times_rest(self) -> float:
        """The level now as a multiple of rest; 0 where one is not known."""
        if not (math.isfinite(self.rms) and self.rest > 0):
            return 0.0
        return self.rms / self.rest

    @property
    def level(self) -> float:
        """0 (rest) to 1 (the strongest of late, and at least `TIMES_REST` times rest)."""
        if not (math.isfinite(self.rms) and self.rest > 0):
            return 0.0
        top = max(self.usual, TIMES_REST * self.rest)
        return min(1.0, max(0.0, (self.rms - self.rest) / (top - self.rest)))

    def take(self, rms: float, dt_s: float, now_s: float) -> None:
        """Take in a level, ``dt_s`` after the one before."""
        self.rms = rms
        if not math.isfinite(rms):
            self.above_s = self.bump_s = 0.0
            return
        if math.isnan(self.rest):
            self.rest = self.usual = rms
            return
        self.usual = max(rms, self.usual * math.exp(-dt_s / FORGET_S))
        if rms < self.rest:
            self.rest += (rms - self.rest) * (1.0 - math.exp(-dt_s / FALL_S))
        else:
            self.rest = min(rms, self.rest * math.exp(dt_s / RISE_S))
        self._judge(dt_s, now_s)

    def _judge(self, dt_s: float, now_s: float) -> None:
        if self.times_rest >= TIMES_REST:
            self.above_s = min(2 * HELD_S, self.above_s + dt_s)
            self.bump_s += dt_s
            if self.above_s >= HELD_S:
                self.contracted = True
                self.best = max(self.best, self.times_rest)
            return
        if 0.0 < self.bump_s < HELD_S:
            self.knocked_s = now_s
        self.bump_s = 0.0
        self.above_s = max(0.0, self.above_s - dt_s)


class Activities:
    """All channels'.

    Examples
    --------
    >>> from emgsmr.session.snapshot import ChannelSignal
    >>> activities = Activities()
    >>> for i in range(40):
    ...     uv = 50.0 if i > 20 else 5.0
    ...     activities.take([ChannelSignal("uMyo", 0, None, uv, "good", "")], 0.1 * i)
    >>> activities.of(("uMyo", 0)).contracted
    True
    """

    def __init__(self) -> None:
        self.channels: dict[Key, Activity] = {}
        self._now_s: float | None = None

    def take(self, channels: Iterable[ChannelSignal], now_s: float) -> None:
        """Take in what all channels do at a time."""
        before, self._now_s = self._now_s, now_s
        dt_s = 0.0 if before is None else min(LONGEST_STEP_S, max(0.0, now_s - before))
        for signal in channels:
            activity = self.channels.setdefault((signal.sensor, signal.channel), Activity())
            activity.take(signal.rms_uv, dt_s, now_s)

    def of(self, key: Key) -> Activity:
        """One channel's; nothing known of one that was never heard."""
        return self.channels.get(key, Activity())

    def test_again(self, key: Key) -> None:
        """Forget what was learned about a channel: it sits elsewhere now."""
        self.channels.pop(key, None)
