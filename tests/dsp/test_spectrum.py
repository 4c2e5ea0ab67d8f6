"""Frequencies against closed forms: the model spectrum of surface EMG, and what compression does to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate

from emgsmr.dsp import burst_spectrum, spectral_indices

LOW_HZ, HIGH_HZ = 60.0, 120.0


def model(f: np.ndarray, s: float = 1.0) -> np.ndarray:
    """Power density of surface EMG (Stulen and De Luca's form), compressed by ``s``."""
    f = f / s
    return np.asarray(HIGH_HZ**4 * f**2 / ((f**2 + LOW_HZ**2) * (f**2 + HIGH_HZ**2) ** 2))


def moment(order: float, low: float, high: float, s: float = 1.0) -> float:
    return float(integrate.quad(lambda f: f**order * model(np.array(f), s), low, high, limit=200)[0])


FINE = np.linspace(0, 1000, 20001)


def test_model_spectrum_has_its_published_frequencies() -> None:
    got = spectral_indices(FINE, model(FINE)[:, np.newaxis], low_hz=20, high_hz=450)
    assert got.mnf_hz[0] == pytest.approx(moment(1, 20, 450) / moment(0, 20, 450), rel=1e-4)
    assert got.mnf_hz[0] == pytest.approx(115.5, abs=0.2)
    assert got.mdf_hz[0] == pytest.approx(95.7, abs=0.5)
    assert moment(0, 20, got.mdf_hz[0]) == pytest.approx(0.5 * moment(0, 20, 450), rel=1e-3)


@pytest.mark.parametrize(
    ("s", "ratio"), [(0.95, 1.19), (0.90, 1.44), (0.85, 1.76), (0.80, 2.17), (0.68, 3.87)]
)
def test_compression_of_the_model_spectrum_raises_the_index_by_the_tabulated_factor(
    s: float, ratio: float
) -> None:
    power = np.column_stack([model(FINE), model(FINE, s)])
    ln_fi = spectral_indices(FINE, power, low_hz=10, high_hz=500).ln_fi
    assert np.exp(ln_fi[1] - ln_fi[0]) == pytest.approx(ratio, abs=0.012)


@given(s=st.floats(0.6, 1.4))
def test_frequencies_scale_with_s_and_the_index_with_its_inverse_sixth_power(s: float) -> None:
    """A spectrum that lies wholly inside the band, before and after."""
    f = np.linspace(0, 1000, 40001)
    power = np.exp(-0.5 * ((f[:, np.newaxis] / np.array([1.0, s]) - 150) / 15) ** 2)
    got = spectral_indices(f, power, low_hz=10, high_hz=500)
    assert got.mnf_hz[1] / got.mnf_hz[0] == pytest.approx(s, rel=1e-3)
    assert got.mdf_hz[1] / got.mdf_hz[0] == pytest.approx(s, rel=1e-3)
    assert got.ln_fi[1] - got.ln_fi[0] == pytest.approx(-6 * np.log(s), abs=2e-3)


def shaped_noise(fs: float, seconds: float, seed: int) -> np.ndarray:
    """Gaussian noise with the model spectrum, made in the frequency domain."""
    rng = np.random.default_rng(seed)
    n = int(fs * seconds)
    f = np.fft.rfftfreq(n, 1 / fs)
    white = rng.normal(size=len(f)) + 1j * rng.normal(size=len(f))
    return np.asarray(np.fft.irfft(white * np.sqrt(model(f)), n))


def test_bursts_of_shaped_noise_have_its_frequencies() -> None:
    fs = 1000.0
    x = 40 * shaped_noise(fs, 90, 4)
    spectra = [burst_spectrum(x[k : k + 300, np.newaxis], fs=fs) for k in range(0, len(x) - 300, 300)]
    freqs, mean = spectra[0][0], np.mean([power for _, power in spectra], axis=0)
    got = spectral_indices(freqs, mean, low_hz=20, high_hz=450)
    assert got.mnf_hz[0] == pytest.approx(moment(1, 20, 450) / moment(0, 20, 450), rel=0.02)
    assert got.mdf_hz[0] == pytest.approx(95.7, rel=0.03)


@pytest.mark.parametrize("n", [8, 75, 300, 1024])
def test_the_power_of_a_burst_is_all_in_its_spectrum(n: int) -> None:
    """Parseval: the integral of the density is the mean square under the window."""
    fs = 500.0
    x = np.random.default_rng(n).normal(0, 20, (n, 2))
    freqs, power = burst_spectrum(x, fs=fs)
    taper = np.hanning(n + 2)[1:-1, np.newaxis]
    centered = (x - x.mean(axis=0)) * taper
    both_sides = 2 * power.sum(axis=0) - power[0] - power[-1]
    expected = np.sum(np.square(centered), axis=0) / np.sum(np.square(taper))
    np.testing.assert_allclose(both_sides * (freqs[1] - freqs[0]), expected, rtol=1e-10)


def test_a_long_burst_is_cut_at_both_ends() -> None:
    fs, n_fft = 1000.0, 256
    x = np.zeros((356, 1))
    x[50:306, 0] = np.sin(2 * np.pi * 125 * np.arange(256) / fs)
    x[[0, -1], 0] = 1e6  # lies outside
    freqs, power = burst_spectrum(x, fs=fs, n_fft=n_fft)
    assert freqs[power[:, 0].argmax()] == 125.0


def test_an_offset_has_no_power() -> None:
    freqs, power = burst_spectrum(np.full((200, 1), 4096.0), fs=1000)
    assert power.max() < 1e-12
    got = spectral_indices(freqs, np.zeros_like(power), low_hz=20, high_hz=450)
    assert np.isnan([got.mnf_hz[0], got.mdf_hz[0], got.ln_fi[0]]).all()


def test_channels_do_not_touch_each_other(rng: np.random.Generator) -> None:
    x = rng.normal(0, 20, (150, 3))
    freqs, power = burst_spectrum(x, fs=1000)
    together = spectral_indices(freqs, power, low_hz=20, high_hz=450)
    for c in range(3):
        _, alone = burst_spectrum(x[:, [c]], fs=1000)
        got = spectral_indices(freqs, alone, low_hz=20, high_hz=450)
        assert [v[0] for v in got] == pytest.approx([v[c] for v in together], rel=1e-12)
