"""Simulated notifications of Bluetooth sensors: when each sample was taken, and when the host heard of it.

A sensor's crystal is off by some ppm and wanders with the temperature. A packet is ready when its last
sample was taken; it goes out at the next connection event that works, and the host hears of it a little
later. Now and then the host, or the air, stalls, and what was held up comes in one burst. Some packets are
lost for good.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
_GRID_S = 10.0
_READY_S = 0.0003  # from the last sample to a packet that the radio can send
_STACK_S = 0.001  # from the air to the program, at least


@dataclass(frozen=True)
class Model:
    """A kind of sensor: nominal samples per second, samples per packet."""

    name: str
    fs: float
    n: int


NPG = Model("NPG Lite", 500.0, 10)
UMYO = Model("uMyo", 1116.0, 24)
GANGLION = Model("Ganglion", 200.0, 2)


@dataclass(frozen=True)
class Unit:
    """One sensor on one link.

    ``ppm`` is its crystal against the host's, ``percent`` the error of the nominal rate, ``wander_ppm`` how
    far the rate swings within ``wander_s``.
    """

    model: Model
    ppm: float = 0.0
    percent: float = 0.0
    interval_ms: float = 30.0
    missed: float = 0.02
    lost: float = 0.01
    stalls_per_min: float = 0.5
    stall_s: tuple[float, float] = (0.2, 5.0)
    wander_ppm: float = 3.0
    wander_s: float = 1200.0


@dataclass(frozen=True, eq=False)
class Heard:
    """What came of a sensor: ``end`` (index after each packet's last sample), ``came_s``, and the truth."""

    unit: Unit
    end: NDArray[np.int64]
    came_s: FloatArray
    index_grid: FloatArray
    time_grid: FloatArray
    arrivals: FloatArray = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "arrivals", np.column_stack([self.end.astype(np.float64), self.came_s]))

    def taken_s(self, index: FloatArray) -> FloatArray:
        """True time of samples."""
        return np.interp(index, self.index_grid, self.time_grid)

    def index_at(self, t_s: FloatArray) -> FloatArray:
        """The sample that was taken last, at each time."""
        return np.floor(np.interp(t_s, self.time_grid, self.index_grid))


def listen(unit: Unit, *, seconds: float, seed: int) -> Heard:
    """Simulate one sensor for so long."""
    rng = np.random.default_rng(seed)
    model = unit.model
    fs = model.fs * (1 + unit.percent / 100) * (1 + unit.ppm * 1e-6)
    time_grid = np.arange(0.0, seconds + 2 * _GRID_S, _GRID_S)
    turn = 2 * np.pi / unit.wander_s
    phase = rng.uniform(0, 2 * np.pi)
    swing = unit.wander_ppm * 1e-6 / turn * (np.cos(phase) - np.cos(turn * time_grid + phase))
    index_grid = fs * (time_grid + swing)
    start_s = 100.0 + rng.uniform(0, 0.5)
    time_grid = time_grid + start_s

    end = np.arange(model.n, int(seconds * fs), model.n)
    ready = np.interp(end - 1.0, index_grid, time_grid) + _READY_S
    came = _through_the_air(ready, unit, rng)
    came = _stalled(came, unit, rng)
    kept = ~_lost(len(end), unit.lost, rng)
    return Heard(unit, end[kept], came[kept], index_grid, time_grid)


def _through_the_air(ready: FloatArray, unit: Unit, rng: np.random.Generator) -> FloatArray:
    """The next connection event that is not missed, and the host's own delay."""
    interval = unit.interval_ms / 1e3
    origin = ready[0] - rng.uniform(0, interval)
    number = np.ceil((ready - origin) / interval).astype(np.int64)
    works = np.flatnonzero(rng.random(int(number[-1]) + 200) >= unit.missed)
    event = works[np.searchsorted(works, number)]
    host = (
        _STACK_S
        + rng.exponential(0.0004, len(ready))
        + np.where(rng.random(len(ready)) < 0.01, rng.uniform(0, 0.01, len(ready)), 0.0)
    )
    return np.maximum.accumulate(origin + event * interval + host)


def _stalled(came: FloatArray, unit: Unit, rng: np.random.Generator) -> FloatArray:
    """What comes during a stall is heard at its end, in a burst."""
    minutes = (came[-1] - came[0]) / 60
    for begin in rng.uniform(came[0], came[-1], rng.poisson(unit.stalls_per_min * minutes)):
        end = begin + np.exp(rng.uniform(*np.log(unit.stall_s)))
        first, stop = np.searchsorted(came, [begin, end])
        came[first:stop] = end + 2e-5 * np.arange(stop - first)
    return np.maximum.accumulate(came)


def _lost(n: int, share: float, rng: np.random.Generator) -> NDArray[np.bool_]:
    """Half of what is lost goes singly, half in runs of up to 100 packets."""
    gone = rng.random(n) < share / 2
    runs = rng.poisson(n * share / 2 / 50.5) if share else 0
    for first in rng.integers(1, n, runs):
        gone[first : first + rng.integers(1, 101)] = True
    gone[0] = False
    return np.asarray(gone)
