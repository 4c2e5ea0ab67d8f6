"""A whole session, from Bleak to the file: what was played is in it, count for count."""

from __future__ import annotations

import asyncio
import itertools
import re
import time
from dataclasses import replace

import numpy as np
import pytest

from emgsmr.errors import (
    BluetoothUnavailableError,
    ConnectionLostError,
    RecordingExistsError,
    SensorNotFoundError,
)
from emgsmr.radio.link import LinkState
from emgsmr.radio.played import sent_ranges
from emgsmr.radio.virtual import Outage, VirtualAir
from emgsmr.recording import Event, Montage, MontageSensor, SampleBlock, open_recording
from emgsmr.sensors import Reading
from emgsmr.session import Session


class Listener:
    """Takes the place of the pipeline; remembers in which order things came."""

    def __init__(self, wiring, settings, events):
        self.wiring = wiring
        self.events = list(events)
        self.log = []
        self.finished = 0

    def push(self, block):
        self.log.append(block)
        return []

    def push_event(self, event):
        self.log.append(event)

    def push_reading(self, reading):
        self.log.append(reading)

    def lost(self, sensor):
        self.log.append(("lost", sensor))

    def finish(self):
        self.finished += 1
        return []


def record(cast, path, *, montage=None, outages=(), seconds=None, speed=None, seed=0):
    """Run a session to its end; gives the session and its updates."""

    async def main():
        air = VirtualAir(cast, speed=speed, seed=seed, outages=outages)
        updates = []
        async with Session(montage, air=air, out=path, seconds=seconds, pipeline_factory=Listener) as session:
            async for update in session.updates():
                updates.append(update)
        return session, updates

    return asyncio.run(main())


def states(updates, name):
    return [u.change.state for u in updates if u.change and u.change.sensor == name]


def assert_played(recording, cast):
    for info, played in zip(recording.sensors, cast.sensors, strict=True):
        for first, stop in sent_ranges(played):
            assert np.array_equal(recording.counts(info.id, first, stop), played.counts[first:stop])


def test_every_sample_of_six_sensors_at_once(tmp_path, make_cast):
    cast = make_cast("umyo", "npg_lite", "umyo", "npg_lite", "npg_lite", "npg_lite", seconds=5.0)
    session, updates = record(cast, tmp_path / "run.emgsmr")
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert_played(recording, cast)
        assert recording.gaps() == ()
        assert [info.name for info in recording.sensors] == [sensor.name for sensor in cast.sensors]
        assert [p.site for p in recording.placements] == list(cast.montage.sites)
        assert recording.montage.sensors == cast.montage.sensors
        facts = recording.session
    assert facts["radio"] == "virtual"
    assert facts["speed"] is None
    assert {"started_utc", "started_ns", "software_version", "seed", "platform"} <= set(facts)
    assert "truth" not in facts
    expected = [LinkState.CONNECTING, LinkState.READY, LinkState.STREAMING, LinkState.STOPPED]
    assert all(states(updates, sensor.name) == expected for sensor in cast.sensors)
    assert {s.name: s.missing for s in session.status()} == {s.name: 0 for s in cast.sensors}
    assert {s.battery_pct for s in session.status()} == {61, 62, 63, 64, 65, 66}
    assert session.elapsed_s == pytest.approx(5.0, abs=0.2)


def test_reported_gaps_are_those_that_were_injected(tmp_path, make_cast, make_played):
    # single packets, several, and more than the NPG Lite's counter can tell by itself
    umyo = ((240, 264), (720, 1200), (2400, 4392))
    npg = ((100, 110), (400, 650), (900, 1160), (1500, 2400))
    cast = make_cast(
        make_played(1, "umyo", seconds=8.0, lost=umyo, rate_error=50e-6),
        make_played(2, "npg_lite", seconds=8.0, lost=npg, rate_error=-50e-6, t0_s=0.02),
        seconds=8.1,
    )
    session, _ = record(cast, tmp_path / "run.emgsmr")
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert_played(recording, cast)
        for info, lost in zip(recording.sensors, (umyo, npg), strict=True):
            gaps = [(g.first_missing, g.n_missing) for g in recording.gaps() if g.sensor == info.id]
            assert gaps == [(first, stop - first) for first, stop in lost]
    assert [s.missing for s in session.status()] == [sum(b - a for a, b in lost) for lost in (umyo, npg)]


