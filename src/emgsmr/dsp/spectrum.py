"""Spectra of bursts, and the indices that fall or rise with fatigue."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr.dsp.taper import hann

FloatArray = NDArray[np.float64]


class SpectralIndices(NamedTuple):
    """Mean and median frequency (Hz) and ln of Dimitrov's index; each of shape (n_channels,)."""

    mnf_hz: FloatArray
    mdf_hz: FloatArray
    ln_fi: FloatArray


def burst_spectrum(x: FloatArray, *, fs: float, n_fft: int = 1024) -> tuple[FloatArray, FloatArray]:
    """Periodogram of one burst (Hann window, mean removed, padded to ``n_fft``).

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
        ``n_samples`` at least 8; samples beyond ``n_fft`` are cut off evenly at both ends.
    fs : float, Hz
    n_fft : int

    Returns
    -------
    freqs : ndarray, shape (n_fft // 2 + 1,), Hz
    power : ndarray, shape (n_fft // 2 + 1, n_channels), µV²/Hz

    Examples
    --------
    >>> t = np.arange(300) / 1000
    >>> freqs, power = burst_spectrum(np.sin(2 * np.pi * 125 * t)[:, None], fs=1000)
    >>> float(freqs[power[:, 0].argmax()])
    125.0
    """
    extra = max(len(x) - n_fft, 0)
    x = x[extra // 2 : len(x) - (extra - extra // 2)]
    taper = hann(len(x))[:, np.newaxis]
    spectrum = np.fft.rfft((x - x.mean(axis=0)) * taper, n=n_fft, axis=0)
    power = (spectrum.real**2 + spectrum.imag**2) / (fs * np.sum(taper**2))
    return np.asarray(np.fft.rfftfreq(n_fft, 1 / fs), dtype=np.float64), power


def spectral_indices(
    freqs: FloatArray, power: FloatArray, *, low_hz: float, high_hz: float
) -> SpectralIndices:
    """MNF, MDF and ln FInsm5 of power spectra within a band.

    Parameters
    ----------
    freqs : ndarray, shape (n_freqs,), Hz
        Increasing.
    power : ndarray, shape (n_freqs, n_channels)
    low_hz, high_hz : float, Hz
        Band used. Indices compare only with the same band, rate and window.

    Returns
    -------
    SpectralIndices

    Notes
    -----
    MNF is the power-weighted mean frequency; MDF halves the power; FInsm5 is the ratio of the spectral
    moments of order -1 and 5 (Dimitrov et al. 2006, Med Sci Sports Exerc 38(11)). If all power moves from f
    to s f inside the band, MNF and MDF scale with s and FInsm5 with s to the power -6.

    Examples
    --------
    >>> f = np.linspace(0, 500, 501)
    >>> flat = np.ones((501, 1))
    >>> got = spectral_indices(f, flat, low_hz=100, high_hz=300)
    >>> float(got.mnf_hz[0]), float(got.mdf_hz[0])
    (200.0, 200.0)
    """
    band = slice(int(np.searchsorted(freqs, low_hz)), int(np.searchsorted(freqs, high_hz, side="right")))
    f, p = freqs[band, np.newaxis], power[band]
    total = p.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        mnf = (f * p).sum(axis=0) / total
        ln_fi = np.log((p / f).sum(axis=0) / (np.square(np.square(f)) * f * p).sum(axis=0))
    cumulative = np.cumsum(p, axis=0)
    mdf = np.full(p.shape[1], np.nan)
    for channel in np.flatnonzero(total > 0):
        # half of the power, counting half a bin of the first and last frequency
        mdf[channel] = np.interp(
            0.5 * total[channel], cumulative[:, channel] - 0.5 * p[:, channel], freqs[band]
        )
    return SpectralIndices(mnf, mdf, ln_fi)
