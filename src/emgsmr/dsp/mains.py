"""Mains hum: found where lines stand out of the spectrum, and subtracted as sinusoids; no band is cut out."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgsmr.dsp.amplitude import binned_power
from emgsmr.dsp.filters import HIGHEST

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SHORTEST_S = 0.25
"""A shorter piece is left as it is: a dozen turns of 50 Hz cannot be told from muscle."""

TOLERANCE = 0.012
"""Search range around 50 or 60 Hz: 0.2 % of the grid, and a sensor's clock that is off by 1 %."""

HOP_S = 0.02
"""Span in which the power of a muscle is taken as constant."""

QUIET_SHARE = 0.2
"""At least this share of the samples has full weight, so that lines stay apart from each other."""

LINE_RATIO = 16.0
"""The first line found has this many times the power that its neighbors have per line. Noise that is shaped
as EMG is has such a line in one to four of a thousand seconds: all lines and frequencies are searched."""

FURTHER_RATIO = 8.0
"""The same for the other lines of a hum: their frequencies are known, so chance has fewer tries."""

KEPT_RATIO = 4.0
"""The same for a line that the second before had."""

BESIDE_HZ = (4.0, 20.0)
"""Distance of a line's neighbors."""


CLOSE_HZ = 0.3
"""What is found in two seconds in a row is one hum if it is this close; no refinement goes farther."""

STEP_HZ = 0.003
"""Once a refinement of the frequency is smaller than this, it is fine enough."""


class Mains(NamedTuple):
    """What was found in each channel.

    ``freq_hz``: frequency of the mains, shape (n_channels,). ``removed_db``: power of what was subtracted
    relative to what remains, dB, shape (n_channels,). Both are NaN where nothing was found. ``lines``: which
    harmonics were subtracted, from the first, shape (n_channels, n_harmonics).
    """

    freq_hz: FloatArray
    removed_db: FloatArray
    lines: BoolArray


def remove_mains(
    x: FloatArray,
    *,
    fs: float,
    mains_hz: float | tuple[float, ...],
    high_hz: float,
    state: Mains | None = None,
) -> tuple[FloatArray, Mains]:
    """Find mains hum in about a second of signal, and subtract it.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
        A second of band-passed EMG, without a gap. Each channel is treated by itself.
    fs : float, Hz
        Rate by the sensor's own clock, which may be off by 1 %.
    mains_hz : float or tuple of float, Hz
        50 or 60, or both: then the stronger one of each channel.
    high_hz : float, Hz
        Upper corner of the band, lowered to 0.45 ``fs``: there are no harmonics above.
    state : Mains, optional
        What was found in the second before; omitted at a start or after a gap.

    Returns
    -------
    cleaned : ndarray, shape (n_samples, n_channels), µV
        A channel in which nothing is found is the same to the bit; so are a piece shorter than 0.25 s and a
        channel with NaN or infinity in it.
    mains : Mains
        The ``state`` of the next second.

    Notes
    -----
    Sinusoids at the harmonics are fitted by least squares, each sample weighted with the inverse of the power
    around it: maximum likelihood for a muscle that is noise of changing power. Bursts hardly count, the quiet
    phases between them decide, and what is subtracted from a burst is hum and no part of the muscle's band.
    The weights are made again from what the first fit leaves over. The frequency is that at which lines stand
    out most, refined by the method of Gauss and Newton. Only lines are subtracted whose power is `LINE_RATIO`
    times that of their neighbors (`FURTHER_RATIO`, `KEPT_RATIO` for others once there is one, and for those
    of the second before); weaker hum stays. Where a muscle does not rest within the second this is plain
    least squares, and takes about 1 Hz of the muscle's band with each line.

    Looks at the whole piece at once, so an output is known when the piece ends; no delay otherwise. Hum that
    begins or ends within the piece is removed in part.

    Examples
    --------
    >>> t = np.arange(1000)[:, np.newaxis] / 1000
    >>> emg = np.random.default_rng(0).normal(0, 10, (1000, 1))
    >>> cleaned, mains = remove_mains(emg + 40 * np.sin(314 * t), fs=1000, mains_hz=(50, 60), high_hz=450)
    >>> mains.freq_hz.round(1).tolist(), mains.removed_db.round().tolist(), mains.lines.sum(axis=1).tolist()
    ([50.0], [9.0], [1])
    >>> bool(np.abs(cleaned - emg).max() < 2)
    True
    """
    nominal = mains_hz if isinstance(mains_hz, tuple) else (mains_hz,)
    high = min(high_hz, HIGHEST * fs)
    cleaned = np.array(x, dtype=np.float64, order="C")
    nothing = np.full(x.shape[1], np.nan)
    found = Mains(nothing, nothing.copy(), np.zeros((x.shape[1], int(high / min(nominal))), dtype=np.bool_))
    if len(x) < SHORTEST_S * fs or not found.lines.size:
        return cleaned, found
    usable = np.flatnonzero(np.isfinite(cleaned).all(axis=0) & (cleaned != 0).any(axis=0))
    columns = np.ascontiguousarray(cleaned[:, usable].T)
    weights = np.ascontiguousarray(_weights(columns.T, fs=fs).T)
    guesses, high_lines = _stand_out(columns, weights, fs=fs, nominal=nominal, high_hz=high)
    for channel, signal, weight, guess, tried in zip(
        usable, columns, weights, guesses, high_lines, strict=True
    ):
        known = np.zeros_like(tried)
        before = np.nan if state is None else state.freq_hz[channel]
        if state is not None and (np.isnan(guess) or abs(guess - before) < CLOSE_HZ):
            guess, known = before, state.lines[channel]
        if np.isnan(guess):
            continue
        hum, freq, lines = _fit(signal, weight, float(guess), tried=tried | known, known=known, fs=fs)
        if lines.any():
            cleaned[:, channel] = signal - hum
            left = max(float(np.sum(np.square(signal - hum))), np.finfo(np.float64).tiny)
            found.freq_hz[channel] = freq
            found.removed_db[channel] = 10 * np.log10(float(np.sum(np.square(hum))) / left)
            found.lines[channel] = lines
    return cleaned, found


