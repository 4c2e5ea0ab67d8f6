"""Repetitions: as many as fit, as strong as the table says, on the leg that works, changed by shifts."""

from __future__ import annotations

import dataclasses
import itertools
import json

import numpy as np
import pytest

from emgsmr.analysis.exercises import EXERCISES
from emgsmr.errors import ArgumentError
from emgsmr.simulate import PROFILES, Run, Scenario, simulate_runner
from emgsmr.simulate.incident import Repetitions
from emgsmr.simulate.profile import TONIC
from emgsmr.simulate.repetition import HELD, LENGTH_SD, LEVELS, OTHER_LEG, PAUSE_PART
from emgsmr.simulate.scenario import Phase, Shift

FS = 1000.0


def exercising(*words: Repetitions, seed: int = 1, **changes: object) -> Run:
    stop_s = max(word.stop_s for word in words) + 5.0
    script = Scenario("exercise", "", minutes=stop_s / 60.0, start_s=stop_s, repetitions=words)
    return simulate_runner(dataclasses.replace(script, **changes), seed=seed)  # type: ignore[arg-type]


def rms(x: np.ndarray, t0_s: float, t1_s: float) -> float:
    return float(np.sqrt(np.mean(x[int(t0_s * FS) : int(t1_s * FS)] ** 2)))


def tops(run: Run, site: str) -> np.ndarray:
    """Amplitude in the middle of each repetition without noise and tone, µV."""
    x, truth = run.emg(site, fs=FS), run.truth["sites"][site]
    found = []
    for repetition in run.truth["repetitions"]:
        length = repetition["t1_s"] - repetition["t0_s"]
        found.append(rms(x, repetition["t0_s"] + length / 3, repetition["t1_s"] - length / 3))
    return np.sqrt(np.square(found) - truth["noise_uv"] ** 2 - (TONIC * truth["peak_uv"]) ** 2)


def test_whoever_counts_does_as_many_as_fit_and_none_is_like_the_other() -> None:
    run = exercising(Repetitions(10.0, 42.0, "bridge"), Repetitions(60.0, 69.9, "squat", "L", 3.0))
    found = run.truth["repetitions"]
    assert [(r["exercise"], r["side"]) for r in found] == [("bridge", None)] * 8 + [("squat", "L")] * 3
    starts = np.array([r["t0_s"] for r in found[:8]])
    lengths = np.diff([*starts, 42.0])
    assert 0.3 * LENGTH_SD < np.std(lengths) / 4.0 < 2.0 * LENGTH_SD
    pauses = [1.0 - (r["t1_s"] - r["t0_s"]) / length for r, length in zip(found[:8], lengths, strict=True)]
    assert pauses == pytest.approx([PAUSE_PART] * 8)
    assert all(len(times) == 0 for times in run.contacts.values())
    assert json.loads(json.dumps(run.truth)) == run.truth


def test_muscles_work_as_hard_as_the_table_says_and_are_loose_in_between() -> None:
    off = []
    for seed in range(3):
        run = exercising(Repetitions(5.0, 85.0, "single_leg_bridge", "R"), seed=seed)
        for site in ("GMAX_R", "BFLH_R", "MGAS_R"):
            maximum = run.truth["sites"][site]["maximum_uv"]
            want = LEVELS["single_leg_bridge"][site[:-2]] * maximum
            off.append(np.mean(np.log(tops(run, site) / want)))
    assert np.mean(off) == pytest.approx(0.0, abs=0.06)
    x = run.emg("GMAX_R", fs=FS)
    found = run.truth["repetitions"]
    loose = [rms(x, a["t1_s"] + 0.1, b["t0_s"] - 0.1) for a, b in itertools.pairwise(found)]
    assert max(loose) < 0.25 * tops(run, "GMAX_R").min()


