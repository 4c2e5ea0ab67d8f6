"""How motor units tire and recover.

Tiring is that of Potvin & Fuglevand (2017): each unit loses force at its own rate, in proportion to what it
does. Their model has no recovery. Running is bursts of a third of a stride with rest between them, so here
the lost force comes back with one time constant.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from emgsmr.simulate.pool.motor_units import (
    MotorUnits,
    excitation_for,
    firing_rates,
    force,
    relative_force,
)

FloatArray = NDArray[np.float64]

RECOVERY_S = 300.0
"""Time constant with which lost force comes back, s.

The upper end of what is plausible for one constant (100 to 300): what comes back faster matters little over
minutes of running, and what takes hours is not in the model.
"""


@dataclass(frozen=True, slots=True, eq=False)
class Fatigue:
    """State of a pool.

    Attributes
    ----------
    capacity : ndarray, shape (..., n)
        Force that each unit has left, relative to fresh.
    on_s : ndarray, shape (..., n), s
        How long each has been firing without a pause.
    """

    capacity: FloatArray
    on_s: FloatArray


def fresh(pool: MotorUnits, *shape: int) -> Fatigue:
    """Make the state of rested muscles."""
    return Fatigue(np.ones((*shape, len(pool.twitch))), np.zeros((*shape, len(pool.twitch))))


def tire(
    pool: MotorUnits, capacity: FloatArray, relative: FloatArray, dt_s: float, recovery_s: float = RECOVERY_S
) -> FloatArray:
    """Compute what force units have left after some time at a mean relative force each.

    Parameters
    ----------
    pool : MotorUnits
    capacity : ndarray, shape (..., n)
    relative : ndarray, shape (..., n)
        Mean of `emgsmr.simulate.pool.motor_units.relative_force` over the time, pauses included.
    dt_s : float, s
    recovery_s : float, s
        ``inf``: no recovery.
    """
    change = (1.0 - capacity) / recovery_s - pool.fatigability * relative
    return np.clip(capacity + dt_s * change, 0.0, 1.0)


def hold(
    pool: MotorUnits, state: Fatigue, excitation: ArrayLike, dt_s: float, recovery_s: float = np.inf
) -> Fatigue:
    """Advance a held contraction by ``dt_s``.

    Parameters
    ----------
    pool : MotorUnits
    state : Fatigue
    excitation : array_like, shape (...)
    dt_s : float, s
    recovery_s : float, s

    Returns
    -------
    Fatigue
        Units that do not fire have their adaptation taken back at once.
    """
    rate = firing_rates(pool, excitation, state.on_s)
    relative = relative_force(pool, rate, state.capacity)
    return Fatigue(
        capacity=tire(pool, state.capacity, relative, dt_s, recovery_s),
        on_s=np.where(rate > 0.0, state.on_s + dt_s, 0.0),
    )


def endurance_s(
    pool: MotorUnits,
    part: ArrayLike,
    *,
    dt_s: float = 0.25,
    recovery_s: float = np.inf,
    limit_s: float = 3600.0,
) -> FloatArray:
    """Find how long a part of the fresh muscle's maximal force can be held.

    Parameters
    ----------
    pool : MotorUnits
    part : array_like, shape (m,)
        0 to 1.
    dt_s : float, s
    recovery_s : float, s
    limit_s : float, s
        Answer for what can be held longer.

    Examples
    --------
    >>> from emgsmr.simulate.pool.motor_units import motor_units
    >>> endurance_s(motor_units(), [0.5, 0.8]).tolist()
    [95.5, 14.75]
    """
    wanted = np.atleast_1d(np.asarray(part, dtype=np.float64)) * pool.max_force
    state, held = fresh(pool, len(wanted)), np.full(len(wanted), limit_s)
    for k in range(int(limit_s / dt_s)):
        most = force(pool, np.full(len(wanted), pool.max_excitation), state.capacity, state.on_s)
        held[(most < wanted) & (held == limit_s)] = k * dt_s
        if (held < limit_s).all():
            break
        excitation = excitation_for(pool, wanted, state.capacity, state.on_s, steps=20)
        state = hold(pool, state, excitation, dt_s, recovery_s)
    return held
