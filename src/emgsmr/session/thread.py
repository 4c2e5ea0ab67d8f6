"""A live session in a thread of its own, for a window: requests go in, snapshots and blocks come out."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine, Sequence
from contextlib import suppress
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias

from emgsmr.session.worker import Plan, Worker

if TYPE_CHECKING:
    from emgsmr.analysis import Settings
    from emgsmr.analysis.protocols import Protocol, Step
    from emgsmr.radio.air import Air
    from emgsmr.radio.gather import Ask, Choice, MissingSensor
    from emgsmr.recording import Montage, SampleBlock
    from emgsmr.session.listener import Listener
    from emgsmr.session.snapshot import Snapshot

LOOK_S = 0.1
"""How often a snapshot is made, on the wall clock."""

_Request: TypeAlias = Callable[[Worker], Coroutine[Any, Any, None]]


async def go_on_without(missing: Sequence[MissingSensor]) -> Choice:
    """Connect those that are there: who is absent is in the messages, and the user decides."""
    del missing
    return "without"


class SessionThread:
    """Runs live sessions, one after the other, in its own thread.

    Requests return at once and are worked on in their order; what comes of them is in the next snapshots. A
    request that fails leaves its sentence in `Snapshot.error` until the next one, and among the messages;
    what ended a session stays there until the next scan or connection.

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
        Asked when required sensors are missing (`emgsmr.radio.gather.Ask`); by default those that are there
        are connected, and recorded.
    listeners : sequence of Listener
        Who else is told what each session receives, on this thread's loop.
    air_factory : callable, optional
        Gives an air for each scan and each session, instead of ``radio``.

    Examples
    --------
    >>> engine = SessionThread("virtual", speed=None)
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
        new_air = partial(_air_of, radio, speed=speed, seed=seed, minutes=minutes)
        self._worker = Worker(Plan(new_air, air_factory, seconds, settings, ask, tuple(listeners)))
        self._work: tuple[str, asyncio.Task[None]] | None = None
        self._ready = threading.Event()
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="session", daemon=True)
        self._thread.start()
        self._ready.wait()

    # -- for other threads ---

    def scan(self, seconds: float = 8.0) -> None:
        """Look for sensors; a preview ends."""
        self._post("scan", lambda worker: worker.scan(seconds))

    def connect(self, montage: Montage | None) -> None:
        """Connect and stream without recording; None = all in range, or a virtual radio's own montage."""
        self._post("connect", lambda worker: worker.connect(montage))

    def begin(self, montage: Montage, out: Path) -> None:
        """Record and analyze from now on, over the same links."""
        self._post("begin", lambda worker: worker.begin(montage, Path(out)))

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
        said = {"label": label, "side": side, "site": site, "note": note}
        self._post("mark", lambda worker: worker.mark(kind, duration_s=duration_s, **said))

    def guide(self, protocol: Protocol, sets: Sequence[Sequence[Step]]) -> None:
        """Lead through a protocol while it is recorded; with its end the recording ends."""
        self._post("guide", lambda worker: worker.guide(protocol, sets))

    def go_on(self) -> None:
        """The protocol's treatment is done."""
        self._post("go_on", lambda worker: worker.go_on())

    def break_off(self) -> None:
        """Leave the protocol; the recording goes on."""
        self._post("break_off", lambda worker: worker.break_off())

    def stop(self) -> None:
        """End the recording or the preview, or give up what is being waited for."""
        self._call(self._interrupt)
        self._post("stop", lambda worker: worker.stop())

    def snapshot(self) -> Snapshot:
        """The newest; never waits."""
        return self._worker.snapshot

    def blocks(self) -> list[SampleBlock]:
        """Samples that came since the last call; if nobody calls, the oldest are dropped."""
        return self._worker.queue.take()

    def close(self) -> None:
        """End everything and the thread; returns when the file is closed. Safe to call again."""
        if not self._closed:
            self._closed = True
            self._call(self._interrupt)
            self._call(partial(self._requests.put_nowait, None))
        self._thread.join()

    def _post(self, name: str, request: _Request) -> None:
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
        self._requests: asyncio.Queue[tuple[str, _Request] | None] = asyncio.Queue()
        self._ready.set()
        looking = asyncio.create_task(self._look())
        try:
            while (request := await self._requests.get()) is not None:
                await self._answer(*request)
            await self._worker.stop()
        finally:
            looking.cancel()
            await asyncio.gather(looking, return_exceptions=True)
            self._worker.look()

    async def _answer(self, name: str, request: _Request) -> None:
        """Work on a request; whatever it raises becomes a sentence."""
        self._worker.clear_error(all_of_it=name in ("scan", "connect"))
        work = asyncio.create_task(request(self._worker), name=name)
        self._work = (name, work)
        try:
            await asyncio.wait([work])
        finally:
            self._work = None
        if not work.cancelled() and (error := work.exception()) is not None:
            self._worker.fail(error)
        self._worker.look()

    def _interrupt(self) -> None:
        """What is waited for may take long, and nothing comes of it any more."""
        if self._work is not None and self._work[0] in ("scan", "connect"):
            self._work[1].cancel()

    async def _look(self) -> None:
        while True:
            await asyncio.sleep(LOOK_S)
            self._worker.look()


def _air_of(radio: str, *, speed: float | None, seed: int, minutes: float | None) -> Air:
    from emgsmr.radio.choose import choose_air

    return choose_air(radio, speed=speed, seed=seed, minutes=minutes)
