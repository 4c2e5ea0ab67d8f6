"""The rhythm of gait in the EMG itself: stride frequency, and where in the stride a moment lies."""

from __future__ import annotations

from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr.dsp.taper import hann

FloatArray = NDArray[np.float64]

STRIDE_HZ = (0.6, 1.9)
"""Stride frequencies looked for: slow walking to sprinting cadence."""

RUN_HZ = 1.15
"""Stride frequency above which gait counts as running where the muscles' order does not tell (138 spm)."""

STEP_HZ = 0.01
"""Fineness of the search."""


class Rhythm(NamedTuple):
    """Gait found in a window.

    ``freq_hz``: stride frequency. ``phase``: fraction of the stride, since foot contact, at the middle of the
    window. ``strength``: share of the envelopes' variance that is rhythmic, 0 to 1. ``gait``: what the order
    of the muscles says.
    """

    freq_hz: float
    phase: float
    strength: float
    gait: Literal["run", "walk"]


def find_rhythm(envelopes: FloatArray, *, fs: float, run_pct: FloatArray, walk_pct: FloatArray) -> Rhythm:
    """Stride frequency and phase from the envelopes of one leg's muscles.

    Parameters
    ----------
    envelopes : ndarray, shape (n_samples, n_channels)
        Amplitude, at a low rate; several strides long. Any scale: each channel is standardized.
    fs : float, Hz
        Rate of the envelopes.
    run_pct, walk_pct : ndarray, shape (n_channels,), % of the stride
        Center of each muscle's burst after foot contact of its own leg, in running and in walking.

    Returns
    -------
    Rhythm

    Notes
    -----
    The center of a burst is the phase of the envelope's fundamental, so one Fourier coefficient per channel
    at the common stride frequency places foot contact. The frequency with the most power in fundamental and
    second harmonic over all channels is taken. Running and walking differ in when the calf works relative to
    thigh and buttock; the order that explains the phases better is taken.

    Examples
    --------
    >>> t = np.arange(0, 6, 0.02)
    >>> env = np.exp(6 * np.cos(2 * np.pi * (1.4 * t[:, None] - np.array([0.04, 0.95, 0.06]))))
    >>> run, walk = np.array([4.0, 95, 6]), np.array([4.0, 95, 41])
    >>> r = find_rhythm(env, fs=50, run_pct=run, walk_pct=walk)
    >>> round(r.freq_hz, 2), r.gait, round(r.phase, 2), round(float(1.4 * (t[0] + t[-1]) / 2 % 1), 2)
    (1.4, 'run', 0.19, 0.19)
    """
    n = len(envelopes)
    centered = envelopes - envelopes.mean(axis=0)
    scale = np.sqrt(np.mean(np.square(centered), axis=0))
    standard = centered / np.where(scale > 0, scale, 1.0)
    t = (np.arange(n) - (n - 1) / 2) / fs
    taper = hann(n)
    tapered = standard * taper[:, np.newaxis]
    # padded so that its bins are STEP_HZ apart; a unit-variance sinusoid would have power 1
    spectrum = np.fft.rfft(tapered, n=max(round(fs / STEP_HZ), n), axis=0)
    bins = np.arange(round(STRIDE_HZ[0] / STEP_HZ), round(STRIDE_HZ[1] / STEP_HZ) + 1)
    freqs = bins * STEP_HZ
    wanted = spectrum[np.stack([bins, 2 * bins])]
    power = np.mean(wanted.real**2 + wanted.imag**2, axis=2) * 2.0 / np.sum(taper) ** 2
    score = power[0] + 0.5 * power[1]
    best = int(np.argmax(score))
    freq = float(freqs[best])
    if 0 < best < len(freqs) - 1:
        a, b, c = score[best - 1 : best + 2]
        bend = a - 2 * b + c
        freq += STEP_HZ * float(np.clip(0.5 * (a - c) / bend, -0.5, 0.5)) if bend < 0 else 0.0
    first = np.exp(-2j * np.pi * freq * t) @ tapered
    strength = float(min(power[0, best] + power[1, best], 1.0))
    weights = np.abs(first)
    turn = np.exp(1j * np.angle(first))
    resultants = {
        gait: complex(
            np.sum(weights * turn * np.exp(2j * np.pi * center / 100)) / max(np.sum(weights), 1e-12)
        )
        for gait, center in (("run", run_pct), ("walk", walk_pct))
    }
    margin = abs(resultants["run"]) - abs(resultants["walk"])
    gait: Literal["run", "walk"] = "run" if (margin > 0 if abs(margin) > 0.05 else freq >= RUN_HZ) else "walk"
    phase = float(np.angle(resultants[gait]) / (2 * np.pi)) % 1.0
    return Rhythm(freq, phase, strength, gait)
