"""Calibration, run and what comes after, by the user's actions and the session's snapshots."""

from __future__ import annotations

import inspect
import threading

import pytest

from emgsmr.errors import ArgumentError
from emgsmr.gui.doing import WHERE
from emgsmr.gui.engine import Engine


def names(screen, *, enabled=True):
    return [action.name for action in screen.actions if action.enabled is enabled]


def main(screen):
    return [action.name for action in screen.actions if action.main]


# -- calibrate ---


def test_a_recording_is_new_and_never_replaces_anything(desk):
    desk.folder.mkdir(parents=True)
    (desk.folder / "2026-03-01_0705.emgsmr").write_text("old")
    (desk.folder / "2026-03-01_0705-2.html").write_text("old")
    screen = desk.to_calibrate()
    assert screen.recording == str(desk.folder / "2026-03-01_0705-3.emgsmr")


def test_a_folder_that_cannot_be_made_is_said(desk):
    desk.folder.parent.mkdir(exist_ok=True)
    desk.folder.write_text("a file")
    screen = desk.to_calibrate()
    assert screen.step == "check"
    assert "choose another" in screen.banner.text


def test_a_recording_that_cannot_begin(desk):
    desk.to_check()
    desk.engine.obeys = False
    screen = desk.do("next")
    assert (screen.step, screen.busy) == ("calibrate", "Opening the recording")
    assert names(screen) == []
    desk.engine.set(error="The disk is full.")
    screen = desk.presenter.look()
    assert (screen.step, screen.banner.text, screen.recording) == ("check", "The disk is full.", "")


def test_a_session_that_ends_before_it_began(desk):
    desk.to_check()
    desk.engine.obeys = False
    desk.do("next")
    desk.engine.set(stage="ended", recording="")
    desk.wait(11.0, step=1.0)
    assert desk.presenter.look().step == "find"


def test_an_older_recording_is_not_taken_for_this_one(desk):
    desk.to_check()
    desk.engine.obeys = False
    desk.do("next")
    desk.engine.set(stage="ended", recording="yesterday.emgsmr", error="")
    desk.wait(11.0, step=1.0)
    screen = desk.presenter.look()
    assert (screen.step, screen.banner.text[:20]) == ("find", "Nothing was recorded")


def test_skipping(desk):
    desk.to_calibrate()
    desk.presenter.look()
    desk.do("start_rest")
    assert "Break off" in [action.label for action in desk.presenter.look().actions]
    desk.do("skip")
    assert [mark[1] for mark in desk.engine.marks()] == ["rest", "pause"]
    assert desk.do("next").step == "calibrate"
    desk.do("start_baseline")
    assert desk.do("next").step == "calibrate"
    assert "Run without alerts" in [action.label for action in desk.presenter.look().actions]
    assert desk.do("skip").step == "run"
    assert desk.engine.marks()[-1][1] == "run"


def test_going_on_when_it_is_enough(desk):
    desk.to_calibrate()
    desk.presenter.look()
    desk.do("start_baseline")
    desk.engine.set(baseline_strides={"L": 60, "R": 60})
    assert main(desk.presenter.look()) == ["next"]
    assert desk.do("next").step == "run"


def test_maximal_contractions_one_after_the_other(desk):
    desk.to_calibrate()
    desk.presenter.look()
    assert desk.do("start_mvc").countdown.cue == "left gluteus maximus"
    desk.wait(42.0, step=0.5)
    assert desk.do("start_mvc").countdown.cue == "right gluteus maximus"
    desk.do("skip")
    desk.do("select_site", "ST_R")
    assert desk.do("start_mvc").countdown.cue == "right semitendinosus"
    desk.do("skip")
    assert desk.do("start_mvc", "BFLH_L").countdown.cue == "left biceps femoris, long head"
    desk.do("skip")
    desk.presenter.desk.state.calibration.done |= set(desk.presenter.desk.state.placed)
    assert desk.do("start_mvc").countdown is None
    assert ("phase", "mvc", None, "GMAX_L", None) in desk.engine.marks()


def test_an_old_error_does_not_stay_in_the_way(desk):
    desk.to_calibrate()
    desk.presenter.look()
    desk.do("start_baseline")
    assert desk.do("select_site", "nose").banner.kind == "error"
    assert desk.do("mute").banner.kind == "error"
    desk.engine.set(baseline_strides={"L": 240, "R": 240})
    screen = desk.presenter.look()
    assert (screen.step, screen.banner) == ("run", None)


def test_losing_a_sensor_while_calibrating_is_heard(scripted, desk):
    desk.to_calibrate()
    desk.presenter.look()
    desk.engine.set(sensors=(scripted.status("GL", "lost"), *desk.engine.shown.sensors[1:]))
    screen = desk.wait(6.0)
    assert screen.banner.kind == "no_data"
    assert desk.presenter.sounds() == ["no_data"]


# -- run ---


