"""A virtual runner rehearses a protocol, does a set when it is asked for, and stands before and after."""

from __future__ import annotations

import asyncio
import threading

import numpy as np
import pytest

from emgsmr.analysis.protocols import as_protocol, session_schedule
from emgsmr.radio.on_call import OnCallAir
from emgsmr.radio.rehearsal import Act, rehearse
from emgsmr.radio.repertoire import repertoire
from emgsmr.radio.runner_on_call import RunnerOnCall
from emgsmr.recording import Event, open_recording
from emgsmr.session import Session

SENSORS = (("umyo", "uMyo-GR", ("GMAX_R",)), ("npg_lite", "NPG-THR", ("BFLH_R", "BFLH_L")))
PROTOCOL = as_protocol(
    {"title": "Run", "bouts": 3, "bout_s": 6, "rest_s": 2, "quiet_s": 0, "primary": ["P1"]}, name="short"
)
SETS = session_schedule(PROTOCOL)
BOUTS = [(step.t_s, step.end_s) for step in SETS[0] if step.kind == "bout"]


@pytest.fixture(scope="module")
def known():
    return repertoire("demo", seed=2, minutes=0.3, sensors=SENSORS)


@pytest.fixture(scope="module")
def acts():
    return rehearse(PROTOCOL, SETS, change_pct=60.0, seed=2, sensors=SENSORS)


def rms(counts):
    return counts.astype(float).std(axis=0)


def in_bouts(act, address, rate_hz):
    return np.concatenate([act.counts[address][round(a * rate_hz) : round(b * rate_hz)] for a, b in BOUTS])


def test_a_set_is_as_long_as_it_is_asked_for_and_active_in_its_bouts(known, acts):
    assert list(acts) == ["A1", "A2", "B"]
    for sensor in known.cast.sensors[:2]:
        counts = acts["A1"].counts[sensor.address]
        assert len(counts) / sensor.rate_hz == pytest.approx(SETS[0][-1].end_s, abs=0.01)
        assert counts.dtype == sensor.counts.dtype
        standing = counts[: round(10 * sensor.rate_hz)]
        placed = list(sensor.sites)
        bouts = in_bouts(acts["A1"], sensor.address, sensor.rate_hz)
        assert (rms(bouts)[placed] > 4 * rms(standing)[placed]).all()


def test_the_treatment_changes_the_right_leg_and_not_the_left(known, acts):
    glute, thigh = known.cast.sensors[:2]
    ham = [rms(in_bouts(acts[s], thigh.address, thigh.rate_hz))[:2] for s in ("A1", "A2", "B")]
    glu = [rms(in_bouts(acts[s], glute.address, glute.rate_hz))[0] for s in ("A1", "A2", "B")]
    right = [h[0] / g for h, g in zip(ham, glu, strict=True)]
    assert right[2] / right[1] == pytest.approx(1.6, rel=0.25)
    assert right[1] / right[0] == pytest.approx(1.0, rel=0.25)
    assert ham[2][1] / ham[1][1] == pytest.approx(1.0, rel=0.25)


def test_who_comes_late_leaves_out_the_beginning():
    act = Act({"a": np.arange(20).reshape(10, 2)}, (Event(0.5, None, "lap"), Event(3.0, None, "lap")))
    late = act.after(1.0, {"a": 4.0})
    assert late.counts["a"][0].tolist() == [8, 9]
    assert [event.t_s for event in late.events] == [2.0]


def play(known, out, orders):
    """Give orders ``(wait_s, order)`` to an air that is recorded."""

    async def main():
        air = OnCallAir(known, speed=None, seed=1, longest_s=30.0)
        async with Session(air=air, out=out, pipeline_factory=lambda *_: None) as session:
            for wait_s, order in orders:
                await air.sleep(wait_s)
                order(air)
            await air.sleep(1.0)
            session.request_stop()
            await session.wait()
        return air

    return asyncio.run(main())


