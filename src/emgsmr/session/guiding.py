"""A protocol that a session's thread leads through: begun, told that the treatment is done, broken off."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import TYPE_CHECKING

from emgsmr.errors import ArgumentError
from emgsmr.session.guide import Guide

if TYPE_CHECKING:
    from emgsmr.analysis.protocols import Protocol, Step
    from emgsmr.session.guide import Cue
    from emgsmr.session.live import Session


class Guiding:
    """At most one guide at a time; everything here runs on the session's loop.

    Parameters
    ----------
    fail : callable
        Told what went wrong with a guide; the recording goes on.
    """

    def __init__(self, fail: Callable[[BaseException], None]) -> None:
        self._fail = fail
        self._guide: Guide | None = None
        self._task: asyncio.Task[None] | None = None
        self._treated = asyncio.Event()

    @property
    def cue(self) -> Cue | None:
        """What is due now; None while nobody is guided."""
        return self._guide.cue if self._guide is not None and self._is_under_way() else None

    @property
    def done(self) -> tuple[str, ...]:
        """Labels of the sets that were finished, of the newest guide."""
        return tuple(self._guide.done) if self._guide is not None else ()

    def begin(self, session: Session, protocol: Protocol, sets: Sequence[Sequence[Step]]) -> None:
        """Lead through sets; the recording ends with the last of them.

        Raises
        ------
        ArgumentError
            Another protocol is under way.
        """
        if self._is_under_way():
            raise ArgumentError("a protocol is under way: break it off first")
        self._treated = asyncio.Event()
        self._guide = Guide(session, protocol, sets, say=lambda _: None, wait=self._wait)
        self._task = asyncio.create_task(self._guide.run(), name="guide")
        self._task.add_done_callback(self._ended)

    def go_on(self) -> None:
        """The treatment is done."""
        self._treated.set()

    async def break_off(self) -> None:
        """Leave the protocol; safe to call where there is none."""
        if self._task is not None:
            self._task.cancel()
            with suppress(asyncio.CancelledError, Exception):  # `_ended` has told it
                await self._task

    async def _wait(self) -> None:
        self._treated.clear()
        await self._treated.wait()

    def _is_under_way(self) -> bool:
        return self._task is not None and not self._task.done()

    def _ended(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled() and (error := task.exception()) is not None:
            self._fail(error)
