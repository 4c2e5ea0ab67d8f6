"""Sinusoids at a frequency and its multiples, fitted to noise whose power changes; one channel at a time."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgsmr.dsp.amplitude import binned_power

FloatArray = NDArray[np.float64]
Harmonics = NDArray[np.int64]

HOP_S = 0.02
"""Span in which the power of a muscle is taken as constant."""

QUIET_SHARE = 0.2
"""At least this share of the samples has full weight, so that lines stay apart from each other."""

BESIDE_HZ = (4.0, 20.0)
"""Distance of a line's neighbors."""

STEP_HZ = 0.003
"""Once a refinement of the frequency is smaller than this, it is fine enough."""

ABSENT = 15.0
"""Logarithm of the odds at which the sinusoids are taken to be absent from one end of the piece."""

TINY = float(np.finfo(np.float64).tiny)
"""Added where a dead channel would divide by zero."""

BANDWIDTH_HZ = 190.0
"""Statistical bandwidth of surface EMG: so many independent values it has in half a second."""


def quiet_weights(x: FloatArray, *, fs: float) -> FloatArray:
    """Inverse of the power around each sample, 1 for the quietest `QUIET_SHARE` and less for the others.

    Examples
    --------
    >>> loud = np.where(np.arange(1000) < 500, 1.0, 10.0)[:, np.newaxis]
    >>> quiet_weights(loud, fs=1000)[[0, 999]].ravel().tolist()
    [1.0, 0.01]
    """
    edges, hop_of = _hops(len(x), fs)
    power = binned_power(x, edges=edges)
    padded = np.concatenate([power[:1], power, power[-1:]])
    around = padded[:-2] + power + padded[2:]
    ordered = np.sort(around, axis=0)  # NaN last: it is the greatest
    quiet = np.maximum(
        ordered[int(QUIET_SHARE * len(around))], 1e-9 * ordered[-1] + TINY
    )  # a dead channel, too
    return np.asarray((quiet / np.maximum(around, quiet)).take(hop_of, axis=0))


def waves(t: FloatArray, turns: float, harmonics: Harmonics) -> FloatArray:
    """Cosines, then sines, of harmonics of a frequency (in turns per sample), in rows.

    Examples
    --------
    >>> waves(np.arange(3.0), 0.25, np.array([1, 2])).round(9).astype(int).tolist()
    [[1, 0, -1], [1, -1, 1], [0, 1, 0], [0, 0, 0]]
    """
    first = np.exp(2j * np.pi * turns * t)
    rows = np.empty((2, len(harmonics), len(t)))
    wave, order = first, 1
    for row, harmonic in enumerate(harmonics):
        while order < harmonic:
            wave, order = wave * first, order + 1
        rows[0, row], rows[1, row] = wave.real, wave.imag
    return rows.reshape(-1, len(t))


def least_squares(rows: FloatArray, x: FloatArray, weights: FloatArray) -> FloatArray:
    """Amounts of the rows whose sum comes closest to ``x``, by the weighted squares of what is left over.

    Examples
    --------
    >>> least_squares(np.array([[1.0, 1, 1], [0, 1, 2]]), np.array([1.0, 3, 5]), np.ones(3)).round(9).tolist()
    [1.0, 2.0]
    """
    weighted = rows * weights
    return np.asarray(np.linalg.solve(weighted @ rows.T, weighted @ x), dtype=np.float64)


def refined(
    x: FloatArray, weights: FloatArray, guess: float, harmonics: Harmonics, *, fs: float, within_hz: float
) -> float:
    """Frequency near a guess that fits best, by the method of Gauss and Newton.

    One unknown more is fitted than the sinusoids: how they turn when the frequency changes.

    Examples
    --------
    >>> x = np.sin(2 * np.pi * 50.17 * np.arange(1000) / 1000)
    >>> round(refined(x, np.ones(1000), 50.0, np.array([1]), fs=1000, within_hz=0.3), 3)
    50.17
    """
    t, freq = from_middle(len(x)), guess
    for _ in range(3):
        rows = waves(t, freq / fs, harmonics)
        cosine, sine = least_squares(rows, x, weights).reshape(2, -1) * harmonics
        turn = t * (np.concatenate([sine, -cosine]) @ rows)
        step = least_squares(np.concatenate([rows, turn[np.newaxis]]), x, weights)[-1] * fs / (2 * np.pi)
        freq = float(np.clip(freq + step, guess - within_hz, guess + within_hz))
        if abs(step) < STEP_HZ:
            break
    return freq


