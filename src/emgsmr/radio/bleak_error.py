"""What Bleak's errors mean here: one table, to our classes and a sentence that says what to do."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from bleak.exc import (
    BleakBluetoothNotAvailableError,
    BleakCharacteristicNotFoundError,
    BleakDBusError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)
from bleak.exc import BleakBluetoothNotAvailableReason as Reason

from emgsmr.errors import (
    BluetoothUnavailableError,
    ConnectionLostError,
    SensorError,
    SensorNotFoundError,
    UnsupportedFirmwareError,
)

_VIRTUAL = "or try it without sensors: --radio virtual"

WHY_UNAVAILABLE: dict[Reason, str] = {
    Reason.NO_BLUETOOTH: f"this computer has no Bluetooth adapter: plug one in, {_VIRTUAL}",
    Reason.NO_BLE_CENTRAL_ROLE: f"this Bluetooth adapter cannot talk to sensors: use another one, {_VIRTUAL}",
    Reason.POWERED_OFF: f"Bluetooth is switched off: switch it on, {_VIRTUAL}",
    Reason.DENIED_BY_USER: "Bluetooth was refused to this program: allow it in the system's privacy settings",
    Reason.DENIED_BY_SYSTEM: "the system does not let this program use Bluetooth: ask its administrator",
    Reason.DENIED_BY_UNKNOWN: "the system does not let this program use Bluetooth: allow it in its settings",
    Reason.UNKNOWN: f"Bluetooth cannot be used: check that it is on and allowed for this program, {_VIRTUAL}",
}

WHAT_BLUEZ_SAYS: dict[str, tuple[type[SensorError], str]] = {
    "org.freedesktop.DBus.Error.AccessDenied": (
        BluetoothUnavailableError,
        "this user may not use Bluetooth: add them to the group bluetooth and log in again",
    ),
    "org.freedesktop.DBus.Error.ServiceUnknown": (
        BluetoothUnavailableError,
        f"the Bluetooth service is not running: start it (systemctl start bluetooth), {_VIRTUAL}",
    ),
    "org.bluez.Error.NotReady": (BluetoothUnavailableError, "Bluetooth is switched off: switch it on"),
    "org.bluez.Error.InProgress": (
        BluetoothUnavailableError,
        "Bluetooth is busy with another program's scan: close that program, or switch Bluetooth off and on",
    ),
}


def _not_available(error: BaseException, doing: str) -> SensorError:
    del doing
    assert isinstance(error, BleakBluetoothNotAvailableError)
    return BluetoothUnavailableError(WHY_UNAVAILABLE.get(error.reason, WHY_UNAVAILABLE[Reason.UNKNOWN]))


def _of_dbus(error: BaseException, doing: str) -> SensorError:
    assert isinstance(error, BleakDBusError)
    kind, sentence = WHAT_BLUEZ_SAYS.get(
        error.dbus_error, (ConnectionLostError, f"{doing} failed ({error}): bring it closer and try again")
    )
    return kind(sentence)


def _no_bus(error: BaseException, doing: str) -> SensorError:
    del error, doing
    return BluetoothUnavailableError(
        f"this computer's Bluetooth service cannot be reached (no D-Bus): start it, {_VIRTUAL}"
    )


TABLE: dict[type[BaseException], Callable[[BaseException, str], SensorError]] = {
    # the most specific class wins
    BleakBluetoothNotAvailableError: _not_available,
    BleakDBusError: _of_dbus,
    BleakDeviceNotFoundError: lambda _, doing: SensorNotFoundError(
        f"{doing} failed, it is out of range: switch it on and bring it closer"
    ),
    BleakCharacteristicNotFoundError: lambda error, doing: UnsupportedFirmwareError(
        f"{doing} failed ({error}): it is another device, or its firmware is not one that is known"
    ),
    BleakGATTProtocolError: lambda error, doing: UnsupportedFirmwareError(
        f"{doing} was refused by the sensor ({error.args[-1]}): its firmware is not one that is known"
    ),
    BleakError: lambda error, doing: ConnectionLostError(
        f"{doing} failed ({error}): bring it closer and try again"
    ),
    EOFError: lambda _, doing: ConnectionLostError(
        f"{doing} failed, the Bluetooth service went away: try again"
    ),
    asyncio.TimeoutError: lambda _, doing: ConnectionLostError(
        f"{doing} took too long: bring it closer and try again"
    ),
    FileNotFoundError: _no_bus,
    ConnectionRefusedError: _no_bus,
    PermissionError: _no_bus,
    OSError: lambda error, doing: ConnectionLostError(f"{doing} failed ({error}): try again"),
}


def explain(error: BaseException, doing: str) -> SensorError:
    """Our error for one of Bleak's; ``doing`` is what was tried, such as "connecting to uMyo-1A"."""
    meaning = next(TABLE[kind] for kind in type(error).__mro__ if kind in TABLE)
    return meaning(error, doing)


@contextmanager
def translated(doing: str) -> Iterator[None]:
    """Turn Bleak's errors into ours."""
    try:
        yield
    except tuple(TABLE) as error:
        raise explain(error, doing) from error
