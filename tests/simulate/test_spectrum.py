"""The noise has the spectrum it says; oracles: the textbook form on a grid, and Welch's method."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.integrate import trapezoid
from scipy.signal import welch

from emgsmr.simulate import Spectrum, shaped_noise


def grid_density(low: float, high: float, f: np.ndarray) -> np.ndarray:
    """The textbook form, not normalized."""
    return high**4 * f**2 / ((f**2 + low**2) * (f**2 + high**2) ** 2)


def grid_median(f: np.ndarray, p: np.ndarray) -> float:
    sums = np.cumsum(p)
    return float(np.interp(sums[-1] / 2, sums, f))


@pytest.mark.parametrize(("low", "high"), [(60.0, 120.0), (45.0, 90.0), (65.0, 135.0)])
def test_median_frequency_is_that_of_the_textbook_form(low: float, high: float) -> None:
    f = np.arange(20.0, 450.0, 0.01)
    assert Spectrum(low, high).median_hz(20.0, 450.0) == pytest.approx(
        grid_median(f, grid_density(low, high, f)), abs=0.05
    )


def test_density_has_unit_power() -> None:
    f = np.arange(0.0, 50_000.0, 0.05)
    assert trapezoid(Spectrum(60.0, 120.0).density(f), f) == pytest.approx(1.0, abs=1e-4)


@given(st.floats(20, 100), st.floats(80, 200), st.floats(0.5, 2.0))
def test_scaling_moves_the_median_and_keeps_the_power(low: float, high: float, factor: float) -> None:
    spectrum = Spectrum(low, high)
    assert spectrum.scaled(factor).median_hz() == pytest.approx(factor * spectrum.median_hz(), rel=1e-6)
    assert spectrum.scaled(factor).power(0.0, factor * 400.0) == pytest.approx(
        spectrum.power(0.0, 400.0), rel=1e-6
    )


@pytest.mark.parametrize("fs", [500.0, 1000.0, 1116.0, 2000.0])
def test_generated_noise_has_the_spectrum(fs: float) -> None:
    spectrum = Spectrum(60.0, 120.0)
    noise = shaped_noise(int(600 * fs), spectrum=spectrum, fs=fs, rng=np.random.default_rng(3))
    f, p = welch(noise, fs, nperseg=1024)
    band = (f >= 5.0) & (f <= 0.48 * fs)
    f_fine = np.arange(f[band][0], f[band][-1], 0.01)
    expected = grid_median(f_fine, grid_density(60.0, 120.0, f_fine))
    assert grid_median(f[band], p[band]) == pytest.approx(expected, rel=0.012)
    assert np.mean(p[band] / spectrum.density(f[band])) == pytest.approx(1.0, abs=0.02)
    assert noise.var() == pytest.approx(spectrum.power(0.0, fs / 2), rel=0.02)


def test_compression_lowers_the_median_and_keeps_the_power() -> None:
    fs, spectrum = 2000.0, Spectrum(60.0, 120.0)
    n = int(400 * fs)
    scale = np.interp(np.arange(n), [0, n / 4, 3 * n / 4, n], [1.0, 1.0, 0.8, 0.8])
    noise = shaped_noise(n, spectrum=spectrum, fs=fs, rng=np.random.default_rng(4), scale=scale)

    def median(x: np.ndarray) -> float:
        f, p = welch(x, fs, nperseg=2048)
        return grid_median(f, p)

    assert median(noise[-n // 4 :]) / median(noise[: n // 4]) == pytest.approx(0.8, abs=0.02)
    middle = noise[int(0.45 * n) : int(0.55 * n)]
    assert median(middle) / median(noise[: n // 4]) == pytest.approx(0.9, abs=0.025)
    for part in np.array_split(noise, 8):
        assert part.std() == pytest.approx(1.0, abs=0.03)


def test_no_samples_is_no_noise() -> None:
    empty = shaped_noise(0, spectrum=Spectrum(60, 120), fs=1000.0, rng=np.random.default_rng(1))
    assert empty.shape == (0,)
    assert shaped_noise(
        1, spectrum=Spectrum(60, 120), fs=1000.0, rng=np.random.default_rng(1), scale=np.array([0.9])
    ).shape == (1,)
