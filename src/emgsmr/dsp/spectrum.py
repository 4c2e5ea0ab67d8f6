"""Spectra of bursts, alone and pooled, and the indices that fall or rise with fatigue."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import special

from emgsmr.dsp.taper import hann, hann_power

FloatArray = NDArray[np.float64]


class SpectralIndices(NamedTuple):
    """Mean and median frequency (Hz) and ln of Dimitrov's index; each of shape (n_channels,)."""

    mnf_hz: FloatArray
    mdf_hz: FloatArray
    ln_fi: FloatArray


class Interval(NamedTuple):
    """An estimate with its confidence interval."""

    value: float
    low: float
    high: float


class PooledIndices(NamedTuple):
    """Mean and median frequency (Hz) and ln of Dimitrov's index of several bursts together."""

    mnf_hz: Interval
    mdf_hz: Interval
    ln_fi: Interval


def burst_spectrum(x: FloatArray, *, fs: float, n_fft: int = 1024) -> tuple[FloatArray, FloatArray]:
    """Periodogram of one burst (Hann window, mean removed, padded to ``n_fft``).

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
        ``n_samples`` at least 8. More than ``n_fft`` samples are cut into pieces of ``n_fft`` that overlap by
        half or a little more, and their periodograms are averaged.
    fs : float, Hz
    n_fft : int

    Returns
    -------
    freqs : ndarray, shape (n_fft // 2 + 1,), Hz
    power : ndarray, shape (n_fft // 2 + 1, n_channels), µV²/Hz

    Notes
    -----
    Where the pieces overlap by exactly a half this is Welch's estimate (Welch 1967, IEEE Trans Audio
    Electroacoust 15:70). The density is two-sided.

    Examples
    --------
    >>> t = np.arange(300) / 1000
    >>> freqs, power = burst_spectrum(np.sin(2 * np.pi * 125 * t)[:, None], fs=1000)
    >>> float(freqs[power[:, 0].argmax()])
    125.0
    """
    n_piece = min(len(x), n_fft)
    n_pieces = 1 + -(-(len(x) - n_piece) * 2 // n_fft)
    taper = hann(n_piece)[:, np.newaxis]
    power = np.zeros((n_fft // 2 + 1, x.shape[1]))
    for k in range(n_pieces):
        start = k * (len(x) - n_piece) // max(n_pieces - 1, 1)
        piece = x[start : start + n_piece]
        centered = piece - np.add.reduce(piece, axis=0) / n_piece
        spectrum = np.fft.rfft(centered * taper, n=n_fft, axis=0)
        power += np.square(spectrum.real) + np.square(spectrum.imag)
    power /= n_pieces * fs * hann_power(n_piece)
    return _fft_freqs(n_fft, float(fs)), power


@lru_cache(maxsize=16)
def _fft_freqs(n_fft: int, fs: float) -> FloatArray:
    """Frequencies of a spectrum's bins, read-only."""
    freqs = np.asarray(np.fft.rfftfreq(n_fft, 1 / fs), dtype=np.float64)
    freqs.flags.writeable = False
    return freqs


def band_slice(freqs: FloatArray, *, low_hz: float, high_hz: float) -> slice:
    """Which of increasing frequencies lie within a band, both ends included.

    Examples
    --------
    >>> band_slice(np.array([0.0, 10.0, 20.0, 30.0]), low_hz=10, high_hz=20)
    slice(1, 3, None)
    """
    return slice(int(freqs.searchsorted(low_hz)), int(freqs.searchsorted(high_hz, side="right")))


def spectral_indices(
    freqs: FloatArray, power: FloatArray, *, low_hz: float, high_hz: float
) -> SpectralIndices:
    """MNF, MDF and ln FInsm5 of power spectra within a band.

    Parameters
    ----------
    freqs : ndarray, shape (n_freqs,), Hz
        Increasing, in equal steps.
    power : ndarray, shape (n_freqs, n_channels)
    low_hz, high_hz : float, Hz
        Band used. Indices compare only with the same band, rate and window.

    Returns
    -------
    SpectralIndices
        NaN where there is no power.

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
    band = band_slice(freqs, low_hz=low_hz, high_hz=high_hz)
    f, p = freqs[band], np.ascontiguousarray(power[band].T)
    return _indices(f, _moments(f, p), _halfway(p))


def pooled_indices(freqs: FloatArray, power: FloatArray, *, level: float = 0.95) -> PooledIndices:
    """MNF, MDF and ln FInsm5 of the mean of several bursts' periodograms, with confidence intervals.

    Parameters
    ----------
    freqs : ndarray, shape (n_freqs,), Hz
        Increasing, in equal steps: the band used.
    power : ndarray, shape (n_bursts, n_freqs)
        Periodograms of bursts of the same phase; at least 2 bursts.
    level : float
        Of the intervals.

    Returns
    -------
    PooledIndices
        NaN where there is no power.

    Notes
    -----
    Each burst counts with its power, as in Welch's estimate. The intervals come from leaving out one burst at
    a time (jackknife; Efron and Tibshirani 1993, chapter 11), on the logarithm of each index, with Student's
    t of ``n_bursts - 1`` degrees of freedom. They take the bursts as independent.

    A median moves with the power that a left-out burst had below it, divided by the density of power there.
    The density at a single frequency is itself uncertain, and intervals that rest on it miss the truth in 8 %
    and more; so it is taken over the middle 40 % of the power.

    Examples
    --------
    >>> f = np.linspace(100, 300, 201)
    >>> got = pooled_indices(f, np.ones((20, 201)))
    >>> [round(number, 6) for number in got.mnf_hz]
    [200.0, 200.0, 200.0]
    """
    n = len(power)
    moments, halfway = _moments(freqs, power), _halfway(power)
    whole = _indices(freqs, moments.sum(axis=0)[np.newaxis], halfway.sum(axis=0)[np.newaxis])
    with np.errstate(invalid="ignore", divide="ignore"):
        mnf, ln_fi = _of_moments(moments.sum(axis=0) - moments)
        lower = _lowering_of_median(freqs, halfway, float(whole.mdf_hz[0])) / whole.mdf_hz
        mdf = whole.mdf_hz * np.exp(lower / (n - 1))
    reach = float(special.stdtrit(n - 1, 0.5 + 0.5 * level)) * np.sqrt((n - 1) / n)

    def interval(value: float, others: FloatArray) -> Interval:
        error = float(reach * np.sqrt(np.sum(np.square(others - others.mean()))))
        return Interval(value, value - error, value + error)

    def logarithmic(value: float, others: FloatArray) -> Interval:
        return Interval(value, *(float(np.exp(end)) for end in interval(np.log(value), np.log(others))[1:]))

    with np.errstate(invalid="ignore", divide="ignore"):
        return PooledIndices(
            logarithmic(float(whole.mnf_hz[0]), mnf),
            logarithmic(float(whole.mdf_hz[0]), mdf),
            interval(float(whole.ln_fi[0]), ln_fi),
        )


def _moments(freqs: FloatArray, power: FloatArray) -> FloatArray:
    """Sums of power, f * power, power / f and f^5 * power of each row; shape (n_rows, 4)."""
    moments = np.empty((len(power), 4))
    with np.errstate(divide="ignore", invalid="ignore"):
        np.add.reduce(power, axis=1, out=moments[:, 0])
        weights = (freqs, 1.0 / freqs, np.square(np.square(freqs)) * freqs)
        for column, weight in enumerate(weights, 1):
            np.add.reduce(power * weight, axis=1, out=moments[:, column])
    return moments


def _of_moments(moments: FloatArray) -> tuple[FloatArray, FloatArray]:
    """MNF and ln FInsm5 of each row; NaN without power."""
    total, first, inverse, fifth = moments.T
    there = total > 0
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.where(there, first / total, np.nan), np.where(there, np.log(inverse / fifth), np.nan)


def _halfway(power: FloatArray) -> FloatArray:
    """Power up to the middle of each frequency's bin; the last column is all of it."""
    upto = np.add.accumulate(power, axis=1)
    with np.errstate(invalid="ignore"):
        return np.concatenate([upto - 0.5 * power, upto[:, -1:]], axis=1)


def _frequency_below_which(part: float, freqs: FloatArray, halfway: FloatArray) -> FloatArray:
    """Frequency (Hz) below which a part of each row's power lies."""
    upto, target = halfway[:, :-1], part * halfway[:, -1]
    last = len(freqs) - 1
    lower = np.add.reduce(upto < target[:, np.newaxis], axis=1)
    above = np.minimum(np.maximum(lower, min(1, last)), last)  # np.clip takes three times as long
    below = np.maximum(above - 1, 0)
    row = np.arange(len(upto))
    with np.errstate(invalid="ignore", divide="ignore"):
        way = (target - upto[row, below]) / (upto[row, above] - upto[row, below])
    way = np.where(np.isfinite(way), np.minimum(np.maximum(way, 0.0), 1.0), 0.0)
    return np.asarray(freqs[below] + way * (freqs[above] - freqs[below]))


def _lowering_of_median(freqs: FloatArray, halfway: FloatArray, mdf_hz: float) -> FloatArray:
    """By how much (Hz) each row lowers the median of all, times the number of rows."""
    together = halfway.sum(axis=0)[np.newaxis]
    low, high = (_frequency_below_which(part, freqs, together)[0] for part in (0.3, 0.7))
    above = min(max(int(np.searchsorted(freqs, mdf_hz)), 1), len(freqs) - 1)
    way = (mdf_hz - freqs[above - 1]) / (freqs[above] - freqs[above - 1])
    upto = halfway[:, above - 1] + way * (halfway[:, above] - halfway[:, above - 1])
    with np.errstate(invalid="ignore", divide="ignore"):
        density = 0.4 * together[0, -1] / (high - low)
        moved = (upto - 0.5 * halfway[:, -1]) / density * len(halfway)
    return np.asarray(np.where(high > low, moved, 0.0))


def _indices(freqs: FloatArray, moments: FloatArray, halfway: FloatArray) -> SpectralIndices:
    """Indices of each row from its `_moments` and `_halfway`, both of which add up over spectra."""
    mnf, ln_fi = _of_moments(moments)
    mdf = _frequency_below_which(0.5, freqs, halfway)
    return SpectralIndices(mnf, np.where(np.isfinite(mnf), mdf, np.nan), ln_fi)
