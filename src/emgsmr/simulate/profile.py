"""How each muscle's EMG looks over a stride: when it is active, how strong, and with which spectrum.

Timing follows the published running and walking windows (Gazendam & Hof 2007 for the calf; textbook windows
for the others), so that the circular center of each burst is the one `emgsmr.anatomy` names. Levels are
what a bipolar sensor shows on a lean runner at an easy pace: the glutes, under more fat, are weakest.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emgsmr.simulate.spectrum import Spectrum

FloatArray = NDArray[np.float64]
Gait = Literal["run", "walk"]


@dataclass(frozen=True, slots=True)
class Burst:
    """One burst over the stride, in percent of the stride (0 = foot contact of the same leg).

    It rises from ``start`` to ``peak`` and falls to ``stop``, each as half a cosine. ``start`` may be
    negative (late swing of the stride before).
    """

    start: float
    peak: float
    stop: float
    height: float = 1.0

    def at(self, pct: FloatArray) -> FloatArray:
        """Compute the height at ``pct``, on the same unwrapped axis as ``start`` and ``stop``."""
        rise = (pct - self.start) / (self.peak - self.start)
        fall = (self.stop - pct) / (self.stop - self.peak)
        inside = np.clip(np.minimum(rise, fall), 0.0, 1.0)
        return np.asarray(self.height * 0.5 * (1.0 - np.cos(np.pi * inside)))

    @property
    def center(self) -> float:
        """Center of gravity, percent of the stride."""
        before, after = self.peak - self.start, self.stop - self.peak
        return self.peak + 2.0 * (0.25 - 1.0 / np.pi**2) * (after - before)


@dataclass(frozen=True, slots=True)
class Profile:
    """One muscle.

    Attributes
    ----------
    peak_uv : float, µV rms
        At the top of the burst in easy running.
    spectrum : Spectrum
    run, walk : Burst
    walk_level : float
        Peak in walking relative to running.
    speed_exponent : float
        Amplitude grows as speed to this power; muscles differ in it, so a ratio moves a little with speed.
    """

    peak_uv: float
    spectrum: Spectrum
    run: Burst
    walk: Burst
    walk_level: float = 0.4
    speed_exponent: float = 1.1

    def burst(self, gait: Gait) -> Burst:
        """Pick the burst of a gait."""
        return self.run if gait == "run" else self.walk


_HAM = Burst(-30, -3, 18)
_CALF_RUN, _CALF_WALK = Burst(-14, 6, 26), Burst(22, 44, 58)

PROFILES: dict[str, Profile] = {
    "GMAX": Profile(60, Spectrum(45, 90), Burst(-12, 4, 20), Burst(-11, 4, 19), 0.35, 1.3),
    "GMED": Profile(80, Spectrum(50, 105), Burst(-15, 6, 30), Burst(-8, 12, 38), 0.6, 1.1),
    "TFL": Profile(70, Spectrum(55, 110), Burst(-12, 8, 30), Burst(-5, 12, 40), 0.5, 1.1),
    "BFLH": Profile(140, Spectrum(55, 115), _HAM, Burst(-18, -5, 8), 0.4, 1.2),
    "ST": Profile(130, Spectrum(55, 120), Burst(-31, -4, 16), Burst(-18, -5, 8), 0.4, 1.2),
    "MGAS": Profile(165, Spectrum(65, 135), _CALF_RUN, _CALF_WALK, 0.5, 1.0),
    "LGAS": Profile(145, Spectrum(65, 135), _CALF_RUN, _CALF_WALK, 0.5, 1.0),
    "SOL": Profile(140, Spectrum(60, 125), Burst(-13, 8, 29), Burst(22, 48, 62), 0.6, 0.9),
    "TA": Profile(160, Spectrum(60, 120), Burst(40, 75, 105), Burst(58, 90, 112), 0.5, 0.9),
    "PL": Profile(120, Spectrum(65, 130), Burst(-10, 8, 28), Burst(15, 42, 58), 0.5, 1.0),
    "VL": Profile(160, Spectrum(45, 95), Burst(-13, 5, 22), Burst(-10, 5, 20), 0.35, 1.1),
    "VM": Profile(160, Spectrum(45, 95), Burst(-13, 5, 22), Burst(-10, 5, 20), 0.35, 1.1),
    "RF": Profile(110, Spectrum(50, 105), Burst(-12, 6, 22), Burst(-8, 6, 20), 0.35, 1.2),
    "ES": Profile(70, Spectrum(45, 95), Burst(-10, 5, 22), Burst(-8, 5, 18), 0.5, 1.0),
}
"""Muscles that the simulated runner has."""

TONIC = 0.03
"""Activity between bursts and in standing, relative to the burst's peak."""
