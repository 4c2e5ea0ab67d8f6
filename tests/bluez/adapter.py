"""A Bluetooth adapter without hardware: Linux sees hci0, behind it is Bumble's link of emulated sensors."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from bumble import hci, ll
from bumble.controller import Controller
from bumble.link import LocalLink
from bumble.transport import open_transport

ADDRESS = "00:1B:DC:00:00:01"
_ATT = 4  # channel of L2CAP
_NOTIFICATION = 0x1B  # opcode of ATT
_FIRST = 0x2000  # flag of a packet that begins a message
_REPORT = hci.HCI_LE_Advertising_Report_Event


class Adapter(Controller):
    """Bumble's controller as an older, simple adapter.

    Two features are taken away since Linux drives them in ways that Bumble does not emulate, and three
    answers are mended.
    """

    le_features = Controller.le_features & ~(
        hci.LeFeatureMask.LL_PRIVACY
        | hci.LeFeatureMask.LE_EXTENDED_ADVERTISING
        | hci.LeFeatureMask.LE_PERIODIC_ADVERTISING
    )
    le_acl_data_packet_length = 251

    def on_hci_le_set_random_address_command(
        self, command: hci.HCI_LE_Set_Random_Address_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Keep the public address: Bumble's link routes by the random one."""
        del command
        return hci.HCI_StatusReturnParameters(hci.HCI_ErrorCode.SUCCESS)

    def on_hci_le_create_connection_cancel_command(
        self, command: hci.HCI_LE_Create_Connection_Cancel_Command
    ) -> hci.HCI_StatusReturnParameters:
        """Forget the connection that was asked for, and say so."""
        pending, self.pending_le_connection = self.pending_le_connection, None
        if pending is not None:
            self.send_hci_packet(
                hci.HCI_LE_Connection_Complete_Event(
                    status=hci.HCI_ErrorCode.UNKNOWN_CONNECTION_IDENTIFIER_ERROR,
                    connection_handle=0,
                    role=hci.Role.CENTRAL,
                    peer_address_type=pending.peer_address_type,
                    peer_address=pending.peer_address,
                    connection_interval=0,
                    peripheral_latency=0,
                    supervision_timeout=0,
                    central_clock_accuracy=0,
                )
            )
        return super().on_hci_le_create_connection_cancel_command(command)

    def send_hci_packet(self, packet: hci.HCI_Packet) -> None:
        """To Linux; Bumble composes a debug line for each packet, whether or not anyone reads it."""
        asyncio.get_running_loop().call_soon(self.host.on_packet, bytes(packet))

    def notify(self, sender: hci.Address, handle: int, payload: bytes) -> bool:
        """Bring a notification to Linux as it comes off the air; False if the sender's link is down.

        Bumble's own way, through the host and the controller of the sender, costs more than all the rest of
        this emulated machine has.
        """
        connection = self.le_connections.get(sender)
        if connection is None:
            return False
        pdu = struct.pack("<HHBH", len(payload) + 3, _ATT, _NOTIFICATION, handle) + payload
        header = struct.pack("<BHH", hci.HCI_ACL_DATA_PACKET, connection.handle | _FIRST, len(pdu))
        asyncio.get_running_loop().call_soon(self.host.on_packet, header + pdu)
        return True

    def on_advertising_pdu(self, pdu: ll.AdvInd | ll.AdvExtInd) -> None:
        """Report an advertisement with the scan response that its sender really has; connect if asked to."""
        sender = self.link.find_le_controller(pdu.advertiser_address)
        if self.le_scan_enable and sender is not None:
            response = sender.le_legacy_advertiser.scan_response_data
            for kind, data in ((_REPORT.EventType.ADV_IND, pdu.data), (_REPORT.EventType.SCAN_RSP, response)):
                report = _REPORT.Report(
                    event_type=kind,
                    address_type=pdu.advertiser_address.address_type,
                    address=pdu.advertiser_address,
                    data=data,
                    rssi=-50,
                )
                self.send_hci_packet(_REPORT([report]))
        pending = self.pending_le_connection
        if pending is not None and pending.peer_address == pdu.advertiser_address:
            self.create_le_connection(pdu.advertiser_address)


@asynccontextmanager
async def plugged_in() -> AsyncIterator[Adapter]:
    """Plug it in, wait until bluetoothd has switched it on, with nobody on the air yet."""
    async with await open_transport("vhci") as transport:
        link = LocalLink()
        public = hci.Address(ADDRESS, hci.Address.PUBLIC_DEVICE_ADDRESS)
        controller = Adapter("hci0", transport.source, transport.sink, link, public)
        controller.random_address = public
        await _powered()
        yield controller


async def _powered() -> None:
    while True:
        process = await asyncio.create_subprocess_exec(
            "bluetoothctl", "--timeout", "1", "power", "on",
            stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT,
        )  # fmt: skip
        output, _ = await process.communicate()
        if b"succeeded" in output:
            return
        await asyncio.sleep(0.2)
