"""A session in a thread of its own: asked from here, and everything that happens told in words."""

from __future__ import annotations

import threading
import time
from collections import namedtuple
from dataclasses import replace

import numpy as np
import pytest

from emgsmr.radio import watch
from emgsmr.radio.virtual import Outage, VirtualAir
from emgsmr.recording import Montage, MontageSensor, open_recording, writer
from emgsmr.sensors import Reading
from emgsmr.session.thread import LOOK_S, SessionThread

PATIENCE_S = 60.0  # on a busy machine; it is hardly ever waited for


def wait(engine, enough):
    """Look until it is so; gives that snapshot."""
    until = time.monotonic() + PATIENCE_S
    while not enough(seen := engine.snapshot()):
        assert time.monotonic() < until, seen
        time.sleep(0.005)
    return seen


def stage(name):
    return lambda seen: seen.stage == name


def quality_known(seen):
    return bool(seen.channels) and all(channel.state for channel in seen.channels)


@pytest.fixture
def engine(make_cast):
    """``engine(cast or "umyo", ...)``; closed at the end, with no thread left."""
    made = []
    before = set(threading.enumerate())

    def make(*sensors, seconds=30.0, speed=None, events=(), airs=None, stop_after_s=None):
        cast = (
            sensors[0]
            if not isinstance(sensors[0], str)
            else make_cast(*sensors, seconds=seconds, events=events)
        )

        def new_air():
            made[-1].air = VirtualAir(cast, speed=speed)
            return made[-1].air

        made.append(SessionThread(air_factory=airs or new_air, seconds=stop_after_s))
        return made[-1]

    yield make
    for thread in made:
        thread.close()
    assert {thread for thread in threading.enumerate() if thread.is_alive()} <= before


def recording(engine, out, montage=None):
    """Connect and begin; gives the snapshot from then."""
    engine.connect(montage)
    seen = wait(engine, lambda seen: seen.stage == "preview" and seen.wiring is not None)
    engine.begin(montage or seen.montage, out)
    return wait(engine, lambda seen: seen.stage != "preview")


def go_wrong(engine, outage):
    """Let something go wrong from now on."""
    air = engine.air
    engine._loop.call_soon_threadsafe(lambda: air._plan(outage, air.now_ns()))


def texts(seen, kind):
    return [message.text for message in seen.messages if message.kind == kind]


def test_from_the_scan_to_the_file(engine, tmp_path):
    session = engine("umyo", "npg_lite", seconds=2000.0, speed=60.0)
    out = tmp_path / "run.emgsmr"
    assert session.snapshot() == session.snapshot()
    assert session.snapshot().stage == "idle"

    session.scan(1.0)
    seen = wait(session, lambda seen: seen.stage == "idle" and seen.found)
    assert {sensor.name for sensor in seen.found} == {"uMyo-01", "NPG-02"}

    session.connect(None)
    seen = wait(session, lambda seen: seen.stage == "preview" and quality_known(seen))
    assert [(c.sensor, c.channel, c.site) for c in seen.channels] == [
        ("uMyo-01", 0, "GMAX_L"), ("NPG-02", 0, "GMAX_R"), ("NPG-02", 1, None), ("NPG-02", 2, None),
    ]  # fmt: skip
    assert all(channel.rms_uv > 0 for channel in seen.channels)
    assert [status.name for status in seen.sensors] == ["uMyo-01", "NPG-02"]
    assert (seen.elapsed_s, seen.recording, seen.file_bytes, seen.pairs) == (0.0, "", 0, ())
    assert session.blocks()
    assert not list(tmp_path.iterdir())

    session.begin(seen.montage, out)
    session.mark("phase", label="rest", duration_s=1.0)
    session.mark("cramp", side="L")
    seen = wait(session, lambda seen: len(seen.events) == 2 and seen.elapsed_s > 2 and seen.file_bytes > 0)
    assert (seen.stage, seen.recording, seen.error) == ("recording", str(out), "")
    assert [event.kind for event in seen.events] == ["phase", "cramp"]
    seen = wait(session, lambda seen: quality_known(seen) and seen.elapsed_s > 5)

    session.stop()
    seen = wait(session, stage("ended"))
    [message] = seen.messages
    assert (message.kind, message.text) == ("end", f"the recording has ended: {out}")
    assert message.t_s == seen.elapsed_s > 5
    assert seen.error == ""
    with open_recording(out) as found:
        assert found.gaps() == ()
        assert [event.kind for event in found.events()] == ["phase", "cramp"]
        assert found.duration_s == pytest.approx(seen.elapsed_s, abs=0.5)

    session.scan(1.0)  # and another one
    assert wait(session, lambda seen: seen.stage == "idle" and seen.found).recording == ""


