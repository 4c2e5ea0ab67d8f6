"""The motion sensors of the simulated runner: physics that holds whatever the numbers are."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from emgsmr.errors import ArgumentError
from emgsmr.simulate import SCENARIOS, Motion, Run, sensor_motion, simulate_runner


def moving(gait: str = "run") -> Run:
    base = SCENARIOS["healthy" if gait == "run" else "walk"]
    script = dataclasses.replace(base, minutes=0.5, start_s=6.0, phases=())
    return simulate_runner(script, seed=3)


def read(run: Run, site: str, **changed: float) -> Motion:
    given = {"rate_hz": 100.0, "range_g": 50.0, "range_dps": 5000.0} | changed
    return sensor_motion(run, site, **given)


@pytest.mark.parametrize("site", ["MGAS_L", "BFLH_R", "GMAX_R"])
def test_standing_feels_gravity_and_nothing_else(site: str) -> None:
    motion = read(moving(), site)
    still = motion.t_s < 4.0
    assert np.linalg.norm(motion.acceleration_g[still].mean(axis=0)) == pytest.approx(1.0, abs=0.01)
    assert np.abs(motion.rotation_dps[still].mean(axis=0)).max() < 1.0


@pytest.mark.parametrize("gait", ["run", "walk"])
@pytest.mark.parametrize("site", ["MGAS_R", "BFLH_R", "GMAX_R"])
def test_over_whole_strides_a_leg_neither_turns_nor_flies_away(gait: str, site: str) -> None:
    """Means: gravity (1 g along a leg that is on average tilted) and no rotation."""
    run = moving(gait)
    motion = read(run, site)
    contacts = run.contacts["R"]
    inside = (motion.t_s >= contacts[3]) & (motion.t_s < contacts[-4])
    assert np.linalg.norm(motion.rotation_dps[inside].mean(axis=0)) < 12.0
    assert 0.5 < np.linalg.norm(motion.acceleration_g[inside].mean(axis=0)) < 1.6


@pytest.mark.parametrize(("gait", "least", "most"), [("walk", 300, 500), ("run", 500, 900)])
def test_a_shank_swings_as_fast_as_published(gait: str, least: float, most: float) -> None:
    motion = read(moving(gait), "MGAS_R")
    assert least < np.quantile(np.linalg.norm(motion.rotation_dps, axis=1), 0.99) < most


def test_a_contact_shakes_the_calf_more_than_the_buttock() -> None:
    run = moving()

    def shake(site: str) -> float:
        motion = read(run, site, rate_hz=200.0)
        fast = np.linalg.norm(np.diff(motion.acceleration_g, axis=0), axis=1)
        near = np.abs(motion.t_s[1:, np.newaxis] - run.contacts[site[-1]] - 0.01).min(axis=1) < 0.015
        return float(np.median(fast[near]) / np.median(fast))

    assert shake("MGAS_R") > 2.0
    calf, glute = read(run, "MGAS_R"), read(run, "GMAX_R")
    assert np.ptp(calf.acceleration_g) > 1.5 * np.ptp(glute.acceleration_g)


def test_mounting_changes_axes_and_no_lengths_but_ranges_cut_off() -> None:
    run = moving()
    one, cut = read(run, "MGAS_R"), read(run, "MGAS_R", range_g=2.0, range_dps=500.0)
    np.testing.assert_array_equal(cut.acceleration_g, np.clip(one.acceleration_g, -2, 2))
    np.testing.assert_array_equal(cut.rotation_dps, np.clip(one.rotation_dps, -500, 500))
    again = read(run, "MGAS_R")
    np.testing.assert_array_equal(again.acceleration_g, one.acceleration_g)


def test_what_cannot_be_is_refused() -> None:
    run = moving()
    with pytest.raises(ArgumentError, match="no motion is simulated"):
        read(run, "LD_R")
    with pytest.raises(ArgumentError, match="above 0"):
        read(run, "MGAS_R", rate_hz=0.0)


def test_a_run_that_never_moves_is_still() -> None:
    script = dataclasses.replace(SCENARIOS["healthy"], minutes=0.1, start_s=20.0, phases=())
    motion = read(simulate_runner(script, seed=1), "BFLH_L")
    assert np.linalg.norm(motion.acceleration_g, axis=1) == pytest.approx(1.0, abs=0.15)