def test_file_and_pipeline_get_the_same_in_the_same_order(tmp_path, make_cast):
    events = (
        Event(0.5, 1.0, "phase", label="baseline"),
        Event(1.0, kind="foot_contact", side="L"),
        Event(1.4, kind="foot_contact", side="R"),
        Event(1.8, kind="foot_contact", side="L"),
    )
    cast = make_cast("umyo", "npg_lite", seconds=3.0, events=events)
    session, _ = record(cast, tmp_path / "run.emgsmr", speed=4.0)
    heard = session.pipeline
    with open_recording(tmp_path / "run.emgsmr") as recording:
        recorded = list(recording.blocks(seconds=0.0))
        in_file = recording.events()
        assert recording.started_ns == heard.wiring.started_ns == session.started_ns
    pushed = [item for item in heard.log if isinstance(item, SampleBlock)]
    assert [(b.sensor, b.first_index, b.n) for b in pushed] == [
        (b.sensor, b.first_index, b.n) for b in recorded
    ]
    assert all(np.array_equal(a.arrivals, b.arrivals) for a, b in zip(pushed, recorded, strict=True))
    # the first contact of each foot is known beforehand, so that the pipeline knows where strides come from
    told = [item for item in heard.log if isinstance(item, Event)]
    assert sorted(told + heard.events) == list(in_file)
    assert {event.side for event in heard.events} == {"L", "R"}
    offset_s = in_file[0].t_s - 0.5
    assert 0 <= offset_s < 0.1
    assert [replace(e, t_s=round(e.t_s - offset_s, 6)) for e in in_file] == list(events)
    assert heard.finished == 1


def test_a_wall_clock_that_jumps_changes_nothing(tmp_path, make_cast, monkeypatch):
    cast = make_cast("umyo", "npg_lite", seconds=4.0)
    steady, _ = record(cast, tmp_path / "steady.emgsmr")
    hours = itertools.cycle([0.0, 3600.0, -86_400.0, 30.0])
    real = time.time
    monkeypatch.setattr(time, "time", lambda: real() + next(hours))
    monkeypatch.setattr(time, "time_ns", lambda: int(1e9 * time.time()))
    jumping, _ = record(cast, tmp_path / "jumping.emgsmr")
    assert time.time() != pytest.approx(time.time(), abs=10)
    assert jumping.clocks() == steady.clocks()
    with (
        open_recording(tmp_path / "steady.emgsmr") as one,
        open_recording(tmp_path / "jumping.emgsmr") as other,
    ):
        origins = np.array([one.started_ns, other.started_ns])
        for a, b in zip(one.blocks(seconds=1e9), other.blocks(seconds=1e9), strict=True):
            assert (a.sensor, a.first_index, a.n) == (b.sensor, b.first_index, b.n)
            np.testing.assert_array_equal(a.counts, b.counts)
            np.testing.assert_array_equal(a.arrivals[:, 0], b.arrivals[:, 0])
            np.testing.assert_array_equal(a.arrivals[:, 1] - origins[0], b.arrivals[:, 1] - origins[1])
        assert [one.clock(s.id) for s in one.sensors] == [other.clock(s.id) for s in other.sensors]


def test_how_each_clock_ran_is_told_and_recorded(tmp_path, make_cast, make_played):
    cast = make_cast(
        make_played(1, "umyo", seconds=30.0, rate_error=0.02),
        make_played(2, "npg_lite", seconds=30.0, rate_error=-0.001),
        seconds=30.0,
    )
    session, _ = record(cast, tmp_path / "run.emgsmr")
    told = session.clocks()
    with open_recording(tmp_path / "run.emgsmr") as recording:
        for info, played in zip(recording.sensors, cast.sensors, strict=True):
            facts, row = told[info.name], recording.clock(info.id)
            assert facts["rate_hz"] == pytest.approx(played.rate_hz, rel=3e-4)
            assert facts["drift_ppm"] == pytest.approx(1e6 * (facts["rate_hz"] / info.rate_hz - 1))
            assert 0 < facts["residual_ms"] < 20
            assert 0 <= facts["unknown_ms"] < 20
            assert (row.rate_hz, row.residual_ms, row.method) == (
                facts["rate_hz"], facts["residual_ms"], "fit",
            )  # fmt: skip
            assert row.time_s(15 * 1116 if info.family == "umyo" else 15 * 500) == pytest.approx(15, abs=0.6)


