"""Amplitude: RMS, ARV, mean power in windows and hops, and its correction for the noise floor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.errors import ArgumentError

FloatArray = NDArray[np.float64]


def rms(x: FloatArray) -> FloatArray:
    """Root mean square of each channel.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
        Band-passed EMG.

    Returns
    -------
    rms : ndarray, shape (n_channels,), µV
        NaN without samples.

    Examples
    --------
    >>> rms(np.array([[3.0], [-3.0], [3.0]])).tolist()
    [3.0]
    """
    if len(x) == 0:
        return np.full(x.shape[1], np.nan)
    return np.asarray(np.sqrt(np.mean(np.square(x, dtype=np.float64), axis=0)))


def arv(x: FloatArray) -> FloatArray:
    """Average rectified value of each channel; of Gaussian noise it is sqrt(2 / pi) = 0.798 of the RMS.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
        Band-passed EMG.

    Returns
    -------
    arv : ndarray, shape (n_channels,), µV
        NaN without samples.

    Examples
    --------
    >>> arv(np.array([[1.0], [-3.0]])).tolist()
    [2.0]
    """
    if len(x) == 0:
        return np.full(x.shape[1], np.nan)
    return np.asarray(np.mean(np.abs(np.asarray(x, dtype=np.float64)), axis=0))


def moving_rms(
    x: FloatArray, *, n_window: int, state: FloatArray | None = None
) -> tuple[FloatArray, FloatArray]:
    """Root mean square of the last ``n_window`` samples, at every sample.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
        Band-passed EMG.
    n_window : int, samples
        At least 1.
    state : ndarray, shape (n_window - 1, n_channels), µV², optional
        Squares of the samples before; omitted at a start or after a gap.

    Returns
    -------
    rms : ndarray, shape (n_samples, n_channels), µV
    state : ndarray, shape (n_window - 1, n_channels), µV²

    Notes
    -----
    Causal, with a delay of ``(n_window - 1) / 2`` samples. The first ``n_window - 1`` values after a start
    are too small and must be treated as unsettled. Each sum is formed anew in the same order, so errors do
    not pile up and the cut of the stream does not matter.

    Examples
    --------
    >>> x = np.full((4, 1), 3.0)
    >>> whole, _ = moving_rms(x, n_window=2)
    >>> whole.ravel().round(3).tolist()
    [2.121, 3.0, 3.0, 3.0]
    >>> head, state = moving_rms(x[:1], n_window=2)
    >>> np.array_equal(np.concatenate([head, moving_rms(x[1:], n_window=2, state=state)[0]]), whole)
    True
    """
    if n_window < 1:
        raise ArgumentError(f"n_window must be 1 or more samples, not {n_window}.")
    n = len(x)
    before = np.zeros((n_window - 1, x.shape[1])) if state is None else state
    squares = np.concatenate([before, np.square(x, dtype=np.float64)])
    # sums of 1, 2, 4, ... squares; the window is put together from those that its binary number has
    total, sums, width, done = np.zeros((n, x.shape[1])), squares, 1, 0
    while done < n_window:
        if n_window & width:
            total += sums[done : done + n]
            done += width
        sums, width = sums[:-width] + sums[width:] if done < n_window else sums, 2 * width
    return np.sqrt(total / n_window), squares[n:].copy()


def binned_power(x: FloatArray, *, edges: NDArray[np.integer[Any]]) -> FloatArray:
    """Mean square of ``x`` between successive edges.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
    edges : ndarray of int, shape (n_bins + 1,)
        Rows at which bins begin, and the end of the last; not decreasing, within ``0..n_samples``.

    Returns
    -------
    power : ndarray, shape (n_bins, n_channels), µV²
        NaN for an empty bin.

    Examples
    --------
    >>> binned_power(np.array([[1.0], [1.0], [3.0], [4.0]]), edges=np.array([0, 2, 4])).ravel().tolist()
    [1.0, 12.5]
    """
    # reduceat runs each bin up to the next start; the last bin is closed by the end of what it is given
    squares = np.square(x[: edges[-1]])
    counts = edges[1:] - edges[:-1]
    full = counts > 0
    if full.all():
        return np.asarray(np.add.reduceat(squares, edges[:-1], axis=0) / counts[:, np.newaxis])
    power = np.full((len(counts), x.shape[1]), np.nan)
    if full.any():
        power[full] = np.add.reduceat(squares, edges[:-1][full], axis=0) / counts[full, np.newaxis]
    return power


def hop_power(
    x: FloatArray, *, first_index: int, hop: int, state: FloatArray | None = None
) -> tuple[FloatArray, int, FloatArray]:
    """Mean square of each whole hop on the grid ``0, hop, 2 hop, ...`` of the sample index.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels), µV
    first_index : int
        Sample index of ``x[0]``.
    hop : int, samples
    state : ndarray, shape (n_left, n_channels), optional
        Samples before ``x`` that completed no hop yet. Omitted at a start or after a gap; then samples before
        the next grid point are passed over.

    Returns
    -------
    power : ndarray, shape (n_hops, n_channels), µV²
    first_hop : int
        Number of the first hop returned (its first sample is ``first_hop * hop``).
    state : ndarray, shape (n_left, n_channels)

    Examples
    --------
    >>> power, first_hop, left = hop_power(np.arange(7.0)[:, None], first_index=3, hop=2)
    >>> power.ravel().tolist(), first_hop, left.tolist()
    ([2.5, 12.5, 30.5], 2, [])
    """
    if state is not None and len(state):
        x = np.concatenate([state, x])
        first_index -= len(state)
    first_hop = -(-first_index // hop)
    skip = min(first_hop * hop - first_index, len(x))
    x = x[skip:]
    n_hops = len(x) // hop
    squares = np.square(x[: n_hops * hop]).reshape(n_hops, hop, x.shape[1])
    # added sample by sample: the order in which numpy's sum adds depends on how many hops there are
    total = np.add.accumulate(squares, axis=1)[:, -1]
    return total / hop, first_hop, x[n_hops * hop :].copy()


def noise_corrected(power: FloatArray | float, *, noise_power: FloatArray | float) -> FloatArray:
    """Amplitude without the noise floor: ``sqrt(power - noise_power)``, at least 10 % of the noise's own.

    Parameters
    ----------
    power, noise_power : ndarray or float, µV²
        Broadcast against each other.

    Returns
    -------
    rms : ndarray, µV
        The floor keeps the logarithm of a silent muscle finite; such a value says "not above noise".

    Examples
    --------
    >>> noise_corrected(np.array([25.0, 9.0]), noise_power=np.array(9.0)).round(2).tolist()
    [4.0, 0.3]
    """
    return np.asarray(np.sqrt(np.maximum(power - noise_power, 0.01 * noise_power)))
