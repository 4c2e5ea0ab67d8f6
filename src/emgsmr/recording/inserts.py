"""What the recorder writes: SQL statements, and the rows of a block."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from emgsmr.errors import ArgumentError
from emgsmr.recording import schema

if TYPE_CHECKING:
    from emgsmr.recording.block import SampleBlock
    from emgsmr.recording.event import Event
    from emgsmr.recording.sensor_info import SensorInfo

INSERT_BLOCK = "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?)"
INSERT_SENSOR = "INSERT INTO sensor VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
INSERT_PLACEMENT = "INSERT INTO placement VALUES (?, ?, ?, ?, ?)"
INSERT_SERIES = "INSERT INTO series VALUES (?, ?, ?, ?, ?)"
INSERT_READING = "INSERT INTO reading VALUES (?, ?, ?, ?, ?)"
INSERT_MOTION = "INSERT INTO motion VALUES (?, ?, ?, ?, ?)"
INSERT_EVENT = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)"
PUT_CLOCK = "INSERT OR REPLACE INTO clock VALUES (?, ?, ?, ?, ?, ?)"
PUT_SESSION = "INSERT OR REPLACE INTO session VALUES (?, ?)"


def event_row(event: Event) -> tuple[Any, ...]:
    """Put an event in the order of the table's columns."""
    duration = None if event.duration_s is None else float(event.duration_s)
    return (float(event.t_s), duration, event.kind, event.side, event.site, event.label, event.note)


def as_dtype(counts: np.ndarray[Any, Any], info: SensorInfo) -> np.ndarray[Any, Any]:
    """Counts in the type of their sensor; refuses what does not fit."""
    dtype = np.dtype(info.dtype)
    if counts.dtype != dtype:
        if not np.issubdtype(counts.dtype, np.integer):
            raise ArgumentError(f"counts of {info.name} are {counts.dtype}: they must be integers")
        limits = np.iinfo(dtype)
        if counts.size and (counts.min() < limits.min or counts.max() > limits.max):
            raise ArgumentError(
                f"counts of {info.name} do not fit {info.dtype}: add the sensor with dtype <i4"
            )
        counts = counts.astype(dtype)
    return np.ascontiguousarray(counts)


def block_rows(block: SampleBlock, counts: np.ndarray[Any, Any], row_bytes: int) -> list[tuple[Any, ...]]:
    """Rows of the table ``block``: cut after each notification, and where a row would be too long."""
    ends: list[tuple[int, int | None]] = []
    last = block.first_index
    for end, arrival_ns in block.arrivals.tolist():
        if not last <= end <= block.end_index:
            raise ArgumentError(
                f"an arrival belongs to sample {end}, which is not in order or not in the block "
                f"{block.first_index} to {block.end_index}"
            )
        ends.append((end, arrival_ns))
        last = end
    if last < block.end_index or not ends:
        ends.append((block.end_index, None))
    longest = max(1, schema.MAX_COUNTS_BYTES // row_bytes)
    rows: list[tuple[Any, ...]] = []
    start = block.first_index
    for end, arrival in ends:
        while end - start > longest:
            rows.append(_row(block, counts, start, start + longest, None))
            start += longest
        rows.append(_row(block, counts, start, end, arrival))
        start = end
    return rows


def _row(
    block: SampleBlock, counts: np.ndarray[Any, Any], start: int, stop: int, arrival: int | None
) -> tuple[Any, ...]:
    data = counts[start - block.first_index : stop - block.first_index].tobytes()
    crc = schema.block_crc(block.sensor, start, stop - start, arrival, data)
    return (block.sensor, start, stop - start, arrival, data, crc)
