"""What takes long, in a process of its own: the overview and analyses, told piece by piece.

A thread would share the interpreter with the window, which then draws in jerks while samples are decoded. The
process is started plainly (no fork: threads may hold locks; no import of the caller's script), gets its task
on standard input and answers with pickles on standard output.
"""

from __future__ import annotations

import os
import pickle
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, TYPE_CHECKING, Any, Literal

from emgsmr.errors import EmgsmrError
from emgsmr.recording import Recording

if TYPE_CHECKING:
    from emgsmr.recording import SampleBlock

STEP = 0.01
"""Progress is told when it has grown by that much."""


@dataclass(frozen=True, slots=True)
class Task:
    """What to do: ``options`` are fields of `emgsmr.analysis.Settings`."""

    kind: Literal["overview", "analyze"]
    path: Path
    options: dict[str, Any] = field(default_factory=dict)


Message = tuple[Literal["progress", "parts", "result", "error", "done"], Any]


class WatchedRecording(Recording):
    """A recording that tells how far it has been read (0 to 1)."""

    def __init__(self, path: Path, tell: Callable[[float], None]) -> None:
        super().__init__(path)
        self._tell = tell
        self._total = sum(self.end_index(sensor.id) for sensor in self.sensors) or 1

    def blocks(self, *, seconds: float = 10.0) -> Iterator[SampleBlock]:
        """All samples in recorded order."""
        done = 0
        for block in super().blocks(seconds=seconds):
            yield block
            done += block.n
            self._tell(min(done / self._total, 1.0))


def perform(task: Task, send: Callable[[Message], None]) -> None:
    """Do a task and send what comes of it; the last message is ``done`` or ``error``, which never raises."""
    try:
        if task.kind == "overview":
            _overview(task, send)
        else:
            _analyze(task, send)
        send(("done", None))
    except EmgsmrError as error:
        send(("error", str(error)))
    except Exception as error:  # noqa: BLE001 - whoever asked waits for an answer
        send(
            (
                "error",
                f"It ended unexpectedly ({type(error).__name__}: {error}): try `emgsmr analyze {task.path}`",
            )
        )


def _overview(task: Task, send: Callable[[Message], None]) -> None:
    from emgsmr.gui.review.overview import overview_parts
    from emgsmr.gui.review.signal import Signal

    with Recording(task.path) as recording:
        for share, parts in overview_parts(Signal(recording)):
            send(("parts", parts))
            send(("progress", share))


def _analyze(task: Task, send: Callable[[Message], None]) -> None:
    from emgsmr.analysis import Settings, analyze
    from emgsmr.gui.review.findings import result_of

    told = 0.0

    def tell(share: float) -> None:
        nonlocal told
        if share >= told + STEP:
            told = share
            send(("progress", share))

    settings = Settings(**task.options)
    with WatchedRecording(task.path, tell) as recording:
        send(("result", result_of(analyze(recording, settings), settings)))


def main(source: IO[bytes] | None = None, target: IO[bytes] | None = None) -> None:
    """Read a task, perform it, and write the messages."""
    source, target = source or sys.stdin.buffer, target or sys.stdout.buffer
    task = pickle.load(source)
    if hasattr(os, "nice"):
        os.nice(2)  # the window first

    def send(message: Message) -> None:
        pickle.dump(message, target, protocol=5)
        target.flush()

    perform(task, send)