def test_events_come_between_the_samples_of_their_time(tmp_path, make_cast):
    cast = make_cast("umyo", seconds=3.0, events=(Event(1.5, kind="note", note="here"),))
    session, _ = record(cast, tmp_path / "run.emgsmr", speed=4.0)
    log = session.pipeline.log
    where = next(i for i, item in enumerate(log) if isinstance(item, Event))
    before, after = log[where - 1], log[where + 1]
    at_ns = session.started_ns + round(log[where].t_s * 1e9)
    assert before.arrivals[-1, 1] <= at_ns <= after.arrivals[0, 1]


def test_a_required_sensor_that_is_not_there(tmp_path, make_cast):
    cast = make_cast("umyo")
    montage = Montage((*cast.montage.sensors, MontageSensor("uMyo-99", channels={1: "TA_L"})))
    with pytest.raises(SensorNotFoundError, match=r"uMyo-99.*in range: uMyo-01") as caught:
        record(cast, tmp_path / "run.emgsmr", montage=montage)
    assert caught.value.exit_code == 4
    assert not (tmp_path / "run.emgsmr").exists()


def test_an_optional_sensor_that_is_not_there_is_left_out_and_said_so(tmp_path, make_cast):
    cast = make_cast("umyo")
    optional = MontageSensor("uMyo-99", required=False, channels={1: "TA_L"})
    session, updates = record(
        cast, tmp_path / "run.emgsmr", montage=Montage((optional, *cast.montage.sensors))
    )
    assert states(updates, "uMyo-99") == [LinkState.ABSENT]
    assert session.absent == ("uMyo-99",)
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert recording.session["absent"] == ["uMyo-99"]
        assert_played(recording, cast)


def test_without_a_montage_all_sensors_are_recorded_unplaced(tmp_path, make_cast):
    cast = replace(make_cast("umyo", "npg_lite"), montage=None)
    record(cast, tmp_path / "run.emgsmr")
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert [info.name for info in recording.sensors] == ["NPG-02", "uMyo-01"]
        assert recording.placements == ()


def test_nobody_in_range(tmp_path, make_cast):
    with pytest.raises(SensorNotFoundError, match="no EMG sensor"):
        record(replace(make_cast(), montage=None), tmp_path / "run.emgsmr")


@pytest.mark.parametrize("key", ["umyo", "npg_lite"])
@pytest.mark.parametrize("kind", ["away", "silent"])
def test_a_lost_sensor_comes_back_into_the_same_recording(tmp_path, make_cast, key, kind):
    cast = make_cast(key, "umyo", seconds=20.0)
    played = cast.sensors[0]
    outage = Outage(played.address, 5.0, 3.0, kind)
    session, updates = record(cast, tmp_path / "run.emgsmr", outages=[outage])
    seen = states(updates, played.name)
    assert seen[2:4] == [LinkState.STREAMING, LinkState.LOST]
    assert seen[-2:] == [LinkState.STREAMING, LinkState.STOPPED]
    changes = [u for u in updates if u.change and u.change.sensor == played.name]
    lost = next(u for u in changes if u.change.state is LinkState.LOST)
    back = [u for u in changes if u.change.state is LinkState.STREAMING][-1]
    assert 5.0 <= lost.t_s <= 7.6
    assert back.t_s <= 8.0 + 5.0
    with open_recording(tmp_path / "run.emgsmr") as recording:
        [gap] = [gap for gap in recording.gaps() if gap.sensor == 1]
        away_s = gap.n_missing / played.rate_hz
        assert 3.0 - 0.1 <= away_s <= 8.0
        end = next(iter(recording.pieces(1, gap.first_missing + gap.n_missing)))
        # the other sensor has all its samples
        [event] = [event for event in recording.events() if event.kind == "gap"]
        assert event.label == played.name
        assert event.note == ("the connection broke" if kind == "away" else "no data for 2 s")
        assert event.t_s == lost.t_s
        assert event.t_s + event.duration_s == pytest.approx(back.t_s)
        other = cast.sensors[1]
        assert np.array_equal(recording.counts(2, 0, 22320), other.counts[:22320])
    # what follows is where it was played: exactly, where the counter went on, else to a connection interval
    matches = np.flatnonzero(played.counts[:, 0] == end.counts[0, 0])
    shift = np.abs(matches - end.first_index).min()
    assert shift == 0 if key == "umyo" else shift <= 0.06 * played.rate_hz
    assert ("lost", 1) in session.pipeline.log


