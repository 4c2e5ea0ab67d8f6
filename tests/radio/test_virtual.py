"""The virtual radio at Bleak's own level: what any program that uses Bleak would see."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest
from bleak import BleakClient, BleakScanner
from bleak.exc import (
    BleakCharacteristicNotFoundError,
    BleakDeviceNotFoundError,
    BleakError,
    BleakGATTProtocolError,
)

from emgsmr.radio.virtual import Outage, VirtualAir
from emgsmr.sensors import FAMILIES, Facts, Packet, npg_lite, umyo

FAMILY_KEYS = sorted(FAMILIES)


def in_air(cast, scenario, **options):
    async def main():
        async with VirtualAir(cast, speed=None, **options) as air:
            return await scenario(air)

    return asyncio.run(main())


async def discover(air, seconds=1.0):
    async with BleakScanner(**air.scanner_args) as scanner:
        await air.sleep(seconds)
    return scanner.discovered_devices_and_advertisement_data


async def connected(air):
    """A client for each twin, in the order of the cast."""
    found = await discover(air)
    clients = [BleakClient(found[sensor.address][0], **air.client_args) for sensor in air.cast.sensors]
    for client in clients:
        await client.connect()
    return clients


async def start(client, family, packets, channels=1):
    """Subscribe, then start; decoded packets go into the list with their arrival."""
    now = client._backend._air.now_ns
    decoder = family.decoder(Facts(channels=channels))
    awaited = []

    def on_data(characteristic, payload):
        for write, reply in awaited:
            if write.is_reply(characteristic.uuid, bytes(payload)) and not reply.done():
                reply.set_result(bytes(payload))
        found = decoder.feed(characteristic.uuid, bytes(payload))
        packets.extend((now(), item) for item in found if isinstance(item, Packet))

    for uuid in family.notify_uuids:
        await client.start_notify(uuid, on_data)
    dialog, reply = decoder.start(), None
    while True:
        try:
            write = dialog.send(reply)
        except StopIteration:
            return
        future = asyncio.get_running_loop().create_future()
        awaited[:] = [(write, future)] if write.is_reply else []
        await client.write_gatt_char(write.uuid, write.data, response=write.response)
        reply = await future if write.is_reply else None


def test_twins_advertise_as_their_families_do(make_cast):
    cast = make_cast("umyo", "npg_lite")
    found = in_air(cast, discover)
    assert set(found) == {sensor.address for sensor in cast.sensors}
    _, said = found[cast.sensors[0].address]
    expected = umyo.FAMILY.advertise("uMyo-01", 1, 61)
    company, rest = next(iter(said.manufacturer_data.items()))
    assert said.local_name == "uMyo-01"
    assert company.to_bytes(2, "little") + rest == expected.manufacturer
    assert found[cast.sensors[1].address][1].local_name == "NPG-02"
    assert all(-80 <= data.rssi <= -40 for _, data in found.values())


@pytest.mark.parametrize("key", FAMILY_KEYS)
def test_a_twin_serves_its_familys_whole_gatt_table(make_cast, key):
    family = FAMILIES[key]

    async def scenario(air):
        [client] = await connected(air)
        return {
            service.uuid: {entry.uuid: set(entry.properties) for entry in service.characteristics}
            for service in client.services
        }, client.mtu_size

    table, mtu = in_air(make_cast(key), scenario)
    for service, entries in family.services.items():
        assert table[service.lower()] == {entry.uuid.lower(): set(entry.properties) for entry in entries}
    assert mtu >= family.min_mtu


@pytest.mark.parametrize("key", FAMILY_KEYS)
def test_every_sample_arrives_once_in_order_and_after_it_was_taken(make_cast, key):
    family = FAMILIES[key]
    cast = make_cast(key, seconds=3.0)

    async def scenario(air):
        [client] = await connected(air)
        packets = []
        await start(client, family, packets, air.cast.sensors[0].counts.shape[1])
        await air.finished.wait()
        begun_ns = air.play_started_ns  # a command without response takes effect after it was sent
        await client.disconnect()
        return packets, begun_ns

    packets, begun_ns = in_air(cast, scenario)
    played = cast.sensors[0]
    whole = len(played.counts) // family.samples_per_packet * family.samples_per_packet
    assert np.array_equal(np.concatenate([p.counts for _, p in packets]), played.counts[:whole])
    ends = np.cumsum([len(p.counts) for _, p in packets])
    if family.counter_modulus is not None:
        assert [p.counter for _, p in packets] == [
            int(end - len(p.counts)) % family.counter_modulus
            for end, (_, p) in zip(ends, packets, strict=True)
        ]
    ends_s = (ends - 1) / played.rate_hz
    late_s = (np.array([t for t, _ in packets]) - begun_ns) / 1e9 - ends_s
    assert late_s.min() >= 0
    assert late_s.max() < 0.2  # a connection interval, and now and then some that were missed
    assert late_s.std() > 0.002  # bunched, so that a clock has something to fit


def test_commands_are_obeyed(make_cast):
    control = npg_lite.CONTROL

    async def scenario(air):
        [client] = await connected(air)
        said = []
        for command in (b"WHORU", b"STATUS"):
            await client.write_gatt_char(control, command, response=True)
            said.append(bytes(await client.read_gatt_char(control)))
        packets = []
        await start(client, npg_lite.FAMILY, packets)
        await air.sleep(0.5)
        await client.write_gatt_char(control, b"STATUS", response=True)
        said.append(bytes(await client.read_gatt_char(control)))
        await client.write_gatt_char(control, b"STOP", response=True)
        n = len(packets)
        await air.sleep(0.5)
        said.append(bytes(await client.read_gatt_char(npg_lite.BATTERY)))
        return said, n, len(packets)

    said, before, after = in_air(make_cast("npg_lite", seconds=60.0), scenario)
    assert said == [b"NPG-LITE", b"STOPPED", b"RUNNING", bytes([61])]
    assert after == before > 5


def test_a_restart_counts_from_zero_or_goes_on_as_the_family_says(make_cast):
    async def scenario(air):
        clients = await connected(air)
        first = []
        for client, sensor in zip(clients, air.cast.sensors, strict=True):
            await start(client, sensor.family, [])
        await air.sleep(1.0)
        for client, sensor in zip(clients, air.cast.sensors, strict=True):
            await client.stop_notify(sensor.family.notify_uuids[0])
            packets = []
            await start(client, sensor.family, packets)
            await air.sleep(0.5)
            first.append(packets[0][1].counter)
        return first

    umyo_counter, npg_counter = in_air(make_cast("umyo", "npg_lite", seconds=60.0), scenario)
    assert umyo_counter > 1000
    assert npg_counter == 0


def test_lost_ranges_are_never_sent_and_the_counter_runs_on(make_cast, make_played):
    lost = ((240, 480), (600, 720))

    async def scenario(air):
        [client] = await connected(air)
        packets = []
        await start(client, umyo.FAMILY, packets)
        await air.finished.wait()
        return [p.counter for _, p in packets]

    counters = in_air(make_cast(make_played(1, "umyo", seconds=2.0, lost=lost)), scenario)
    missing = {i for first, stop in lost for i in range(first, stop, 24)}
    assert counters == [i for i in range(0, 2232, 24) if i not in missing]


def test_the_play_waits_until_all_that_are_connected_stream(make_cast):
    async def scenario(air):
        first, second = await connected(air)
        packets = []
        await start(first, umyo.FAMILY, packets)
        await air.sleep(5.0)
        assert air.play_started_ns is None
        assert packets == []
        await start(second, npg_lite.FAMILY, [])
        await air.sleep(0.5)
        return packets[0][1].counter

    assert in_air(make_cast("umyo", "npg_lite"), scenario) == 0


def test_the_same_seed_gives_the_same_arrivals(make_cast):
    async def scenario(air):
        [client] = await connected(air)
        packets = []
        await start(client, umyo.FAMILY, packets)
        await air.finished.wait()
        return [t - air.play_started_ns for t, _ in packets]

    first, again, other = (in_air(make_cast("umyo"), scenario, seed=seed) for seed in (1, 1, 2))
    assert first == again != other


def test_a_twin_that_leaves_drops_the_link_and_can_be_found_when_it_is_back(make_cast):
    cast = make_cast("umyo", seconds=20.0)
    address = cast.sensors[0].address

    async def scenario(air):
        gone = asyncio.Event()
        found = await discover(air)
        client = BleakClient(found[address][0], lambda _: gone.set(), **air.client_args)
        await client.connect()
        await start(client, umyo.FAMILY, [])
        await gone.wait()
        left_s = (air.now_ns() - air.play_started_ns) / 1e9
        assert not client.is_connected
        with pytest.raises(BleakError, match="Discovery"):
            await client.read_gatt_char(umyo.NAME)
        absent = await discover(air)
        late = BleakClient(found[address][0], timeout=0.5, **air.client_args)
        with pytest.raises(BleakDeviceNotFoundError):
            await late.connect()
        await air.sleep(3.0)
        return left_s, absent, await discover(air)

    left_s, absent, back = in_air(cast, scenario, outages=[Outage(address, 1.0, 4.0)])
    assert left_s == pytest.approx(1.0, abs=0.01)
    assert absent == {}
    assert address in back


def test_errors_are_those_of_bleak(make_cast):
    async def scenario(air):
        [client] = await connected(air)
        with pytest.raises(BleakError, match="already"):
            await client._backend.connect(pair=False)
        with pytest.raises(BleakCharacteristicNotFoundError):
            await client.read_gatt_char("0000aaaa-0000-1000-8000-00805f9b34fb")
        descriptor = client.services.get_characteristic(umyo.NAME).descriptors[0]
        assert await client.read_gatt_descriptor(descriptor.handle) == b"\0\0"
        with pytest.raises(BleakGATTProtocolError):  # more than an attribute can hold
            await client.write_gatt_char(umyo.NAME, bytes(513), response=True)
        for work in (client.pair, client.unpair):
            with pytest.raises(NotImplementedError):
                await work()
        await client.disconnect()
        await client.disconnect()
        nobody = BleakClient("00:11:22:33:44:55", timeout=1.0, **air.client_args)
        with pytest.raises(BleakDeviceNotFoundError):
            await nobody.connect()

    in_air(make_cast("umyo"), scenario)


def test_an_unused_air_opens_and_closes(make_cast):
    async def scenario(air):
        return air.now_ns()

    assert in_air(make_cast("umyo", "npg_lite"), scenario) > 0
