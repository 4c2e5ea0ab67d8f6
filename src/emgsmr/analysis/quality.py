"""What the measures of a second say about a channel: one state, with its reason in words.

A second is judged by its own measures and by what is usual for its channel: the seconds before, never those
after, so that a live session says what an analysis of its recording says.
"""

from __future__ import annotations

from math import inf, log, log10, nan, sqrt
from typing import Literal, NamedTuple

from emgsmr.dsp.quality import Measured

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
    hum = hum_power(m)
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
    if m.motion_ratio < 1 and log(m.motion_ratio) < usual.motion_low and log(slow_power(m)) > usual.slow_high:
        return "motion", "movement: power below 20 Hz far above what is usual here"
    return None


def _noisy(m: Measured, usual: Usual, clipped: float, *, removed: bool) -> tuple[State, str]:
    share = max(_hum_share(m), 0.0)
    steady = usual.hum_share > NOISY_SHARE or removed  # what is subtracted was looked at more closely
    if m.mains_db > NOISY_MAINS_DB or (steady and share > NOISY_SHARE):
        return "noisy", f"mains hum {round(m.mains_db)} dB relative to the signal" + ", removed" * removed
    if clipped > CLIPPED_PCT:
        return "noisy", f"{clipped:.1f} % of the samples at the end of the range, none for long"
    if m.spike > SPIKE:
        return "noisy", f"spike {m.spike:.0f} times as high as the signal around it"
    return "good", ""


def _hum_share(m: Measured) -> float:
    shares = [share for share in (m.hum_share, m.other_hum_share) if share == share]  # not NaN
    return max(shares, default=0.0)


def hum_power(m: Measured) -> float:
    """Mean square of the hum, counts²."""
    return max(_hum_share(m), 0.0) * m.fast_power


def slow_power(m: Measured) -> float:
    """Mean square below 20 Hz, counts²."""
    return m.fast_power / m.motion_ratio if m.motion_ratio > 0 else inf
