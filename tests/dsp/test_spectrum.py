"""Frequencies against closed forms: the model spectrum of surface EMG, and what compression does to it."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import integrate, signal, stats

from emgsmr.dsp import burst_spectrum, pooled_indices, spectral_indices

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


@pytest.mark.parametrize("n", [1024, 1536, 2048, 5120])
def test_a_long_burst_is_averaged_as_welch_did(n: int, rng: np.random.Generator) -> None:
    fs = 2000.0
    x = rng.normal(0, 20, (n, 2))
    freqs, power = burst_spectrum(x, fs=fs)
    taper = np.hanning(1026)[1:-1]
    f, expected = signal.welch(x, fs=fs, window=taper, noverlap=512, detrend="constant", axis=0)
    np.testing.assert_allclose(freqs, f)
    np.testing.assert_allclose(2 * power[1:-1], expected[1:-1], rtol=1e-10)


def test_all_of_a_long_burst_counts() -> None:
    fs, n_fft = 1000.0, 256
    x = np.zeros((356, 1))
    x[:60, 0], x[-60:, 0] = (np.sin(2 * np.pi * f * np.arange(60) / fs) for f in (62.5, 250.0))
    freqs, power = burst_spectrum(x, fs=fs, n_fft=n_fft)
    assert power[freqs == 62.5, 0] > 20 * power[freqs == 125, 0]
    assert power[freqs == 250, 0] > 20 * power[freqs == 125, 0]


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


# What low sampling rates lose: upper end of the band; MDF shown, and its fall for a true compression of 10,
# 15 and 20 %.
LOW_RATES = [
    (450.0, 95.7, (9.3, 13.9, 18.6)),
    (240.0, 90.2, (8.1, 12.3, 16.5)),
    (120.0, 71.2, (4.7, 7.3, 10.2)),
    (95.0, 62.1, (3.4, 5.4, 7.6)),
]


@pytest.mark.parametrize(("high_hz", "mdf", "falls"), LOW_RATES)
def test_what_low_sampling_rates_lose(high_hz: float, mdf: float, falls: tuple[float, ...]) -> None:
    power = np.column_stack([model(FINE, s) for s in (1.0, 0.9, 0.85, 0.8)])
    got = spectral_indices(FINE, power, low_hz=20, high_hz=high_hz).mdf_hz
    assert got[0] == pytest.approx(mdf, abs=0.06)
    assert 100 * (1 - got[1:] / got[0]) == pytest.approx(np.array(falls), abs=0.06)


def test_the_median_frequency_is_where_interpolation_puts_it(rng: np.random.Generator) -> None:
    f, power = np.linspace(20, 450, 441), rng.exponential(size=(441, 6))
    power[:, 1] = 0.0
    power[7, 1] = 3.0
    power[[0, -1], 2] = 1e3
    for k, got in enumerate(spectral_indices(f, power, low_hz=20, high_hz=450).mdf_hz):
        upto = np.cumsum(power[:, k]) - 0.5 * power[:, k]
        assert got == pytest.approx(np.interp(0.5 * power[:, k].sum(), upto, f), rel=1e-12)


BAND = np.linspace(20, 450, 431)


def bursts(n: int, rng: np.random.Generator, fs: float = 1000.0, n_samples: int = 200) -> np.ndarray:
    """Periodograms (n, n_freqs) of Gaussian bursts of the model spectrum, whose strength varies."""
    f = np.fft.rfftfreq(4 * n_samples, 1 / fs)
    white = rng.normal(size=(n, len(f))) + 1j * rng.normal(size=(n, len(f)))
    x = np.fft.irfft(white * np.sqrt(model(f)))[:, :n_samples] * np.exp(0.2 * rng.normal(size=(n, 1)))
    freqs, power = burst_spectrum(np.ascontiguousarray(x.T), fs=fs)
    return np.ascontiguousarray(power[(freqs >= 20) & (freqs <= 450)].T)


def test_pooled_indices_are_those_of_the_mean_with_a_jackknife_by_hand(rng: np.random.Generator) -> None:
    power = bursts(20, rng)
    freqs = np.fft.rfftfreq(1024, 1 / 1000.0)
    freqs = freqs[(freqs >= 20) & (freqs <= 450)]
    got = pooled_indices(freqs, power)

    def of(rows: np.ndarray) -> np.ndarray:
        indices = spectral_indices(freqs, rows.mean(axis=0)[:, np.newaxis], low_hz=0, high_hz=1000)
        return np.array([np.log(indices.mnf_hz[0]), np.log(indices.mdf_hz[0]), indices.ln_fi[0]])

    whole = of(power)
    without = np.array([of(np.delete(power, k, axis=0)) for k in range(20)])
    error = stats.t.ppf(0.975, 19) * np.sqrt(19 / 20 * np.square(without - without.mean(axis=0)).sum(axis=0))
    for k, interval in enumerate(got):
        value, low, high = np.log(interval) if k < 2 else interval
        assert (value, (low + high) / 2) == pytest.approx((whole[k], whole[k]))
        # the density at a median is smoothed: not the same, but of the same size
        assert (high - low) / 2 == pytest.approx(error[k], rel=0.4 if k == 1 else 1e-9)


@pytest.mark.parametrize("n", [8, 20])
def test_pooled_intervals_cover_the_truth(n: int) -> None:
    """The truth is what very many such bursts give: window and band belong to the number."""
    rng = np.random.default_rng(n)
    freqs = np.fft.rfftfreq(1024, 1 / 1000.0)
    freqs = freqs[(freqs >= 20) & (freqs <= 450)]
    truth = [interval.value for interval in pooled_indices(freqs, bursts(10_000, rng))]
    every = bursts(n * 400, rng).reshape(400, n, -1)
    inside = np.array(
        [
            [i.low <= t <= i.high for i, t in zip(pooled_indices(freqs, power), truth, strict=True)]
            for power in every
        ]
    )
    assert inside.mean(axis=0) == pytest.approx(0.95, abs=0.03)


@given(s=st.floats(0.6, 1.4), seed=st.integers(0, 1000))
def test_pooled_indices_scale_as_single_ones(s: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    f = np.linspace(10, 500, 4901)
    heights = rng.uniform(0.5, 2, (12, 1))
    centers = 150 + 10 * rng.normal(size=(12, 1))
    before = pooled_indices(f, heights * np.exp(-0.5 * ((f - centers) / 10) ** 2))
    after = pooled_indices(f, heights * np.exp(-0.5 * ((f / s - centers) / 10) ** 2))
    assert np.array(after.mnf_hz) / np.array(before.mnf_hz) == pytest.approx(s, rel=1e-3)
    assert np.array(after.mdf_hz) / np.array(before.mdf_hz) == pytest.approx(s, rel=1e-3)
    assert np.array(after.ln_fi) - np.array(before.ln_fi) == pytest.approx(-6 * np.log(s), abs=5e-3)


def test_strength_does_not_matter_but_weight_does(rng: np.random.Generator) -> None:
    power = bursts(10, rng)[:, :431]
    assert pooled_indices(BAND, 7 * power).mnf_hz == pytest.approx(pooled_indices(BAND, power).mnf_hz)
    heavy = power.copy()
    heavy[3] *= 1e9
    alone = spectral_indices(BAND, power[3][:, np.newaxis], low_hz=0, high_hz=1000)
    assert pooled_indices(BAND, heavy).mnf_hz.value == pytest.approx(alone.mnf_hz[0], rel=1e-6)


@pytest.mark.parametrize("bad", [0.0, np.nan, np.inf])
def test_no_power_has_no_frequency(bad: float) -> None:
    got = pooled_indices(BAND, np.full((9, 431), bad))
    assert np.isnan(np.array(got)).all()


def test_equal_bursts_have_no_spread() -> None:
    got = pooled_indices(BAND, np.tile(model(BAND), (9, 1)))
    for interval in got:
        assert interval.low == pytest.approx(interval.value)
        assert interval.high == pytest.approx(interval.value)
