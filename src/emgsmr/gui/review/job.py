"""A task that runs in a process of its own, as the window sees it: news, progress, and an end."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from collections import deque
from contextlib import suppress
from threading import Thread
from typing import IO, Any, Protocol

from emgsmr.gui.review.worker import Message, Task

ENDED = "It ended before it was done: there may be too little memory; try again with other programs closed"


class Job(Protocol):
    """Something that goes on elsewhere."""

    def news(self, most: int = 64) -> list[Message]:
        """What it said since the last call, the oldest first; the last of all is ``done`` or ``error``."""
        ...

    def stop(self) -> None:
        """End it now; safe to call again."""
        ...


class ProcessJob:
    """A `Task` in a process; a thread waits for what it says, nothing here blocks."""

    def __init__(self, task: Task) -> None:
        paths = os.pathsep.join(path for path in sys.path if path)
        self._process = subprocess.Popen(
            [sys.executable, "-c", "from emgsmr.gui.review.worker import main; main()"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": paths, "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"},
        )
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._news: deque[Message] = deque()
        self._thread = Thread(
            target=_listen, args=(self._process.stdout, self._news), name=f"review {task.kind}", daemon=True
        )
        try:
            pickle.dump(task, self._process.stdin, protocol=5)
            self._process.stdin.close()
        except OSError:  # it ended at once, and the thread will say so
            pass
        self._thread.start()

    def news(self, most: int = 64) -> list[Message]:
        """What it said since the last call, the oldest first."""
        found: list[Message] = []
        while self._news and len(found) < most:
            found.append(self._news.popleft())
        return found

    def wait(self, timeout_s: float) -> bool:
        """Wait until it has said everything; whether it has."""
        self._thread.join(timeout_s)
        return not self._thread.is_alive()

    def stop(self) -> None:
        """End it now."""
        if self._process.poll() is None:
            self._process.kill()
        self._process.wait()
        self._thread.join()
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None and not stream.closed:
                with suppress(BrokenPipeError):  # what it did not read is of no use to anybody
                    stream.close()


def _listen(source: IO[bytes], news: deque[Message]) -> None:
    """Take messages until the last one; a process that ends without one has failed."""
    try:
        while True:
            message: Any = pickle.load(source)
            news.append(message)
            if message[0] in ("done", "error"):
                return
    except (EOFError, OSError, ValueError, pickle.UnpicklingError):
        news.append(("error", ENDED))
