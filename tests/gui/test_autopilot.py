"""The autopilot presses what leads on, and says why when nothing does; the runner does what is asked."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from emgsmr.gui.autopilot import PATIENCE_S, Autopilot
from emgsmr.gui.calibration import Calibration
from emgsmr.gui.display import display_is_there, is_drawable
from emgsmr.gui.protocols import Chosen
from emgsmr.gui.screen import Action, Banner, Countdown, Light, Screen, SensorRow, SiteRow, Status, Step
from emgsmr.gui.virtual_runner import AGAIN_S, VirtualRunner
from emgsmr.session.guide import Cue
from emgsmr.session.snapshot import Snapshot

GOOD = Light(Status.GOOD, "good")
SENSOR = SensorRow("A", "umyo", "", GOOD, 1)


def site(name="GMAX_L", sensor="A", *, contracted=False):
    return SiteRow(name, name, sensor, 0, GOOD, contracted=contracted)


def screen(step, *names, **other):
    return Screen(
        step, "", actions=tuple(Action(name, name, main=k == 0) for k, name in enumerate(names)), **other
    )


@pytest.fixture
def pilot():
    clock = SimpleNamespace(s=0.0, pressed=[])
    clock.autopilot = Autopilot(clock_do := clock.pressed.append, lambda: clock.s, baseline=0.5)
    assert clock_do is not None
    return clock


def countdown(progress, *, enough):
    return Countdown("Run", "", 10.0, 20.0, progress, enough, "")


def test_it_walks_from_scan_to_run(pilot):
    follow = pilot.autopilot.follow
    follow(screen(Step.FIND, "scan"))
    follow(screen(Step.FIND, busy="Looking"))
    follow(screen(Step.FIND, "connect", sensors=(SENSOR,)))
    follow(screen(Step.FIND, "connect", sensors=(SENSOR,)))  # once is enough
    follow(screen(Step.PLACE, "next", sites=(site(),)))
    follow(screen(Step.CHECK, "next"))
    follow(screen(Step.CALIBRATE, "start_rest"))
    follow(screen(Step.CALIBRATE, "start_baseline"))
    follow(screen(Step.CALIBRATE, "next", countdown=countdown(0.3, enough=True)))
    follow(screen(Step.CALIBRATE, "next", countdown=countdown(0.6, enough=True)))
    follow(screen(Step.RUN, "stop"))
    assert pilot.pressed == ["scan", "connect", "next", "next", "start_rest", "start_baseline", "next"]
    assert pilot.autopilot.problem == ""


def test_after_the_summary_nothing_is_pressed(pilot):
    pilot.autopilot.follow(screen(Step.AFTER, "open_report"))
    assert pilot.pressed == []


def test_nothing_found_is_the_end(pilot):
    for _ in range(3):
        pilot.autopilot.follow(screen(Step.FIND, "scan", cue="Nothing found: switch them on"))
    assert pilot.pressed == ["scan"]
    assert pilot.autopilot.problem == "Nothing found: switch them on"


def test_an_error_is_the_end(pilot):
    pilot.autopilot.follow(screen(Step.FIND, "scan", banner=Banner("error", "Wrong", "No Bluetooth.")))
    assert pilot.pressed == []
    assert pilot.autopilot.problem == "No Bluetooth."


def test_without_any_muscle_it_says_what_to_give(pilot):
    blank = screen(Step.PLACE, sites=(site(sensor=""),))
    pilot.autopilot.follow(blank)
    assert pilot.autopilot.problem == ""
    pilot.s = PATIENCE_S
    pilot.autopilot.follow(blank)
    assert "--montage" in pilot.autopilot.problem


def test_red_lights_are_waited_for_and_then_left_out(pilot):
    red = screen(Step.CHECK, "confirm")
    pilot.autopilot.follow(red)
    assert pilot.pressed == []
    pilot.s = PATIENCE_S
    pilot.autopilot.follow(red)
    assert pilot.pressed == ["confirm"]


@pytest.fixture
def obedient():
    state = SimpleNamespace(calibration=Calibration(), protocol=Chosen())
    desk = SimpleNamespace(state=state, snapshot=Snapshot(stage="recording"))
    one = SimpleNamespace(s=100.0, orders=[], state=state, desk=desk)
    runner = SimpleNamespace(
        contract=one.orders.append,
        run=lambda: one.orders.append("run"),
        rehearse=lambda protocol, sets, change_pct: one.orders.append((protocol.name, len(sets), change_pct)),
        perform=lambda label, late_s: one.orders.append((label, late_s())),
        stand=lambda: one.orders.append("stand"),
    )
    one.runner = VirtualRunner(runner, desk, lambda: one.s, change_pct=20.0)
    return one


def test_the_runner_contracts_what_is_selected_once_and_again_after_a_while(obedient):
    shown = screen(Step.PLACE, selected_site="GMAX_L")
    for _ in range(3):
        obedient.runner.follow(shown)
    assert obedient.orders == ["GMAX_L"]
    obedient.s += AGAIN_S
    obedient.runner.follow(shown)
    obedient.runner.follow(screen(Step.PLACE, selected_site="BFLH_R"))
    obedient.runner.follow(screen(Step.PLACE))
    assert obedient.orders == ["GMAX_L", "GMAX_L", "BFLH_R"]


def test_the_runner_contracts_what_has_not_answered_in_the_check(obedient):
    rows = (site(contracted=True), site("BFLH_L", "B"), site("ST_L", ""))
    obedient.runner.follow(screen(Step.CHECK, sites=rows))
    assert obedient.orders == ["BFLH_L"]


def test_the_runner_pushes_twice_and_runs_when_it_is_time(obedient):
    shown = screen(Step.CALIBRATE)
    obedient.state.calibration = Calibration(task="mvc", site="GMAX_L")
    for part in (0, 1, 1, 2, 3, 3):
        obedient.state.calibration.part = part
        obedient.s += AGAIN_S
        obedient.runner.follow(shown)
    assert obedient.orders == ["GMAX_L", "GMAX_L"]
    obedient.state.calibration = Calibration(task="rest")
    obedient.runner.follow(shown)
    obedient.state.calibration = Calibration(task="baseline")
    obedient.runner.follow(shown)
    obedient.runner.follow(screen(Step.RUN))
    assert obedient.orders[2:] == ["run", "run"]


def test_the_runner_rehearses_a_protocol_and_does_its_sets(obedient):
    shown, chosen = screen(Step.PROTOCOL), obedient.state.protocol
    obedient.runner.follow(shown)
    assert obedient.orders == []  # nothing is chosen
    chosen.choose("bridge")
    for _ in range(2):
        obedient.runner.follow(shown)
    assert obedient.orders == [("bridge", 4, 20.0)]
    chosen.guided = True
    a1, _, treatment, b = chosen.sets
    for now_s, begun_s, step in (
        (11.5, 10.0, a1[0]),
        (40.0, 40.0, a1[3]),
        (300.0, 300.0, treatment[0]),
        (400.0, 399.0, b[0]),
    ):
        obedient.desk.snapshot = Snapshot(cue=Cue(step, begun_s, 1.0), elapsed_s=now_s)
        obedient.runner.follow(shown)
    assert obedient.orders[1:] == [("A1", 1.5), ("B", 1.0)]
    chosen.end()
    obedient.runner.follow(shown)
    obedient.runner.follow(shown)
    assert obedient.orders[3:] == ["stand"]


def test_a_protocol_is_begun_and_the_treatment_is_short(pilot):
    pilot.autopilot.follow(screen(Step.PROTOCOL, "begin_protocol"))
    pilot.autopilot.follow(screen(Step.PROTOCOL))
    pilot.autopilot.follow(screen(Step.PROTOCOL, "treated"))
    assert pilot.pressed == ["begin_protocol", "treated"]


@pytest.mark.parametrize(
    ("environment", "platform", "seen", "drawable"),
    [
        ({}, "linux", False, False),
        ({"DISPLAY": ":1"}, "linux", True, True),
        ({"WAYLAND_DISPLAY": "w"}, "linux", True, True),
        ({"DISPLAY": ":1", "QT_QPA_PLATFORM": "offscreen"}, "linux", False, True),
        ({}, "darwin", True, True),
        ({}, "win32", True, True),
    ],
)
def test_a_display_is_there_or_not(environment, platform, seen, drawable):
    assert display_is_there(environment, platform) == seen
    assert is_drawable(environment, platform) == drawable
