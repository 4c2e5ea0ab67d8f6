"""What a session finds that was looked at first is what an analysis of its recording finds, bit for bit."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import pandas as pd
import pytest

from emgsmr.analysis import COLUMNS, Settings, analyze, detector, long_list, pool
from emgsmr.radio.cast import cast_scenario
from emgsmr.radio.virtual import Outage, VirtualAir
from emgsmr.recording import open_recording
from emgsmr.session import Session

HOW = Settings(block_strides=3, hours_per_false_alarm=0.01)


@pytest.fixture(scope="module")
def session(tmp_path_factory):
    """Foot contacts, readings, phases with and without an end, marks and an outage."""
    cast = cast_scenario("demo", seed=3, minutes=1.0, with_companions=True)
    cast = replace(cast, events=tuple(event for event in cast.events if event.kind != "phase"))
    outage = Outage(cast.sensors[0].address, 33.0, 3.0)
    out = tmp_path_factory.mktemp("preview") / "run.emgsmr"

    async def main():
        air = VirtualAir(cast, speed=None, outages=[outage])
        async with Session(air=air, hold=True, settings=HOW) as session:
            await air.sleep(4.7)
            await session.begin(cast.montage, out)
            session.mark("phase", label="rest", duration_s=2.0)
            await air.sleep(3.0)
            session.mark("phase", label="baseline")
            await air.sleep(15.0)
            session.mark("phase", label="run")
            await air.sleep(4.0)
            session.mark("cramp", side="L", note="calf")
            session.mark("phase", label="mvc", site="GMAX_R", duration_s=3.0)
            await session.wait()
        return session

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detector, "MIN_STRIDES", 15)
        patch.setattr(long_list, "PAGE", 7)  # what is older than some strides lies in a file
        patch.setattr(pool, "PAGE", 1)
        yield asyncio.run(main())


@pytest.fixture(scope="module")
def later(session):
    with open_recording(session.out) as recording:
        return analyze(recording, settings=HOW)


def test_it_is_worth_comparing(session, later):
    with open_recording(session.out) as recording:
        events = recording.events()
    marked = [event.label or event.kind for event in events if event.kind in ("phase", "cramp")]
    assert marked == ["rest", "baseline", "run", "cramp", "mvc"]
    assert min(event.t_s for event in events) >= 0
    assert later.baseline == pytest.approx((3.0, 18.0), abs=0.2)
    assert len(later.strides) > 100
    assert len(later.ratios.dropna()) > 50
    assert later.episodes
    assert len(later.readings) > 30
    assert len(later.gaps) == 3  # the outage, and what the scenario loses


def test_not_a_bit_differs(session, later):
    live = session.pipeline.analysis()
    assert live.baseline == later.baseline
    for name in set(COLUMNS) - {"events"}:
        pd.testing.assert_frame_equal(getattr(live, name), getattr(later, name), check_exact=True, obj=name)
    assert session.pipeline.findings() == list(later.episodes)


def test_the_analysis_was_told_the_events_of_the_file_and_no_others(session):
    with open_recording(session.out) as recording:
        in_file = [event for event in recording.events() if event.kind != "gap"]
    assert sorted(session.pipeline.events, key=repr) == sorted(in_file, key=repr)
