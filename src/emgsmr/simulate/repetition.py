"""Repetitions of an exercise: when they come, and what each site shows in them."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr.errors import ArgumentError
from emgsmr.simulate.gait import autoregressive
from emgsmr.simulate.incident import Repetitions
from emgsmr.simulate.maximal import running_level
from emgsmr.simulate.person import generator
from emgsmr.simulate.scenario import Scenario
from emgsmr.simulate.variation import bout_variation

FloatArray = NDArray[np.float64]


def _levels(
    *,
    glutes: float,
    hamstrings: float,
    calf: float,
    quadriceps: float = 0.1,
    trunk: float = 0.2,
    **own: float,
) -> dict[str, float]:
    """One exercise: groups, and what a muscle does otherwise than its group."""
    return {
        **dict.fromkeys(("GMAX", "GMED"), glutes),
        "TFL": 0.1,
        **dict.fromkeys(("BFLH", "ST"), hamstrings),
        **dict.fromkeys(("MGAS", "LGAS", "SOL", "PL", "TA"), calf),
        **dict.fromkeys(("VL", "VM", "RF"), quadriceps),
        "ES": trunk,
        **own,
    }


_EQUAL = _levels(glutes=0.3, hamstrings=0.3, calf=0.3, quadriceps=0.3, trunk=0.3)
_CURL = _levels(glutes=0.1, hamstrings=0.5, calf=0.2)
LEVELS: dict[str, dict[str, float]] = {
    "repetitions": _EQUAL,
    "prone_hip_extension": _levels(glutes=0.30, hamstrings=0.40, calf=0.06, trunk=0.3),
    "bridge": _levels(glutes=0.30, hamstrings=0.18, calf=0.08, trunk=0.3),
    "hip_thrust": _levels(glutes=0.70, hamstrings=0.41, calf=0.10, quadriceps=0.4, trunk=0.4),
    "single_leg_bridge": _levels(glutes=0.54, hamstrings=0.30, calf=0.10, trunk=0.3),
    "heel_raise": _levels(glutes=0.06, hamstrings=0.08, calf=0.35, TA=0.08),
    "single_leg_heel_raise": _levels(glutes=0.12, hamstrings=0.14, calf=0.60, LGAS=0.50, TA=0.1),
    "knee_extension": _levels(glutes=0.05, hamstrings=0.08, calf=0.05, quadriceps=0.5),
    "knee_flexion": _CURL,
    "leg_curl": _CURL,
    "curl": _CURL,
    "squat": _levels(glutes=0.29, hamstrings=0.15, calf=0.15, quadriceps=0.5, trunk=0.3),
    "lunge": _levels(glutes=0.32, hamstrings=0.18, calf=0.15, quadriceps=0.4),
    "step_up": _levels(glutes=0.29, hamstrings=0.16, calf=0.25, quadriceps=0.4),
    "hold": _EQUAL,
    "isometric": _EQUAL,
    "plank": _levels(glutes=0.15, hamstrings=0.10, calf=0.10, quadriceps=0.25, trunk=0.15),
}
"""Amplitude while the muscle works, as a part of its maximum. What is known is the gluteus maximus with body
weight alone (30 to 33 %, single-leg bridge 54 %; Macadam and Feser 2019), in squats (29 %) and step-ups
(29 %; Contreras 2015, MacAskill 2014), the hip thrust (70 and 41 %; Contreras 2015), and that the glutes do
1.7 to 3.5 times the hamstrings' part where the knee is bent (the same). The rest is reasoned: a straight knee
lets the hamstrings do more than the glutes, one leg's calf lifts what two shared (decision 0088)."""

HELD = ("hold", "isometric", "plank")
"""Of these a repetition is one long contraction."""

OTHER_LEG = 0.1
"""What the leg that does not work does, relative to the one that does: it is held, not moved."""

PAUSE_PART, PAUSE_S = 0.3, 2.0
"""Muscles are loose for this part of a repetition, and no longer than this."""

EDGE_PART = 0.25
"""Part of the work in which the amplitude rises, and falls."""

LENGTH_SD = 0.05
"""SD of a repetition's length, relative; their sum is kept, since somebody counts."""

TIMING_SD_S = 0.04
"""How much earlier or later than the others a muscle comes in a repetition."""

_PHI = 0.2  # of amplitudes, from one repetition to the next: as of strides


