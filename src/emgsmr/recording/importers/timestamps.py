"""Time stamps of an imported file: its sampling rate, and where rows are missing."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emgsmr.errors import ArgumentError, ImportFormatError, SamplingRateError

if TYPE_CHECKING:
    from numpy.typing import NDArray

MIN_RATE_HZ = 200.0
_JUMP = 1.5  # samples; a longer step is a gap
_MAX_WANDER = 1.5  # samples that a stamp may be off its place
_MAX_JUMPS = 0.05  # of all steps, before they have to be whole samples
_MAX_FRACTION = 0.15  # samples that a typical jump may be off a whole number then
_SHORTEST_S, _LONGEST_S = 1e-9, 1e6  # steps that anything could have
_AS_WELL, _ROUNDING = 1.5, 1e-6  # how much worse a whole rate may fit and be taken (factor, samples)


@dataclass(frozen=True, slots=True, eq=False)
class Timebase:
    """Rate (Hz), time of sample 0 (s), and the rows' sample index (None if none is missing)."""

    fs: float
    t0_s: float
    index: NDArray[np.int64] | None


def read_timestamps(t: NDArray[np.float64], *, fs: float | None = None) -> Timebase:
    """Make a regular sample index of time stamps.

    Parameters
    ----------
    t : ndarray of float64, shape (n_samples,), s
    fs : float, Hz, optional
        The rate, where the user knows it better than the stamps; gaps are still those of the stamps.

    Raises
    ------
    ImportFormatError
        The stamps do not grow, or are too irregular to tell which samples are missing.

    Examples
    --------
    >>> base = read_timestamps(np.array([0.5, 0.501, 0.502, 0.506, 0.507]))
    >>> base.fs, base.t0_s, base.index.tolist()
    (1000.0, 0.5, [0, 1, 2, 6, 7])
    """
    if not np.all(np.isfinite(t)):
        row = int(np.flatnonzero(~np.isfinite(t))[0]) + 1
        raise ImportFormatError(
            f"the time of sample {row} is missing: fill it in, or give --rate without times"
        )
    if len(t) < 2:
        if fs is None:
            raise ImportFormatError("there are fewer than two samples: nothing tells their rate")
        return Timebase(fs, float(t[0]) if len(t) else 0.0, None)
    with np.errstate(over="ignore"):  # what overflows is refused for being irregular
        steps = np.diff(t)
    if np.any(steps <= 0):
        row = int(np.flatnonzero(steps <= 0)[0]) + 2
        raise ImportFormatError(
            f"time stands still or goes back at sample {row}: correct it, or give --rate to leave the times "
            "aside"
        )
    regular = steps <= _JUMP * np.median(steps)
    step = float(steps[regular].mean())
    index = _index(t, regular, step) if _SHORTEST_S < step < _LONGEST_S else None
    if (
        index is None
        or _wander(t, index, step) > _MAX_WANDER
        or _scattered(steps[~regular] / step, len(steps))
    ):
        raise ImportFormatError(
            "the times are too irregular to tell which samples are missing: correct them, or give --rate to "
            "leave them aside"
        )
    whole = round(1 / step)
    fits = whole > 0 and _wander(t, index, 1 / whole) <= _AS_WELL * _wander(t, index, step) + _ROUNDING
    found = float(whole) if fits else 1 / step  # stamps are rounded; rates seldom are not
    return Timebase(found if fs is None else fs, float(t[0]), None if index[-1] == len(t) - 1 else index)


def check_rate(fs: float) -> float:
    """Refuse a rate that surface EMG cannot be measured with.

    Raises
    ------
    ArgumentError, SamplingRateError
    """
    if not (math.isfinite(fs) and fs > 0):
        raise ArgumentError(f"a rate of {fs} Hz makes no sense: give samples per second with --rate")
    if fs < MIN_RATE_HZ:
        raise SamplingRateError(
            f"{fs:g} samples per second are too few for surface EMG, which needs {MIN_RATE_HZ:g}: record "
            "faster (and give the rate with --rate if the file's times are wrong)"
        )
    return fs


def _index(t: NDArray[np.float64], regular: NDArray[np.bool_], step: float) -> NDArray[np.int64] | None:
    """Sample index of each row: counted on within a run, and from the time at its start (None: too far)."""
    starts = np.concatenate([[0], np.flatnonzero(~regular) + 1])
    lengths = np.diff(np.append(starts, len(t)))
    with np.errstate(over="ignore"):
        places = (t[starts] - t[0]) / step
    if places[-1] + len(t) > 1 << 52:
        return None
    firsts = np.rint(places).astype(np.int64)
    before = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    # A run never starts before the last one ended: what is left of firsts over rows so far only grows.
    firsts = np.maximum.accumulate(firsts - before) + before
    return np.repeat(firsts - before, lengths) + np.arange(len(t))


def _wander(t: NDArray[np.float64], index: NDArray[np.int64], step: float) -> float:
    """How far stamps are off the index at most (samples)."""
    return float(np.abs((t - t[0]) / step - index).max())


def _scattered(jumps: NDArray[np.float64], n_steps: int) -> bool:
    """Whether there are many jumps, and not of whole samples: then it is jitter, not loss."""
    many = len(jumps) > _MAX_JUMPS * n_steps
    return many and bool(np.median(np.abs(jumps - np.rint(jumps))) > _MAX_FRACTION)
