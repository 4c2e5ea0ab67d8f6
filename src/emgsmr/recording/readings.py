"""The reading side of readings: rows are checked, put in the order of their arrival and made into objects."""

from __future__ import annotations

import heapq
import struct
from dataclasses import dataclass
from operator import attrgetter, itemgetter
from typing import TYPE_CHECKING, Any

from emgsmr.errors import ArgumentError
from emgsmr.recording import schema
from emgsmr.recording.reading import MAX_NAME, MAX_VALUES, QUANTITIES, ReadingSource, TimedReading
from emgsmr.recording.reading_log import LATE_NS
from emgsmr.recording.rows import damaged

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
    from pathlib import Path

    Rows = list[tuple[Any, ...]]

_MAX_HELD = 100_000
_VALUE = struct.Struct("<d")


@dataclass(frozen=True, slots=True)
class Series:
    """One quantity of one device; ``n`` numbers per reading."""

    id: int
    sensor: int | None
    source: str
    quantity: str
    n: int

    @property
    def table(self) -> str:
        """Where its readings are: one number in ``reading``, several in ``motion``."""
        return "reading" if self.n == 1 else "motion"

    def reading(
        self, arrival_ns: int, sample_index: int | None, stored: float | bytes, crc: int
    ) -> TimedReading | None:
        """Make a reading from a row; None if its checksum is wrong or it is none."""
        data = stored if isinstance(stored, bytes) else _VALUE.pack(stored)
        if not -(1 << 63) <= arrival_ns < 1 << 63 or not -(1 << 63) <= (sample_index or 0) < 1 << 63:
            return None
        if schema.reading_crc(self.id, arrival_ns, sample_index, data) != crc:
            return None
        kind = {4 * self.n: "f", 8 * self.n: "d"}.get(len(data))
        if kind is None:
            return None
        values = struct.unpack(f"<{self.n}{kind}", data)
        try:
            return TimedReading(self.source, self.sensor, self.quantity, arrival_ns, values, sample_index)
        except ArgumentError:
            return None


def read_series(rows: Iterable[tuple[Any, ...]], sensors: Collection[int], path: Path) -> dict[int, Series]:
    """Series by id."""
    found: dict[int, Series] = {}
    for number, sensor, source, quantity, n in rows:
        known = QUANTITIES.get(quantity)
        if len(found) == schema.MAX_SERIES or not 0 < n <= MAX_VALUES or (known and len(known.axes) != n):
            raise damaged(path, f"it claims readings of {quantity[:40]!r} that cannot be")
        if not 0 < len(source) <= MAX_NAME or not 0 < len(quantity) <= MAX_NAME:
            raise damaged(path, "readings have no name, or one that never ends")
        if sensor is not None and sensor not in sensors:
            raise damaged(path, f"a reading is of sensor {sensor}, which is not there")
        found[number] = Series(number, sensor, source, quantity, n)
    return found


def merged(
    chunks_of: Callable[[str], Iterable[Rows]],
    series: Mapping[int, Series],
    wanted: Iterable[Series],
    started_ns: int,
    path: Path,
) -> Iterator[TimedReading]:
    """Readings of the ``wanted`` series by arrival, from the tables that hold them."""
    by_table: dict[str, set[int]] = {}
    for entry in wanted:
        by_table.setdefault(entry.table, set()).add(entry.id)
    parts = [
        in_order(chunks_of(table), _of_table(series, table), numbers, started_ns, path)
        for table, numbers in sorted(by_table.items(), reverse=True)
    ]
    return heapq.merge(*parts, key=attrgetter("arrival_ns"))


def sources(
    series: Mapping[int, Series], counts_of: Callable[[str], Mapping[int, int]], path: Path
) -> tuple[ReadingSource, ...]:
    """What there is, counted."""
    found = []
    for table in ("reading", "motion"):
        counts = counts_of(table)
        named = _of_table(series, table)
        if not counts.keys() <= named.keys():
            raise damaged(
                path, f"a reading is of series {min(counts.keys() - named.keys())}, which is not there"
            )
        found += [
            ReadingSource(entry.source, entry.sensor, entry.quantity, entry.n, counts.get(number, 0))
            for number, entry in named.items()
        ]
    return tuple(sorted(found, key=lambda item: (item.source, item.quantity, item.sensor or 0)))


def _of_table(series: Mapping[int, Series], table: str) -> dict[int, Series]:
    return {number: entry for number, entry in series.items() if entry.table == table}


def in_order(
    chunks: Iterable[Rows],
    series: Mapping[int, Series],
    wanted: Collection[int],
    started_ns: int,
    path: Path,
) -> Iterator[TimedReading]:
    """Readings by arrival, from rows (rowid, series_id, arrival_ns, sample_index, stored, crc) nearly so.

    Those that came at one time keep the order in which they were recorded.
    """
    held: list[tuple[Any, ...]] = []
    newest, given = -(1 << 63), -(1 << 63)
    for chunk in chunks:
        for row in chunk:
            arrival = row[2]
            if abs(arrival - started_ns) > schema.MAX_DURATION_S * 1e9:
                raise damaged(path, "a reading came more than a year from the start")
            if row[1] not in series:
                raise damaged(path, f"a reading is of series {row[1]}, which is not there")
            if arrival < max(newest - LATE_NS, given):
                raise damaged(path, "readings are out of order")
            newest = max(newest, arrival)
            if row[1] in wanted:
                held.append(row)
        held.sort(key=itemgetter(2))
        n = 0
        while n < len(held) and (held[n][2] < newest - LATE_NS or len(held) - n > _MAX_HELD):
            n += 1
        if n:
            given = held[n - 1][2]
            yield from _made(held[:n], series, path)
            del held[:n]
    yield from _made(held, series, path)


def _made(rows: list[tuple[Any, ...]], series: Mapping[int, Series], path: Path) -> Iterator[TimedReading]:
    for _, number, arrival, sample_index, stored, crc in rows:
        reading = series[number].reading(arrival, sample_index, stored, crc)
        if reading is None:
            raise damaged(path, "the checksum of a reading is wrong, or its values are none")
        yield reading
