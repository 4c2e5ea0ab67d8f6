"""Joining: the many small rows of a file become few large blocks, checked on the way."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np

from emgsmr.recording import schema
from emgsmr.recording.block import NO_ARRIVALS, SampleBlock
from emgsmr.recording.rows import damaged

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

    from emgsmr.recording.sensor_info import SensorInfo

_MAX_WINDOW_BYTES = 256 << 20


@dataclass(slots=True)
class _Run:
    """Rows of one sensor that follow each other without a gap."""

    info: SensorInfo
    first: int
    end: int
    parts: list[bytes] = field(default_factory=list)
    arrivals: list[tuple[int, int]] = field(default_factory=list)

    def block(self) -> SampleBlock:
        raw = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        counts = np.frombuffer(raw, dtype=self.info.dtype).reshape(self.end - self.first, self.info.channels)
        arrivals = np.array(self.arrivals, dtype=np.int64) if self.arrivals else NO_ARRIVALS
        return SampleBlock(self.info.id, self.first, counts, arrivals)


def join_rows(
    chunks: Iterable[list[tuple[Any, ...]]],
    sensors: Mapping[int, SensorInfo],
    seconds: float,
    started_ns: int,
    path: Path,
) -> Iterator[SampleBlock]:
    """Blocks from rows (rowid, sensor_id, first_index, n, arrival_ns, counts, crc).

    A window ends before the row with which a sensor would have more than ``seconds`` in it; its runs come out
    in the order in which they began. Where the rows were cut into chunks makes no difference.
    """
    limits = {key: int(seconds * info.rate_hz) if seconds < 1e9 else 1 << 62 for key, info in sensors.items()}
    sizes = {key: info.row_bytes for key, info in sensors.items()}
    longest = {key: schema.MAX_DURATION_S * info.rate_hz for key, info in sensors.items()}
    latest_ns = int(schema.MAX_DURATION_S * 1e9)
    ends = dict.fromkeys(sensors, 0)
    held = dict.fromkeys(sensors, 0)
    held_bytes = 0
    runs: list[_Run] = []
    current: dict[int, _Run] = {}
    for chunk in chunks:
        _, ids, firsts, ns, arrivals, blobs, crcs = zip(*chunk, strict=True)
        if schema.block_crcs(ids, firsts, ns, arrivals, blobs) != list(crcs):
            raise damaged(path, "the checksum of a block is wrong")
        for sensor, first, n, arrival, blob in zip(ids, firsts, ns, arrivals, blobs, strict=True):
            end = first + n
            if sensor not in sizes:
                raise damaged(path, f"a block is of sensor {sensor}, which is not there")
            if n < 0 or len(blob) != n * sizes[sensor]:
                raise damaged(path, f"a block of sensor {sensor} says it has {n} samples, but not its bytes")
            if first < ends[sensor] or end > longest[sensor]:
                raise damaged(path, f"the blocks of sensor {sensor} overlap or last longer than a year")
            ends[sensor] = end
            if runs and (held[sensor] + n > limits[sensor] or held_bytes > _MAX_WINDOW_BYTES):
                for run in runs:
                    yield run.block()
                runs, current, held_bytes = [], {}, 0
                held = dict.fromkeys(sensors, 0)
            held[sensor] += n
            held_bytes += len(blob)
            if sensor not in current or current[sensor].end != first:
                current[sensor] = _Run(sensors[sensor], first, first)
                runs.append(current[sensor])
            run = current[sensor]
            run.parts.append(blob)
            run.end = end
            if arrival != schema.NO_ARRIVAL:
                if abs(arrival - started_ns) > latest_ns:
                    raise damaged(path, f"a block of sensor {sensor} came more than a year from the start")
                run.arrivals.append((end, arrival))
    for run in runs:
        yield run.block()
