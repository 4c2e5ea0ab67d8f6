"""A simulated cramp: motor units that fire irregularly and drift together, whatever the stride is doing.

Rates and irregularity are those of electrically elicited cramps (Minetto 2009, abductor hallucis, 48 motor
units). How far amplitudes of other muscles' cramps in running follow them is not known.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from emgsmr.simulate.incident import Cramp
from emgsmr.simulate.spectrum import Spectrum

FloatArray = NDArray[np.float64]

MAXIMAL = 1.5
"""Amplitude of a maximal contraction relative to the burst's top in easy running: an assumption."""

RAMP_S = 5.0
"""How long a cramp takes to grow and to subside; half of its length if it is shorter than twice this."""

RATE_PPS, RATE_SD, RATE_RANGE = 14.5, 5.1, (6.0, 25.0)
ISI_CV = 0.446
COMMON_HZ, COMMON_DEPTH = (1.3, 1.5), 0.2  # the published band; how deep the rates swing is an assumption
UNITS = 40

_FINE_HZ = 100.0
_SWINGS = 5


def firing_times(duration_s: float, *, rng: np.random.Generator) -> list[FloatArray]:
    """Draw when each motor unit of a cramp fires.

    Parameters
    ----------
    duration_s : float, s
    rng : numpy.random.Generator

    Returns
    -------
    list of ndarray, s
        One array for each of `UNITS` units, from the beginning of the cramp.

    Notes
    -----
    Each unit is a gamma renewal process of its own mean rate, on a time that all units share and that runs
    faster and slower by `COMMON_DEPTH` at 1.3 to 1.5 Hz; both together give the published variability.

    Examples
    --------
    >>> times = firing_times(60.0, rng=np.random.default_rng(1))
    >>> isi = [np.diff(t) for t in times]
    >>> len(times), round(float(np.mean([i.std() / i.mean() for i in isi])), 1)
    (40, 0.4)
    """
    t = np.arange(0.0, duration_s + 1.0 / _FINE_HZ, 1.0 / _FINE_HZ)
    hz, phase = rng.uniform(*COMMON_HZ, _SWINGS), rng.uniform(0.0, 2.0 * np.pi, _SWINGS)
    swing = np.sqrt(2.0 / _SWINGS) * np.sin(2.0 * np.pi * hz * t[:, np.newaxis] + phase).sum(axis=1)
    pace = np.maximum(1.0 + COMMON_DEPTH * swing, 0.2)
    passed = np.concatenate([[0.0], np.cumsum((pace[1:] + pace[:-1]) / 2.0 / _FINE_HZ)])
    rates = np.clip(RATE_PPS + RATE_SD * rng.standard_normal(UNITS), *RATE_RANGE)
    shape = 1.0 / (ISI_CV**2 - COMMON_DEPTH**2)
    found = []
    for rate in rates:
        n = int(1.5 * rate * passed[-1]) + 20
        at = rng.uniform(0.0, 1.0 / rate) + np.cumsum(rng.gamma(shape, 1.0 / (shape * rate), n))
        found.append(np.interp(at[at < passed[-1]], passed, t))
    return found


def cramp_emg(
    cramp: Cramp, t_s: FloatArray, *, fs: float, spectrum: Spectrum, peak_uv: float, rng: np.random.Generator
) -> tuple[int, FloatArray]:
    """Make what a cramp adds to a muscle's signal.

    Parameters
    ----------
    cramp : Cramp
    t_s : ndarray, shape (n_samples,), s
        Evenly spaced.
    fs : float, Hz
    spectrum : Spectrum
        Of the muscle: each firing adds a potential with this spectrum.
    peak_uv : float, µV rms
        At the top of the muscle's burst in easy running.
    rng : numpy.random.Generator

    Returns
    -------
    first : int
        The sample of ``t_s`` at which it begins.
    emg : ndarray, shape (n,), µV
        Of the rms that `level_uv` gives, between its ramps.
    """
    first, stop = np.searchsorted(t_s, [cramp.start_s, cramp.start_s + cramp.duration_s]).tolist()
    times = firing_times(cramp.duration_s, rng=rng)
    sizes = np.exp(0.5 * rng.standard_normal(len(times)))
    if stop == first:
        return first, np.zeros(0)
    since = t_s[first:stop] - cramp.start_s
    impulses = np.zeros(stop - first)
    for at, size in zip(times, sizes, strict=True):
        near = np.searchsorted(since, at)
        np.add.at(impulses, near[near < len(impulses)], size)
    power = sum(len(at) * size**2 for at, size in zip(times, sizes, strict=True)) / cramp.duration_s / fs
    out = signal.oaconvolve(impulses, spectrum.kernel(fs), mode="same") / np.sqrt(power)
    ramp_s = min(RAMP_S, cramp.duration_s / 2.0)
    ramps = np.clip(np.minimum(since, cramp.duration_s - since) / ramp_s, 0.0, 1.0)
    return first, level_uv(cramp, peak_uv) * ramps * out


def level_uv(cramp: Cramp, peak_uv: float) -> float:
    """Rms of a cramp between its ramps, µV."""
    return cramp.level * MAXIMAL * peak_uv
