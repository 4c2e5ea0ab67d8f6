from __future__ import annotations

import dataclasses
import json

import pytest

from emgsmr.errors import ArgumentError
from emgsmr.simulate import SCENARIOS, simulate_runner
from emgsmr.simulate.gain import combined
from emgsmr.simulate.scenario import Shift


def test_every_promised_scenario_is_there() -> None:
    promised = {"demo", "healthy", "glute_inhibition", "hamstring_inhibition", "fatigue_only", "speed_ramp"}
    promised |= {"gain_step", "sweat", "electrode_off", "dropouts", "walk"}
    assert promised <= set(SCENARIOS)
    assert all(name == scenario.name for name, scenario in SCENARIOS.items())


@pytest.mark.parametrize("name", SCENARIOS)
def test_each_scenario_marks_its_baseline_and_says_the_truth_in_json(name: str) -> None:
    run = simulate_runner(name, seed=1)
    baseline = [event for event in run.events if event["label"] == "baseline"]
    assert len(baseline) == 1
    assert baseline[0]["t_s"] + baseline[0]["duration_s"] < run.duration_s
    assert json.loads(json.dumps(run.truth)) == run.truth
    for expected in run.truth["expected"]:
        assert expected["kind"] in {"finding", "notice"}
        baseline_end = baseline[0]["t_s"] + baseline[0]["duration_s"]
        earliest = run.scenario.start_s if expected["pattern"] == "standing" else baseline_end
        assert earliest <= expected["t_onset_s"] < run.duration_s


def test_demo_is_the_script_of_the_first_ten_minutes() -> None:
    run = simulate_runner("demo", seed=7)
    assert run.duration_s == 360.0
    assert [(e["label"], e["t_s"], e["duration_s"]) for e in run.events if e["label"] == "baseline"] == [
        ("baseline", 40.0, 120.0)
    ]
    assert min(t[0] for t in run.contacts.values()) >= 20.0
    (finding,) = run.truth["expected"]
    assert (finding["pair"], finding["side"], finding["t_onset_s"], finding["t_full_s"]) == (
        "P1",
        "R",
        180.0,
        220.0,
    )
    assert finding["change_pct"] == pytest.approx(100 * (1.25 / 0.75 - 1))
    assert len(run.dropouts) == 2


def test_a_longer_run_keeps_the_script() -> None:
    scenario = SCENARIOS["glute_inhibition"]
    assert dataclasses.replace(scenario.fitted(60.0), minutes=20.0) == scenario
    assert dataclasses.replace(scenario.fitted(11.0), minutes=20.0) == scenario  # what it needs fits


def test_a_script_that_does_not_fit_is_compressed_as_a_whole() -> None:
    short = SCENARIOS["speed_ramp"].fitted(SCENARIOS["speed_ramp"].needs_s / 120.0)
    assert short.speed == ((300.0, 1.0), (450.0, 1.25))
    assert [(p.label, p.start_s, p.stop_s) for p in short.phases] == [
        ("rest", 0.0, 10.0),
        ("baseline", 60.0, 240.0),
    ]
    off = SCENARIOS["electrode_off"].fitted(7.0).off[0]
    assert (off.start_s, off.stop_s) == (360.0, float("inf"))


@pytest.mark.parametrize("minutes", [0.0, -1.0, float("inf"), float("nan")])
def test_an_impossible_length_is_refused(minutes: float) -> None:
    with pytest.raises(ArgumentError, match="longer than 0"):
        SCENARIOS["healthy"].fitted(minutes)


def test_an_unknown_name_lists_the_scenarios() -> None:
    with pytest.raises(ArgumentError, match="healthy, glute_inhibition"):
        simulate_runner("glutes", seed=1)


def test_an_unknown_pair_is_named() -> None:
    scenario = dataclasses.replace(SCENARIOS["healthy"], shifts=(Shift("P77", "R", 0.2, 480.0, 60.0),))
    with pytest.raises(ArgumentError, match="P77"):
        simulate_runner(scenario, seed=1)


def test_overlapping_changes_multiply() -> None:
    points = combined([((10.0, 1.0), (20.0, 2.0)), ((15.0, 1.0), (25.0, 3.0))])
    at = dict(points)
    assert at[15.0] == pytest.approx(1.5)
    assert at[20.0] == pytest.approx(2.0 * 2.0)
    assert at[25.0] == pytest.approx(6.0)