def from_middle(n: int) -> FloatArray:
    """Samples from the middle of a piece of ``n``: where phase and frequency are told apart best."""
    return np.arange(n, dtype=np.float64) - (n - 1) / 2


def line_ratio(
    fitted: FloatArray, rest: FloatArray, weights: FloatArray, freq: float, harmonics: Harmonics, *, fs: float
) -> FloatArray:
    """Power of fitted lines relative to that of their neighbors in what the fit leaves over.

    In noise without lines it is distributed as F with 2 and about 60 degrees of freedom in a second.
    """
    power = np.square(fitted.reshape(2, -1)).sum(axis=0) * (np.sum(weights) / 2) ** 2
    n_fft = fft.next_fast_len(len(rest), real=True)
    left_over = np.square(np.abs(fft.rfft(rest * weights, n=n_fft)))
    summed = np.append(0.0, np.cumsum(left_over))
    near, far = BESIDE_HZ
    lines = freq * harmonics[:, np.newaxis]
    edges = np.rint((lines + np.array([-far, -near, near, far])) * n_fft / fs).astype(np.intp)
    edges[:, 1::2] += 1
    n_beside = np.diff(edges[:, :2]) + np.diff(edges[:, 2:])
    level = np.diff(summed[edges[:, :2]]) + np.diff(summed[edges[:, 2:]])
    return np.asarray(power * n_beside[:, 0] / np.maximum(level[:, 0], np.finfo(np.float64).tiny))


def present(x: FloatArray, fitted: FloatArray, *, fs: float) -> slice:
    """Samples between which fitted sinusoids are there, if they begin or end within the piece.

    Parameters
    ----------
    x, fitted : ndarray, shape (n_samples,)
    fs : float, Hz

    Returns
    -------
    slice
        All samples, unless the odds of those before or after it are against (`ABSENT`). The odds of a hop
        are those of noise with and without the sinusoids, each as loud as it has to be.

    Examples
    --------
    >>> hum = np.sin(np.arange(1000))
    >>> noise = np.random.default_rng(1).normal(0, 0.1, 1000)
    >>> present(np.where(np.arange(1000) < 300, 0, hum) + noise, hum, fs=1000)
    slice(300, 1000, None)
    """
    edges, _ = _hops(len(x), fs)
    power = binned_power(np.stack([x, x - fitted], axis=1), edges=edges)
    power = np.maximum(power, 1e-9 * power.max(axis=0).min())
    odds = np.append(0.0, np.cumsum(BANDWIDTH_HZ * HOP_S * np.log(power[:, 0] / power[:, 1])))
    stop = int(np.argmax(odds - np.minimum.accumulate(odds)))
    start = int(np.argmin(odds[: stop + 1]))
    return slice(
        int(edges[start]) if odds[start] < -ABSENT else 0,
        int(edges[stop]) if odds[stop] - odds[-1] > ABSENT else len(x),
    )


@lru_cache(maxsize=64)
def _hops(n: int, fs: float) -> tuple[NDArray[np.intp], NDArray[np.intp]]:
    """Edges of the hops of a piece, and the hop of each sample.

    The last is longer where they do not come out even.
    """
    hop = max(round(HOP_S * fs), 1)
    edges = np.append(np.arange(n // hop) * hop, n)
    hop_of = np.repeat(np.arange(n // hop), np.diff(edges))
    edges.flags.writeable = hop_of.flags.writeable = False
    return edges, hop_of
