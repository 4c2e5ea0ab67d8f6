"""Mean power in windows and hops, and its correction for the noise floor."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


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
    squares = np.square(x)
    counts = np.diff(edges)
    power = np.full((len(counts), x.shape[1]), np.nan)
    full = counts > 0
    if full.any():
        starts = edges[:-1][full]
        # reduceat runs each bin up to the next start; the appended row closes the last bin at edges[-1]
        closed = squares[: edges[-1]]
        power[full] = np.add.reduceat(closed, starts, axis=0) / counts[full, np.newaxis]
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
    total = squares[:, 0].copy()
    for k in range(1, hop):
        total += squares[:, k]
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
