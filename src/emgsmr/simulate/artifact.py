"""What a sensor picks up besides muscle: hum, impacts, and the air after an electrode came off."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray
from scipy import fft, signal

from emgsmr.simulate.person import generator

if TYPE_CHECKING:
    from emgsmr.simulate.scenario import Scenario

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


def flicker(n_samples: int, *, fs: float, rms_uv: float, rng: np.random.Generator) -> FloatArray:
    """Make noise whose power density falls as 1/f from 0.5 Hz on, as that of skin and electrode.

    Examples
    --------
    >>> noise = flicker(60_000, fs=1000.0, rms_uv=5.0, rng=np.random.default_rng(1))
    >>> round(float(noise.std()), 1)
    4.9
    """
    n = fft.next_fast_len(max(n_samples, 1), real=True)
    f_hz = np.maximum(fft.rfftfreq(n, 1.0 / fs), 0.5)
    out = np.asarray(fft.irfft(fft.rfft(rng.standard_normal(n)) / np.sqrt(f_hz), n))[:n_samples]
    total = np.log(fs / 2.0 / 0.5) + 1.0  # integral of min(1/f, 1/0.5 Hz) up to fs / 2
    return np.asarray(rms_uv * out / np.sqrt(total / (fs / 2.0)))


def loose_cable(t_s: FloatArray, *, fs: float, rms_uv: float, rng: np.random.Generator) -> FloatArray:
    """Make what a swinging cable shows: waves of 1 to 12 Hz, and three jerks a second that decay in 50 ms."""
    n = len(t_s)
    waves = signal.sosfilt(
        signal.butter(2, [1.0, 12.0], btype="bandpass", fs=fs, output="sos"), rng.standard_normal(n)
    )
    waves *= rms_uv / np.sqrt(11.0 / (fs / 2.0))
    jerks = np.where(rng.random(n) < 3.0 / fs, rng.standard_normal(n), 0.0)
    return np.asarray(waves + 2.0 * rms_uv * signal.lfilter([1.0], [1.0, -np.exp(-1.0 / (0.05 * fs))], jerks))


def for_a_while(
    script: Scenario, site: str, t_s: FloatArray, *, fs: float, seed: int
) -> Iterator[tuple[slice, FloatArray]]:
    """Make hum that begins, cables that swing and flicker: the samples concerned, and what is added there."""
    for number, hums in enumerate(script.hums):
        if hums.site in (None, site):
            at = slice(*np.searchsorted(t_s, [hums.start_s, hums.stop_s]))
            rng = generator(seed, "hum", str(number), site)
            yield at, hum(t_s[at], hz=hums.hz, rms_uv=hums.rms_uv, rng=rng)
    for number, loose in enumerate(script.loose):
        if loose.site == site:
            at = slice(*np.searchsorted(t_s, [loose.start_s, loose.stop_s]))
            rng = generator(seed, "loose", str(number), site)
            yield at, loose_cable(t_s[at], fs=fs, rms_uv=loose.rms_uv, rng=rng)
    if script.flicker_uv > 0.0:
        rng = generator(seed, "flicker", site)
        yield slice(None), flicker(len(t_s), fs=fs, rms_uv=script.flicker_uv, rng=rng)
