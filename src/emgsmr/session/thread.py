"""A live session in a thread of its own, for a window: requests go in, snapshots and blocks come out."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from emgsmr.errors import ArgumentError, EmgsmrError
from emgsmr.session.block_queue import BlockQueue
from emgsmr.session.snapshot import Snapshot

if TYPE_CHECKING:
    from emgsmr.analysis import Settings
    from emgsmr.radio.air import Air
    from emgsmr.radio.gather import Ask, Choice, MissingSensor
    from emgsmr.radio.scan import FoundSensor
    from emgsmr.recording import Montage, SampleBlock
    from emgsmr.session.listener import Listener
    from emgsmr.session.live import Session
    from emgsmr.session.snapshot import Stage
    from emgsmr.session.view import SessionView

logger = logging.getLogger(__name__)

LOOK_S = 0.1
"""How often a snapshot is made, on the wall clock."""


async def go_on_without(missing: Sequence[MissingSensor]) -> Choice:
    """Connect those that are there: who is absent is in the messages, and the user decides."""
    del missing
    return "without"


class SessionThread:
    """Runs live sessions, one after the other, in its own thread.

    Requests return at once and are worked on in their order; what comes of them is in the next snapshots. A
    request that fails leaves its sentence in `Snapshot.error` until the next one, and among the messages.

    Parameters
    ----------
    radio : str
        ``bluetooth``, ``virtual``, ``virtual:SCENARIO`` or ``virtual:FILE``.
    speed : float or None
        Of a virtual radio: times life's pace at most, None = as fast as it goes.
    seed : int
        Of a virtual radio.
    minutes : float, optional
        Length of a virtual radio's scenario.
    seconds : float, optional
        A recording stops by itself after so long on the air's clock.
    settings : Settings, optional
    ask : callable
        Asked when required sensors are missing (`emgsmr.radio.gather.Ask`); by default the others do.
    listeners : sequence of Listener
        Who else is told what each session receives, on this thread's loop.
    air_factory : callable, optional
        Gives an air for each scan and each session, instead of ``radio``.

    Examples
    --------
    >>> engine = SessionThread("virtual", speed=None, minutes=0.1)
    >>> engine.snapshot().stage
    'idle'
    >>> engine.close()
    """

    def __init__(
        self,
        radio: str = "bluetooth",
        *,
        speed: float | None = 1.0,
        seed: int = 0,
        minutes: float | None = None,
        seconds: float | None = None,
        settings: Settings | None = None,
        ask: Ask = go_on_without,
        listeners: Sequence[Listener] = (),
        air_factory: Callable[[], Air] | None = None,
    ) -> None:
        self._radio = partial(_air_of, radio, speed, seed, minutes)
        self._air_factory = air_factory
        self._seconds = seconds
        self._settings = settings
        self._ask = ask
        self._listeners = tuple(listeners)
        self._queue = BlockQueue()
        self._snapshot = Snapshot()
        self._stage: Stage = "idle"
        self._found: tuple[FoundSensor, ...] = ()
        self._error = ""
        self._air: Air | None = None
        self._session: Session | None = None
        self._view: SessionView | None = None
        self._following: asyncio.Task[None] | None = None
        self._work: tuple[str, asyncio.Task[None]] | None = None
        self._ready = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="session", daemon=True)
        self._thread.start()
        self._ready.wait()

    # -- for other threads ---

    def scan(self, seconds: float = 8.0) -> None:
        """Look for sensors; a preview ends."""
        self._post("scan", partial(self._scan, seconds))

    def connect(self, montage: Montage | None) -> None:
        """Connect and stream without recording; None = all in range, or a virtual radio's own montage."""
        self._post("connect", partial(self._connect, montage))

    def begin(self, montage: Montage, out: Path) -> None:
        """Record and analyze from now on, over the same links."""
        self._post("begin", partial(self._begin, montage, Path(out)))

    def mark(
        self,
        kind: str,
        *,
        label: str | None = None,
        side: str | None = None,
        site: str | None = None,
        note: str | None = None,
        duration_s: float | None = None,
    ) -> None:
        """Add an event to the recording, now."""
        said = partial(
            self._mark, kind, label=label, side=side, site=site, note=note, duration_s=duration_s
        )
        self._post("mark", said)

    def stop(self) -> None:
        """End the recording or the preview, or what is being waited for."""
        self._call(self._interrupt)
        self._post("stop", self._stop)

    def snapshot(self) -> Snapshot:
        """The newest; never waits."""
        return self._snapshot

    def blocks(self) -> list[SampleBlock]:
        """Samples that came since the last call; if nobody calls, the oldest are dropped."""
        return self._queue.take()

    def close(self) -> None:
        """End everything and the thread; returns when the file is closed. Safe to call again."""
        if not self._closed:
            self._closed = True
            self._call(self._interrupt)
            self._call(partial(self._requests.put_nowait, None))
        self._thread.join()

    def _post(self, name: str, request: Callable[[], Awaitable[None]]) -> None:
        if not self._closed:
            self._call(partial(self._requests.put_nowait, (name, request)))

    def _call(self, function: Callable[[], None]) -> None:
        with suppress(RuntimeError):  # the loop is closed: there is nobody any more
            self._loop.call_soon_threadsafe(function)

    # -- on the thread ---

    def _run(self) -> None:
        asyncio.run(self._main())

    async def _main(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._requests: asyncio.Queue[tuple[str, Callable[[], Awaitable[None]]] | None] = asyncio.Queue()
        self._ready.set()
        looking = asyncio.create_task(self._look_again())
        try:
            while (request := await self._requests.get()) is not None:
                await self._answer(*request)
            await self._stop()
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            self._look()

    async def _answer(self, name: str, request: Callable[[], Awaitable[None]]) -> None:
        """Work on a request; whatever it raises becomes a sentence."""
        self._error = ""
        work = asyncio.ensure_future(request())
        self._work = (name, work)  # type: ignore[assignment]
        try:
            await asyncio.wait([work])
            if not work.cancelled() and (error := work.exception()) is not None:
                self._fail(error)
        finally:
            self._work = None
            self._look()

    def _interrupt(self) -> None:
        """What is waited for may take long, and nothing comes of it any more."""
        if self._work is not None and self._work[0] in ("scan", "connect"):
            self._work[1].cancel()

    async def _new_air(self) -> Air:
        if self._air_factory is not None:
            return self._air_factory()
        # a scenario may take seconds to be simulated, once
        self._air = await asyncio.to_thread(self._radio) if self._air is None else self._air.again()
        return self._air

    async def _scan(self, seconds: float) -> None:
        from emgsmr.radio.scan import is_wanted, scan

        await self._leave()
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

    async def _connect(self, montage: Montage | None) -> None:
        from emgsmr.analysis import Settings
        from emgsmr.session.live import Session
        from emgsmr.session.view import SessionView

        await self._leave()
        self._become("connecting")
        try:
            view = SessionView(self._settings or Settings(), self._queue)
            session = Session(
                montage,
                air=await self._new_air(),
                hold=True,
                seconds=self._seconds,
                settings=self._settings,
                ask=self._ask,
                listeners=[view, *self._listeners],
            )
            await session.__aenter__()
        except asyncio.CancelledError:
            self._become("ended")
            raise
        except BaseException:
            self._become("idle")
            raise
        self._session, self._view = session, view
        self._following = asyncio.create_task(self._follow(session))
        self._become("preview")

    async def _begin(self, montage: Montage, out: Path) -> None:
        if self._session is None or self._view is None or self._stage != "preview":
            raise ArgumentError("no sensor is connected: connect first")
        self._view.record()
        await self._session.begin(montage, out)
        self._become("recording")

    async def _mark(self, kind: str, **said: object) -> None:
        if self._session is None or self._stage != "recording":
            raise ArgumentError("nothing is recorded now, so nothing can be marked")
        self._session.mark(kind, **said)  # type: ignore[arg-type]

    async def _stop(self) -> None:
        if self._session is not None and self._following is not None:
            self._session.request_stop()
            await asyncio.wait([self._following])

    async def _leave(self) -> None:
        """End a preview and forget a session that has ended."""
        if self._stage == "recording":
            raise ArgumentError("it is being recorded: stop the recording first")
        await self._stop()
        self._session = self._view = self._following = None
        self._found = self._found if self._stage != "ended" else ()
        self._queue.take()

    async def _follow(self, session: Session) -> None:
        """Wait for a session's end, whoever ends it, and leave it."""
        try:
            try:
                await session.wait()
            finally:
                with suppress(Exception):  # the same once more
                    await session.__aexit__(None, None, None)
        except Exception as error:
            self._fail(error, kind="end")
        else:
            if self._view is not None and session.has_begun:
                self._view.say("end", f"the recording has ended: {session.out}", t_s=session.elapsed_s)
        self._become("ended")

    def _fail(self, error: BaseException, *, kind: str = "error") -> None:
        if not isinstance(error, EmgsmrError):
            logger.error("a live session failed", exc_info=error)
        text = str(error) if isinstance(error, EmgsmrError) else _unexpected(error)
        self._error = text
        if self._view is not None and self._session is not None:
            self._view.say(kind, text, t_s=self._session.elapsed_s)

    # -- looking ---

    def _become(self, stage: Stage) -> None:
        self._stage = stage
        self._look()

    async def _look_again(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            self._look()

    def _look(self) -> None:
        try:
            if self._session is not None and self._view is not None:
                seen = self._view.look(self._session, self._stage)
            else:
                seen = Snapshot(stage=self._stage)
        except Exception:  # what is shown may be wrong; the recording goes on
            logger.exception("the session could not be looked at")
            seen = replace(self._snapshot, stage=self._stage)
        self._snapshot = replace(seen, found=self._found, error=self._error)


def _unexpected(error: BaseException) -> str:
    return f"something unexpected happened ({type(error).__name__}: {error}): what was recorded is kept"


def _air_of(radio: str, speed: float | None, seed: int, minutes: float | None) -> Air:
    from emgsmr.radio.choose import choose_air

    return choose_air(radio, speed=speed, seed=seed, minutes=minutes)
