"""A heart rate strap and a foot pod for the simulated runner: what they would say during a run."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgsmr.radio.played import PlayedSensor, address
from emgsmr.sensors import COMPANIONS, Reading
from emgsmr.simulate.gait import autoregressive
from emgsmr.simulate.person import generator

if TYPE_CHECKING:
    from emgsmr.simulate import Run

FloatArray = NDArray[np.float64]
Readings = tuple[tuple[float, Reading], ...]

STRAP, POD = "HRM-Demo", "Pod-Demo"

_PACE_MPS = {"run": (2.6, 3.3), "walk": (1.25, 1.5)}  # of this runner at the scenario's speed 1
_CADENCE_OVER_S = 5.0
_REST_BPM = (70.0, 82.0)  # standing, before the start
_STEADY_BPM = {"run": (142.0, 156.0), "walk": (95.0, 108.0)}
_PER_SPEED = 1.2  # above rest, a speed that is 1 % higher costs 1.2 % more
_RISE_S = 45.0  # the heart follows the effort
_DRIFT_BPM_S, _DRIFT_FROM_S, _DRIFT_MOST_BPM = 0.25 / 60, 480.0, 12.0  # it drifts up at the same pace
_WANDER_BPM, _WANDER_PHI = 1.5, 0.9  # from second to second


def companions(run: Run, *, first_number: int) -> tuple[PlayedSensor, PlayedSensor]:
    """Make the strap and the pod of a simulated runner.

    Parameters
    ----------
    run : Run
    first_number : int
        Of their addresses.

    Returns
    -------
    tuple of PlayedSensor
        Each speaks once a second. The pod's cadence counts the steps of the run's own foot contacts; pace
        and heart rate follow the scenario's speed, the heart with a delay, a slow drift upward and some
        wandering. Nothing in them knows of a shift between muscles.

    Examples
    --------
    >>> from emgsmr.simulate import simulate_runner
    >>> run = simulate_runner("healthy", seed=1, minutes=0.5)
    >>> [device.name for device in companions(run, first_number=7)]
    ['HRM-Demo', 'Pod-Demo']
    """
    seconds = np.arange(1.0, run.duration_s + 1e-9)
    rng = generator(run.seed, "companions")
    devices = (("heart_rate", STRAP, _strap(run, seconds)), ("foot_pod", POD, _pod(run, seconds)))
    strap, pod = (
        PlayedSensor(
            family=COMPANIONS[key],
            address=address(first_number + number),
            name=name,
            battery_pct=int(rng.integers(60, 100)),
            sites={},
            rate_hz=1.0,
            counts=np.zeros((0, 0), dtype=np.int16),
            readings=readings,
        )
        for number, (key, name, readings) in enumerate(devices)
    )
    return strap, pod


def heart_rate(run: Run, seconds: FloatArray) -> FloatArray:
    """Heart rate of the simulated runner at whole seconds from 1, bpm."""
    rng = generator(run.seed, "heart")
    rest, steady = rng.uniform(*_REST_BPM), rng.uniform(*_STEADY_BPM[run.scenario.gait])
    wanted = rest + (steady - rest) * np.maximum(0.0, 1.0 + _PER_SPEED * (_speed(run, seconds) - 1.0))
    wanted[seconds < run.scenario.start_s] = rest
    since_s = seconds - run.scenario.start_s - _DRIFT_FROM_S
    wanted += np.clip(_DRIFT_BPM_S * since_s, 0.0, _DRIFT_MOST_BPM)
    bpm = np.empty_like(wanted)
    now = rest
    for i, target in enumerate(wanted):
        now += (target - now) / _RISE_S
        bpm[i] = now
    return bpm + autoregressive(len(bpm), phi=_WANDER_PHI, sd=_WANDER_BPM, rng=rng)


def _strap(run: Run, seconds: FloatArray) -> Readings:
    """Each second the contact, the intervals of the beats since the last one, and the rate."""
    bpm = heart_rate(run, seconds)
    beats_by = np.concatenate([[0.0], np.cumsum(bpm / 60.0)])
    beat_s = np.interp(np.arange(np.floor(beats_by[-1]) + 1.0), beats_by, np.concatenate([[0.0], seconds]))
    said_in = np.searchsorted(seconds, beat_s[1:])
    readings: list[tuple[float, Reading]] = []
    intervals = iter(zip(said_in.tolist(), (1000.0 * np.diff(beat_s)).tolist(), strict=True))
    ahead = next(intervals, None)
    for i, t_s in enumerate(seconds.tolist()):
        readings.append((t_s, Reading("contact", (1.0,))))
        while ahead is not None and ahead[0] <= i:
            readings.append((t_s, Reading("rr_interval_ms", (ahead[1],))))
            ahead = next(intervals, None)
        readings.append((t_s, Reading("heart_rate_bpm", (float(round(bpm[i])),))))
    return tuple(readings)


def _pod(run: Run, seconds: FloatArray) -> Readings:
    """Each second cadence, stride length, distance and speed."""
    pace_mps = generator(run.seed, "pace").uniform(*_PACE_MPS[run.scenario.gait])
    steps_s = np.sort(np.concatenate([run.contacts["L"], run.contacts["R"]]))
    cadence = _steps_per_minute(steps_s, seconds)
    speed = np.where(cadence > 0.0, pace_mps * _speed(run, seconds), 0.0)
    distance = np.cumsum(speed)
    stride = np.divide(120.0 * speed, cadence, out=np.zeros_like(speed), where=cadence > 0.0)
    readings: list[tuple[float, Reading]] = []
    for t_s, *values in zip(*(a.tolist() for a in (seconds, cadence, stride, distance, speed)), strict=True):
        names = ("cadence_spm", "stride_length_m", "distance_m", "speed_mps")
        readings += [(t_s, Reading(name, (value,))) for name, value in zip(names, values, strict=True)]
    return tuple(readings)


def _steps_per_minute(steps_s: FloatArray, seconds: FloatArray) -> FloatArray:
    """Steps a minute over the last seconds; 0 while there are fewer than three."""
    first = np.searchsorted(steps_s, seconds - _CADENCE_OVER_S, side="right")
    stop = np.searchsorted(steps_s, seconds, side="right")
    n = stop - first
    out = np.zeros(len(seconds))
    for i in np.flatnonzero(n >= 3):
        out[i] = 60.0 * (n[i] - 1) / (steps_s[stop[i] - 1] - steps_s[first[i]])
    return out


def _speed(run: Run, seconds: FloatArray) -> FloatArray:
    """Of the scenario, relative to its beginning."""
    times, values = zip(*run.scenario.speed, strict=True)
    return np.asarray(np.interp(seconds, times, values))
