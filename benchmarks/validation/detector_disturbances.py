"""What moves a ratio and is no compensation: speed, electrodes, hum, movement, lost samples, odd strides."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.simulate import PROFILES
from emgsmr.simulate.artifact import hum, open_electrode
from emgsmr.simulate.gait import autoregressive
from emgsmr.simulate.scenario import Fatigue, MuscleChange, Points
from validation.detector_engines import MUSCLES, Runner
from validation.strides import knock

FloatArray = NDArray[np.float64]
Spoil = Callable[[Runner, dict[str, FloatArray], float, np.random.Generator, float], None]
"""Runner, µV of all sites, their rate (Hz), random numbers, and when it begins (s)."""

CADENCE_EXPONENT = 0.35
"""The simulated runner's cadence grows as speed to this power."""


@dataclass(frozen=True, slots=True)
class Case:
    """Something that is no compensation.

    ``scenario``: parts of the script, given when it begins (s). ``spoil``: what is done to the signals.
    ``must_say``: pattern of the notice that names it; empty = nothing needs to be said. ``real``, ``pool``:
    whether these engines can do it. ``cut``: samples are lost.
    """

    scenario: Callable[[float], dict[str, Any]] = lambda _begins_s: {}
    spoil: Spoil | None = None
    must_say: str = ""
    real: bool = True
    pool: bool = True
    cut: bool = False


def _all(muscle_points: Callable[[str], Points]) -> tuple[MuscleChange, ...]:
    return tuple(
        MuscleChange(f"{muscle}_{side}", muscle_points(muscle)) for muscle in MUSCLES for side in "LR"
    )


def faster(begins_s: float) -> dict[str, Any]:
    """The runner becomes 25 % faster within three minutes: all muscles and the cadence rise."""
    return {"speed": ((begins_s, 1.0), (begins_s + 180.0, 1.25))}


def other_cadence(factor: float) -> Callable[[float], dict[str, Any]]:
    """The cadence changes within a minute and nothing else: what the speed does to amplitudes is undone."""
    speed = factor ** (1.0 / CADENCE_EXPONENT)

    def scenario(begins_s: float) -> dict[str, Any]:
        t = np.linspace(begins_s, begins_s + 60.0, 25)
        level = np.interp(t, (t[0], t[-1]), (1.0, speed))

        def undone(muscle: str) -> Points:
            return tuple(zip(t.tolist(), (level ** -PROFILES[muscle].speed_exponent).tolist(), strict=True))

        return {"speed": ((float(t[0]), 1.0), (float(t[-1]), speed)), "changes": _all(undone)}

    return scenario


def tired(begins_s: float) -> dict[str, Any]:
    """All muscles tire alike within seven minutes: frequencies fall to 85 %, amplitudes rise to 115 %."""
    return {"fatigue": (Fatigue(ALL_SITES, begins_s, begins_s + 420.0, 0.85, 1.15),)}


def _times(run: Runner, fs: float) -> FloatArray:
    return np.asarray(np.arange(round(run.duration_s * fs)) / fs)


def gain(site: str, later: Points) -> Spoil:
    """One channel, its noise included, is multiplied; ``later`` counts from the beginning."""

    def spoil(
        run: Runner, emg: dict[str, FloatArray], fs: float, _rng: np.random.Generator, begins_s: float
    ) -> None:
        emg[site] *= np.interp(_times(run, fs) - begins_s, *zip(*later, strict=True))

    return spoil


def off(site: str) -> Spoil:
    """An electrode hangs in the air."""

    def spoil(
        run: Runner, emg: dict[str, FloatArray], fs: float, rng: np.random.Generator, begins_s: float
    ) -> None:
        t = _times(run, fs)
        emg[site][t >= begins_s] = open_electrode(t[t >= begins_s], hz=50.0, rng=rng)

    return spoil


def clip(site: str, quantile: float) -> Spoil:
    """An amplifier's range shrinks to a quantile of the channel's own absolute values."""

    def spoil(
        run: Runner, emg: dict[str, FloatArray], fs: float, _rng: np.random.Generator, begins_s: float
    ) -> None:
        limit = float(np.quantile(np.abs(emg[site]), quantile))
        late = _times(run, fs) >= begins_s
        emg[site][late] = np.clip(emg[site][late], -limit, limit)

    return spoil


