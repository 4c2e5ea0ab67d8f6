"""What is drawn of the signal in a stretch of time: samples, or the least and greatest of every bin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgsmr.gui.review.overview import Pyramid, reduced

if TYPE_CHECKING:
    from collections.abc import Mapping

    from emgsmr.gui.review.signal import Channel, SensorSignal, Signal, Tile
    from emgsmr.gui.review.span import Span

FloatArray = NDArray[np.float64]
SAMPLES_PER_COLUMN = 4
"""Up to so many, every sample is drawn."""

DIRECT_SAMPLES = 1 << 18
"""So many samples of a channel are read from the file at once where the overview is not there yet."""


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """One channel in the stretch that is seen.

    Attributes
    ----------
    channel : Channel
    t_s, values : ndarray, shape (n_points,)
        NaN where nothing came, or nothing is known yet. Of bins, each has its least and its greatest value.
    binned : int
        Samples in a bin; 1 = every sample is there.
    filtered : bool
        Band-passed, else raw.
    """

    channel: Channel
    t_s: FloatArray
    values: Tile
    binned: int
    filtered: bool


def traces(
    signal: Signal,
    pyramids: Mapping[tuple[int, bool], Pyramid],
    span: Span,
    *,
    columns: int,
    filtered: bool,
    complete: bool = True,
) -> tuple[Trace, ...]:
    """All channels in a stretch, for a picture ``columns`` pixels wide.

    Parameters
    ----------
    signal : Signal
    pyramids : mapping of (sensor, filtered) to Pyramid
    span : Span
    columns : int
    filtered : bool
        Band-passed, else raw.
    complete : bool
        Whether the pyramids hold everything; else samples are read from the file where they are not too many.
    """
    drawn: dict[int, tuple[FloatArray, Tile, int]] = {}
    for sensor in {channel.sensor: None for channel in signal.channels}:
        known = signal.sensors[sensor]
        ends = known.times.index([span.start_s, span.stop_s])
        first = max(0, int(np.floor(ends[0])) - 1)
        stop = min(known.n_samples, int(np.ceil(ends[1])) + 2)
        if stop <= first:
            drawn[sensor] = (np.empty(0), np.empty((0, known.info.channels), dtype=np.float32), 1)
            continue
        pyramid = pyramids[sensor, filtered]
        few = stop - first <= max(columns // 2, 1) * pyramid.sizes[0]
        if few or (not complete and stop - first <= DIRECT_SAMPLES):
            drawn[sensor] = _from_samples(signal, known, (first, stop), columns=columns, filtered=filtered)
        else:
            drawn[sensor] = _from_bins(known, pyramid, (first, stop), columns=columns)
    return tuple(
        Trace(
            channel,
            t_s,
            values[:, channel.column],
            binned,
            filtered and signal.sensors[channel.sensor].sos is not None,
        )
        for channel in signal.channels
        for t_s, values, binned in (drawn[channel.sensor],)
    )


def _from_samples(
    signal: Signal, known: SensorSignal, ends: tuple[int, int], *, columns: int, filtered: bool
) -> tuple[FloatArray, Tile, int]:
    first, stop = ends
    start, values = signal.values(known.info.id, first, stop, filtered=filtered)
    size = 1
    while (stop - first) / size > SAMPLES_PER_COLUMN * columns:
        size *= 2
    if size == 1:
        return known.times.time(np.arange(first, stop)), values[first - start : stop - start], 1
    low, high = first // size * size, -(-stop // size) * size  # the same bins wherever the stretch begins
    number, least, most = reduced(values[low - start : high - start], low, size)
    return _zigzag(known, number, size, least, most)


def _from_bins(
    known: SensorSignal, pyramid: Pyramid, ends: tuple[int, int], *, columns: int
) -> tuple[FloatArray, Tile, int]:
    size, number, least, most = pyramid.bins(*ends, most=SAMPLES_PER_COLUMN * columns // 2)
    return _zigzag(known, number, size, least, most)


def _zigzag(
    known: SensorSignal, number: int, size: int, least: Tile, most: Tile
) -> tuple[FloatArray, Tile, int]:
    """Both ends of each bin, one after the other, at its middle."""
    middles = (np.arange(number, number + len(least)) + 0.5) * size
    values = np.empty((2 * len(least), least.shape[1]), dtype=np.float32)
    values[0::2], values[1::2] = least, most
    return np.repeat(known.times.time(middles), 2), values, size


def envelope(pyramid: Pyramid, known: SensorSignal, columns: int) -> tuple[FloatArray, FloatArray]:
    """How strong a sensor's channels are over the whole session: half of the range of each coarse bin.

    Returns
    -------
    t_s : ndarray, shape (n_bins,)
    half : ndarray, shape (n_bins, n_channels)
        NaN where nothing is known.
    """
    size, number, least, most = pyramid.bins(0, known.n_samples, most=max(columns, 1))
    middles = (np.arange(number, number + len(least)) + 0.5) * size
    return known.times.time(middles), 0.5 * (most.astype(np.float64) - least)