def test_all_sensors_lost_for_good_end_the_recording(tmp_path, make_cast):
    cast = make_cast("umyo", seconds=600.0)
    outage = Outage(cast.sensors[0].address, 2.0, 10_000.0)
    with pytest.raises(ConnectionLostError, match="all sensors are lost"):
        record(cast, tmp_path / "run.emgsmr", outages=[outage])
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert recording.duration_s == pytest.approx(2.0, abs=0.1)


def test_seconds_end_it(tmp_path, make_cast):
    record(make_cast("umyo", seconds=60.0), tmp_path / "run.emgsmr", seconds=3.0)
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert recording.duration_s == pytest.approx(3.0, abs=0.1)


def test_leaving_the_block_stops_it(tmp_path, make_cast):
    async def main():
        air = VirtualAir(make_cast("npg_lite", seconds=600.0), speed=None)
        async with Session(air=air, out=tmp_path / "run.emgsmr", pipeline_factory=Listener) as session:
            await air.sleep(2.0)
        assert session.status()[0].state is LinkState.STOPPED
        assert session.pipeline.finished == 1

    asyncio.run(main())
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert recording.duration_s == pytest.approx(2.0, abs=0.2)


def test_an_existing_file_is_refused_before_any_radio(tmp_path):
    path = tmp_path / "run.emgsmr"
    path.write_bytes(b"precious")

    async def main():
        async with Session(radio="nowhere", out=path):
            pass

    with pytest.raises(RecordingExistsError):
        asyncio.run(main())
    assert path.read_bytes() == b"precious"


def test_a_failing_pipeline_ends_the_session_with_the_file_kept(tmp_path, make_cast):
    class Failing(Listener):
        def push(self, block):
            if block.first_index > 1000:
                raise RuntimeError("a fault in the analysis")
            return super().push(block)

    async def main():
        air = VirtualAir(make_cast("umyo", seconds=30.0), speed=1000.0)
        async with Session(air=air, out=tmp_path / "run.emgsmr", pipeline_factory=Failing) as session:
            async for _ in session.updates():
                pass

    with pytest.raises(RuntimeError, match="a fault in the analysis"):
        asyncio.run(main())
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert sum(block.n for block in recording.blocks()) > 1000


def test_no_bluetooth_here(tmp_path, monkeypatch):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-such-bus")

    async def main():
        async with Session(out=tmp_path / "run.emgsmr"):
            pass

    with pytest.raises(BluetoothUnavailableError) as caught:
        asyncio.run(main())
    assert caught.value.exit_code == 3
    assert not (tmp_path / "run.emgsmr").exists()


@pytest.mark.parametrize("times", [1, 3])
def test_three_outages_and_a_silence_cost_only_what_they_last(tmp_path, make_cast, times):
    cast = make_cast("umyo", "npg_lite", seconds=10.0 * times + 5.0)
    address = cast.sensors[0].address
    outages = [Outage(address, 5.0 + 10.0 * i, 3.0, "away") for i in range(times)]
    session, updates = record(cast, tmp_path / "run.emgsmr", outages=outages)
    played = cast.sensors[0]
    with open_recording(tmp_path / "run.emgsmr") as recording:
        gaps = [gap for gap in recording.gaps() if gap.sensor == 1]
        assert len(gaps) == times
        # the counter went on: what is there is what was played, to the sample
        for first, stop in recorded_ranges(recording, 1):
            assert np.array_equal(recording.counts(1, first, stop), played.counts[first:stop])
        assert [gap for gap in recording.gaps() if gap.sensor == 2] == []
    texts = [u.notice.text for u in updates if u.notice and u.notice.kind == "resumed"]
    assert len(texts) == times
    for text, gap in zip(texts, gaps, strict=True):
        assert f"{gap.n_missing} samples are missing" in text
    assert session.status()[0].missing == sum(gap.n_missing for gap in gaps)


def recorded_ranges(recording, sensor):
    """First index and end of every piece of a sensor that is in the file."""
    return [(piece.first_index, piece.end_index) for piece in recording.pieces(sensor)]


def test_a_computer_that_slept_ends_the_recording_cleanly(tmp_path, make_cast):
    cast = make_cast("umyo", seconds=60.0)
    with pytest.raises(ConnectionLostError, match=r"the computer slept for 40 s.*is kept"):
        record(cast, tmp_path / "run.emgsmr", outages=[Outage("", 3.0, 40.0, "asleep")])
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert recording.duration_s == pytest.approx(3.25, abs=0.4)
        assert_played_so_far(recording, cast)