def mains(sites: Sequence[str], rms_uv: float) -> Spoil:
    """Hum begins."""

    def spoil(
        run: Runner, emg: dict[str, FloatArray], fs: float, rng: np.random.Generator, begins_s: float
    ) -> None:
        t = _times(run, fs)
        for site in sites:
            emg[site] += np.where(t >= begins_s, hum(t, hz=50.0, rms_uv=rms_uv, rng=rng), 0.0)

    return spoil


def _later(run: Runner, side: str, share: float, rng: np.random.Generator, begins_s: float) -> FloatArray:
    contacts = np.asarray(run.contacts[side])
    return contacts[(contacts >= begins_s) & (rng.random(len(contacts)) < share)]


def knocks(share: float) -> Spoil:
    """Movement artifacts of 1 mV that ring at 20 to 60 Hz on all channels of a leg, in a share of strides."""

    def spoil(
        run: Runner, emg: dict[str, FloatArray], fs: float, rng: np.random.Generator, begins_s: float
    ) -> None:
        for side in "LR":
            for t in _later(run, side, share, rng, begins_s):
                knock(emg, [s for s in emg if s.endswith(side)], int((t + rng.uniform(-0.3, 0.3)) * fs), rng)

    return spoil


def noisy_strides(share: float, factor: float) -> Spoil:
    """In a share of strides one muscle of the leg is ``factor`` times as strong from swing to swing."""

    def spoil(
        run: Runner, emg: dict[str, FloatArray], fs: float, rng: np.random.Generator, begins_s: float
    ) -> None:
        for side in "LR":
            sites = [s for s in emg if s.endswith(side)]
            for t in _later(run, side, share, rng, begins_s):
                emg[str(rng.choice(sites))][int((t - 0.25) * fs) : int((t + 0.45) * fs)] *= factor

    return spoil


def wander(sd: float, period_s: float) -> Spoil:
    """Each muscle's amplitude wanders slowly, from the beginning on."""

    def spoil(
        run: Runner, emg: dict[str, FloatArray], fs: float, rng: np.random.Generator, _begins_s: float
    ) -> None:
        t = _times(run, fs)
        knots = np.arange(0.0, run.duration_s + 5.0, 5.0)
        for site in emg:
            ln = autoregressive(len(knots), phi=float(np.exp(-5.0 / period_s)), sd=sd, rng=rng)
            emg[site] *= np.exp(np.interp(t, knots, ln))

    return spoil


ALL_SITES = tuple(f"{muscle}_{side}" for muscle in MUSCLES for side in "LR")
DOWN: Points = ((0.0, 1.0), (0.5, 0.7))
UP: Points = ((0.0, 1.0), (0.5, 1.5))
FADING: Points = ((0.0, 1.0), (300.0, 0.7))

CASES: dict[str, Case] = {
    "speed: 25 % faster within three minutes": Case(faster, real=False),
    "cadence: 6 % quicker, same amplitudes": Case(other_cadence(1.06), real=False),
    "cadence: 6 % slower, same amplitudes": Case(other_cadence(0.94), real=False),
    "fatigue of all muscles alike": Case(tired, real=False, pool=False),
    "sweat: a gluteus fades to 70 % of its gain": Case(spoil=gain("GMAX_L", FADING), must_say="gain_drift"),
    "gain step: a gluteus to 70 %": Case(spoil=gain("GMAX_R", DOWN), must_say="gain_drift"),
    "gain step: one of two hamstrings to 150 %": Case(spoil=gain("BFLH_R", UP), must_say="gain_drift"),
    "electrode off: one of two hamstrings": Case(spoil=off("BFLH_R"), must_say="signal"),
    "movement artifacts in every fifth stride": Case(spoil=knocks(0.2)),
    "mains hum of 60 µV begins on all channels": Case(spoil=mains(ALL_SITES, 60.0)),
    "mains hum of 60 µV begins on one hamstring": Case(spoil=mains(["ST_R"], 60.0)),
    "a gluteus clips at its 95 % quantile": Case(spoil=clip("GMAX_R", 0.95)),
    "radio gaps of 0.2 to 5 s on three sensors": Case(cut=True),
    "one stride in ten: one muscle is three times as strong": Case(spoil=noisy_strides(0.1, 3.0)),
    "each muscle wanders by 5 % over minutes": Case(spoil=wander(0.05, 120.0)),
}
