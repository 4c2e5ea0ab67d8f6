"""All sensors of a session: found, connected, started, watched; what they send, in its order."""

from __future__ import annotations

import asyncio
from collections import deque
from contextlib import suppress
from typing import TYPE_CHECKING, TypeAlias

from emgsmr.errors import ConnectionLostError, SensorError, SensorNotFoundError, UnsupportedFirmwareError
from emgsmr.radio.channel import Channel
from emgsmr.radio.link import Link, LinkState, StateChange
from emgsmr.radio.scan import FoundSensor, is_wanted, scan
from emgsmr.recording import Montage, MontageSensor

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from emgsmr.radio.air import Air, AirEvent
    from emgsmr.recording import SampleBlock

    Item: TypeAlias = tuple["Channel | None", "SampleBlock | StateChange | AirEvent"]
    _Notification: TypeAlias = tuple[int, str, bytes]  # arrival (ns), characteristic, payload

SCAN_S = 10.0
_ATTEMPTS = 3
_WATCH_S = 0.5
_FIRST_PACKET_S = 5.0
_GIVE_UP_S = 120.0  # with all sensors lost
_STRANGE = 20  # notifications that make no sense, before any that does


class Receiver:
    """Receives what the sensors of a montage send.

    Use it in this order: `connect`, `start`, `batches` until it ends, `stop`.

    Parameters
    ----------
    air : Air
    montage : Montage or None
        None = every sensor in range, none of them placed.

    Attributes
    ----------
    channels : list of Channel
        In the order of the montage, without those that are absent.
    absent : list of str
        Optional sensors that are not there.
    started_ns : int
        When the streams were started, on the air's clock.
    ended : bool
        Whether it was stopped.
    """

    def __init__(self, air: Air, montage: Montage | None) -> None:
        self.montage = montage
        self.channels: list[Channel] = []
        self.absent: list[str] = []
        self.started_ns = 0
        self._air = air
        self._lock = asyncio.Lock()
        self._inbox: deque[tuple[Link | None, _Notification | StateChange | AirEvent]] = deque()
        self._arrived = asyncio.Event()
        self.ended = False
        self._tasks: list[asyncio.Task[None]] = []
        self._by_link: dict[Link, Channel] = {}

    async def connect(self) -> None:
        """Find and connect all sensors, one after the other, and subscribe to them.

        Raises
        ------
        BluetoothUnavailableError
        SensorNotFoundError
            A required sensor is not in range, or cannot be connected.
        """
        async with self._lock:
            found = await scan(self._air, SCAN_S, until=self._is_complete if self.montage else None)
        try:
            for wanted in self._wanted(found):
                sensor = next((sensor for sensor in found if is_wanted(wanted, sensor)), None)
                if sensor is None:
                    self._miss(wanted, found)
                else:
                    await self._connect(wanted, sensor)
            if not self.channels:
                raise SensorNotFoundError(
                    "no sensor that emgsmr knows is in range: switch one on (emgsmr sensors lists them)"
                )
            for channel in self.channels:
                await channel.link.subscribe()
        except BaseException:
            await self.stop()
            raise

    async def start(self) -> None:
        """Start all streams, and watch over them."""
        self._air.on_event(lambda event: self._put(None, event))
        self.started_ns = self._air.now_ns()
        for channel in self.channels:
            try:
                await channel.link.start()
            except SensorError as error:
                channel.link.lose(str(error))
        self._tasks = [asyncio.create_task(channel.link.keep()) for channel in self.channels]
        self._tasks.append(asyncio.create_task(self._watch()))
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
            if self.ended:
                rest = ((channel, block) for channel in self.channels for block in channel.assembler.flush())
                yield [*batch, *rest]
                return
            if batch:
                yield batch
            self._raise_failure()

    async def stop(self) -> None:
        """Stop and disconnect all; `batches` ends after what is still to come."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        if not self.ended:
            for channel in self.channels:
                await channel.link.stop()
        self.ended = True
        self._arrived.set()

    # -- finding ---

    def _is_complete(self, found: Sequence[FoundSensor]) -> bool:
        assert self.montage is not None
        return all(any(is_wanted(wanted, sensor) for sensor in found) for wanted in self.montage.sensors)

    def _wanted(self, found: Sequence[FoundSensor]) -> tuple[MontageSensor, ...]:
        if self.montage is not None:
            return self.montage.sensors
        return tuple(
            MontageSensor(sensor.name, sensor.address, sensor.family.key, required=False)
            for sensor in sorted(found, key=lambda sensor: sensor.name)
        )

    def _miss(self, wanted: MontageSensor, found: Sequence[FoundSensor]) -> None:
        if wanted.required:
            names = ", ".join(sensor.name for sensor in found) or "none"
            raise SensorNotFoundError(
                f"{wanted.label} is not in range: switch it on, or write required = false in the montage "
                f"(sensors in range: {names})"
            )
        self._leave_out(wanted, "not in range")

    def _leave_out(self, wanted: MontageSensor, reason: str) -> None:
        self.absent.append(wanted.label)
        self._put(None, StateChange(self._air.now_ns(), wanted.label, LinkState.ABSENT, reason))

    async def _connect(self, wanted: MontageSensor, sensor: FoundSensor) -> None:
        link = Link(
            self._air, self._lock, sensor, label=wanted.label, on_data=self._on_data, on_state=self._put
        )
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                await link.connect()
            except SensorError as error:
                await link.stop()
                if attempt < _ATTEMPTS and not isinstance(error, UnsupportedFirmwareError):
                    await self._air.sleep(0.5 * attempt)
                    continue
                if wanted.required:
                    raise
                self._leave_out(wanted, str(error))
                return
            channel = self._by_link[link] = Channel(len(self.channels) + 1, wanted, link)
            self.channels.append(channel)
            return

    # -- receiving ---

    def _on_data(self, link: Link, arrival_ns: int, uuid: str, payload: bytes) -> None:
        self._inbox.append((link, (arrival_ns, uuid, payload)))
        self._arrived.set()

    def _put(self, link: Link | None, item: StateChange | AirEvent) -> None:
        self._inbox.append((link, item))
        self._arrived.set()

    def _drain(self) -> list[Item]:
        batch: list[Item] = []
        inbox = self._inbox
        while inbox:
            link, item = inbox.popleft()
            channel = self._by_link.get(link) if link is not None else None
            if isinstance(item, tuple):
                assert channel is not None
                batch += [(channel, block) for block in channel.take(*item)]
                continue
            if channel is not None and isinstance(item, StateChange) and item.state is LinkState.LOST:
                batch += [(channel, block) for block in channel.assembler.restart()]
            batch.append((channel, item))
        return batch

    # -- watching ---

    async def _watch(self) -> None:
        while True:
            await self._air.sleep(_WATCH_S)
            now_ns = self._air.now_ns()
            for channel in self.channels:
                channel.link.check(now_ns)
            links = [channel.link for channel in self.channels]
            if all(link.state is LinkState.LOST for link in links):
                lost_s = (now_ns - max(link.since_ns for link in links)) / 1e9
                if lost_s > _GIVE_UP_S:
                    raise ConnectionLostError(
                        f"all sensors are lost since {lost_s:.0f} s: the recording ended, and is kept"
                    )

    def _on_task_done(self, task: asyncio.Task[None]) -> None:
        if not task.cancelled():
            self._arrived.set()

    def _raise_failure(self) -> None:
        for task in self._tasks:
            if task.done() and not task.cancelled():
                with suppress(asyncio.CancelledError):
                    task.result()
