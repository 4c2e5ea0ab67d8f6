"""What a sampling rate allows: which quantities are measured, which only within one sensor, and which not."""

from __future__ import annotations

from typing import Literal, NamedTuple

Level = Literal["full", "degraded", "none"]

MIN_RATE_HZ = 200.0
"""Below this rate amplitudes of surface EMG are not valid; refused."""

SPECTRUM_HZ = 500.0
"""Below this rate no spectrum is computed."""

FULL_HZ = 1000.0
"""From this rate on the whole band of surface EMG is there."""


class Limits(NamedTuple):
    """What can be claimed of a channel: levels, and the smallest error of an onset, ms."""

    amplitude: Level
    spectrum: Level
    onset_floor_ms: float
    says: str


def limits_at(fs: float) -> Limits:
    """What a sampling rate allows.

    Parameters
    ----------
    fs : float, Hz

    Notes
    -----
    The band that is left (20 to 450, 240, 120 and 95 Hz) keeps 97 % of the power of a model spectrum of
    surface EMG (corners 60 and 120 Hz) at 1000 Hz, 90 % at 500 Hz, 62 % at 250 Hz and 48 % at 200 Hz.
    Amplitudes hardly change down to 500 Hz and are usable to about 250 Hz (Larivière et al. 2005).

    Examples
    --------
    >>> limits_at(1116).says, limits_at(500).spectrum, limits_at(200).onset_floor_ms
    ('', 'degraded', 5.0)
    """
    floor = 1000.0 / fs
    if fs >= FULL_HZ:
        return Limits("full", "full", floor, "")
    if fs >= SPECTRUM_HZ:
        return Limits("full", "degraded", floor, f"at {fs:g} Hz frequencies compare within this sensor only")
    return Limits(
        "degraded",
        "none",
        floor,
        f"at {fs:g} Hz there is no spectrum, so no sign of fatigue in it; amplitudes and ratios are "
        f"measured, onsets to ±{floor:.0f} ms at best",
    )
