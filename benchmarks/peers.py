"""What other published EMG software does with a signal, one function each; nothing of ours.

NeuroKit2 and pyemgpipeline are called. biosignalsnotebooks pins numpy 1.22 and scipy 1.8 (version 0.6.14),
which no Python that emgsmr supports can install, and musclesyneRgies is an R package: both are written down
here from their documentation and source. The former was held against the package itself in an environment
with numpy 1.26: the same bursts to the sample and the same median frequencies on 20 real channels, the
smoothed signal within 3e-13 of its maximum. The latter is held against the result that its author publishes
(``validation/peer_envelopes.py``).
"""

from __future__ import annotations

import importlib
import warnings
from collections.abc import Callable
from importlib.metadata import PackageNotFoundError, version
from itertools import pairwise
from types import ModuleType

import numpy as np
from numpy.typing import NDArray
from scipy import signal

FloatArray = NDArray[np.float64]

# What each does by default, for filters of ours with the same settings: (high-pass Hz, low-pass Hz, order per
# pass) of the band and (low-pass Hz, order per pass) of the envelope.
NEUROKIT_BAND, NEUROKIT_SMOOTH = (10.0, 400.0, 2), (8.0, 2)
PYEMGPIPELINE_BAND, PYEMGPIPELINE_SMOOTH = (10.0, 450.0, 2), (6.0, 2)
SYNERGIES_HIGH, SYNERGIES_SMOOTH = (50.0, 4), (20.0, 4)
BIOSIGNALS_BAND = (10.0, 300.0, 6)

NEUROKIT_METHODS = ("threshold", "mixture", "biosppy", "silva")


def versions() -> dict[str, str]:
    """Installed peers and their versions."""
    found = {}
    for name in ("neurokit2", "pyemgpipeline"):
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found


def load(name: str) -> ModuleType:
    """The package; what it warns about on its import is its own affair."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        return importlib.import_module(name)


def neurokit_envelope(x: FloatArray, *, fs: float) -> FloatArray:
    """``emg_amplitude`` of each channel: Teager-Kaiser energy, band-pass, rectified, low-pass, zero-phase."""
    neurokit = load("neurokit2")
    return _each_channel(lambda channel: neurokit.emg_amplitude(channel, sampling_rate=fs), x)


def neurokit_cleaned(x: FloatArray, *, fs: float) -> FloatArray:
    """``emg_clean``: 100 Hz high-pass, zero-phase, mean removed."""
    neurokit = load("neurokit2")
    return _each_channel(lambda channel: neurokit.emg_clean(channel, sampling_rate=fs), x)


def neurokit_bursts(x: FloatArray, *, fs: float, method: str) -> FloatArray:
    """``emg_activation`` of one channel as ``emg_process`` calls it: onset and offset (s) of each burst."""
    neurokit = load("neurokit2")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # "no events found", and an upcast by pandas
        cleaned = neurokit.emg_clean(x, sampling_rate=round(fs))
        amplitude = neurokit.emg_amplitude(cleaned, sampling_rate=round(fs))
        _, found = neurokit.emg_activation(
            emg_amplitude=amplitude, emg_cleaned=cleaned, sampling_rate=round(fs), method=method
        )
    on, off = np.asarray(found["EMG_Onsets"], float), np.asarray(found["EMG_Offsets"], float)
    n = min(len(on), len(off))
    return np.stack([on[:n], off[:n]], axis=1) / fs


def neurokit_process(x: FloatArray, *, fs: float) -> None:
    """``emg_process`` of each channel, for its time."""
    neurokit = load("neurokit2")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        for channel in x.T:
            neurokit.emg_process(channel, sampling_rate=round(fs))


def neurokit_psd(x: FloatArray, *, fs: float, window_s: float | None = None) -> tuple[FloatArray, FloatArray]:
    """``signal_psd`` of one channel with its defaults: Welch, padded to twice the segment."""
    neurokit = load("neurokit2")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        found = neurokit.signal_psd(x, sampling_rate=fs, window=window_s, normalize=False)
    return found["Frequency"].to_numpy(), found["Power"].to_numpy()


def pyemgpipeline_envelope(x: FloatArray, *, fs: float) -> FloatArray:
    """Offset, 10-450 Hz, rectified, 6 Hz, all with the package's defaults."""
    processors = load("pyemgpipeline.processors")
    steps = (
        processors.DCOffsetRemover(),
        processors.BandpassFilter(hz=fs),
        processors.FullWaveRectifier(),
        processors.LinearEnvelope(hz=fs),
    )
    for step in steps:
        x = step.apply(x)
    return x


def synergies_envelope(x: FloatArray, *, fs: float) -> FloatArray:
    """``filtEMG`` of musclesyneRgies 1.2.5, before the minimum is subtracted and the maximum becomes 1.

    Mean removed, 50 Hz high-pass, rectified, 20 Hz low-pass, both Butterworth of order 4, both ways. R's
    ``filtfilt`` (package signal) begins at rest and appends zeros instead of mirroring the signal.
    Described in the package's manual and in Santuz et al. 2017, Int J Neural Syst 27:1750007.
    """
    high_hz, order = SYNERGIES_HIGH
    high = signal.butter(order, high_hz, "high", fs=fs)
    low = signal.butter(SYNERGIES_SMOOTH[1], SYNERGIES_SMOOTH[0], "low", fs=fs)
    return _r_filtfilt(np.abs(_r_filtfilt(x - x.mean(axis=0), *high)), *low)


