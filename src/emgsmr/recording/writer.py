"""The writer: a thread of its own takes rows to the file, at least once a second, until the disk says no."""

from __future__ import annotations

import shutil
import sqlite3
import threading
from typing import TYPE_CHECKING

from emgsmr.errors import DiskFullError, RecordingError, RecordingExistsError
from emgsmr.recording import schema
from emgsmr.recording.inbox import Inbox

if TYPE_CHECKING:
    from pathlib import Path

    from emgsmr.recording.inbox import Rows

COMMIT_EVERY_S = 0.4
_MAX_WAITING_BYTES = 64 << 20
_MAX_WAIT_S = 20.0


class Writer:
    """A new file and the thread that writes it.

    ``failure`` is what ended it before its time, None while all is well. ``reserve_bytes`` must be left on
    the disk, so that the file can still be closed.
    """

    def __init__(self, path: Path, reserve_bytes: int) -> None:
        self.path = path
        self.failure: RecordingError | None = None
        self._reserve_bytes = reserve_bytes
        self._inbox = Inbox(_MAX_WAITING_BYTES)
        self._connection = _create(path, reserve_bytes)
        self._thread = threading.Thread(target=self._run, name="recorder", daemon=True)
        self._thread.start()

    def put(self, rows: Rows, size: int = 0) -> None:
        """Hand in rows of about ``size`` bytes; waits while the disk is behind, and raises `failure`."""
        if self.failure is not None:
            raise self.failure
        if not self._inbox.put(rows, size + 200 * len(rows), timeout_s=_MAX_WAIT_S):
            if self.failure is None:
                self.failure = RecordingError(
                    f"the disk of {self.path} is too slow: it took nothing for {_MAX_WAIT_S:g} s"
                )
            raise self.failure

    def close(self) -> None:
        """Write what is waiting and leave one file; safe to call again."""
        self._inbox.close()
        self._thread.join()

    def _run(self) -> None:
        try:
            more = True
            while more:
                rows, more = self._inbox.take(within_s=COMMIT_EVERY_S)
                if rows:
                    self._commit(self._connection, rows)
                self._check_room()
        except sqlite3.Error as error:
            self._fail(error)
        except OSError as error:
            self.failure = RecordingError(
                f"{self.path} is not there any more ({error.strerror}): recording ended"
            )
        except RecordingError as error:
            self.failure = error
        finally:
            self._inbox.refuse()
            _close(self._connection)

    @staticmethod
    def _commit(connection: sqlite3.Connection, rows: Rows) -> None:
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
        self.path.stat()  # SQLite would go on writing a file that was deleted
        if shutil.disk_usage(self.path.parent).free < self._reserve_bytes:
            raise self._disk_full()

    def _fail(self, error: sqlite3.Error) -> None:
        code = getattr(error, "sqlite_errorcode", 0)
        if code & 0xFF in (sqlite3.SQLITE_FULL, sqlite3.SQLITE_IOERR):
            self.failure = self._disk_full()
        else:
            self.failure = RecordingError(
                f"{self.path} cannot be written any more ({error}): recording ended"
            )
        self.failure.__cause__ = error

    def _disk_full(self) -> DiskFullError:
        return DiskFullError(
            f"no room is left for {self.path}: recording ended, what was recorded so far is kept; free some "
            "space and start a new recording"
        )


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
    except OSError as error:
        if isinstance(error, FileExistsError) and path.exists():  # made since the look above
            raise RecordingExistsError(
                f"{path} exists and is never overwritten: choose another name"
            ) from error
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
