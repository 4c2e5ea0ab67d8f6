"""Motion as CSV: what devices told in several numbers at a time, such as acceleration."""

from __future__ import annotations

import csv
from collections.abc import Callable, Iterator, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.export.dictionary import load_dictionary
from emgsmr.export.tables import replaced
from emgsmr.recording import QUANTITIES

if TYPE_CHECKING:
    from emgsmr.recording import Recording, TimedReading

AXES = ("x", "y", "z", "w")
CHUNK_ROWS = 5_000


def has_motion(recording: Recording) -> bool:
    """Whether a recording holds anything for this table."""
    return any(_fits(entry.n_values) for entry in recording.reading_sources())


def write_motion(
    recording: Recording, clocks: Mapping[int, Callable[[NDArray[np.int64]], NDArray[np.float64]]], path: Path
) -> Path:
    """Write ``motion.csv``.

    Parameters
    ----------
    recording : Recording
    clocks : mapping of sensor id to callable
        Time (s) of samples of a sensor, by its clock; where it has none, arrivals count.
    path : path
    """
    rows = (row for row in recording.readings() if _fits(len(row[1].values)))
    with replaced(path) as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(load_dictionary()["motion"].column_names)
        while chunk := list(islice(rows, CHUNK_ROWS)):
            writer.writerows(_cells(chunk, clocks))
    return path


def _fits(n_values: int) -> bool:
    return 1 < n_values <= len(AXES)


def _cells(
    chunk: list[tuple[float, TimedReading]],
    clocks: Mapping[int, Callable[[NDArray[np.int64]], NDArray[np.float64]]],
) -> Iterator[list[Any]]:
    t_s = np.array([came_s for came_s, _ in chunk])
    for sensor, time in clocks.items():
        timed = [
            (k, reading.sample_index)
            for k, (_, reading) in enumerate(chunk)
            if reading.sensor == sensor and reading.sample_index is not None
        ]
        if timed:
            places, samples = np.array(timed, dtype=np.int64).T
            t_s[places] = time(samples)
    for time_s, (_, reading) in zip(t_s.tolist(), chunk, strict=True):
        known = QUANTITIES.get(reading.quantity)
        values = dict(zip(AXES if known is None else known.axes, reading.values, strict=False))
        yield [
            f"{time_s:.6f}",
            reading.source,
            reading.sensor,
            reading.sample_index,
            reading.quantity,
            *(values.get(axis) for axis in AXES),
        ]
