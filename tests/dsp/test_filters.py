"""The causal band-pass: its gain, its start, and that no cut of the stream changes a bit."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import signal

from emgsmr.dsp import bandpass, design_bandpass, design_lowpass, group_delay, settling_samples
from emgsmr.errors import SamplingRateError

RATES = [
    (30.0, 450.0, 1000.0),
    (20.0, 450.0, 2000.0),
    (30.0, 450.0, 1116.0),
    (30.0, 225.0, 500.0),
    (20.0, 450.0, 250.0),
    (30.0, 90.0, 200.0),
]


def butterworth_gain(f_hz: float, *, low_hz: float, high_hz: float, fs: float, order: int = 4) -> float:
    """The textbook magnitude of a band-pass after the bilinear transform with prewarped corners."""
    w, w1, w2 = np.tan(np.pi * np.array([f_hz, low_hz, high_hz]) / fs)
    return float(1.0 / np.sqrt(1.0 + ((w * w - w1 * w2) / (w * (w2 - w1))) ** (2 * order)))


def butterworth_delay(f_hz: float, *, low_hz: float, high_hz: float, fs: float, order: int = 4) -> float:
    """The same filter's group delay, s: from the poles of the low-pass prototype, by the chain rule."""
    w, w1, w2 = np.tan(np.pi * np.array([f_hz, low_hz, high_hz]) / fs)
    x = (w * w - w1 * w2) / (w * (w2 - w1))
    poles = np.exp(1j * np.pi * (2 * np.arange(order) + order + 1) / (2 * order))
    slope = (w * w + w1 * w2) / (w * w * (w2 - w1)) * (1 + w * w) / 2
    return float(np.sum(np.real(1 / (1j * x - poles))) * slope / fs)


def steady_phases(f_hz: np.ndarray, sos: np.ndarray, fs: float) -> np.ndarray:
    """Phase by which the causal filter turns each sine, rad; the sines have whole turns in two seconds."""
    t = np.arange(int(6 * fs)) / fs
    y, _ = bandpass(np.sin(2 * np.pi * f_hz * t[:, np.newaxis]), sos=sos)
    late = slice(int(4 * fs), None)
    turned = np.sum(y[late] * np.exp(-2j * np.pi * f_hz * t[late, np.newaxis]), axis=0)
    return np.angle(turned * 1j)


@pytest.mark.parametrize(("low", "high", "fs"), RATES)
@pytest.mark.parametrize("relative", [1.0, 1.5, 3.0])
def test_a_burst_is_delayed_as_declared(low: float, high: float, fs: float, relative: float) -> None:
    """By the closed form, by `group_delay`, and by sines half a hertz apart that were filtered."""
    f_hz, sos = low * relative, design_bandpass(low_hz=low, high_hz=high, fs=fs)
    expected = butterworth_delay(f_hz, low_hz=low, high_hz=min(high, 0.45 * fs), fs=fs)
    assert float(group_delay(sos, fs=fs, freqs=f_hz)) == pytest.approx(expected, rel=1e-6)
    below, above = steady_phases(np.array([f_hz - 0.5, f_hz + 0.5]), sos, fs)
    measured = -((above - below + np.pi) % (2 * np.pi) - np.pi) / (2 * np.pi)
    assert measured == pytest.approx(expected, rel=0.02)


def test_delays_are_those_of_scipy() -> None:
    for sos, freqs in (
        (design_bandpass(low_hz=20, high_hz=450, fs=1000), np.array([10.0, 20.0, 77.0, 400.0])),
        (design_lowpass(cutoff_hz=6, fs=1000), np.array([1.0, 6.0, 100.0])),
        (design_lowpass(cutoff_hz=6, fs=200, order=3), np.array([1.0, 6.0, 99.0])),
        (np.array([[1.0, 0.5, 0.2, 1.0, -0.3, 0.1]]), np.array([0.0, 100.0])),  # no mirrored numerator
    ):
        _, expected = signal.group_delay(signal.sos2tf(sos), w=freqs, fs=1000)
        np.testing.assert_allclose(group_delay(sos, fs=1000, freqs=freqs), expected / 1000, rtol=1e-5)


@pytest.mark.parametrize("fs", [200.0, 250.0, 500.0, 1000.0, 1116.0, 2000.0])
def test_the_low_pass_has_its_corner_where_it_is_asked(fs: float) -> None:
    sos = design_lowpass(cutoff_hz=6.0, fs=fs)
    t = np.arange(int(8 * fs))[:, np.newaxis] / fs
    y, _ = bandpass(np.sin(2 * np.pi * np.array([0.5, 6.0, 12.0]) * t), sos=sos)
    measured = np.sqrt(2 * np.mean(np.square(y[int(4 * fs) :]), axis=0))
    w, w6 = np.tan(np.pi * np.array([0.5, 6.0, 12.0]) / fs), np.tan(np.pi * 6.0 / fs)
    np.testing.assert_allclose(measured, 1 / np.sqrt(1 + (w / w6) ** 8), rtol=2e-3)


def test_a_corner_that_the_rate_forbids_is_refused() -> None:
    with pytest.raises(SamplingRateError, match="above 400 Hz"):
        design_lowpass(cutoff_hz=200, fs=400)


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


@pytest.mark.parametrize("fs", [60.0, 40.0, 1.0, 0.0])
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
