"""Where a burst begins and ends: change of variance by likelihood, or Bonato's double threshold.

Both look at one burst (the strongest within given limits) against a noise power that is known. No clock and
no choice of what to look at: see `emgsmr.analysis.onsets`.
"""

from __future__ import annotations

from functools import lru_cache
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import optimize, stats

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

WINDOW_S = 0.03
"""Length of the window whose power is tested (Staude 2001 uses 25 to 50 ms)."""

HOP_S = 0.005
"""Distance of the windows tested; the time of the change is then sought to a millisecond."""

PAUSE_S = 0.05
"""A pause shorter than this does not end a burst."""

WINDOW_FALSE_ALARM = 1e-3
"""How often a window of noise alone is taken for activity."""

EMG_BANDWIDTH_HZ = 190.0
"""Statistical bandwidth of surface EMG, (∫P)²/∫P²: a second of it holds twice as many independent values."""

NOISE_FREEDOM = 50.0
"""Degrees of freedom of a noise power that was measured in about 0.15 s."""

PAIRS, PAIRS_NEEDED, PAIR_FALSE_ALARM = 5, 1, 0.005
"""Bonato's m, r0 and false-alarm probability of each decision."""

PAIR_PAUSE_S = 0.03
"""Shortest pause between bursts for the double threshold (Bonato 1998)."""


class BurstEdges(NamedTuple):
    """Begin and end of a burst of each channel, in samples from the first; arrays of shape (n_channels,).

    Both NaN: no activity above the noise. One NaN: active up to the limit of the search on that side.
    """

    on: FloatArray
    off: FloatArray


