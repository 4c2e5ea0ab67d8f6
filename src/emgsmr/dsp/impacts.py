"""Foot contact within the stride, from motion folded over many strides."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
BoolArray = NDArray[np.bool_]

SWING_HARMONICS = 9
"""Harmonics of the stride that swinging a leg may have; what is left is shock."""

OUTLIER = 9.0
"""Power, relative to the median, of what the fit of a swing leaves out."""

UNUSUAL = 2.0
"""Mean power around a stride, relative to its median, that the fit leaves over where something spoils it.
A shock of 1.25 times the height has 1.6 times the power; a knock leaves over several times as much."""

SKEWED = 0.25
"""Skewness of a leg's rotation from which the direction of the swing, which is faster, is clear."""

AFTER_SWING = (0.30, 0.15)
"""Foot contact comes about this much of a stride after the leg swings fastest: mean and spread over gaits."""

NEAR = 0.10
"""A contact that is known lies within this part of a stride."""


def fold(x: FloatArray, strides: FloatArray, *, n_bins: int, weights: FloatArray | None = None) -> FloatArray:
    """Mean over many strides in equal bins of the stride.

    Parameters
    ----------
    x : ndarray, shape (n_samples, n_channels)
    strides : ndarray, shape (n_samples,)
        Strides at each sample, since any moment; only the fraction counts.
    n_bins : int
        Two percent of the stride is what readings at 25 Hz give in six seconds: 50.
    weights : ndarray, shape (n_samples,), optional
        How much each sample counts; None = all alike.

    Returns
    -------
    folded : ndarray, shape (n_bins, n_channels)
        A bin into which nothing falls takes the line between its neighbors.

    Notes
    -----
    Each sample is shared by the two bins whose middles enclose it, so that the fold does not depend on where
    bins begin. Signals slower than the shock that they carry gain resolution: strides and samples are not in
    step.

    Examples
    --------
    >>> fold(np.array([[1.0], [3.0], [5.0], [7.0]]), np.array([0.25, 0.75, 1.25, 1.75]), n_bins=2).ravel()
    array([3., 5.])
    """
    place = (strides % 1.0) * n_bins - 0.5
    floor = np.floor(place)
    low = floor.astype(np.int64) % n_bins
    high = (low + 1) % n_bins
    late = place - floor
    early = 1.0 - late
    if weights is not None:
        early, late = early * weights, late * weights
    weight = np.bincount(low, early, n_bins) + np.bincount(high, late, n_bins)
    total = np.empty((n_bins, x.shape[1]))
    for k, column in enumerate(np.ascontiguousarray(x.T)):
        total[:, k] = np.bincount(low, early * column, n_bins) + np.bincount(high, late * column, n_bins)
    full = weight > 1e-3
    if not full.any():
        return np.zeros((n_bins, x.shape[1]))
    folded = total / np.where(full, weight, 1.0)[:, np.newaxis]
    if not full.all():
        known = np.flatnonzero(full)
        for column in folded.T:
            column[~full] = np.interp(np.flatnonzero(~full), known, column[known], period=n_bins)
    return np.asarray(folded)


