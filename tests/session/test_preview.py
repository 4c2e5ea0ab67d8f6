"""A session that is looked at before it records: over the same links, as good as one that records at once."""

from __future__ import annotations

import asyncio
import gc
from dataclasses import replace

import numpy as np
import pytest

from emgsmr.errors import (
    ArgumentError,
    MontageError,
    RecordingExistsError,
    SamplingRateError,
    SensorNotFoundError,
)
from emgsmr.radio.link import LinkState
from emgsmr.radio.virtual import Outage, VirtualAir
from emgsmr.recording import Event, Montage, MontageSensor, SampleBlock, open_recording
from emgsmr.session import Session


class Witness:
    """Remembers what it was told; ``wirings`` of the preview and of the recording, and the blocks since."""

    def __init__(self):
        self.wirings, self.blocks, self.events, self.updates = [], [], [], []
        self.finished = 0

    def begin(self, wiring, now_ns):
        self.wirings.append(wiring)
        self.blocks.append([])
        self.events.append([])

    def take_block(self, block):
        self.blocks[-1].append(block)

    def take_event(self, event):
        self.events[-1].append(event)

    def take_update(self, update):
        self.updates.append(update)

    def finish(self):
        self.finished += 1


def counts_of(blocks, sensor):
    return np.concatenate([block.counts for block in blocks if block.sensor == sensor])


def run(cast, script, *, connect=None, ask=None, seconds=None, outages=()):
    """Look on, and let ``script(session, air)`` do the rest; gives the session and what was told."""
    witness = Witness()

    async def main():
        air = VirtualAir(cast, speed=None, outages=outages)
        session = Session(
            connect,
            air=air,
            hold=True,
            ask=ask,
            seconds=seconds,
            listeners=[witness],
            pipeline_factory=lambda *_: None,
        )
        async with session:
            await script(session, air)
        return session

    return asyncio.run(main()), witness


def placed(*sensors):
    """A montage of (name, channels)."""
    return Montage(tuple(MontageSensor(name, channels=channels) for name, channels in sensors))


def test_looking_on_and_recording_are_one_stream_without_a_seam(tmp_path, make_cast):
    cast = make_cast("umyo", "npg_lite", seconds=8.0)
    out = tmp_path / "run.emgsmr"

    async def script(session, air):
        await air.sleep(3.0)
        assert (session.has_begun, session.pipeline, session.out) == (False, None, None)
        assert not list(tmp_path.iterdir())
        await session.begin(cast.montage, out)
        await session.wait()

    session, witness = run(cast, script)
    assert len(witness.wirings) == 2
    assert witness.wirings[1].started_ns == session.started_ns > witness.wirings[0].started_ns
    with open_recording(out) as recording:
        assert recording.gaps() == ()
        assert recording.montage.sensors == cast.montage.sensors
        assert recording.started_ns == session.started_ns
        assert recording.duration_s == pytest.approx(5.0, abs=0.2)
        for info, played in zip(recording.sensors, cast.sensors, strict=True):
            [piece] = recording.pieces(info.id)
            looked_on, recorded = (counts_of(blocks, info.id) for blocks in witness.blocks)
            assert np.array_equal(piece.counts, recorded)
            assert np.array_equal(np.concatenate([looked_on, recorded]), played.counts)
            assert piece.first_index == 0
            assert piece.arrivals[0, 1] >= session.started_ns
    assert [(s.samples, s.missing) for s in session.status()] == [
        (len(counts_of(witness.blocks[1], number)), 0) for number in (1, 2)
    ]


def test_clocks_are_fitted_as_if_it_had_recorded_at_once(tmp_path, make_cast, make_played):
    cast = make_cast(make_played(1, "umyo", seconds=40.0, rate_error=0.01), seconds=40.0)

    async def script(session, air):
        await air.sleep(9.3)
        await session.begin(cast.montage, tmp_path / "run.emgsmr")
        await session.wait()

    session, _ = run(cast, script)
    [facts] = session.clocks().values()
    assert facts["rate_hz"] == pytest.approx(1116 * 1.01, rel=3e-4)
    with open_recording(tmp_path / "run.emgsmr") as recording:
        row = recording.clock(1)
        assert (row.rate_hz, row.residual_ms) == (facts["rate_hz"], facts["residual_ms"])
        [piece] = recording.pieces(1)
        late_s = (piece.arrivals[:, 1] - recording.started_ns) / 1e9 - row.time_s(piece.arrivals[:, 0] - 1)
        assert -0.01 < np.quantile(late_s, 0.05) < np.quantile(late_s, 0.95) < 0.1