def likelihood_edges(
    x: FloatArray, *, fs: float, noise_power: FloatArray, peak_within: tuple[int, int], limits: IntArray
) -> BurstEdges:
    """Begin and end of a burst by maximum likelihood of a change of variance.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
        Band-passed EMG.
    fs : float, Hz
    noise_power : ndarray, shape (n_channels,), µV²
        Variance before and after the burst; a channel without one (zero or NaN) gets no edges.
    peak_within : (int, int), samples
        The burst is the one that holds the strongest window between these.
    limits : ndarray of int, shape (2, n_channels), samples
        Where to search, for each channel.

    Returns
    -------
    BurstEdges

    Notes
    -----
    The approximated generalized likelihood ratio of Staude (2001, EURASIP J. Appl. Signal Process. 2001:67),
    for a known variance before the change: with ``r`` the power of a window of ``n`` values over the noise
    power, ``n/2 (r - 1 - ln r)`` grows with ``r`` above 1, so a limit on it is a limit on ``r``, taken here
    from the F distribution. The run of such windows around the burst's peak, over pauses below `PAUSE_S`,
    gives an alarm at each side; the change is where the same ratio, from there to the alarm, is largest.
    The signal is not whitened: the noise is flat within the pass band already, and the EMG's own spectrum
    would only be flattened at the price of its signal-to-noise ratio; instead, fewer independent values are
    counted (`EMG_BANDWIDTH_HZ`). Looks at both sides of each point (not causal), without delay of its own;
    a filter's delay before it is the caller's to take off. A burst that rises slowly is found late, by the
    time it takes to rise out of the noise.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(1000, 1)); x[400:700] *= 10
    >>> edges = likelihood_edges(
    ...     x, fs=1000, noise_power=np.ones(1), peak_within=(350, 800), limits=np.array([[0], [1000]]))
    >>> bool(abs(edges.on[0] - 400) < 5), bool(abs(edges.off[0] - 700) < 5)
    (True, True)
    """
    cell = max(round(fs / 1000.0), 1)  # samples in about a millisecond
    total = _running_power(x, cell)
    hop = max(round(HOP_S * fs / cell), 1)
    hops = max(round(WINDOW_S * fs / cell / hop), 1)
    coarse = total[::hop]
    if len(coarse) <= hops:
        return _nothing(x.shape[1])
    begin, end = -(-limits[0] // cell), limits[1] // cell
    in_window = coarse[hops:] - coarse[:-hops]
    ratio = _window_ratio(2.0 * min(EMG_BANDWIDTH_HZ, 0.3 * fs) * hops * hop * cell / fs)
    floor = noise_power * cell
    number = np.arange(len(in_window))[:, np.newaxis]
    lowest, highest = -(-begin // hop), end // hop - hops
    active = (in_window > ratio * floor * (hops * hop)) & (number >= lowest) & (number <= highest)
    middle = tuple(round(edge / cell / hop) - hops // 2 for edge in peak_within)
    pause = max(round((PAUSE_S - WINDOW_S) * fs / cell / hop), 0) + 1  # windows that lie in it
    first, last = _run_around(active, in_window, within=(middle[0], middle[1]), pause=pause)
    alarms = np.array([(first + hops) * hop, last * hop])
    on, off = _changes(total, alarms=alarms, limits=np.array([begin, end]), reach=2 * hops * hop, floor=floor)
    found = (first >= 0) & (noise_power > 0)
    return BurstEdges(
        np.where(found & (first > lowest), on * cell, np.nan),
        np.where(found & (last < highest), off * cell, np.nan),
    )


def double_threshold_edges(
    x: FloatArray, *, fs: float, noise_power: FloatArray, peak_within: tuple[int, int], limits: IntArray
) -> BurstEdges:
    """Begin and end of a burst by the double threshold of Bonato et al.

    Parameters and result are those of `likelihood_edges`.

    Notes
    -----
    Bonato, D'Alessio, Knaflitz (1998, IEEE Trans. Biomed. Eng. 45:287): pairs of samples about a millisecond
    apart, ``z = (a² + b²) / noise``; a pair is above the first threshold with probability ``P = exp(-z/2)``
    in noise; a decision needs `PAIRS_NEEDED` of `PAIRS` of them (`pair_threshold`). Pauses below
    `PAIR_PAUSE_S` do not end a burst. The authors' false-alarm probability of 0.05 lengthens a burst into the
    noise beside it by 15 ms on average, with an SD of 25 ms; 0.005 does not.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> x = rng.normal(size=(1000, 1)); x[400:700] *= 10
    >>> edges = double_threshold_edges(
    ...     x, fs=1000, noise_power=np.ones(1), peak_within=(350, 800), limits=np.array([[0], [1000]]))
    >>> bool(abs(edges.on[0] - 400) < 15), bool(abs(edges.off[0] - 700) < 15)
    (True, True)
    """
    apart = max(round(fs / 1000.0), 1)
    pair = 2 * apart
    n = len(x) // pair
    if n <= PAIRS:
        return _nothing(x.shape[1])
    squares = np.square(x[: n * pair : apart])
    power = squares[::2] + squares[1::2]
    begin, end = -(-limits[0] // pair), limits[1] // pair
    number = np.arange(n)[:, np.newaxis]
    above = (power > pair_threshold() * noise_power) & (number >= begin) & (number < end)
    count = np.zeros((n + 1, x.shape[1]), dtype=np.int64)
    np.cumsum(above, axis=0, out=count[1:])
    active = count[PAIRS:] - count[:-PAIRS] >= PAIRS_NEEDED
    total = np.zeros((n + 1, x.shape[1]))
    np.cumsum(power, axis=0, out=total[1:])
    middle = tuple(round(edge / pair) - PAIRS // 2 for edge in peak_within)
    pause = max(round(PAIR_PAUSE_S * fs / pair) - PAIRS, 0) + 1  # decisions that lie in it
    strength = total[PAIRS:] - total[:-PAIRS]
    first, last = _run_around(active, strength, within=(middle[0], middle[1]), pause=pause)
    columns = np.arange(x.shape[1])
    near = np.arange(PAIRS)[:, np.newaxis]
    on = first + np.argmax(above[np.clip(first + near, 0, n - 1), columns], axis=0)
    off = last + PAIRS - np.argmax(above[np.clip(last + PAIRS - 1 - near, 0, n - 1), columns], axis=0)
    found = (first >= 0) & (noise_power > 0)
    return BurstEdges(
        np.where(found & (on > begin), on * float(pair), np.nan),
        np.where(found & (off < end), off * float(pair), np.nan),
    )


_SIDES = np.array([[0], [1]])
_OUTWARD = np.array([[-1], [1]])


@lru_cache(maxsize=8)
def pair_threshold(
    *, pairs: int = PAIRS, needed: int = PAIRS_NEEDED, false_alarm: float = PAIR_FALSE_ALARM
) -> float:
    """First threshold of the double threshold, in units of the noise power.

    ``false_alarm`` is the probability that ``needed`` or more of ``pairs`` pairs of noise lie above it.

    Examples
    --------
    >>> p = np.exp(-pair_threshold(pairs=5, needed=1, false_alarm=0.05) / 2)   # closed form: 1 - 0.95^(1/5)
    >>> round(float(p), 4)
    0.0102
    """
    chance = optimize.brentq(lambda p: stats.binom.sf(needed - 1, pairs, p) - false_alarm, 1e-12, 1 - 1e-12)
    return float(-2.0 * np.log(chance))


@lru_cache(maxsize=32)
def _lengths(reach: int) -> tuple[IntArray, IntArray]:
    """Lengths (cells) that a change may lie away from an alarm, and where that is, on both sides."""
    length = np.arange(2, reach + 1)[:, np.newaxis, np.newaxis]
    place = length * _OUTWARD
    length.flags.writeable = place.flags.writeable = False
    return length, place


@lru_cache(maxsize=32)
def _window_ratio(freedom: float) -> float:
    return float(stats.f.ppf(1.0 - WINDOW_FALSE_ALARM, freedom, NOISE_FREEDOM))


def _nothing(n_channels: int) -> BurstEdges:
    return BurstEdges(np.full(n_channels, np.nan), np.full(n_channels, np.nan))


def _running_power(x: FloatArray, cell: int) -> FloatArray:
    """Sum of squares up to the beginning of each cell, and to the end; (n_cells + 1, n_channels)."""
    n = len(x) // cell
    squares = np.square(x[: n * cell])
    if cell > 1:
        squares = squares.reshape(n, cell, x.shape[1]).sum(axis=1)
    total = np.zeros((n + 1, x.shape[1]))
    np.add.accumulate(squares, axis=0, out=total[1:])
    return total


def _run_around(
    active: NDArray[np.bool_], strength: FloatArray, *, within: tuple[int, int], pause: int
) -> tuple[IntArray, IntArray]:
    """First and last active window of the run around the strongest one; -1 where there is none."""
    n, n_channels = active.shape
    start, stop = max(within[0], 0), min(within[1] + 1, n)
    if start >= stop:
        return np.full(n_channels, -1), np.full(n_channels, -1)
    columns = np.arange(n_channels)
    number = np.arange(n)[:, np.newaxis]
    peak = start + (active[start:stop] * strength[start:stop]).argmax(axis=0)
    count = np.zeros((n + 2 * pause + 1, n_channels), dtype=np.int64)  # active windows before each
    np.add.accumulate(active, axis=0, out=count[pause + 1 : pause + 1 + n])
    count[pause + 1 + n :] = count[pause + n]
    begins = active & (count[pause : pause + n] == count[:n]) & (number <= peak)
    ends = active & (count[pause + 1 : pause + 1 + n] == count[2 * pause + 1 :]) & (number >= peak)
    there = active[peak, columns]
    first = n - 1 - begins[::-1].argmax(axis=0)
    return np.where(there, first, -1), np.where(there, ends.argmax(axis=0), -1)


def _changes(
    total: FloatArray, *, alarms: IntArray, limits: IntArray, reach: int, floor: FloatArray
) -> FloatArray:
    """The cells, before the first alarm and after the second, from which to there a change is likeliest.

    ``alarms`` and ``limits`` have the shape (2, n_channels), ``floor`` is the noise's energy per cell.
    """
    n_cells = len(total) - 1
    columns = np.arange(total.shape[1])
    length, outward = _lengths(reach)
    alarms = np.minimum(np.maximum(alarms, 0), n_cells)
    place = alarms + outward
    inside = (place >= limits[0]) & (place <= limits[1])
    place = np.minimum(np.maximum(place, 0), n_cells)
    energy = np.abs(total[alarms, columns] - total[place, columns])
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = np.maximum(energy / (length * floor), 1.0)
        likelihood = np.where(inside, length * (ratio - 1.0 - np.log(ratio)), -1.0)
    best = likelihood.argmax(axis=0)
    return np.asarray(place[best, _SIDES, columns], dtype=np.float64)
