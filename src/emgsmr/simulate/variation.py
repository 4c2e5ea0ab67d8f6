"""How strides of one run differ, and how fast they come."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from emgsmr.simulate.gait import autoregressive
from emgsmr.simulate.incident import Pause
from emgsmr.simulate.person import generator
from emgsmr.simulate.scenario import Points, Scenario

FloatArray = NDArray[np.float64]

_STRIDE_PHI = 0.2
_TIMING_SD = 0.01  # of a stride: how much a burst comes earlier or later
_CADENCE_EXPONENT = 0.35  # cadence grows as speed to this power
_CADENCE_RANGE = {"run": (84.0, 88.0), "walk": (54.0, 57.0)}


def stride_variation(
    scenario: Scenario, seed: int, site: str, *, rhythm: FloatArray, contacts: FloatArray
) -> tuple[FloatArray, FloatArray]:
    """Draw factor and delay (strides) of each stride's burst, and one more entry: none.

    Parameters
    ----------
    scenario : Scenario
    seed : int
    site : str
    rhythm : ndarray, shape (n,), s
        Foot contacts of the site's leg as they would be without pauses.
    contacts : ndarray, s
        Those of them that happen; in a pause there is no burst.

    Returns
    -------
    factor, delay : ndarray, shape (n + 1,)
    """
    n = len(rhythm)
    own = generator(seed, "strides", site)
    common = generator(seed, "common", site[-1])
    ln = autoregressive(n, phi=_STRIDE_PHI, sd=scenario.stride_sd, rng=own)
    ln += autoregressive(n, phi=_STRIDE_PHI, sd=scenario.common_sd, rng=common)
    for phase, bout in zip(scenario.phases, bout_variation(scenario, seed, site), strict=True):
        ln[(rhythm >= phase.start_s - 0.5) & (rhythm < phase.stop_s + 0.5)] += bout
    timing = _TIMING_SD * own.standard_normal(n)
    return np.append(np.exp(ln) * np.isin(rhythm, contacts), 0.0), np.append(timing, 0.0)


def bout_variation(scenario: Scenario, seed: int, site: str) -> FloatArray:
    """Draw what each phase adds to ln amplitude of a site, shape (n_phases,)."""
    return scenario.bout_sd * generator(seed, "bouts", site).standard_normal(len(scenario.phases))


def without_pauses(times: FloatArray, pauses: tuple[Pause, ...]) -> FloatArray:
    """Pick the contacts that are in no pause."""
    paused = np.zeros(len(times), dtype=np.bool_)
    for pause in pauses:
        paused |= (times >= pause.start_s) & (times < pause.stop_s)
    return times[~paused]


def drawn_cadence(scenario: Scenario, rng: np.random.Generator) -> Points:
    """Draw the cadence of one runner over time, strides per minute and leg."""
    base = scenario.cadence
    if base is None:
        base = float(rng.uniform(*_CADENCE_RANGE[scenario.gait]))
    return tuple((t, base * speed**_CADENCE_EXPONENT) for t, speed in scenario.speed)
