"""What the measures of a second say about a channel: one state, with its reason in words."""

from __future__ import annotations

from typing import Literal

from emgsmr.dsp import SignalMeasures

State = Literal["good", "noisy", "motion", "clipped", "flat", "off", "gap"]

# Limits of science practice; each is judged against one second of raw samples.
FLAT_COUNTS = 1.0  # standard deviation: less than the ADC's own noise
CLIPPED_PCT = 0.5  # samples at a rail: three or more of a 500 Hz second; a single one changes no amplitude
OFF_MAINS_DB = 5.0  # hum three times the rest: an electrode hangs in the air
NOISY_MAINS_DB = -6.0  # hum is a fifth of the power; less cannot be told from chance in one second
MOTION_RATIO = 0.1  # ten times more power below 20 Hz than above

UNUSABLE: frozenset[str] = frozenset({"motion", "clipped", "flat", "off", "gap"})
"""States in which a stride's amplitude is not used."""


def judge(measures: SignalMeasures, channel: int) -> tuple[State, str]:
    """State of one channel in one second, and why.

    Parameters
    ----------
    measures : SignalMeasures
        Of one second.
    channel : int
        Column of the measures.

    Returns
    -------
    state, reason : str
        An empty reason for "good".

    Examples
    --------
    >>> import numpy as np
    >>> one = lambda value: np.array([[value]])
    >>> judge(SignalMeasures(one(40.0), one(3.0), one(-30.0), one(9.0)), 0)
    ('clipped', '3.0 % of the samples at the end of the range')
    """
    clipped = float(measures.clipped_pct[0, channel])
    mains = float(measures.mains_db[0, channel])
    motion = float(measures.motion_ratio[0, channel])
    if float(measures.sd_counts[0, channel]) < FLAT_COUNTS:
        return "flat", "no signal: electrode off, or sensor not measuring"
    if clipped > CLIPPED_PCT:
        return "clipped", f"{clipped:.1f} % of the samples at the end of the range"
    if mains > OFF_MAINS_DB:
        return "off", f"mains hum {mains:.0f} dB above the signal: electrode loose?"
    if motion < MOTION_RATIO:
        return "motion", "movement below 20 Hz outweighs the muscle tenfold"
    if mains > NOISY_MAINS_DB:
        return "noisy", f"mains hum {mains:.0f} dB relative to the signal"
    return "good", ""
