"""What the pages of a broken recording hold, sorted into tables by the shape of the rows."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from emgsmr.recording import schema

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from emgsmr.recording.pages import Pages, Row


@dataclass(slots=True)
class Leftovers:
    """What the pages hold; small tables by row number: a later version of a row replaces an earlier one."""

    session: dict[str, str] = field(default_factory=dict)
    sensors: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    placements: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    events: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    clocks: dict[int, tuple[Any, ...]] = field(default_factory=dict)
    block_pages: list[tuple[int, int]] = field(default_factory=list)  # (first row number, place)


def look(pages: Pages, progress: Callable[[float], None] | None) -> Leftovers:
    """Look at every page."""
    found = Leftovers()
    for place in range(len(pages)):
        first_block: int | None = None
        for row in pages.rows(place):
            if _is_block(row):
                first_block = row.rowid if first_block is None else min(first_block, row.rowid)
            else:
                _keep(row, found)
        if first_block is not None:
            found.block_pages.append((first_block, place))
        if progress is not None and place % 1000 == 0:
            progress(0.5 * place / len(pages))
    found.block_pages.sort()
    return found


def _is_block(row: Row) -> bool:
    values = row.values
    return (
        len(values) == 6
        and isinstance(values[4], bytes)
        and all(isinstance(values[k], int) for k in (0, 1, 2, 5))
        and isinstance(values[3], int | None)
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
