"""The file format: one session in one SQLite file, and the check that a file is one.

A file is believed only as far as it was checked: its objects must be exactly those that `LAYOUTS` has for its
version, so no view, trigger or generated column of a stranger ever runs.
"""

from __future__ import annotations

import sqlite3
import struct
import zlib
from typing import TYPE_CHECKING

from emgsmr.errors import DamagedRecordingError, NotARecordingError, RecordingError

if TYPE_CHECKING:
    from pathlib import Path

SUFFIX = ".emgsmr"
MAGIC = b"SQLite format 3\x00"
APPLICATION_ID = int.from_bytes(b"EMGS", "big")
SCHEMA_VERSION = 2
PAGE_BYTES = 4096
MAX_COUNTS_BYTES = 1 << 16  # of one block row; a longer block is stored as several
MAX_ROW_BYTES = 1 << 20  # of any row: a montage or a note is longer than a block
MAX_SERIES = 4096  # kinds of readings; each is held in memory
MAX_DURATION_S = 366 * 86400.0  # nobody runs longer; a file that says so would only make programs count to it

_SCHEMA_1 = {
    "session": "CREATE TABLE session (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    "sensor": (
        "CREATE TABLE sensor (id INTEGER PRIMARY KEY, family TEXT NOT NULL, address TEXT NOT NULL, "
        "name TEXT NOT NULL, firmware TEXT NOT NULL, rate_hz REAL NOT NULL, channels INTEGER NOT NULL, "
        "dtype TEXT NOT NULL, scale_uv REAL NOT NULL, scale_known TEXT NOT NULL) STRICT"
    ),
    "placement": (
        "CREATE TABLE placement (sensor_id INTEGER NOT NULL, channel INTEGER NOT NULL, site TEXT NOT NULL, "
        "text TEXT NOT NULL, inter_electrode_mm REAL) STRICT"
    ),
    "block": (
        "CREATE TABLE block (sensor_id INTEGER NOT NULL, first_index INTEGER NOT NULL, n INTEGER NOT NULL, "
        "arrival_ns INTEGER, counts BLOB NOT NULL, crc INTEGER NOT NULL) STRICT"
    ),
    "block_index": "CREATE INDEX block_index ON block (sensor_id, first_index, n)",
    "event": (
        "CREATE TABLE event (t_s REAL NOT NULL, duration_s REAL, kind TEXT NOT NULL, side TEXT, site TEXT, "
        "label TEXT, note TEXT) STRICT"
    ),
    "clock": (
        "CREATE TABLE clock (sensor_id INTEGER PRIMARY KEY, index0 INTEGER NOT NULL, t0_s REAL NOT NULL, "
        "rate_hz REAL NOT NULL, residual_ms REAL, method TEXT NOT NULL) STRICT"
    ),
}
SCHEMA = _SCHEMA_1 | {
    "series": (
        "CREATE TABLE series (id INTEGER PRIMARY KEY, sensor_id INTEGER, source TEXT NOT NULL, "
        "quantity TEXT NOT NULL, n INTEGER NOT NULL) STRICT"
    ),
    "reading": (
        "CREATE TABLE reading (series_id INTEGER NOT NULL, arrival_ns INTEGER NOT NULL, "
        "sample_index INTEGER, value REAL NOT NULL, crc INTEGER NOT NULL) STRICT"
    ),
    "motion": (
        "CREATE TABLE motion (series_id INTEGER NOT NULL, arrival_ns INTEGER NOT NULL, "
        "sample_index INTEGER, vector BLOB NOT NULL, crc INTEGER NOT NULL) STRICT"
    ),
}
"""What this version writes: version 2, which added readings."""

LAYOUTS = {1: _SCHEMA_1, 2: SCHEMA}
"""What this version reads, by format version."""

UNREADABLE = (sqlite3.Error, UnicodeError)  # what reading a damaged file raises; text may be none
NO_ARRIVAL = -(1 << 63)  # stands for NULL in the checksum
_BLOCK_HEAD = struct.Struct("<4q")
_READING_HEAD = struct.Struct("<3q")
_LIMITS = {
    sqlite3.SQLITE_LIMIT_LENGTH: MAX_ROW_BYTES,
    sqlite3.SQLITE_LIMIT_SQL_LENGTH: 10_000,
    sqlite3.SQLITE_LIMIT_COLUMN: 32,
    sqlite3.SQLITE_LIMIT_EXPR_DEPTH: 20,
    sqlite3.SQLITE_LIMIT_COMPOUND_SELECT: 4,
    sqlite3.SQLITE_LIMIT_FUNCTION_ARG: 8,
    sqlite3.SQLITE_LIMIT_ATTACHED: 0,
    sqlite3.SQLITE_LIMIT_TRIGGER_DEPTH: 1,
    sqlite3.SQLITE_LIMIT_WORKER_THREADS: 0,
}
_OPENING_STEPS = 100_000  # SQLite's instructions between two looks at the budget
_OPENING_BUDGET = 100


def block_crc(sensor: int, first_index: int, n: int, arrival_ns: int | None, counts: bytes) -> int:
    """Checksum of a block row: CRC-32 of its four integers (little-endian, 64 bit) and its counts."""
    arrival = NO_ARRIVAL if arrival_ns is None else arrival_ns
    return zlib.crc32(counts, zlib.crc32(_BLOCK_HEAD.pack(sensor, first_index, n, arrival)))


def block_crcs(
    sensors: tuple[int, ...],
    firsts: tuple[int, ...],
    ns: tuple[int, ...],
    arrivals: tuple[int, ...],
    counts: tuple[bytes, ...],
) -> list[int]:
    """`block_crc` of many rows, without a Python step per row (an hour has millions)."""
    return list(
        map(zlib.crc32, counts, map(zlib.crc32, map(_BLOCK_HEAD.pack, sensors, firsts, ns, arrivals)))
    )


