"""A session for programs without an event loop: run it to its end, and end it cleanly on Ctrl-C."""

from __future__ import annotations

import asyncio
import signal
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from emgsmr.session.listener import Update
    from emgsmr.session.live import Session


def run_session(
    session: Session,
    *,
    on_update: Callable[[Update], None] | None = None,
    on_start: Callable[[], None] | None = None,
) -> None:
    """Run a session to its end; Ctrl-C (or SIGTERM) ends it cleanly, with the file closed.

    Parameters
    ----------
    session : Session
    on_update : callable, optional
        Told every `Update`.
    on_start : callable, optional
        Called when all sensors stream.

    Raises
    ------
    KeyboardInterrupt
        Ctrl-C before that: nothing was recorded.
    EmgsmrError
        What ended the session before its time.
    """
    try:
        asyncio.run(_run(session, on_update, on_start))
    except asyncio.CancelledError:
        raise KeyboardInterrupt from None


async def _run(
    session: Session, on_update: Callable[[Update], None] | None, on_start: Callable[[], None] | None
) -> None:
    task = asyncio.current_task()
    assert task is not None
    started = False

    def interrupt() -> None:
        if started:
            session.request_stop()
        else:
            task.cancel()

    loop = asyncio.get_running_loop()
    with suppress(NotImplementedError, RuntimeError):  # Windows, or not the main thread: no handlers there
        for number in (signal.SIGINT, signal.SIGTERM):
            loop.add_signal_handler(number, interrupt)
    async with session:
        started = True
        if on_start is not None:
            on_start()
        async for update in session.updates():
            if on_update is not None:
                on_update(update)
