"""The presenter leads through a protocol: choose, begin, treat, break off, end."""

from __future__ import annotations

import pytest

from emgsmr.gui.screen import Status, Step
from emgsmr.gui.summary import Summary

OWN = """
title = "Mine"
bouts = 3
bout_s = 20
rest_s = 10
"""


def names(screen, *, enabled=True):
    return [action.name for action in screen.actions if action.enabled or not enabled]


def step_of(desk, kind, label="A1", number=0):
    """The first step of a kind in a set of the chosen protocol."""
    sets = desk.presenter.desk.state.protocol.sets
    return next(
        step
        for steps in sets
        for step in steps
        if step.kind == kind and step.label == label and (not number or step.number == number)
    )


def test_a_protocol_is_chosen_while_it_is_recorded(desk):
    screen = desk.to_calibrate()
    desk.presenter.look()
    assert "protocol" in names(desk.do("start_rest"), enabled=False)
    screen = desk.do("skip")
    assert "protocol" in names(screen)
    screen = desk.do("protocol")
    assert screen.step is Step.PROTOCOL
    assert ("phase", "pause", None, None, None) in desk.engine.marks()
    assert [choice.name for choice in screen.choices][:2] == ["bridge", "easy_run"]
    assert not any(choice.chosen for choice in screen.choices)
    assert screen.sets == ()
    assert "begin_protocol" not in names(screen)
    assert screen.actions[0].why_not == "Choose a protocol first."
    desk.do("begin_protocol")
    assert desk.engine.called("guide") == []
    screen = desk.do("choose", "bridge")
    assert [choice.name for choice in screen.choices if choice.chosen] == ["bridge"]
    assert screen.title == "Bridge"
    assert [(row.label, row.bouts, row.done) for row in screen.sets] == [
        ("A1", 4, 0), ("A2", 4, 0), ("", 0, 0), ("B", 4, 0),
    ]  # fmt: skip
    assert "first_leg" not in names(screen)
    assert desk.do("back").step is Step.CALIBRATE


def test_the_leg_that_begins_can_be_changed(desk):
    desk.to_calibrate()
    desk.presenter.look()
    desk.do("protocol")
    assert desk.do("first_leg").sets == ()  # nothing is chosen yet
    desk.do("choose", "single_leg_bridge")
    screen = desk.presenter.look()
    assert [action.label for action in screen.actions if action.name == "first_leg"] == ["First: left leg"]
    assert step_of(desk, "bout").side == "L"
    screen = desk.do("first_leg")
    assert [action.label for action in screen.actions if action.name == "first_leg"] == ["First: right leg"]
    assert step_of(desk, "bout").side == "R"


def test_a_protocol_of_ones_own_is_listed_with_the_others(desk, tmp_path):
    own, bad = tmp_path / "mine.toml", tmp_path / "bad.toml"
    own.write_text(OWN)
    bad.write_text("bouts = 2")
    desk.to_calibrate()
    desk.presenter.look()
    desk.do("protocol")
    screen = desk.do("open_protocol", str(own))
    assert (screen.choices[-1].title, screen.choices[-1].chosen) == ("Mine (mine.toml)", True)
    assert (
        screen.choices[-1].text
        == "3 bouts of 20 s, 2 min a set · hamstrings : gluteus maximus, calf : hamstrings"
    )
    own.unlink()  # it was read
    screen = desk.do("open_protocol", str(bad))
    assert "bouts must lie between 3 and 20" in screen.banner.text
    assert screen.choices[-1].chosen
    assert desk.do("choose", "easy_walk").banner is None


def test_cues_countdown_and_dots(desk):
    screen = desk.to_protocol()
    assert screen.step is Step.PROTOCOL
    assert screen.countdown.title == "Prepare"
    assert screen.choices == ()
    assert desk.presenter.sounds()[-1] == "step"
    assert "treated" not in names(screen)
    bout = step_of(desk, "bout", "A2", 3)
    desk.engine.set(sets_done=("A1",))
    desk.engine.cue(bout, 8.0)
    screen = desk.presenter.look()
    assert (screen.countdown.title, screen.countdown.left_s) == ("Bout 3 of 4", 8.0)
    assert screen.countdown.progress == pytest.approx(0.75)
    assert screen.countdown.cue == bout.say
    assert screen.countdown.text == "A2 · 8 ×"
    assert [(row.label, row.done, row.now) for row in screen.sets] == [
        ("A1", 4, False), ("A2", 2, True), ("", 0, False), ("B", 0, False),
    ]  # fmt: skip
    assert desk.presenter.sounds() == ["step"]
    desk.engine.cue(bout, 7.0)
    desk.presenter.look()
    assert desk.presenter.sounds() == []
    assert {"cramp", "note", "break_off", "stop"} <= set(names(screen))
    assert {"choose", "back"}.isdisjoint(names(screen))
    for name, value in (("choose", "easy_run"), ("back", ""), ("first_leg", "")):
        assert desk.do(name, value).title == "Bridge"


