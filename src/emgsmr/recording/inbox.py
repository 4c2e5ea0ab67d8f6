"""The queue between those who bring data and the thread that writes it: bounded, emptied in one go."""

from __future__ import annotations

import threading
import time
from typing import Any

Rows = list[tuple[str, tuple[Any, ...]]]


class Inbox:
    """Rows on their way to the file.

    Bounded, because memory is: when the disk does not keep up, `put` waits, and then says no.
    """

    def __init__(self, max_bytes: int) -> None:
        self._max_bytes = max_bytes
        self._changed = threading.Condition()
        self._rows: Rows = []
        self._bytes = 0
        self._open = True
        self._refusing = False

    def put(self, rows: Rows, size: int, *, timeout_s: float) -> bool:
        """Hand rows in; False if there was no room for ``timeout_s`` or nobody takes rows any more."""
        with self._changed:
            roomy = self._changed.wait_for(
                lambda: self._refusing or not self._bytes or self._bytes + size <= self._max_bytes, timeout_s
            )
            if not roomy or self._refusing or not self._open:
                return False
            self._rows.extend(rows)
            self._bytes += size
            self._changed.notify_all()
            return True

    def take(self, *, within_s: float) -> tuple[Rows, bool]:
        """All rows, and whether more may come.

        Waits for a row, then for ``within_s`` for others (less when closed or filling up).
        """
        with self._changed:
            self._changed.wait_for(lambda: self._rows or not self._open)
            full = self._max_bytes // 4
            deadline = time.monotonic() + within_s
            self._changed.wait_for(
                lambda: not self._open or self._bytes >= full, max(0.0, deadline - time.monotonic())
            )
            rows, self._rows, self._bytes = self._rows, [], 0
            self._changed.notify_all()
            return rows, self._open

    def close(self) -> None:
        """No more rows will come."""
        with self._changed:
            self._open = False
            self._changed.notify_all()

    def refuse(self) -> None:
        """Nobody will take rows any more: let go of those who wait."""
        with self._changed:
            self._refusing = True
            self._rows, self._bytes = [], 0
            self._changed.notify_all()
