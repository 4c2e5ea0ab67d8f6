"""Which sensors are in range."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from dataclasses import dataclass
from typing import TYPE_CHECKING

from bleak import BleakScanner

from emgsmr.radio.bleak_error import translated
from emgsmr.radio.given_up import check_given_up
from emgsmr.sensors import Advertisement, Device, find, is_kind

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from bleak.backends.device import BLEDevice
    from bleak.backends.scanner import AdvertisementData

    from emgsmr.radio.air import Air
    from emgsmr.recording import MontageSensor


@dataclass(frozen=True, slots=True, eq=False)
class FoundSensor:
    """A sensor in range.

    Attributes
    ----------
    name : str
        As advertised; some families cut it short.
    address : str
        Bluetooth address (on macOS an identifier that holds on this computer only).
    family : Device
    rssi : int, dBm
        Signal strength: -50 is near, -90 is hardly there.
    battery_pct : int or None
        Where the advertisement says it.
    device : BLEDevice
        What a connection is made with.
    """

    name: str
    address: str
    family: Device
    rssi: int
    battery_pct: int | None
    device: BLEDevice


async def scan(
    air: Air, seconds: float, *, until: Callable[[Sequence[FoundSensor]], bool] | None = None
) -> list[FoundSensor]:
    """Listen for sensors of the families that are known.

    BlueZ scans and connects one at a time: hold the session's lock.

    Parameters
    ----------
    air : Air
    seconds : float, s
    until : callable, optional
        Stop as soon as this says that enough were found.

    Returns
    -------
    found : list of FoundSensor
        The strongest signal first.

    Raises
    ------
    BluetoothUnavailableError
    """
    found: dict[str, FoundSensor] = {}
    enough = asyncio.Event()

    def on_advertisement(device: BLEDevice, data: AdvertisementData) -> None:
        sensor = _recognize(device, data, found.get(device.address))
        if sensor is not None:
            found[sensor.address] = sensor
            if until is not None and until(list(found.values())):
                enough.set()

    with translated("scanning for sensors"):
        async with BleakScanner(on_advertisement, **air.scanner_args):
            check_given_up()
            await _either(air.sleep(seconds), enough.wait())
    return sorted(found.values(), key=lambda sensor: (-sensor.rssi, sensor.address))


def _recognize(device: BLEDevice, data: AdvertisementData, before: FoundSensor | None) -> FoundSensor | None:
    """The sensor that an advertisement is of; what an earlier one said is kept where this one is silent."""
    name = data.local_name or device.name or (before.name if before else None)
    # Bleak takes the first two bytes of the manufacturer's field for a company id
    manufacturer = next(
        (key.to_bytes(2, "little") + bytes(value) for key, value in reversed(data.manufacturer_data.items())),
        b"",
    )
    said = Advertisement(name, tuple(data.service_uuids), manufacturer)
    family = find(said) or (before.family if before else None)
    if family is None:
        return None
    battery = family.battery_pct(said)
    if battery is None and before is not None:
        battery = before.battery_pct
    return FoundSensor(name or device.address, device.address, family, data.rssi, battery, device)


async def _either(*waits: object) -> None:
    tasks = [asyncio.ensure_future(wait) for wait in waits]  # type: ignore[call-overload]
    try:
        done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
        for task in done:
            task.result()
    finally:
        for task in tasks:
            task.cancel()
        for task in tasks:
            with suppress(asyncio.CancelledError):
                await task


def is_wanted(wanted: MontageSensor, found: FoundSensor) -> bool:
    """Whether a sensor in range is the one that a montage names; an address counts more than a name.

    A montage may give the full name of a sensor that advertises only its beginning.
    """
    if wanted.family is not None and not is_kind(wanted.family, found.family):
        return False
    if wanted.address is not None:
        return wanted.address.lower() == found.address.lower()
    if wanted.name is None:
        return False
    return found.name in (wanted.name, found.family.advertise(wanted.name, 1, 100).name)
