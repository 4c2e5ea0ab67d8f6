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

from emgsmr.simulate.pool.action_potentials import SurfaceUnits, conduction
from emgsmr.simulate.pool.fatigue import RECOVERY_S, tire
from emgsmr.simulate.pool.motor_units import (
    MotorUnits,
    excitation_for,
    firing_rates,
    force,
    relative_force,
)

FloatArray = NDArray[np.float64]

STEP_S = 2.0
"""Three strides: capacities move by less than 0.5 % in it."""

_NODES = 0.5 * (1.0 - np.cos(np.pi * (np.arange(8) + 0.5) / 8.0))  # heights of a burst, each as long as another
_LEVELS = np.linspace(0.0, 4.0, 401)
_GRID = 1500
_WIDER, _HALVINGS = 1.06, 10


@dataclass(frozen=True, slots=True, eq=False)
class Muscles:
    """The muscles under the sites of one runner.

    Attributes
    ----------
    pool : MotorUnits
    units : SurfaceUnits
        Of all sites: shape (sites, n).
    top : ndarray, shape (sites,)
        Excitation at the burst's top in fresh, easy running.
    duty : ndarray, shape (sites,)
        Part of the stride that the burst lasts.
    """

    pool: MotorUnits
    units: SurfaceUnits
    top: FloatArray
    duty: FloatArray
    amplitudes: FloatArray  # (sites, grid): at the excitations of `_grid`, relative to the top
    impulses: FloatArray  # (sites, levels): mean force over the burst at each of `_LEVELS`

    @staticmethod
    def made(
        pool: MotorUnits, units: Sequence[SurfaceUnits], load: Sequence[float], duty: Sequence[float]
    ) -> Muscles:
        """Put muscles together whose bursts' tops are at a part ``load`` of their maximal force."""
        stacked = SurfaceUnits(
            np.array([u.height for u in units]),
            np.array([u.width_s for u in units]),
            np.array([u.first_order for u in units]),
        )
        top = excitation_for(pool, np.array(load) * pool.max_force)
        grid = _grid(pool)
        rates = firing_rates(pool, grid)
        power = np.array([u.power(rates).sum(axis=-1) for u in units])
        at_top = np.array([u.power(firing_rates(pool, e)).sum() for u, e in zip(units, top, strict=True)])
        bare = Muscles(pool, stacked, top, np.array(duty), np.sqrt(power / at_top[:, None]), np.empty((0, 0)))
        nodes = bare.excitation(np.tile(_LEVELS[:, None] * _NODES, (len(top), 1, 1)))
        impulses = force(pool, nodes).mean(axis=-1)
        return Muscles(pool, stacked, top, bare.duty, bare.amplitudes, impulses)

    def excitation(self, level: FloatArray) -> FloatArray:
        """Find the excitation at which each fresh muscle shows an amplitude; shape (sites, ...) both."""
        grid = _grid(self.pool)
        rows = [np.interp(row, curve, grid) for row, curve in zip(level, self.amplitudes, strict=True)]
        return np.array(rows)

    def impulse(self, level: FloatArray) -> FloatArray:
        """Compute the mean force over the burst that fresh muscles give at a level; shape (sites,)."""
        return np.array([np.interp(x, _LEVELS, row) for x, row in zip(level, self.impulses, strict=True)])

    def level(self, impulse: FloatArray) -> FloatArray:
        """Find the level at which fresh muscles give a mean force over the burst; shape (sites,)."""
        return np.array([np.interp(x, row, _LEVELS) for x, row in zip(impulse, self.impulses, strict=True)])


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
    units: NDArray[np.float32]


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
    reference = _burst(muscles, muscles.excitation(np.tile(_NODES, (sites, 1))), capacity)
    for k in range(steps):
        wanted = _shared(muscles, demand[k], short, links, k)
        level = muscles.level(wanted)
        base = muscles.excitation(level[:, None] * _NODES)
        drive, supplied = _drive(muscles, base, capacity, wanted, drive)
        excitation = np.minimum(base * drive[:, None], muscles.pool.max_excitation)
        rms, hz = _burst(muscles, excitation, capacity)
        most = force(muscles.pool, np.full(sites, muscles.pool.max_excitation), capacity)
        short = np.maximum(0.0, 1.0 - supplied / np.maximum(wanted, 1e-9))
        rows.append(
            (level, drive, rms / reference[0], hz / reference[1], most / muscles.pool.max_force, short, capacity)
        )
        rates = firing_rates(muscles.pool, excitation)
        relative = relative_force(muscles.pool, rates, capacity[:, None, :]).mean(axis=1)
        busy = active[k] * muscles.duty[:, None]
        capacity = tire(muscles.pool, capacity, relative * busy, step_s, recovery_s)
    columns = [np.array(column) for column in zip(*rows, strict=True)]
    return Course(step_s * np.arange(steps), *columns[:-1], units=columns[-1].astype(np.float32))


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
    low, high = last / _WIDER, last * _WIDER
    top = muscles.pool.max_excitation
    for _ in range(_HALVINGS):
        middle = np.sqrt(low * high)
        given = _impulse(muscles, np.minimum(base * middle[:, None], top), capacity)
        enough = given >= wanted
        low, high = np.where(enough, low, middle), np.where(enough, middle, high)
    return high, _impulse(muscles, np.minimum(base * high[:, None], top), capacity)


def _impulse(muscles: Muscles, excitation: FloatArray, capacity: FloatArray) -> FloatArray:
    return np.asarray(force(muscles.pool, excitation, capacity[:, None, :]).mean(axis=-1))


def _burst(
    muscles: Muscles, excitation: FloatArray, capacity: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Compute rms and mean frequency of each site over its burst."""
    speed = conduction(capacity)
    power = muscles.units.power(firing_rates(muscles.pool, excitation).mean(axis=1), speed)
    return np.sqrt(power.sum(axis=-1)), muscles.units.mean_hz(power, speed)


def _grid(pool: MotorUnits) -> FloatArray:
    return np.linspace(0.0, pool.max_excitation, _GRID)