def test_snapshots_are_made_while_it_runs_and_are_values(engine, tmp_path):
    """Another thread that only reads gets new ones ten times a second of the wall clock, and never waits."""
    session = engine("umyo", "npg_lite", seconds=5000.0)
    recording(session, tmp_path / "run.emgsmr")
    took, distinct = 0.0, []
    until = time.monotonic() + 1.5
    while time.monotonic() < until:
        began = time.perf_counter()
        seen = session.snapshot()
        took = max(took, time.perf_counter() - began)
        if not distinct or seen is not distinct[-1]:
            distinct.append(seen)
        time.sleep(0.005)
    assert len(distinct) >= 5  # 15 on a machine that is not busy
    assert LOOK_S == 0.1
    assert [seen.elapsed_s for seen in distinct] == sorted(seen.elapsed_s for seen in distinct)
    assert took < 0.1
    with pytest.raises(AttributeError):
        distinct[0].stage = "idle"


def test_who_does_not_take_the_blocks_loses_the_oldest_and_the_file_none(engine, tmp_path, monkeypatch):
    session = engine("umyo", seconds=60.0, speed=20.0)
    monkeypatch.setattr(session._worker.queue, "_most_values", 5000)
    out = tmp_path / "run.emgsmr"
    recording(session, out)
    wait(session, stage("ended"))
    blocks = session.blocks()
    assert 0 < sum(block.counts.size for block in blocks) <= 5000
    assert session.blocks() == []
    with open_recording(out) as found:
        assert found.gaps() == ()
        [piece] = found.pieces(1)
        last = blocks[-1]
        assert last.end_index == piece.end_index > 20_000
        assert np.array_equal(last.counts, piece.counts[last.first_index : last.end_index])


@pytest.mark.parametrize("kind", ["away", "silent"])
def test_a_sensor_that_is_lost_is_told_and_so_is_its_return(engine, tmp_path, make_cast, kind):
    cast = make_cast("umyo", "npg_lite", seconds=60.0)
    session = engine(cast, speed=20.0)
    recording(session, tmp_path / "run.emgsmr")
    go_wrong(session, Outage(cast.sensors[0].address, 0.0, 3.0, kind))
    seen = wait(session, lambda seen: texts(seen, "lost"))
    reason = {"away": "the connection broke", "silent": "no data for 2 s"}[kind]
    assert texts(seen, "lost") == [f"uMyo-01 lost ({reason}); trying to bring it back"]
    gone = wait(session, lambda seen: seen.stage == "ended" or seen.channels[0].state == "gap")
    if gone.stage != "ended":
        assert np.isnan(gone.channels[0].rms_uv)
        assert gone.channels[0].reason == "no data"
    seen = wait(session, lambda seen: texts(seen, "resumed"))
    [text] = texts(seen, "resumed")
    assert text.startswith("uMyo-01 is back after ")
    times = [message.t_s for message in seen.messages]
    assert times == sorted(times)
    assert times[0] > 0


def test_a_battery_that_is_low_is_told(engine, make_cast):
    cast = make_cast("npg_lite", seconds=12.0)
    levels = tuple((4.0 + i, Reading("battery_pct", (float(level),))) for i, level in enumerate([30, 19, 9]))
    session = engine(replace(cast, sensors=(replace(cast.sensors[0], readings=levels),)))
    session.connect(None)
    found = texts(wait(session, stage("ended")), "battery")
    assert ["19 %" in found[0], "9 %" in found[-1]] == [True, True]


def test_a_disk_that_fills_up_ends_it_with_a_sentence_and_the_file_whole(engine, tmp_path, monkeypatch):
    session = engine("umyo", seconds=600.0, speed=20.0)
    out = tmp_path / "run.emgsmr"
    recording(session, out)
    wait(session, lambda seen: seen.elapsed_s > 2 and seen.file_bytes > 20_000)
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(writer.shutil, "disk_usage", lambda path: usage(1 << 40, 1 << 40, 1000))
    seen = wait(session, stage("ended"))
    assert "no room is left" in seen.error
    assert texts(seen, "end") == [seen.error]
    monkeypatch.undo()
    with open_recording(out) as found:
        assert found.duration_s > 1
        assert found.gaps() == ()


