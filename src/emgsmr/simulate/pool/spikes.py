"""From the excitation of a muscle over time to the sum of its units' action potentials at an electrode.

Every unit fires as a renewal process whose rate follows its excitation; every spike adds the unit's
potential, as wide as the unit's conduction velocity makes it at that moment. Nothing depends on the sensor's
rate but the kernels that are added, so two sensors on one site would see the same spikes.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import fft

from emgsmr.simulate.pool.action_potentials import SurfaceUnits, conduction
from emgsmr.simulate.pool.motor_units import MotorUnits, firing_rates

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int64]

GRID_S = 0.005
"""Distance of the moments at which excitation is given: short against the shortest interval (29 ms)."""

INTERVAL_CV = 0.2
"""Coefficient of variation of the intervals between spikes in voluntary contractions."""

_SHORTEST = 0.2  # interval relative to its mean: what a Gaussian of CV 0.2 nearly never goes below
_REACH = 4.5  # widths to either side of a potential's middle that are added
_FEWEST = 12  # samples to either side: what the anti-aliasing filter spreads
_SUBSAMPLES = 16
_WIDTH_STEP = 1.03
_UNITS_AT_ONCE = 40


def spike_times(
    rate_hz: FloatArray, dt_s: float, rng: np.random.Generator, *, interval_cv: float = INTERVAL_CV
) -> FloatArray:
    """Draw the spikes of one unit.

    Parameters
    ----------
    rate_hz : ndarray, shape (m,), Hz
        At 0, dt_s, 2 dt_s, ...; the intervals are those of a renewal process whose clock runs at the rate.
    dt_s : float, s
    rng : numpy.random.Generator
    interval_cv : float

    Returns
    -------
    ndarray, s

    Examples
    --------
    >>> spikes = spike_times(np.full(2000, 10.0), 0.005, np.random.default_rng(1))
    >>> 95 < len(spikes) < 105, bool(abs(np.diff(spikes).mean() - 0.1) < 0.01)
    (True, True)
    """
    clock = np.concatenate([[0.0], np.cumsum(rate_hz) * dt_s])
    n = int(clock[-1] + 10.0 * interval_cv * np.sqrt(clock[-1]) + 10.0)
    steps = np.maximum(1.0 + interval_cv * rng.standard_normal(n), _SHORTEST)
    due = rng.uniform() + np.concatenate([[0.0], np.cumsum(steps)])
    due = due[due < clock[-1]]
    # Where a unit is silent its clock stands; a spike belongs to the interval in which the clock passes it.
    after = np.searchsorted(clock, due, side="right")
    since = (due - clock[after - 1]) / (clock[after] - clock[after - 1])
    return np.asarray(dt_s * (after - 1 + since))


@dataclass(frozen=True, slots=True, eq=False)
class _Kernels:
    """Potentials of unit power per width, at every width and place between two samples."""

    log_narrowest: float
    table: FloatArray  # (2 orders, taps, widths * subsamples)

    @staticmethod
    def made(narrowest_s: float, widest_s: float, fs: float) -> _Kernels:
        steps = max(1, int(np.ceil(np.log(widest_s / narrowest_s) / np.log(_WIDTH_STEP))))
        widths = narrowest_s * _WIDTH_STEP ** np.arange(steps + 1)
        half = max(_FEWEST, int(np.ceil(_REACH * widths[-1] * fs)))
        # Entry (subsample, tap) is the shape at tap - half - (subsample + 1/2) / _SUBSAMPLES samples.
        fine = np.arange(2 * half * _SUBSAMPLES) - (half + 1) * _SUBSAMPLES + 0.5
        x = fine / (_SUBSAMPLES * fs) / widths[:, None]
        bell = np.exp(-0.5 * x**2)
        first = x * bell * np.sqrt(2.0 / np.sqrt(np.pi))
        second = (1.0 - x**2) * bell * np.sqrt(4.0 / (3.0 * np.sqrt(np.pi)))
        shapes = np.array([first, second])
        # An ideal anti-aliasing filter stands before the sampler.
        spectrum = fft.rfft(shapes, axis=-1)
        spectrum[..., half] *= np.sqrt(0.5)  # the line at fs / 2 stands for as much above it as below
        spectrum[..., half + 1 :] = 0.0
        shapes = fft.irfft(spectrum, shapes.shape[-1], axis=-1)
        taps = shapes.reshape(2, len(widths), 2 * half, _SUBSAMPLES)[..., ::-1]
        table = np.moveaxis(taps, 2, 1).reshape(2, 2 * half, -1)
        return _Kernels(float(np.log(narrowest_s)), np.ascontiguousarray(table))

    def add(self, out: FloatArray, place: FloatArray, width_s: FloatArray, weights: FloatArray) -> None:
        """Add potentials at ``place`` (samples) with weights of shape (2, spikes)."""
        whole = np.floor(place).astype(np.int64)
        sub = ((place - whole) * _SUBSAMPLES).astype(np.int64)
        row = np.rint((np.log(width_s) - self.log_narrowest) / np.log(_WIDTH_STEP)).astype(np.int64)
        length = self.table.shape[1]
        flat = np.clip(row, 0, self.table.shape[2] // _SUBSAMPLES - 1) * _SUBSAMPLES + sub
        near = (whole >= -length) & (whole < len(out) + length)
        start = whole[near] - length // 2 + 2 * length
        flat, (first, second) = flat[near], weights[:, near]
        padded = np.zeros(len(out) + 4 * length)
        for tap in range(length):
            value = first * self.table[0, tap].take(flat) + second * self.table[1, tap].take(flat)
            padded += np.bincount(start + tap, value, minlength=len(padded))
        out += padded[2 * length : 2 * length + len(out)]


def surface_emg(
    pool: MotorUnits,
    units: SurfaceUnits,
    excitation: FloatArray,
    capacity: FloatArray,
    capacity_t_s: FloatArray,
    *,
    n_samples: int,
    fs: float,
    t0_s: float,
    rng: np.random.Generator,
    true_fs: float | None = None,
) -> FloatArray:
    """Sum the action potentials of one muscle's units.

    Parameters
    ----------
    pool : MotorUnits
    units : SurfaceUnits
        Of this muscle, shape (n,), in µV and s.
    excitation : ndarray, shape (m,)
        Every `GRID_S` from time 0.
    capacity : ndarray, shape (k, n)
        Force that each unit has left, relative to fresh, at ``capacity_t_s``.
    capacity_t_s : ndarray, shape (k,), s
    n_samples : int
    fs : float, Hz
        What is above half of it is missing, as behind an anti-aliasing filter.
    t0_s : float, s
        Time of the first sample.
    rng : numpy.random.Generator
    true_fs : float, Hz, optional
        At which samples are really taken; default: ``fs``.

    Returns
    -------
    ndarray, shape (n_samples,), µV
    """
    out = np.zeros(n_samples)
    kernels = _Kernels.made(
        float(units.width_s.min()), float((units.width_s / conduction(capacity)).max()), fs
    )
    group: list[tuple[FloatArray, FloatArray, FloatArray]] = []
    for unit, spikes in _trains(pool, excitation, rng):
        if len(spikes):
            slower = conduction(np.interp(spikes, capacity_t_s, capacity[:, unit]))
            share = np.sqrt([units.first_order[unit], 1.0 - units.first_order[unit]])
            weights = np.repeat(units.height[unit] * share[:, None], len(spikes), axis=1)
            place = (spikes - t0_s) * (fs if true_fs is None else true_fs)
            group.append((place, units.width_s[unit] / slower, weights))
        if group and ((unit + 1) % _UNITS_AT_ONCE == 0 or unit == len(pool.twitch) - 1):
            place, width, weights = (np.concatenate(part, axis=-1) for part in zip(*group, strict=True))
            kernels.add(out, place, width, weights)
            group = []
    return out


def _trains(
    pool: MotorUnits, excitation: FloatArray, rng: np.random.Generator
) -> Iterator[tuple[int, FloatArray]]:
    """Draw each unit's spikes, from the first recruited to the last."""
    highest = float(excitation.max(initial=0.0))
    own = rng.spawn(len(pool.threshold))  # so that no unit's spikes depend on how many another has
    for unit, threshold in enumerate(pool.threshold):
        if threshold > highest:
            yield unit, np.zeros(0)
            continue
        one = MotorUnits(*(getattr(pool, f)[unit : unit + 1] for f in pool.__slots__))
        yield unit, spike_times(firing_rates(one, excitation)[:, 0], GRID_S, own[unit])
