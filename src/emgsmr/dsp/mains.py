"""Mains hum: found where lines stand out of the spectrum, and subtracted as sinusoids; no band is cut out."""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgsmr.dsp.filters import HIGHEST
from emgsmr.dsp.harmonics import (
    BESIDE_HZ,
    TINY,
    from_middle,
    least_squares,
    line_ratio,
    present,
    quiet_weights,
    refined,
    waves,
)

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SHORTEST_S = 0.25
"""A shorter piece is left as it is: a dozen turns of 50 Hz cannot be told from muscle."""

TOLERANCE = 0.012
"""Search range around 50 or 60 Hz: 0.2 % of the grid, and a sensor's clock that is off by 1 %."""


LINE_RATIO = 16.0
"""The first line found has this many times the power that its neighbors have per line. Noise that is shaped
as EMG is has such a line in one to four of a thousand seconds: all lines and frequencies are searched."""

SEEN = 0.7
"""Hum makes its own neighbors louder where it is looked for, so this part of that suffices to try a fit."""

FURTHER_RATIO = 8.0
"""The same for the other lines of a hum: their frequencies are known, so chance has fewer tries."""

KEPT_RATIO = 4.0
"""The same for a line that the second before had."""


CLOSE_HZ = 0.3
"""What is found in two seconds in a row is one hum if it is this close; no refinement goes farther."""


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
    begins or ends within the piece is subtracted where it is, unless it is there for less than 0.12 s.

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
    # a channel's samples side by side: fast, and sums add in the order of memory
    rows = np.ascontiguousarray(cleaned.T)
    usable = np.flatnonzero(np.isfinite(rows).all(axis=1) & rows.any(axis=1))
    columns = rows if len(usable) == len(rows) else rows[usable]
    weights = np.ascontiguousarray(quiet_weights(columns.T, fs=fs).T)
    guesses, high_lines = _stand_out(columns, weights, fs=fs, nominal=nominal, high_hz=high)
    before = np.full(len(usable), np.nan) if state is None else state.freq_hz[usable]
    for k in np.flatnonzero(~np.isnan(guesses) | ~np.isnan(before)):  # in most seconds none
        channel, signal, guess, tried = usable[k], columns[k], guesses[k], high_lines[k]
        known = np.zeros_like(tried)
        if state is not None and (np.isnan(guess) or abs(guess - before[k]) < CLOSE_HZ):
            guess, known = before[k], state.lines[channel]
        hum, freq, lines = _fit(signal, weights[k], float(guess), tried=tried | known, known=known, fs=fs)
        if lines.any():
            rest = signal - hum
            cleaned[:, channel] = rest
            left = max(float(np.sum(np.square(rest))), TINY)
            found.freq_hz[channel] = freq
            found.removed_db[channel] = 10 * np.log10(float(np.sum(np.square(hum))) / left)
            found.lines[channel] = lines
    return cleaned, found


class _Search(NamedTuple):
    """Frequencies tried; in the padded spectrum, the bins of their lines, and those beside each line.

    The latter come one line after the other, each with a place before it where ``starts`` says.
    """

    freqs: FloatArray  # (n_freqs,)
    lines: NDArray[np.intp]  # (n_freqs, n_lines)
    beside: NDArray[np.intp]
    starts: NDArray[np.intp]  # (n_lines,)
    n_beside: NDArray[np.intp]  # (n_lines,)

    def level(self, power: FloatArray) -> FloatArray:
        """Mean power beside each line (n_channels, n_lines)."""
        near = power.take(self.beside, axis=1)
        near[:, self.starts] = 0.0  # with it reduceat adds pairwise, as numpy's sum does: it errs less
        return np.asarray(np.add.reduceat(near, self.starts, axis=1) / self.n_beside)


@lru_cache(maxsize=64)
def _search(n_fft: int, fs: float, nominal_hz: float, high_hz: float) -> _Search:
    harmonics = np.arange(1, int(high_hz / nominal_hz) + 1)
    # as fine as the bins are at the highest line
    n_steps = int(np.ceil(TOLERANCE * high_hz * n_fft / fs))
    freqs = nominal_hz * (1 + TOLERANCE * np.linspace(-1, 1, 2 * n_steps + 1))
    lines = np.rint(freqs[:, np.newaxis] * harmonics * n_fft / fs).astype(np.intp)
    distance = np.abs(np.fft.rfftfreq(n_fft, 1 / fs) - nominal_hz * harmonics[:, np.newaxis])
    nearest = BESIDE_HZ[0] + TOLERANCE * nominal_hz * harmonics[:, np.newaxis]
    beside = [np.flatnonzero(row) for row in (distance >= nearest) & (distance <= BESIDE_HZ[1])]
    n_beside = np.array([len(bins) for bins in beside], dtype=np.intp)
    places = np.concatenate([np.empty(0, dtype=np.intp), *(np.append(0, bins) for bins in beside)])
    return _Search(freqs, lines, places, np.cumsum(n_beside + 1) - (n_beside + 1), n_beside)


def _stand_out(
    columns: FloatArray, weights: FloatArray, *, fs: float, nominal: tuple[float, ...], high_hz: float
) -> tuple[FloatArray, BoolArray]:
    """Mains frequency at which the lines of each channel (a row here) stand out most, and which lines do.

    NaN where none does.
    """
    n_fft = fft.next_fast_len(4 * columns.shape[1], real=True)
    spectrum = fft.rfft(columns * weights, n=n_fft)
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    channels = np.arange(len(columns))
    best, best_score = np.full(len(columns), np.nan), np.zeros(len(columns))
    high = np.zeros((len(columns), int(high_hz / min(nominal))), dtype=np.bool_)
    for hz in nominal:
        search = _search(n_fft, fs, hz, high_hz)
        if not len(search.starts):
            continue
        level = np.maximum(search.level(power), TINY)  # a dead channel
        ratio = power[:, search.lines] / level[:, np.newaxis]
        if not (ratio > SEEN * LINE_RATIO).any():  # as in nearly every second without hum
            continue
        score = np.maximum(ratio - KEPT_RATIO, 0.0).sum(axis=2)
        at = score.argmax(axis=1)
        ratio, score = ratio[channels, at], score[channels, at]
        better = (ratio.max(axis=1) > SEEN * LINE_RATIO) & (score > best_score)
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
    found = np.zeros_like(tried)
    for attempt in ("first", "refined"):
        rows = waves(from_middle(len(x)), freq / fs, harmonics)
        fitted = least_squares(rows, x, weights)
        rest = x - fitted @ rows
        ratio = line_ratio(fitted, rest, weights, freq, harmonics, fs=fs)
        lines = (ratio > limits) | ((ratio > limits).any() & (ratio > FURTHER_RATIO))
        if not lines.any():
            return np.zeros_like(x), freq, found
        if attempt == "first":
            weights = quiet_weights(rest[:, np.newaxis], fs=fs)[:, 0]
            freq = refined(x, weights, freq, harmonics[lines], fs=fs, within_hz=CLOSE_HZ)
    rows = rows[np.tile(lines, 2)]
    hum = least_squares(rows, x, weights) @ rows
    there = present(x, hum, fs=fs)
    if there != slice(0, len(x)):  # fitted again where it is, subtracted nowhere else
        inside = np.zeros_like(x)
        inside[there] = 1.0
        if np.sum(inside) < SHORTEST_S * fs / 2:
            return np.zeros_like(x), freq, found
        hum = inside * (least_squares(rows, x, inside * weights) @ rows)
    found[harmonics[lines] - 1] = True
    return hum, freq, found
