"""The way from sensors to summary, by the user's actions and the session's snapshots."""

from __future__ import annotations

from dataclasses import replace

import pytest


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


def names(screen, *, enabled=True):
    return [action.name for action in screen.actions if action.enabled is enabled]


def main(screen):
    return [action.name for action in screen.actions if action.main]


# -- find ---


def test_finding_sensors(desk):
    screen = desk.presenter.look()
    assert (screen.step, main(screen), screen.cue) == ("find", ["scan"], "Switch all sensors on.")
    screen = desk.do("scan")
    assert screen.busy == "Looking for sensors"
    assert names(screen) == ["back", "open_recording"]
    desk.engine.set(stage="idle")
    screen = desk.presenter.look()
    assert (len(screen.sensors), main(screen), screen.busy) == (4, ["connect"], "")


def test_nothing_found_says_what_to_do(scripted, tmp_path):
    desk = scripted.Desk(tmp_path, in_range=())
    desk.do("scan")
    desk.engine.set(stage="idle")
    screen = desk.presenter.look()
    assert "emgsmr doctor" in screen.cue
    assert main(screen) == ["scan"]


def test_a_scan_that_fails_says_why(desk):
    desk.engine.obeys = False
    desk.do("scan")
    desk.engine.set(error="Bluetooth is off: switch it on.")
    banner = desk.presenter.look().banner
    assert (banner.kind, banner.text) == ("error", "Bluetooth is off: switch it on.")
    assert desk.do("scan").banner is None


def test_a_broken_memory_is_told(scripted, tmp_path):
    (tmp_path / "config").mkdir()
    (tmp_path / "config" / "window.json").write_text("{")
    assert "left out" in scripted.Desk(tmp_path).presenter.look().banner.text


@pytest.mark.parametrize(("action", "answer"), [("confirm", "yes"), ("skip", "no")])
def test_last_sessions_montage_is_offered_and_the_answer_recorded(scripted, tmp_path, action, answer):
    desk = scripted.Desk(tmp_path, montage=scripted.MONTAGE)
    desk.engine.in_range = tuple(scripted.found(s.name, s.family) for s in scripted.MONTAGE.sensors)
    assert "use_last" not in names(desk.presenter.look())
    desk.do("scan")
    desk.engine.set(stage="idle")
    assert main(desk.presenter.look()) == ["use_last"]
    assert "still on" in desk.do("use_last").cue
    assert desk.do("connect").step == "find"
    assert desk.do("back").cue.startswith("4 found")
    desk.do("use_last")
    assert desk.do(action).step == "place"
    assert desk.engine.called("connect") == [("connect", scripted.MONTAGE)]
    desk.do("next")
    desk.do("confirm")
    desk.presenter.look()
    assert (
        "note",
        None,
        None,
        None,
        f"Same electrodes as in the last session: {answer}",
    ) in desk.engine.marks()


def test_the_offer_may_be_gone_when_it_is_answered(scripted, tmp_path):
    desk = scripted.Desk(tmp_path, montage=scripted.MONTAGE)
    desk.do("use_last")
    assert desk.presenter.desk.state.same == ""
    desk.engine.set(found=tuple(scripted.found(s.name, s.family) for s in scripted.MONTAGE.sensors))
    desk.presenter.look()
    desk.do("use_last")
    desk.engine.set(found=())
    desk.presenter.look()
    desk.do("confirm")
    assert desk.engine.called("connect") == []


def test_connecting_shows_how_far_it_is(scripted, desk):
    desk.engine.obeys = False
    screen = desk.do("connect")
    assert screen.busy.startswith("Connecting")
    desk.engine.set(stage="connecting", sensors=(scripted.status("GL", "connecting"),))
    assert desk.presenter.look().sensors[0].light.word == "connecting"
    desk.engine.set(stage="idle", error="GL is not in range.")
    screen = desk.presenter.look()
    assert (screen.step, screen.banner.text) == ("find", "GL is not in range.")


def test_a_connection_that_ends_without_a_word_is_told(desk):
    desk.engine.obeys = False
    desk.do("connect")
    desk.engine.set(stage="connecting")
    desk.presenter.look()
    desk.engine.set(stage="ended")
    assert "did not work" in desk.presenter.look().banner.text