def reading_crc(series: int, arrival_ns: int, sample_index: int | None, values: bytes) -> int:
    """Checksum of a reading: CRC-32 of three integers (little-endian, 64 bit) and the bytes of its values."""
    index = NO_ARRIVAL if sample_index is None else sample_index
    return zlib.crc32(values, zlib.crc32(_READING_HEAD.pack(series, arrival_ns, index)))


def create(connection: sqlite3.Connection) -> None:
    """Lay out an empty recording in an empty file, then let it grow through a write-ahead log."""
    connection.execute(f"PRAGMA page_size={PAGE_BYTES}")
    connection.execute(
        "PRAGMA synchronous=FULL"
    )  # a dead battery may take the last second, not the last minute
    connection.execute("BEGIN IMMEDIATE")
    connection.execute(f"PRAGMA application_id={APPLICATION_ID}")
    connection.execute(f"PRAGMA user_version={SCHEMA_VERSION}")
    for statement in SCHEMA.values():
        connection.execute(statement)
    connection.execute("COMMIT")
    connection.execute("PRAGMA journal_mode=WAL")


def connect(path: Path, mode: str) -> sqlite3.Connection:
    """Open a file that may be hostile; ``mode`` is ``ro`` or ``rw``."""
    check_header(path)
    uri = f"{path.resolve().as_uri()}?mode={mode}"
    connection = _connect(uri, mode)
    try:
        _check_schema(connection, path)
    except UNREADABLE as error:
        connection.close()
        if _code(error) != sqlite3.SQLITE_CANTOPEN or mode != "ro":
            raise explain(error, path) from error
        if path.with_name(path.name + "-wal").exists():
            raise RecordingError(
                f"{path} was not closed and its folder cannot be written: copy it and its -wal elsewhere"
            ) from error
        # A closed file on a read-only medium: SQLite may not make its lock files there and needs none.
        connection = _connect(uri + "&immutable=1", mode)
        try:
            _check_schema(connection, path)
        except UNREADABLE as second:
            connection.close()
            raise explain(second, path) from second
    except RecordingError:
        connection.close()
        raise
    return connection


def check_header(path: Path) -> None:
    """Refuse what is no recording before SQLite sees it."""
    try:
        if not path.is_file():
            what = "is not a file" if path.exists() else "does not exist"
            raise NotARecordingError(f"{path} {what}: give the path of a recording ({SUFFIX})")
        with path.open("rb") as file:
            head = file.read(100)
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror or error}") from error
    if not head.startswith(MAGIC):
        raise NotARecordingError(f"{path} is not a recording of emgsmr: use `emgsmr import` for other files")
    if len(head) < 100:
        raise DamagedRecordingError(
            f"{path} ends within its first 100 bytes: nothing is left of this recording"
        )
    if int.from_bytes(head[68:72], "big") != APPLICATION_ID:
        raise NotARecordingError(f"{path} is an SQLite file of another program, not a recording of emgsmr")
    version = int.from_bytes(head[60:64], "big")
    if version > SCHEMA_VERSION:
        raise NotARecordingError(f"{path} has format {version}, newer than this emgsmr knows: update emgsmr")
    if version < 1:
        raise DamagedRecordingError(f"{path} has no format version: try `emgsmr recover`")


def explain(error: Exception, path: Path) -> RecordingError:
    """Say what an error of SQLite means for someone who opens a recording."""
    code = _code(error)
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return RecordingError(f"{path} is being written by another program: try again in a moment")
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM, sqlite3.SQLITE_AUTH):
        return RecordingError(f"{path} cannot be opened ({error}): check the permissions of file and folder")
    if code == sqlite3.SQLITE_READONLY and "attempt to write" in str(error):
        return RecordingError(f"{path} cannot be written: check the permissions of file and folder")
    return DamagedRecordingError(f"{path} is damaged ({error}): try `emgsmr recover`")


def _code(error: Exception) -> int:
    """Primary result code (the low byte of an extended one); errors of the Python module have none."""
    return getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR) & 0xFF


def _connect(uri: str, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(uri, uri=True, isolation_level=None, check_same_thread=False, timeout=5.0)
    for limit, value in _LIMITS.items():
        connection.setlimit(limit, value)
    for pragma in ("trusted_schema=OFF", "cell_size_check=ON", "mmap_size=0", "temp_store=MEMORY"):
        connection.execute(f"PRAGMA {pragma}")
    if mode == "ro":
        connection.execute("PRAGMA query_only=ON")
    return connection


def version_of(connection: sqlite3.Connection) -> int:
    """Format version of an open file."""
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _check_schema(connection: sqlite3.Connection, path: Path) -> None:
    layout = LAYOUTS.get(version_of(connection), {})
    looks = 0

    def over_budget() -> int:  # a B-tree that points to itself would be walked forever
        nonlocal looks
        looks += 1
        return int(looks > _OPENING_BUDGET)

    connection.set_progress_handler(over_budget, _OPENING_STEPS)
    found: dict[str, str] = {}
    for name, sql in connection.execute("SELECT name, sql FROM sqlite_schema"):
        if sql is not None:  # the automatic index of a key has none
            found[name] = sql
        if len(found) > len(SCHEMA):
            break
    connection.set_progress_handler(None, 0)
    if found != layout:
        odd = sorted(set(found.items()) ^ set(layout.items()))[0][0]
        raise DamagedRecordingError(
            f"{path} is not laid out like a recording (see {str(odd)[:40]!r}): not opened"
        )