def test_the_other_leg_is_held() -> None:
    run = exercising(Repetitions(5.0, 45.0, "single_leg_bridge", "R"), Repetitions(50.0, 90.0, "squat"))
    right, left = (
        np.median(tops(run, f"BFLH_{side}")[:10]) / run.truth["sites"][f"BFLH_{side}"]["maximum_uv"]
        for side in "RL"
    )
    assert left == pytest.approx(OTHER_LEG * right, rel=0.4)
    both = [tops(run, f"BFLH_{side}")[10:].mean() for side in "RL"]
    assert both[0] == pytest.approx(both[1], rel=0.4)


def test_repetitions_and_bouts_scatter_as_the_script_says() -> None:
    word = Repetitions(5.0, 405.0, "leg_curl")
    run = exercising(word, stride_sd=0.25, common_sd=0.0)
    heights = np.log(tops(run, "BFLH_R"))
    assert np.std(heights) == pytest.approx(0.25, abs=0.06)  # a second of EMG adds 0.04
    still = exercising(word, stride_sd=0.0, common_sd=0.0)
    assert np.std(np.log(tops(still, "BFLH_R"))) < 0.08
    phases = tuple(Phase("A1", 5.0 + 100.0 * k, 105.0 + 100.0 * k) for k in range(4))
    run = exercising(word, stride_sd=0.0, common_sd=0.0, bout_sd=0.4, phases=phases)
    factors = np.array(run.truth["sites"]["BFLH_R"]["bouts"])
    got = tops(run, "BFLH_R").reshape(4, 25).mean(axis=1) / tops(still, "BFLH_R").reshape(4, 25).mean(axis=1)
    assert got == pytest.approx(factors, rel=0.06)


def test_a_shift_moves_the_pair_on_its_leg_only() -> None:
    word = Repetitions(5.0, 165.0, "bridge")
    shift = Shift("P1", "R", 0.25, onset_s=85.0, ramp_s=0.01)
    run, same = (exercising(word, stride_sd=0.0, common_sd=0.0, shifts=s) for s in ((shift,), ()))
    for site, factor in (("GMAX_R", 0.75), ("ST_R", 1.25), ("MGAS_R", 1.0), ("GMAX_L", 1.0)):
        ratio = tops(run, site) / tops(same, site)
        assert ratio[:20] == pytest.approx(np.ones(20), rel=1e-9)
        assert np.mean(ratio[20:]) == pytest.approx(factor, abs=0.01)


def test_motor_units_lift_as_well_as_noise_does() -> None:
    word = Repetitions(3.0, 19.0, "leg_curl")
    script = Scenario("exercise", "", minutes=0.4, start_s=24.0, repetitions=(word,), muscles=("BFLH",))
    pool, noise = (simulate_runner(script, seed=2, engine=engine) for engine in ("pool", "surrogate"))
    assert np.mean(tops(pool, "BFLH_L")) == pytest.approx(np.mean(tops(noise, "BFLH_L")), rel=0.25)


def test_a_script_that_is_compressed_keeps_its_number_of_repetitions() -> None:
    script = exercising(Repetitions(10.0, 130.0, "bridge")).scenario.fitted(1.0)
    assert len(simulate_runner(script, seed=1).truth["repetitions"]) == 30


def test_every_exercise_that_is_analyzed_can_be_done() -> None:
    assert set(LEVELS) == set(EXERCISES)
    assert {name for name, cycles in EXERCISES.items() if cycles == "windows"} == set(HELD)
    assert all(set(levels) == set(PROFILES) for levels in LEVELS.values())
    assert all(0.0 < level <= 1.0 for levels in LEVELS.values() for level in levels.values())


@pytest.mark.parametrize(
    ("word", "said"),
    [
        (Repetitions(5.0, 25.0, "handstand"), "nobody simulated does 'handstand'"),
        (Repetitions(5.0, 25.0, "squat", "both"), "not 'both'"),
        (Repetitions(5.0, 25.0, "squat", period_s=0.0), "longer than 0 s"),
        (Repetitions(25.0, 5.0, "squat"), "longer than 0 s"),
    ],
)
def test_what_nobody_can_do_is_refused(word: Repetitions, said: str) -> None:
    script = Scenario("exercise", "", minutes=1.0, start_s=60.0, repetitions=(word,))
    with pytest.raises(ArgumentError, match=said):
        simulate_runner(script, seed=1)
