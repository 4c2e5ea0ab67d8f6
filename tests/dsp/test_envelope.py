"""Envelopes, causal and zero-phase: their corners, their delays, and what they do with bad input."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import signal

from emgsmr.dsp import (
    arv,
    bandpass,
    design_bandpass,
    design_lowpass,
    filtfilt_bandpass,
    filtfilt_envelope,
    group_delay,
    linear_envelope,
    settling_samples,
)
from emgsmr.errors import ArgumentError, SamplingRateError

RATES = [200.0, 250.0, 500.0, 1000.0, 1116.0, 2000.0]


def gain(y: np.ndarray, fs: float) -> np.ndarray:
    """Amplitude of sines of unit amplitude in the middle, away from the ends."""
    middle = y[int(2 * fs) : int(6 * fs)]
    return np.sqrt(2 * np.mean(np.square(middle), axis=0))


@pytest.mark.parametrize("fs", RATES)
@pytest.mark.parametrize("order", [1, 2, 4])
def test_two_passes_have_3_db_at_the_corners_asked_for(fs: float, order: int) -> None:
    low, high = 20.0, min(450.0, 0.45 * fs)
    t = np.arange(int(8 * fs))[:, np.newaxis] / fs
    freqs = np.array([low, np.sqrt(low * high), high])
    y = filtfilt_bandpass(np.sin(2 * np.pi * freqs * t + 0.3), low_hz=low, high_hz=450, fs=fs, order=order)
    measured = gain(y, fs)
    np.testing.assert_allclose(measured[[0, 2]], np.sqrt(0.5), rtol=3e-3)
    assert measured[1] > 0.99 if order > 1 else measured[1] > 0.9


@pytest.mark.parametrize("fs", RATES)
def test_two_passes_move_nothing(fs: float) -> None:
    t = np.arange(int(4 * fs)) / fs
    burst = np.exp(-(((t - 2.0) / 0.1) ** 2)) * np.sin(2 * np.pi * 60 * t)
    y = filtfilt_bandpass(burst[:, np.newaxis], low_hz=20, high_hz=450, fs=fs)[:, 0]
    centers = [float(np.sum(t * x**2) / np.sum(x**2)) for x in (burst, y)]
    assert centers[1] == pytest.approx(centers[0], abs=1e-6)
    causal = bandpass(burst[:, np.newaxis], sos=design_bandpass(low_hz=20, high_hz=450, fs=fs))[0][:, 0]
    delay = float(np.sum(t * causal**2) / np.sum(causal**2)) - centers[0]
    declared = float(group_delay(design_bandpass(low_hz=20, high_hz=450, fs=fs), fs=fs, freqs=60.0))
    assert delay == pytest.approx(declared, abs=3e-4)


@pytest.mark.parametrize("fs", RATES)
@pytest.mark.parametrize("cutoff_hz", [3.0, 6.0, 20.0])
def test_the_zero_phase_envelope_has_its_corner_where_it_is_asked(fs: float, cutoff_hz: float) -> None:
    """What was rectified is 1 plus a sine: positive, so that rectifying leaves it alone."""
    t = np.arange(int(8 * fs))[:, np.newaxis] / fs
    y = filtfilt_envelope(1 + 0.5 * np.sin(2 * np.pi * cutoff_hz * t), cutoff_hz=cutoff_hz, fs=fs)
    np.testing.assert_allclose(gain((y - 1) / 0.5, fs), np.sqrt(0.5), rtol=5e-3)
    impulse = np.zeros((int(2 * fs) + 1, 1))
    impulse[int(fs)] = -1.0
    answer = filtfilt_envelope(impulse, cutoff_hz=cutoff_hz, fs=fs)[:, 0]
    np.testing.assert_allclose(answer, answer[::-1], atol=1e-6 * answer.max())


@pytest.mark.parametrize("fs", RATES)
def test_the_causal_envelope_is_late_by_its_delay(fs: float) -> None:
    sos = design_lowpass(cutoff_hz=6, fs=fs)
    t = np.arange(int(8 * fs))[:, np.newaxis] / fs
    y, _ = linear_envelope(1 + 0.5 * np.sin(2 * np.pi * 0.5 * t), sos=sos)
    late = slice(int(4 * fs), None)
    turned = np.sum((y - 1)[late] * np.exp(-2j * np.pi * 0.5 * t[late]))
    measured = -np.angle(turned * 1j) / (2 * np.pi * 0.5)
    declared = float(group_delay(sos, fs=fs, freqs=0.0))
    assert measured == pytest.approx(declared, rel=0.01)
    assert declared == pytest.approx(2.6131 / (2 * np.pi * 6), rel=1e-2)  # sum of Re(1 / pole), order 4


def test_an_envelope_is_scipys_of_the_rectified_signal(rng: np.random.Generator) -> None:
    x = rng.normal(0, 50, (4000, 2))
    sos = design_lowpass(cutoff_hz=6, fs=1000)
    y, _ = linear_envelope(x, sos=sos)
    settled = settling_samples(sos)
    np.testing.assert_allclose(y[settled:], signal.sosfilt(sos, np.abs(x), axis=0)[settled:], atol=0.01 * 50)
    np.testing.assert_allclose(y[settled:].mean(axis=0), arv(x), rtol=0.03)


@pytest.mark.parametrize("n", [0, 1, 2, 3, 10])
def test_a_picture_of_few_samples(n: int) -> None:
    x = np.full((n, 2), 5.0)
    assert filtfilt_envelope(x, cutoff_hz=6, fs=1000).shape == (n, 2)
    assert filtfilt_bandpass(x, low_hz=20, high_hz=450, fs=1000).shape == (n, 2)
    if n > 1:
        np.testing.assert_allclose(filtfilt_envelope(x, cutoff_hz=6, fs=1000), 5.0)
        np.testing.assert_allclose(filtfilt_bandpass(x, low_hz=20, high_hz=450, fs=1000), 0.0, atol=1e-9)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_missing_is_not_smeared_over_the_picture(bad: float) -> None:
    x = np.ones((50, 2))
    x[7, 1] = bad
    with pytest.raises(ArgumentError, match="Sample 7 "):
        filtfilt_envelope(x, cutoff_hz=6, fs=1000)
    with pytest.raises(ArgumentError, match="Sample 7 "):
        filtfilt_bandpass(x, low_hz=20, high_hz=450, fs=1000)


def test_corners_that_the_rate_forbids_are_refused() -> None:
    with pytest.raises(SamplingRateError):
        filtfilt_envelope(np.ones((50, 1)), cutoff_hz=150, fs=200)
    with pytest.raises(SamplingRateError, match="200 Hz"):
        filtfilt_bandpass(np.ones((50, 1)), low_hz=30, high_hz=450, fs=60)
