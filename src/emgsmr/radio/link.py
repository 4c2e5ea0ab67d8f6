"""The link to one sensor: connect, subscribe, start; notice when it is lost, and bring it back."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from bleak import BleakClient
from bleak.exc import BleakError

from emgsmr.errors import SensorError, SensorNotFoundError, UnsupportedFirmwareError
from emgsmr.radio.bleak_error import translated
from emgsmr.radio.scan import FoundSensor, scan

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak.backends.characteristic import BleakGATTCharacteristic

    from emgsmr.radio.air import Air

logger = logging.getLogger(__name__)

CONNECT_TIMEOUT_S = 20.0  # of one attempt; Bleak's advice is no less than 10
SILENT_AFTER_S = 2.0  # a stream that pauses this long is as good as lost
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 30.0  # before attempts to reconnect, doubled each time
SEARCH_S = 4.0  # how long an attempt looks for the sensor
FIRMWARE = "00002a26-0000-1000-8000-00805f9b34fb"  # of the standard device information service


class LinkState(StrEnum):
    """Where a link stands."""

    ABSENT = "absent"
    CONNECTING = "connecting"
    READY = "ready"
    STREAMING = "streaming"
    LOST = "lost"
    STOPPED = "stopped"


@dataclass(frozen=True, slots=True)
class StateChange:
    """What happened to a link.

    Attributes
    ----------
    t_ns : int
        On the air's clock.
    sensor : str
        What the user calls it.
    state : LinkState
    reason : str
        Why, in plain words; may be empty.
    """

    t_ns: int
    sensor: str
    state: LinkState
    reason: str = ""


class Link:
    """One sensor that was found.

    Parameters
    ----------
    air : Air
    lock : asyncio.Lock
        The session's: BlueZ scans and connects one at a time.
    found : FoundSensor
    label : str
        What the user calls it.
    on_data : callable
        ``on_data(link, arrival_ns, uuid, payload)`` for each notification; called within Bleak's callback, so
        it only puts away what it gets.
    on_state : callable
        Told each `StateChange`.
    """

    def __init__(
        self,
        air: Air,
        lock: asyncio.Lock,
        found: FoundSensor,
        *,
        label: str,
        on_data: Callable[[Link, int, str, bytes], None],
        on_state: Callable[[Link, StateChange], None],
    ) -> None:
        self.found = found
        self.family = found.family
        self.label = label
        self.state = LinkState.CONNECTING
        self.since_ns = air.now_ns()
        self.last_ns = self.since_ns
        self.battery_pct = found.battery_pct
        self.firmware = ""
        self._air = air
        self._lock = lock
        self._on_data = on_data
        self._on_state = on_state
        self._client: BleakClient | None = None
        self._lost = asyncio.Event()

    async def connect(self, *, timeout_s: float = CONNECT_TIMEOUT_S) -> None:
        """Connect with a new client, and check that it is the sensor it seems to be.

        Raises
        ------
        SensorError
        """
        self._become(LinkState.CONNECTING)
        self._lost.clear()
        # A client is never used again after its link went down.
        client = BleakClient(
            self.found.device, self._on_disconnect, timeout=timeout_s, **self._air.client_args
        )
        self._client = client
        with translated(f"connecting to {self.label}"):
            async with self._lock:
                await client.connect()
            present = {
                characteristic.uuid.lower() for characteristic in client.services.characteristics.values()
            }
            if any(uuid.lower() not in present for uuid in self.family.required_uuids):
                raise UnsupportedFirmwareError(
                    f"{self.label} is no {self.family.name} whose firmware is known: update it, or take it "
                    "out of the montage"
                )
            await self._read_facts(client, present)

    async def subscribe(self) -> None:
        """Ask for its notifications; some sensors start with that."""
        with translated(f"subscribing to {self.label}"):
            for uuid in self.family.notify_uuids:
                await self._connected().start_notify(uuid, self._on_notification)
        self._become(LinkState.READY)

    async def start(self) -> None:
        """Start the stream."""
        with translated(f"starting {self.label}"):
            for write in self.family.start:
                await self._connected().write_gatt_char(write.uuid, write.data, response=write.response)
        self.last_ns = self._air.now_ns()
        self._become(LinkState.STREAMING)

    async def keep(self) -> None:
        """Bring the link back whenever it is lost, until canceled."""
        while True:
            await self._lost.wait()
            await self._release()
            wait_s = FIRST_WAIT_S
            while not await self._came_back(wait_s):
                wait_s = min(2 * wait_s, LONGEST_WAIT_S)

    async def stop(self) -> None:
        """Stop the stream and let go; never raises, since there is nothing left that it could spoil."""
        client, self._client = self._client, None
        if client is not None:
            with suppress(BleakError, EOFError, OSError, asyncio.TimeoutError):
                if client.is_connected:
                    for write in self.family.stop:
                        await client.write_gatt_char(write.uuid, write.data, response=write.response)
                    for uuid in self.family.notify_uuids:
                        await client.stop_notify(uuid)
            with suppress(BleakError, EOFError, OSError, asyncio.TimeoutError):
                await client.disconnect()
        self._become(LinkState.STOPPED)

    def check(self, now_ns: int) -> None:
        """Take a stream that is silent for too long for lost."""
        if self.state is LinkState.STREAMING and now_ns - self.last_ns > SILENT_AFTER_S * 1e9:
            self.lose(f"no data for {SILENT_AFTER_S:g} s")

    def lose(self, reason: str) -> None:
        """Take the link for lost; `keep` brings it back."""
        self._become(LinkState.LOST, reason)
        self._lost.set()

    # -- callbacks ---

    def _on_notification(self, characteristic: BleakGATTCharacteristic, payload: bytearray) -> None:
        now_ns = self.last_ns = self._air.now_ns()
        self._on_data(self, now_ns, characteristic.uuid, bytes(payload))

    def _on_disconnect(self, client: BleakClient) -> None:
        if client is self._client and self.state in (LinkState.READY, LinkState.STREAMING):
            self.lose("the connection broke")

    # -- details ---

    async def _came_back(self, wait_s: float) -> bool:
        await self._air.sleep(wait_s)
        try:
            async with self._lock:
                self.found = await self._find_again()
            await self.connect()
            await self.subscribe()
            await self.start()
        except SensorError as error:
            logger.info("%s", error)
            await self._release()
            self._become(LinkState.LOST, str(error))
            return False
        return not self._lost.is_set()

    async def _find_again(self) -> FoundSensor:
        address = self.found.address

        def seen(found: object) -> bool:
            return any(sensor.address == address for sensor in found)  # type: ignore[attr-defined]

        for sensor in await scan(self._air, SEARCH_S, until=seen):
            if sensor.address == address:
                return sensor
        raise SensorNotFoundError(f"{self.label} is out of range")

    async def _read_facts(self, client: BleakClient, present: set[str]) -> None:
        """Battery and firmware, where the sensor tells."""
        battery = self.family.battery_uuid
        with suppress(BleakError):
            if battery is not None and battery.lower() in present:
                value = await client.read_gatt_char(battery)
                self.battery_pct = value[0] if value else self.battery_pct
            if FIRMWARE in present:
                self.firmware = (await client.read_gatt_char(FIRMWARE)).decode("utf-8", errors="replace")

    async def _release(self) -> None:
        client, self._client = self._client, None
        if client is not None:
            with suppress(BleakError, EOFError, OSError, asyncio.TimeoutError):
                await client.disconnect()

    def _connected(self) -> BleakClient:
        if self._client is None:
            raise BleakError("not connected")
        return self._client

    def _become(self, state: LinkState, reason: str = "") -> None:
        if state is self.state is LinkState.LOST:
            return  # since when it is lost, and why, is what matters
        self.state = state
        self.since_ns = self._air.now_ns()
        self._on_state(self, StateChange(self.since_ns, self.label, state, reason))
