"""Zero-phase filters, for pictures only: they run forward and backward, so they need the future.

Nothing that a table is computed from may come from here.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from emgsmr.dsp.filters import design_lowpass, settling_samples, usable_band
from emgsmr.errors import ArgumentError

FloatArray = NDArray[np.float64]


def filtfilt_bandpass(
    x: FloatArray, *, low_hz: float, high_hz: float, fs: float, order: int = 2
) -> FloatArray:
    """Band-pass without delay.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels)
        A piece without gaps.
    low_hz, high_hz : float, Hz
        -3 dB corners of the result; the upper one is lowered to 0.45 ``fs`` as in `design_bandpass`.
    fs : float, Hz
    order : int
        Order of each edge in each direction; 2 gives the usual "fourth order, zero lag".

    Returns
    -------
    y : ndarray, shape (n_samples, n_channels)

    Raises
    ------
    ArgumentError
        At a value that is not finite.
    SamplingRateError
        When no band is left between the corners.

    Notes
    -----
    No delay, not causal. Two passes would narrow the band: with the corners f1 and f2 of a single pass the
    two have -3 dB at the asked ones if, in the bilinear transform's tan(pi f / fs), the product of the
    corners is kept and their difference is divided by C = (sqrt(2) - 1)^(1 / (2 order)), 0.802 for order 2
    (Winter's correction, exact for a band). Values within `settling_samples` of an end are less certain.

    Examples
    --------
    >>> t = np.arange(2000)[:, np.newaxis] / 1000
    >>> y = filtfilt_bandpass(np.sin(2 * np.pi * 30 * t), low_hz=30, high_hz=450, fs=1000)
    >>> round(float(np.sqrt(2 * np.mean(np.square(y[500:1500])))), 3)
    0.707
    """
    low, high = np.tan(np.pi * np.array(usable_band(low_hz=low_hz, high_hz=high_hz, fs=fs)) / fs)
    width = (high - low) / _correction(order)
    first = (np.sqrt(width**2 + 4 * low * high) - width) / 2
    corners = np.arctan([first, first + width]) * fs / np.pi
    sos = np.asarray(signal.butter(order, corners, btype="bandpass", fs=fs, output="sos"))
    return _forth_and_back(x, sos)


def filtfilt_envelope(x: FloatArray, *, cutoff_hz: float, fs: float, order: int = 2) -> FloatArray:
    """Linear envelope without delay: rectified, low-passed forward and backward.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
        Band-passed EMG, a piece without gaps.
    cutoff_hz : float, Hz
        -3 dB corner of the result.
    fs : float, Hz
    order : int
        In each direction; 2 gives the usual "fourth order, zero lag".

    Returns
    -------
    envelope : ndarray, shape (n_samples, n_channels), µV

    Raises
    ------
    ArgumentError
        At a value that is not finite.
    SamplingRateError
        When the corner is too high for the rate.

    Notes
    -----
    No delay, not causal; it rises before its burst does. Each pass is designed at the corner divided by
    C = (sqrt(2) - 1)^(1 / (2 order)), 0.802 for order 2, in the bilinear transform's tan(pi f / fs).

    Examples
    --------
    >>> x = np.where(np.arange(1000) == 500, 1.0, 0.0)[:, np.newaxis]
    >>> envelope = filtfilt_envelope(x, cutoff_hz=6, fs=1000)
    >>> int(envelope.argmax()), bool(np.allclose(envelope[400:500], envelope[600:500:-1]))
    (500, True)
    """
    single_hz = np.arctan(np.tan(np.pi * min(cutoff_hz / fs, 0.5)) / _correction(order)) * fs / np.pi
    return _forth_and_back(np.abs(x), design_lowpass(cutoff_hz=float(single_hz), fs=fs, order=order))


def _correction(order: int) -> float:
    return float((np.sqrt(2.0) - 1.0) ** (1.0 / (2 * order)))


def _forth_and_back(x: FloatArray, sos: FloatArray) -> FloatArray:
    if not np.isfinite(x).all():
        first = int(np.flatnonzero(~np.isfinite(x).all(axis=1))[0])
        raise ArgumentError(
            f"Sample {first} is missing or infinite; filter the pieces between gaps one by one."
        )
    if len(x) < 2:
        return np.array(x, dtype=np.float64)
    padded = min(settling_samples(sos), len(x) - 1)
    return np.asarray(signal.sosfiltfilt(sos, x, axis=0, padlen=padded))