def rolled(folded: FloatArray, shift: float) -> FloatArray:
    """Move a fold to earlier by ``shift`` strides, of any fraction.

    Examples
    --------
    >>> int(rolled(np.array([[0.0], [0.0], [1.0], [0.0]]), 0.25).round(6).argmax())
    1
    """
    n = len(folded)
    turn = np.exp(2j * np.pi * np.arange(n // 2 + 1) * shift)
    if n % 2 == 0:
        turn[-1] = np.cos(np.pi * n * shift)
    return np.asarray(np.fft.irfft(np.fft.rfft(folded, axis=0) * turn[:, np.newaxis], n=n, axis=0))


def shift_between(template: FloatArray, folded: FloatArray) -> tuple[float, float]:
    """How much later in the stride a fold has what its template has.

    Parameters
    ----------
    template, folded : ndarray, shape (n_bins, n_channels)

    Returns
    -------
    shift : float, strides, -0.5 to 0.5
        To a fraction of a bin (a parabola through the best three).
    correlation : float
        Over all channels together, -1 to 1; 0 where one of both is flat.

    Examples
    --------
    >>> x = np.cos(2 * np.pi * (np.arange(50) / 50 - 0.1))[:, None]
    >>> [round(v, 3) for v in shift_between(x, np.roll(x, 5, axis=0))]
    [0.1, 1.0]
    """
    n = len(template)
    a, b = template - template.mean(axis=0), folded - folded.mean(axis=0)
    power = float(np.sqrt(np.sum(a * a) * np.sum(b * b)))
    if not power > 1e-12:
        return 0.0, 0.0
    spectrum = np.conj(np.fft.rfft(a, axis=0)) * np.fft.rfft(b, axis=0)
    match = np.fft.irfft(np.add.reduce(spectrum, axis=1), n=n) / power
    best = int(np.argmax(match))
    shift = (best + _vertex(match, best)) / n
    return (shift + 0.5) % 1.0 - 0.5, float(match[best])


def shock_power(acceleration: FloatArray, *, lag: int) -> FloatArray:
    """Power of what shakes a sensor faster than a leg can swing.

    Parameters
    ----------
    acceleration : ndarray, shape (n_samples, 3), g
        As it was read, evenly, without a reading missing.
    lag : int, samples
        About 20 ms; 1 where readings are further apart.

    Returns
    -------
    power : ndarray, shape (n_samples - 2 * lag,), g²
        Of samples ``lag`` to ``n_samples - lag``.

    Notes
    -----
    The square of the distance of each sample from the middle between its neighbors at ``lag``: a high-pass
    that at 20 ms passes half of the amplitude at 12.5 Hz and a tenth at 5 Hz.

    Examples
    --------
    >>> x = np.zeros((5, 3))
    >>> x[2] = [0.0, 0.0, 2.0]
    >>> shock_power(x, lag=1).tolist()
    [1.0, 4.0, 1.0]
    """
    middle = 0.5 * (acceleration[: -2 * lag] + acceleration[2 * lag :])
    rest = acceleration[lag:-lag] - middle
    return np.asarray(rest[:, 0] ** 2 + rest[:, 1] ** 2 + rest[:, 2] ** 2)


def aperiodic_power(acceleration: FloatArray, strides: FloatArray) -> tuple[FloatArray, BoolArray]:
    """Power of what shakes a sensor that is read too seldom for `shock_power`.

    Parameters
    ----------
    acceleration : ndarray, shape (n_samples, 3), g
        Several strides; at 25 Hz, 20 ms make no difference that a leg could not make.
    strides : ndarray, shape (n_samples,)
        Strides at each sample, since any moment, ascending.

    Returns
    -------
    power : ndarray, shape (n_samples,), g²
    usual : ndarray of bool, shape (n_samples,)
        Whether the stride around a sample goes like most of the others.

    Notes
    -----
    The first `SWING_HARMONICS` of the stride are fitted to each axis by least squares and subtracted. A shock
    that is shorter than the distance of two readings is caught in one stride and missed in another; the fit
    cannot follow it. It is repeated without what lies far off, and without the strides around which it leaves
    over more than `UNUSUAL` of what is usual: a knock or a foot that drags is no evidence of where a foot
    touches the ground. A stride that is a little larger than the others leaves over what is slow; of the
    rest, only what differs from both neighbors counts.

    Examples
    --------
    >>> strides = np.arange(140) * 0.0597
    >>> swing = np.cos(2 * np.pi * strides)[:, None] * np.array([1.0, 0.5, 0.0])
    >>> shock = 2.0 * (((strides - 0.3) % 1.0) < 0.03)[:, None] * np.array([0.0, 0.0, 1.0])
    >>> knock = 3.0 * (np.abs(np.arange(140) - 72) < 3)[:, None] * np.array([1.0, 0.0, 0.0])
    >>> power, usual = aperiodic_power(swing + shock + knock, strides)
    >>> bool(power[shock[:, 2] > 0].min() > 10 * np.median(power[usual])), bool(usual[70:75].any())
    (True, False)
    """
    angle = 2 * np.pi * strides[:, np.newaxis] * np.arange(1, SWING_HARMONICS + 1)
    basis = np.column_stack([np.ones(len(strides)), np.cos(angle), np.sin(angle)])
    rest, usual = acceleration, np.ones(len(strides), dtype=bool)
    counts = usual
    for _ in range(3):
        used = basis * counts[:, np.newaxis]
        gram = used.T @ basis + 1e-9 * len(strides) * np.eye(basis.shape[1])
        rest = acceleration - basis @ np.linalg.solve(gram, used.T @ acceleration)
        power = np.add.reduce(rest * rest, axis=1)
        usual = _usual(power, strides)
        counts = usual & (power <= OUTLIER * np.median(power[usual]))
    fast = np.zeros_like(rest)
    fast[1:-1] = rest[1:-1] - 0.5 * (rest[:-2] + rest[2:])
    return np.asarray(np.add.reduce(fast * fast, axis=1)), usual


def _usual(power: FloatArray, strides: FloatArray) -> BoolArray:
    """Where the mean over a stride is not far above its median."""
    first, stop = np.searchsorted(strides, strides - 0.5), np.searchsorted(strides, strides + 0.5)
    total = np.concatenate([[0.0], np.cumsum(power)])
    around = (total[stop] - total[first]) / (stop - first)
    return np.asarray(~(around > UNUSUAL * np.median(around)))


def contact_phase(*, rotation: FloatArray | None, shock: FloatArray | None, trust: float) -> float | None:
    """Where in the fold the foot touches the ground.

    Parameters
    ----------
    rotation : ndarray, shape (n_bins, 3), °/s, optional
        Folded rotation of a segment of the leg, mounted in any way.
    shock : ndarray, shape (n_bins, 1), g², optional
        Of `shock_power`.
    trust : float, at least 1
        In a contact that was found at 0 before: so many times stronger a shock elsewhere must be than the one
        there. 1 if nothing is known.

    Returns
    -------
    phase : float or None, strides
        None if neither is given, or nothing sticks out.

    Notes
    -----
    Contact is the strongest shock. The leg's rotation about its main axis tells where it may be: the swing
    forward is faster than the way back (Aminian et al. 2002), and contact follows its peak within half a
    stride. Without acceleration, contact is where the rotation that follows the swing is strongest backward.

    Examples
    --------
    >>> shock = np.zeros((50, 1)); shock[[12, 37]] = [[1.0], [2.0]]
    >>> round(contact_phase(rotation=None, shock=shock, trust=1.0), 2)
    0.75
    """
    swing = None if rotation is None else _swing(rotation)
    if shock is None or not shock.max() > 0.0:
        return None if swing is None else _after_swing(swing)
    n = len(shock)
    score = _smoothed(shock[:, 0])
    place = (np.arange(n) + 0.5) / n
    if swing is not None:
        since = (place - (np.argmax(swing) + 0.5) / n) % 1.0
        likely = np.exp(-0.5 * np.square((since - AFTER_SWING[0]) / AFTER_SWING[1]))
        score = np.where((since >= 0.1) & (since <= 0.55), score * likely, 0.0)
    off = np.abs((place + 0.5) % 1.0 - 0.5)
    score = np.where(off <= NEAR, trust * score, score)
    best = int(np.argmax(score))
    return (best + 0.5 + _vertex(_smoothed(shock[:, 0]), best)) / n


def _swing(rotation: FloatArray) -> FloatArray | None:
    """Rotation about the main axis, the swing positive; None if its direction cannot be told."""
    centered = rotation - rotation.mean(axis=0)
    _, axes = np.linalg.eigh(centered.T @ centered)
    w = centered @ axes[:, -1]
    sd = float(np.sqrt(np.mean(w * w)))
    if not sd > 1e-9:
        return None
    skewness = float(np.mean(w**3)) / sd**3
    if abs(skewness) < SKEWED:
        return None
    return np.asarray(w if skewness > 0 else -w)


def _after_swing(swing: FloatArray) -> float:
    n = len(swing)
    start = int(np.argmax(swing))
    ahead = [(start + k) % n for k in range(1, int(0.4 * n) + 1)]
    best = min(ahead, key=lambda k: float(swing[k]))
    return (best + 0.5 + _vertex(-swing, best)) / n


def _smoothed(x: FloatArray) -> FloatArray:
    """Around the circle, by [1 2 1] / 4."""
    return np.asarray(0.25 * np.roll(x, 1) + 0.5 * x + 0.25 * np.roll(x, -1))


def _vertex(x: FloatArray, k: int) -> float:
    """Offset of a peak from bin ``k`` of a cycle, -0.5 to 0.5 bins."""
    a, b, c = float(x[k - 1]), float(x[k]), float(x[(k + 1) % len(x)])
    bend = a - 2 * b + c
    return float(np.clip(0.5 * (a - c) / bend, -0.5, 0.5)) if bend < 0 else 0.0
