"""The virtual person of a guided session does in each step what the protocol asks for, on its leg."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from emgsmr.analysis.protocols import load_protocol, protocol_text, session_schedule, set_schedule
from emgsmr.errors import ArgumentError
from emgsmr.radio.cast import cast_scenario
from emgsmr.radio.client import change_asked_for, client_scenario, virtual_client
from emgsmr.simulate import Scenario, simulate_runner


def script(of, /, change_pct=40.0, **changes) -> Scenario:
    protocol = dataclasses.replace(load_protocol(of), **changes)
    return client_scenario(protocol, session_schedule(protocol), change_pct=change_pct, treatment_s=30.0)


@pytest.mark.parametrize("name", ["bridge", "single_leg_heel_raise"])
def test_each_bout_of_an_exercise_holds_its_repetitions_on_its_leg(name):
    protocol = load_protocol(name)
    found = simulate_runner(script(name), seed=1).truth["repetitions"]
    now, told = 0.0, []
    for steps in session_schedule(protocol):
        told += [(now + s.t_s, now + s.end_s, s.side) for s in steps if s.kind == "bout"]
        now += 30.0 if steps[0].kind == "treatment" else steps[-1].end_s
    for start, stop, side in told:
        inside = [r for r in found if start < r["t0_s"] and r["t1_s"] < stop]
        assert [r["side"] for r in inside] == [side] * protocol.repetitions
        assert {r["exercise"] for r in inside} == {name}
    assert len(found) == len(told) * protocol.repetitions


def test_nobody_runs_in_an_exercise_nor_is_anybody_changed_without_a_treatment():
    run = simulate_runner(script("single_leg_bridge", 0.0), seed=1)
    assert not any(len(times) for times in run.contacts.values())
    assert run.scenario.shifts == ()
    protocol = load_protocol("bridge")
    before = client_scenario(protocol, [set_schedule(protocol, "before")], change_pct=40.0, treatment_s=9.0)
    assert before.shifts == ()
    cast = cast_scenario(before, seed=1, minutes=0.6, with_companions=True)  # a foot pod that stands still
    assert len(cast.sensors) == 8


@pytest.mark.parametrize(("name", "gait", "pair"), [("easy_run", "run", "P1"), ("easy_walk", "walk", "P1")])
def test_gait_covers_each_bout_and_stops_in_between(name, gait, pair):
    scenario = script(name, warm_up_s=0.0, bout_s=20.0)
    assert (scenario.gait, scenario.shifts[0].pair, scenario.shifts[0].side) == (gait, pair, "R")
    assert scenario.shifts[0].change_pct == pytest.approx(40.0)
    contacts = simulate_runner(scenario, seed=1).contacts["R"]
    for phase in scenario.phases:
        inside = contacts[(contacts > phase.start_s) & (contacts < phase.stop_s)]
        assert inside[0] - phase.start_s < 1.5
        assert phase.stop_s - inside[-1] < 1.5
        assert np.diff(inside).max() < 1.5
    gaps = np.diff(contacts)
    assert np.sum(gaps > 10.0) == len(scenario.phases) - 1
    assert scenario.phases[-1].stop_s + 10.0 == pytest.approx(60.0 * scenario.minutes)


@pytest.mark.parametrize(
    ("name", "of", "change", "gait"),
    [
        ("mine", "easy_walk", {}, "walk"),
        ("mine", "easy_walk", {"title": "Test"}, "walk"),  # told so in the bouts
        ("mine", "easy_walk", {"title": "Test", "cues": {"bout": "Gehen wie notiert."}}, "walk"),
        ("mine", "easy_run", {"title": "Test", "cues": {"bout": "Weiter."}}, "run"),
        ("run_2", "easy_run", {"title": "Not walking"}, "run"),
        ("trunk_upright_walk", "easy_walk", {"title": "Test"}, "walk"),
    ],
)
def test_a_protocol_of_your_own_says_what_gait_it_is(name, of, change, gait):
    assert script(of, name=name, **change).gait == gait


def test_a_copied_protocol_works_with_another_exercise_and_pair(tmp_path):
    own = tmp_path / "own.toml"
    text = protocol_text("single_leg_heel_raise").replace("single_leg_heel_raise", "squat")
    own.write_text(text.replace("repetitions = 8", "repetitions = 5").replace('"each"', '"both"'))
    protocol = load_protocol(own)
    found = client_scenario(protocol, session_schedule(protocol), change_pct=-20.0, treatment_s=5.0)
    assert {(r.exercise, r.side, r.period_s) for r in found.repetitions} == {("squat", None, 3.0)}
    assert (found.shifts[0].pair, round(found.shifts[0].change_pct)) == ("P2", -20)
    own.write_text('exercise = "plank"\nbouts = 3\nbout_s = 25\nrest_s = 5\n')
    held = client_scenario(
        protocol := load_protocol(own), session_schedule(protocol), change_pct=0, treatment_s=1
    )
    assert [r.period_s for r in held.repetitions] == [25.0] * 9  # one in each bout
    own.write_text('exercise = "squat"\nbouts = 3\nbout_s = 25\nrest_s = 5\nwarm_up_s = 9\n')
    free = client_scenario(
        protocol := load_protocol(own), session_schedule(protocol), change_pct=0, treatment_s=1
    )
    assert [r.stop_s - r.start_s for r in free.repetitions] == pytest.approx([9.0] + [25.0] * 9)


@pytest.mark.parametrize("primary", [("P4",), ("P3", "P1"), ("P99",)])
def test_a_pair_without_sensors_is_one_sentence(primary):
    with pytest.raises(ArgumentError, match=r"wears sensors on BFLH.*P1 or P2, not P"):
        script("bridge", primary=primary)


def test_a_treatment_has_its_limits():
    with pytest.raises(ArgumentError, match="-90 to 900 %, not -100 %"):
        script("bridge", -100.0)


def test_the_guide_marks_the_bouts_not_the_air():
    protocol = dataclasses.replace(load_protocol("bridge"), bouts=1, quiet_s=0.0, bout_s=4.0, repetitions=1)
    air = virtual_client(
        protocol, [set_schedule(protocol, "A1")], change_pct=0.0, treatment_s=1.0, speed=1.0, seed=1
    )
    assert (air.name, len(air.cast.events), len(air.cast.truth["repetitions"])) == ("virtual:guided", 0, 1)


@pytest.mark.parametrize(
    ("radio", "change"),
    [("virtual", 40.0), ("virtual:treatment_-20", -20.0), ("virtual:demo", None), ("bluetooth", None)],
)
def test_a_radio_says_how_much_the_treatment_changes(radio, change):
    assert change_asked_for(radio) == change
    with pytest.raises(ArgumentError, match="names no change"):
        change_asked_for("virtual:treatment_much")