def test_connecting_can_be_given_up(desk):
    desk.engine.obeys = False
    desk.do("connect")
    desk.engine.set(stage="connecting")
    assert "back" in names(desk.presenter.look())
    screen = desk.do("back")
    assert (screen.step, screen.busy) == ("find", "Closing the file and the connections")
    assert desk.engine.called("stop") == [("stop",)]
    assert "back" not in names(desk.do("back"))
    desk.engine.set(stage="idle")
    assert main(desk.presenter.look()) == ["scan"]


def test_sensors_of_one_name_are_connected_by_address(scripted, tmp_path):
    desk = scripted.Desk(tmp_path, in_range=(scripted.found("A"), scripted.found("A")))
    desk.to_place()
    [(_, montage)] = desk.engine.called("connect")
    assert [sensor.address for sensor in montage.sensors] == ["00:A", "00:A"]


def test_a_strap_may_be_a_strangers_and_comes_along_only_if_asked_to(scripted, tmp_path):
    strap = scripted.found("H", "heart_rate")
    desk = scripted.Desk(tmp_path, in_range=(scripted.found("A"), strap))
    desk.do("scan")
    desk.engine.set(stage="idle")
    screen = desk.presenter.look()
    assert [row.light.word for row in screen.sensors] == ["strong", "stays out"]
    assert "companions" in names(screen)
    screen = desk.do("companions")
    assert [row.light.word for row in screen.sensors] == ["strong", "strong"]
    desk.do("connect")
    [(_, montage)] = desk.engine.called("connect")
    assert [(sensor.name, sensor.required) for sensor in montage.sensors] == [("A", False), ("H", False)]


# -- place ---


@pytest.fixture
def bare(scripted, tmp_path):
    """Sensors without a montage, ready to be placed."""
    desk = scripted.Desk(tmp_path, own=None)
    desk.to_place()
    return desk


def test_a_virtual_radio_is_placed_already(desk):
    screen = desk.to_place()
    assert all(row.sensor for row in screen.sites)
    assert main(screen) == ["next"]
    assert screen.cue.startswith("All muscles")


def test_sites_are_placed_by_contracting(bare):
    screen = bare.presenter.look()
    assert [row.site for row in screen.sites] == ["GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R", "MGAS_L", "MGAS_R"]
    assert screen.selected_site == "GMAX_L"
    assert "left gluteus maximus" in screen.cue
    assert screen.sites[0].landmarks
    assert bare.do("next").step == "place"
    assert bare.do("confirm").guess is None
    screen = bare.contract(GR_0=60.0)
    assert screen.guess.sure
    assert main(screen) == ["confirm"]
    bare.engine.levels(GR_0=60.0)
    bare.presenter.look()
    screen = bare.do("confirm")
    assert screen.sites[0].sensor == "GR"
    assert screen.selected_site == "GMAX_R"


def test_sites_are_placed_by_hand_moved_and_freed(bare):
    bare.do("place", "TL/1")
    bare.do("select_site", "ST_L")
    screen = bare.do("place", "TL/1")
    rows = {row.site: row for row in screen.sites}
    assert (rows["ST_L"].sensor, rows["ST_L"].channel) == ("TL", 1)
    assert (rows["GMAX_L"].sensor, rows["GMAX_L"].light.word) == ("", "not placed")
    assert "TL/9" not in str(bare.do("place", "TL/9").sites)
    bare.do("select_site", "ST_L")
    bare.do("place", "TL/1")
    rows = {row.site: row for row in bare.do("unplace", "ST_L").sites}
    assert rows["ST_L"].sensor == ""
    bare.do("unplace", "TA_L")
    screen = bare.do("select_site", "nose")
    assert "unknown site" in screen.banner.text


def test_everything_placed_leaves_nothing_to_select(desk):
    desk.to_place()
    before = desk.presenter.desk.state.placed
    desk.do("place", "GL/0")
    assert desk.presenter.desk.state.placed == before


