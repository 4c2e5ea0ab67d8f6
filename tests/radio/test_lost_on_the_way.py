"""Over the whole way, each family: what is withheld is missing, to the sample, the rest is as it was sent."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from emgsmr.radio.receiver import Receiver
from emgsmr.radio.virtual import VirtualAir
from emgsmr.recording import SampleBlock
from emgsmr.sensors import FAMILIES

# a counter that goes round in 16 ms needs longer than this to learn its delays: test_faults.py has it
EXACT = sorted(
    key for key, family in FAMILIES.items() if family.loss_known == "exact" and family.counter_modulus >= 64
)


async def received(cast):
    async with VirtualAir(cast, speed=None) as air:
        receiver = Receiver(air, cast.montage)
        await receiver.connect()
        await receiver.start()

        async def end():
            await air.finished.wait()
            await air.sleep(0.5)
            await receiver.stop()

        ending = asyncio.create_task(end())
        batches = [batch async for batch in receiver.batches()]
        await ending
    blocks = [item for batch in batches for _, item in batch if isinstance(item, SampleBlock)]
    return receiver.channels[0].assembler, blocks


@pytest.mark.parametrize("key", EXACT)
def test_missing_is_what_was_withheld(make_cast, make_played, key):
    n = FAMILIES[key].samples_per_packet
    lost = tuple((n * first, n * stop) for first, stop in ((20, 21), (33, 36), (60, 75)))
    sensor = make_played(1, key, seconds=100 * n / FAMILIES[key].rate_hz, lost=lost)
    assembler, blocks = asyncio.run(received(make_cast(sensor)))
    assert assembler.missing == sum(stop - first for first, stop in lost)
    assert assembler.refused == assembler.repeated == 0
    assert assembler.samples == sum(len(block.counts) for block in blocks) == n * 81
    for block in blocks:
        assert np.array_equal(block.counts, sensor.counts[block.first_index : block.end_index])