def _weights(x: FloatArray, *, fs: float) -> FloatArray:
    """Inverse of the power around each sample, 1 for the quietest `QUIET_SHARE` and less for the others."""
    hop = max(round(HOP_S * fs), 1)
    edges = np.append(np.arange(len(x) // hop) * hop, len(x))
    power = binned_power(x, edges=edges)
    padded = np.concatenate([power[:1], power, power[-1:]])
    around = padded[:-2] + power + padded[2:]
    quiet = np.sort(around, axis=0)[int(QUIET_SHARE * len(around))]
    quiet = np.maximum(quiet, 1e-9 * around.max(axis=0))
    return np.repeat(quiet / np.maximum(around, quiet), np.diff(edges), axis=0)


class _Search(NamedTuple):
    """Frequencies tried; in the padded spectrum, the bins of their lines, and those beside each line."""

    freqs: FloatArray  # (n_freqs,)
    lines: NDArray[np.intp]  # (n_freqs, n_lines)
    beside: tuple[NDArray[np.intp], ...]


@lru_cache(maxsize=64)
def _search(n_fft: int, fs: float, nominal_hz: float, high_hz: float) -> _Search:
    harmonics = np.arange(1, int(high_hz / nominal_hz) + 1)
    # as fine as the bins are at the highest line
    n_steps = int(np.ceil(TOLERANCE * high_hz * n_fft / fs))
    freqs = nominal_hz * (1 + TOLERANCE * np.linspace(-1, 1, 2 * n_steps + 1))
    lines = np.rint(freqs[:, np.newaxis] * harmonics * n_fft / fs).astype(np.intp)
    distance = np.abs(np.fft.rfftfreq(n_fft, 1 / fs) - nominal_hz * harmonics[:, np.newaxis])
    nearest = BESIDE_HZ[0] + TOLERANCE * nominal_hz * harmonics[:, np.newaxis]
    beside = (distance >= nearest) & (distance <= BESIDE_HZ[1])
    return _Search(freqs, lines, tuple(np.flatnonzero(row) for row in beside))


def _stand_out(
    columns: FloatArray, weights: FloatArray, *, fs: float, nominal: tuple[float, ...], high_hz: float
) -> tuple[FloatArray, BoolArray]:
    """Mains frequency at which the lines of each channel (a row here) stand out most, and which lines do.

    NaN where none does.
    """
    n_fft = fft.next_fast_len(4 * columns.shape[1], real=True)
    spectrum = fft.rfft(columns * weights, n=n_fft)
    power = spectrum.real**2 + spectrum.imag**2
    channels = np.arange(len(columns))
    best, best_score = np.full(len(columns), np.nan), np.zeros(len(columns))
    high = np.zeros((len(columns), int(high_hz / min(nominal))), dtype=np.bool_)
    for hz in nominal:
        search = _search(n_fft, fs, hz, high_hz)
        if not len(search.beside):
            continue
        level = np.stack([power[:, bins].mean(axis=1) for bins in search.beside], axis=1)
        ratio = power[:, search.lines] / level[:, np.newaxis]
        score = np.maximum(ratio - KEPT_RATIO, 0.0).sum(axis=2)
        at = score.argmax(axis=1)
        # hum makes its own neighbors louder here, so the limit is lower than that of the fit
        ratio, score = ratio[channels, at], score[channels, at]
        better = (ratio.max(axis=1) > 0.7 * LINE_RATIO) & (score > best_score)
        best, best_score = np.where(better, search.freqs[at], best), np.where(better, score, best_score)
        high[better] = False
        high[better, : ratio.shape[1]] = ratio[better] > KEPT_RATIO
    return best, high


def _fit(
    x: FloatArray, weights: FloatArray, freq: float, *, tried: BoolArray, known: BoolArray, fs: float
) -> tuple[FloatArray, float, BoolArray]:
    """The hum in one channel, its frequency, and which of the lines that are tried it has."""
    harmonics = np.flatnonzero(tried) + 1
    limits = np.where(known[tried], KEPT_RATIO, LINE_RATIO)
    t = np.arange(len(x), dtype=np.float64) - (len(x) - 1) / 2
    found = np.zeros_like(tried)
    for attempt in ("first", "refined"):
        waves = _waves(t, freq / fs, harmonics)
        fitted = _least_squares(waves, x, weights)
        rest = x - fitted @ waves
        ratio = _line_ratio(fitted, rest, weights, freq, harmonics, fs=fs)
        lines = (ratio > limits) | ((ratio > limits).any() & (ratio > FURTHER_RATIO))
        if not lines.any():
            return np.zeros_like(x), freq, found
        if attempt == "first":
            weights = _weights(rest[:, np.newaxis], fs=fs)[:, 0]
            freq = _refined(x, weights, freq, harmonics[lines], t=t, fs=fs)
    if not lines.all():
        waves = waves[np.tile(lines, 2)]
        fitted = _least_squares(waves, x, weights)
    found[harmonics[lines] - 1] = True
    return fitted @ waves, freq, found


def _refined(
    x: FloatArray,
    weights: FloatArray,
    guess: float,
    harmonics: NDArray[np.int64],
    *,
    t: FloatArray,
    fs: float,
) -> float:
    """Frequency that fits best, with one unknown more: how the lines turn when it changes."""
    freq = guess
    for _ in range(3):
        waves = _waves(t, freq / fs, harmonics)
        fitted = _least_squares(waves, x, weights)
        cosine, sine = fitted.reshape(2, -1) * harmonics
        turn = t * (np.concatenate([sine, -cosine]) @ waves)
        step = _least_squares(np.concatenate([waves, turn[np.newaxis]]), x, weights)[-1] * fs / (2 * np.pi)
        freq = float(np.clip(freq + step, guess - CLOSE_HZ, guess + CLOSE_HZ))
        if abs(step) < STEP_HZ:
            break
    return freq


def _waves(t: FloatArray, turns: float, harmonics: NDArray[np.int64]) -> FloatArray:
    """Cosines, then sines, of harmonics of a frequency (in turns per sample), in rows."""
    first = np.exp(2j * np.pi * turns * t)
    waves = np.empty((2, len(harmonics), len(t)))
    wave, order = first, 1
    for row, harmonic in enumerate(harmonics):
        while order < harmonic:
            wave, order = wave * first, order + 1
        waves[0, row], waves[1, row] = wave.real, wave.imag
    return waves.reshape(-1, len(t))


def _least_squares(waves: FloatArray, x: FloatArray, weights: FloatArray) -> FloatArray:
    weighted = waves * weights
    return np.asarray(np.linalg.solve(weighted @ waves.T, weighted @ x), dtype=np.float64)


def _line_ratio(
    fitted: FloatArray,
    rest: FloatArray,
    weights: FloatArray,
    freq: float,
    harmonics: NDArray[np.int64],
    *,
    fs: float,
) -> FloatArray:
    """Power of fitted lines relative to what the fit leaves over beside them."""
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
