"""The tables of a recording as they stand in the file: SQL, and the order of rows, end here."""

from __future__ import annotations

import sqlite3
from collections import Counter
from itertools import pairwise
from operator import itemgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from emgsmr.errors import ArgumentError
from emgsmr.recording import schema
from emgsmr.recording.rows import damaged

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from numpy.typing import NDArray

COLUMNS = {
    "session": "key, value",
    "sensor": "id, family, address, name, firmware, rate_hz, channels, dtype, scale_uv, scale_known",
    "placement": "sensor_id, channel, site, text, inter_electrode_mm",
    "event": "t_s, duration_s, kind, side, site, label, note",
    "clock": "sensor_id, index0, t0_s, rate_hz, residual_ms, method",
    "series": "id, sensor_id, source, quantity, n",
}
MAX_INDEX = 1 << 62
_BLOCK_COLUMNS = f"sensor_id, first_index, n, coalesce(arrival_ns, {schema.NO_ARRIVAL}), counts, crc"
_READING_COLUMNS = {
    "reading": "series_id, arrival_ns, sample_index, value, crc",
    "motion": "series_id, arrival_ns, sample_index, vector, crc",
}
_PAGE_ROWS = 4096
_CHUNK_ROWS = 512


class Tables:
    """Read-only access to the tables; every error of SQLite becomes one of ours."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._connection = schema.connect(path, "ro")
        self.has_readings = schema.version_of(self._connection) >= 2

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    def _query(self, sql: str, parameters: tuple[Any, ...] = ()) -> Iterator[list[tuple[Any, ...]]]:
        """Rows in chunks; every error of SQLite becomes one of ours."""
        try:
            cursor = self._connection.execute(sql, parameters)
            while chunk := cursor.fetchmany(_CHUNK_ROWS):
                yield chunk
        except sqlite3.ProgrammingError as error:
            raise ArgumentError(f"{self.path} is closed: open it again") from error
        except schema.UNREADABLE as error:
            raise schema.explain(error, self.path) from error
        except OverflowError as error:
            raise ArgumentError(f"a sample index beyond 64 bits was asked of {self.path}") from error

    def rows(self, table: str) -> Iterator[tuple[Any, ...]]:
        """All rows of a small table; their numbers must grow (a B-tree that points to itself never ends)."""
        last: int | None = None
        for chunk in self._query(f"SELECT rowid, {COLUMNS[table]} FROM {table} ORDER BY rowid"):
            for rowid, *row in chunk:
                if last is not None and rowid <= last:
                    raise damaged(self.path, f"the rows of {table} are out of order")
                last = rowid
                yield tuple(row)

    def block_chunks(self) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of the blocks in recorded order."""
        return self._paged("block", _BLOCK_COLUMNS)

    def reading_chunks(self, table: str) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of ``reading`` or ``motion`` in recorded order."""
        return self._paged(table, _READING_COLUMNS[table])

    def reading_counts(self, table: str) -> dict[int, int]:
        """How many rows each series has in ``reading`` or ``motion``."""
        counts: Counter[int] = Counter()
        if not self.has_readings:
            return counts
        for chunk in self._paged(table, "series_id"):
            counts.update(map(itemgetter(1), chunk))
        return counts

    def _paged(self, table: str, columns: str) -> Iterator[list[tuple[Any, ...]]]:
        """Rows, whose numbers must grow; no transaction stays open, so a recorder is not held up."""
        last = -(1 << 63)
        sql = f"SELECT rowid, {columns} FROM {table} WHERE rowid > ? ORDER BY rowid LIMIT {_PAGE_ROWS}"
        more = True
        while more:
            more = False
            for chunk in self._query(sql, (last,)):
                rowids = np.fromiter((row[0] for row in chunk), np.int64, len(chunk))
                if rowids[0] <= last or np.any(rowids[1:] <= rowids[:-1]):
                    raise damaged(self.path, f"the rows of {table} are out of order")
                last = int(rowids[-1])
                more = True
                yield chunk

    def sensor_chunks(self, sensor_id: int, first: int, stop: int) -> Iterator[list[tuple[Any, ...]]]:
        """Rows of one sensor's blocks that hold samples ``first`` to ``stop``."""
        sql = (
            f"SELECT rowid, {_BLOCK_COLUMNS} FROM block WHERE sensor_id = ? AND first_index >= ? "
            "AND first_index < ? ORDER BY first_index, n"
        )
        before = "SELECT max(first_index) FROM block WHERE sensor_id = ? AND first_index <= ?"
        start = next(self._query(before, (sensor_id, first)))[0][0]
        # join_rows refuses blocks that overlap, so an index that points to itself ends there.
        yield from self._query(sql, (sensor_id, first if start is None else start, stop))

    def index_pieces(self, sensor_id: int) -> Iterator[tuple[NDArray[np.int64], NDArray[np.int64]]]:
        """First index and n of one sensor's blocks, from the index alone."""
        sql = "SELECT first_index, n, rowid FROM block WHERE sensor_id = ? ORDER BY first_index, n, rowid"
        last = (-1, -1, -1)
        for chunk in self._query(sql, (sensor_id,)):
            if chunk[0] <= last or any(a >= b for a, b in pairwise(chunk)):
                raise damaged(self.path, "its index is out of order")
            last = chunk[-1]
            table = np.array(chunk, dtype=np.int64)
            if table[:, :2].min() < 0 or table[:, :2].max() > MAX_INDEX:
                raise damaged(self.path, "a block is numbered below zero or beyond all times")
            yield table[:, 0], table[:, 1]

    def last_block(self, sensor_id: int) -> tuple[int, int | None] | None:
        """End (sample index) and arrival (ns) of a sensor's last block."""
        sql = (
            "SELECT first_index + n, arrival_ns FROM block WHERE sensor_id = ? "
            "ORDER BY first_index DESC, n DESC LIMIT 1"
        )
        found = next(self._query(sql, (sensor_id,)), None)
        return (found[0][0], found[0][1]) if found else None

    def arrivals_near(self, sensor_id: int, index: int, *, before: bool, limit: int) -> list[tuple[int, int]]:
        """End (sample index) and arrival (ns) of some blocks before or after a sample."""
        compare, order = ("<", "DESC") if before else (">=", "ASC")
        sql = (
            f"SELECT first_index + n, arrival_ns FROM block WHERE sensor_id = ? AND first_index {compare} ? "
            f"ORDER BY first_index {order} LIMIT {limit}"
        )
        rows = [row for chunk in self._query(sql, (sensor_id, index)) for row in chunk]
        return [(end, arrival) for end, arrival in rows if arrival is not None]
