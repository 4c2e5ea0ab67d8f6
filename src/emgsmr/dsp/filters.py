"""Causal filters with carried state, their delay and settling.

Zero-phase filters do not belong here: they need the future (`emgsmr.dsp.zero_phase`).
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy import signal

from emgsmr.errors import SamplingRateError

FloatArray = NDArray[np.float64]


HIGHEST = 0.45
"""Upper corners are lowered to this share of the sampling rate."""


def usable_band(*, low_hz: float, high_hz: float, fs: float) -> tuple[float, float]:
    """Corners of a band at a sampling rate: the upper one lowered to `HIGHEST` of the rate, or refused.

    Examples
    --------
    >>> usable_band(low_hz=20, high_hz=450, fs=500)
    (20, 225.0)
    """
    high = min(high_hz, HIGHEST * fs)
    if not 0 < low_hz < high:
        raise SamplingRateError(
            f"A sampling rate of {fs:g} Hz leaves no band above {low_hz:g} Hz; use one of 200 Hz or more."
        )
    return low_hz, high


def design_bandpass(*, low_hz: float, high_hz: float, fs: float, order: int = 4) -> FloatArray:
    """Butterworth band-pass as second-order sections.

    The upper corner is lowered to 0.45 ``fs`` where ``high_hz`` is above that.

    Parameters
    ----------
    low_hz, high_hz : float, Hz
        -3 dB corners.
    fs : float, Hz
    order : int
        Order of each edge (4 = 24 dB per octave).

    Returns
    -------
    sos : ndarray, shape (order, 6)

    Raises
    ------
    SamplingRateError
        When no band is left between the corners.

    Examples
    --------
    >>> sos = design_bandpass(low_hz=20, high_hz=450, fs=1000)
    >>> _, gain = signal.sosfreqz(sos, worN=[20, 100, 450], fs=1000)
    >>> np.abs(gain).round(3).tolist()
    [0.707, 1.0, 0.707]
    """
    corners = usable_band(low_hz=low_hz, high_hz=high_hz, fs=fs)
    return np.asarray(signal.butter(order, corners, btype="bandpass", fs=fs, output="sos"))


def design_lowpass(*, cutoff_hz: float, fs: float, order: int = 4) -> FloatArray:
    """Butterworth low-pass as second-order sections, for envelopes.

    Parameters
    ----------
    cutoff_hz : float, Hz
        -3 dB corner: 6 Hz (3 to 10) is usual for walking, 10 to 20 Hz for running.
    fs : float, Hz
    order : int

    Returns
    -------
    sos : ndarray, shape (n_sections, 6)

    Raises
    ------
    SamplingRateError
        When the corner is not below half the rate.

    Examples
    --------
    >>> _, gain = signal.sosfreqz(design_lowpass(cutoff_hz=6, fs=1000), worN=[1, 6, 60], fs=1000)
    >>> np.abs(gain).round(3).tolist()
    [1.0, 0.707, 0.0]
    """
    if not 0 < cutoff_hz < fs / 2:
        raise SamplingRateError(
            f"A low-pass of {cutoff_hz:g} Hz needs a rate above {2 * cutoff_hz:g} Hz, not {fs:g} Hz."
        )
    return np.asarray(signal.butter(order, cutoff_hz, fs=fs, output="sos"))


def group_delay(sos: FloatArray, *, fs: float, freqs: FloatArray) -> FloatArray:
    """Delay of a filter at each frequency: by how much it moves a burst of that frequency.

    Parameters
    ----------
    sos : ndarray, shape (n_sections, 6)
        Of `design_bandpass` or `design_lowpass`.
    fs : float, Hz
    freqs : array_like, Hz
        Below ``fs / 2``; 0 for the delay of an envelope.

    Returns
    -------
    delay_s : ndarray, shape of ``freqs``, s

    Notes
    -----
    Minus the derivative of the phase by the angular frequency, from the coefficients. Each section whose
    numerator is its own mirror image (all of a Butterworth filter) delays by exactly one sample there.

    Examples
    --------
    >>> sos = design_bandpass(low_hz=30, high_hz=450, fs=1000)
    >>> (1000 * group_delay(sos, fs=1000, freqs=np.array([50.0, 100.0, 200.0]))).round(1).tolist()
    [6.5, 1.6, 0.7]
    """
    powers = np.exp(-2j * np.pi / fs * np.multiply.outer(np.asarray(freqs, dtype=np.float64), np.arange(3)))
    samples = np.zeros(powers.shape[:-1])
    for section in sos:
        b, a = section[:3], section[3:]
        mirrored = np.array_equal(b, b[::-1]) or np.array_equal(b, -b[::-1])
        samples += 1.0 if mirrored else np.real((powers @ (b * np.arange(3))) / (powers @ b))
        samples -= np.real((powers @ (a * np.arange(3))) / (powers @ a))
    return np.asarray(samples / fs)


def settling_samples(sos: FloatArray, *, tolerance: float = 1e-3) -> int:
    """Samples until the filter's start-up transient has fallen to ``tolerance`` of its size (slowest pole).

    Examples
    --------
    >>> settling_samples(design_bandpass(low_hz=20, high_hz=450, fs=1000)) < 200
    True
    """
    _, poles, _ = signal.sos2zpk(sos)
    slowest = float(np.max(np.abs(poles)))
    return int(np.ceil(np.log(tolerance) / np.log(slowest)))


def bandpass(
    x: NDArray[Any], *, sos: FloatArray, state: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Filter forward in time, going on from ``state``.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels)
    sos : ndarray, shape (n_sections, 6)
    state : ndarray, shape (n_sections, 2, n_channels), optional
        From the previous call; omitted at a start or after a gap: then the filter begins in the steady state
        of the *first sample*, so an offset does not ring and the cut of the stream does not matter.

    Returns
    -------
    y : ndarray, shape (n_samples, n_channels)
    state : ndarray, shape (n_sections, 2, n_channels)

    Notes
    -----
    Causal. `group_delay` tells the delay, in a band of 30 to 450 Hz 6 ms at 50 Hz and below 2 ms from
    100 Hz on; the first `settling_samples` after a start are not to be used.

    Examples
    --------
    >>> sos = design_bandpass(low_hz=20, high_hz=450, fs=1000)
    >>> x = np.random.default_rng(1).normal(300, 50, (100, 2))
    >>> whole, _ = bandpass(x, sos=sos)
    >>> head, state = bandpass(x[:33], sos=sos)
    >>> tail, _ = bandpass(x[33:], sos=sos, state=state)
    >>> np.array_equal(np.concatenate([head, tail]), whole)
    True
    """
    x = np.asarray(x, dtype=np.float64)
    if state is None:
        if len(x) == 0:
            return x.copy(), np.full((len(sos), 2, x.shape[1]), np.nan)
        state = signal.sosfilt_zi(sos)[:, :, np.newaxis] * x[0]
    elif np.isnan(state).any() and len(x):  # an empty first piece left the start to this one
        return bandpass(x, sos=sos)
    if len(x) == 0:
        return x.copy(), state
    y, state = signal.sosfilt(sos, x, axis=0, zi=state)
    return y, state
