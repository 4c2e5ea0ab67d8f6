"""How active several muscles are together, between their quiet level and their usual burst."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

SMOOTH_S = 0.3
"""Span of the running median: what lasts less than half of it (an ECG's spike, a knock) leaves no trace."""

STEP_S = 0.5
"""The levels are learned anew after this time."""

LEVEL_S = 0.1
"""Spacing of the values from which levels are learned."""

MEMORY_S = 60.0
"""Levels come from the last minute: several repetitions, and yet a drift of the electrode is followed."""

AHEAD_S = 2.0
"""Levels know this much of the future, so that the first repetition after a pause is seen as it begins."""

FEWEST = 5
"""Values (half a second) that make a level."""

LOUD_DB = 20.0
"""A channel above this (10 µV) is not at rest: no sensor's noise is as strong."""

HEAVIEST_DB = 15.0
"""A channel that stands out by more has no more say: one artifact cannot outvote the muscles."""

SILENT_UV2 = 1e-6
"""Power below which all is silence (1 nV): keeps the logarithm finite."""


@dataclass(frozen=True, slots=True, eq=False)
class ActivationState:
    """What `joint_activation` carries on: recent decibels, and each channel's floor and reach in dB."""

    power: FloatArray
    db: FloatArray
    first: int
    done: int
    floor: FloatArray
    reach: FloatArray


def joint_activation(
    power: FloatArray,
    *,
    fs: float,
    startup_s: float = 10.0,
    min_contrast_db: float = 4.0,
    any_muscle: bool = False,
    state: ActivationState | None = None,
    last: bool = False,
) -> tuple[FloatArray, FloatArray, ActivationState]:
    """How active muscles are together, between their own quiet level (0) and their own usual burst (1).

    Parameters
    ----------
    power : ndarray, shape (n_frames, n_channels), µV²
        Mean square in frames of equal length; NaN = missing.
    fs : float, Hz
        Frames per second.
    startup_s : float, s
        The first levels are learned from this much signal.
    min_contrast_db : float, dB
        A channel whose two levels differ by less says nothing, or what it said before.
    any_muscle : bool
        Give the most active channel instead of the mean. Then one without two levels counts as active where
        it is above 10 µV, and where none has two levels, everything is active: for held contractions.
    state : ActivationState, optional
    last : bool
        No more frames will come: give out all.

    Returns
    -------
    activation : ndarray, shape (n_out,)
        0 to 1, going on from the last frame given out; NaN where most of what counts is missing; 0 (with
        ``any_muscle`` 1) where no channel has shown two levels yet.
    quiet : ndarray, shape (n_out, n_channels), µV²
        Power of each channel's quiet level; NaN as long as none is known.
    state : ActivationState

    Notes
    -----
    Each channel's power in dB, after a running median (`SMOOTH_S`), is split into two classes (Ridler and
    Calvard 1978) over the last `MEMORY_S` and the next `AHEAD_S`; their medians are floor and burst level.
    The joint activation is the mean of the channels' places between the two, each limited to 0..1 and
    weighted with the distance of its levels up to `HEAVIEST_DB`: a geometric mean, in which neither a silent
    channel nor an artifact decides. The delay is ``max(startup_s, 2.65 s)`` at the start, then 2.65 s at
    most. The quiet level is a median of a skewed quantity: about a tenth below the mean power.

    Examples
    --------
    >>> rng = np.random.default_rng(1)
    >>> level = np.where(np.arange(1500) % 250 < 100, 50.0, 5.0)[:, None]
    >>> power = level**2 * rng.chisquare(8, (1500, 2)) / 8
    >>> activation, quiet, _ = joint_activation(power, fs=50, last=True)
    >>> float((activation > 0.5).mean().round(2)), np.sqrt(quiet[0]).round().tolist()
    (0.4, [5.0, 5.0])
    """
    n_channels = power.shape[1]
    if state is None:
        none, nan = np.empty((0, n_channels)), np.full(n_channels, np.nan)
        state = ActivationState(none, none, 0, 0, nan, nan)
    wing = round(SMOOTH_S * fs) // 2
    raw = np.concatenate([state.power, power])
    before = state.first + len(state.db)  # the frame for which the next median is due
    start = max(before - wing, 0)  # the frame of raw[0]
    until = start + len(raw) - (0 if last else wing)
    db = np.concatenate([state.db, _median_db(raw, before - start, until - start, wing)])
    step, each = round(STEP_S * fs), round(LEVEL_S * fs)
    first, done, known = state.first, state.done, state.first + len(db)
    floor, reach = state.floor, state.reach
    activations, quiets = [np.empty(0)], [np.empty((0, n_channels))]
    while done < known:
        end = done + step
        stop = max(end + round(AHEAD_S * fs), round(startup_s * fs))
        if stop > known and not last:
            break
        begin = max(end - round(MEMORY_S * fs), 0)
        floor, reach = _learned(db[begin - first : stop - first : each], floor, reach, min_contrast_db)
        frames = db[done - first : min(end, known) - first]
        activations.append((_most_active if any_muscle else _together)(frames, floor, reach))
        quiets.append(np.broadcast_to(10 ** (floor / 10), frames.shape))
        done += len(frames)
    kept = max(done + step - round(MEMORY_S * fs), 0)
    tail = raw[max(max(until, before) - wing, 0) - start :]
    # copies: a view would keep the whole stretch in memory
    state = ActivationState(tail.copy(), db[kept - first :].copy(), kept, done, floor, reach)
    return np.concatenate(activations), np.concatenate(quiets), state


def _median_db(power: FloatArray, start: int, stop: int, wing: int) -> FloatArray:
    """Running median of the power in dB at rows ``start..stop``, of what there is; missing stays missing."""
    if stop <= start:
        return np.empty((0, power.shape[1]))
    edge = np.full((wing, power.shape[1]), np.nan)
    padded = np.concatenate([edge, power, edge])[start : stop + 2 * wing]
    windows = np.sort(np.lib.stride_tricks.sliding_window_view(padded, 2 * wing + 1, axis=0), axis=2)
    n = np.maximum(np.isfinite(windows).sum(axis=2, keepdims=True), 1)  # NaN was sorted last
    low, high = (np.take_along_axis(windows, k, axis=2)[:, :, 0] for k in ((n - 1) // 2, n // 2))
    db = 5.0 * (np.log10(np.maximum(low, SILENT_UV2)) + np.log10(np.maximum(high, SILENT_UV2)))
    return np.where(np.isfinite(power[start:stop]), db, np.nan)


def _learned(
    db: FloatArray, floor: FloatArray, reach: FloatArray, min_contrast_db: float
) -> tuple[FloatArray, FloatArray]:
    """Floor and reach of each channel; where there is no contrast now, those known before, moved along."""
    floor, reach = floor.copy(), reach.copy()
    for channel in range(db.shape[1]):
        values = db[:, channel]
        values = np.sort(values[np.isfinite(values)])
        if len(values) < 2 * FEWEST:
            continue
        low, high = two_levels(values)
        if high - low >= min_contrast_db:
            floor[channel], reach[channel] = low, high - low
        elif np.isfinite(floor[channel]):
            middle = values[len(values) // 2]  # all quiet or all active, whichever is nearer
            above = middle > floor[channel] + reach[channel] / 2
            floor[channel] = middle - (reach[channel] if above else 0.0)
    return floor, reach


def two_levels(values: FloatArray) -> tuple[float, float]:
    """Medians of the lower and the upper of two classes; the same number twice where one would be tiny.

    Parameters
    ----------
    values : ndarray, shape (n,)
        In ascending order.

    Examples
    --------
    >>> two_levels(np.array([1.0] * 20 + [2.0] * 20 + [30.0] * 9 + [99.0]))
    (1.5, 30.0)
    """
    n = len(values)
    sums = np.concatenate([[0.0], np.cumsum(values)])
    middle = 0.5 * (values[n // 20] + values[n - 1 - n // 20])  # extremes may be artifacts
    split = -1
    for _ in range(50):  # usually five
        before, split = split, int(np.searchsorted(values, middle, side="right"))
        if split == before or not 0 < split < n:
            break
        middle = 0.5 * (sums[split] / split + (sums[n] - sums[split]) / (n - split))
    if not FEWEST <= split <= n - FEWEST:
        return float(np.median(values)), float(np.median(values))
    return float(np.median(values[:split])), float(np.median(values[split:]))


def _together(db: FloatArray, floor: FloatArray, reach: FloatArray) -> FloatArray:
    """Weighted mean of the channels' activation; NaN where half of the weight is missing."""
    weights = np.where(np.isfinite(reach), np.minimum(reach, HEAVIEST_DB), 0.0)
    there = np.isfinite(db)
    activation = np.zeros(len(db))
    has = np.zeros(len(db))
    for channel in np.flatnonzero(weights):
        x = np.clip((db[:, channel] - floor[channel]) / reach[channel], 0.0, 1.0)
        activation += np.where(there[:, channel], weights[channel] * x, 0.0)
        has += np.where(there[:, channel], weights[channel], 0.0)
    enough = there.any(axis=1) & (has >= 0.5 * weights.sum())
    return np.where(enough, activation / np.where(has > 0, has, 1.0), np.nan)


def _most_active(db: FloatArray, floor: FloatArray, reach: FloatArray) -> FloatArray:
    """Activation of the most active channel; NaN where all are missing."""
    there = np.isfinite(db)
    known = np.isfinite(reach)
    if not known.any():
        return np.where(there.any(axis=1), 1.0, np.nan)
    activation = np.zeros(len(db))
    for channel in range(db.shape[1]):
        x = (db[:, channel] - floor[channel]) / reach[channel] if known[channel] else db[:, channel] > LOUD_DB
        activation = np.maximum(activation, np.where(there[:, channel], np.clip(x, 0.0, 1.0), 0.0))
    return np.where(there.any(axis=1), activation, np.nan)
