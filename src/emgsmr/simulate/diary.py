"""A simulated training diary: runners, their sessions, and when something was marked in the diary.

The link between load and event is put in here, or left out; it is an assumption of the simulation, in both
worlds, and no finding. In the world "load" the hazard of a cramp grows with the accumulated excess of the
scripted compensation. In the world "independent" it does not know of it, and as many cramps are expected. In
both a runner has a susceptibility of their own, and running faster than usual raises the hazard, so that
cramp history and pace foretell something in either.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, get_args

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from emgsmr.errors import ArgumentError
from emgsmr.simulate.person import generator
from emgsmr.simulate.scenario import Expected, Fatigue, MuscleChange, Phase, Points, Scenario

FloatArray = NDArray[np.float64]
World = Literal["load", "independent"]
WORLDS: tuple[str, ...] = get_args(World)

SESSIONS_PER_RUNNER = 3
MINUTES = 36.0
BASELINE = Phase("baseline", 60.0, 360.0)
PAIR, SIDE = "P1", "R"
PRIME, COMPENSATOR = "GMAX_R", "BFLH_R"

BASE_PER_MINUTE = 0.0005
"""A cramp in 33 hours of running without any excess."""

EXCESS_UNIT = 1.2
"""Excess (log-ratio times minutes) that multiplies the hazard by e. A shift of 20 % each way (0.41) brings a
cramp after some ten to fifteen minutes: sessions are told about twice as fast as in life."""

SUSCEPTIBILITY_SD = 0.5
PACE_EXPONENT = 3.0
"""10 % faster, 1.3 times the hazard; 25 % faster, twice."""

COMPENSATIONS = {"none": 0.25, "brief": 0.25, "lasting": 0.5}
"""How likely each is. A brief one lasts two to five minutes, as on a hill."""

CONTEXTS = {"steady": 0.2, "faster": 0.4, "tired": 0.4}
"""What else happens, whether there is a compensation or not; it raises amplitude, and ratios hardly."""

ONSET_S = (400.0, 900.0)
SIZE = (0.10, 0.30)
"""By how much the glute falls and the hamstrings rise: the ratio rises by 22 to 86 %."""

RAMP_S = (30.0, 480.0)
BRIEF_S = (120.0, 300.0)

FASTER = (1.08, 1.25)
"""Speed of the sessions that become faster; amplitudes and cadence follow."""

TIRED = (1.15, 1.40)
"""Amplitude that all muscles reach in the sessions in which they tire; frequencies fall by 5 to 15 %."""

_STEP_S = 5.0
_AFTER_EVENT_S = 30.0


@dataclass(frozen=True, slots=True)
class DiarySession:
    """One session of a simulated diary.

    Attributes
    ----------
    runner : str
    number : int
        From 1, within the runner.
    seed : int
        Of the EMG: another session, other electrodes.
    scenario : Scenario
        Ends soon after the event.
    event_s : float, optional, s
    compensation, context : str
        What was scripted: ``none``, ``brief`` or ``lasting``; ``steady``, ``faster`` or ``tired``.
    excess : float
        Accumulated excess at the end (log-ratio times minutes).
    """

    runner: str
    number: int
    seed: int
    scenario: Scenario
    event_s: float | None
    compensation: str
    context: str
    excess: float

    @property
    def name(self) -> str:
        """For a file."""
        return f"{self.runner}-{self.number}"


def draw_diary(
    world: World, *, sessions: int, seed: int, minutes: float = MINUTES
) -> tuple[DiarySession, ...]:
    """Draw a diary.

    Parameters
    ----------
    world : {"load", "independent"}
        Whether the hazard of a cramp depends on the compensation.
    sessions : int
        Three for each runner.
    seed : int
        Equal seeds have the same runners, sessions and compensations in both worlds; only the cramps differ.
    minutes : float
        Planned length of a session; a cramp ends it.

    Returns
    -------
    tuple of DiarySession

    Examples
    --------
    >>> diary = draw_diary("load", sessions=6, seed=1)
    >>> [session.name for session in diary][:4], diary[0].scenario.phases[1].label
    (['R01-1', 'R01-2', 'R01-3', 'R02-1'], 'baseline')
    """
    if world not in WORLDS:
        raise ArgumentError(f"there is no world {world!r}; there are {', '.join(WORLDS)}")
    if sessions < 1 or seed < 0 or not minutes >= 10.0:
        raise ArgumentError("a diary needs one session or more, of ten minutes or more, and a seed from 0")
    plans = [_plan(seed, number, minutes) for number in range(sessions)]
    t_s = np.arange(BASELINE.stop_s, 60.0 * minutes, _STEP_S)
    relative = [_relative_hazard(plan, seed, t_s, with_load=True) for plan in plans]
    if world == "load":
        hazards = [BASE_PER_MINUTE * each for each in relative]
    else:
        plain = [_relative_hazard(plan, seed, t_s, with_load=False) for plan in plans]
        rate = _same_number([BASE_PER_MINUTE * each for each in relative], plain)
        hazards = [rate * each for each in plain]
    return tuple(_ended(plan, hazard, t_s, seed, world) for plan, hazard in zip(plans, hazards, strict=True))


def _plan(seed: int, index: int, minutes: float) -> DiarySession:
    """One session before anybody knows whether there is a cramp: compensation and context are independent."""
    runner, number = divmod(index, SESSIONS_PER_RUNNER)
    code = f"R{runner + 1:02d}"
    rng = generator(seed, "diary", code, str(number))
    compensation = str(rng.choice(list(COMPENSATIONS), p=list(COMPENSATIONS.values())))
    context = str(rng.choice(list(CONTEXTS), p=list(CONTEXTS.values())))
    end_s = 60.0 * minutes
    cadence = float(generator(seed, "diary", code, "cadence").uniform(84.0, 88.0))
    changes, expected = _compensation(compensation, rng, end_s)
    speed: Points = ((0.0, 1.0),)
    fatigue: tuple[Fatigue, ...] = ()
    onset_s, part = float(rng.uniform(*ONSET_S)), float(rng.uniform())
    if context == "faster":
        speed = ((onset_s, 1.0), (onset_s + 60.0, float(np.interp(part, (0.0, 1.0), FASTER))))
    elif context == "tired":
        gain = float(np.interp(part, (0.0, 1.0), TIRED))
        fatigue = (
            Fatigue((PRIME, COMPENSATOR), BASELINE.stop_s, end_s, scale=0.95 - 0.10 * part, gain=gain),
        )
    scenario = Scenario(
        f"diary_{code}-{number + 1}",
        f"A session of a simulated diary: {compensation} compensation, {context}.",
        minutes=minutes,
        phases=(Phase("rest", 0.0, 20.0), BASELINE),
        cadence=cadence,
        speed=speed,
        changes=changes,
        fatigue=fatigue,
        expected=expected,
        muscles=("GMAX", "BFLH"),
    )
    own_seed = int(rng.integers(1, 2**31))
    return DiarySession(code, number + 1, own_seed, scenario, None, compensation, context, 0.0)


def _compensation(
    kind: str, rng: np.random.Generator, end_s: float
) -> tuple[tuple[MuscleChange, ...], tuple[Expected, ...]]:
    """Load that moves from the glute to the hamstrings, for some minutes or for good."""
    onset_s, size = float(rng.uniform(*ONSET_S)), float(rng.uniform(*SIZE))
    ramp_s, lasts_s = float(rng.uniform(*RAMP_S)), float(rng.uniform(*BRIEF_S))
    if kind == "none":
        return (), ()
    shape: Points = ((onset_s, 0.0), (onset_s + ramp_s, 1.0))
    if kind == "brief":
        back_s = onset_s + 30.0 + lasts_s
        shape = ((onset_s, 0.0), (onset_s + 30.0, 1.0), (back_s, 1.0), (back_s + 30.0, 0.0))
    changes = tuple(
        MuscleChange(site, tuple((t, 1.0 + sign * size * part) for t, part in shape))
        for site, sign in ((PRIME, -1.0), (COMPENSATOR, 1.0))
    )
    if onset_s >= end_s:
        return changes, ()
    return changes, (Expected("finding", "compensation", onset_s, side=SIDE, pair=PAIR),)


def log_ratio(scenario: Scenario, t_s: FloatArray) -> FloatArray:
    """Scripted log-ratio of compensator to prime mover against the beginning."""
    level = dict.fromkeys((PRIME, COMPENSATOR), np.zeros(len(t_s)))
    for change in scenario.changes:
        times, values = zip(*change.points, strict=True)
        level[change.site] = level[change.site] + np.log(np.interp(t_s, times, values))
    return np.asarray(level[COMPENSATOR] - level[PRIME])


def _relative_hazard(plan: DiarySession, seed: int, t_s: FloatArray, *, with_load: bool) -> FloatArray:
    times, values = zip(*plan.scenario.speed, strict=True)
    speed = np.interp(t_s, times, values)
    own = SUSCEPTIBILITY_SD * float(generator(seed, "diary", plan.runner, "susceptible").standard_normal())
    exponent = own + PACE_EXPONENT * np.log(speed)
    if with_load:
        exponent = exponent + np.minimum(_excess(plan.scenario, t_s) / EXCESS_UNIT, 50.0)
    return np.asarray(np.exp(exponent))


def _excess(scenario: Scenario, t_s: FloatArray) -> FloatArray:
    return np.asarray(np.cumsum(np.maximum(log_ratio(scenario, t_s), 0.0)) * _STEP_S / 60.0)


def _same_number(hazards: list[FloatArray], plain: list[FloatArray]) -> float:
    """Rate at which as many cramps are expected without the load as with it."""

    def expected(of: list[FloatArray]) -> float:
        return float(sum(-np.expm1(-each.sum() * _STEP_S / 60.0) for each in of))

    wanted = expected(hazards)
    return float(brentq(lambda rate: expected([rate * each for each in plain]) - wanted, 0.0, 10.0))


def _ended(plan: DiarySession, hazard: FloatArray, t_s: FloatArray, seed: int, world: str) -> DiarySession:
    """Draw the time of the cramp, and end the session soon after it."""
    rng = generator(seed, "diary", world, plan.name)
    total = np.cumsum(hazard) * _STEP_S / 60.0
    at = int(np.searchsorted(total, rng.exponential()))
    late_s = float(rng.uniform(0.0, _STEP_S))
    excess = _excess(plan.scenario, t_s)
    if at >= len(t_s):
        return replace(plan, excess=float(excess[-1]))
    event_s = float(t_s[at] + late_s)
    minutes = min(plan.scenario.minutes, (event_s + _AFTER_EVENT_S) / 60.0)
    kept = replace(plan.scenario, minutes=minutes)
    return replace(plan, scenario=kept, event_s=event_s, excess=float(excess[at]))