def test_gaps_are_those_of_the_recording(tmp_path, make_cast, make_played):
    """Lost before, across and after the beginning: each where it was; what was lost before does not count."""
    lost = ((480, 960), (3288, 3408), (5760, 6240))  # 3 s are 3348 samples
    cast = make_cast(make_played(1, "umyo", seconds=8.0, lost=lost), seconds=8.0)

    async def script(session, air):
        await air.sleep(3.0 - session.elapsed_s)
        await session.begin(cast.montage, tmp_path / "run.emgsmr")
        await session.wait()

    session, witness = run(cast, script)
    played = cast.sensors[0]
    with open_recording(tmp_path / "run.emgsmr") as recording:
        gaps = [(gap.first_missing, gap.n_missing) for gap in recording.gaps()]
        first = witness.blocks[0][-1].end_index  # where the recording's number 0 is
        assert first == 3288
        assert gaps == [(0, 120), (5760 - first, 480)]
        for piece in recording.pieces(1):
            assert np.array_equal(
                piece.counts, played.counts[first + piece.first_index : first + piece.end_index]
            )
    assert session.status()[0].missing == 600


def test_connected_without_a_montage_and_sensors_that_it_does_not_name(tmp_path, make_cast):
    cast = replace(make_cast("umyo", "npg_lite", "umyo", seconds=6.0), montage=None)
    montage = placed(("uMyo-03", {1: "MGAS_L"}), ("NPG-02", {3: "SOL_L", 1: "TA_L"}))

    async def script(session, air):
        await air.sleep(2.0)
        names = [info.name for info in session.wiring.sensors]
        assert names == ["NPG-02", "uMyo-01", "uMyo-03"]
        assert session.wiring.placements == ()
        await session.begin(montage, tmp_path / "run.emgsmr")
        assert [info.name for info in session.wiring.sensors] == ["NPG-02", "uMyo-03"]
        await session.wait()

    session, witness = run(cast, script)
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert [(info.id, info.name) for info in recording.sensors] == [(1, "NPG-02"), (2, "uMyo-03")]
        assert [(p.sensor, p.channel, p.site) for p in recording.placements] == [
            (1, 0, "TA_L"), (1, 2, "SOL_L"), (2, 0, "MGAS_L"),
        ]  # fmt: skip
        assert recording.gaps() == ()
        assert np.array_equal(
            np.concatenate([b.counts for b in recording.pieces(2)]), counts_of(witness.blocks[1], 2)
        )
    assert np.array_equal(
        counts_of(witness.blocks[0], 3), cast.sensors[2].counts[: len(counts_of(witness.blocks[0], 3))]
    )
    states = [u.change.state for u in witness.updates if u.change and u.change.sensor == "uMyo-01"]
    assert states[-1] is LinkState.STOPPED
    assert [s.name for s in session.status()] == ["NPG-02", "uMyo-03"]
    assert session.status()[0].sites == ("TA_L", "SOL_L")


def test_other_sites_than_it_was_connected_with(tmp_path, make_cast):
    cast = make_cast("umyo", "umyo", seconds=4.0)
    other = Montage(
        (
            MontageSensor("left", cast.sensors[1].address, channels={1: "SOL_L"}),
            MontageSensor("right", cast.sensors[0].address, channels={1: "SOL_R"}),
        ),
        mains_hz=60.0,
    )

    async def script(session, air):
        await air.sleep(1.0)
        await session.begin(other, tmp_path / "run.emgsmr")
        await session.wait()

    session, _ = run(cast, script)
    with open_recording(tmp_path / "run.emgsmr") as recording:
        sites = {p.site: recording.sensors[p.sensor - 1].name for p in recording.placements}
        assert sites == {"SOL_R": "right", "SOL_L": "left"}
        assert recording.montage.mains_hz == 60
    assert session.montage == other


def test_what_cannot_be_recorded_leaves_the_preview_as_it_is(tmp_path, make_cast):
    cast = make_cast("umyo", "npg_lite", seconds=6.0)
    (tmp_path / "old.emgsmr").write_bytes(b"precious")
    (tmp_path / "file").write_bytes(b"no folder")
    out = tmp_path / "run.emgsmr"
    required = placed(("uMyo-01", {1: "TA_L"}), ("uMyo-99", {1: "TA_R"}))
    wrong = [
        (cast.montage, tmp_path / "old.emgsmr", RecordingExistsError, "never overwritten"),
        (placed(("NPG-02", {4: "TA_L"})), out, MontageError, r"NPG-02 sends 3 channels.*channel 4"),
        (placed(("uMyo-77", {1: "TA_L"})), out, SensorNotFoundError, r"names none of .*uMyo-01, NPG-02"),
        (required, out, SensorNotFoundError, r"uMyo-99 \(TA_R\): not connected"),
        (cast.montage, tmp_path / "file" / "run.emgsmr", Exception, "file"),
    ]  # fmt: skip

    async def script(session, air):
        await air.sleep(1.0)
        for montage, path, kind, text in wrong:
            with pytest.raises(kind, match=text):
                await session.begin(montage, path)
            assert not session.has_begun
        await air.sleep(1.0)
        await session.begin(cast.montage, out)
        with pytest.raises(ArgumentError, match="records already"):
            await session.begin(cast.montage, tmp_path / "again.emgsmr")
        await session.wait()

    _, witness = run(cast, script)
    assert (tmp_path / "old.emgsmr").read_bytes() == b"precious"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["file", "old.emgsmr", "run.emgsmr"]
    for number, played in enumerate(cast.sensors, start=1):
        both = np.concatenate([counts_of(blocks, number) for blocks in witness.blocks])
        assert np.array_equal(both, played.counts)