def assert_played_so_far(recording, cast):
    for info, played in zip(recording.sensors, cast.sensors, strict=True):
        [(first, stop)] = recorded_ranges(recording, info.id)
        assert np.array_equal(recording.counts(info.id, first, stop), played.counts[first:stop])


def test_an_adapter_that_is_gone_ends_the_recording_cleanly(tmp_path, make_cast):
    cast = make_cast("umyo", "npg_lite", seconds=200.0)
    with pytest.raises(BluetoothUnavailableError, match=r"Bluetooth is gone.*is kept") as caught:
        record(cast, tmp_path / "run.emgsmr", outages=[Outage("", 3.0, 500.0, "no_adapter")])
    assert caught.value.exit_code == 3
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert_played_so_far(recording, cast)


def test_an_adapter_that_is_pushed_in_again_brings_the_sensors_back(tmp_path, make_cast):
    cast = make_cast("umyo", seconds=30.0)
    _, updates = record(cast, tmp_path / "run.emgsmr", outages=[Outage("", 3.0, 6.0, "no_adapter")])
    assert [u.notice.kind for u in updates if u.notice] == ["resumed"]
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert len(recording.gaps()) == 1
        assert recording.duration_s == pytest.approx(30.0, abs=0.3)


@pytest.mark.parametrize(
    ("answers", "sensors", "asked"),
    [(["without"], 1, 1), (["retry", "without"], 1, 2), (["stop"], None, 1), (["retry", "stop"], None, 2)],
)
def test_a_missing_required_sensor_is_asked_about(tmp_path, make_cast, answers, sensors, asked):
    cast = make_cast("umyo")
    montage = Montage((MontageSensor("uMyo-99", channels={1: "TA_L"}), *cast.montage.sensors))
    questions = []

    async def ask(missing):
        questions.append([sensor.label for sensor in missing])
        return answers[len(questions) - 1]

    async def main():
        air = VirtualAir(cast, speed=None)
        out = tmp_path / "run.emgsmr"
        async with Session(montage, air=air, out=out, ask=ask, pipeline_factory=Listener) as session:
            async for _ in session.updates():
                pass
        return session

    if sensors is None:
        with pytest.raises(SensorNotFoundError, match="uMyo-99"):
            asyncio.run(main())
    else:
        session = asyncio.run(main())
        assert [status.name for status in session.status()] == ["uMyo-01"]
        assert session.absent == ("uMyo-99",)
    assert questions == [["uMyo-99 (TA_L)"]] * asked


def test_a_low_battery_is_said_once_at_the_start(tmp_path, make_cast):
    cast = make_cast("umyo", "npg_lite", seconds=3.0)
    low = replace(cast.sensors[1], battery_pct=12)
    _, updates = record(replace(cast, sensors=(cast.sensors[0], low)), tmp_path / "run.emgsmr")
    assert [(u.notice.sensor, u.notice.kind) for u in updates if u.notice] == [(low.name, "battery")]


def test_a_battery_that_falls_is_said_once_for_each_level(tmp_path, make_cast):
    cast = make_cast("npg_lite", seconds=12.0)
    levels = [30, 21, 20, 21, 19, 11, 10, 9, 12]
    readings = tuple((1.0 + i, Reading("battery_pct", (float(level),))) for i, level in enumerate(levels))
    sensor = replace(cast.sensors[0], readings=readings)
    session, updates = record(replace(cast, sensors=(sensor,)), tmp_path / "run.emgsmr")
    texts = [u.notice.text for u in updates if u.notice]
    assert ["20 %" in texts[0], "10 %" in texts[1], len(texts)] == [True, True, 2]
    assert session.status()[0].battery_pct == 12


def test_a_sensor_that_loses_much_is_named(tmp_path, make_cast, make_played):
    lost = tuple((i, i + 24) for i in range(0, 24_000, 480))  # 5 %
    cast = make_cast(make_played(1, "umyo", seconds=25.0, lost=lost), seconds=25.0)
    _, updates = record(cast, tmp_path / "run.emgsmr")
    [notice] = [u.notice for u in updates if u.notice]  # not again within a minute
    assert notice.kind == "loss"
    assert re.search(r"lost [45](\.\d)? % of its samples", notice.text)
