"""Whether somebody has given up what is under way."""

from __future__ import annotations

import asyncio


def check_given_up() -> None:
    """End a task that was cancelled while a library waited.

    `asyncio.wait_for` of Python 3.11 forgets a cancellation that comes together with the answer it waits for;
    libraries below use it for each command, and the task would go on as if nobody had said anything.

    Raises
    ------
    asyncio.CancelledError
    """
    task = asyncio.current_task()
    if task is not None and task.cancelling():
        raise asyncio.CancelledError
