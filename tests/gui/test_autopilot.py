"""The autopilot presses what leads on, and says why when nothing does; the runner does what is asked."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from emgsmr.gui.autopilot import PATIENCE_S, Autopilot
from emgsmr.gui.calibration import Calibration
from emgsmr.gui.display import display_is_there, is_drawable
from emgsmr.gui.screen import Action, Banner, Countdown, Light, Screen, SensorRow, SiteRow, Status, Step
from emgsmr.gui.virtual_runner import AGAIN_S, VirtualRunner

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
    follow(screen(Step.PLACE, "next", sites=(site(),)))
    follow(screen(Step.CHECK, "next"))
    follow(screen(Step.CALIBRATE, "start_rest"))
    follow(screen(Step.CALIBRATE, "start_baseline"))
    follow(screen(Step.CALIBRATE, "next", countdown=countdown(0.3, enough=True)))
    follow(screen(Step.CALIBRATE, "next", countdown=countdown(0.6, enough=True)))
    follow(screen(Step.RUN, "stop"))
    assert pilot.pressed == ["scan", "connect", "next", "next", "start_rest", "start_baseline", "next"]
    assert pilot.autopilot.problem == ""


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
    one = SimpleNamespace(s=100.0, orders=[], calibration=Calibration())
    runner = SimpleNamespace(
        contract=lambda name: one.orders.append(name), run=lambda: one.orders.append("run")
    )
    one.runner = VirtualRunner(runner, lambda: one.calibration, lambda: one.s)
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
    obedient.calibration = Calibration(task="mvc", site="GMAX_L")
    for part in (0, 1, 1, 2, 3, 3):
        obedient.calibration.part = part
        obedient.s += AGAIN_S
        obedient.runner.follow(shown)
    assert obedient.orders == ["GMAX_L", "GMAX_L"]
    obedient.calibration = Calibration(task="rest")
    obedient.runner.follow(shown)
    obedient.calibration = Calibration(task="baseline")
    obedient.runner.follow(shown)
    obedient.runner.follow(screen(Step.RUN))
    assert obedient.orders[2:] == ["run", "run"]


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
