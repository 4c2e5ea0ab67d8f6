"""A session's thread leads through a protocol; what goes wrong is said, and the recording goes on."""

from __future__ import annotations

import asyncio
import time
from types import SimpleNamespace

import pytest

from emgsmr.analysis.protocols import Step, as_protocol, declared_pairs
from emgsmr.errors import ArgumentError
from emgsmr.radio.virtual import VirtualAir
from emgsmr.recording import open_recording
from emgsmr.session.guide import BROKEN_OFF
from emgsmr.session.guiding import Guiding
from emgsmr.session.thread import SessionThread

PROTOCOL = as_protocol(
    {"title": "Run", "bouts": 3, "bout_s": 5, "rest_s": 0, "primary": ["P1"]}, name="short_run"
)
TREATMENT = (Step("treatment", 0.0, 0.0, "Treat.", ""),)


def steps(label, bout_s=2.0):
    return (
        Step("quiet", 0.0, 1.0, "Hold still.", label),
        Step("bout", 1.0, bout_s, "Run.", label, "R", 1, 1),
        Step("end", 1.0 + bout_s, 0.0, "Done.", label),
    )


@pytest.fixture
def engine(make_cast):
    thread = SessionThread(air_factory=lambda: VirtualAir(make_cast("umyo", seconds=300.0), speed=40.0))
    yield thread
    thread.close()


def wait(engine, enough):
    until = time.monotonic() + 60.0
    while not enough(seen := engine.snapshot()):
        assert time.monotonic() < until, seen
        time.sleep(0.005)
    return seen


def record(engine, out):
    engine.connect(None)
    seen = wait(engine, lambda seen: seen.stage == "preview")
    engine.begin(seen.montage, out)
    wait(engine, lambda seen: seen.stage == "recording")


def test_cues_come_the_treatment_waits_and_the_recording_ends_with_the_last_set(engine, tmp_path):
    out = tmp_path / "guided.emgsmr"
    record(engine, out)
    engine.guide(PROTOCOL, (steps("A1"), TREATMENT, steps("B")))
    seen = wait(engine, lambda seen: seen.cue is not None and seen.cue.step.kind == "treatment")
    assert seen.sets_done == ("A1",)
    wait(engine, lambda later: later.elapsed_s > seen.elapsed_s + 10.0)
    assert engine.snapshot().cue.step.kind == "treatment"
    engine.go_on()
    seen = wait(engine, lambda seen: seen.stage == "ended")
    assert (seen.cue, seen.sets_done, seen.error) == (None, ("A1", "B"), "")
    with open_recording(out) as recording:
        events = recording.events()
        assert declared_pairs(events) == ("P1",)
        assert [e.label for e in events if e.kind == "phase"] == ["rest", "A1", "rest", "B"]


def test_broken_off_in_a_bout_the_recording_says_so_and_goes_on(engine, tmp_path):
    out = tmp_path / "guided.emgsmr"
    record(engine, out)
    engine.guide(PROTOCOL, (steps("A1", bout_s=200.0),))
    wait(engine, lambda seen: seen.cue is not None and seen.cue.step.kind == "bout")
    engine.break_off()
    wait(engine, lambda seen: seen.cue is None)
    engine.break_off()  # once more does nothing
    seen = engine.snapshot()
    assert (seen.stage, seen.sets_done) == ("recording", ())
    engine.guide(PROTOCOL, (steps("A1"),))
    wait(engine, lambda seen: seen.stage == "ended")
    with open_recording(out) as recording:
        events = recording.events()
        assert [e.label for e in events if e.label in ("A1", BROKEN_OFF)] == ["A1", BROKEN_OFF, "A1"]


def test_only_one_protocol_at_a_time_and_only_while_it_is_recorded(engine, tmp_path):
    engine.guide(PROTOCOL, (steps("A1"),))
    seen = wait(engine, lambda seen: seen.error)
    assert "nothing is recorded now" in seen.error
    record(engine, tmp_path / "guided.emgsmr")
    engine.guide(PROTOCOL, (steps("A1", bout_s=200.0),))
    wait(engine, lambda seen: seen.cue is not None)
    engine.guide(PROTOCOL, (steps("B"),))
    seen = wait(engine, lambda seen: seen.error)
    assert "break it off first" in seen.error
    assert seen.cue.step.label == "A1"
    engine.stop()
    seen = wait(engine, lambda seen: seen.stage == "ended")
    assert seen.cue is None


def test_a_guide_that_fails_is_told_of():
    async def main():
        told = []
        session = SimpleNamespace(elapsed_s=0.0, mark=lambda *_, **__: (_ for _ in ()).throw(error))
        error = ArgumentError("the disk is full")
        guiding = Guiding(told.append)
        guiding.begin(session, PROTOCOL, (steps("A1"),))
        assert guiding.cue is None
        await guiding.break_off()  # before it began
        guiding.begin(session, PROTOCOL, (steps("A1"),))
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        await guiding.break_off()
        return told, error

    told, error = asyncio.run(main())
    assert told == [error]
