"""The link to one sensor over a whole session: notice when it is lost, and bring it back."""

from __future__ import annotations

import asyncio
import logging
from dataclasses import dataclass
from enum import StrEnum
from typing import TYPE_CHECKING

from emgsmr.errors import BluetoothUnavailableError, SensorError, SensorNotFoundError
from emgsmr.radio.connection import CONNECT_TIMEOUT_S, Connection
from emgsmr.radio.scan import FoundSensor, scan
from emgsmr.sensors import Family

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emgsmr.radio.air import Air
    from emgsmr.radio.connection import Arrived
    from emgsmr.sensors import Device, Signal

logger = logging.getLogger(__name__)

SILENT_AFTER_S = 2.0  # a stream that pauses this long is as good as lost
COMPANION_SILENT_AFTER_S = 15.0  # a strap or pod speaks about once a second, and pauses when it has nothing
FIRST_WAIT_S, LONGEST_WAIT_S = 0.5, 4.0  # before attempts to reconnect, doubled each time
SEARCH_S = 4.0  # how long an attempt looks for the sensor


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
    device : Device
        What it is taken for; a montage may name a variant of what was found.
    label : str
        What the user calls it.
    channels : int
        Highest EMG channel that is wanted.
    on_data : callable
        ``on_data(link, arrived)`` for each notification; called within Bleak's callback.
    on_state : callable
        Told each `StateChange`.
    """

    def __init__(
        self,
        air: Air,
        lock: asyncio.Lock,
        found: FoundSensor,
        *,
        device: Device,
        label: str,
        channels: int,
        on_data: Callable[[Link, Arrived], None],
        on_state: Callable[[Link, StateChange], None],
    ) -> None:
        self.found = found
        self.device = device
        self.label = label
        self.state = LinkState.CONNECTING
        self.since_ns = air.now_ns()
        self.last_ns = self.since_ns
        self.battery_pct = found.battery_pct
        self.information: dict[str, str] = {}
        self.signal: Signal | None = None
        self.lost_ns: int | None = None  # since when no data come, however often it was tried to reconnect
        self.unavailable = False  # Bluetooth itself was gone at the last attempt to reconnect
        self._channels = channels
        self._air = air
        self._lock = lock
        self._on_data = on_data
        self._on_state = on_state
        self._connection: Connection | None = None
        self._lost = asyncio.Event()
        self._silent_after_s = SILENT_AFTER_S if isinstance(device, Family) else COMPANION_SILENT_AFTER_S

    async def connect(self, *, timeout_s: float = CONNECT_TIMEOUT_S) -> None:
        """Connect anew, and check that it is the sensor it seems to be.

        Raises
        ------
        SensorError
        """
        self._become(LinkState.CONNECTING)
        self._lost.clear()
        connection = self._connection = Connection(
            self._air,
            self.found,
            device=self.device,
            label=self.label,
            channels=self._channels,
            on_data=self._take,
            on_lost=self._take_loss,
        )
        await connection.open(self._lock, timeout_s=timeout_s)
        self.information = connection.information
        if connection.battery_pct is not None:
            self.battery_pct = connection.battery_pct

    async def subscribe(self) -> None:
        """Ask for its notifications; some sensors start with that."""
        await self._connected().subscribe()
        self._become(LinkState.READY)

    async def start(self) -> None:
        """Start the stream."""
        connection = self._connected()
        await connection.start()
        self.signal = connection.signal
        self.last_ns = self._air.now_ns()
        self.lost_ns = None
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
        """Stop the stream and let go; never raises."""
        await self._release()
        self._become(LinkState.STOPPED)

    def check(self, now_ns: int) -> None:
        """Take a stream that is silent for too long for lost."""
        if self.state is LinkState.STREAMING and now_ns - self.last_ns > self._silent_after_s * 1e9:
            self.lose(f"no data for {self._silent_after_s:g} s")

    def lose(self, reason: str) -> None:
        """Take the link for lost; `keep` brings it back."""
        if self.lost_ns is None:
            self.lost_ns = self._air.now_ns()
        self._become(LinkState.LOST, reason)
        self._lost.set()

    # -- callbacks ---

    def _take(self, arrived: Arrived) -> None:
        if self.state is LinkState.LOST:
            return  # of the old connection; after it the numbering begins anew, with the next one
        if arrived.decoder is None:
            self.battery_pct = arrived.payload[0]
        else:
            self.last_ns = arrived.arrival_ns
        self._on_data(self, arrived)

    def _take_loss(self, connection: Connection) -> None:
        if connection is self._connection and self.state in (LinkState.READY, LinkState.STREAMING):
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
            self.unavailable = isinstance(error, BluetoothUnavailableError)
            await self._release()
            self._become(LinkState.LOST, str(error))
            return False
        self.unavailable = False
        return not self._lost.is_set()

    async def _find_again(self) -> FoundSensor:
        address = self.found.address

        def seen(found: Sequence[FoundSensor]) -> bool:
            return any(sensor.address == address for sensor in found)

        for sensor in await scan(self._air, SEARCH_S, until=seen):
            if sensor.address == address:
                return sensor
        raise SensorNotFoundError(f"{self.label} is out of range")

    async def _release(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            await connection.close()

    def _connected(self) -> Connection:
        if self._connection is None:
            raise SensorNotFoundError(f"{self.label} is not connected")
        return self._connection

    def _become(self, state: LinkState, reason: str = "") -> None:
        if state is self.state is LinkState.LOST:
            return  # since when it is lost, and why, is what matters
        self.state = state
        self.since_ns = self._air.now_ns()
        self._on_state(self, StateChange(self.since_ns, self.label, state, reason))
