"""A pool of motor units: who fires how fast at which excitation, and with how much force.

The model of Fuglevand, Winter & Patla (1993) with the parameters of Potvin & Fuglevand (2017). Arrays of
units are the last axis everywhere; leading axes are muscles, moments or whatever the caller has.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

FloatArray = NDArray[np.float64]

UNITS = 120
"""Motor units in a muscle's pool."""

_RECRUITMENT_RANGE = 50.0  # threshold of the last unit over that of the first
_TWITCH_RANGE = 100.0  # strongest over weakest
_SPEED_RANGE = 3.0  # slowest over fastest contraction
_LOWEST_HZ = 8.0
_HIGHEST_HZ = (35.0, 25.0)  # of the first and of the last unit
_SLOWEST_S = 0.090
_FATIGUE_RANGE = 180.0
_FATIGUE_PER_S = 0.0225  # of its own force that the most fatigable unit loses at full activity
_LINEAR_UNTIL = 0.4  # contraction time over interval: below it force grows with rate in a straight line
_SLOWING = 0.379  # contraction time grows by this part as the force goes to nothing
_ADAPTATION = 0.67
_ADAPTATION_S = 22.0


@dataclass(frozen=True, slots=True, eq=False)
class MotorUnits:
    """Properties of the units of one muscle, from the first recruited to the last.

    Attributes
    ----------
    threshold : ndarray, shape (n,)
        Excitation from which a unit fires; 1 for the first unit.
    peak_hz : ndarray, shape (n,), Hz
    twitch : ndarray, shape (n,)
        Force of a fresh unit at its most, relative to the weakest.
    contraction_s : ndarray, shape (n,), s
        Of the fresh unit's twitch.
    fatigability : ndarray, shape (n,), 1/s
        Part of its fresh force that a unit loses per second at its most.
    """

    threshold: FloatArray
    peak_hz: FloatArray
    twitch: FloatArray
    contraction_s: FloatArray
    fatigability: FloatArray

    @property
    def max_excitation(self) -> float:
        """Excitation at which all units fire as fast as they can."""
        return float(np.max(self.threshold + self.peak_hz - _LOWEST_HZ))

    @property
    def max_force(self) -> float:
        """Force of the fresh muscle at `max_excitation`, in twitches of the weakest unit."""
        return float(force(self, self.max_excitation))


def motor_units(n: int = UNITS) -> MotorUnits:
    """Make the pool of Potvin & Fuglevand (2017).

    Examples
    --------
    >>> pool = motor_units()
    >>> pool.max_excitation, round(pool.max_force, 2)
    (67.0, 2215.98)
    """
    part = np.linspace(0.0, 1.0, n)
    threshold = _RECRUITMENT_RANGE**part
    first, last = _HIGHEST_HZ
    twitch = _TWITCH_RANGE**part
    return MotorUnits(
        threshold=threshold,
        peak_hz=first - (first - last) * (threshold - 1.0) / (_RECRUITMENT_RANGE - 1.0),
        twitch=twitch,
        contraction_s=_SLOWEST_S * twitch ** -(np.log(_SPEED_RANGE) / np.log(_TWITCH_RANGE)),
        fatigability=_FATIGUE_PER_S * _FATIGUE_RANGE ** (part - 1.0),
    )


def firing_rates(pool: MotorUnits, excitation: ArrayLike, on_s: ArrayLike = 0.0) -> FloatArray:
    """Compute the rate of every unit.

    Parameters
    ----------
    pool : MotorUnits
    excitation : array_like, shape (...)
    on_s : array_like, broadcastable to (..., n), s
        How long each unit has been firing without a pause; rates adapt with a time constant of 22 s.

    Returns
    -------
    ndarray, shape (..., n), Hz
        0 for units that are not recruited.
    """
    above = np.asarray(excitation, dtype=np.float64)[..., None] - pool.threshold
    # A rate never falls below its lowest while the unit is recruited; only adaptation takes it further down.
    rate = np.where(above >= 0.0, np.minimum(above + _LOWEST_HZ, pool.peak_hz), 0.0)
    on = np.asarray(on_s, dtype=np.float64)
    if not on.any():
        return np.asarray(rate)
    place = (pool.threshold - 1.0) / (_RECRUITMENT_RANGE - 1.0)
    slower = _ADAPTATION * (rate - _LOWEST_HZ + 2.0) * place * -np.expm1(-on / _ADAPTATION_S)
    return np.where(rate > 0.0, rate - slower, 0.0)


def relative_force(pool: MotorUnits, rate_hz: FloatArray, capacity: ArrayLike = 1.0) -> FloatArray:
    """Compute each unit's force at a rate, relative to the most it can do now (0 to 1).

    Parameters
    ----------
    pool : MotorUnits
    rate_hz : ndarray, shape (..., n), Hz
    capacity : array_like, broadcastable to (..., n)
        Force that each unit has left, relative to fresh; a tired unit contracts more slowly.
    """
    slower = 1.0 + _SLOWING * (1.0 - np.asarray(capacity, dtype=np.float64))
    fused = rate_hz * (pool.contraction_s * slower)
    # (1 - exp(-2 x^3)) above the limit; below it the straight line to the same value
    sigmoid = -np.expm1(-2.0 * np.maximum(fused, _LINEAR_UNTIL) ** 3)
    return np.asarray(sigmoid * np.minimum(fused / _LINEAR_UNTIL, 1.0))


def force(
    pool: MotorUnits, excitation: ArrayLike, capacity: ArrayLike = 1.0, on_s: ArrayLike = 0.0
) -> FloatArray:
    """Compute the muscle's steady force.

    Parameters
    ----------
    pool : MotorUnits
    excitation : array_like, shape (...)
    capacity, on_s : array_like, broadcastable to (..., n)
        See `relative_force` and `firing_rates`.

    Returns
    -------
    ndarray, shape (...)
        In twitches of the weakest fresh unit.
    """
    left = np.asarray(capacity, dtype=np.float64)
    relative = relative_force(pool, firing_rates(pool, excitation, on_s), left)
    return np.asarray((relative * (pool.twitch * left)).sum(axis=-1))


def excitation_for(
    pool: MotorUnits, wanted: ArrayLike, capacity: ArrayLike = 1.0, on_s: ArrayLike = 0.0, *, steps: int = 30
) -> FloatArray:
    """Find the lowest excitation that gives a force, by halving.

    Parameters
    ----------
    pool : MotorUnits
    wanted : array_like, shape (...)
        Force as `force` gives it.
    capacity, on_s : array_like, broadcastable to (..., n)
    steps : int
        Halvings of the range from 0 to `MotorUnits.max_excitation`.

    Returns
    -------
    ndarray, shape (...)
        `MotorUnits.max_excitation` where the muscle cannot do it.

    Examples
    --------
    >>> pool = motor_units()
    >>> round(float(excitation_for(pool, 0.592 * pool.max_force)), 1)
    40.0
    """
    target = np.asarray(wanted, dtype=np.float64)
    low, high = np.zeros(target.shape), np.full(target.shape, pool.max_excitation)
    for _ in range(steps):
        middle = (low + high) / 2.0
        enough = force(pool, middle, capacity, on_s) >= target
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high
