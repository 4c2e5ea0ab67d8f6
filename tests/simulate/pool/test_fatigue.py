from __future__ import annotations

import numpy as np
import pytest

from emgsmr.simulate.pool.fatigue import RECOVERY_S, endurance_s, fresh, hold, tire
from emgsmr.simulate.pool.motor_units import excitation_for, motor_units

POOL = motor_units()


def test_the_published_endurance_times() -> None:
    found = endurance_s(POOL, [0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8])
    # Steps of 0.25 s; the published table is rounded to seconds, and 20 % MVC to ten.
    assert found == pytest.approx([510.0, 266.0, 160.0, 95.0, 53.0, 28.0, 15.0], abs=2.0)


def test_recovery_is_exponential() -> None:
    capacity, still = np.full(120, 0.4), np.zeros(120)
    for _ in range(300):
        capacity = tire(POOL, capacity, still, 1.0, recovery_s=100.0)
    assert capacity == pytest.approx(1.0 - 0.6 * np.exp(-3.0), abs=0.001)


def test_steady_work_ends_where_tiring_and_recovery_are_equal() -> None:
    capacity, relative = np.ones(120), np.full(120, 0.1)
    for _ in range(4000):
        capacity = tire(POOL, capacity, relative, 1.0)
    assert capacity == pytest.approx(np.maximum(0.0, 1.0 - RECOVERY_S * POOL.fatigability * 0.1), abs=1e-4)


def test_rest_lengthens_what_can_be_held() -> None:
    without, with_rest = (endurance_s(POOL, [0.5], recovery_s=r)[0] for r in (np.inf, RECOVERY_S))
    assert with_rest > without


def test_a_pause_takes_adaptation_back() -> None:
    state = fresh(POOL)
    excitation = excitation_for(POOL, 0.5 * POOL.max_force)
    for _ in range(20):
        state = hold(POOL, state, excitation, 1.0)
    assert state.on_s[0] == 20.0
    assert state.on_s[-1] == 0.0  # never recruited
    assert not hold(POOL, state, 0.0, 1.0).on_s.any()


def test_nothing_leaves_the_range_from_nothing_to_all() -> None:
    for relative, capacity in ((1.0, 0.0), (0.0, 1.0), (1.0, 1.0)):
        found = tire(POOL, np.full(120, capacity), np.full(120, relative), 1000.0, recovery_s=1.0)
        assert (found >= 0.0).all()
        assert (found <= 1.0).all()


def test_what_can_be_held_for_ever_has_the_limit() -> None:
    assert endurance_s(POOL, [0.001], limit_s=5.0).tolist() == [5.0]
