"""The virtual air: Bumble devices that hear each other, without a radio.

Everything above the link layer is Bumble's own: GATT servers and clients, ATT packets, service discovery.
Three things are replaced, since Bumble composes a debug line for each packet whether or not anyone reads it
and cuts packets into 27 bytes, and since its advertisers follow the wall clock:

- data of a connection goes from host to host as L2CAP packets, in order, without the HCI transport between;
- controllers advertise when told to (`EtherDevice.advertise`), in simulated time;
- a scan hears the scan response that the advertiser really has.
"""

from __future__ import annotations

import asyncio
import logging
from collections import deque
from typing import Any

from bumble import att, hci, ll
from bumble.controller import Connection as Link
from bumble.controller import Controller
from bumble.device import Connection, Device, DeviceConfiguration
from bumble.host import Host
from bumble.link import LocalLink

logging.getLogger("bumble").addHandler(
    logging.NullHandler()
)  # a library's warnings are not our user's output

_NEVER_MS = 10_000.0  # interval that Bumble's wall-clock advertiser gets: ours follows simulated time
_SCAN_REPORT = hci.HCI_LE_Advertising_Report_Event


class Ether(LocalLink):
    """What lies between the devices: packets in flight, first in first out."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]
        self.devices: dict[hci.Address, EtherDevice] = {}
        self._flying: deque[tuple[EtherDevice, Connection, int, bytes]] = deque()
        self._landing = False

    def carry(self, sender: EtherDevice, handle: int, cid: int, pdu: bytes) -> None:
        """Send one L2CAP packet; it lands when the loop turns, or at the next `land`."""
        connection = sender.connections.get(handle)
        if connection is not None:  # else the link went down meanwhile
            self._flying.append((sender, connection, cid, pdu))
            self._land_soon()

    def land(self) -> None:
        """Deliver what flies."""
        flying = self._flying
        while flying:
            sender, connection, cid, pdu = flying[0]
            route = connection.__dict__.get("ether_route") or self._route(sender, connection)
            if route is None and sender.connections.get(connection.handle) is connection:
                self._land_soon()  # the other end has not been told of the connection yet
                return
            flying.popleft()
            if route is not None:
                receiver, opposite = route
                receiver.receive(opposite, cid, pdu)

    def _land_soon(self) -> None:
        if not self._landing:
            self._landing = True
            asyncio.get_running_loop().call_soon(self._land_in_loop)

    def _land_in_loop(self) -> None:
        self._landing = False
        self.land()

    def send_advertising_pdu(self, sender_controller: Controller, packet: ll.AdvertisingPdu) -> None:
        """To those that listen: an advertiser hears connect requests, a scanner hears advertisements."""
        loop = asyncio.get_running_loop()
        for device in self.devices.values():
            controller = device.ether_controller
            if controller is not sender_controller and controller.listens_for(packet):
                loop.call_soon(controller.on_ll_advertising_pdu, packet)

    def _route(self, sender: EtherDevice, connection: Connection) -> tuple[EtherDevice, Connection] | None:
        receiver = self.devices.get(connection.peer_address)
        if receiver is None:
            return None
        for opposite in receiver.connections.values():
            if opposite.peer_address == sender.random_address:
                connection.__dict__["ether_route"] = (receiver, opposite)
                return receiver, opposite
        return None


class EtherController(Controller):
    """A controller without debug lines and wall clock; ``rssi`` (dBm) is how loud others hear it."""

    le_features = hci.LeFeatureMask.LE_ENCRYPTION | hci.LeFeatureMask.EXTENDED_REJECT_INDICATION
    rssi = -50

    def __init__(self, name: str, ether: Ether, address: hci.Address) -> None:
        super().__init__(name, link=ether, public_address=address)
        self.ether = ether

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """From the host; only commands come this way."""
        assert isinstance(packet, hci.HCI_Command)
        self.on_hci_command_packet(packet)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """To the host."""
        if self.host:
            asyncio.get_running_loop().call_soon(self.host.on_packet, bytes(packet))

    def listens_for(self, packet: ll.AdvertisingPdu) -> bool:
        """Whether this controller cares for a packet on the advertising channels."""
        if isinstance(packet, ll.ConnectInd):
            return bool(self.le_legacy_advertiser.address == packet.advertiser_address)
        return self.le_scan_enable or self.pending_le_connection is not None

    def on_hci_le_create_connection_command(self, command: hci.HCI_LE_Create_Connection_Command) -> None:
        """Connect at the peer's next advertisement, which comes now."""
        super().on_hci_le_create_connection_command(command)
        peer = self.ether.devices.get(command.peer_address)
        if peer is not None:
            peer.advertise()

    def on_le_disconnected(self, connection: Link, reason: int) -> None:
        """Tell the host; Bumble up to 0.0.224 does not forget the connection by itself."""
        super().on_le_disconnected(connection, reason)
        self.le_connections.pop(connection.peer_address, None)

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Report it to a scan, with its scan response, and connect if that was asked for."""
        device = self.ether.devices.get(pdu.advertiser_address)
        if self.le_scan_enable and device is not None:
            sender = device.ether_controller
            for kind, data in (
                (_SCAN_REPORT.EventType.ADV_IND, pdu.data),
                (_SCAN_REPORT.EventType.SCAN_RSP, sender.le_legacy_advertiser.scan_response_data),
            ):
                report = _SCAN_REPORT.Report(
                    event_type=kind,
                    address_type=pdu.advertiser_address.address_type,
                    address=pdu.advertiser_address,
                    data=data,
                    rssi=sender.rssi,
                )
                self.send_hci_packet(_SCAN_REPORT([report]))
        pending = self.pending_le_connection
        if pending is not None and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)


class EtherHost(Host):
    """A host that hands a connection's data to the `Ether` and commands to its controller."""

    device: EtherDevice

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """To the controller."""
        assert self.hci_sink is not None
        self.hci_sink.on_packet(bytes(packet))

    def on_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """From the controller; only events come this way."""
        assert isinstance(packet, hci.HCI_Event)
        self.on_hci_event_packet(packet)

    def send_l2cap_pdu(self, connection_handle: int, cid: int, pdu: bytes) -> None:
        """To the device at the other end of a connection."""
        self.device.ether.carry(self.device, connection_handle, cid, pdu)


