"""The noise floor of a site: what its channel shows while the muscle rests."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.onsets import QUIET_SHARE

FloatArray = NDArray[np.float64]

WHOLE: frozenset[str] = frozenset({"rep", "hold"})
"""Tasks whose cycle is the contraction itself: what is quiet lies between them."""


class NoiseFloor(NamedTuple):
    """Power (µV²) and its source: "quiet phase", "rest", or "none" (then 0, and nothing is subtracted)."""

    power: float
    source: str


def noise_floor(
    bins: Sequence[FloatArray], *, gait: str, between: float | None = None, rest: float | None = None
) -> NoiseFloor:
    """The lower of what a channel shows in the quiet phase of strides, or between repetitions, and at rest.

    Parameters
    ----------
    bins : sequence of ndarray, shape (n_bins,), µV²
        Power in equal parts of each stride.
    gait : str
    between : float, optional, µV²
        Quiet level between repetitions; counts for these only.
    rest : float, optional, µV²
        Mean power in phases labeled rest.

    Notes
    -----
    The quiet phase is the contiguous fifth of the stride with the least power in the median profile. It is
    found on every second stride and measured on the others, both ways, because the least of many noisy
    values is too low where it was found. The median over strides keeps single artifacts out; for the power
    of a fifth of a stride (some fifty independent values) it lies 1 % below the mean.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> profile = np.where(np.arange(50) < 20, 900.0, 9.0)
    >>> floor = noise_floor([profile * rng.chisquare(6, 50) / 6 for _ in range(200)], gait="run")
    >>> bool(abs(floor.power / 9.0 - 1.0) < 0.03), floor.source
    (True, 'quiet phase')
    >>> noise_floor([profile], gait="hold")
    NoiseFloor(power=0.0, source='none')
    """
    quiet = between if gait in WHOLE else _quiet_phase(bins)
    found = [
        NoiseFloor(power, source)
        for power, source in ((quiet, "quiet phase"), (rest, "rest"))
        if power is not None and np.isfinite(power)
    ]
    return min(found, default=NoiseFloor(0.0, "none"))


def _quiet_phase(bins: Sequence[FloatArray]) -> float | None:
    if not len(bins):
        return None
    profiles = np.array(bins)
    n_bins = max(round(QUIET_SHARE * profiles.shape[1]), 1)
    halves = (profiles[::2], profiles[1::2]) if len(profiles) > 1 else (profiles, profiles)
    levels = []
    for found_on, measured_on in (halves, halves[::-1]):
        first, power = dsp.quiet_part(np.median(found_on, axis=0)[:, np.newaxis], n_bins=n_bins)
        if np.isfinite(power[0]):
            part = (int(first[0]) + np.arange(n_bins)) % profiles.shape[1]
            levels.append(np.mean(measured_on[:, part], axis=1))
    return float(np.median(np.concatenate(levels))) if levels else None
