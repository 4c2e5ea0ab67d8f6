"""Maximal contractions before a run: what each site shows when a muscle does all it can."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emgsmr.simulate.person import generator
from emgsmr.simulate.scenario import Contraction

FloatArray = NDArray[np.float64]

TRIAL_SD = 0.06
"""SD of ln amplitude from trial to trial: an assumption. Half a second of EMG alone adds 0.045."""

OTHERS = 0.25
"""What muscles do that a trial is not about, as a part of their own maximum."""

RAMP_S = 1.0
RELEASE_S = 0.3

RUNNING = {"GMAX": 0.5, "BFLH": 0.8, "ST": 0.8, "MGAS": 1.0, "LGAS": 1.0, "SOL": 1.0}
"""Top of the burst in easy running, as a part of the maximum. In fast running these muscles pass their
maximum (Kyrolainen 2005); the glutes have most in reserve."""

_RUNNING_ELSE = 0.7
_RUNNING_SD = 0.15


def running_level(seed: int, muscle: str) -> float:
    """Draw a runner's burst top as a part of the maximum: the same for both legs.

    Examples
    --------
    >>> round(running_level(1, "GMAX"), 2), round(running_level(1, "BFLH"), 2)
    (0.52, 0.68)
    """
    rng = generator(seed, "running level", muscle)
    return RUNNING.get(muscle, _RUNNING_ELSE) * float(np.exp(_RUNNING_SD * rng.standard_normal()))


def electrode_gain(seed: int, site: str, spread: float) -> float:
    """Draw the gain of a site's channel, between ``1 - spread`` and ``1 + spread``."""
    return float(generator(seed, "electrode", site).uniform(1.0 - spread, 1.0 + spread)) if spread else 1.0


def contraction_level(
    seed: int, site: str, contractions: Sequence[Contraction], t_s: FloatArray
) -> FloatArray:
    """Amplitude of a site's contractions relative to its burst top in running, at each time.

    Parameters
    ----------
    seed : int
    site : str
    contractions : sequence of Contraction
        Each rises within a second, holds and lets go; its height differs by `TRIAL_SD` from the maximum.
    t_s : ndarray, shape (n_samples,), s

    Returns
    -------
    ndarray, shape (n_samples,)

    Examples
    --------
    >>> trials = (Contraction(1.0, 5.0, ("GMAX",)),)
    >>> contraction_level(1, "GMAX_L", trials, np.array([0.5, 1.5, 3.0, 5.0])).round(2).tolist()
    [0.0, 0.93, 1.86, 0.0]
    """
    muscle = site.rsplit("_", 1)[0]
    rng = generator(seed, "contractions", site)
    level = np.zeros(len(t_s))
    for trial in contractions:
        effort = float(np.exp(TRIAL_SD * rng.standard_normal()))
        meant = not trial.muscles or muscle in trial.muscles or site in trial.muscles
        top = effort if meant else OTHERS
        ramp = np.minimum((t_s - trial.start_s) / RAMP_S, (trial.stop_s - t_s) / RELEASE_S)
        level = np.maximum(level, top * np.clip(ramp, 0.0, 1.0))
    return np.asarray(level / running_level(seed, muscle))
