"""A Ganglion says which firmware it has, and is read accordingly: both over the virtual radio."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest
from bleak import BleakClient, BleakScanner

from emgsmr.radio.virtual import VirtualAir
from emgsmr.sensors import Facts, ganglion


def streamed(cast):
    """What comes of a stream, and the software revision that the unit was asked for."""

    async def main():
        async with VirtualAir(cast, speed=None) as air:
            [sensor] = air.cast.sensors
            async with BleakScanner(**air.scanner_args) as scanner:
                await air.sleep(1.0)
            device, _ = scanner.discovered_devices_and_advertisement_data[sensor.address]
            client = BleakClient(device, **air.client_args)
            await client.connect()
            software = bytes(await client.read_gatt_char(ganglion.SOFTWARE)).decode()
            decoder, packets = ganglion.FAMILY.decoder(Facts(software=software)), []
            await client.start_notify(
                ganglion.RECEIVE,
                lambda characteristic, payload: packets.extend(
                    decoder.feed(characteristic.uuid, bytes(payload))
                ),
            )
            for write in decoder.start():
                await client.write_gatt_char(write.uuid, write.data, response=write.response)
            await air.finished.wait()
            await client.disconnect()
            return software, packets

    return asyncio.run(main())


def signal(n, rng):
    """As EMG is: no step that differences could not hold."""
    return (64 * rng.integers(-2_000, 2_000, (n, 4))).astype("<i4")


@pytest.mark.parametrize("software", ["2.0.1", "3.0.0", "3.0.2"])
def test_the_software_revision_is_read_and_obeyed(make_cast, make_played, rng, software):
    counts = signal(1200, rng)
    played = replace(
        make_played(1, "ganglion", seconds=6.0, lost=((450, 460), (700, 702))),
        counts=counts,
        information={ganglion.SOFTWARE: software},
    )
    said, packets = streamed(make_cast(played, seconds=6.0))
    assert said == software
    known = np.ones(len(counts), dtype=bool)
    known[450:460] = known[700:702] = False
    if software == "3.0.2":
        known[:200] = False  # the first cycle is misnumbered: discarded
    if software == "2.0.1":
        known[450:600] = known[700:800] = False  # nothing to add a difference to, until the next cycle
    wanted = np.flatnonzero(known)
    np.testing.assert_allclose(
        np.concatenate([packet.counts for packet in packets]), counts[wanted], atol=200 * (software < "3")
    )
    assert [packet.counter for packet in packets] == [int(i) % 200 for i in wanted[::2]]
