"""Maximal contractions: as high as the truth says, on both legs alike, and only while they last."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from emgsmr.simulate import SCENARIOS, Run, simulate_runner
from emgsmr.simulate.maximal import OTHERS, RAMP_S, RELEASE_S, TRIAL_SD, electrode_gain
from emgsmr.simulate.scenario import Contraction

FS = 1000.0


def quiet_run(seed: int, **changes: object) -> Run:
    script = dataclasses.replace(SCENARIOS["symmetric"], motion_uv=0.0, minutes=1.5, **changes)  # type: ignore[arg-type]
    return simulate_runner(script, seed=seed)


def rms(x: np.ndarray, t0_s: float, t1_s: float) -> float:
    return float(np.sqrt(np.mean(x[int(t0_s * FS) : int(t1_s * FS)] ** 2)))


def test_a_trial_reaches_the_maximum_and_others_a_part_of_it() -> None:
    off = []
    for seed in range(4):
        run = quiet_run(seed, electrode_gain=0.0)
        for site in ("GMAX_L", "BFLH_R"):
            x = run.emg(site, fs=FS)
            truth = run.truth["sites"][site]
            for trial in run.scenario.contractions:
                held = rms(x, trial.start_s + RAMP_S, trial.stop_s - RELEASE_S)
                signal = np.sqrt(held**2 - truth["noise_uv"] ** 2)
                part = 1.0 if site[:-2] in trial.muscles else OTHERS
                off.append(np.log(signal / (part * truth["maximum_uv"])))
                if part == 1.0:
                    assert abs(off[-1]) < 5 * TRIAL_SD
    # trials differ by TRIAL_SD, and the tone of standing adds a little to what the others do
    assert np.mean(off) == pytest.approx(0.03, abs=0.05)


def test_before_and_between_trials_the_muscle_rests() -> None:
    run = quiet_run(1)
    x = run.emg("GMAX_L", fs=FS)
    between = run.scenario.contractions[0].stop_s
    maximum = run.truth["sites"]["GMAX_L"]["maximum_uv"]
    assert rms(x, 0.0, 10.0) < 0.1 * maximum
    assert rms(x, between + 0.5, between + 3.5) < 0.1 * maximum


def test_running_is_the_same_part_of_the_maximum_on_both_legs() -> None:
    sites = quiet_run(3).truth["sites"]
    for muscle in ("GMAX", "BFLH", "MGAS"):
        left, right = (
            sites[f"{muscle}_{side}"]["peak_uv"] / sites[f"{muscle}_{side}"]["maximum_uv"] for side in "LR"
        )
        assert left == pytest.approx(right, rel=1e-12)
        assert 0.2 < left < 1.8


def test_the_gain_of_an_electrode_multiplies_everything() -> None:
    plain, other = quiet_run(2, electrode_gain=0.0), quiet_run(2, electrode_gain=0.15)
    for site in ("GMAX_L", "GMAX_R"):
        gain = other.truth["sites"][site]["electrode_gain"]
        assert 0.85 <= gain <= 1.15
        np.testing.assert_allclose(other.emg(site, fs=FS), gain * plain.emg(site, fs=FS), rtol=1e-12)
    gains = [electrode_gain(seed, "GMAX_L", 0.15) for seed in range(200)]
    assert min(gains) < 0.87
    assert max(gains) > 1.13


def test_a_trial_that_names_no_muscle_is_about_all() -> None:
    run = quiet_run(1, contractions=(Contraction(12.0, 16.0),), electrode_gain=0.0)
    for site in run.sites:
        held = rms(run.emg(site, fs=FS), 13.2, 15.5)
        assert held == pytest.approx(run.truth["sites"][site]["maximum_uv"], rel=0.3)


def test_a_run_without_trials_is_what_it_was() -> None:
    """The contractions draw from generators of their own."""
    with_trials, without = quiet_run(1), quiet_run(1, contractions=())
    later = slice(int(84 * FS), None)
    np.testing.assert_array_equal(with_trials.emg("ST_L", fs=FS)[later], without.emg("ST_L", fs=FS)[later])


def test_standing_is_symmetric_but_for_the_right_hamstrings() -> None:
    standing, symmetric = simulate_runner("standing", seed=5), simulate_runner("symmetric", seed=5)
    for site in standing.sites:
        gain = {points[0][1] for points in (standing.truth["sites"][site]["gain"],)}
        assert gain == ({1.4} if site in ("BFLH_R", "ST_R") else {1.0})
        assert standing.truth["sites"][site]["maximum_uv"] == symmetric.truth["sites"][site]["maximum_uv"]
    assert [(e["pattern"], e["pair"], e["side"]) for e in standing.truth["expected"]] == [
        ("standing", "P1", "R")
    ]
    assert symmetric.truth["expected"] == []
