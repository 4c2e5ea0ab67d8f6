"""A live session: what the radio receives goes into the file, then the pipeline, then to whoever listens."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from emgsmr.errors import ArgumentError, RecordingExistsError, SensorNotFoundError
from emgsmr.radio.air import AirEvent
from emgsmr.radio.choose import choose_air
from emgsmr.radio.gather import missing_sentence
from emgsmr.radio.link import LinkState, StateChange
from emgsmr.radio.receiver import Receiver
from emgsmr.recording.recorder import software_version
from emgsmr.session.intake import Intake
from emgsmr.session.mark import mark_event
from emgsmr.session.seating import Seating, seat
from emgsmr.session.sinks import PipelineLike, Sinks, default_pipeline

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from emgsmr.analysis import Settings
    from emgsmr.radio.air import Air
    from emgsmr.radio.channel import Channel, Companion, SensorStatus
    from emgsmr.radio.gather import Ask, MissingSensor
    from emgsmr.radio.receiver import Item
    from emgsmr.recording import Event, Montage, Wiring
    from emgsmr.session.listener import Listener, Update
    from emgsmr.session.sinks import PipelineFactory


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
    hold : bool
        Only look at first: sensors stream, listeners get the blocks, and nothing is recorded or analyzed until
        `begin`.
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
            raise ArgumentError("a session that holds gets its file when it begins: session.begin(montage, out)")
        self.out = Path(out) if out is not None else None
        self.montage = montage
        self.absent: tuple[str, ...] = ()
        self._hold = hold
        self._radio, self._speed, self._seed, self._minutes = radio, speed, seed, minutes
        self._given_air = air
        self._seconds = seconds
        self._ask = ask
        self._settings = settings
        self._pipeline_factory = pipeline_factory
        self._listeners = tuple(listeners)
        self._intake = Intake(listeners)
        self._waiting: list[Item] = []
        self._channels: list[Channel] = []
        self._ended_ns = 0
        self._heard = asyncio.Event()
        self._begun = asyncio.Event()
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
            self._intake.grain_s = 0.0 if watchable else _GRAIN_S
            self._receiver = Receiver(self.air, self.montage, ask=self._ask)
            self._channels = self._receiver.channels
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

        Sensors that the montage does not name are let go. Samples are numbered on: the recording's first
        sample need not be number 0.

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
        await self._ask_about([sensor for sensor in seating.missing if sensor.wanted.required])
        if self._stop_asked.is_set() or self._running.done() or self._receiver.ended:
            raise ArgumentError("the preview has ended: connect anew")
        self._switch(seating, montage, out)
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
        """Add an event to the recording, now; gives it back.

        It is recorded and analyzed in its place among the samples.

        Parameters
        ----------
        kind : {"phase", "cramp", "fatigue", "lap", "note"}
        label : str, optional
            Of a phase: rest, baseline, mvc, run, ...
        side : {"L", "R"}, optional
        site, note : str, optional
        duration_s : float, s, optional
            A phase without one lasts until the next.

        Raises
        ------
        ArgumentError
            No such kind, or nothing is recorded now.
        """
        if not self.has_begun or self._receiver.ended:
            raise ArgumentError("nothing is recorded now, so nothing can be marked")
        t_ns = self.air.now_ns()
        event = mark_event(
            (t_ns - self.started_ns) / 1e9,
            kind,
            label=label,
            side=side,
            site=site,
            note=note,
            duration_s=duration_s,
        )
        self._receiver.put_event(AirEvent(t_ns, event))
        return event

    def status(self) -> tuple[SensorStatus, ...]:
        """All sensors, now; none before they are connected."""
        if not self._channels:
            return ()
        now_ns = self.now_ns()
        sources: list[Channel | Companion] = [*self._channels, *self._receiver.companions]
        return tuple(source.status(now_ns) for source in sources)

    def clocks(self) -> dict[str, dict[str, float | None]]:
        """How each sensor's clock ran so far, by its name; none before all sensors have been heard."""
        sinks = self._intake.sinks
        if sinks is None:
            return {}
        return {channel.link.label: sinks.clock_facts(channel.id) for channel in self._channels}

    @property
    def pipeline(self) -> PipelineLike | None:
        """The pipeline, once all sensors have been heard; none before a session that holds begins."""
        return self._intake.sinks.pipeline if self._intake.sinks is not None else None

    @property
    def wiring(self) -> Wiring | None:
        """Sensors, channels and sites, once all sensors have been heard."""
        return self._intake.sinks.wiring if self._intake.sinks is not None else None

    @property
    def started_ns(self) -> int:
        """Time 0, on the air's clock: when the streams were started, or a session that held began."""
        return self._intake.started_ns

    @property
    def has_begun(self) -> bool:
        """Whether what comes is recorded and analyzed, or will be when all sensors have been heard."""
        return self._begun.is_set()

    def now_ns(self) -> int:
        """The air's clock; stands still once the session has ended."""
        return self._ended_ns or self.air.now_ns()

    @property
    def grain_s(self) -> float:
        """How long blocks last at least, s; 0 = as notifications bring them."""
        return self._intake.grain_s

    @property
    def elapsed_s(self) -> float:
        """Time since the start, until the end (s)."""
        if not self.started_ns:
            return 0.0
        return (self.now_ns() - self.started_ns) / 1e9

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
            self._intake.sinks = self._new_sinks(self.montage, self.out, self._receiver.channels)
            self._heard.set()
            batch, self._waiting = self._waiting, []
        self._intake.take(batch)

    def _new_sinks(
        self, montage: Montage | None, out: Path | None, channels: Sequence[Channel]
    ) -> Sinks:
        """All sensors have been heard, so it is known what they are: open the file, build the pipeline."""
        facts: dict[str, Any] = {"absent": list(self.absent)} if self.absent else {}
        return Sinks(
            channels,
            self.air,
            out=out,
            montage=montage,
            started_ns=self.started_ns,
            facts=facts,
            settings=self._settings,
            pipeline_factory=self._pipeline_factory if self.has_begun else lambda *_: None,
            listeners=self._listeners,
        )

    # -- from looking on to recording ---

    async def _until_heard(self) -> None:
        heard = asyncio.create_task(self._heard.wait())
        await asyncio.wait((heard, self._running), return_when=asyncio.FIRST_COMPLETED)
        heard.cancel()
        if self._running.done():
            await self._running

    async def _ask_about(self, required: Sequence[MissingSensor]) -> None:
        if required and (self._ask is None or await self._ask(required) != "without"):
            raise SensorNotFoundError(missing_sentence(required))

    def _switch(self, seating: Seating, montage: Montage, out: Path) -> None:
        """All that came so far is told to the listeners only; what comes next is recorded."""
        intake, receiver = self._intake, self._receiver
        intake.take(receiver.take_waiting())
        intake.flush(receiver.channels)
        before = (intake.started_ns, self.absent, [(c, c.id, c.wanted) for c in receiver.channels])
        seating.apply()
        intake.started_ns = now_ns = self.air.now_ns()
        self.absent = tuple(sensor.wanted.label for sensor in seating.missing)
        self._begun.set()
        try:
            sinks = self._new_sinks(montage, out, [channel for channel, _ in seating.channels])
        except BaseException:  # still looking on
            self._begun.clear()
            intake.started_ns, self.absent, seats = before
            for channel, id_, wanted in seats:
                channel.sit(id_, wanted)
            raise
        receiver.forget(seating.dropped)
        intake.sinks, self.montage, self.out = sinks, montage, out
        for sensor in seating.missing:
            intake.tell_change(StateChange(now_ns, sensor.wanted.label, LinkState.ABSENT, sensor.reason))
        for source in (*receiver.channels, *receiver.companions):
            if source.link.state is LinkState.LOST:
                reason = "it was lost when the recording began"
                sinks.take_loss(source, StateChange(now_ns, source.link.label, LinkState.LOST, reason))
