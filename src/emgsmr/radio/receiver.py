"""All sensors of a session: found, connected, started, watched; what they send, in its order."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from emgsmr.errors import SensorError, UnsupportedFirmwareError
from emgsmr.radio.channel import Channel, Companion
from emgsmr.radio.connection import Arrived
from emgsmr.radio.gather import gather
from emgsmr.radio.link import Link, LinkState, StateChange
from emgsmr.radio.watch import RECORDED, WATCH_S, Notice, Watch
from emgsmr.sensors import DEVICES, Family

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

    from emgsmr.radio.air import Air, AirEvent
    from emgsmr.radio.gather import Ask
    from emgsmr.radio.scan import FoundSensor
    from emgsmr.recording import Montage, MontageSensor, SampleBlock, TimedReading

    Source: TypeAlias = Channel | Companion
    Item: TypeAlias = tuple[Source | None, SampleBlock | TimedReading | StateChange | Notice | AirEvent]

_FIRST_PACKET_S = 5.0
_AT_ONCE = 200  # notifications that are worked on before others are let in
_STRANGE = 20  # notifications that make no sense, before any that does


class Receiver:
    """Receives what the sensors of a montage send.

    Use it in this order: `connect`, `start`, `batches` until it ends, `stop`.

    Parameters
    ----------
    air : Air
    montage : Montage or None
        None = every sensor in range, none of them placed.
    ask : callable, optional
        Asked when required sensors are missing (`emgsmr.radio.gather.Ask`).
    tap : callable, optional
        ``tap(address, arrived)`` is told every notification as it came.

    Attributes
    ----------
    channels : list of Channel
        EMG sensors in the order of the montage, without those that are absent.
    companions : list of Companion
        Devices without EMG, likewise.
    absent : list of str
        Optional sensors that are not there.
    started_ns : int
        When the streams were started, on the air's clock.
    ended : bool
        Whether it was stopped.
    meaning : str
        What it means if it ends now (`emgsmr.radio.watch.RECORDED`): errors say so.
    """

    def __init__(
        self,
        air: Air,
        montage: Montage | None,
        *,
        ask: Ask | None = None,
        tap: Callable[[str, Arrived], None] | None = None,
    ) -> None:
        self.montage = montage
        self._ask = ask
        self._tap = tap
        self.channels: list[Channel] = []
        self.companions: list[Companion] = []
        self.absent: list[str] = []
        self.started_ns = 0
        self._air = air
        self._lock = asyncio.Lock()
        self._inbox: deque[tuple[Link | None, Arrived | StateChange | Notice | AirEvent]] = deque()
        self._arrived = asyncio.Event()
        self.ended = False
        self.meaning = RECORDED
        self._tasks: list[asyncio.Task[None]] = []
        self._keepers: dict[Link, asyncio.Task[None]] = {}
        self._by_link: dict[Link, Source] = {}
        self._away: dict[Source, tuple[int, int]] = {}  # since when (ns), and what was missing before

    async def connect(self) -> None:
        """Find and connect all sensors, one after the other, and subscribe to them.

        Raises
        ------
        BluetoothUnavailableError
        SensorNotFoundError
            A required sensor is missing, and nobody said to go on without it.
        """
        gathered = await gather(self._air, self._lock, self.montage, self._new_link, ask=self._ask)
        for wanted, link in gathered.links:
            if isinstance(link.device, Family):
                channel = self._by_link[link] = Channel(len(self.channels) + 1, wanted, link)
                self.channels.append(channel)
            else:
                companion = self._by_link[link] = Companion(wanted, link)
                self.companions.append(companion)
        for missing in gathered.absent:
            self.absent.append(missing.wanted.label)
            reason = missing.reason
            self._put(None, StateChange(self._air.now_ns(), missing.wanted.label, LinkState.ABSENT, reason))

    async def start(self) -> None:
        """Start all streams, and watch over them."""
        self._air.on_event(lambda event: self._put(None, event))
        self.started_ns = self._air.now_ns()
        for link in self.links:
            try:
                await link.start()
            except SensorError as error:
                link.lose(str(error))
        for channel in self.channels:
            channel.begin()
        self._keepers = {link: asyncio.create_task(link.keep()) for link in self.links}
        self._tasks = [*self._keepers.values(), asyncio.create_task(self._watch())]
        for task in self._tasks:
            task.add_done_callback(self._on_task_done)

    def is_ready(self) -> bool:
        """Whether every sensor has sent something, or had the time for it.

        Raises
        ------
        UnsupportedFirmwareError
            A sensor sends what is no packet of its family.
        """
        for channel in self.channels:
            assembler = channel.assembler
            if not assembler.samples and assembler.refused >= _STRANGE:
                raise UnsupportedFirmwareError(f"{channel.link.label}: {assembler.last_error}")
        waited_s = (self._air.now_ns() - self.started_ns) / 1e9
        return waited_s > _FIRST_PACKET_S or all(channel.assembler.channels for channel in self.channels)

    async def batches(self) -> AsyncIterator[list[Item]]:
        """What came, in its order, until `stop`.

        Raises
        ------
        ConnectionLostError
            All sensors are lost for good.
        """
        while True:
            await self._arrived.wait()
            self._arrived.clear()
            batch = self._drain()
            if self.ended and not self._inbox:
                rest = ((channel, block) for channel in self.channels for block in channel.assembler.flush())
                yield [*batch, *rest]
                return
            if batch:
                yield batch
            if self._inbox:
                self._arrived.set()
                await asyncio.sleep(0)  # what comes meanwhile is stamped when it comes
            self._raise_failure()

    def put_event(self, event: AirEvent) -> None:
        """Add an event that somebody else knows of, after all that has come so far."""
        self._put(None, event)

    def take_waiting(self) -> list[Item]:
        """What has come and was not handed on by `batches` yet; it then is not handed on by it."""
        items: list[Item] = []
        while self._inbox:
            items += self._drain()
        return items

    def forget(self, sources: Sequence[Source]) -> None:
        """Hand on nothing more of some sensors, and do not watch over them; `let_go` disconnects them."""
        for source in sources:
            (self.channels if isinstance(source, Channel) else self.companions).remove(source)  # type: ignore[arg-type]
            del self._by_link[source.link]
            self._away.pop(source, None)
            self._keepers[source.link].cancel()

    async def let_go(self, sources: Sequence[Source]) -> None:
        """Disconnect sensors that were forgotten."""
        links = [source.link for source in sources]
        await asyncio.gather(*(self._keepers[link] for link in links), return_exceptions=True)
        await asyncio.gather(*(link.stop() for link in links))

    async def stop(self) -> None:
        """Stop and disconnect all; `batches` ends after what is still to come."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not self.ended:
            # at once: Linux takes two seconds for each
            await asyncio.gather(*(link.stop() for link in self.links))
        self.ended = True
        self._arrived.set()

    @property
    def links(self) -> list[Link]:
        """All that are connected, EMG sensors first."""
        sources: list[Source] = [*self.channels, *self.companions]
        return [source.link for source in sources]

    def _new_link(self, wanted: MontageSensor, found: FoundSensor) -> Link:
        return Link(
            self._air,
            self._lock,
            found,
            device=DEVICES[wanted.family or found.family.key],
            label=wanted.label,
            channels=max(wanted.channels, default=0),
            on_data=self._on_data,
            on_state=self._put,
        )

    # -- receiving ---

    def _on_data(self, link: Link, arrived: Arrived) -> None:
        self._inbox.append((link, arrived))
        if self._tap is not None:
            self._tap(link.found.address, arrived)
        self._arrived.set()

    def _put(self, link: Link | None, item: StateChange | Notice | AirEvent) -> None:
        self._inbox.append((link, item))
        self._arrived.set()

    def _drain(self) -> list[Item]:
        batch: list[Item] = []
        inbox = self._inbox
        for _ in range(min(len(inbox), _AT_ONCE)):
            link, item = inbox.popleft()
            source = self._by_link.get(link) if link is not None else None
            if source is None:
                if not isinstance(item, Arrived):
                    batch.append((None, item))
                continue
            if isinstance(item, Arrived):
                taken = source.take(item)
                batch += [(source, entry) for entry in taken]
                if taken and source in self._away:
                    batch.append((source, self._resumed(source, item.arrival_ns)))
                continue
            if isinstance(item, StateChange) and item.state is LinkState.LOST:
                batch += [(source, block) for block in source.restart()]
                self._away.setdefault(source, (item.t_ns, source.missing))
            batch.append((source, item))
        return batch

    def _resumed(self, source: Source, now_ns: int) -> Notice:
        """What it cost that a sensor was away."""
        lost_ns, missing = self._away.pop(source)
        label = source.link.label
        text = f"{label} is back after {(now_ns - lost_ns) / 1e9:.1f} s"
        if source.missing > missing:
            text += f"; {source.missing - missing} samples are missing"
        return Notice(now_ns, label, "resumed", text)

    # -- watching ---

    async def _watch(self) -> None:
        watch = Watch(self._air, self.channels, self.companions, lambda: self.meaning)
        while True:
            for notice in watch.look():
                self._put(None, notice)
            await self._air.sleep(WATCH_S)

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._arrived.set()

    def _raise_failure(self) -> None:
        for task in self._tasks:
            if task.done() and not task.cancelled():
                with suppress(asyncio.CancelledError):
                    task.result()
