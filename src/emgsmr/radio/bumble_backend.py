"""Bleak backends whose radio is an `Ether`: ``backend=`` of ``BleakScanner`` and ``BleakClient``."""

from __future__ import annotations

import asyncio
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, cast

from bleak.assigned_numbers import gatt_char_props_to_strs
from bleak.backends.characteristic import BleakGATTCharacteristic
from bleak.backends.client import BaseBleakClient, NotifyCallback
from bleak.backends.descriptor import BleakGATTDescriptor
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.backends.service import BleakGATTService, BleakGATTServiceCollection
from bleak.exc import BleakDeviceNotFoundError, BleakError, BleakGATTProtocolError
from bumble import core, hci
from bumble.att import ATT_Error
from bumble.device import Peer

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bleak.args import SizedBuffer
    from bleak.backends.device import BLEDevice
    from bumble.device import Advertisement, Connection

    from emgsmr.radio.virtual import VirtualAir

_MTU = 517  # what BlueZ asks for
_TURNS = 6  # of the loop, in which a command without response reaches a twin, and its notification comes back
_AD = core.AdvertisingData.Type


class BumbleScanner(BaseBleakScanner):
    """Scans an `Ether`; ``air`` is the virtual air that it belongs to."""

    def __init__(
        self,
        detection_callback: Any,
        service_uuids: list[str] | None,
        scanning_mode: str,
        *,
        air: VirtualAir,
        **kwargs: Any,
    ) -> None:
        del scanning_mode, kwargs
        super().__init__(detection_callback, service_uuids)
        self._air = air

    async def start(self) -> None:
        """Start scanning."""
        self._air.check_adapter()
        self.seen_devices = {}
        central = self._air.central
        central.on(central.EVENT_ADVERTISEMENT, self._on_advertisement)
        with self._air.time.held():
            await central.start_scanning(legacy=True)
        self._air.listen(+1)

    async def stop(self) -> None:
        """Stop scanning."""
        central = self._air.central
        central.remove_listener(central.EVENT_ADVERTISEMENT, self._on_advertisement)
        if not self._air.listen(-1):
            with self._air.time.held():
                await central.stop_scanning(legacy=True)

    def _on_advertisement(self, advertisement: Advertisement) -> None:
        address = advertisement.address.to_string(with_type_qualifier=False)
        data = _advertisement_data(advertisement)
        if self.is_allowed_uuid(data.service_uuids):
            device = self.create_or_update_device(address, address, data.local_name, None, data)
            self.call_detection_callbacks(device, data)


def _advertisement_data(advertisement: Advertisement) -> AdvertisementData:
    """What Bleak's other backends make of an advertisement."""
    name, manufacturer, uuids = None, {}, []
    for kind, value in advertisement.data.ad_structures:
        match kind:
            case _AD.COMPLETE_LOCAL_NAME | _AD.SHORTENED_LOCAL_NAME:
                name = value.decode("utf-8", errors="replace")
            case _AD.MANUFACTURER_SPECIFIC_DATA if len(value) >= 2:
                manufacturer[int.from_bytes(value[:2], "little")] = value[2:]
            case (
                _AD.COMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS
                | _AD.INCOMPLETE_LIST_OF_128_BIT_SERVICE_CLASS_UUIDS
            ):
                uuids += [_uuid(core.UUID.from_bytes(value[i : i + 16])) for i in range(0, len(value), 16)]
            case (
                _AD.COMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS
                | _AD.INCOMPLETE_LIST_OF_16_BIT_SERVICE_CLASS_UUIDS
            ):
                uuids += [_uuid(core.UUID.from_bytes(value[i : i + 2])) for i in range(0, len(value), 2)]
    return AdvertisementData(name, manufacturer, {}, uuids, None, advertisement.rssi, ())


def _uuid(uuid: core.UUID) -> str:
    text = uuid.to_hex_str("-").lower()
    return f"0000{text}-0000-1000-8000-00805f9b34fb" if len(text) == 4 else text