def synergies_scaled(envelope: FloatArray) -> FloatArray:
    """Their amplitude: nothing below the smallest positive value, then 0 to 1 per channel."""
    positive = np.maximum(envelope, envelope[envelope > 0].min())
    risen = positive - positive.min(axis=0)
    return risen / risen.max(axis=0)


def synergies_cycles(
    envelope: FloatArray, *, t_s: FloatArray, cycles: FloatArray, points: int = 100
) -> FloatArray:
    """``normEMG``: stance and swing of each cycle to ``points`` each; the first cycle is left out.

    ``cycles`` holds touchdown and liftoff (s) per row; shape of the result: (n_cycles, 2 points, n_channels).
    """
    edges = np.append(cycles[1:-1].ravel(), cycles[-1, 0])  # touchdown, liftoff, ..., touchdown
    first = np.searchsorted(t_s, edges - 1e-9)
    parts = [
        np.stack(
            [np.interp(np.linspace(a, b - 1, points), np.arange(a, b), column[a:b]) for column in envelope.T],
            1,
        )
        for a, b in pairwise(first)
    ]
    return np.concatenate(parts).reshape(len(cycles) - 2, 2 * points, -1)


def _r_filtfilt(x: FloatArray, b: FloatArray, a: FloatArray) -> FloatArray:
    zeros = np.zeros((2 * max(len(a), len(b)), x.shape[1]))
    forward = signal.lfilter(b, a, np.concatenate([x, zeros]), axis=0)
    return np.asarray(signal.lfilter(b, a, forward[::-1], axis=0)[::-1][: len(x)])


def biosignals_bursts(x: FloatArray, *, fs: float) -> tuple[FloatArray, FloatArray]:
    """``detect_emg_activations`` of biosignalsnotebooks 0.6.14: bursts (s), and what has the threshold.

    Mean removed; causal 10-300 Hz Butterworth of order 6; Teager-Kaiser energy, rectified; a causal mean of
    0.1 s; a mean of 0.4 s around each sample, zero within 0.2 s of both ends; above 10 % of its maximum.
    """
    low_hz, high_hz, order = BIOSIGNALS_BAND
    centered = x - x.mean()
    filtered = signal.lfilter(*signal.butter(order, [low_hz, high_hz], "band", fs=fs), centered)
    energy = np.abs(teager_kaiser(filtered))
    energy[[0, -1]] = np.abs(filtered[[0, -1]])
    n = int(fs / 10)
    total = np.concatenate([[0.0], np.cumsum(energy)])
    smooth = np.concatenate([np.zeros(n - 1), (total[n:] - total[:-n]) / n])
    half = int(0.2 * fs)
    total = np.concatenate([[0.0], np.cumsum(smooth)])
    wide = np.zeros(len(x))
    middle = np.arange(half + 1, len(x) - half)
    wide[middle] = (total[middle + half] - total[middle - half]) / (2 * half)
    # their threshold, 10 % of the maximum, goes through units of the filtered signal's SD
    steps = np.diff((wide >= 0.1 * wide.max()).astype(int))
    on, off = np.flatnonzero(steps == 1), np.flatnonzero(steps == -1)
    n_bursts = min(len(on), len(off))
    return np.stack([on[:n_bursts], off[:n_bursts]], axis=1) / fs, wide


def biosignals_spectrum(x: FloatArray, *, fs: float) -> tuple[FloatArray, FloatArray]:
    """The spectrum behind ``fatigue_eval_med_freq``: Welch, Hann, segments of 256 without overlap."""
    return signal.welch(x, fs=fs, window="hann", nperseg=min(256, len(x)), noverlap=0, nfft=256)


def biosignals_median_frequency(x: FloatArray, *, fs: float) -> float:
    """``fatigue_eval_med_freq``: the first bin of the whole spectrum that has half of the area below it."""
    freqs, power = biosignals_spectrum(x, fs=fs)
    area = np.concatenate([[0.0], np.cumsum(np.diff(freqs) * (power[1:] + power[:-1]) / 2)])
    return float(freqs[np.flatnonzero(area >= area[-1] / 2)[0]])


def teager_kaiser(x: FloatArray) -> FloatArray:
    """``x[n]² - x[n-1] x[n+1]``; the ends repeat their neighbors."""
    energy = np.empty_like(x)
    energy[1:-1] = x[1:-1] ** 2 - x[:-2] * x[2:]
    energy[0], energy[-1] = energy[1], energy[-2]
    return energy


def _each_channel(one: Callable[[FloatArray], FloatArray], x: FloatArray) -> FloatArray:
    return np.stack([np.asarray(one(np.ascontiguousarray(column))) for column in x.T], axis=1)