def test_marks(desk):
    desk.to_run()
    before = len(desk.engine.marks())
    for name, value in [("cramp", "GMAX_R"), ("fatigue", "L"), ("lap", ""), ("cramp", "left foot")]:
        desk.do(name, value)
    desk.do("note", "  shoe untied ")
    desk.do("note", "  ")
    assert desk.engine.marks()[before:] == [
        ("cramp", None, "R", "GMAX_R", None),
        ("fatigue", None, "L", None, None),
        ("lap", None, None, None, None),
        ("cramp", None, None, None, "left foot"),
        ("note", None, None, None, "shoe untied"),
    ]


def test_mute_and_traces(scripted, desk):
    desk.to_run()
    desk.presenter.sounds()
    screen = desk.do("mute")
    assert screen.muted
    assert "Sound on" in [action.label for action in screen.actions]
    desk.engine.set(pairs=(scripted.pair([20, 22, 30]),), findings=(scripted.finding(),), elapsed_s=101.0)
    desk.presenter.look()
    assert desk.presenter.sounds() == []
    assert len(desk.presenter.alerts()) == 1
    assert not desk.do("mute").muted
    assert desk.presenter.sounds() == []
    assert desk.do("traces").traces
    assert not desk.do("traces").traces


def test_an_alert_comes_within_one_look_of_its_finding(scripted, desk):
    desk.to_run()
    desk.engine.set(elapsed_s=100.0)
    desk.presenter.look()
    desk.engine.set(pairs=(scripted.pair([20, 22, 30]),), findings=(scripted.finding(),))
    desk.presenter.look()
    assert "flag" in desk.presenter.sounds()


def test_stop_waits_for_the_file(desk):
    desk.to_run()
    desk.engine.obeys = False
    screen = desk.do("stop")
    assert (screen.step, screen.busy, names(screen)) == (
        "run",
        "Closing the file and the connections",
        ["mute", "traces"],
    )
    assert desk.do("stop").step == "run"
    assert len(desk.engine.called("stop")) == 1
    assert desk.presenter.closing()
    desk.engine.set(stage="ended")
    assert desk.presenter.look().step == "after"


# -- after ---


def test_a_session_that_ends_by_itself_keeps_its_recording(desk):
    desk.to_run()
    desk.engine.set(stage="ended", error="The disk is full: make room.")
    screen = desk.presenter.look()
    assert screen.step == "after"
    assert screen.banner.title == "The session ended early"
    assert screen.banner.text.startswith("The disk is full: make room. What was recorded is kept: ")
    assert screen.recording in screen.banner.text


def test_looking_does_not_wait_for_the_summary(scripted, tmp_path):
    gate = threading.Event()

    def make(path):
        gate.wait(10.0)
        return scripted.Summary(error="No page.")

    desk = scripted.Desk(tmp_path, make=make)
    desk.to_run()
    screen = desk.do("stop")
    screen = desk.presenter.look()
    assert (screen.busy, screen.report) == ("Writing the summary", "")
    assert "still being written" in desk.presenter.closing()
    gate.set()
    desk.presenter.desk.state.summary.wait()
    screen = desk.presenter.look()
    assert (screen.banner.title, screen.banner.text) == ("Something went wrong", "No page.")
    assert screen.busy == desk.presenter.closing() == ""
    desk.do("open_report")


def test_nothing_is_asked_before_something_could_be_lost(desk):
    assert desk.presenter.closing() == ""
    desk.to_check()
    assert desk.presenter.closing() == ""


def test_opening_a_recording(desk, tmp_path):
    assert "choose a recording" in desk.do("open_recording", str(tmp_path / "no.emgsmr")).banner.text
    assert "That is no file" in desk.do("open_recording").banner.text
    path = tmp_path / "old.emgsmr"
    path.write_text("made up")
    desk.do("open_recording", str(path))
    desk.presenter.desk.state.summary.wait()
    screen = desk.presenter.look()
    assert (screen.step, screen.recording, main(screen)) == ("after", str(path), ["open_report"])
    desk.do("new")
    desk.to_check()
    assert desk.do("open_recording", str(path)).step == "check"


def test_the_scripted_engine_is_one(desk):
    functions = {name: method for name, method in vars(Engine).items() if inspect.isfunction(method)}
    asked = {name: method for name, method in functions.items() if not name.startswith("_")}
    for name, method in asked.items():
        own = inspect.signature(getattr(type(desk.engine), name))
        assert list(own.parameters) == list(inspect.signature(method).parameters)
    assert {"scan", "connect", "begin", "mark", "stop", "snapshot", "blocks", "close"} <= set(asked)


def test_an_unknown_action_is_a_mistake_of_the_window(desk):
    with pytest.raises(ArgumentError, match="no action of the window"):
        desk.do("dance")


def test_what_does_not_fit_now_does_nothing(desk):
    for name in WHERE:
        if name not in ("scan", "connect"):
            assert desk.do(name, "x").step == "find"
    assert desk.engine.asked == []
