"""The recorder: a thread of its own writes what the radio brings, at least once a second."""

from __future__ import annotations

import json
import shutil
import sqlite3
import threading
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from emgsmr.errors import ArgumentError, DiskFullError, RecordingError, RecordingExistsError
from emgsmr.recording import schema
from emgsmr.recording.event import check_event
from emgsmr.recording.inbox import Inbox
from emgsmr.recording.sensor_info import SensorInfo

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from emgsmr.recording.block import SampleBlock
    from emgsmr.recording.event import Event
    from emgsmr.recording.montage import Montage

COMMIT_EVERY_S = 0.4
RESERVE_BYTES = 16 << 20  # of disk, so that the file can still be closed when the rest is full
_MAX_WAITING_BYTES = 64 << 20
_MAX_WAIT_S = 20.0

_BLOCK = "INSERT INTO block VALUES (?, ?, ?, ?, ?, ?)"
_SENSOR = "INSERT INTO sensor VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?)"
_PLACEMENT = "INSERT INTO placement VALUES (?, ?, ?, ?, ?)"
INSERT_EVENT = "INSERT INTO event VALUES (?, ?, ?, ?, ?, ?, ?)"
_CLOCK = "INSERT OR REPLACE INTO clock VALUES (?, ?, ?, ?, ?, ?)"
_SESSION = "INSERT OR REPLACE INTO session VALUES (?, ?)"


