"""The causal band-pass: its gain, its start, and that no cut of the stream changes a bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from emgsmr.dsp import bandpass, design_bandpass, settling_samples
from emgsmr.errors import SamplingRateError

RATES = [(30.0, 450.0, 1000.0), (20.0, 450.0, 2000.0), (30.0, 225.0, 500.0), (30.0, 90.0, 200.0)]


def butterworth_gain(f_hz: float, *, low_hz: float, high_hz: float, fs: float, order: int = 4) -> float:
    """The textbook magnitude of a band-pass after the bilinear transform with prewarped corners."""
    w, w1, w2 = np.tan(np.pi * np.array([f_hz, low_hz, high_hz]) / fs)
    return float(1.0 / np.sqrt(1.0 + ((w * w - w1 * w2) / (w * (w2 - w1))) ** (2 * order)))


@pytest.mark.parametrize(("low", "high", "fs"), RATES)
@pytest.mark.parametrize("relative", [0.5, 1.0, 1.5, 3.0])
def test_a_sine_comes_out_with_the_textbook_gain(low: float, high: float, fs: float, relative: float) -> None:
    f_hz = low * relative
    t = np.arange(int(4 * fs)) / fs
    x = np.column_stack([np.sin(2 * np.pi * f_hz * t), np.cos(2 * np.pi * f_hz * t)])
    y, _ = bandpass(x, sos=design_bandpass(low_hz=low, high_hz=high, fs=fs))
    steady = y[int(2 * fs) :]
    measured = np.sqrt(2 * np.mean(np.square(steady), axis=0))
    expected = butterworth_gain(f_hz, low_hz=low, high_hz=min(high, 0.45 * fs), fs=fs)
    np.testing.assert_allclose(measured, expected, rtol=2e-3)


def test_the_upper_corner_stays_below_the_nyquist_frequency() -> None:
    np.testing.assert_array_equal(
        design_bandpass(low_hz=20, high_hz=450, fs=500), design_bandpass(low_hz=20, high_hz=225, fs=500)
    )


@pytest.mark.parametrize("fs", [60.0, 40.0, 1.0])
def test_a_rate_that_leaves_no_band_is_refused(fs: float) -> None:
    with pytest.raises(SamplingRateError, match="200 Hz"):
        design_bandpass(low_hz=30, high_hz=450, fs=fs)


def test_the_start_is_that_of_a_filter_at_rest_on_the_first_sample(rng: np.random.Generator) -> None:
    """A band-pass has no DC: the steady state of x[0] is being at rest with x - x[0]."""
    sos = design_bandpass(low_hz=30, high_hz=450, fs=1000)
    x = rng.normal(2048, 60, (700, 3))
    y, _ = bandpass(x, sos=sos)
    np.testing.assert_allclose(y, signal.sosfilt(sos, x - x[0], axis=0), rtol=0, atol=1e-8)


def test_an_offset_does_not_ring() -> None:
    y, _ = bandpass(np.full((100, 2), 8191.0), sos=design_bandpass(low_hz=30, high_hz=450, fs=1000))
    np.testing.assert_allclose(y, 0.0, atol=1e-7)


@given(
    cuts=st.lists(st.integers(0, 300), max_size=12),
    n_channels=st.integers(1, 4),
    fs=st.sampled_from([200.0, 500.0, 1116.0]),
)
def test_no_cut_changes_a_bit(cuts: list[int], n_channels: int, fs: float) -> None:
    x = np.random.default_rng(5).normal(100, 50, (300, n_channels))
    sos = design_bandpass(low_hz=30, high_hz=450, fs=fs)
    whole, whole_state = bandpass(x, sos=sos)
    pieces, state = [], None
    # a cut drawn twice gives an empty piece; each one more gives a piece of one sample
    for piece in np.split(x, sorted([*cuts, *(min(c + 1, 300) for c in cuts)])):
        y, state = bandpass(piece, sos=sos, state=state)
        pieces.append(y)
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    np.testing.assert_array_equal(state, whole_state)


def test_sample_by_sample_from_nothing() -> None:
    x = np.random.default_rng(6).normal(0, 50, (60, 2))
    sos = design_bandpass(low_hz=30, high_hz=90, fs=200)
    y, state = bandpass(np.empty((0, 2)), sos=sos)
    assert y.shape == (0, 2)
    pieces = []
    for row in x:
        y, state = bandpass(row[np.newaxis], sos=sos, state=state)
        pieces.append(y)
    np.testing.assert_array_equal(np.concatenate(pieces), bandpass(x, sos=sos)[0])


def test_channels_do_not_touch_each_other(rng: np.random.Generator) -> None:
    x = rng.normal(0, 50, (400, 3))
    sos = design_bandpass(low_hz=30, high_hz=450, fs=1000)
    together, _ = bandpass(x, sos=sos)
    for channel in range(3):
        alone, _ = bandpass(x[:, [channel]], sos=sos)
        np.testing.assert_array_equal(alone[:, 0], together[:, channel])


def test_nothing_that_is_given_is_changed(rng: np.random.Generator) -> None:
    x = rng.integers(-2000, 2000, (50, 2)).astype("<i2")
    sos = design_bandpass(low_hz=30, high_hz=450, fs=1000)
    _, state = bandpass(x, sos=sos)
    kept = x.copy(), sos.copy(), state.copy()
    bandpass(x, sos=sos, state=state)
    for before, after in zip(kept, (x, sos, state), strict=True):
        np.testing.assert_array_equal(before, after)


@settings(max_examples=20)
@given(scale=st.floats(1e-3, 1e3))
def test_the_filter_is_linear(scale: float) -> None:
    x = np.random.default_rng(8).normal(0, 1, (200, 1))
    sos = design_bandpass(low_hz=20, high_hz=450, fs=1000)
    np.testing.assert_allclose(
        bandpass(scale * x, sos=sos)[0], scale * bandpass(x, sos=sos)[0], rtol=1e-9, atol=1e-12 * scale
    )


@pytest.mark.parametrize(("low", "high", "fs"), RATES)
def test_what_is_left_of_the_start_after_settling(low: float, high: float, fs: float) -> None:
    """Two filters on one signal, the other from its middle on: how much do they differ, and how long?"""
    x = np.random.default_rng(3).normal(0, 50, (int(3 * fs), 1)) + 400
    sos = design_bandpass(low_hz=low, high_hz=high, fs=fs)
    whole, _ = bandpass(x, sos=sos)
    late, _ = bandpass(x[int(fs) :], sos=sos)
    left = np.abs(late - whole[int(fs) :])[:, 0]
    settled = settling_samples(sos)
    assert left[settled:].max() < 0.01 * 50  # a hundredth of the signal's own size
    assert left[: settled // 8].max() > 0.01 * 50  # and there was something to wait for
    assert settled < 0.35 * fs
