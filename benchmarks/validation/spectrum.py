"""Spectra and fatigue: closed forms, how certain pooled frequencies are, and what noise does to them."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from emgsmr import dsp
from emgsmr.simulate import Spectrum, shaped_noise
from validation.fatigue import curls, holds, quadrants, slopes
from validation.section import Section

MODEL = Spectrum(60.0, 120.0)
"""Heavy-tailed model of surface EMG (Stulen and De Luca's form)."""


def run(real_data: Path | None, *, quick: bool) -> list[Section]:
    """All sections of the topic."""
    sections = [scaling(), low_rates(), precision(quick), noise_bias(quick), slopes(quick), quadrants(quick)]
    return sections + ([] if real_data is None else [curls(real_data), holds(real_data)])


def indices_of(spectrum: Spectrum, low_hz: float, high_hz: float) -> dsp.SpectralIndices:
    f = np.linspace(0.0, 1000.0, 20001)
    return dsp.spectral_indices(f, spectrum.density(f)[:, np.newaxis], low_hz=low_hz, high_hz=high_hz)


def bursts(
    n: int, *, fs: float, seconds: float, scale: float = 1.0, noise: float = 0.0, seed: int = 0
) -> tuple[np.ndarray, np.ndarray]:
    """Frequencies and periodograms (n, n_freqs), 20-450 Hz, of model bursts whose strength varies by 20 %.

    ``noise``: power of white noise up to 450 Hz (or 0.45 fs) relative to the burst's.
    """
    rng = np.random.default_rng(seed)
    size, top = round(seconds * fs), min(450.0, 0.45 * fs)
    x = shaped_noise(n * size, spectrum=MODEL.scaled(scale), fs=fs, rng=rng).reshape(n, size)
    x *= np.exp(0.2 * rng.standard_normal((n, 1)))
    x += np.sqrt(noise * 0.5 * fs / top) * rng.standard_normal((n, size))
    freqs, power = dsp.burst_spectrum(np.ascontiguousarray(x.T), fs=fs)
    band = dsp.band_slice(freqs, low_hz=20.0, high_hz=top)
    return freqs[band], np.ascontiguousarray(power[band].T)


def scaling() -> Section:
    published = {0.95: 1.19, 0.90: 1.44, 0.85: 1.76, 0.80: 2.17, 0.68: 3.87}
    f = np.linspace(0.0, 1000.0, 40001)
    bell = np.exp(-0.5 * ((f[:, np.newaxis] / np.array([1.0, *published]) - 150.0) / 15.0) ** 2)
    inside = dsp.spectral_indices(f, bell, low_hz=10.0, high_hz=500.0)
    whole = indices_of(MODEL, 10.0, 500.0)
    _, before = pooled = bursts(4000, fs=2000.0, seconds=0.25, seed=1)
    first = dsp.pooled_indices(*pooled)
    rows, worst = [], 0.0
    for k, (s, expected) in enumerate(published.items(), start=1):
        fi = np.exp(indices_of(MODEL.scaled(s), 10.0, 500.0).ln_fi[0] - whole.ln_fi[0])
        shaped = dsp.pooled_indices(*bursts(len(before), fs=2000.0, seconds=0.25, scale=s, seed=1))
        exact = s**-6.0
        got = float(np.exp(inside.ln_fi[k] - inside.ln_fi[0]))
        worst = max(worst, abs(got / exact - 1.0), abs(float(fi) / expected - 1.0))
        rows.append(
            [
                s,
                f"{inside.mnf_hz[k] / inside.mnf_hz[0]:.4f}",
                f"{inside.mdf_hz[k] / inside.mdf_hz[0]:.4f}",
                f"{got:.3f} ({exact:.3f})",
                f"{fi:.2f} ({expected:.2f})",
                f"{shaped.mnf_hz.value / first.mnf_hz.value:.3f}",
                f"{shaped.mdf_hz.value / first.mdf_hz.value:.3f}",
            ]
        )
    return Section(
        title="Compression of a spectrum",
        source="closed form; shaped noise, 4000 bursts of 250 ms at 2000 Hz",
        text="All frequencies multiplied by s. A bell at 150 Hz stays inside 10-500 Hz: MNF and MDF scale by "
        "s, FInsm5 by s to the power -6. The model spectrum of surface EMG has a heavy tail that the band "
        "cuts, so its index rises less (published factors in brackets), and noise shaped like it shows, in "
        "20-450 Hz, a little less than s.",
        columns=["s", "bell: MNF", "MDF", "FInsm5 (s⁻⁶)", "model: FInsm5", "shaped noise: MNF", "MDF"],
        rows=rows,
        bar="MNF and MDF scale by s and FInsm5 by s⁻⁶; within 1 %",
        met=worst < 0.01,
    )


def low_rates() -> Section:
    published = {
        ("1000 or more", 450.0): (95.7, 9.3, 13.9, 18.6),
        ("500", 240.0): (90.2, 8.1, 12.3, 16.5),
        ("250", 120.0): (71.2, 4.7, 7.3, 10.2),
        ("200", 95.0): (62.1, 3.4, 5.4, 7.6),
    }
    rows, worst = [], 0.0
    for (rate, top), expected in published.items():
        mdf = [float(indices_of(MODEL.scaled(s), 20.0, top).mdf_hz[0]) for s in (1.0, 0.9, 0.85, 0.8)]
        got = [mdf[0], *(100.0 * (1.0 - value / mdf[0]) for value in mdf[1:])]
        worst = max(worst, *(abs(a - b) for a, b in zip(got, expected, strict=True)))
        rows.append([rate, f"20-{top:g}", *(f"{value:.1f}" for value in got)])
    return Section(
        title="What low sampling rates lose",
        source="closed form",
        text="Median frequency of the model spectrum in the band that a rate leaves, and the fall it shows "
        "when the truth is 10, 15 and 20 %. Below 500 Hz most of the change is lost: no spectrum is given.",
        columns=["fs, Hz", "band, Hz", "MDF, Hz", "shown for 10 %", "for 15 %", "for 20 %"],
        rows=rows,
        bar="the published table, within 0.1",
        met=worst < 0.1,
    )


def precision(quick: bool) -> Section:
    batch, batches = (100, 1) if quick else (500, 8)  # 4000 blocks: a share is certain to 0.7 %
    rows, worst = [], 0.0
    for seconds in (0.15, 0.25):
        freqs, many = bursts(1000 if quick else 20_000, fs=1000.0, seconds=seconds, seed=2)
        single = dsp.spectral_indices(freqs, many.T, low_hz=0.0, high_hz=1000.0)
        truth = [interval.value for interval in dsp.pooled_indices(freqs, many)]
        spread = [np.std(np.log(single.mnf_hz)), np.std(np.log(single.mdf_hz)), np.std(single.ln_fi)]
        rows.append([f"{1000 * seconds:.0f} ms", 1, *(f"{value:.3f}" for value in spread), "", "", ""])
        for n in (8, 20):
            blocks = (
                block
                for seed in range(batches)
                for block in bursts(n * batch, fs=1000.0, seconds=seconds, seed=100 + seed)[1].reshape(
                    batch, n, -1
                )
            )
            pooled = np.array([dsp.pooled_indices(freqs, block) for block in blocks])  # (trials, 3, 3)
            values = pooled[:, :, 0]
            sd = [*np.std(np.log(values[:, :2]), axis=0), np.std(values[:, 2])]
            inside = ((pooled[:, :, 1] <= truth) & (truth <= pooled[:, :, 2])).mean(axis=0)
            worst = max(worst, *np.abs(inside - 0.95)) if n == 20 else worst
            rows.append(
                [
                    f"{1000 * seconds:.0f} ms",
                    n,
                    *(f"{value:.3f}" for value in sd),
                    *(f"{100 * value:.1f} %" for value in inside),
                ]
            )
    return Section(
        title="Pooled bursts: scatter, and coverage of the jackknife intervals",
        source=f"simulated, {batch * batches} blocks of each kind, model spectrum, 1000 Hz, 20-450 Hz",
        text="SD of ln MNF, ln MDF and ln FInsm5 of single bursts and of pooled ones, and how often the 95 % "
        "interval holds what very many bursts give. The strength of the bursts varies by 20 %.",
        columns=[
            "burst",
            "pooled",
            "SD ln MNF",
            "SD ln MDF",
            "SD ln FI",
            "MNF inside",
            "MDF inside",
            "FI inside",
        ],
        rows=rows,
        bar="coverage 93 to 97 % for the twenty that are pooled",
        met=None if quick else worst < 0.02,
    )


def noise_bias(quick: bool) -> Section:
    n = 500 if quick else 4000
    rows = []
    clean = dsp.pooled_indices(*bursts(n, fs=1000.0, seconds=0.25, seed=3))
    for snr_db in (10.0, 15.0, 20.0, 30.0):
        noise = 10.0 ** (-snr_db / 10.0)
        got = dsp.pooled_indices(*bursts(n, fs=1000.0, seconds=0.25, noise=noise, seed=3))
        tired = dsp.pooled_indices(*bursts(n, fs=1000.0, seconds=0.25, noise=noise, scale=0.9, seed=3))
        rows.append(
            [
                f"{snr_db:g}",
                *(
                    f"{100 * (a.value / b.value - 1):+.1f} %"
                    for a, b in ((got.mnf_hz, clean.mnf_hz), (got.mdf_hz, clean.mdf_hz))
                ),
                f"{got.ln_fi.value - clean.ln_fi.value:+.2f}",
                f"{100 * (tired.mnf_hz.value / got.mnf_hz.value - 1):+.1f} %",
                f"{100 * (tired.mdf_hz.value / got.mdf_hz.value - 1):+.1f} %",
                f"{tired.ln_fi.value - got.ln_fi.value:+.2f}",
            ]
        )
    return Section(
        title="What noise does to frequencies",
        source=f"simulated, {n} bursts of 250 ms, white noise added, 1000 Hz, 20-450 Hz",
        text="Bias of the pooled indices, and what they show of a true compression by 10 % (ln FInsm5 would "
        "rise by 0.63 without tail and noise). Noise is not subtracted from the spectrum: its shape would "
        "have to come from the quiet phase of each stride, which is no pure noise. Frequencies therefore "
        "compare within a muscle and session, and below 10 dB none is given.",
        columns=[
            "SNR, dB",
            "bias MNF",
            "bias MDF",
            "bias ln FI",
            "10 % shown by MNF",
            "by MDF",
            "by ln FI",
        ],
        rows=rows,
    )
