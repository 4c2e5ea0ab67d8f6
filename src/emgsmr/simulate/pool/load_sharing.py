"""Muscles that share a load stride by stride: an inhibited one gives less, its synergists give the rest.

Every site has a demand: the EMG amplitude it would show if it were fresh, relative to the top of its burst
in easy running. The demand is a force over the burst. Each step finds by how much the excitation of each
muscle has to exceed that of a fresh one, so that its tired pool gives that force, and lets the pools tire
and recover. What a prime mover does not supply, be it inhibited or exhausted, is added to the demand on the
muscles that share its task.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgsmr.simulate.pool.fatigue import RECOVERY_S, tire
from emgsmr.simulate.pool.motor_units import firing_rates, force, relative_force
from emgsmr.simulate.pool.muscles import NODES, Muscles, burst_emg

FloatArray = NDArray[np.float64]

STEP_S = 2.0
"""Three strides: a running muscle's capacity moves by less than 0.5 % in it."""

_WIDER, _HALVINGS = 1.015, 6  # the drive moves by less than 1 % in a step, and is found to 0.05 %
_MOST = 20.0  # of the drive: a muscle at its end gives no more


@dataclass(frozen=True, slots=True, eq=False)
class Link:
    """Who takes over from whom.

    Attributes
    ----------
    prime, compensator : tuple of int
        Indices of sites.
    inhibition : ndarray, shape (steps, len(prime))
        Part of its share that each prime mover does not supply (0 to 1).
    weight : ndarray, shape (len(compensator), len(prime))
        Impulse that a compensator adds for each unit of impulse that a prime mover leaves out.
    """

    prime: tuple[int, ...]
    compensator: tuple[int, ...]
    inhibition: FloatArray
    weight: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Course:
    """What the muscles did; every array has the steps first and the sites second.

    Attributes
    ----------
    t_s : ndarray, shape (steps,), s
    level : ndarray
        Amplitude that a fresh muscle would show: the demand after sharing.
    drive : ndarray
        Excitation relative to that of a fresh muscle at the same level.
    amplitude : ndarray
        Of the EMG over the burst, relative to fresh, easy running.
    frequency : ndarray
        Mean frequency over the burst, relative to the same.
    force_capacity : ndarray
        Maximal force relative to fresh.
    missing : ndarray
        Part of the demanded impulse that the muscle does not supply.
    units : ndarray, shape (steps, sites, n)
        Force that each unit has left, relative to fresh.
    """

    t_s: FloatArray
    level: FloatArray
    drive: FloatArray
    amplitude: FloatArray
    frequency: FloatArray
    force_capacity: FloatArray
    missing: FloatArray
    units: FloatArray


def share_load(
    muscles: Muscles,
    demand: FloatArray,
    active: FloatArray,
    links: Sequence[Link] = (),
    *,
    step_s: float = STEP_S,
    recovery_s: float = RECOVERY_S,
) -> Course:
    """Let muscles work.

    Parameters
    ----------
    muscles : Muscles
    demand : ndarray, shape (steps, sites)
        Level of each site's own share.
    active : ndarray, shape (steps,)
        0 while standing, 1 while moving.
    links : sequence of Link
    step_s, recovery_s : float, s

    Returns
    -------
    Course
    """
    steps, sites = demand.shape
    capacity, drive = np.ones((sites, len(muscles.pool.twitch))), np.ones(sites)
    short = np.zeros(sites)  # part of the demand that the last step could not supply
    rows: list[tuple[FloatArray, ...]] = []
    reference = burst_emg(muscles, muscles.excitation(np.tile(NODES, (sites, 1))), capacity)
    for k in range(steps):
        wanted = _shared(muscles, demand[k], short, links, k)
        level = muscles.level(wanted)
        base = muscles.excitation(level[:, None] * NODES)
        drive, supplied = _drive(muscles, base, capacity, wanted, drive)
        excitation = np.minimum(base * drive[:, None], muscles.pool.max_excitation)
        rms, hz = burst_emg(muscles, excitation, capacity)
        most = force(muscles.pool, np.full(sites, muscles.pool.max_excitation), capacity)
        short = np.where(wanted > 0.0, np.maximum(0.0, 1.0 - supplied / np.maximum(wanted, 1e-9)), 0.0)
        rows.append(
            (
                level,
                drive,
                rms / reference[0],
                hz / reference[1],
                most / muscles.pool.max_force,
                short,
                capacity,
            )
        )
        rates = firing_rates(muscles.pool, excitation)
        relative = relative_force(muscles.pool, rates, capacity[:, None, :]).mean(axis=1)
        busy = active[k] * muscles.duty[:, None]
        capacity = tire(muscles.pool, capacity, relative * busy, step_s, recovery_s)
    level, drive, amplitude, frequency, most, missing, units = (
        np.array(column, np.float64) for column in zip(*rows, strict=True)
    )
    t_s = step_s * np.arange(steps, dtype=np.float64)
    return Course(t_s, level, drive, amplitude, frequency, most, missing, units)


def _shared(
    muscles: Muscles, demand: FloatArray, short: FloatArray, links: Sequence[Link], k: int
) -> FloatArray:
    """Find the impulse that each muscle has to supply."""
    own = muscles.impulse(demand)
    wanted = own.copy()
    for link in links:
        prime, compensator = list(link.prime), list(link.compensator)
        left_out = 1.0 - (1.0 - link.inhibition[k]) * (1.0 - short[prime])
        wanted[prime] -= link.inhibition[k] * own[prime]
        wanted[compensator] += link.weight @ (left_out * own[prime])
    return np.maximum(wanted, 0.0)


def _drive(
    muscles: Muscles, base: FloatArray, capacity: FloatArray, wanted: FloatArray, last: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Find the factor on the fresh excitation that gives the impulse; near the last one, by halving."""

    def given(drive: FloatArray) -> FloatArray:
        excitation = np.minimum(base * drive[:, None], muscles.pool.max_excitation)
        return np.asarray(force(muscles.pool, excitation, capacity[:, None, :]).mean(axis=-1))

    # Force is a staircase (units come in one by one), so slopes would lead astray.
    low, high = last / _WIDER, np.minimum(last * _WIDER, _MOST)
    for _ in range(_HALVINGS):
        middle = np.sqrt(low * high)
        enough = given(middle) >= wanted
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high, given(high)
