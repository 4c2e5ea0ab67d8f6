"""A live session: what the radio receives goes into the file, then the pipeline, then to whoever listens."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Self

from emgsmr.errors import ArgumentError, RecordingExistsError
from emgsmr.radio.air import AirEvent
from emgsmr.radio.choose import choose_air
from emgsmr.radio.receiver import Receiver
from emgsmr.radio.watch import LOOKED_ON, RECORDED
from emgsmr.recording.recorder import software_version
from emgsmr.session.intake import Intake
from emgsmr.session.mark import mark_event
from emgsmr.session.seating import seat
from emgsmr.session.sinks import default_pipeline
from emgsmr.session.state import SessionState
from emgsmr.session.switch import SinkOpener, switch

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from emgsmr.analysis import Settings
    from emgsmr.radio.air import Air
    from emgsmr.radio.gather import Ask
    from emgsmr.radio.receiver import Item
    from emgsmr.recording import Event, Montage
    from emgsmr.session.listener import Listener, Update
    from emgsmr.session.sinks import PipelineFactory


_WATCHABLE_SPEED = 4.0  # up to here somebody may be looking on
_GRAIN_S = 1.0  # of a faster virtual radio: fewer, longer blocks


class Session(SessionState):
    """Record and analyze what sensors send, live.

    Parameters
    ----------
    montage : Montage, optional
        A virtual radio brings its own; over Bluetooth, without one, all sensors in range are recorded and
        none of them is placed.
    radio : str
        ``bluetooth``, ``virtual``, ``virtual:SCENARIO`` or ``virtual:FILE``.
    out : path-like, optional
        The recording; nothing is recorded if not given.
    speed : float or None
        Of a virtual radio: times life's pace at most, None = as fast as it goes.
    seconds : float, optional
        Stop by itself after so long on the air's clock; a virtual radio stops when it has played everything.
    settings : Settings, optional
    seed : int
        Of a virtual radio.
    minutes : float, optional
        Length of a virtual radio's scenario.
    air : Air, optional
        Instead of ``radio``.
    hold : bool
        Only look on at first: listeners get the blocks, nothing is recorded or analyzed until `begin`.
    ask : callable, optional
        Asked when required sensors are missing (`emgsmr.radio.gather.Ask`); if not given, that is an error.
    pipeline_factory : callable, optional
        ``pipeline_factory(wiring, settings, events)`` gives the pipeline or None.
    listeners : sequence of Listener
        Who else is told what is recorded, such as `emgsmr.session.lsl.LslOutlets`.

    Examples
    --------
    >>> async def main() -> None:
    ...     async with Session(montage, radio="bluetooth", out="run.emgsmr") as session:
    ...         async for update in session.updates():
    ...             if update.finding:
    ...                 print(update.finding.text)
    """

    def __init__(
        self,
        montage: Montage | None = None,
        *,
        radio: str = "bluetooth",
        out: str | Path | None = None,
        speed: float | None = 1.0,
        seconds: float | None = None,
        settings: Settings | None = None,
        seed: int = 0,
        minutes: float | None = None,
        air: Air | None = None,
        hold: bool = False,
        ask: Ask | None = None,
        pipeline_factory: PipelineFactory = default_pipeline,
        listeners: Sequence[Listener] = (),
    ) -> None:
        if hold and out is not None:
            raise ArgumentError("a session that holds gets its file with session.begin(montage, out)")
        super().__init__(montage, Path(out) if out is not None else None, Intake(listeners))
        self._hold = hold
        self._radio, self._speed, self._seed, self._minutes = radio, speed, seed, minutes
        self._given_air, self._seconds, self._ask = air, seconds, ask
        self._opener = SinkOpener(settings, pipeline_factory, tuple(listeners))
        self._waiting: list[Item] = []
        self._heard = asyncio.Event()
        self._stop_asked = asyncio.Event()
        self._open = AsyncExitStack()

    # -- life ---

    async def __aenter__(self) -> Self:
        if self.out is not None and self.out.exists():
            raise RecordingExistsError(f"{self.out} exists and is never overwritten: choose another name")
        self.air = self._given_air or choose_air(
            self._radio, speed=self._speed, seed=self._seed, minutes=self._minutes
        )
        async with self._open:
            await self._open.enter_async_context(self.air)
            self.montage = self.montage or self.air.montage
            # slow the first time: while sensors stream, their notifications would be stamped late
            import_module("emgsmr.analysis")
            if self.out is not None or self._hold:
                software_version()
            watchable = self.air.speed is not None and self.air.speed <= _WATCHABLE_SPEED
            self._intake.grain_s = 0.0 if watchable else _GRAIN_S
            self._receiver = Receiver(self.air, self.montage, ask=self._ask)
            self._receiver.meaning = LOOKED_ON if self._hold else RECORDED
            self._channels, self._companions = self._receiver.channels, self._receiver.companions
            await self._receiver.connect()
            self._open.push_async_callback(self._receiver.stop)
            self._intake.started_ns = self.air.now_ns()
            await self._receiver.start()
            self.absent = tuple(self._receiver.absent)
            if not self._hold:
                self._begun.set()
            self._running = asyncio.create_task(self._run(), name="session")
            self._open = self._open.pop_all()
        return self

    async def __aexit__(self, *error: object) -> None:
        self.request_stop()
        try:
            await asyncio.shield(self._running)
        finally:
            await self._open.aclose()

    def request_stop(self) -> None:
        """Ask for a clean end; safe to call from a signal handler of the loop, and again."""
        self._stop_asked.set()

    async def wait(self) -> None:
        """Wait for the end.

        Raises
        ------
        EmgsmrError
            What ended the session before its time.
        """
        await asyncio.shield(self._running)

    async def updates(self) -> AsyncIterator[Update]:
        """What happens, until the session ends; ends with the error that ended it, if any."""
        async for update in self._intake.news(self._running):
            yield update

    async def begin(self, montage: Montage, out: str | Path) -> None:
        """Record and analyze from now on, over the same links; only of a session that holds, and once.

        Sensors that the montage does not name are let go. Samples are numbered anew: number 0 is the one
        after the last that came before.

        Parameters
        ----------
        montage : Montage
            Puts its sites on the channels that are connected, whatever they were connected with.
        out : path-like

        Raises
        ------
        ArgumentError
            It records already, or has ended.
        RecordingExistsError
        MontageError
            It wants channels that are not there.
        SensorNotFoundError
            A required sensor is not connected, and nobody said to go on without it.
        RecordingError
            The file cannot be made.
        """
        out = Path(out)
        if self.has_begun:
            raise ArgumentError("this session records already: it can begin once")
        if out.exists():
            raise RecordingExistsError(f"{out} exists and is never overwritten: choose another name")
        await self._until_heard()
        seating = seat(montage, self._receiver.channels, self._receiver.companions)
        await seating.ask_about_missing(self._ask)
        if self._stop_asked.is_set() or self._receiver.ended or self.has_begun:
            raise ArgumentError("the preview has ended: connect anew")
        switch(seating, self._receiver, self._intake, self.air, self._opener, montage=montage, out=out)
        self.montage, self.out, self.absent = montage, out, seating.absent
        self._begun.set()
        await self._receiver.let_go(seating.dropped)

    def mark(
        self,
        kind: str,
        *,
        label: str | None = None,
        side: str | None = None,
        site: str | None = None,
        note: str | None = None,
        duration_s: float | None = None,
    ) -> Event:
        """Add an event to the recording, now, in its place among the samples; gives it back.

        Parameters
        ----------
        kind : {"phase", "cramp", "fatigue", "lap", "note"}
        label : str, optional
            Of a phase: rest, baseline, mvc, run, ...
        side, site, note : str, optional
        duration_s : float, s, optional
            A phase without one lasts until the next.

        Raises
        ------
        ArgumentError
            There is no such kind, or nothing is recorded now.
        """
        if not self.has_begun or self._receiver.ended:
            raise ArgumentError("nothing is recorded now, so nothing can be marked")
        t_ns = self.air.now_ns()
        said = {"label": label, "side": side, "site": site, "note": note}
        event = mark_event((t_ns - self.started_ns) / 1e9, kind, duration_s=duration_s, **said)
        self._receiver.put_event(AirEvent(t_ns, event))
        return event

    # -- running ---

    async def _run(self) -> None:
        ending = asyncio.create_task(self._end_when_due())
        try:
            async for batch in self._receiver.batches():
                self._take_batch(batch)
        finally:
            ending.cancel()
            await asyncio.gather(ending, return_exceptions=True)
            try:
                await self._receiver.stop()
                self._ended_ns = self.air.now_ns()
                self._intake.finish(self._channels)
            finally:
                self._intake.end()

    async def _end_when_due(self) -> None:
        waits: list[asyncio.Task[object]] = [
            asyncio.create_task(self._stop_asked.wait()),
            asyncio.create_task(self.air.finished.wait()),
        ]
        if self._seconds is not None:
            waits.append(asyncio.create_task(self._pass(self._seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        await self._receiver.stop()

    async def _pass(self, seconds: float) -> None:
        await self._begun.wait()
        await self.air.sleep(seconds)

    def _take_batch(self, batch: list[Item]) -> None:
        if self._intake.sinks is None:
            self._waiting += batch
            if not self._receiver.ended and not self._receiver.is_ready():
                return
            self._intake.sinks = self._opener.open(
                self._receiver.channels,
                self.air,
                montage=self.montage,
                out=self.out,
                started_ns=self.started_ns,
                absent=self.absent,
                analyze=not self._hold,
            )
            self._heard.set()
            batch, self._waiting = self._waiting, []
        self._intake.take(batch)

    async def _until_heard(self) -> None:
        heard = asyncio.create_task(self._heard.wait())
        await asyncio.wait((heard, self._running), return_when=asyncio.FIRST_COMPLETED)
        heard.cancel()
        if self._running.done():
            await self._running