@pytest.mark.parametrize(
    ("kind", "what"),
    [("no_adapter", "Bluetooth is gone"), ("away", "all sensors are lost"), ("asleep", "slept")],
)
@pytest.mark.parametrize("recorded", [True, False])
def test_what_ends_it_is_told_and_one_can_go_on(
    engine, tmp_path, make_cast, monkeypatch, kind, what, recorded
):
    monkeypatch.setattr(watch, "GIVE_UP_S", 20.0)
    cast = make_cast("umyo", seconds=2000.0)
    address = "" if kind != "away" else cast.sensors[0].address
    session = engine(cast, speed=50.0)
    out = tmp_path / "run.emgsmr"
    if recorded:
        recording(session, out)
        wait(session, lambda seen: seen.elapsed_s > 2)
    else:
        session.connect(None)
        wait(session, stage("preview"))
    go_wrong(session, Outage(address, 0.0, 600.0, kind))
    seen = wait(session, stage("ended"))
    assert what in seen.error
    assert texts(seen, "end") == [seen.error]
    assert ("the recording ended, and is kept" in seen.error) is recorded
    assert ("nothing was recorded yet" in seen.error) is not recorded
    assert seen.recording == (str(out) if recorded else "")
    if recorded:
        with open_recording(out) as found:
            assert found.duration_s > 0.5
    session.stop()
    session.mark("lap")
    seen = wait(session, lambda seen: "marked" in seen.error)  # what ended it stays among the messages
    assert len(texts(seen, "end")) == 1
    session.scan(0.5)
    seen = wait(session, lambda seen: seen.stage == "idle" and seen.found)
    assert (seen.error, seen.messages) == ("", ())


class NoAdapter(VirtualAir):
    def check_adapter(self):
        self._adapter = False
        super().check_adapter()


def test_no_adapter(engine, make_cast):
    cast = make_cast("umyo", seconds=5.0)
    airs = iter([NoAdapter(cast, speed=None), NoAdapter(cast, speed=None), VirtualAir(cast, speed=None)])
    session = engine(cast, airs=lambda: next(airs))
    for request in (session.scan, lambda: session.connect(None)):
        request()
        seen = wait(session, lambda seen: seen.error and seen.stage == "idle")
        assert "no Bluetooth adapter" in seen.error
        assert seen.messages[-1].text == seen.error
    session.scan(0.5)
    assert wait(session, lambda seen: seen.found and seen.stage == "idle").error == ""


def test_an_air_that_cannot_be_made_is_told():
    session = SessionThread("virtual:nonsense")
    session.connect(None)
    seen = wait(session, lambda seen: seen.error)
    assert seen.error.startswith("'nonsense' is neither a recording nor a scenario")
    session.close()


def test_a_fault_of_the_program_is_a_sentence_too(engine, make_cast, caplog):
    def airs():
        raise ZeroDivisionError("oh")

    session = engine("umyo", airs=airs)
    session.scan()
    seen = wait(session, lambda seen: seen.error and seen.stage == "idle")
    assert seen.error == "something unexpected happened (ZeroDivisionError: oh); what was recorded is kept"
    assert "ZeroDivisionError" in caplog.text


def test_what_cannot_begin_leaves_the_preview(engine, tmp_path, make_cast):
    cast = make_cast("umyo", seconds=4000.0)
    session = engine(cast, speed=20.0)
    old = tmp_path / "old.emgsmr"
    old.write_bytes(b"precious")
    session.begin(cast.montage, tmp_path / "run.emgsmr")
    assert "connect first" in wait(session, lambda seen: seen.error).error
    session.connect(None)
    wait(session, stage("preview"))
    wrong = Montage((MontageSensor("uMyo-01", channels={2: "TA_L"}),))
    for montage, path, text in (
        (cast.montage, old, "never overwritten"),
        (wrong, tmp_path / "run.emgsmr", "sends 1 channels"),
    ):
        session.begin(montage, path)
        seen = wait(session, lambda seen, text=text: text in seen.error)
        assert seen.stage == "preview"
        assert texts(seen, "error")[-1] == seen.error
        assert seen.messages[-1].t_s < 0
    session.mark("lap")
    assert "nothing is recorded" in wait(session, lambda seen: "marked" in seen.error).error
    session.begin(cast.montage, tmp_path / "run.emgsmr")
    assert wait(session, stage("recording")).error == ""
    session.scan()
    assert "stop the recording first" in wait(session, lambda seen: seen.error).error
    assert session.snapshot().stage == "recording"
    session.stop()
    wait(session, stage("ended"))


def test_required_sensors_that_are_missing_are_told_and_the_rest_is_connected(engine, tmp_path, make_cast):
    cast = make_cast("umyo", seconds=4000.0)
    montage = Montage((*cast.montage.sensors, MontageSensor("uMyo-99", channels={1: "TA_L"})))
    session = engine(cast, speed=20.0)
    seen = recording(session, tmp_path / "run.emgsmr", montage)
    assert seen.stage == "recording"
    assert [status.name for status in seen.sensors] == ["uMyo-01"]
    assert texts(seen, "absent") == [
        "uMyo-99: not in range (sensors in range: uMyo-01); the others are connected",
        "uMyo-99: not connected; recording goes on without it",
    ]
    session.stop()
    wait(session, stage("ended"))
    with open_recording(tmp_path / "run.emgsmr") as saved:
        assert saved.session["absent"] == ["uMyo-99"]


