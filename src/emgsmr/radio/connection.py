"""One connection to one sensor, from connecting to letting go; a lost one is never used again."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bleak import BleakClient
from bleak.exc import BleakError, BleakGATTProtocolError

from emgsmr.errors import UnsupportedFirmwareError
from emgsmr.radio.bleak_error import translated
from emgsmr.sensors import Facts, signal_of
from emgsmr.sensors.standard_services import BATTERY_LEVEL, battery_level, uuid16

if TYPE_CHECKING:
    from collections.abc import Callable

    from bleak.backends.characteristic import BleakGATTCharacteristic

    from emgsmr.radio.air import Air
    from emgsmr.radio.scan import FoundSensor
    from emgsmr.sensors import Decoder, Device, Signal, Write

CONNECT_TIMEOUT_S = 20.0  # of one attempt; Bleak's advice is no less than 10
REPLY_S = 2.0  # how long a sensor may take to answer a command
_LET_GO_S = 5.0  # a sensor that is no longer there does not answer

_INFORMATION = {  # standard device information service
    "manufacturer": uuid16("2a29"),
    "model": uuid16("2a24"),
    "serial": uuid16("2a25"),
    "firmware": uuid16("2a26"),
    "hardware": uuid16("2a27"),
    "software": uuid16("2a28"),
}
_LET_GO = (BleakError, EOFError, OSError, asyncio.TimeoutError)


@dataclass(frozen=True, slots=True)
class Arrived:
    """A notification: when it came, from which characteristic, and who can read it.

    ``decoder`` is None for a battery level.
    """

    arrival_ns: int
    uuid: str
    payload: bytes
    decoder: Decoder | None


class Connection:
    """A connection to a sensor that was found.

    Parameters
    ----------
    air : Air
    found : FoundSensor
    device : Device
        What it is taken for.
    label : str
        What the user calls it.
    channels : int
        Highest EMG channel that is wanted.
    on_data : callable
        Told each `Arrived`; called within Bleak's callback, so it only puts away what it gets.
    on_lost : callable
        Called when the link goes down, unless it was asked to.

    Attributes
    ----------
    information : dict
        What the sensor's device information service says.
    battery_pct : int or None
    """

    def __init__(
        self,
        air: Air,
        found: FoundSensor,
        *,
        device: Device,
        label: str,
        channels: int,
        on_data: Callable[[Arrived], None],
        on_lost: Callable[[Connection], None],
    ) -> None:
        self.information: dict[str, str] = {}
        self.battery_pct: int | None = None
        self._air = air
        self._found = found
        self._device = device
        self._label = label
        self._channels = channels
        self._on_data = on_data
        self._on_lost = on_lost
        self._client: BleakClient | None = None
        self._decoder: Decoder | None = None
        self._awaited: tuple[Write, asyncio.Future[bytes]] | None = None
        self._present: set[str] = set()
        self._subscribed: list[str] = []

    async def open(self, lock: asyncio.Lock, *, timeout_s: float = CONNECT_TIMEOUT_S) -> None:
        """Connect, and check that it is the sensor it seems to be.

        Raises
        ------
        SensorError
        """
        client = BleakClient(
            self._found.device, self._on_disconnect, timeout=timeout_s, **self._air.client_args
        )
        self._client = client
        with translated(f"connecting to {self._label}"):
            async with lock:
                await client.connect()
            self._present = {
                characteristic.uuid.lower() for characteristic in client.services.characteristics.values()
            }
            if any(uuid.lower() not in self._present for uuid in self._device.required_uuids):
                raise UnsupportedFirmwareError(
                    f"{self._label} is no {self._device.name} whose firmware is known: update it, or take it "
                    "out of the montage"
                )
            await self._inquire(client)
        facts = Facts(
            self.information.get("firmware", ""), self.information.get("software", ""), self._channels
        )
        self._decoder = self._device.decoder(facts)

    async def subscribe(self) -> None:
        """Ask for its notifications; some sensors start with that."""
        client = self._connected()
        battery = self._battery_uuid()
        with translated(f"subscribing to {self._label}"):
            for uuid in self._device.notify_uuids:
                if uuid.lower() not in self._present and uuid not in self._device.required_uuids:
                    continue  # a part that this unit does not have, such as a motion sensor
                await client.start_notify(uuid, self._on_notification)
                self._subscribed.append(uuid)
            characteristic = client.services.get_characteristic(battery)
            if characteristic is not None and "notify" in characteristic.properties:
                with suppress(BleakGATTProtocolError):  # refused: a session can do without it
                    await client.start_notify(characteristic, self._on_battery)
                    self._subscribed.append(battery)

    async def start(self) -> None:
        """Start the stream, as the sensor's protocol wants it."""
        assert self._decoder is not None
        with translated(f"starting {self._label}"):
            dialog = self._decoder.start()
            try:
                write = next(dialog)
                while True:
                    write = dialog.send(await self._ask(write))
            except StopIteration:
                return

    async def pause(self) -> None:
        """Stop the stream and stay connected."""
        client = self._connected()
        with translated(f"stopping {self._label}"):
            for write in self._device.stop:
                await client.write_gatt_char(write.uuid, write.data, response=write.response)
            if self._device.starts_on_subscribe:
                for uuid in self._subscribed:
                    await client.stop_notify(uuid)
                self._subscribed.clear()

    async def resume(self) -> None:
        """Start the stream again after `pause`."""
        if self._device.starts_on_subscribe:
            await self.subscribe()
        await self.start()

    async def read(self, uuid: str) -> bytes | None:
        """Value of a characteristic, None where the sensor has none of that name."""
        if uuid.lower() not in self._present:
            return None
        with translated(f"reading from {self._label}"):
            return bytes(await self._connected().read_gatt_char(uuid))

    async def close(self) -> None:
        """Stop the stream and let go; never raises, since there is nothing left that it could spoil."""
        client, self._client = self._client, None
        if client is None:
            return
        with suppress(*_LET_GO):
            if client.is_connected:
                async with asyncio.timeout(_LET_GO_S):
                    for write in self._device.stop if self._subscribed else ():
                        await client.write_gatt_char(write.uuid, write.data, response=write.response)
                    for uuid in self._subscribed:
                        await client.stop_notify(uuid)
        with suppress(*_LET_GO):
            await client.disconnect()

    @property
    def table(self) -> dict[str, frozenset[str]]:
        """Characteristics and their properties."""
        found = self._connected().services.characteristics.values()
        return {entry.uuid.lower(): frozenset(entry.properties) for entry in found}

    @property
    def decoder(self) -> Decoder:
        """Who reads its notifications."""
        assert self._decoder is not None
        return self._decoder

    @property
    def signal(self) -> Signal | None:
        """What this unit sends, where units of its kind differ; known once it has started."""
        return signal_of(self._decoder) if self._decoder is not None else None

    # -- callbacks ---

    def _on_notification(self, characteristic: BleakGATTCharacteristic, payload: bytearray) -> None:
        if self._client is None:
            return  # it was let go: what still comes would come twice, since the next connection gets it too
        arrival_ns, uuid, content = self._air.now_ns(), characteristic.uuid, bytes(payload)
        if self._awaited is not None:
            write, reply = self._awaited
            if not reply.done() and write.is_reply is not None and write.is_reply(uuid, content):
                reply.set_result(content)
        self._on_data(Arrived(arrival_ns, uuid, content, self._decoder))

    def _on_battery(self, characteristic: BleakGATTCharacteristic, payload: bytearray) -> None:
        level = battery_level(bytes(payload))
        if self._client is not None and level is not None:
            self.battery_pct = level
            self._on_data(Arrived(self._air.now_ns(), characteristic.uuid, bytes(payload), None))

    def _on_disconnect(self, client: BleakClient) -> None:
        if client is self._client:
            self._on_lost(self)

    # -- details ---

    async def _ask(self, write: Write) -> bytes | None:
        """Send a command; its reply, None if none came in time or none is awaited."""
        client = self._connected()
        if write.is_reply is None:
            await client.write_gatt_char(write.uuid, write.data, response=write.response)
            return None
        reply: asyncio.Future[bytes] = asyncio.get_running_loop().create_future()
        self._awaited = (write, reply)
        waited = asyncio.ensure_future(self._air.sleep(REPLY_S))
        try:
            await client.write_gatt_char(write.uuid, write.data, response=write.response)
            await asyncio.wait((reply, waited), return_when=asyncio.FIRST_COMPLETED)
        finally:
            self._awaited = None
            waited.cancel()
            await asyncio.gather(waited, return_exceptions=True)
        return reply.result() if reply.done() else None

    async def _inquire(self, client: BleakClient) -> None:
        """Battery and device information, where the sensor tells."""
        for name, uuid in _INFORMATION.items():
            if uuid in self._present:
                with suppress(BleakError):
                    text = bytes(await client.read_gatt_char(uuid)).decode("utf-8", errors="replace")
                    self.information[name] = text.strip("\0 \r\n")
        battery = self._battery_uuid()
        if battery in self._present:
            with suppress(BleakError):
                self.battery_pct = battery_level(bytes(await client.read_gatt_char(battery)))

    def _battery_uuid(self) -> str:
        return (self._device.battery_uuid or BATTERY_LEVEL).lower()

    def _connected(self) -> BleakClient:
        if self._client is None:
            raise BleakError("not connected")
        return self._client
