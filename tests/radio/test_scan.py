from __future__ import annotations

import asyncio

import pytest
from bleak.backends.device import BLEDevice
from bleak.backends.scanner import AdvertisementData, BaseBleakScanner
from bleak.exc import BleakBluetoothNotAvailableError, BleakBluetoothNotAvailableReason

from emgsmr.errors import BluetoothUnavailableError
from emgsmr.radio.air import BluetoothAir
from emgsmr.radio.scan import is_wanted, scan
from emgsmr.radio.virtual import VirtualAir
from emgsmr.recording import MontageSensor


class StubScanner(BaseBleakScanner):
    """Bleak's interface, with advertisements that are handed in."""

    said: tuple = ()
    error: Exception | None = None

    def __init__(self, detection_callback, service_uuids, scanning_mode, **kwargs):
        super().__init__(detection_callback, service_uuids)

    async def start(self):
        if self.error:
            raise self.error
        for address, name, data in self.said:
            device = self.create_or_update_device(address, address, name, None, data)
            self.call_detection_callbacks(device, data)

    async def stop(self):
        pass


def data(name=None, manufacturer=(), rssi=-60, uuids=()):
    return AdvertisementData(name, dict(manufacturer), {}, list(uuids), None, rssi, ())


def scan_of(*said, error=None):
    air = BluetoothAir()
    air.scanner_args = {"backend": type("Stub", (StubScanner,), {"said": said, "error": error})}
    return asyncio.run(scan(air, 0.0))


def test_all_sensors_of_a_cast_are_found_the_nearest_first(make_cast):
    cast = make_cast("umyo", "npg_lite", "umyo")

    async def main():
        async with VirtualAir(cast, speed=None) as air:
            return await scan(air, 2.0)

    found = asyncio.run(main())
    assert {(s.name, s.address, s.family.key) for s in found} == {
        (s.name, s.address, s.family.key) for s in cast.sensors
    }
    assert [s.rssi for s in found] == sorted((s.rssi for s in found), reverse=True)
    battery = {s.name: s.battery_pct for s in found}
    assert battery["uMyo-01"] == pytest.approx(61, abs=1)
    assert battery["NPG-02"] is None


def test_a_scan_ends_when_enough_was_found(make_cast):
    async def main():
        async with VirtualAir(make_cast("umyo"), speed=None) as air:
            before_ns = air.now_ns()
            found = await scan(air, 1000.0, until=lambda found: len(found) == 1)
            return found, (air.now_ns() - before_ns) / 1e9

    found, took_s = asyncio.run(main())
    assert len(found) == 1
    assert took_s < 2.0


def test_unknown_devices_are_left_out():
    assert scan_of(("AA", "Kitchen scale", data("Kitchen scale")), ("BB", None, data())) == []


def test_what_one_advertisement_says_is_kept_when_the_next_is_silent():
    full = data("uMyo-1A", [(0xD000, bytes(13))], rssi=-50)
    [sensor] = scan_of(("AA", "uMyo-1A", full), ("AA", None, data(rssi=-70)))
    assert (sensor.name, sensor.family.key, sensor.rssi) == ("uMyo-1A", "umyo", -70)
    assert sensor.battery_pct is not None


@pytest.mark.parametrize("error", [FileNotFoundError(), None])
def test_no_bluetooth_is_an_error_that_says_so(error):
    error = error or BleakBluetoothNotAvailableError("", BleakBluetoothNotAvailableReason.NO_BLUETOOTH)
    with pytest.raises(BluetoothUnavailableError):
        scan_of(error=error)


def found_as(name, address="E1:00:00:00:00:01", key="umyo"):
    from emgsmr.radio.scan import FoundSensor
    from emgsmr.sensors import FAMILIES

    return FoundSensor(name, address, FAMILIES[key], -50, None, BLEDevice(address, name, None))


@pytest.mark.parametrize(
    ("wanted", "found", "expected"),
    [
        (MontageSensor("uMyo-1A"), found_as("uMyo-1A"), True),
        (MontageSensor("uMyo-1A2B"), found_as("uMyo-1A"), True),  # seven characters are advertised
        (MontageSensor("uMyo-1B2B"), found_as("uMyo-1A"), False),
        (MontageSensor("NPG-Lite-3CH:1A:2B"), found_as("NPG-Lite", key="npg_lite"), False),
        (MontageSensor(address="e1:00:00:00:00:01"), found_as("whatever"), True),
        (MontageSensor("uMyo-1A", address="E1:00:00:00:00:02"), found_as("uMyo-1A"), False),
        (MontageSensor("uMyo-1A", family="npg_lite"), found_as("uMyo-1A"), False),
    ],
)
def test_which_sensor_a_montage_means(wanted, found, expected):
    assert is_wanted(wanted, found) is expected
