"""An emulated sensor as a Bumble peripheral: it serves its family's GATT table, streams, and keeps a diary.

Everything that this folder asks of `emgsmr.sensors.Family` is in this file.
"""

from __future__ import annotations

import asyncio
import time
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np
from adapter import Adapter
from bumble import core, gatt, hci
from bumble.controller import Controller
from bumble.core import AdvertisingData
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.host import Host
from bumble.transport.common import AsyncPipeSink

from emgsmr.sensors import FAMILIES, Advertisement, Characteristic, Facts, Family

FAMILY_KEYS = ("umyo", "npg_lite", "open")  # each starts its stream in another way
WITHHELD = (30, 60, 61, 62)  # of each hundred packets: a single one, and three in a row
INTERVAL_S = 0.03  # between connection events, when what is due leaves
ADVERTISING_MS = 100.0
ADVERTISEMENT_BYTES = 31
MIXING = ((0x9E3779B97F4A7C15, 29), (0xBF58476D1CE4E5B9, 32))
PERMISSIONS = gatt.Characteristic.READABLE | gatt.Characteristic.WRITEABLE


def sample_counts(family: Family, number: int, first: int, n: int) -> np.ndarray:
    """What a sensor measures: numbers without order or period, so that samples can be told apart."""
    channels = family.channel_counts[0]
    low, high = family.rails
    mixed = np.arange(first * channels, (first + n) * channels, dtype=np.uint64) + np.uint64(number << 40)
    for factor, shift in MIXING:
        mixed *= np.uint64(factor)  # wraps
        mixed ^= mixed >> np.uint64(shift)
    counts = low + (mixed % np.uint64(high - low + 1)).astype(np.int64)
    return counts.reshape(n, channels).astype(family.dtype)


@dataclass
class Connected:
    """One connection in a sensor's diary (times on the monotonic clock, ns)."""

    at_ns: int
    sent: list[tuple[int, int, int]] = field(default_factory=list)  # first index, samples, when
    ended_ns: int = 0


