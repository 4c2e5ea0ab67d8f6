"""The virtual runner who stands, contracts what is named, and runs when told."""

from __future__ import annotations

import asyncio
from dataclasses import replace

import numpy as np
import pytest

from emgsmr.radio.on_call import OnCallAir
from emgsmr.radio.repertoire import CONTRACTION_S, repertoire
from emgsmr.radio.virtual import Outage
from emgsmr.recording import Event, open_recording
from emgsmr.session import Session
from emgsmr.simulate.scenario import Contraction, Phase, Scenario

SENSORS = (("umyo", "uMyo-GR", ("GMAX_R",)), ("npg_lite", "NPG-THR", ("BFLH_R", "BFLH_L")))
RUN = Scenario("short", "Twenty seconds.", minutes=20 / 60, start_s=5.0, phases=(Phase("run", 5.0, 20.0),))


@pytest.fixture(scope="module")
def learned():
    known = repertoire(RUN, seed=2, sensors=SENSORS)
    assert known.cast.events == ()  # the phases of a script are for the user to mark
    lap = Event(5.0, None, "lap")
    return replace(known, cast=replace(known.cast, events=(lap,)))


def record(learned, out, asked, **options):
    """Record while a runner is asked: (wait, "contract" site or "run")."""

    async def main():
        air = OnCallAir(learned, speed=None, seed=1, **options)
        async with Session(air=air, out=out, pipeline_factory=lambda *_: None) as session:
            for wait_s, site in asked:
                await air.sleep(wait_s)
                air.contract(site) if site else air.run()
            await session.wait()
        return air

    return asyncio.run(main())


def pieces(path, name):
    with open_recording(path) as recording:
        info = next(info for info in recording.sensors if info.name == name)
        return info.rate_hz, list(recording.pieces(info.id))


def per_second(path, name, channel=0):
    rate_hz, (piece,) = pieces(path, name)
    n = round(rate_hz)
    values = piece.counts[: len(piece.counts) // n * n, channel].astype(float)
    return values.reshape(-1, n).std(axis=1)


def test_only_what_was_asked_for_contracts(tmp_path, learned):
    record(learned, tmp_path / "run.emgsmr", [(5.0, "BFLH_R"), (10.0, "GMAX_R"), (10.0, None)])
    right, left, glute = (
        per_second(tmp_path / "run.emgsmr", name, channel)
        for name, channel in (("NPG-THR", 0), ("NPG-THR", 1), ("uMyo-GR", 0))
    )
    asked, other = slice(7, 9), slice(17, 19)
    for own, at, others in ((right, asked, (left, glute)), (glute, other, (right, left))):
        rest = own[:5].mean()
        assert own[at].min() > 3 * rest
        assert all((own[at] / rest).mean() > 1.5 * (x[at] / x[:5].mean()).mean() for x in others)
    assert right[round(5 + CONTRACTION_S + 3)] < 1.5 * right[:5].mean()  # it lets go


def test_the_run_is_played_whole_and_its_events_come_at_its_time(tmp_path, learned):
    air = record(learned, tmp_path / "run.emgsmr", [(12.0, None)])
    assert air.run_started_s == pytest.approx(12.15, abs=0.5)
    for sensor in learned.cast.sensors[:2]:
        _, (piece,) = pieces(tmp_path / "run.emgsmr", sensor.name)
        ahead = round(air.run_started_s * sensor.rate_hz)
        whole = len(piece.counts) - ahead
        assert whole >= len(sensor.counts) - sensor.family.samples_per_packet
        assert np.array_equal(piece.counts[ahead:], sensor.counts[:whole])
    with open_recording(tmp_path / "run.emgsmr") as recording:
        [lap] = [event for event in recording.events() if event.kind == "lap"]
        assert [event.label for event in recording.events() if event.kind == "gap"] == []
    assert lap.t_s == pytest.approx(air.run_started_s + 5.0, abs=0.1)


def test_asking_during_the_run_or_for_a_muscle_without_sensor_changes_nothing(tmp_path, learned):
    asked = [(3.0, "SOL_L"), (1.0, None), (8.0, "GMAX_R"), (1.0, None)]
    air = record(learned, tmp_path / "run.emgsmr", asked)
    sensor = learned.cast.sensors[0]
    _, (piece,) = pieces(tmp_path / "run.emgsmr", sensor.name)
    ahead = round(air.run_started_s * sensor.rate_hz)
    assert np.array_equal(piece.counts[ahead:], sensor.counts[: len(piece.counts) - ahead])


def test_a_runner_whom_nobody_tells_runs_at_last(tmp_path, learned):
    air = record(learned, tmp_path / "run.emgsmr", [], longest_s=10.0)
    assert air.run_started_s == pytest.approx(10.0)


def test_outages_are_on_the_clock_of_the_run(tmp_path, learned):
    outage = Outage(learned.cast.sensors[0].address, 6.0, 3.0)
    air = record(learned, tmp_path / "run.emgsmr", [(10.0, None)], outages=[outage])
    rate_hz, (before, after) = pieces(tmp_path / "run.emgsmr", "uMyo-GR")
    assert before.end_index / rate_hz == pytest.approx(air.run_started_s + 6.0, abs=0.2)
    assert 3.0 < (after.first_index - before.end_index) / rate_hz < 6.0


def test_a_contraction_may_name_one_side():
    from emgsmr.simulate.maximal import OTHERS, contraction_level

    trials = (Contraction(1.0, 5.0, ("GMAX_L",)),)
    left, right = (contraction_level(1, site, trials, np.array([3.0]))[0] for site in ("GMAX_L", "GMAX_R"))
    assert left > 3 * right > 0
    assert right == pytest.approx(
        OTHERS * contraction_level(1, "GMAX_R", (Contraction(1.0, 5.0),), np.array([3.0]))[0], rel=0.3
    )
