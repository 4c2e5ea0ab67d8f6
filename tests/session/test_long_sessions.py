"""Radio, recorder, analysis and view keep nothing for each packet, and little for each second."""

from __future__ import annotations

import asyncio
import gc
from collections import Counter, deque
from functools import reduce
from operator import and_

from emgsmr.analysis import Settings, long_list
from emgsmr.radio.virtual import VirtualAir
from emgsmr.recording import open_recording
from emgsmr.session import Session
from emgsmr.session.block_queue import BlockQueue
from emgsmr.session.view import SessionView

SENSORS = ("umyo", "umyo")
FIRST_S, LAST_S, PAGE = 12, 40, 4
PACKETS = len(SENSORS) * (LAST_S - FIRST_S) * 46
"""Between the two moments: 24 samples in each, 1116 a second."""

MOST = 40
"""More objects of a kind, and more entries of all lists, than this are no chance: a kind that is kept for
each second and sensor would be 56 more."""


def kept() -> tuple[Counter[str], int]:
    """All objects of the process by their type, and the entries of all lists and their like."""
    gc.collect()
    found = gc.get_objects()
    entries = sum(len(one) for one in found if type(one) in (list, dict, set, deque))
    return Counter(type(one).__name__ for one in found), entries


async def two_moments(cast, out):
    """A session that records, is analyzed and looked at; each moment is the least of some seconds."""
    moments = {FIRST_S: [], LAST_S: []}
    queue = BlockQueue()
    view = SessionView(Settings(), queue)
    air = VirtualAir(cast, speed=None)
    async with Session(air=air, hold=True, listeners=[view]) as session:
        await air.sleep(1.0)
        await session.begin(session.montage, out)
        for second in range(1, LAST_S + 1):
            await air.sleep(1.0)
            seen = view.look(session, "recording")
            queue.take()
            for moment, found in moments.items():
                if moment - PAGE < second <= moment:
                    found.append(kept())
    least = [
        (reduce(and_, (counts for counts, _ in found)), min(entries for _, entries in found))
        for found in moments.values()
    ]
    return seen, least


def test_nothing_is_kept_for_each_packet_or_second(make_cast, tmp_path, monkeypatch) -> None:
    monkeypatch.setattr(long_list, "PAGE", PAGE)
    cast = make_cast(*SENSORS, seconds=LAST_S + 5.0)
    seen, ((before, entries_before), (after, entries_after)) = asyncio.run(
        two_moments(cast, tmp_path / "run.emgsmr")
    )
    more = {kind: after[kind] - before[kind] for kind in after if after[kind] > before[kind] + MOST}
    assert not more
    assert entries_after - entries_before < PACKETS / 8
    assert seen.elapsed_s > LAST_S - 2  # and there was something to keep
    assert all(channel.state for channel in seen.channels)
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert sum(block.n for block in recording.blocks()) > 0.9 * 24 * PACKETS
