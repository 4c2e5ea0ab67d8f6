"""Joining: the many small rows of a file become few large blocks, checked on the way.

An hour of six sensors is a million rows, so nothing here takes a Python step per row.
"""

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

    from numpy.typing import NDArray

    from emgsmr.recording.sensor_info import SensorInfo

_MAX_WINDOW_BYTES = 256 << 20
_NO_LIMIT = 1 << 62


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
    window = _Window(sensors, seconds)
    ends = dict.fromkeys(sensors, 0)
    for chunk in chunks:
        rows = _checked(chunk, sensors, ends, started_ns, path)
        start = 0
        while start < len(rows.blobs):
            stop = window.room(rows, start)
            if stop == start:
                yield from window.empty()
            else:
                window.add(rows, start, stop)
                start = stop
    yield from window.empty()


@dataclass(slots=True)
class _Rows:
    """Checked rows as columns; ``groups``: each sensor's rows and the running sum of their samples."""

    firsts: NDArray[np.int64]
    ends: NDArray[np.int64]
    arrivals: NDArray[np.int64]
    blobs: tuple[bytes, ...]
    groups: list[tuple[int, NDArray[np.int64], NDArray[np.int64]]]


def _checked(
    chunk: list[tuple[Any, ...]],
    sensors: Mapping[int, SensorInfo],
    ends: dict[int, int],
    started_ns: int,
    path: Path,
) -> _Rows:
    """Check a chunk in itself and against what came before (``ends``, which is carried on)."""
    _, ids, first, n, arrival, blobs, crcs = zip(*chunk, strict=True)
    if schema.block_crcs(ids, first, n, arrival, blobs) != list(crcs):
        raise damaged(path, "the checksum of a block is wrong")
    sensor_ids, firsts, ns, arrivals = (
        np.array(column, dtype=np.int64) for column in (ids, first, n, arrival)
    )
    lengths = np.fromiter(map(len, blobs), np.int64, len(blobs))
    if ns.min() < 0 or ns.max() > lengths.max() or firsts.min() < 0 or firsts.max() > _NO_LIMIT:
        raise damaged(path, "a block claims a number of samples that cannot be")
    after = firsts + ns
    came = arrivals[arrivals != schema.NO_ARRIVAL].astype(np.float64) - started_ns
    if came.size and np.abs(came).max() > schema.MAX_DURATION_S * 1e9:
        raise damaged(path, "a block came more than a year from the start")
    groups = []
    order = np.argsort(sensor_ids, kind="stable")
    present, starts = np.unique(sensor_ids[order], return_index=True)
    for sensor, rows in zip(present.tolist(), np.split(order, starts[1:]), strict=True):
        info = sensors.get(sensor)
        if info is None:
            raise damaged(path, f"a block is of sensor {sensor}, which is not there")
        if np.any(lengths[rows] != ns[rows] * info.row_bytes):
            raise damaged(path, f"a block of sensor {sensor} has not the bytes of its samples")
        expected = np.concatenate([[ends[sensor]], after[rows[:-1]]])
        if np.any(firsts[rows] < expected) or after[rows[-1]] > schema.MAX_DURATION_S * info.rate_hz:
            raise damaged(path, f"the blocks of sensor {sensor} overlap or last longer than a year")
        ends[sensor] = int(after[rows[-1]])
        groups.append((sensor, rows, np.cumsum(ns[rows])))
    return _Rows(firsts, after, arrivals, blobs, groups)


@dataclass(slots=True)
class _Run:
    """Rows of one sensor that follow each other without a gap."""

    info: SensorInfo
    first: int
    end: int
    parts: list[bytes] = field(default_factory=list)
    arrivals: list[NDArray[np.int64]] = field(default_factory=list)

    def block(self) -> SampleBlock:
        raw = self.parts[0] if len(self.parts) == 1 else b"".join(self.parts)
        counts = np.frombuffer(raw, dtype=self.info.dtype).reshape(self.end - self.first, self.info.channels)
        arrivals = np.concatenate(self.arrivals) if self.arrivals else NO_ARRIVALS
        return SampleBlock(self.info.id, self.first, counts, arrivals)


class _Window:
    """The runs in hand, and how many samples each sensor may add."""

    def __init__(self, sensors: Mapping[int, SensorInfo], seconds: float) -> None:
        self._sensors = sensors
        self._limits = {
            key: int(seconds * info.rate_hz) if seconds < schema.MAX_DURATION_S else _NO_LIMIT
            for key, info in sensors.items()
        }
        self._runs: list[_Run] = []
        self._current: dict[int, _Run] = {}
        self._held: dict[int, int] = {}
        self._bytes = 0

    def room(self, rows: _Rows, start: int) -> int:
        """Row before which the window ends; an empty window takes at least one row."""
        if self._bytes > _MAX_WINDOW_BYTES:
            return start
        stop = len(rows.blobs)
        for sensor, positions, total in rows.groups:
            k = int(np.searchsorted(positions, start))
            before = int(total[k - 1]) if k else 0
            allowed = self._limits[sensor] - self._held.get(sensor, 0) + before
            k = max(k, int(np.searchsorted(total, allowed, side="right")))
            if k < len(positions):
                stop = min(stop, int(positions[k]))
        return stop if stop > start or self._runs else start + 1

    def add(self, rows: _Rows, start: int, stop: int) -> None:
        """Take rows ``start`` to ``stop``."""
        begun: list[tuple[int, _Run]] = []
        for sensor, positions, _ in rows.groups:
            low, high = np.searchsorted(positions, (start, stop))
            if low == high:
                continue
            mine = positions[low:high]
            firsts, ends = rows.firsts[mine], rows.ends[mine]
            self._held[sensor] = self._held.get(sensor, 0) + int((ends - firsts).sum())
            run = self._current.get(sensor)
            expected = np.concatenate([[-1 if run is None else run.end], ends[:-1]])
            breaks = np.flatnonzero(firsts != expected)
            for part in np.split(np.arange(len(mine)), breaks):
                if not len(part):
                    continue
                if run is None or run.end != firsts[part[0]]:
                    run = _Run(self._sensors[sensor], int(firsts[part[0]]), int(firsts[part[0]]))
                    begun.append((int(mine[part[0]]), run))
                run.end = int(ends[part[-1]])
                run.parts += [rows.blobs[i] for i in mine[part].tolist()]
                arrivals = np.column_stack([ends[part], rows.arrivals[mine[part]]])
                run.arrivals.append(arrivals[arrivals[:, 1] != schema.NO_ARRIVAL])
            assert run is not None
            self._current[sensor] = run
        self._runs += [run for _, run in sorted(begun, key=lambda item: item[0])]
        self._bytes += sum(map(len, rows.blobs[start:stop]))

    def empty(self) -> Iterator[SampleBlock]:
        """Give the runs as blocks, none longer than the window, and start anew."""
        for run in self._runs:
            block, limit = run.block(), self._limits[run.info.id]
            while 0 < limit < block.n:
                head, block = block.cut(limit)
                yield head
            yield block
        self._runs, self._current, self._held, self._bytes = [], {}, {}, 0