def test_nobody_in_range(engine, make_cast):
    session = engine(replace(make_cast(), montage=None))
    session.connect(None)
    seen = wait(session, lambda seen: seen.error)
    assert "no EMG sensor" in seen.error
    assert seen.stage == "idle"


def test_a_preview_is_left_for_another_scan_or_connection(engine, make_cast):
    session = engine("umyo", seconds=4000.0, speed=20.0)
    session.connect(None)
    wait(session, stage("preview"))
    session.connect(None)
    wait(session, stage("connecting"))
    wait(session, stage("preview"))
    session.scan(0.5)
    wait(session, stage("scanning"))
    seen = wait(session, stage("idle"))
    assert (seen.sensors, seen.channels, seen.wiring) == ((), (), None)
    session.connect(None)
    wait(session, stage("preview"))
    session.stop()
    assert wait(session, stage("ended")).recording == ""


def test_stopping_while_it_looks_or_connects(engine, make_cast):
    cast = make_cast("umyo", seconds=60.0)
    session = engine(replace(cast, montage=None), speed=1.0)
    session.scan(1000.0)
    wait(session, stage("scanning"))
    session.stop()
    wait(session, stage("idle"))
    session.connect(Montage((MontageSensor("uMyo-99"),)))
    wait(session, stage("connecting"))
    session.stop()
    assert wait(session, stage("ended")).error == ""


def test_it_stops_by_itself(engine, tmp_path):
    session = engine("umyo", seconds=600.0, stop_after_s=2.0)
    recording(session, tmp_path / "run.emgsmr")
    assert wait(session, stage("ended")).elapsed_s == pytest.approx(2.0, abs=0.2)


@pytest.mark.parametrize("when", ["idle", "scanning", "connecting", "preview", "recording"])
def test_closing_at_any_time_closes_the_file_and_ends_the_thread(engine, tmp_path, make_cast, when):
    cast = make_cast("umyo", seconds=4000.0)
    session = engine(cast if when != "scanning" else replace(cast, montage=None), speed=5.0)
    out = tmp_path / "run.emgsmr"
    if when == "scanning":
        session.scan(1000.0)
    elif when != "idle":
        session.connect(None)
    if when == "recording":
        wait(session, stage("preview"))
        session.begin(cast.montage, out)
        wait(session, lambda seen: seen.elapsed_s > 1)
    elif when in ("scanning", "preview"):
        wait(session, stage(when))
    session.close()
    assert not session._thread.is_alive()
    if when == "recording":
        assert session.snapshot().stage == "ended"
        assert [path.name for path in tmp_path.iterdir()] == ["run.emgsmr"]  # no -wal is left
        with open_recording(out) as found:
            assert found.duration_s > 0.5
    session.close()
    session.scan()
    session.connect(None)
    session.stop()
    assert session.blocks() is not None


def test_what_cannot_be_shown_does_not_end_the_recording(engine, tmp_path, make_cast, monkeypatch, caplog):
    from emgsmr.session.meter import SensorMeter

    def broken(self):
        raise RuntimeError("a fault in what is shown")

    cast = make_cast("umyo", seconds=60.0)
    session = engine(cast, speed=20.0)
    monkeypatch.setattr(SensorMeter, "look", broken)
    out = tmp_path / "run.emgsmr"
    session.connect(None)
    wait(session, stage("preview"))
    session.begin(cast.montage, out)
    seen = wait(session, stage("ended"))
    assert seen.error == ""
    assert "a fault in what is shown" in caplog.text
    with open_recording(out) as found:
        assert found.duration_s > 0.5


def test_it_is_what_the_window_asks_for():
    """The window's side names what it needs, and no room above may be imported here."""
    import inspect

    from emgsmr.gui.engine import Engine

    needed = {
        name: f for name, f in vars(Engine).items() if inspect.isfunction(f) and not name.startswith("_")
    }
    assert set(needed) >= {"scan", "connect", "begin", "mark", "stop", "close", "snapshot", "blocks"}
    for name, function in needed.items():
        mine = inspect.signature(getattr(SessionThread, name)).parameters
        for parameter in inspect.signature(function).parameters.values():
            assert mine[parameter.name].kind is parameter.kind
            assert mine[parameter.name].default == parameter.default