def test_an_analysis_that_is_not_possible_leaves_no_file(tmp_path, make_cast, make_played):
    cast = make_cast("umyo", seconds=4.0)

    def refuse(wiring, settings, events):
        raise SamplingRateError("too slow")

    async def main():
        air = VirtualAir(cast, speed=None)
        async with Session(air=air, hold=True, pipeline_factory=refuse) as session:
            await air.sleep(1.0)
            with pytest.raises(SamplingRateError):
                await session.begin(cast.montage, tmp_path / "run.emgsmr")
            assert session.wiring.placements[0].site == "GMAX_L"

    asyncio.run(main())
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(("answer", "begins"), [("without", True), ("stop", False), ("retry", False)])
def test_a_required_sensor_that_is_not_connected_is_asked_about(tmp_path, make_cast, answer, begins):
    cast = make_cast("umyo", seconds=4.0)
    absent = [MontageSensor("uMyo-98", channels={1: "TA_R"}), MontageSensor("HRM", required=False)]
    montage = Montage((*cast.montage.sensors, *absent))
    asked = []

    async def ask(missing):
        asked.append([sensor.label for sensor in missing])
        return answer

    async def script(session, air):
        await air.sleep(1.0)
        if not begins:
            with pytest.raises(SensorNotFoundError, match="uMyo-98"):
                await session.begin(montage, tmp_path / "run.emgsmr")
            return
        await session.begin(montage, tmp_path / "run.emgsmr")
        assert session.absent == ("uMyo-98", "HRM")

    _, witness = run(cast, script, ask=ask)
    assert asked == [["uMyo-98 (TA_R)"]]
    if begins:
        with open_recording(tmp_path / "run.emgsmr") as recording:
            assert recording.session["absent"] == ["uMyo-98", "HRM"]
        told = [u for u in witness.updates if u.change and u.change.state is LinkState.ABSENT]
        assert [(u.t_s, u.change.sensor) for u in told] == [(0.0, "uMyo-98"), (0.0, "HRM")]


def test_a_sensor_that_is_lost_when_the_recording_begins_comes_back_into_it(tmp_path, make_cast):
    cast = make_cast("umyo", "npg_lite", seconds=15.0)
    outage = Outage(cast.sensors[0].address, 2.0, 4.0)

    async def script(session, air):
        await air.sleep(4.0)
        await session.begin(cast.montage, tmp_path / "run.emgsmr")
        await session.wait()

    session, _ = run(cast, script, outages=[outage])
    with open_recording(tmp_path / "run.emgsmr") as recording:
        [event] = recording.events()
        assert (event.kind, event.label, event.t_s) == ("gap", "uMyo-01", 0.0)
        assert event.note == "it was lost when the recording began"
        assert 2 <= event.duration_s < 6
        [gap] = recording.gaps()
        assert (gap.sensor, gap.first_missing) == (1, 0)
        assert gap.t_end_s == pytest.approx(event.duration_s, abs=0.3)
        assert session.status()[0].missing == gap.n_missing


def test_events_of_before_are_not_recorded(tmp_path, make_cast):
    events = tuple(Event(0.5 + 0.35 * k, kind="foot_contact", side="LR"[k % 2]) for k in range(16))
    cast = make_cast("umyo", seconds=6.0, events=events)
    known = []

    class Pipeline:
        def __init__(self, wiring, settings, events):
            known.extend(events)

        def push(self, block):
            return []

        def push_event(self, event):
            known.append(event)

        def finish(self):
            return []

    async def main():
        air = VirtualAir(cast, speed=None)
        async with Session(air=air, hold=True, pipeline_factory=Pipeline) as session:
            await air.sleep(3.0)
            await session.begin(cast.montage, tmp_path / "run.emgsmr")
            await session.wait()

    asyncio.run(main())
    with open_recording(tmp_path / "run.emgsmr") as recording:
        found = recording.events()
    assert 7 <= len(found) < 12
    assert found[0].t_s >= 0
    assert sorted(known) == list(found)  # the first of each foot is known from the beginning, and told once