def test_legs_take_turns(desk):
    desk.to_protocol("single_leg_bridge")
    desk.engine.cue(step_of(desk, "bout"))
    assert desk.presenter.look().countdown.title == "Bout 1 of 8, right leg"


def test_the_treatment_lasts_until_it_is_done(desk):
    desk.to_protocol()
    desk.do("treated")  # not now
    treatment = desk.presenter.desk.state.protocol.sets[2][0]
    desk.engine.set(sets_done=("A1", "A2"))
    desk.engine.cue(treatment)
    screen = desk.wait(65.0)
    assert (screen.countdown.title, screen.countdown.progress) == ("Treatment", 0.0)
    assert screen.countdown.left_s == pytest.approx(65.0)
    assert "treated" in names(screen)
    assert [row.done for row in screen.sets] == [4, 4, 0, 0]
    assert desk.engine.called("go_on") == []
    desk.do("treated")
    assert desk.engine.called("go_on") == [("go_on",)]


def test_broken_off_the_recording_goes_on(desk):
    desk.do("break_off")
    screen = desk.to_protocol()
    desk.engine.cue(step_of(desk, "bout"))
    desk.presenter.look()
    screen = desk.do("break_off")
    assert desk.engine.called("break_off") == [("break_off",)]
    assert screen.step is Step.PROTOCOL
    assert [choice.name for choice in screen.choices if choice.chosen] == ["bridge"]
    assert all(row.done == 0 for row in screen.sets)
    desk.do("break_off")
    assert len(desk.engine.called("break_off")) == 1
    desk.wait(1.0)
    assert desk.do("begin_protocol").countdown.title == "Prepare"


def test_a_guide_that_fails_says_so(desk):
    desk.engine.obeys = True
    desk.to_protocol()
    desk.engine.set(cue=None, error="the disk is full")
    screen = desk.presenter.look()
    assert "the disk is full" in screen.banner.text
    assert screen.choices


def test_a_guide_that_does_not_begin_says_so(desk):
    desk.to_calibrate()
    desk.presenter.look()
    desk.do("protocol")
    desk.do("choose", "bridge")
    desk.engine.obeys = False
    screen = desk.do("begin_protocol")
    assert screen.busy == "Beginning the protocol"
    assert names(screen) == []
    desk.engine.set(error="nothing is recorded now")
    screen = desk.presenter.look()
    assert "nothing is recorded now" in screen.banner.text


def test_a_cue_from_before_is_no_answer(desk):
    desk.to_protocol()
    desk.engine.obeys = False
    desk.wait(1.0)
    desk.do("break_off")  # the engine has not heard of it yet
    screen = desk.do("begin_protocol")
    assert screen.busy == "Beginning the protocol"
    desk.engine.cue(step_of(desk, "prepare"))
    assert desk.presenter.look().countdown.title == "Prepare"


def test_with_the_last_set_the_session_ends_in_its_comparison(desk):
    desk.to_protocol()
    desk.engine.set(sets_done=("A1", "A2", "B"), cue=None)
    screen = desk.presenter.look()  # the file is being closed
    assert (screen.choices, screen.cue, screen.countdown) == ((), "That was all.", None)
    desk.engine.set(stage="ended")
    desk.presenter.look()
    desk.presenter.desk.state.summary.wait()
    screen = desk.presenter.look()
    assert (screen.step, screen.summary) == (Step.AFTER, ("Quiet.",))


def test_the_protocol_named_at_the_start_comes_right_after_the_check(scripted, tmp_path):
    desk = scripted.Desk(tmp_path, protocol="easy_run", make=lambda _: Summary())
    desk.to_check()
    screen = desk.do("next")
    screen = desk.presenter.look()
    assert (screen.step, screen.title) == (Step.PROTOCOL, "Easy run")
    assert "begin_protocol" in names(screen)
    assert desk.do("back").step is Step.CALIBRATE


def test_sensors_are_watched_during_a_protocol(desk, scripted):
    desk.to_protocol()
    desk.engine.set(messages=(scripted.message(t_s=desk.engine.shown.elapsed_s),))
    desk.engine.set(sensors=(scripted.status("GL", "lost"), *desk.engine.shown.sensors[1:]))
    screen = desk.wait(0.2)
    assert screen.banner is not None
    assert any(row.light.status is not Status.GOOD for row in screen.sensors)
    assert "lose" not in screen.banner.text


def test_who_is_measured_is_kept_in_the_recording(desk):
    screen = desk.to_check()
    assert [a.label for a in screen.actions if a.name == "person"] == ["Who is measured?"]
    screen = desk.do("person", " P07 ")
    assert [a.label for a in screen.actions if a.name == "person"] == ["Measured: P07"]
    desk.do("next")
    [(_, montage, _)] = desk.engine.called("begin")
    assert montage.person == "P07"
