"""What a session's thread does: sessions, one after the other, and how the present one stands."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from emgsmr.errors import ArgumentError, EmgsmrError
from emgsmr.session.block_queue import BlockQueue
from emgsmr.session.guiding import Guiding
from emgsmr.session.snapshot import Message, Snapshot

if TYPE_CHECKING:
    from pathlib import Path

    from emgsmr.analysis import Settings
    from emgsmr.analysis.protocols import Protocol, Step
    from emgsmr.radio.air import Air
    from emgsmr.radio.gather import Ask
    from emgsmr.radio.scan import FoundSensor
    from emgsmr.recording import Montage
    from emgsmr.session.listener import Listener
    from emgsmr.session.live import Session
    from emgsmr.session.snapshot import Stage
    from emgsmr.session.view import SessionView

logger = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Plan:
    """What all sessions of a thread have in common; `SessionThread` says what it means.

    ``new_air`` is called once, in another thread; later airs are that one's `Air.again`. Where
    ``air_factory`` is given, it makes each.
    """

    new_air: Callable[[], Air]
    air_factory: Callable[[], Air] | None
    seconds: float | None
    settings: Settings | None
    ask: Ask
    listeners: Sequence[Listener]


class Worker:
    """Does what a thread is asked for; everything here runs on the thread's loop.

    Attributes
    ----------
    snapshot : Snapshot
        The newest; replaced as a whole, so that other threads may read it.
    queue : BlockQueue
    """

    def __init__(self, plan: Plan) -> None:
        self.snapshot = Snapshot()
        self.queue = BlockQueue()
        self._plan = plan
        self._stage: Stage = "idle"
        self._found: tuple[FoundSensor, ...] = ()
        self._error = ""
        self._ended_by_error = False
        self._logged = ""  # the last fault in what is shown
        self._said: list[Message] = []
        self._air: Air | None = None
        self._session: Session | None = None
        self._view: SessionView | None = None
        self._following: asyncio.Task[None] | None = None
        self._guiding = Guiding(self.fail)

    # -- requests ---

    async def scan(self, seconds: float) -> None:
        """Look for sensors; a preview ends."""
        from emgsmr.radio.scan import is_wanted, scan

        await self._leave()
        self._found = ()
        self._become("scanning")
        try:
            air = await self._new_air()
            wanted = () if air.montage is None else air.montage.sensors

            def take(found: Sequence[FoundSensor]) -> bool:
                self._found = tuple(sorted(found, key=lambda sensor: (-sensor.rssi, sensor.address)))
                return bool(wanted) and all(any(is_wanted(w, f) for f in found) for w in wanted)

            async with air:
                self._found = tuple(await scan(air, seconds, until=take))
        finally:
            self._become("idle")

    async def connect(self, montage: Montage | None) -> None:
        """Connect and stream without recording."""
        from emgsmr.analysis import Settings
        from emgsmr.session.live import Session
        from emgsmr.session.view import SessionView

        await self._leave()
        self._become("connecting")
        plan = self._plan
        try:
            view = SessionView(plan.settings or Settings(), self.queue)
            session = Session(
                montage,
                air=await self._new_air(),
                hold=True,
                seconds=plan.seconds,
                settings=plan.settings,
                ask=plan.ask,
                listeners=[view, *plan.listeners],
            )
            await session.__aenter__()
        except asyncio.CancelledError:
            self._become("ended")
            raise
        except BaseException:
            self._become("idle")
            raise
        self._session, self._view = session, view
        self._following = asyncio.create_task(self._follow(session, view))
        self._become("preview")

    async def begin(self, montage: Montage, out: Path) -> None:
        """Record and analyze from now on."""
        if self._session is None or self._view is None or self._stage != "preview":
            raise ArgumentError("no sensor is connected: connect first")
        await self._session.begin(montage, out)
        if self._stage == "preview":  # it may have ended meanwhile
            self._become("recording")

    async def mark(
        self,
        kind: str,
        *,
        label: str | None,
        side: str | None,
        site: str | None,
        note: str | None,
        duration_s: float | None,
    ) -> None:
        """Add an event, now."""
        if self._session is None or self._stage != "recording":
            raise ArgumentError("nothing is recorded now, so nothing can be marked")
        self._session.mark(kind, label=label, side=side, site=site, note=note, duration_s=duration_s)

    async def guide(self, protocol: Protocol, sets: Sequence[Sequence[Step]]) -> None:
        """Lead through a protocol; with its end the recording ends."""
        if self._session is None or self._stage != "recording":
            raise ArgumentError("nothing is recorded now, so nothing can be guided")
        self._guiding.begin(self._session, protocol, sets)

    async def go_on(self) -> None:
        """The protocol's treatment is done."""
        self._guiding.go_on()

    async def break_off(self) -> None:
        """Leave the protocol; the recording goes on."""
        await self._guiding.break_off()

    async def stop(self) -> None:
        """End the recording or the preview."""
        if self._session is not None and self._following is not None:
            self._session.request_stop()
            await asyncio.wait([self._following])

    # -- what comes of them ---

    def clear_error(self, *, all_of_it: bool) -> None:
        """Forget what was wrong with the last request; what ended a session only with ``all_of_it``."""
        if all_of_it or not self._ended_by_error:
            self._error, self._ended_by_error = "", False

    def fail(self, error: BaseException, *, kind: str = "error") -> None:
        """Put an error into a sentence."""
        self._ended_by_error = self._ended_by_error or kind == "end"
        if isinstance(error, EmgsmrError):
            self._error = str(error)
        else:
            logger.error("a live session failed", exc_info=error)
            self._error = (
                f"something unexpected happened ({type(error).__name__}: {error}); what was recorded is kept"
            )
        if self._view is not None and self._session is not None:
            self._view.say(kind, self._error, t_s=self._session.elapsed_s)
        else:
            self._said.append(Message(-1.0, kind, "", self._error))

    def look(self) -> None:
        """Make a new snapshot."""
        try:
            if self._session is not None and self._view is not None:
                seen = self._view.look(self._session, self._stage)
            else:
                seen = Snapshot(stage=self._stage)
        except Exception as error:
            if repr(error) != self._logged:
                logger.exception("the session could not be looked at")
                self._logged = repr(error)
            seen = replace(self.snapshot, stage=self._stage)
        messages = (*self._said, *seen.messages)
        self.snapshot = replace(
            seen,
            found=self._found,
            error=self._error,
            messages=messages,
            cue=self._guiding.cue,
            sets_done=self._guiding.done,
        )

    # -- details ---

    async def _new_air(self) -> Air:
        if self._plan.air_factory is not None:
            return self._plan.air_factory()
        # a scenario may take seconds to be simulated, once
        self._air = await asyncio.to_thread(self._plan.new_air) if self._air is None else self._air.again()
        return self._air

    async def _leave(self) -> None:
        """End a preview, and forget a session that has ended."""
        if self._stage == "recording":
            raise ArgumentError("it is being recorded: stop the recording first")
        await self.stop()
        self._session = self._view = self._following = None
        self._said = []
        self.queue.take()

    async def _follow(self, session: Session, view: SessionView) -> None:
        """Wait for a session's end, whoever ends it, and leave it."""
        try:
            try:
                await session.wait()
            finally:
                await self._guiding.break_off()
                with suppress(Exception):  # the same once more
                    await session.__aexit__(None, None, None)
        except Exception as error:  # noqa: BLE001 - of whatever kind, it is told
            self.fail(error, kind="end")
        else:
            if session.has_begun:
                view.say("end", f"the recording has ended: {session.out}", t_s=session.elapsed_s)
        self._become("ended")

    def _become(self, stage: Stage) -> None:
        self._stage = stage
        self.look()