class Sensor:
    """One emulated sensor.

    Parameters
    ----------
    family : Family
    number : int
        From 1; in its address, name and samples.
    adapter : Adapter
        In whose range it is.
    """

    def __init__(self, family: Family, number: int, adapter: Adapter) -> None:
        self.family = family
        self.number = number
        self.address = f"F0:00:00:00:00:{number:02X}"
        self.name = f"{family.name} {number}"
        said = family.advertise("", family.channel_counts[0], 80)
        self._own = hci.Address(self.address, hci.Address.RANDOM_DEVICE_ADDRESS)
        self.diary: list[Connected] = []
        self.withheld: list[tuple[int, int]] = []
        self.back_ns: list[int] = []  # when it was on the air again
        self.running = False
        self._said = advertising_data(said)
        self._adapter = adapter
        self._connection: Connection | None = None
        self._attributes: dict[str, gatt.Characteristic[bytes]] = {}
        self._values: dict[str, bytes] = {}
        self._subscribed: set[str] = set()
        self._away = False
        self._t0_ns = time.monotonic_ns()
        self._next = 0
        self._origin = 0
        self._packets = 0
        self._numbers = family.loss_known == "exact"  # else nobody could know what was withheld
        self._tasks: set[asyncio.Task[Any]] = set()

    async def switch_on(self) -> None:
        """Enter the air and advertise."""
        controller = Controller(self.name, link=self._adapter.link, public_address=self._own)
        controller.le_acl_data_packet_length = 251
        config = DeviceConfiguration(
            name=self.name,
            address=self._own,
            advertising_interval_min=ADVERTISING_MS,
            advertising_interval_max=ADVERTISING_MS,
        )
        self._device = Device(config=config, host=Host(controller, AsyncPipeSink(controller)))
        for service, characteristics in self.family.services.items():
            entries = [self._characteristic(entry) for entry in characteristics]
            self._device.add_service(gatt.Service(core.UUID(service), entries))
        self._device.on(self._device.EVENT_CONNECTION, self._on_connection)
        await self._device.power_on()
        await self._advertise()
        self._spawn(self._stream())

    @property
    def streams(self) -> bool:
        """Whether it has sent something over its present connection."""
        return self.running and bool(self.diary[-1].sent)

    def montage_entry(self) -> str:
        """Its table in a montage file."""
        return f'[[sensor]]\nname = "{self.name}"\naddress = "{self.address}"\nfamily = "{self.family.key}"\n'

    def told(self) -> dict[str, Any]:
        """Everything that the comparison needs to know of it (JSON)."""
        return {
            "name": self.name,
            "family": self.family.key,
            "address": self.address,
            "number": self.number,
            "withheld": self.withheld,
            "back_ns": self.back_ns,
            "diary": [asdict(connected) for connected in self.diary],
        }

    async def leave(self, seconds: float) -> None:
        """Drop the link, as a sensor does that goes out of range or loses power, and come back later."""
        self._away = True
        assert self._connection is not None
        await self._connection.disconnect(hci.HCI_CONNECTION_TIMEOUT_ERROR)
        await asyncio.sleep(seconds)
        self._away = False
        await self._advertise()
        self.back_ns.append(time.monotonic_ns())

    # -- GATT ---

    def _characteristic(self, entry: Characteristic) -> gatt.Characteristic[bytes]:
        flags = gatt.Characteristic.Properties(0)
        for word in entry.properties:
            flags |= gatt.Characteristic.Properties[word.upper().replace("-", "_")]
        uuid = entry.uuid.lower()
        is_battery = uuid == (self.family.battery_uuid or "").lower()
        self._values[uuid] = bytes([80]) if is_battery else entry.value
        value = gatt.CharacteristicValue(
            read=lambda _: self._values[uuid], write=lambda _, data: self._on_write(uuid, data)
        )
        attribute = gatt.Characteristic(core.UUID(uuid), flags, PERMISSIONS, value)
        attribute.on(
            attribute.EVENT_SUBSCRIPTION,
            lambda _, notify, __: self._on_subscription(uuid, on=notify),
        )
        self._attributes[uuid] = attribute
        return attribute

    def _on_write(self, uuid: str, data: bytes) -> None:
        answer = self._unit.answer(uuid, data)
        self._values[uuid] = answer.value
        for notification in answer.notifications:
            self._notify(*notification)
        if answer.action == "start":
            self._start()
        elif answer.action == "stop":
            self.running = False

    def _on_subscription(self, uuid: str, *, on: bool) -> None:
        (self._subscribed.add if on else self._subscribed.discard)(uuid)
        if self.family.starts_on_subscribe and uuid == self.family.notify_uuids[0].lower():
            if on:
                self._start()
            else:
                self.running = False

    # -- link ---

    async def _advertise(self) -> None:
        data, response = self._said
        await self._device.start_advertising(advertising_data=data, scan_response_data=response)

    def _on_connection(self, connection: Connection) -> None:
        self._connection = connection
        self._unit = self.family.unit(Facts(channels=self.family.channel_counts[0]))
        self.diary.append(Connected(time.monotonic_ns()))
        connection.on(connection.EVENT_DISCONNECTION, self._on_disconnection)

    def _on_disconnection(self, reason: int) -> None:
        del reason
        self.diary[-1].ended_ns = time.monotonic_ns()
        self._connection = None
        self.running = False
        self._subscribed.clear()
        if not self._away:
            self._spawn(self._advertise())

    def _spawn(self, work: Any) -> None:
        task = asyncio.get_running_loop().create_task(work)
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    # -- stream ---

    def _start(self) -> None:
        self.running = True
        n = self.family.samples_per_packet
        self._next = -(-self._taken() // n) * n  # packets begin at multiples, so an index tells its packet
        if self.family.counter_restarts:
            self._origin = self._next

    def _taken(self) -> int:
        """Samples taken since it was switched on."""
        return int((time.monotonic_ns() - self._t0_ns) * 1e-9 * self.family.rate_hz)

    async def _stream(self) -> None:
        n = self.family.samples_per_packet
        while True:
            await asyncio.sleep(INTERVAL_S)
            while self.running and self._next + n <= self._taken():
                first, self._next = self._next, self._next + n
                notifications = self._unit.encode(
                    first - self._origin, sample_counts(self.family, self.number, first, n)
                )
                self._packets += 1
                if self._numbers and self._packets % 100 in WITHHELD:
                    self.withheld.append((first, n))
                elif all(uuid.lower() in self._subscribed for uuid, _ in notifications):
                    self.diary[-1].sent.append((first, n, time.monotonic_ns()))
                    for uuid, payload in notifications:
                        self._notify(uuid, payload)

    def _notify(self, uuid: str, payload: bytes) -> None:
        assert self._connection is not None
        assert len(payload) <= self._connection.att_mtu - 3
        self._adapter.notify(self._own, self._attributes[uuid.lower()].handle, payload)


def advertising_data(said: Advertisement) -> tuple[bytes, bytes]:
    """Bytes of an advertisement, and of its scan response, which takes what does not fit into the former."""
    kind = AdvertisingData.Type
    entries: list[tuple[int, bytes]] = []
    if said.manufacturer:
        entries.append((kind.MANUFACTURER_SPECIFIC_DATA, said.manufacturer))
    if said.name:
        entries.append((kind.COMPLETE_LOCAL_NAME, said.name.encode()))
    for uuid in map(core.UUID, said.service_uuids):
        short = len(bytes(uuid)) == 2
        entries.append(
            (
                kind.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS
                if short
                else kind.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS,
                bytes(uuid),
            )
        )
    first: list[tuple[int, bytes]] = [(kind.FLAGS, b"\x06")]
    later: list[tuple[int, bytes]] = []
    for entry in entries:
        fits = len(bytes(AdvertisingData([*first, entry]))) <= ADVERTISEMENT_BYTES
        (first if fits else later).append(entry)
    return bytes(AdvertisingData(first)), bytes(AdvertisingData(later))


def three_sensors(adapter: Adapter) -> list[Sensor]:
    """Three sensors of three families."""
    return [Sensor(FAMILIES[key], number, adapter) for number, key in enumerate(FAMILY_KEYS, start=1)]
