"""The writing side of readings: series are numbered as they begin, readings become rows."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from emgsmr.errors import ArgumentError
from emgsmr.recording import schema
from emgsmr.recording.inserts import INSERT_MOTION, INSERT_READING, INSERT_SERIES

if TYPE_CHECKING:
    from emgsmr.recording.inbox import Rows
    from emgsmr.recording.reading import TimedReading

LATE_NS = 30_000_000_000
"""A reading may be handed in this long after one that came later; to put them in order takes as long."""

_VALUE = struct.Struct("<d")


class ReadingLog:
    """Makes the rows of a recording's readings.

    A series is one quantity of one device; its first reading enters it. One number goes to the table
    ``reading``, several to ``motion``: the few slow values of hours are read without the many fast ones.
    """

    def __init__(self) -> None:
        self._series: dict[tuple[int | None, str, str, int], int] = {}
        self._newest: dict[str, int] = {}

    def rows(self, reading: TimedReading) -> Rows:
        """Rows for a reading, in the order in which they must be written."""
        statement = INSERT_READING if len(reading.values) == 1 else INSERT_MOTION
        newest = self._newest.get(statement, reading.arrival_ns)
        if reading.arrival_ns < newest - LATE_NS:
            late_s = (newest - reading.arrival_ns) / 1e9
            raise ArgumentError(
                f"a reading of {reading.source} came {late_s:.0f} s before one that is already recorded: "
                "hand readings in as they come"
            )
        self._newest[statement] = max(newest, reading.arrival_ns)
        rows: Rows = []
        key = (reading.sensor, reading.source, reading.quantity, len(reading.values))
        series = self._series.get(key)
        if series is None:
            if len(self._series) == schema.MAX_SERIES:
                raise ArgumentError(
                    f"more than {schema.MAX_SERIES} kinds of readings in one recording: name sources alike"
                )
            series = self._series[key] = len(self._series) + 1
            rows.append((INSERT_SERIES, (series, *key)))
        if statement is INSERT_READING:
            [stored] = reading.values
            data = _VALUE.pack(stored)
            rows.append((statement, self._row(series, reading, stored, data)))
        else:
            data = pack_vector(reading.values)
            rows.append((statement, self._row(series, reading, data, data)))
        return rows

    @staticmethod
    def _row(
        series: int, reading: TimedReading, stored: float | bytes, data: bytes
    ) -> tuple[int, int, int | None, float | bytes, int]:
        crc = schema.reading_crc(series, reading.arrival_ns, reading.sample_index, data)
        return (series, reading.arrival_ns, reading.sample_index, stored, crc)


def pack_vector(values: tuple[float, ...]) -> bytes:
    """Little-endian float32 where that loses nothing, else float64; the length tells which.

    Examples
    --------
    >>> len(pack_vector((0.5, -1.0, 0.25))), len(pack_vector((0.1, 0.0, 0.0)))
    (12, 24)
    """
    n = len(values)
    try:
        short = struct.pack(f"<{n}f", *values)
    except OverflowError:  # beyond the range of float32
        return struct.pack(f"<{n}d", *values)
    return short if struct.unpack(f"<{n}f", short) == values else struct.pack(f"<{n}d", *values)