class BumbleClient(BaseBleakClient):
    """Talks to a twin through Bumble's GATT client."""

    def __init__(
        self,
        address_or_ble_device: BLEDevice | str,
        *,
        air: VirtualAir,
        services: set[str] | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(
            address_or_ble_device,
            disconnected_callback=kwargs["disconnected_callback"],
            timeout=kwargs["timeout"],
        )
        self._air = air
        self._only = services
        self._connection: Connection | None = None

    @property
    def name(self) -> str:
        """The address: the twin's own name is in its advertisement."""
        return self.address

    @property
    def mtu_size(self) -> int:
        """Negotiated ATT MTU, bytes."""
        return int(self._connection.att_mtu) if self._connection else 23

    @property
    def is_connected(self) -> bool:
        """Whether the link is up."""
        return self._connection is not None

    async def connect(self, pair: bool, **kwargs: Any) -> None:  # noqa: FBT001
        """Connect, agree on the MTU and discover the services."""
        del pair, kwargs
        if self._connection is not None:
            raise BleakError("Client is already connected")
        self._air.check_adapter()
        if not await self._air.hears(self.address, within_s=self._timeout):
            raise BleakDeviceNotFoundError(self.address, f"Device with address {self.address} was not found")
        with self._gatt(connected=False):
            address = hci.Address(self.address, hci.Address.RANDOM_DEVICE_ADDRESS)
            self._connection = await self._air.central.connect(address)
            self._connection.on(self._connection.EVENT_DISCONNECTION, self._on_disconnection)
            try:
                await self._discover(self._connection)
            except BaseException:
                await self.disconnect()
                raise

    async def _discover(self, connection: Connection) -> None:
        peer = Peer(connection)
        await peer.request_mtu(_MTU)
        services = BleakGATTServiceCollection()
        for service in await peer.discover_services():
            if self._only is not None and _uuid(service.uuid) not in self._only:
                continue
            own = BleakGATTService(service, service.handle, _uuid(service.uuid))
            services.add_service(own)
            for characteristic in await peer.discover_characteristics(service=service):
                entry = BleakGATTCharacteristic(
                    characteristic,
                    characteristic.handle,
                    _uuid(characteristic.uuid),
                    list(gatt_char_props_to_strs(int(characteristic.properties))),
                    lambda: self.mtu_size - 3,
                    own,
                )
                services.add_characteristic(entry)
                for descriptor in await peer.discover_descriptors(characteristic):
                    services.add_descriptor(
                        BleakGATTDescriptor(descriptor, descriptor.handle, _uuid(descriptor.type), entry)
                    )
        self.services = services

    async def disconnect(self) -> None:
        """Disconnect; safe to call again."""
        if self._connection is not None:
            with self._gatt():
                await self._connection.disconnect()

    def _on_disconnection(self, reason: int) -> None:
        del reason
        self._connection = None
        self.services = None
        if self._disconnected_callback is not None:
            self._disconnected_callback()

    async def pair(self, *args: Any, **kwargs: Any) -> None:
        """Not needed by any sensor."""
        raise NotImplementedError("the virtual radio does not pair")

    async def unpair(self) -> None:
        """Not needed by any sensor."""
        raise NotImplementedError("the virtual radio does not pair")

    async def read_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        *,
        use_cached: bool = False,
        **kwargs: Any,
    ) -> bytearray:
        """Read a characteristic."""
        del use_cached, kwargs
        with self._gatt():
            return bytearray(await characteristic.obj.read_value())

    async def read_gatt_descriptor(
        self,
        descriptor: BleakGATTDescriptor,
        *,
        use_cached: bool = False,
        **kwargs: Any,
    ) -> bytearray:
        """Read a descriptor."""
        del use_cached, kwargs
        with self._gatt():
            return bytearray(await descriptor.obj.read_value())

    async def write_gatt_char(
        self,
        characteristic: BleakGATTCharacteristic,
        data: SizedBuffer,
        response: bool,  # noqa: FBT001
    ) -> None:
        """Write a characteristic; what the sensor answers at once is there before time goes on."""
        with self._gatt():
            await characteristic.obj.write_value(bytes(data), with_response=response)
            for _ in range(_TURNS):
                await asyncio.sleep(0)

    async def write_gatt_descriptor(self, descriptor: BleakGATTDescriptor, data: SizedBuffer) -> None:
        """Write a descriptor."""
        with self._gatt():
            await descriptor.obj.write_value(bytes(data), with_response=True)

    async def start_notify(
        self,
        characteristic: BleakGATTCharacteristic,
        callback: NotifyCallback,
        **kwargs: Any,
    ) -> None:
        """Subscribe."""
        del kwargs
        with self._gatt():
            await characteristic.obj.subscribe(lambda value: callback(bytearray(value)))

    async def stop_notify(self, characteristic: BleakGATTCharacteristic) -> None:
        """Unsubscribe."""
        with self._gatt():
            await characteristic.obj.unsubscribe()

    @contextmanager
    def _gatt(self, *, connected: bool = True) -> Iterator[None]:
        """Time stands still for a request, and what goes wrong is an error of Bleak's."""
        if connected and self._connection is None:
            raise BleakError("Not connected")
        try:
            with self._air.time.held():
                yield
        except ATT_Error as error:
            raise BleakGATTProtocolError(error.error_code) from error
        except core.BaseBumbleError as error:
            raise BleakError(str(error)) from error
        except asyncio.CancelledError:
            # Bumble cancels the request in flight when the link goes down.
            if cast("asyncio.Task[Any]", asyncio.current_task()).cancelling() or self._connection is not None:
                raise
            raise BleakError("disconnected") from None
