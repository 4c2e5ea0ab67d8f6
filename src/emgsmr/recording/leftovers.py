"""What the pages of a broken recording hold, sorted into tables by the shape of the rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emgsmr.recording import schema
from emgsmr.recording.readings import Series

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

    from emgsmr.recording.pages import Pages, Row
    from emgsmr.recording.reading import TimedReading


@dataclass(slots=True)
class Leftovers:
    """What the pages hold; small tables by row number: a later version of a row replaces an earlier one."""

    session: dict[str, str] = field(default_factory=dict)
    sensors: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    placements: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    events: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    clocks: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    series: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    # of the large tables: (first row number, place)
    block_pages: list[tuple[int, int]] = field(default_factory=list)
    reading_pages: list[tuple[int, int]] = field(default_factory=list)
    motion_pages: list[tuple[int, int]] = field(default_factory=list)


def look(pages: Pages, progress: Callable[[float], None] | None) -> Leftovers:
    """Look at every page."""
    found = Leftovers()
    large = (
        (_is_block, found.block_pages),
        (_is_reading, found.reading_pages),
        (_is_motion, found.motion_pages),
    )
    for place in range(len(pages)):
        firsts: dict[int, int] = {}
        for row in pages.rows(place):
            table = next((k for k, (is_one, _) in enumerate(large) if is_one(row)), None)
            if table is None:
                _keep(row, found)
            else:
                firsts[table] = min(row.rowid, firsts.get(table, row.rowid))
        for table, first in firsts.items():
            large[table][1].append((first, place))
        if progress is not None and place % 1000 == 0:
            progress(0.5 * place / len(pages))
    for _, places in large:
        places.sort()
    return found


def _is_block(row: Row) -> bool:
    values = row.values
    return (
        len(values) == 6
        and isinstance(values[4], bytes)
        and all(isinstance(values[k], int) for k in (0, 1, 2, 5))
        and isinstance(values[3], int | None)
    )


def _is_reading(row: Row) -> bool:
    return _is_timed(row) and isinstance(row.values[3], int | float)


def _is_motion(row: Row) -> bool:
    return _is_timed(row) and isinstance(row.values[3], bytes)


def _is_timed(row: Row) -> bool:
    values = row.values
    return (
        len(values) == 5
        and all(isinstance(values[k], int) for k in (0, 1, 4))
        and isinstance(values[2], int | None)
    )


def _keep(row: Row, found: Leftovers) -> None:
    """Sort a row into its table by its shape; no two tables have the same."""
    values = row.values
    shape = "".join(
        "n" if v is None else "t" if isinstance(v, str) else "b" if isinstance(v, bytes) else "x"
        for v in values
    )
    if shape == "tt":
        found.session[values[0]] = values[1]
    elif len(shape) == 10 and shape.startswith("ntttt"):
        found.sensors[row.rowid] = (row.rowid, *values[1:])
    elif len(shape) == 5 and shape.startswith("xxtt"):
        found.placements[row.rowid] = values
    elif len(shape) == 5 and shape[0] == "n" and shape[2:] == "ttx":
        found.series[row.rowid] = (row.rowid, *values[1:])
    elif len(shape) == 7 and shape[0] == "x" and shape[2] == "t":
        found.events[row.rowid] = values
    elif len(shape) == 6 and shape.startswith("nxxx") and shape[5] == "t":
        found.clocks[row.rowid] = (row.rowid, *values[1:])


def whole_blocks(
    pages: Pages, found: Leftovers, tally: Counter[str]
) -> Iterator[tuple[int, int, int, int | None, bytes]]:
    """Blocks with the right checksum, in recorded order, each once (versions of a page repeat rows)."""
    last = -(1 << 63)
    for _, place in found.block_pages:
        tally["pages"] += 1
        for row in pages.rows(place):
            if not _is_block(row) or row.rowid <= last:
                continue
            sensor, first, n, arrival, data, crc = row.values
            if n < 0 or first < 0 or schema.block_crc(sensor, first, n, arrival, data) != crc:
                tally["bad"] += 1
                continue
            last = row.rowid
            yield sensor, first, n, arrival, data


def whole_readings(
    pages: Pages, found: Leftovers, series: Mapping[int, Series], tally: Counter[str]
) -> Iterator[TimedReading]:
    """Readings with the right checksum, each table in recorded order, each once.

    Where it is lost what a series is, single numbers are kept under its number; vectors cannot be read.
    """
    for is_one, places in ((_is_reading, found.reading_pages), (_is_motion, found.motion_pages)):
        last = -(1 << 63)
        for _, place in places:
            for row in pages.rows(place):
                if not is_one(row) or row.rowid <= last:
                    continue
                number, arrival, sample_index, stored, crc = row.values
                stored = stored if isinstance(stored, bytes) else float(stored)
                known = series.get(number) or Series(number, None, "unknown", f"series {number}", 1)
                reading = known.reading(arrival, sample_index, stored, crc)
                if reading is None:
                    tally["bad readings"] += 1
                    continue
                last = row.rowid
                yield reading