class EtherDevice(Device):
    """A Bumble device in an `Ether`."""

    def __init__(self, ether: Ether, name: str, address: str) -> None:
        self.ether = ether
        own = hci.Address(address, hci.Address.RANDOM_DEVICE_ADDRESS)
        self.ether_controller = EtherController(name, ether, own)
        host = EtherHost(self.ether_controller, self.ether_controller)
        host.device = self
        config = DeviceConfiguration(
            name=name,
            address=own,
            advertising_interval_min=_NEVER_MS,
            advertising_interval_max=_NEVER_MS,
        )
        super().__init__(config=config, host=host)
        ether.devices[own] = self

    def advertise(self) -> None:
        """Send one advertisement, if advertising is on."""
        self.ether_controller.le_legacy_advertiser.send_advertising_data()

    def receive(self, connection: Connection, cid: int, pdu: bytes) -> None:
        """Take an L2CAP packet off the air."""
        if cid == att.ATT_CID and pdu[0] == att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION:
            # What Device.on_gatt_pdu and Client.on_gatt_pdu do, less two debug lines for each packet.
            value = att.ATT_Handle_Value_Notification(int.from_bytes(pdu[1:3], "little"), pdu[3:])
            connection.gatt_client.on_att_handle_value_notification(value)
        else:
            self.l2cap_channel_manager.on_pdu(connection, cid, pdu)

    async def switch_off(self) -> None:
        """Leave the air."""
        self.ether_controller.le_legacy_advertiser.stop()
        await self.power_off()
        self.ether.remove_controller(self.ether_controller)
        self.ether.devices.pop(self.random_address, None)

    def notify(self, connection: Connection, attribute: Any, value: bytes) -> None:
        """Send a notification to a subscribed client, as Bumble's GATT server does, less its debug line."""
        pdu = (
            bytes((att.Opcode.ATT_HANDLE_VALUE_NOTIFICATION, attribute.handle & 0xFF, attribute.handle >> 8))
            + value
        )
        self.gatt_server.send_gatt_pdu(connection, pdu[: connection.att_mtu])