class Recorder:
    """Write a new recording.

    What is handed in is committed at least once a second, so ``kill -9`` or a dead battery takes at most the
    last second. An error of the disk ends the recording: it is in `failure`, every later call raises it, and
    what was written before can be read.

    Parameters
    ----------
    path : path-like
        Must not exist; folders on the way are made.
    session : mapping, optional
        Facts about the session (JSON): scenario, person, software that recorded.
    montage : Montage, optional
    started_ns : int, optional
        The host's monotonic clock at t_s = 0; now, if not given.
    reserve_bytes : int
        Recording ends with `DiskFullError` when less than this is left on the disk.

    Raises
    ------
    RecordingExistsError
        A recording is never overwritten.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from emgsmr.recording import Recording, SampleBlock
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Recorder(f"{folder}/run.emgsmr") as recorder:
    ...         sensor = recorder.add_sensor(
    ...             family="file", address="", name="demo", firmware="", rate_hz=1000.0, channels=2,
    ...             dtype="<i2", scale_uv=0.5, scale_known="known", placements=[(0, "GMAX_L")],
    ...         )
    ...         recorder.write(SampleBlock(sensor.id, 0, np.zeros((100, 2), dtype=np.int16)))
    ...     with Recording(f"{folder}/run.emgsmr") as recording:
    ...         [block.counts.shape for block in recording.blocks()]
    [(100, 2)]
    """

    def __init__(
        self,
        path: str | Path,
        *,
        session: Mapping[str, Any] | None = None,
        montage: Montage | None = None,
        started_ns: int | None = None,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        self.path = Path(path)
        self.started_ns = time.monotonic_ns() if started_ns is None else started_ns
        self._reserve_bytes = reserve_bytes
        self._failure: RecordingError | None = None
        self._lock = threading.Lock()
        self._sensors: dict[int, SensorInfo] = {}
        self._ends: dict[int, int] = {}
        self._inbox = Inbox(_MAX_WAITING_BYTES)
        self._closed = False
        self._connection = _create(self.path, reserve_bytes)
        facts = {"started_utc": utc_now(), **(session or {})}
        facts |= {"started_ns": self.started_ns, "software": "emgsmr", "software_version": software_version()}
        if montage is not None:
            facts["montage"] = montage.to_dict()
        self._post([(_SESSION, (key, json.dumps(value))) for key, value in facts.items()])
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    @property
    def failure(self) -> RecordingError | None:
        """What ended the recording before its time, None while all is well."""
        return self._failure

    def add_sensor(
        self,
        *,
        family: str,
        address: str,
        name: str,
        firmware: str,
        rate_hz: float,
        channels: int,
        dtype: str,
        scale_uv: float,
        scale_known: str,
        placements: Sequence[tuple[int, str]],
        texts: Mapping[int, str] | None = None,
    ) -> SensorInfo:
        """Enter a sensor.

        ``placements`` are pairs of channel (from 0) and site; ``texts`` say more about some channels.
        """
        taken: set[int] = set()
        for channel, site in placements:
            if not 0 <= channel < channels:
                raise ArgumentError(f"{name} has no channel {channel + 1} for {site}: it has {channels}")
            if channel in taken:
                raise ArgumentError(
                    f"channel {channel + 1} of {name} is placed twice: give each channel one site"
                )
            taken.add(channel)
        with self._lock:
            info = SensorInfo(
                len(self._sensors) + 1, family, address, name, firmware, float(rate_hz), int(channels), dtype,
                float(scale_uv), scale_known,
            )  # fmt: skip
            self._sensors[info.id] = info
            self._ends[info.id] = 0
        row = (
            info.id,
            family,
            address,
            name,
            firmware,
            info.rate_hz,
            info.channels,
            dtype,
            info.scale_uv,
            scale_known,
        )
        places = [
            (_PLACEMENT, (info.id, int(c), str(s), (texts or {}).get(c, ""), None)) for c, s in placements
        ]
        self._post([(_SENSOR, row), *places])
        return info

    def write(self, block: SampleBlock) -> None:
        """Record a block: one row for each of its radio notifications (one row if it has none).

        A sensor's blocks must come in order; a jump in ``first_index`` is a gap.
        """
        info = self._sensor(block.sensor)
        if block.counts.shape[1] != info.channels:
            raise ArgumentError(
                f"a block of {info.name} has {block.counts.shape[1]} channels: the sensor has {info.channels}"
            )
        counts = _as_dtype(block.counts, info)
        rows = [(_BLOCK, row) for row in _rows(block, counts, info.row_bytes)]
        with self._lock:
            if block.first_index < self._ends[info.id]:
                raise ArgumentError(
                    f"a block of {info.name} starts at sample {block.first_index}, before sample "
                    f"{self._ends[info.id]} that should be next: blocks must come in order"
                )
            self._ends[info.id] = block.end_index
            self._post(rows, counts.nbytes)

    def add_event(self, event: Event) -> None:
        """Record an event."""
        check_event(event)
        self._post([(INSERT_EVENT, event_row(event))])

    def set_clock(
        self, sensor_id: int, index0: int, t0_s: float, rate_hz: float, residual_ms: float | None, method: str
    ) -> None:
        """Record (or replace) how a sensor's sample index maps to the recording's clock."""
        self._sensor(sensor_id)
        if not (np.isfinite(t0_s) and np.isfinite(rate_hz) and rate_hz > 0):
            raise ArgumentError(
                f"a clock with t0_s={t0_s} and rate_hz={rate_hz} is none: give finite numbers"
            )
        residual = None if residual_ms is None else float(residual_ms)
        self._post([(_CLOCK, (sensor_id, int(index0), float(t0_s), float(rate_hz), residual, method))])

    def set_session(self, key: str, value: Any) -> None:
        """Record (or replace) a fact about the session; ``value`` is anything that JSON can say."""
        self._post([(_SESSION, (key, json.dumps(value)))])

    def close(self) -> None:
        """Write what is waiting and leave one file; safe to call again. `failure` says how it went."""
        if not self._closed:
            self._closed = True
            self._inbox.put([(_SESSION, ("ended_utc", json.dumps(utc_now())))], 0, timeout_s=_MAX_WAIT_S)
            self._inbox.close()
        self._thread.join()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if self._failure is not None and error is None:
            raise self._failure

    def _sensor(self, sensor_id: int) -> SensorInfo:
        try:
            return self._sensors[sensor_id]
        except KeyError:
            raise ArgumentError(
                f"sensor {sensor_id} was not added to this recording: call add_sensor"
            ) from None

    def _post(self, rows: list[tuple[str, tuple[Any, ...]]], size: int = 0) -> None:
        if self._failure is not None:
            raise self._failure
        if self._closed:
            raise ArgumentError(f"{self.path} is closed: nothing can be added with this recorder")
        if not self._inbox.put(rows, size + 200 * len(rows), timeout_s=_MAX_WAIT_S):
            if self._failure is None:
                self._failure = RecordingError(
                    f"the disk of {self.path} is too slow: it took nothing for {_MAX_WAIT_S:g} s"
                )
            raise self._failure

    def _run(self) -> None:
        connection = self._connection
        try:
            open_ = True
            while open_:
                rows, open_ = self._inbox.take(within_s=COMMIT_EVERY_S)
                if rows:
                    self._commit(connection, rows)
                self._check_room()
        except sqlite3.Error as error:
            self._fail(error)
        except RecordingError as error:
            self._failure = error
        finally:
            self._inbox.refuse()
            _close(connection)

    @staticmethod
    def _commit(connection: sqlite3.Connection, rows: list[tuple[str, tuple[Any, ...]]]) -> None:
        # The lock is held for this moment only, so that `emgsmr mark` can write into a growing recording.
        connection.execute("BEGIN IMMEDIATE")
        try:
            start = 0
            for stop in range(1, len(rows) + 1):
                if stop == len(rows) or rows[stop][0] is not rows[start][0]:
                    connection.executemany(rows[start][0], (row for _, row in rows[start:stop]))
                    start = stop
            connection.execute("COMMIT")
        except BaseException:
            if connection.in_transaction:
                connection.execute("ROLLBACK")
            raise

    def _check_room(self) -> None:
        if shutil.disk_usage(self.path.parent).free < self._reserve_bytes:
            raise self._disk_full()

    def _fail(self, error: sqlite3.Error) -> None:
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            self._failure = self._disk_full()
        else:
            self._failure = RecordingError(
                f"{self.path} cannot be written any more ({error}): recording ended"
            )
        self._failure.__cause__ = error

    def _disk_full(self) -> DiskFullError:
        return DiskFullError(
            f"no room is left for {self.path}: recording ended, what was recorded so far is kept; free some "
            "space and start a new recording"
        )


def utc_now() -> str:
    """Now, as ``2026-01-31T12:34:56.789Z``."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def software_version() -> str:
    """Version of this software (``unknown`` when run from a tree that was not installed)."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("emgsmr")
    except PackageNotFoundError:
        return "unknown"


def event_row(event: Event) -> tuple[Any, ...]:
    """Put an event in the order of the table's columns."""
    duration = None if event.duration_s is None else float(event.duration_s)
    return (float(event.t_s), duration, event.kind, event.side, event.site, event.label, event.note)


def _create(path: Path, reserve_bytes: int) -> sqlite3.Connection:
    for name in (path.name, f"{path.name}-wal", f"{path.name}-journal"):
        if path.with_name(name).exists():
            raise RecordingExistsError(
                f"{path.with_name(name)} exists and is never overwritten: choose another name"
            )
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        free = shutil.disk_usage(path.parent).free
        if free < reserve_bytes:
            raise DiskFullError(
                f"the disk of {path} has only {free >> 20} MB left: free at least {reserve_bytes >> 20} MB"
            )
        path.open("xb").close()
    except FileExistsError as error:
        raise RecordingExistsError(f"{path} exists and is never overwritten: choose another name") from error
    except OSError as error:
        raise RecordingError(f"{path} cannot be made: {error.strerror or error}") from error
    try:
        connection = sqlite3.connect(path, isolation_level=None, check_same_thread=False, timeout=30.0)
        schema.create(connection)
    except sqlite3.Error as error:
        raise RecordingError(f"{path} cannot be made: {error}") from error
    return connection


def _close(connection: sqlite3.Connection) -> None:
    """Leave one file; where that fails (disk full, a reader is there) the write-ahead log stays beside it."""
    try:
        connection.execute("PRAGMA busy_timeout=1000")
        connection.execute("PRAGMA wal_checkpoint(TRUNCATE)")
        connection.execute("PRAGMA journal_mode=DELETE")
    except sqlite3.Error:
        pass
    finally:
        connection.close()


def _as_dtype(counts: np.ndarray[Any, Any], info: SensorInfo) -> np.ndarray[Any, Any]:
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


def _rows(block: SampleBlock, counts: np.ndarray[Any, Any], row_bytes: int) -> list[tuple[Any, ...]]:
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
