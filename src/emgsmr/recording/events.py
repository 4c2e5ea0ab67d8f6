"""Events from elsewhere: marked afterwards in a recording, or listed in a CSV file."""

from __future__ import annotations

import csv
import math
import sqlite3
from pathlib import Path
from typing import TYPE_CHECKING

from emgsmr.errors import ArgumentError, ImportFormatError
from emgsmr.recording import schema
from emgsmr.recording.event import Event, check_event
from emgsmr.recording.inserts import INSERT_EVENT, event_row

if TYPE_CHECKING:
    from _csv import Reader
    from collections.abc import Mapping

COLUMNS = ("t_s", "duration_s", "kind", "side", "site", "label", "note")
_MAX_FILE_BYTES = 64 << 20


def add_event(path: str | Path, event: Event) -> None:
    """Add an event to a recording, also to one that another program is just writing.

    Raises
    ------
    ArgumentError
        The event makes no sense.
    RecordingError
        The file is no recording, or cannot be written.
    """
    check_event(event)
    path = Path(path)
    connection = schema.connect(path, "rw")
    try:
        connection.execute("PRAGMA synchronous=FULL")
        connection.execute(INSERT_EVENT, event_row(event))
        _tidy(connection)
    except sqlite3.Error as error:
        raise schema.explain(error, path) from error
    finally:
        connection.close()


def read_events(path: str | Path) -> tuple[Event, ...]:
    r"""Read events from a CSV file with the columns ``t_s``, ``kind`` and any others of ``events.csv``.

    Raises
    ------
    ImportFormatError
        Says which line is wrong, and how.

    Examples
    --------
    >>> import tempfile
    >>> with tempfile.NamedTemporaryFile("w", suffix=".csv") as file:
    ...     _ = file.write("t_s,kind,side\n1.25,foot_contact,R\n")
    ...     file.flush()
    ...     read_events(file.name)
    (Event(t_s=1.25, duration_s=None, kind='foot_contact', side='R', site=None, label=None, note=None),)
    """
    path = Path(path)
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_FILE_BYTES + 1)
    except OSError as error:
        raise ImportFormatError(f"{path} cannot be read: {error.strerror or error}") from error
    if len(raw) > _MAX_FILE_BYTES:
        raise ImportFormatError(
            f"{path} is larger than {_MAX_FILE_BYTES >> 20} MB: that is no list of events"
        )
    if b"\0" in raw:
        raise ImportFormatError(f"{path} is no text: events come as CSV")
    text = raw.decode("utf-8-sig", errors="replace")
    first = text.partition("\n")[0]
    delimiter = max(",;\t", key=first.count)
    try:
        return _parse(csv.reader(text.splitlines(), delimiter=delimiter), path)
    except csv.Error as error:
        raise ImportFormatError(f"{path} is no CSV: {error}") from error


def _parse(lines: Reader, path: Path) -> tuple[Event, ...]:
    header = [name.strip() for name in next(lines, [])]
    missing = [name for name in ("t_s", "kind") if name not in header]
    if missing:
        raise ImportFormatError(
            f"{path} has no column {missing[0]}: events need t_s and kind, and may have "
            f"{', '.join(name for name in COLUMNS if name not in ('t_s', 'kind'))}"
        )
    for name in header:
        if name not in COLUMNS or header.count(name) > 1:
            raise ImportFormatError(
                f"{path} has a column {name!r} too many: the columns of events are {', '.join(COLUMNS)}"
            )
    events = []
    for cells in lines:
        if not any(cell.strip() for cell in cells):
            continue
        where = f"{path}, line {lines.line_num}"
        if len(cells) != len(header):
            raise ImportFormatError(f"{where} has {len(cells)} cells: the header has {len(header)}")
        events.append(_event(dict(zip(header, (cell.strip() for cell in cells), strict=True)), where))
    return tuple(sorted(events, key=lambda event: event.t_s))


def _event(cells: Mapping[str, str], where: str) -> Event:
    from emgsmr.anatomy import parse_site
    from emgsmr.errors import MontageError

    site = cells.get("site") or None
    try:
        event = Event(
            t_s=_seconds(cells["t_s"]),
            duration_s=_seconds(cells["duration_s"]) if cells.get("duration_s") else None,
            kind=cells["kind"],
            side=cells.get("side") or None,
            site=None if site is None else str(parse_site(site)),
            label=cells.get("label") or None,
            note=cells.get("note") or None,
        )
        return check_event(event)
    except (ArgumentError, MontageError) as error:
        raise ImportFormatError(f"{where}: {error}") from error


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        raise ArgumentError(f"{text!r} is no time: give seconds, such as 12.5") from None
    if not math.isfinite(value):
        raise ArgumentError(f"{text!r} is no time: give seconds, such as 12.5")
    return value


def _tidy(connection: sqlite3.Connection) -> None:
    """Make one file again of what a killed program left; refused (rightly) while others have it open."""
    try:
        connection.execute("PRAGMA busy_timeout=0")
        connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.OperationalError as error:
        if error.sqlite_errorcode & 0xFF not in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise
