"""The spectrum of a muscle's surface EMG, and Gaussian noise that has it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy import fft, integrate, optimize, signal

FloatArray = NDArray[np.float64]

_KERNEL_S = 1.0  # kernel length: the spectrum is exact every 1 Hz, far finer than its own shape


@dataclass(frozen=True, slots=True)
class Spectrum:
    """Power spectral density of the Stulen-De Luca form.

    ``P(f) = f_h^4 f^2 / ((f^2 + f_l^2) (f^2 + f_h^2)^2)``, scaled to unit power over all frequencies.
    Conduction velocity scales both corners, so fatigue is one number: ``scaled(0.9)`` is the spectrum at 10
    % lower velocity.

    Parameters
    ----------
    low_hz, high_hz : float, Hz
        ``f_l`` and ``f_h``.

    Examples
    --------
    >>> spectrum = Spectrum(60.0, 120.0)
    >>> round(spectrum.median_hz(20.0, 450.0), 1)
    95.7
    >>> round(spectrum.scaled(0.9).median_hz() / spectrum.median_hz(), 6)
    0.9
    """

    low_hz: float
    high_hz: float

    def density(self, f_hz: ArrayLike) -> FloatArray:
        """Compute the one-sided power density at ``f_hz`` in 1/Hz; its integral over all frequencies is 1."""
        f2 = np.square(np.asarray(f_hz, dtype=np.float64))
        low2, high2 = self.low_hz**2, self.high_hz**2
        # The integral of f^2 / ((f^2+a^2)(f^2+b^2)^2) from 0 to infinity is pi / (4 b (a+b)^2).
        total = np.pi / (4.0 * self.high_hz * (self.low_hz + self.high_hz) ** 2)
        return np.asarray(f2 / ((f2 + low2) * (f2 + high2) ** 2) / total)

    def power(self, low_hz: float, high_hz: float) -> float:
        """Compute the part of the power between two frequencies (0 to 1)."""
        return float(integrate.quad(lambda f: float(self.density(f)), low_hz, high_hz, limit=200)[0])

    def median_hz(self, low_hz: float = 0.0, high_hz: float = np.inf) -> float:
        """Find the median frequency of the band: half of its power lies below."""
        half = self.power(low_hz, high_hz) / 2.0
        top = min(high_hz, 100.0 * self.high_hz)
        return float(optimize.brentq(lambda f: self.power(low_hz, f) - half, low_hz, top, xtol=1e-9))

    def mean_hz(self, low_hz: float, high_hz: float) -> float:
        """Compute the mean frequency of a band.

        Examples
        --------
        >>> round(Spectrum(60.0, 120.0).mean_hz(20.0, 450.0), 1)
        115.5
        """
        moment = integrate.quad(lambda f: f * float(self.density(f)), low_hz, high_hz, limit=200)[0]
        return float(moment) / self.power(low_hz, high_hz)

    def scaled(self, factor: float) -> Spectrum:
        """Multiply all frequencies by ``factor``."""
        return Spectrum(self.low_hz * factor, self.high_hz * factor)

    def kernel(self, fs: float) -> FloatArray:
        """Make the impulse response that turns white noise of unit variance into noise of this spectrum.

        What lies above ``fs / 2`` is not in it (an ideal anti-aliasing filter stands before the sampler),
        so the variance of the result is the power below ``fs / 2``.
        """
        return _kernel(self, fs)


@lru_cache(maxsize=256)
def _kernel(spectrum: Spectrum, fs: float) -> FloatArray:
    n = fft.next_fast_len(max(64, round(_KERNEL_S * fs)), real=True)
    response = np.sqrt(spectrum.density(fft.rfftfreq(n, 1.0 / fs)) * fs / 2.0)
    kernel = np.asarray(fft.fftshift(fft.irfft(response, n)))
    kernel.flags.writeable = False
    return kernel


def shaped_noise(
    n_samples: int,
    *,
    spectrum: Spectrum,
    fs: float,
    rng: np.random.Generator,
    scale: FloatArray | None = None,
) -> FloatArray:
    """Make Gaussian noise of a spectrum that may compress with time.

    Parameters
    ----------
    n_samples : int
    spectrum : Spectrum
    fs : float, Hz
    rng : numpy.random.Generator
    scale : ndarray, shape (n_samples,), optional
        Factor on all frequencies at each sample (1 = ``spectrum``); omitted = 1 throughout.

    Returns
    -------
    ndarray, shape (n_samples,)
        Of unit power over all frequencies (what lies above ``fs / 2`` is missing).

    Notes
    -----
    A changing spectrum is a cross-fade between a few fixed ones, at most 2 % apart and all made from the
    same white noise, so that neighbors are nearly the same signal and their mixture keeps its power.

    Examples
    --------
    >>> noise = shaped_noise(50_000, spectrum=Spectrum(60, 120), fs=2000.0, rng=np.random.default_rng(1))
    >>> bool(abs(noise.std() - 1.0) < 0.02)
    True
    """
    knots = _scale_knots(scale)
    pad = len(spectrum.kernel(fs)) - 1
    white = rng.standard_normal(n_samples + pad)
    if scale is None or len(knots) == 1:
        return _filtered(white, spectrum.scaled(float(knots[0])).kernel(fs))
    out = np.zeros(n_samples)
    position = np.interp(scale, knots, np.arange(len(knots)))
    for k, knot in enumerate(knots):
        weight = 1.0 - np.abs(position - k)
        used = np.flatnonzero(weight > 0.0)
        if len(used):
            first, stop = int(used[0]), int(used[-1]) + 1
            part = _filtered(white[first : stop + pad], spectrum.scaled(float(knot)).kernel(fs))
            out[first:stop] += np.clip(weight[first:stop], 0.0, None) * part
    return out


def _scale_knots(scale: FloatArray | None) -> FloatArray:
    if scale is None or not len(scale):
        return np.ones(1)
    low, high = float(scale.min()), float(scale.max())
    n = 1 if high == low else 2 + int(np.log(high / low) / 0.02)
    return np.geomspace(low, high, n)


def _filtered(white: FloatArray, kernel: FloatArray) -> FloatArray:
    if len(white) < len(kernel):
        return np.zeros(0)
    return np.asarray(signal.oaconvolve(white, kernel, mode="valid"))
