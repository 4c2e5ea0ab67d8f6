"""What goes wrong in mid-run is said in words on the window, the rest goes on, and the file is whole."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections import namedtuple
from dataclasses import replace
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from emgsmr.errors import EmgsmrError
from emgsmr.gui.screen import Step
from emgsmr.gui.summary import Summary
from emgsmr.radio.repertoire import repertoire
from emgsmr.radio.runner_on_call import RunnerOnCall
from emgsmr.radio.virtual import Outage
from emgsmr.recording import open_recording, writer
from emgsmr.simulate.scenario import Scenario

pytestmark = pytest.mark.timeout(600)

SENSORS = (("umyo", "uMyo-GR", ("GMAX_R",)), ("npg_lite", "NPG-HAM", ("BFLH_R", "BFLH_L")))
RUN = Scenario("run", "Runs; nothing happens to the muscles.", minutes=1.0, start_s=2.0)
SOURCES = str(Path(__file__).parents[2] / "src")


@pytest.fixture(scope="module")
def learned():
    """A runner, one of whose sensors has an almost empty battery."""
    known = repertoire(RUN, seed=3, sensors=SENSORS, with_companions=False)
    sensors = tuple(replace(s, battery_pct=7 if s.name == "uMyo-GR" else 90) for s in known.cast.sensors)
    return replace(known, cast=replace(known.cast, sensors=sensors))


@pytest.fixture
def running(tmp_path, whole_session, learned):
    """``running(outages)``: a user at the window, in the run; every banner is noted."""
    users = []

    def go(outages=(), speed=8.0):
        runner = RunnerOnCall(lambda: learned, speed=speed, seed=1, outages=outages)
        user = whole_session.start(
            tmp_path, speed=speed, runner=runner, summarize=lambda path: Summary(("Done.",), str(path))
        )
        users.append(user)
        user.banners = []
        user.program._followers.append(lambda screen: note_banner(user, screen))
        user.press("connect")
        user.until_step(Step.PLACE)
        user.until_may("next")
        user.press("next")
        user.until_step(Step.CHECK)
        user.until(lambda: user.may("next") or user.may("confirm"), "a way on")
        user.press("next" if user.may("next") else "confirm")
        user.until_step(Step.CALIBRATE)
        user.press("skip")
        user.until_step(Step.RUN)
        return user

    yield go
    for user in users:
        user.program.end()
        user.program.engine.close()


def note_banner(user, screen):
    if screen.banner is not None and (not user.banners or user.banners[-1] != screen.banner):
        user.banners.append(screen.banner)


def light(user, name):
    return next(row.light for row in user.screen.sensors if row.name == name)


def said(user):
    return " | ".join(f"{banner.kind}: {banner.title}. {banner.text}" for banner in user.banners)


def test_lost_sensor_silent_sensor_empty_battery_and_lost_adapter(running, learned):
    address = {sensor.name: sensor.address for sensor in learned.cast.sensors}
    user = running(
        [
            Outage(address["uMyo-GR"], 4.0, 3.0, "away"),
            Outage(address["NPG-HAM"], 14.0, 5.0, "silent"),
            Outage("", 28.0, 4.0, "no_adapter"),
        ]
    )
    assert "battery" in light(user, "uMyo-GR").word
    user.until(lambda: "uMyo-GR" in said(user), "the sensor that was lost")
    user.until(lambda: "NPG-HAM" in said(user), "the sensor that fell silent")
    user.until(lambda: user.screen.now_s > 40, "the end of all outages")
    user.until(
        lambda: all(row.light.status != "bad" or "battery" in row.light.word for row in user.screen.sensors),
        "all to be back",
    )
    assert "no_data: No data from uMyo-GR" in said(user)
    assert "Bluetooth" in said(user) or "No data from uMyo-GR, NPG-HAM" in said(user), said(user)
    user.press("stop")
    user.until_step(Step.AFTER)
    with open_recording(user.program.ended().recording) as recording:
        gaps = {info.name: 0 for info in recording.sensors}
        names = {info.id: info.name for info in recording.sensors}
        for gap in recording.gaps():
            gaps[names[gap.sensor]] += 1
        assert recording.duration_s > 38
        assert gaps["uMyo-GR"] >= 2
        assert gaps["NPG-HAM"] >= 2
        for info in recording.sensors:  # what is between two pieces is what is missing, to the sample
            pieces = list(recording.pieces(info.id))
            missing = sum(gap.n_missing for gap in recording.gaps() if gap.sensor == info.id)
            assert missing == pieces[-1].end_index - pieces[0].first_index - sum(
                len(p.counts) for p in pieces
            )


def test_a_full_disk_is_said_and_what_came_before_is_kept(running, monkeypatch):
    user = running()
    user.until(lambda: user.screen.now_s > 6, "six seconds")
    usage = namedtuple("usage", "total used free")
    monkeypatch.setattr(writer.shutil, "disk_usage", lambda path: usage(1 << 40, 1 << 40, 1000))
    user.until_step(Step.AFTER)
    monkeypatch.undo()
    assert user.screen.banner.kind == "error"
    assert "room" in user.screen.banner.text
    with open_recording(user.program.ended().recording) as recording:
        assert recording.duration_s > 4


def recorded_s(folder):
    try:
        [path] = folder.glob("*.emgsmr")
        with open_recording(path) as recording:
            return recording.duration_s
    except (EmgsmrError, OSError, ValueError):
        return 0.0  # not there yet, or just being made


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="such a signal is not known here")
def test_a_killed_program_leaves_its_recording(tmp_path):
    command = [sys.executable, "-m", "emgsmr", "live", "-o", str(tmp_path), "--radio", "virtual:walk"]
    path = os.pathsep.join([SOURCES, *sys.path])
    process = subprocess.Popen(
        [*command, "--speed", "5", "--screenshot", str(tmp_path / "run.png")],
        env={**os.environ, "PYTHONPATH": path, "XDG_CONFIG_HOME": str(tmp_path / "config")},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        end = time.monotonic() + 240
        while recorded_s(tmp_path) < 3.0:
            assert process.poll() is None, process.stderr.read()
            assert time.monotonic() < end, "nothing was recorded"
            time.sleep(0.1)
        before = recorded_s(tmp_path)
        process.kill()
        process.wait(60)
    finally:
        process.kill()
        process.communicate()
    assert recorded_s(tmp_path) >= before - 1.0
