from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest

from emgsmr.simulate.pool.action_potentials import SurfaceUnits
from emgsmr.simulate.pool.load_sharing import STEP_S, Course, Link, share_load
from emgsmr.simulate.pool.motor_units import MotorUnits, force, motor_units
from emgsmr.simulate.pool.muscles import NODES, Muscles

POOL = motor_units()
TIRELESS = dataclasses.replace(POOL, fatigability=np.zeros(120))


@cache
def muscles(load: float = 0.4, pool: MotorUnits = POOL, sites: int = 3) -> Muscles:
    rng = np.random.default_rng(7)
    drawn = [SurfaceUnits.drawn(pool, rng) for _ in range(sites)]
    made = Muscles.made(pool, drawn, np.full(sites, load), np.full(sites, 0.4))
    return made.tuned(np.full(sites, 100.0), np.full(sites, 95.0))


def shared(own: Muscles, inhibition: float, minutes: float = 4.0, *, level: float = 1.0) -> Course:
    """Site 0 leaves out a part from half of the time on, 1 takes it over, 2 has nothing to do with it."""
    steps = int(60 * minutes / STEP_S)
    reached = np.where(np.arange(steps) < steps // 2, 0.0, inhibition)[:, None]
    impulse = own.impulse(np.ones(3))
    link = Link((0,), (1,), reached, np.array([[impulse[1] / impulse[0]]]))
    return share_load(own, np.full((steps, 3), level), np.ones(steps), [link])


def test_tops_and_frequencies_are_those_asked_for() -> None:
    own = muscles()
    assert force(POOL, own.top) / POOL.max_force == pytest.approx(0.4, abs=1e-6)
    course = share_load(own, np.ones((1, 3)), np.ones(1))
    assert course.amplitude[0] == pytest.approx(1.0, rel=0.005)
    assert course.frequency[0] == pytest.approx(1.0, rel=0.005)
    assert course.drive[0] == pytest.approx(1.0, rel=0.002)
    assert course.force_capacity[0] == pytest.approx(1.0)


def test_a_level_is_the_amplitude_that_a_fresh_muscle_shows() -> None:
    own = muscles(pool=TIRELESS)
    levels = np.array([0.3, 0.75, 1.25])
    course = share_load(own, levels[None, :], np.ones(1))
    assert course.amplitude[0] == pytest.approx(levels, rel=0.02)
    assert own.level(own.impulse(levels)) == pytest.approx(levels, abs=1e-9)


def test_what_the_prime_mover_leaves_out_the_compensator_adds() -> None:
    own = muscles()
    course = shared(own, 0.3)
    impulse = own.impulse(np.ones(3))
    supplied = np.array([own.impulse(level) for level in course.level]) / impulse
    assert supplied.sum(axis=1) == pytest.approx(3.0, abs=1e-6)
    assert supplied[-1] == pytest.approx([0.7, 1.3, 1.0], abs=1e-6)
    assert not course.missing.any()


def test_the_drive_gives_the_force_on_the_tired_pool() -> None:
    """The impulse at the found excitation, summed unit by unit from the state that was handed back."""
    own = muscles()
    course = shared(own, 0.3, minutes=10.0)
    for site in range(3):
        level, drive, capacity = course.level[-1, site], course.drive[-1, site], course.units[-1, site]
        base = np.interp(level * NODES, own.amplitudes[site], own.grid)
        given = np.mean([float(force(POOL, e * drive, capacity)) for e in base])
        wanted = np.interp(level, np.linspace(0, 4, 401), own.impulses[site])
        assert given == pytest.approx(wanted, rel=0.002)


def test_the_compensator_tires_first() -> None:
    course = shared(muscles(), 0.3, minutes=20.0)
    half = len(course.t_s) // 2
    before, after = course.force_capacity[half - 1], course.force_capacity[-1]
    assert after[1] < after[2] < after[0]
    assert after[0] > before[0]  # the inhibited muscle recovers
    later = slice(half + 5, None)
    assert course.amplitude[-1, 1] > course.amplitude[half + 5, 1]
    assert course.frequency[-1, 1] < course.frequency[half + 5, 1]
    assert (np.diff(course.drive[later, 1]) >= -2e-3).all()


def test_more_inhibition_more_fatigue() -> None:
    left = [shared(muscles(), part, minutes=8.0).force_capacity[-1, 1] for part in (0.0, 0.15, 0.3, 0.5)]
    assert (np.diff(left) < 0.0).all()


def test_standing_lets_muscles_recover() -> None:
    own, steps = muscles(), 300
    course = share_load(own, np.ones((steps, 3)), (np.arange(steps) < 150).astype(float))
    assert (course.force_capacity[-1] > course.force_capacity[149]).all()
    one = share_load(own, np.ones((steps, 3)), np.zeros(steps))
    assert (one.force_capacity == 1.0).all()


def test_what_no_one_can_supply_is_missing_and_passed_on() -> None:
    own = muscles(load=0.9)
    course = shared(own, 0.0, minutes=10.0, level=2.0)
    assert course.missing[-1].min() > 0.1
    assert course.level[-1, 1] > course.level[-1, 2]  # it gets the shortfall of site 0 too
    assert np.isfinite(course.amplitude).all()


def test_nothing_to_do_and_no_time() -> None:
    own = muscles()
    idle = share_load(own, np.zeros((50, 3)), np.ones(50))
    assert (idle.force_capacity == 1.0).all()
    assert not idle.amplitude.any()
    assert not idle.missing.any()
