"""What a sensor picks up besides muscle: hum, impacts, and the air after an electrode came off."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

_IMPACT_S = 0.4
_DECAY_S = 0.08


def hum(t_s: FloatArray, *, hz: float, rms_uv: float, rng: np.random.Generator) -> FloatArray:
    """Make mains hum: the fundamental at ``rms_uv`` and a third harmonic at 30 % of it, at random phases."""
    phase = rng.uniform(0.0, 2.0 * np.pi, 2)
    angle = 2.0 * np.pi * hz * t_s
    return np.asarray(
        np.sqrt(2.0) * rms_uv * (np.sin(angle + phase[0]) + 0.3 * np.sin(3.0 * angle + phase[1]))
    )


def impacts(
    t_s: FloatArray, contacts: FloatArray, *, fs: float, peak_uv: float, rng: np.random.Generator
) -> FloatArray:
    """Make motion artifact: at each foot contact a ringing of 5-25 Hz that dies away (0.08 s).

    Parameters
    ----------
    t_s : ndarray, shape (n_samples,), s
        Evenly spaced.
    contacts : ndarray, s
    fs : float, Hz
        Of ``t_s``.
    peak_uv : float, µV
        Typical peak (each one is drawn, log-normal with SD 0.4).
    rng : numpy.random.Generator
    """
    n = len(contacts)
    hz, sign = rng.uniform(5.0, 25.0, n), rng.choice((-1.0, 1.0), n)
    peak = peak_uv * np.exp(0.4 * rng.standard_normal(n))
    out = np.zeros(len(t_s))
    if not n or not len(t_s) or peak_uv == 0.0:
        return out
    first = np.ceil((contacts - t_s[0]) * fs).astype(np.int64)
    index = first[:, None] + np.arange(int(_IMPACT_S * fs))
    since = np.clip(t_s[0] + index / fs - contacts[:, None], 0.0, None)
    ringing = (sign * peak)[:, None] * np.exp(-since / _DECAY_S) * np.sin(2.0 * np.pi * hz[:, None] * since)
    inside = (index >= 0) & (index < len(out))
    np.add.at(out, index[inside], ringing[inside])
    return out


def open_electrode(t_s: FloatArray, *, hz: float, rng: np.random.Generator) -> FloatArray:
    """Make what an electrode in the air shows: 200 µV rms of hum, 20 µV rms of noise, swings of 300 µV."""
    swing = 300.0 * np.sin(2.0 * np.pi * rng.uniform(0.3, 0.8) * t_s + rng.uniform(0.0, 2.0 * np.pi))
    noise = 20.0 * rng.standard_normal(len(t_s))
    return np.asarray(hum(t_s, hz=hz, rms_uv=200.0, rng=rng) + swing + noise)
