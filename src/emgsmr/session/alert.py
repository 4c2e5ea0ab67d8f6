"""A user's own command for flags: a beep, a light, a message to a coach. It never disturbs the session."""

from __future__ import annotations

import json
import math
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import suppress
from dataclasses import asdict
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emgsmr.analysis import Finding

PATIENCE_S = 30.0
"""A command that runs longer is ended."""

AT_MOST, PER_S = 10, 60.0
"""Runs within so long: flags are rare, and a command that mails must not mail a hundred times."""

CLOSE_S = 5.0
"""What still runs at the end gets so long; then it is left alone."""


class AlertCommand:
    """Runs a command with each flag that it is given, one after the other, in a thread of its own.

    The command is a line for the shell. It gets the finding as one JSON object on standard input and in
    ``EMGSMR_ALERT_JSON``, and its sentence in ``EMGSMR_ALERT``; what it prints goes to standard error.

    Parameters
    ----------
    command : str
    say : callable
        Told one sentence if a command fails, hangs or is not run; each sentence once. It may be called from
        another thread.
    patience_s : float, s
    at_most : int
        Runs in `PER_S`.

    Examples
    --------
    >>> alert = AlertCommand("cat > flag.json", say=print)   # doctest: +SKIP
    >>> alert.run(finding)                                        # doctest: +SKIP
    >>> alert.close()                                             # doctest: +SKIP
    """

    def __init__(
        self,
        command: str,
        *,
        say: Callable[[str], None],
        patience_s: float = PATIENCE_S,
        at_most: int = AT_MOST,
    ) -> None:
        self.command = command
        self._say = say
        self._said: set[str] = set()
        self._patience_s = patience_s
        self._at_most = at_most
        self._recent: deque[float] = deque()
        self._waiting: queue.SimpleQueue[Finding | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None

    def run(self, finding: Finding) -> None:
        """Run the command with a flag soon, and return at once; notices (tier 0) are no flags."""
        if finding.tier < 1:
            return
        now = time.monotonic()
        while self._recent and now - self._recent[0] >= PER_S:
            self._recent.popleft()
        if len(self._recent) >= self._at_most or self._waiting.qsize() >= self._at_most:
            self._tell(f"was not run for some flags: there were more than {self._at_most} in a minute")
            return
        self._recent.append(now)
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="alert command", daemon=True)
            self._thread.start()
        self._waiting.put(finding)

    def close(self, *, wait_s: float = CLOSE_S) -> None:
        """Give what still runs a moment to end; safe to call again."""
        thread, self._thread = self._thread, None
        if thread is not None:
            self._waiting.put(None)
            thread.join(wait_s)

    def _work(self) -> None:
        while (finding := self._waiting.get()) is not None:
            try:
                self._run(finding)
            except (OSError, ValueError) as error:
                self._tell(f"could not be run ({error})")

    def _run(self, finding: Finding) -> None:
        text = as_json(finding)
        process = subprocess.Popen(
            self.command,
            shell=True,
            env={**os.environ, "EMGSMR_ALERT": finding.text, "EMGSMR_ALERT_JSON": text},
            stdin=subprocess.PIPE,
            stdout=_standard_error(),
            start_new_session=True,  # so that all it starts can be ended with it
        )
        try:
            process.communicate(text.encode(), timeout=self._patience_s)
        except subprocess.TimeoutExpired:
            _end(process)
            self._tell(f"was ended, since it ran longer than {self._patience_s:g} s")
        else:
            if process.returncode:
                self._tell(f"failed (exit code {process.returncode})")

    def _tell(self, what: str) -> None:
        sentence = f"the alert command {what}: {self.command}"
        if sentence not in self._said:
            self._said.add(sentence)
            self._say(sentence)


def as_json(finding: Finding) -> str:
    """A finding as one JSON object on one line; what is not known is null.

    Examples
    --------
    >>> from dataclasses import dataclass
    >>> @dataclass
    ... class Said:
    ...     tier: int = 1
    ...     z: float = float("nan")
    >>> as_json(Said())
    '{"tier": 1, "z": null}'
    """
    row = asdict(finding)
    known = {k: None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
    return json.dumps(known, allow_nan=False, ensure_ascii=False)


def _standard_error() -> int:
    """Where a command's output goes: it is no result of ours. A window may have no standard error."""
    try:
        return sys.__stderr__.fileno() if sys.__stderr__ is not None else subprocess.DEVNULL
    except (OSError, ValueError):
        return subprocess.DEVNULL


def _end(process: subprocess.Popen[bytes]) -> None:
    """End a command and what it has started."""
    if sys.platform != "win32":
        with suppress(ProcessLookupError, PermissionError):
            os.killpg(process.pid, signal.SIGKILL)
    process.kill()
    process.communicate()