def test_channels_that_are_heard_later_join(scripted, desk):
    desk.engine.set(stage="preview", montage=scripted.MONTAGE)
    screen = desk.presenter.look()
    assert (screen.sites, screen.cue[:7]) == ((), "Waiting")
    desk.engine.set(channels=(scripted.channel("GL", 0, "GMAX_L"),))
    assert desk.presenter.look().sites[0].sensor == "GL"
    desk.do("unplace", "GMAX_L")
    desk.engine.set(channels=(*desk.engine.shown.channels, scripted.channel("X", 0, "GMAX_R")))
    rows = {row.site: row.sensor for row in desk.presenter.look().sites}
    assert (rows["GMAX_L"], rows["GMAX_R"]) == ("", "X")


def test_back_lets_the_sensors_go(desk):
    desk.to_place()
    screen = desk.do("back")
    assert (screen.step, desk.engine.called("stop")) == ("find", [("stop",)])
    assert desk.presenter.look().busy == ""
    assert desk.to_place().step == "place"


@pytest.mark.parametrize("error", ["Bluetooth is gone: push the dongle in.", ""])
def test_a_preview_that_ends_by_itself(desk, error):
    desk.to_place()
    desk.engine.set(stage="ended", error=error)
    screen = desk.presenter.look()
    assert screen.step == "find"
    assert screen.banner.text == (error or "The connection ended: look for the sensors again.")


# -- check ---


def test_lights_turn_green_by_contracting(desk):
    screen = desk.to_check()
    assert {row.light.word for row in screen.sites} == {"contract now"}
    for site in list(desk.presenter.desk.state.placed):
        desk.contract(**{site: 60.0})
    screen = desk.presenter.look()
    assert {row.light.word for row in screen.sites} == {"ready"}
    assert screen.cue.endswith("6 of 6 are ready.")
    assert desk.do("back").step == "place"


def test_a_missing_sensor_needs_a_word(scripted, desk):
    desk.to_place()
    desk.engine.set(sensors=desk.engine.shown.sensors[1:])
    screen = desk.do("next")
    assert "next" in names(screen, enabled=False)
    [go_on] = [action for action in screen.actions if action.name == "next"]
    assert go_on.why_not == "GL does not send."
    assert desk.do("next").step == "check"
    assert desk.do("confirm").step == "calibrate"
    [(_, montage, _)] = desk.engine.called("begin")
    assert [s.name for s in montage.sensors if not s.required] == ["GL"]
    kept = desk.memory.montages[0]
    assert all(sensor.required for sensor in kept.sensors)


def test_a_red_light_needs_a_word_too(desk):
    desk.to_check()
    channels = desk.engine.shown.channels
    desk.engine.set(
        channels=tuple(replace(c, state="off") for c in channels[:2]) + channels[2:],
        sensors=desk.engine.shown.sensors[:2],
    )
    [go_on] = [action for action in desk.presenter.look().actions if action.name == "next"]
    assert go_on.why_not == (
        "TL and TR do not send; left gluteus maximus and right gluteus maximus have no usable signal."
    )
    desk.engine.set(
        channels=(replace(channels[0], state="off"), *channels[1:]), sensors=desk.engine.shown.sensors
    )
    assert "has no usable signal" in str(desk.presenter.look().actions)


def test_another_muscle_that_answers_is_suspected(desk):
    desk.to_check()
    desk.do("select_site", "GMAX_R")
    desk.contract(GMAX_L=60.0)
    rows = {row.site: row for row in desk.presenter.look().sites}
    assert rows["GMAX_R"].light.word == "swapped?"
    desk.contract(GMAX_R=60.0)
    rows = {row.site: row for row in desk.presenter.look().sites}
    assert rows["GMAX_R"].light.word == "ready"


def test_a_channel_on_no_muscle_is_not_suspected(desk):
    desk.to_place()
    desk.do("unplace", "GMAX_L")
    assert "GMAX_L" not in [row.site for row in desk.do("next").sites]
    desk.do("select_site", "GMAX_R")
    desk.contract(GMAX_L=60.0)
    assert desk.presenter.desk.state.answered == {}


def test_nothing_is_recorded_without_a_muscle(desk):
    desk.to_check()
    for site in list(desk.presenter.desk.state.placed):
        desk.do("unplace", site)
    screen = desk.do("confirm")
    assert (screen.step, screen.banner.text[:18]) == ("check", "No muscle is named")
    assert desk.engine.called("begin") == []