def per_second(path, name):
    with open_recording(path) as recording:
        info = next(info for info in recording.sensors if info.name == name)
        counts = np.concatenate([piece.counts for piece in recording.pieces(info.id)])
        gaps = [event for event in recording.events() if event.kind == "gap"]
    n = round(info.rate_hz)
    assert gaps == []
    return counts[: len(counts) // n * n, 0].astype(float).reshape(-1, n).std(axis=1)


def test_acts_follow_each_other_for_longer_than_anybody_stands(known, acts, tmp_path):
    def perform(air):
        air.perform(acts["A1"])

    # twice 45 s of standing: more than the 30 s after which a runner runs unasked
    play(known, tmp_path / "a.emgsmr", [(5.0, perform), (75.0, perform), (75.0, lambda _: None)])
    level = per_second(tmp_path / "a.emgsmr", "NPG-THR")
    active = level > 4 * np.percentile(level, 10)
    for begin in (5.0, 80.0):
        for a, b in BOUTS:
            assert active[int(begin + a + 1) : int(begin + b)].all()
    assert not active[59:78].any()
    assert not active[:17].any()


def test_broken_off_the_runner_stands_at_once(known, acts, tmp_path):
    def perform(air):
        air.perform(acts["A1"], skip_s=15.0)

    air = play(
        known,
        tmp_path / "b.emgsmr",
        [
            (5.0, perform),
            (8.0, lambda air: air.stand()),
            (25.0, lambda air: air.contract("BFLH_R")),
            (6.0, str),
        ],
    )
    level = per_second(tmp_path / "b.emgsmr", "NPG-THR")
    active = level > 4 * np.percentile(level, 10)
    assert active[6:12].any()
    assert not active[15:37].any()
    assert active[39:41].all()  # contracting is asked for as before
    assert air.run_started_s is None


def test_after_the_run_nothing_is_performed(known, acts, tmp_path):
    orders = [
        (3.0, lambda air: air.run()),
        (2.0, lambda air: air.perform(acts["A1"])),
        (1.0, lambda air: air.stand()),
    ]
    air = play(known, tmp_path / "c.emgsmr", orders)
    assert air.run_started_s is not None
    assert air._acts == 0


def test_the_runner_learns_in_a_thread_and_performs_what_is_known():
    runner = RunnerOnCall(lambda: repertoire("demo", seed=2, minutes=0.2, sensors=SENSORS[:1]), speed=None)
    runner.rehearse(PROTOCOL, SETS, change_pct=0.0)
    runner.perform("A1")  # there is no air, and nobody who could learn
    runner.stand()
    performed = []
    air = runner.new_air()
    air.perform = lambda act, skip_s: performed.append((len(act.counts), skip_s))
    runner.rehearse(PROTOCOL, SETS, change_pct=0.0)
    runner.perform("A1", late_s=lambda: 2.0)
    runner.perform("B", late_s=lambda: -1.0)
    runner.perform("C")
    assert not runner.is_rehearsing
    runner.stand()
    assert performed == [(1, 2.0), (1, 0.0)]


def test_what_was_chosen_last_is_performed(monkeypatch):
    runner = RunnerOnCall(lambda: repertoire("demo", seed=2, minutes=0.2, sensors=SENSORS[:1]), speed=None)
    slow, performed = threading.Event(), []

    def learn(protocol, sets, **_):
        if protocol == "slow":
            slow.wait(60.0)
        return {"A1": protocol}

    monkeypatch.setattr("emgsmr.radio.runner_on_call.rehearse", learn)
    runner.new_air().perform = lambda act, skip_s: performed.append(act)
    runner.rehearse("slow", SETS, change_pct=0.0)
    first = runner._rehearsal
    runner.rehearse("quick", SETS, change_pct=0.0)
    runner.perform("A1")
    slow.set()
    first.join()
    runner.perform("A1")
    assert performed == ["quick", "quick"]


def test_a_runner_who_cannot_do_it_says_so_and_stands(caplog):
    runner = RunnerOnCall(lambda: repertoire("demo", seed=2, minutes=0.2, sensors=SENSORS[:1]), speed=None)
    runner.new_air().perform = None
    runner.rehearse(PROTOCOL, SETS, change_pct=2000.0)
    runner.perform("A1")
    assert "stands still: a treatment changes the ratio by -90 to 900 %, not 2000 %" in caplog.text
