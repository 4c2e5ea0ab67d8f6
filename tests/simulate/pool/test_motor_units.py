"""The pool against the numbers of the published model (Fuglevand 1993, Potvin & Fuglevand 2017)."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.simulate.pool.motor_units import (
    excitation_for,
    firing_rates,
    force,
    motor_units,
    relative_force,
)

POOL = motor_units()


def test_the_published_maxima() -> None:
    assert POOL.max_excitation == pytest.approx(67.0, abs=1e-9)
    assert POOL.max_force == pytest.approx(2215.98, abs=0.01)


def test_force_over_excitation() -> None:
    part = 100.0 * force(POOL, np.arange(10.0, 70.0, 10.0)) / POOL.max_force
    # 8.25, 22.18, ...: within what rounding to one decimal hides
    assert part == pytest.approx([8.3, 22.2, 39.4, 59.2, 79.9, 95.6], abs=0.06)


def test_against_a_loop_over_the_units() -> None:
    """The formulas of the papers, one unit at a time, with some of them tired and adapted."""
    rng = np.random.default_rng(1)
    capacity, on_s, excitation = rng.uniform(0.2, 1.0, 120), rng.uniform(0.0, 60.0, 120), 33.0
    total = 0.0
    for i in range(120):
        threshold, twitch = 50.0 ** (i / 119), 100.0 ** (i / 119)
        if excitation < threshold:
            continue
        rate = min(excitation - threshold + 8.0, 35.0 - 10.0 * (threshold - 1.0) / 49.0)
        rate -= 0.67 * (rate - 8.0 + 2.0) * (threshold - 1.0) / 49.0 * (1.0 - np.exp(-on_s[i] / 22.0))
        contraction = 0.09 * (1.0 / twitch) ** (np.log(3.0) / np.log(100.0))
        x = rate * contraction * (1.0 + 0.379 * (1.0 - capacity[i]))
        sigmoid = 1.0 - np.exp(-2.0 * max(x, 0.4) ** 3)
        total += twitch * capacity[i] * (sigmoid if x >= 0.4 else sigmoid * x / 0.4)
    assert force(POOL, excitation, capacity, on_s) == pytest.approx(total, rel=1e-12)


def test_rates_begin_at_8_and_end_at_their_peaks() -> None:
    just = firing_rates(POOL, 7.0)
    assert just[POOL.threshold <= 7.0].min() >= 8.0
    assert not just[POOL.threshold > 7.0].any()
    top = firing_rates(POOL, POOL.max_excitation)
    assert (top[0], top[-1]) == (35.0, 25.0)
    assert (np.diff(top) <= 0.0).all()
    assert not firing_rates(POOL, 0.0).any()


def test_adaptation_slows_the_last_recruited_and_spares_the_first() -> None:
    fresh, late = (firing_rates(POOL, 60.0, np.full(120, on)) for on in (0.0, 600.0))
    assert late[0] == fresh[0]
    # The formula's own end: 0.67 (FR - 6) (RTE - 1) / 49 less; the last unit is 49 of 49.
    assert late[-1] == pytest.approx(fresh[-1] - 0.67 * (fresh[-1] - 6.0), rel=1e-6)


@given(st.floats(0.0, 66.9), st.floats(0.001, 30.0), st.floats(0.05, 1.0))
def test_force_never_falls_with_excitation_and_stays_below_the_maximum(
    excitation: float, more: float, left: float
) -> None:
    low, high = (force(POOL, e, left) for e in (excitation, excitation + more))
    assert 0.0 <= low <= high <= POOL.max_force * (1.0 + 1e-9)


@given(st.floats(0.001, 0.999), st.floats(0.3, 1.0))
def test_excitation_is_the_inverse_of_force(part: float, left: float) -> None:
    capacity = np.full(120, left)
    wanted = part * float(force(POOL, POOL.max_excitation, capacity))
    found = float(excitation_for(POOL, wanted, capacity))
    assert force(POOL, found, capacity) >= wanted * (1.0 - 1e-9)
    assert force(POOL, found - 1e-6, capacity) <= wanted  # the lowest that is enough


def test_what_cannot_be_done_is_the_maximum() -> None:
    assert excitation_for(POOL, 2.0 * POOL.max_force) == POOL.max_excitation


def test_a_tired_unit_is_slower_and_so_fuses_at_lower_rates() -> None:
    rate = np.full(120, 10.0)
    assert (relative_force(POOL, rate, 0.5) > relative_force(POOL, rate, 1.0)).all()
