"""A live session: what the radio receives goes into the file, then the pipeline, then to whoever listens."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Self

from emgsmr.errors import RecordingExistsError
from emgsmr.radio.air import AirEvent
from emgsmr.radio.channel import Channel
from emgsmr.radio.choose import choose_air
from emgsmr.radio.link import LinkState
from emgsmr.radio.receiver import Receiver
from emgsmr.radio.watch import Notice
from emgsmr.recording import SampleBlock, TimedReading
from emgsmr.recording.recorder import software_version
from emgsmr.session.sinks import PipelineLike, Sinks, Update, default_pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from emgsmr.analysis import Finding, Settings
    from emgsmr.radio.air import Air
    from emgsmr.radio.channel import Companion, SensorStatus
    from emgsmr.radio.gather import Ask
    from emgsmr.radio.receiver import Item
    from emgsmr.recording import Montage
    from emgsmr.session.sinks import Listener, PipelineFactory


_WATCHABLE_SPEED = 4.0  # up to here somebody may be looking on
_GRAIN_S = 1.0  # of a faster virtual radio: fewer, longer blocks


class Session:
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
        ask: Ask | None = None,
        pipeline_factory: PipelineFactory = default_pipeline,
        listeners: Sequence[Listener] = (),
    ) -> None:
        self.out = Path(out) if out is not None else None
        self.montage = montage
        self.started_ns = 0
        self.absent: tuple[str, ...] = ()
        self._radio, self._speed, self._seed, self._minutes = radio, speed, seed, minutes
        self._given_air = air
        self._seconds = seconds
        self._ask = ask
        self._settings = settings
        self._pipeline_factory = pipeline_factory
        self._listeners = tuple(listeners)
        self._sinks: Sinks | None = None
        self._waiting: list[Item] = []
        self._channels: list[Channel] = []
        self._ended_ns = 0
        self._updates: deque[Update] = deque()
        self._news = asyncio.Event()
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
            if self.out is not None:
                software_version()
            watchable = self.air.speed is not None and self.air.speed <= _WATCHABLE_SPEED
            self._grain_s = 0.0 if watchable else _GRAIN_S
            self._receiver = Receiver(self.air, self.montage, ask=self._ask)
            self._channels = self._receiver.channels
            await self._receiver.connect()
            self._open.push_async_callback(self._receiver.stop)
            self.started_ns = self.air.now_ns()
            await self._receiver.start()
            self.absent = tuple(self._receiver.absent)
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
        while True:
            while self._updates:
                yield self._updates.popleft()
            if self._running.done():
                await self._running
                return
            self._news.clear()
            await self._news.wait()

    def status(self) -> tuple[SensorStatus, ...]:
        """All sensors, now; none before they are connected."""
        if not self._channels:
            return ()
        now_ns = self._ended_ns or self.air.now_ns()
        sources: list[Channel | Companion] = [*self._channels, *self._receiver.companions]
        return tuple(source.status(now_ns) for source in sources)

    def clocks(self) -> dict[str, dict[str, float | None]]:
        """How each sensor's clock ran so far, by its name; none before all sensors have been heard."""
        if self._sinks is None:
            return {}
        return {channel.link.label: self._sinks.clock_facts(channel.id) for channel in self._channels}

    @property
    def pipeline(self) -> PipelineLike | None:
        """The pipeline, once all sensors have been heard."""
        return self._sinks.pipeline if self._sinks is not None else None

    @property
    def elapsed_s(self) -> float:
        """Time since the start, until the end (s)."""
        if not self.started_ns:
            return 0.0
        return ((self._ended_ns or self.air.now_ns()) - self.started_ns) / 1e9

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
                if self._sinks is not None:
                    for channel in self._channels:
                        for block in channel.collected():
                            self._tell_findings(self._sinks.take_block(block))
                    self._tell_findings(self._sinks.finish())
                    self._sinks.check()
            finally:
                self._news.set()
                for listener in self._listeners:
                    listener.finish()

    async def _end_when_due(self) -> None:
        waits: list[asyncio.Task[object]] = [
            asyncio.create_task(self._stop_asked.wait()),
            asyncio.create_task(self.air.finished.wait()),
        ]
        if self._seconds is not None:
            waits.append(asyncio.create_task(self.air.sleep(self._seconds)))
        try:
            await asyncio.wait(waits, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for wait in waits:
                wait.cancel()
            await asyncio.gather(*waits, return_exceptions=True)
        await self._receiver.stop()

    def _take_batch(self, batch: list[Item]) -> None:
        if self._sinks is None:
            self._waiting += batch
            if not self._receiver.ended and not self._receiver.is_ready():
                return
            self._begin()
            batch, self._waiting = self._waiting, []
        assert self._sinks is not None
        for source, item in batch:
            if isinstance(item, SampleBlock):
                assert isinstance(source, Channel)
                for block in source.collect(item, seconds=self._grain_s):
                    self._tell_findings(self._sinks.take_block(block))
            elif isinstance(item, TimedReading):
                self._sinks.take_reading(item)
            elif isinstance(item, AirEvent):
                self._sinks.take_event(item)
            elif isinstance(item, Notice):
                self._tell(Update((item.t_ns - self.started_ns) / 1e9, notice=item))
            else:
                if item.state is LinkState.LOST and source is not None:
                    for block in source.collected():
                        self._tell_findings(self._sinks.take_block(block))
                    self._sinks.take_loss(source, item)
                elif item.state is LinkState.STREAMING and source is not None:
                    self._sinks.take_return(source, item.t_ns)
                self._tell(Update((item.t_ns - self.started_ns) / 1e9, change=item))
        self._sinks.check()

    def _begin(self) -> None:
        """All sensors have been heard, so it is known what they are: open the file, build the pipeline."""
        self._sinks = Sinks(
            self._receiver.channels,
            self.air,
            out=self.out,
            montage=self.montage,
            started_ns=self.started_ns,
            facts={"absent": list(self.absent)} if self.absent else {},
            settings=self._settings,
            pipeline_factory=self._pipeline_factory,
            listeners=self._listeners,
        )

    def _tell_findings(self, findings: Sequence[Finding]) -> None:
        for finding in findings:
            self._tell(Update(finding.t_alarm_s, finding=finding))

    def _tell(self, update: Update) -> None:
        for listener in self._listeners:
            listener.take_update(update)
        self._updates.append(update)
        self._news.set()
