"""The muscles under a runner's sites: what excitation, force and EMG a burst has in them."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from emgsmr.simulate.pool.action_potentials import SurfaceUnits, conduction
from emgsmr.simulate.pool.motor_units import MotorUnits, excitation_for, firing_rates, force

FloatArray = NDArray[np.float64]

NODES: FloatArray = 0.5 * (1.0 - np.cos(np.pi * (np.arange(8) + 0.5) / 8.0))
"""Heights of a burst relative to its top: it is as long near each of them as near another."""

_LEVELS = np.linspace(0.0, 4.0, 401)
_GRID = 1500


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
    amplitudes: FloatArray  # (sites, grid): at the excitations of `grid`, relative to the top
    impulses: FloatArray  # (sites, levels): mean force over the burst at each of `_LEVELS`

    @property
    def grid(self) -> FloatArray:
        """Excitations of the table of amplitudes."""
        return _grid(self.pool)

    @staticmethod
    def made(pool: MotorUnits, units: Sequence[SurfaceUnits], load: FloatArray, duty: FloatArray) -> Muscles:
        """Put muscles together whose bursts' tops are at a part ``load`` of their maximal force."""
        stacked = SurfaceUnits(
            np.array([u.height for u in units]),
            np.array([u.width_s for u in units]),
            np.array([u.first_order for u in units]),
        )
        top = excitation_for(pool, load * pool.max_force)
        grid = _grid(pool)
        rates = firing_rates(pool, grid)
        power = np.array([u.power(rates).sum(axis=-1) for u in units])
        at_top = np.array([u.power(firing_rates(pool, e)).sum() for u, e in zip(units, top, strict=True)])
        bare = Muscles(pool, stacked, top, duty, np.sqrt(power / at_top[:, None]), np.empty((0, 0)))
        nodes = bare.excitation(np.tile(_LEVELS[:, None] * NODES, (len(top), 1, 1)))
        impulses = force(pool, nodes).mean(axis=-1)
        return Muscles(pool, stacked, top, bare.duty, bare.amplitudes, impulses)

    def tuned(self, peak_uv: FloatArray, mean_hz: FloatArray) -> Muscles:
        """Scale potentials to an rms at each burst's top and to a mean frequency over the burst."""
        fresh = np.ones((len(self.top), len(self.pool.twitch)))
        nodes = self.excitation(np.tile(NODES, (len(self.top), 1)))
        wider = (burst_emg(self, nodes, fresh)[1] / mean_hz)[:, None]
        units = self.units.scaled(width=wider)
        power = units.power(firing_rates(self.pool, self.top)).sum(axis=-1, keepdims=True)
        return dataclasses.replace(self, units=units.scaled(height=peak_uv[:, None] / np.sqrt(power)))

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


def burst_emg(
    muscles: Muscles, excitation: FloatArray, capacity: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Compute rms and mean frequency of each site's EMG over its burst.

    Parameters
    ----------
    muscles : Muscles
    excitation : ndarray, shape (sites, nodes)
    capacity : ndarray, shape (sites, n)

    Returns
    -------
    rms, mean_hz : ndarray, shape (sites,)
    """
    speed = conduction(capacity)
    power = muscles.units.power(firing_rates(muscles.pool, excitation).mean(axis=1), speed)
    return np.sqrt(power.sum(axis=-1)), muscles.units.mean_hz(power, speed)


def _grid(pool: MotorUnits) -> FloatArray:
    return np.linspace(0.0, pool.max_excitation, _GRID)
