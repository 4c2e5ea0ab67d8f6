"""An emulated sensor: serves its family's GATT table, obeys its commands, sends what it is given to play."""

from __future__ import annotations

import asyncio
import random
from dataclasses import replace
from typing import TYPE_CHECKING

from bumble import core, gatt

from emgsmr.radio.advertising import advertising_data
from emgsmr.radio.ether import Ether, EtherDevice
from emgsmr.radio.playback import Playback
from emgsmr.sensors import Characteristic

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine
    from typing import Any

    from bumble.device import Connection

    from emgsmr.radio.played import PlayedSensor
    from emgsmr.radio.simulated_time import SimulatedTime, Timer

_INTERVAL_UNIT_NS = 1_250_000  # connection intervals are multiples of 1.25 ms
_INTERVAL_UNITS = (12, 36)  # 15 to 45 ms
_MISSED_EVENTS = 0.02  # connection events lost to interference: their packets come with the next one
_INFORMATION = "0000180a-0000-1000-8000-00805f9b34fb"  # standard device information service
_BATTERY_LEVEL = "00002a19-0000-1000-8000-00805f9b34fb"
_PERMISSIONS = gatt.Characteristic.READABLE | gatt.Characteristic.WRITEABLE


class Twin:
    """One emulated sensor in an `Ether`.

    Parameters
    ----------
    played : PlayedSensor
    ether : Ether
    time : SimulatedTime
    seed : int
        Of its connection interval, missed connection events and signal strength.
    on_change : callable
        Called when it connects, disconnects, starts or stops.
    """

    def __init__(
        self,
        played: PlayedSensor,
        ether: Ether,
        time: SimulatedTime,
        *,
        seed: int,
        on_change: Callable[[], None],
    ) -> None:
        self.played = played
        self.running = False
        self.on_air = asyncio.Event()
        self._device = EtherDevice(ether, played.name, played.address)
        self._ether = ether
        self._time = time
        self._on_change = on_change
        self._random = random.Random(f"{played.address} {seed}")
        self._interval_ns = self._random.randint(*_INTERVAL_UNITS) * _INTERVAL_UNIT_NS
        self._device.ether_controller.rssi = self._random.randint(-75, -45)
        self._connection: Connection | None = None
        self._attributes: dict[str, gatt.Characteristic[bytes]] = {}
        self._values: dict[str, bytes] = {}
        self._tasks: set[asyncio.Task[None]] = set()
        self._started_ns: int | None = None  # of the play
        self._playback = Playback(played)
        self._subscribed: set[str] = set()
        self._battery = (played.family.battery_uuid or _BATTERY_LEVEL).lower()
        self._event: Timer | None = None
        self._silent_until_ns = 0
        self._away = False

    @property
    def connected(self) -> bool:
        """Whether a client is connected."""
        return self._connection is not None

    @property
    def exhausted(self) -> bool:
        """Whether all that it plays was sent or its time has passed."""
        return self._playback.exhausted

    @property
    def sent_samples(self) -> int:
        """EMG samples that left."""
        return self._playback.sent_samples

    async def switch_on(self) -> None:
        """Enter the air and advertise."""
        for service, characteristics in self._services().items():
            entries = [self._characteristic(entry) for entry in characteristics]
            self._device.add_service(gatt.Service(core.UUID(service), entries))
        await self._device.power_on()
        self._device.on(self._device.EVENT_CONNECTION, self._on_connection)
        await self._advertise()

    async def switch_off(self) -> None:
        """Leave the air."""
        self._halt()
        for task in tuple(self._tasks):
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._device.switch_off()

    def advertise(self) -> None:
        """Send one advertisement, unless connected or away."""
        self._device.advertise()

    def play(self, started_ns: int) -> None:
        """Sample 0 is taken at ``started_ns`` + ``t0_s``; packets of a running twin leave from now on."""
        self._started_ns = started_ns
        if self.running:
            self._schedule()

    def rewrite(self, played: PlayedSensor) -> None:
        """Play something else from the next packet on (`emgsmr.radio.playback.Playback.rewrite`)."""
        self.played = played
        self._playback.rewrite(played)

    def leave(self) -> None:
        """Drop the link and stop advertising, as out of range; see `come_back`."""
        self._away = True
        self.on_air.clear()
        self._halt()
        self._spawn(self._drop())

    def come_back(self) -> None:
        """Advertise again."""
        self._away = False
        self._spawn(self._advertise())

    def fall_silent(self, until_ns: int) -> None:
        """Send nothing until then, with the link up."""
        self._silent_until_ns = until_ns

    # -- GATT ---

    def _services(self) -> dict[str, tuple[Characteristic, ...]]:
        """The family's table, with what this unit's device information service says."""
        services = dict(self.played.family.services)
        said = dict(self.played.information)
        for service, entries in services.items():
            services[service] = tuple(
                replace(entry, value=said.pop(entry.uuid).encode()) if entry.uuid in said else entry
                for entry in entries
            )
        if said:
            more = tuple(Characteristic(uuid, ("read",), text.encode()) for uuid, text in said.items())
            services[_INFORMATION] = (*services.get(_INFORMATION, ()), *more)
        return services

    def _characteristic(self, entry: Characteristic) -> gatt.Characteristic[bytes]:
        flags = gatt.Characteristic.Properties(0)
        for word in entry.properties:
            flags |= gatt.Characteristic.Properties[word.upper().replace("-", "_")]
        uuid = entry.uuid.lower()
        self._values[uuid] = bytes([self.played.battery_pct]) if uuid == self._battery else entry.value
        value = gatt.CharacteristicValue(
            read=lambda _: self._values[uuid], write=lambda _, data: self._on_write(uuid, data)
        )
        attribute: gatt.Characteristic[bytes] = gatt.Characteristic(
            core.UUID(uuid), flags, _PERMISSIONS, value
        )
        attribute.on(
            attribute.EVENT_SUBSCRIPTION, lambda _, notify, __: self._on_subscription(uuid, on=notify)
        )
        self._attributes[uuid] = attribute
        return attribute

    def _on_write(self, uuid: str, data: bytes) -> None:
        answer = self._playback.answer(uuid, data)
        self._values[uuid] = answer.value
        for notification in answer.notifications:
            self._notify(*notification)
        if answer.action == "start":
            self._start()
        elif answer.action == "stop":
            self._halt()

    def _on_subscription(self, uuid: str, *, on: bool) -> None:
        (self._subscribed.add if on else self._subscribed.discard)(uuid)
        if self.played.family.starts_on_subscribe and uuid == self.played.family.notify_uuids[0].lower():
            if on:
                self._start()
            else:
                self._halt()

    # -- link ---

    async def _advertise(self) -> None:
        played = self.played
        said = played.family.advertise(played.name, played.counts.shape[1], played.battery_pct)
        data, response = advertising_data(said)
        with self._time.held():
            await self._device.start_advertising(advertising_data=data, scan_response_data=response)
        self.on_air.set()
        self._on_change()

    async def _drop(self) -> None:
        with self._time.held():
            if self._connection is not None:
                await self._connection.disconnect()
            else:
                await self._device.stop_advertising()

    def _on_connection(self, connection: Connection) -> None:
        self._connection = connection
        self._playback.connect()
        self.on_air.clear()
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)
        self._on_change()

    def _on_disconnection(self, reason: int) -> None:
        del reason
        self._connection = None
        self._subscribed.clear()
        self._halt()
        if not self._away:
            self._spawn(self._advertise())

    def _spawn(self, work: Coroutine[Any, Any, None]) -> None:
        self._time.pause()
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- stream ---

    def _start(self) -> None:
        self.running = True
        self._playback.start(None if self._started_ns is None else self._play_s())
        if self._started_ns is not None:
            self._schedule()
        self._on_change()

    def _halt(self) -> None:
        self.running = False
        if self._event is not None:
            self._event.cancel()
            self._event = None
        self._on_change()

    def _play_s(self) -> float:
        """Time on the play's clock, s."""
        assert self._started_ns is not None
        return (self._time.now_ns() - self._started_ns) * 1e-9

    def _schedule(self) -> None:
        """The next connection event; the first comes somewhere within an interval."""
        first = self._event is None
        wait_ns = self._random.randrange(self._interval_ns) if first else self._interval_ns
        self._event = self._time.call_at(self._time.now_ns() + wait_ns, self._on_connection_event)

    def _on_connection_event(self) -> None:
        if self._random.random() >= _MISSED_EVENTS or self.exhausted:
            self._send_due()
        if self.running and not self.exhausted:
            self._schedule()
        else:
            self._on_change()

    def _send_due(self) -> None:
        silent = self._time.now_ns() < self._silent_until_ns
        for uuid, payload in self._playback.due(self._play_s(), silent=silent):
            self._notify(uuid, payload)
        self._ether.land()

    def _notify(self, uuid: str, payload: bytes) -> None:
        uuid = uuid.lower()
        if uuid == self._battery:
            self._values[uuid] = payload
        if self._connection is not None and uuid in self._subscribed:
            self._device.notify(self._connection, self._attributes[uuid], payload)