def test_marks_need_a_recording(tmp_path, make_cast):
    cast = make_cast("umyo", seconds=60.0)

    async def script(session, air):
        with pytest.raises(ArgumentError, match="nothing is recorded"):
            session.mark("cramp")
        await session.begin(cast.montage, tmp_path / "run.emgsmr")
        with pytest.raises(ArgumentError, match="cannot be marked"):
            session.mark("foot_contact", side="L")
        with pytest.raises(ArgumentError, match="a phase needs a label"):
            session.mark("phase")
        with pytest.raises(ArgumentError, match="GLUTE"):
            session.mark("cramp", site="GLUTE")
        with pytest.raises(ArgumentError, match="cannot last -1"):
            session.mark("phase", label="rest", duration_s=-1.0)
        await air.sleep(2.0)
        event = session.mark("cramp", site="MGAS_R", note="sudden")
        assert event.t_s == pytest.approx(2.0, abs=0.1)
        session.request_stop()
        await session.wait()
        with pytest.raises(ArgumentError, match="nothing is recorded"):
            session.mark("lap")

    _, witness = run(cast, script)
    with open_recording(tmp_path / "run.emgsmr") as recording:
        [event] = recording.events()
    assert (event.kind, event.site, event.note) == ("cramp", "MGAS_R", "sudden")
    assert witness.events[1] == [event]


def test_a_mark_has_its_place_among_the_samples(tmp_path, make_cast):
    cast = make_cast("umyo", seconds=4.0)
    log = []

    class Place(Witness):
        def take_block(self, block):
            log.append(block)

        def take_event(self, event):
            log.append(event)

    async def main():
        air = VirtualAir(cast, speed=4.0)  # a block for each notification
        place = Place()
        async with Session(
            air=air, hold=True, pipeline_factory=lambda *_: None, listeners=[place]
        ) as session:
            await session.begin(cast.montage, tmp_path / "run.emgsmr")
            await air.sleep(1.0)
            session.mark("lap")
            await session.wait()
        return session.started_ns

    started_ns = asyncio.run(main())
    where = next(i for i, item in enumerate(log) if isinstance(item, Event))
    at_ns = started_ns + round(log[where].t_s * 1e9)
    assert log[where - 1].arrivals[-1, 1] <= at_ns <= log[where + 1].arrivals[0, 1]


def test_seconds_count_from_the_beginning_of_the_recording(tmp_path, make_cast):
    cast = make_cast("umyo", seconds=60.0)

    async def script(session, air):
        await air.sleep(5.0)
        await session.begin(cast.montage, tmp_path / "run.emgsmr")
        await session.wait()

    session, _ = run(cast, script, seconds=3.0)
    assert session.elapsed_s == pytest.approx(3.0, abs=0.1)


def test_a_preview_keeps_nothing_and_leaves_nothing(tmp_path, make_cast):
    cast = make_cast("umyo", seconds=70.0)
    kept = []

    class Forgetful(Witness):
        def take_block(self, block):
            pass

    async def main():
        air = VirtualAir(cast, speed=None)
        async with Session(air=air, hold=True, listeners=[Forgetful()]):
            for _ in range(2):
                await air.sleep(30.0)
                gc.collect()
                kept.append(sum(isinstance(item, SampleBlock) for item in gc.get_objects()))

    asyncio.run(main())
    assert kept[1] <= kept[0] + 5
    assert not list(tmp_path.iterdir())


def test_a_preview_that_ends_before_it_begins(tmp_path, make_cast):
    cast = make_cast("umyo", seconds=3.0)

    async def script(session, air):
        await session.wait()
        with pytest.raises(ArgumentError, match="the preview has ended"):
            await session.begin(cast.montage, tmp_path / "run.emgsmr")

    session, witness = run(cast, script)
    assert not session.has_begun
    assert witness.finished == 1
    assert not list(tmp_path.iterdir())


def test_only_a_session_that_holds_is_begun(tmp_path, make_cast):
    cast = make_cast("umyo", seconds=1.0)

    async def main():
        with pytest.raises(ArgumentError, match=r"session\.begin"):
            Session(air=VirtualAir(cast), hold=True, out=tmp_path / "run.emgsmr")
        async with Session(air=VirtualAir(cast, speed=None), pipeline_factory=lambda *_: None) as session:
            with pytest.raises(ArgumentError, match="records already"):
                await session.begin(cast.montage, tmp_path / "run.emgsmr")

    asyncio.run(main())
