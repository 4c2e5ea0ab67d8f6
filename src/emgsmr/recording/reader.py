"""The reader: a recording as the rest of the program sees it, lazy and read-only."""

from __future__ import annotations

import sqlite3
from dataclasses import replace
from functools import cached_property
from itertools import pairwise
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from emgsmr.errors import ArgumentError, MontageError
from emgsmr.recording import rows as read
from emgsmr.recording import schema
from emgsmr.recording.block import SampleBlock
from emgsmr.recording.gaps import Gap, find_jumps
from emgsmr.recording.joining import join_rows
from emgsmr.recording.montage import Montage, MontageSensor
from emgsmr.recording.wiring import Wiring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from numpy.typing import NDArray

    from emgsmr.recording.event import Event
    from emgsmr.recording.sensor_info import ClockRow, Placement, SensorInfo

_PAGE_ROWS = 4096
_CHUNK_ROWS = 512
_MAX_INDEX = 1 << 62
_NEIGHBORS = 32
_BLOCK_COLUMNS = "sensor_id, first_index, n, coalesce(arrival_ns, -9223372036854775808), counts, crc"


class Recording:
    """A recording, opened for reading.

    Opening reads only what is said about the session; samples come in blocks. A file that is being recorded,
    or was left behind by a program that was killed, opens too.

    Parameters
    ----------
    path : path-like

    Raises
    ------
    NotARecordingError, DamagedRecordingError
        On opening, or later when a damaged part is reached.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._connection = schema.connect(self.path, "ro")
        try:
            facts = read.read_session(self._rows("session", "key, value"), self.path)
            self._montage_content = facts.pop("montage", None)
            self.session: dict[str, Any] = facts
            self._sensors = read.read_sensors(
                self._rows(
                    "sensor",
                    "id, family, address, name, firmware, rate_hz, channels, dtype, scale_uv, scale_known",
                ),
                self.path,
            )
            self.placements: tuple[Placement, ...] = read.read_placements(
                self._rows("placement", "sensor_id, channel, site, text, inter_electrode_mm"),
                self._sensors,
                self.path,
            )
        except BaseException:
            self._connection.close()
            raise

    @property
    def sensors(self) -> tuple[SensorInfo, ...]:
        """All sensors, by id."""
        return tuple(self._sensors[key] for key in sorted(self._sensors))

    @property
    def sites(self) -> tuple[str, ...]:
        """All placed sites, by sensor and channel."""
        return tuple(placement.site for placement in self.placements)

    @property
    def started_ns(self) -> int:
        """The host's monotonic clock at t_s = 0."""
        return int(self.session.get("started_ns", 0))

    @property
    def wiring(self) -> Wiring:
        """Sensors, placements and the clocks of imported samples: what a pipeline starts from."""
        found = {sensor.id: self.clock(sensor.id) for sensor in self.sensors}
        clocks = {key: clock for key, clock in found.items() if clock is not None and clock.method == "file"}
        return Wiring(self.sensors, self.placements, clocks, self.started_ns)

    @cached_property
    def montage(self) -> Montage:
        """The montage it was recorded with, wired; made from the placements where there was none."""
        montage = self._plain_montage()
        return replace(montage, wiring=replace(self.wiring, mains_hz=montage.mains_hz))

    def _plain_montage(self) -> Montage:
        if self._montage_content is not None:
            try:
                return Montage.from_dict(self._montage_content, source=f"the montage in {self.path}")
            except (MontageError, AttributeError, TypeError) as error:
                raise read.damaged(self.path, str(error)) from error
        return Montage(
            tuple(
                MontageSensor(
                    sensor.name or None,
                    sensor.address or None,
                    sensor.family,
                    channels={p.channel + 1: p.site for p in self.placements if p.sensor == sensor.id},
                )
                for sensor in self.sensors
            )
        )

    def events(self) -> tuple[Event, ...]:
        """All events, by time."""
        columns = "t_s, duration_s, kind, side, site, label, note"
        events = [read.read_event(row, self.path) for row in self._rows("event", columns)]
        return tuple(sorted(events, key=lambda event: event.t_s))

    def clock(self, sensor_id: int) -> ClockRow | None:
        """Give a sensor's clock as recorded, None if there is none."""
        self._sensor(sensor_id)
        columns = "sensor_id, index0, t0_s, rate_hz, residual_ms, method"
        for row in self._rows("clock", columns):
            if row[0] == sensor_id:
                return read.read_clock(row, self.path)
        return None

    @property
    def start_s(self) -> float:
        """Time of the first sample of an imported file (s, on its own clock); else 0."""
        clocks = [clock for sensor in self.sensors if (clock := self.clock(sensor.id))]
        if clocks and all(clock.method == "file" for clock in clocks):
            return min(clock.time_s(0) for clock in clocks)
        return 0.0

    @property
    def end_s(self) -> float:
        """Time after the last sample (s, on the recording's clock)."""
        return max((self._end_s(sensor) for sensor in self.sensors), default=self.start_s)

    @property
    def duration_s(self) -> float:
        """From `start_s` to `end_s` (s)."""
        return max(0.0, self.end_s - self.start_s)

    def gaps(self) -> tuple[Gap, ...]:
        """All gaps, by sensor and time."""
        return tuple(gap for sensor in self.sensors for gap in self._gaps_of(sensor))

    def blocks(self, *, seconds: float = 10.0) -> Iterator[SampleBlock]:
        """All samples in recorded order.

        Parameters
        ----------
        seconds : float, s
            Neighboring blocks of a sensor are joined as long as no sensor has more than this in hand. 0 gives
            the blocks as they were recorded, one for each radio notification.

        Yields
        ------
        SampleBlock
            Without a gap inside. The same for every reading of the file.
        """
        yield from join_rows(self._block_chunks(), self._sensors, seconds, self.started_ns, self.path)

    def pieces(self, sensor_id: int, first: int = 0, stop: int | None = None) -> Iterator[SampleBlock]:
        """Read samples ``first`` to ``stop`` of one sensor, in blocks that end at gaps or when large."""
        info = self._sensor(sensor_id)
        stop = _MAX_INDEX if stop is None else stop
        chunks = self._sensor_chunks(sensor_id, first, stop)
        for block in join_rows(chunks, {sensor_id: info}, 60.0, self.started_ns, self.path):
            if block.first_index < first:
                block = block.cut(first - block.first_index)[1]
            if block.end_index > stop:
                block = block.cut(stop - block.first_index)[0]
            yield block

    def counts(self, sensor_id: int, first: int, stop: int) -> NDArray[np.integer[Any]]:
        """Read the counts of samples ``first`` to ``stop`` of one sensor, shape (stop - first, n_channels).

        Raises
        ------
        ArgumentError
            Some of these samples are missing: see `gaps`, or ask for `pieces`.
        """
        info = self._sensor(sensor_id)
        found = [block for block in self.pieces(sensor_id, first, stop) if block.n]
        have = sum(block.n for block in found)
        if have != stop - first:
            raise ArgumentError(
                f"only {have} of the samples {first} to {stop} of {info.name} are in the file: see its gaps"
            )
        if not found:
            return np.empty((0, info.channels), dtype=info.dtype)
        return SampleBlock.join(found).counts

    def close(self) -> None:
        """Let go of the file; safe to call again."""
        self._connection.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Recording({str(self.path)!r})"

    def _query(self, sql: str, parameters: tuple[Any, ...] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Rows in chunks; every error of SQLite becomes one of ours."""
        try:
            cursor = self._connection.execute(sql, parameters)
            while chunk := cursor.fetchmany(_CHUNK_ROWS):
                yield chunk
        except sqlite3.ProgrammingError as error:
            raise ArgumentError(f"{self.path} is closed: open it again") from error
        except (sqlite3.Error, OverflowError) as error:
            if isinstance(error, sqlite3.Error):
                raise schema.explain(error, self.path) from error
            raise ArgumentError(f"a sample index beyond 64 bits was asked of {self.path}") from error

    def _rows(self, table: str, columns: str) -> Iterator[tuple[Any, ...]]:
        """All rows of a small table; their numbers must grow (a B-tree that points to itself never ends)."""
        last: int | None = None
        for chunk in self._query(f"SELECT rowid, {columns} FROM {table} ORDER BY rowid"):
            for rowid, *row in chunk:
                if last is not None and rowid <= last:
                    raise read.damaged(self.path, f"the rows of {table} are out of order")
                last = rowid
                yield tuple(row)

    def _block_chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of the blocks in recorded order; no transaction stays open, so a recorder is not held up."""
        last = -(1 << 63)
        sql = f"SELECT rowid, {_BLOCK_COLUMNS} FROM block WHERE rowid > ? ORDER BY rowid LIMIT {_PAGE_ROWS}"
        more = True
        while more:
            more = False
            for chunk in self._query(sql, (last,)):
                rowids = np.fromiter((row[0] for row in chunk), np.int64, len(chunk))
                if rowids[0] <= last or np.any(rowids[1:] <= rowids[:-1]):
                    raise read.damaged(self.path, "the rows of block are out of order")
                last = int(rowids[-1])
                more = True
                yield chunk

    def _sensor_chunks(self, sensor_id: int, first: int, stop: int) -> Iterator[list[tuple[Any, ...]]]:
        sql = (
            f"SELECT rowid, {_BLOCK_COLUMNS} FROM block WHERE sensor_id = ? AND first_index >= ? "
            "AND first_index < ? ORDER BY first_index, n"
        )
        before = "SELECT max(first_index) FROM block WHERE sensor_id = ? AND first_index <= ?"
        start = next(self._query(before, (sensor_id, first)))[0][0]
        # join_rows refuses blocks that overlap, so an index that points to itself ends there.
        yield from self._query(sql, (sensor_id, first if start is None else start, stop))

    def _sensor(self, sensor_id: int) -> SensorInfo:
        if sensor_id not in self._sensors:
            raise ArgumentError(f"{self.path.name} has no sensor {sensor_id}: it has {sorted(self._sensors)}")
        return self._sensors[sensor_id]

    def _index_pieces(self, sensor_id: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        sql = "SELECT first_index, n, rowid FROM block WHERE sensor_id = ? ORDER BY first_index, n, rowid"
        last = (-1, -1, -1)
        for chunk in self._query(sql, (sensor_id,)):
            if chunk[0] <= last or any(a >= b for a, b in pairwise(chunk)):
                raise read.damaged(self.path, "its index is out of order")
            last = chunk[-1]
            table = np.array(chunk, dtype=np.int64)
            if table[:, :2].min() < 0 or table[:, :2].max() > _MAX_INDEX:
                raise read.damaged(self.path, "a block is numbered below zero or beyond all times")
            yield table[:, 0], table[:, 1]

    def _gaps_of(self, sensor: SensorInfo) -> Iterator[Gap]:
        try:
            jumps = find_jumps(self._index_pieces(sensor.id))
        except ValueError as error:
            raise read.damaged(self.path, f"blocks of sensor {sensor.id} overlap") from error
        clock = self.clock(sensor.id)
        cause = "missing in the source file" if sensor.family == "file" else "not received"
        for start, stop in jumps:
            if clock is not None:
                times = clock.time_s(start), clock.time_s(stop)
            else:
                before, after = (
                    self._offset_s(sensor, start, before=True),
                    self._offset_s(sensor, stop, before=False),
                )
                before = after if before is None else before
                after = before if after is None else after
                times = start / sensor.rate_hz + (before or 0.0), stop / sensor.rate_hz + (after or 0.0)
            yield Gap(sensor.id, *times, start, stop - start, cause)

    def _offset_s(self, sensor: SensorInfo, index: int, *, before: bool) -> float | None:
        """How far arrivals near a sample lie behind index / rate: the least, since a delay only adds."""
        compare, order = ("<", "DESC") if before else (">=", "ASC")
        sql = (
            f"SELECT first_index + n, arrival_ns FROM block WHERE sensor_id = ? AND first_index {compare} ? "
            f"ORDER BY first_index {order} LIMIT {_NEIGHBORS}"
        )
        offsets = [
            (arrival - self.started_ns) / 1e9 - end / sensor.rate_hz
            for chunk in self._query(sql, (sensor.id, index))
            for end, arrival in chunk
            if arrival is not None
        ]
        return min(offsets, default=None)

    def _end_s(self, sensor: SensorInfo) -> float:
        sql = (
            "SELECT first_index + n, arrival_ns FROM block WHERE sensor_id = ? "
            "ORDER BY first_index DESC, n DESC LIMIT 1"
        )
        last = next(self._query(sql, (sensor.id,)), None)
        clock = self.clock(sensor.id)
        if last is None:
            return clock.time_s(0) if clock else 0.0
        end, arrival = last[0]
        if clock is not None and clock.method == "file":
            time = clock.time_s(end)
        elif arrival is not None:
            time = (arrival - self.started_ns) / 1e9
        else:
            time = clock.time_s(end) if clock else end / sensor.rate_hz
        if abs(time - self._origin_s(clock)) > schema.MAX_DURATION_S:
            raise read.damaged(self.path, "it claims to last longer than a year")
        return time

    @staticmethod
    def _origin_s(clock: ClockRow | None) -> float:
        return clock.t0_s if clock else 0.0


def open_recording(path: str | Path) -> Recording:
    """Open a recording for reading (see `Recording`)."""
    return Recording(path)