class Repetition(NamedTuple):
    """Muscles work from ``t0_s`` to ``t1_s``; ``side`` None = of both legs."""

    exercise: str
    side: str | None
    t0_s: float
    t1_s: float


def repetition_times(scenario: Scenario, seed: int) -> tuple[Repetition, ...]:
    """Draw when the repetitions of a script come, in its order; those that the run's end cuts off are none.

    Examples
    --------
    >>> from emgsmr.simulate import SCENARIOS
    >>> import dataclasses
    >>> script = dataclasses.replace(
    ...     SCENARIOS["healthy"], start_s=1200.0, repetitions=(Repetitions(10.0, 42.0, "bridge"),)
    ... )
    >>> found = repetition_times(script, seed=1)
    >>> len(found), found[0].t0_s, round(found[-1].t1_s) <= 42
    (8, 10.0, True)
    """
    rng = generator(seed, "repetitions")
    found: list[Repetition] = []
    for word in scenario.repetitions:
        _check(word)
        n = max(1, int((word.stop_s - word.start_s) / word.period_s + 1e-6))
        lengths = 1.0 + LENGTH_SD * rng.standard_normal(n)
        lengths *= min(word.period_s, word.stop_s - word.start_s) * n / lengths.sum()
        starts = word.start_s + np.concatenate([[0.0], np.cumsum(lengths)[:-1]])
        stops = starts + lengths - np.minimum(PAUSE_PART * lengths, PAUSE_S)
        found += [
            Repetition(word.exercise, word.side, float(start), float(stop))
            for start, stop in zip(starts, stops, strict=True)
            if stop <= 60.0 * scenario.minutes
        ]
    return tuple(found)


def repetition_level(scenario: Scenario, seed: int, site: str, t_s: FloatArray) -> FloatArray:
    """Amplitude of a site in repetitions relative to its burst top in running, before any change.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    site : str
    t_s : ndarray, shape (n_samples,), s
        Ascending.

    Returns
    -------
    ndarray, shape (n_samples,)
        Amplitudes differ from repetition to repetition and from phase to phase as those of strides do.
    """
    muscle, side = site.rsplit("_", 1)
    repetitions = repetition_times(scenario, seed)
    factor, delay_s = _variation(scenario, seed, site, repetitions)
    level = np.zeros(len(t_s))
    for repetition, height, delay in zip(repetitions, factor, delay_s, strict=True):
        height *= LEVELS[repetition.exercise][muscle]
        height *= 1.0 if repetition.side in (None, side) else OTHER_LEG
        at = slice(*np.searchsorted(t_s, [repetition.t0_s + delay, repetition.t1_s + delay]))
        part = (t_s[at] - repetition.t0_s - delay) / (repetition.t1_s - repetition.t0_s)
        edge = np.clip(np.minimum(part, 1.0 - part) / EDGE_PART, 0.0, 1.0)
        level[at] += height * 0.5 * (1.0 - np.cos(np.pi * edge))
    return np.asarray(level / running_level(seed, muscle))


def _variation(
    scenario: Scenario, seed: int, site: str, repetitions: tuple[Repetition, ...]
) -> tuple[FloatArray, FloatArray]:
    """Factor and delay (s) of a site in each repetition."""
    n = len(repetitions)
    own = generator(seed, "repetitions", site)
    common = generator(seed, "repetitions together", site[-1])
    ln = autoregressive(n, phi=_PHI, sd=scenario.stride_sd, rng=own)
    ln += autoregressive(n, phi=_PHI, sd=scenario.common_sd, rng=common)
    starts = np.array([repetition.t0_s for repetition in repetitions])
    for phase, bout in zip(scenario.phases, bout_variation(scenario, seed, site), strict=True):
        ln[(starts >= phase.start_s - 0.5) & (starts < phase.stop_s + 0.5)] += bout
    return np.exp(ln), TIMING_SD_S * own.standard_normal(n)


def _check(word: Repetitions) -> None:
    if word.exercise not in LEVELS:
        raise ArgumentError(f"nobody simulated does {word.exercise!r}; there are {', '.join(LEVELS)}")
    if word.side not in (None, "L", "R"):
        raise ArgumentError(f"a leg is L or R, or None for both, not {word.side!r}")
    if not (word.period_s > 0.0 and word.stop_s > word.start_s):
        raise ArgumentError("repetitions take longer than 0 s, each of them and all together")
