"""The signal of a recording in tiles of equal length: raw or band-passed, NaN where nothing came.

A tile depends on its own samples and the filter's start-up before it, so it is the same whoever asks: the
traces read from the file at once and the overview built meanwhile agree in every sample.
"""

from __future__ import annotations

from collections import OrderedDict
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.errors import DamagedRecordingError, RecordingError, SamplingRateError
from emgsmr.gui.review.sample_time import SampleTime, sample_time

if TYPE_CHECKING:
    from emgsmr.recording import Recording, SensorInfo

Tile = NDArray[np.float32]
TILE = 4096
"""Samples in a tile."""

BAND_HZ = (30.0, 450.0)
"""What an analysis looks at (`emgsmr.analysis.Settings`)."""

BUDGET_BYTES = 64 << 20
MAX_DURATION_S = 366 * 86400.0
UNITS = {"known": "µV", "estimated": "µV (scale estimated)", "unknown": "units"}


@dataclass(frozen=True, slots=True)
class Channel:
    """One channel: ``column`` of ``sensor``, what to call it, and the unit of its values."""

    sensor: int
    column: int
    name: str
    unit: str


class SensorSignal:
    """One sensor's samples: their number, times, filter and channels."""

    def __init__(self, recording: Recording, info: SensorInfo) -> None:
        self.info = info
        self.n_samples = recording.end_index(info.id)
        if not 0 <= self.n_samples <= MAX_DURATION_S * info.rate_hz:
            raise DamagedRecordingError(
                f"{recording.path} is damaged (sensor {info.id} claims to last longer than a year): "
                "try `emgsmr recover`"
            )
        self.times: SampleTime = sample_time(recording, info)
        self.sos: NDArray[np.float64] | None = None
        self.settle = 0
        with suppress(SamplingRateError):  # too slow for EMG: only its raw samples can be shown
            self.sos = dsp.design_bandpass(low_hz=BAND_HZ[0], high_hz=BAND_HZ[1], fs=info.rate_hz)
            self.settle = dsp.settling_samples(self.sos)

    def tile(self, runs: list[tuple[int, NDArray[Any]]], number: int, *, filtered: bool) -> Tile:
        """Values (µV) of a tile from runs of counts that cover it and the filter's start-up before it."""
        first, stop = number * TILE, (number + 1) * TILE
        out = np.full((TILE, self.info.channels), np.nan, dtype=np.float32)
        sos = self.sos if filtered else None
        lead = 0 if sos is None else self.settle
        for start, counts in runs:
            low, high = max(start, first - lead), min(start + len(counts), stop)
            if low >= high:
                continue
            values = counts[low - start : high - start] * self.info.scale_uv
            if sos is not None:
                values = dsp.bandpass(values, sos=sos)[0]
            begin = max(low + lead, first)
            if begin < high:
                out[begin - first : high - first] = values[begin - low :]
        return out


class Signal:
    """All sensors of a recording, in tiles; the last used are kept, up to ``budget_bytes``."""

    def __init__(self, recording: Recording, *, budget_bytes: int = BUDGET_BYTES) -> None:
        self.recording = recording
        self.sensors = {info.id: SensorSignal(recording, info) for info in recording.sensors}
        self.channels = channels_of(recording)
        self.trouble = ""
        """Why some of the samples could not be read; empty while all could."""
        self._budget_bytes = budget_bytes
        self._kept: OrderedDict[tuple[int, int, bool], Tile] = OrderedDict()
        self.kept_bytes = 0

    def runs(self, sensor: int, first: int, stop: int) -> list[tuple[int, NDArray[Any]]]:
        """Counts of samples ``first`` to ``stop`` in runs without a gap, as (first index, counts)."""
        joined: list[tuple[int, list[NDArray[Any]]]] = []
        end = -1
        for block in self.recording.pieces(sensor, first, stop):
            if block.n:
                if block.first_index == end:
                    joined[-1][1].append(block.counts)
                else:
                    joined.append((block.first_index, [block.counts]))
                end = block.end_index
        return [(start, np.concatenate(parts)) for start, parts in joined]

    def values(self, sensor: int, first: int, stop: int, *, filtered: bool) -> tuple[int, Tile]:
        """Whole tiles that hold samples ``first`` to ``stop``: index of the first row, and the values."""
        low, high = max(first, 0) // TILE, -(-stop // TILE)
        tiles = [self.tile(sensor, number, filtered=filtered) for number in range(low, max(high, low + 1))]
        return low * TILE, tiles[0] if len(tiles) == 1 else np.concatenate(tiles)

    def tile(self, sensor: int, number: int, *, filtered: bool) -> Tile:
        """One tile, read from the file if it is not at hand; what is damaged is missing, and said."""
        key = (sensor, number, filtered)
        if (found := self._kept.get(key)) is not None:
            self._kept.move_to_end(key)
            return found
        known = self.sensors[sensor]
        first = number * TILE
        try:
            runs = self.runs(sensor, max(0, first - known.settle), first + TILE)
        except RecordingError as error:
            self.trouble, runs = str(error), []
        tile = known.tile(runs, number, filtered=filtered)
        self._kept[key] = tile
        self.kept_bytes += tile.nbytes
        while self.kept_bytes > self._budget_bytes and len(self._kept) > 1:
            self.kept_bytes -= self._kept.popitem(last=False)[1].nbytes
        return tile


def channels_of(recording: Recording) -> tuple[Channel, ...]:
    """The placed channels, then the others of their sensors' names; at most what a screen can hold."""
    placed = {(place.sensor, place.channel): place.site for place in recording.placements}
    found = [
        Channel(
            info.id,
            column,
            placed.get((info.id, column)) or f"{info.name or info.id} {column + 1}",
            UNITS[info.scale_known],
        )
        for info in recording.sensors
        for column in range(info.channels)
    ]
    with_site = [channel for channel in found if (channel.sensor, channel.column) in placed]
    return tuple(with_site or found)
