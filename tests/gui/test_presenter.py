"""The way from sensors to summary, by the user's actions and the session's snapshots."""

from __future__ import annotations


def test_a_whole_session(scripted, desk):
    assert desk.presenter.look().step == "find"
    assert desk.to_place().step == "place"
    assert desk.do("next").step == "check"
    desk.contract(GMAX_L=60.0)
    screen = desk.presenter.look()
    assert {row.site: row.light.word for row in screen.sites}["GMAX_L"] == "ready"
    assert desk.do("next").step == "calibrate"
    assert desk.do("start_rest").countdown.title == "Stand still"
    assert desk.wait(10.2).countdown is None
    desk.do("start_baseline")
    desk.engine.set(baseline_strides={"L": 240, "R": 241})
    assert desk.wait(0.1).step == "run"
    assert [mark[1] for mark in desk.engine.marks()] == ["rest", "pause", "baseline", "run"]
    assert desk.presenter.sounds() == ["step"] * 4
    desk.engine.set(pairs=(scripted.pair([20, 22, 30]),), findings=(scripted.finding(),), elapsed_s=101.0)
    screen = desk.presenter.look()
    assert screen.gauges[0].word == "hamstrings do more"
    assert screen.banner.kind == "flag"
    assert desk.presenter.sounds() == ["flag"]
    assert desk.presenter.alerts() == [scripted.finding()]
    assert "kept as" in desk.presenter.closing()
    desk.do("cramp", "GMAX_R")
    desk.do("stop")
    desk.presenter.desk.state.summary.wait()
    screen = desk.presenter.look()
    assert (screen.step, screen.summary) == ("after", ("Quiet.",))
    assert screen.recording.endswith("2026-03-01_0705.emgsmr")
    assert desk.do("new").step == "find"
