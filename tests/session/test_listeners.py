"""Whoever listens to a session is told what the file holds, after the file has it."""

from __future__ import annotations

import asyncio

import numpy as np
import pytest

from emgsmr.radio.link import LinkState
from emgsmr.radio.virtual import VirtualAir
from emgsmr.recording import Event, SampleBlock, open_recording
from emgsmr.session import Session


class Witness:
    def __init__(self, fail_at=None):
        self.log = []
        self.fail_at = fail_at

    def begin(self, wiring, now_ns):
        self.wiring = wiring
        self.now_ns = now_ns
        self.log.append("begin")

    def take_block(self, block):
        if self.fail_at is not None and block.end_index > self.fail_at:
            raise RuntimeError("a fault in the listener")
        self.log.append(block)

    def take_event(self, event):
        self.log.append(event)

    def take_update(self, update):
        self.log.append(update)

    def finish(self):
        self.log.append("finish")


def record(cast, path, *listeners):
    async def main():
        air = VirtualAir(cast, speed=4.0)
        async with Session(air=air, out=path, listeners=listeners) as session:
            updates = [update async for update in session.updates()]
        return session, updates

    return asyncio.run(main())


def test_all_that_is_recorded_is_told_in_its_order(tmp_path, make_cast):
    events = (Event(0.5, kind="foot_contact", side="L"), Event(1.0, kind="note", note="here"))
    cast = make_cast("umyo", "npg_lite", seconds=2.0, events=events)
    first, second = Witness(), Witness()
    session, updates = record(cast, tmp_path / "run.emgsmr", first, second)
    assert first.log == second.log
    assert (first.log[0], first.log[-1]) == ("begin", "finish")
    assert first.wiring.started_ns == session.started_ns
    assert first.now_ns() >= session.started_ns
    assert [item for item in first.log if item in updates] == updates
    assert updates[-1].change.state is LinkState.STOPPED
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert first.wiring.sensors == recording.sensors
        assert tuple(item for item in first.log if isinstance(item, Event)) == recording.events()
        for info in recording.sensors:
            told = [b.counts for b in first.log if isinstance(b, SampleBlock) and b.sensor == info.id]
            assert np.array_equal(
                np.concatenate(told), np.concatenate([p.counts for p in recording.pieces(info.id)])
            )


def test_a_failing_listener_ends_the_session_with_the_file_kept(tmp_path, make_cast):
    witness = Witness(fail_at=1000)
    with pytest.raises(RuntimeError, match="a fault in the listener"):
        record(make_cast("umyo", seconds=30.0), tmp_path / "run.emgsmr", witness)
    assert witness.log[-1] == "finish"
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert sum(block.n for block in recording.blocks()) > 1000
