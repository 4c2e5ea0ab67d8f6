"""Least and greatest value of ever larger bins of a signal: a session at any zoom, in bounded memory."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.gui.review.signal import TILE

if TYPE_CHECKING:
    from collections.abc import Iterator

    from emgsmr.gui.review.signal import Signal

FloatArray = NDArray[np.float32]
BIN = 64
FACTOR = 8
MOST_BINS = 1 << 21
"""Bins times channels of the finest level: with both ends, 16 MB."""

COARSE = 512
CHUNK_TILES = 8
MOST_CHUNKS = 2048


def bin_for(n_samples: int, n_channels: int) -> int:
    """Samples in the finest bins: 64, or as many more (a power of 2) as the memory asks for.

    Examples
    --------
    >>> bin_for(3_600_000, 1), bin_for(86_400_000, 4)
    (64, 256)
    """
    size = BIN
    while -(-n_samples // size) * n_channels > MOST_BINS:
        size *= 2
    return size


def reduced(values: NDArray[Any], first_index: int, size: int) -> tuple[int, FloatArray, FloatArray]:
    """Least and greatest of each bin, NaN where a bin has nothing.

    Parameters
    ----------
    values : ndarray, shape (n_samples, n_channels)
        NaN = missing.
    first_index : int
        Of the first row; bins are counted from sample 0.
    size : int
        Samples in a bin, a power of 2.

    Returns
    -------
    first_bin : int
    low, high : ndarray, shape (n_bins, n_channels)

    Examples
    --------
    >>> first, low, high = reduced(np.array([[3.0], [1.0], [np.nan], [2.0]]), 2, 4)
    >>> first, low.ravel().tolist(), high.ravel().tolist()
    (0, [1.0, 2.0], [3.0, 2.0])
    """
    before = first_index % size
    after = -(before + len(values)) % size
    if before or after:
        padded = np.full((before + len(values) + after, values.shape[1]), np.nan, dtype=np.float32)
        padded[before : before + len(values)] = values
    else:
        padded = np.asarray(values, dtype=np.float32)
    low = high = padded
    for _ in range(size.bit_length() - 1):  # halving is several times faster than a reduction of short bins
        low, high = np.fmin(low[0::2], low[1::2]), np.fmax(high[0::2], high[1::2])
    return first_index // size, low, high


class Pyramid:
    """Bins of one sensor's channels, each level eight times coarser than the one before.

    Parts come in any order and any cut; NaN is what is missing or not known yet.

    Parameters
    ----------
    n_samples, n_channels : int

    Examples
    --------
    >>> pyramid = Pyramid(1000, 1)
    >>> pyramid.add(np.sin(np.arange(1000) / 50)[:, None], 0)
    >>> size, first, low, high = pyramid.bins(0, 1000, most=100)
    >>> size, first, low.shape, round(float(high.max()), 3)
    (64, 0, (16, 1), 1.0)
    """

    def __init__(self, n_samples: int, n_channels: int) -> None:
        self.n_samples = n_samples
        self.sizes = [bin_for(n_samples, n_channels)]
        while -(-n_samples // self.sizes[-1]) > COARSE:
            self.sizes.append(self.sizes[-1] * FACTOR)
        shapes = [(-(-n_samples // size), n_channels) for size in self.sizes]
        self._low = [np.full(shape, np.nan, dtype=np.float32) for shape in shapes]
        self._high = [np.full(shape, np.nan, dtype=np.float32) for shape in shapes]

    @property
    def nbytes(self) -> int:
        """Memory of all levels."""
        return sum(level.nbytes for level in self._low + self._high)

    def add(self, values: NDArray[Any], first_index: int) -> None:
        """Take in samples (n_samples, n_channels) from ``first_index`` on."""
        self.put(*reduced(values[: max(0, self.n_samples - first_index)], first_index, self.sizes[0]))

    def put(self, first: int, low: FloatArray, high: FloatArray) -> None:
        """Take in bins of the finest level from number ``first`` on."""
        stop = min(first + len(low), len(self._low[0]))
        if stop <= first:
            return
        for level, (lows, highs) in enumerate(zip(self._low, self._high, strict=True)):
            if level:
                first, stop = first // FACTOR, -(-stop // FACTOR)
                fine = slice(first * FACTOR, stop * FACTOR)
                _, low, _ = reduced(self._low[level - 1][fine], 0, FACTOR)
                _, _, high = reduced(self._high[level - 1][fine], 0, FACTOR)
            lows[first:stop] = np.fmin(lows[first:stop], low[: stop - first])
            highs[first:stop] = np.fmax(highs[first:stop], high[: stop - first])

    def bins(self, first: int, stop: int, *, most: int) -> tuple[int, int, FloatArray, FloatArray]:
        """Bins that hold samples ``first`` to ``stop``, from the finest level that needs at most ``most``.

        Returns
        -------
        size : int
            Samples in a bin.
        number : int
            Of the first bin.
        low, high : ndarray, shape (n_bins, n_channels)
        """
        fits = [level for level, size in enumerate(self.sizes) if (stop - first) / size <= most]
        level = fits[0] if fits else len(self.sizes) - 1
        size = self.sizes[level]
        low, high = max(0, first) // size, max(0, -(-stop // size))
        return size, low, self._low[level][low:high], self._high[level][low:high]


def spread_order(n: int) -> Iterator[int]:
    """Numbers below ``n``, so that those that came first are spread over all: coarse to fine.

    Examples
    --------
    >>> list(spread_order(6))
    [0, 4, 2, 1, 5, 3]
    """
    bits = max(0, n - 1).bit_length()
    for number in range(1 << bits):
        place = int(f"{number:0{bits}b}"[::-1], 2) if bits else 0
        if place < n:
            yield place


Part = tuple[int, bool, int, FloatArray, FloatArray]


def overview_parts(signal: Signal) -> Iterator[tuple[float, list[Part]]]:
    """Bins of a whole recording, from places spread over it to all of it.

    Yields
    ------
    share : float
        How much is done (0 to 1).
    parts : list of (sensor, filtered, first_bin, low, high)
        For `Pyramid.put`.
    """
    most = max((-(-known.n_samples // TILE) for known in signal.sensors.values()), default=0)
    step = max(CHUNK_TILES, -(-most // MOST_CHUNKS))
    n_chunks = -(-most // step)
    for done, chunk in enumerate(spread_order(n_chunks), start=1):
        parts: list[Part] = []
        for sensor in signal.sensors:
            parts += _chunk_parts(signal, sensor, chunk * step, step)
        yield done / n_chunks, parts


def _chunk_parts(signal: Signal, sensor: int, first_tile: int, n_tiles: int) -> Iterator[Part]:
    known = signal.sensors[sensor]
    size = bin_for(known.n_samples, known.info.channels)
    end_tile = min(first_tile + n_tiles, -(-known.n_samples // TILE))
    for low in range(first_tile, end_tile, CHUNK_TILES):  # the memory in hand stays small
        high = min(low + CHUNK_TILES, end_tile)
        runs = signal.runs(sensor, max(0, low * TILE - known.settle), high * TILE)
        for filtered in (False, True) if runs else ():
            tiles = [known.tile(runs, number, filtered=filtered) for number in range(low, high)]
            yield sensor, filtered, *reduced(np.concatenate(tiles), low * TILE, size)
