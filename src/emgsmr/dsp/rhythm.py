"""The rhythm of gait in the EMG itself: stride frequency, and where in the stride a moment lies."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr.dsp.steady import standardized
from emgsmr.dsp.taper import hann, hann_sum

FloatArray = NDArray[np.float64]

STRIDE_HZ = (0.6, 1.9)
"""Stride frequencies looked for: slow walking to sprinting cadence."""

RUN_HZ = 1.15
"""Stride frequency above which gait counts as running where the muscles' order does not tell (138 spm)."""

STEP_HZ = 0.01
"""Fineness of the search."""

NEAR = 0.12
"""A rhythm that goes on changes its frequency by less than this share between two windows."""

KEEP = 0.6
"""A rhythm near the one before is kept unless another has this much more power (1 / KEEP)."""

TOLERANCE = 0.03
"""Part of a stride by which a muscle may come off its time before it counts less than the others."""


class Muscles(NamedTuple):
    """Muscles of a leg: their envelopes (n_samples, n_channels), and when they are expected to burst.

    ``run_pct``, ``walk_pct`` (n_channels): center of each burst, % of the stride. ``evidence``: what the
    windows before said of the gait, a mean of their ``margin``.
    """

    envelopes: FloatArray
    run_pct: FloatArray
    walk_pct: FloatArray
    evidence: float = 0.0


class Rhythm(NamedTuple):
    """Gait found in a window.

    ``freq_hz``: stride frequency. ``phase``: fraction of the stride, since foot contact, at the middle of the
    window. ``strength``: share of the envelopes' variance that is rhythmic, 0 to 1. ``gait``: what the order
    of the muscles says. ``margin``: how clearly it says so, positive for running, -1 to 1. ``agreement``: how
    well the muscles' phases fit that order, 0 to 1. ``late``: fraction of the stride by which each channel's
    burst came after its time, with its weight in ``weights``.
    """

    freq_hz: float
    phase: float
    strength: float
    gait: Literal["run", "walk"]
    margin: float
    agreement: float
    late: FloatArray
    weights: FloatArray


def stride_frequency(
    signals: FloatArray, *, fs: float, harmonics: tuple[float, ...], near_hz: float | None = None
) -> tuple[float, float, FloatArray]:
    """Find the frequency at which signals repeat.

    Parameters
    ----------
    signals : ndarray, shape (n_samples, n_channels)
        Several strides of each, without their mean, divided by their SD (a channel without any: zeros).
    fs : float, Hz
    harmonics : tuple of float
        Weight of the power at the frequency itself, at twice that, and so on.
    near_hz : float, optional
        Where it was before.

    Returns
    -------
    freq_hz : float
        The frequency with the most weighted power over all channels, between two bins by a parabola.
    strength : float
        Share of the variance at its first two harmonics, 0 to 1.
    tapered : ndarray, shape (n_samples, n_channels)
        ``signals`` under a Hann window.

    Examples
    --------
    >>> t = np.arange(300) / 50
    >>> x = np.sqrt(2) * np.cos(2 * np.pi * 1.4 * t)[:, None]
    >>> freq, strength, _ = stride_frequency(x, fs=50, harmonics=(1.0, 0.5))
    >>> round(freq, 2), round(strength, 1)
    (1.4, 1.0)
    """
    n = len(signals)
    taper = hann(n)
    tapered = signals * taper[:, np.newaxis]
    # padded so that its bins are STEP_HZ apart; a unit-variance sinusoid would have power 1
    spectrum = np.fft.rfft(np.ascontiguousarray(tapered.T), n=max(round(fs / STEP_HZ), n)).T
    bins = np.arange(round(STRIDE_HZ[0] / STEP_HZ), round(STRIDE_HZ[1] / STEP_HZ) + 1)
    freqs = bins * STEP_HZ
    wanted = spectrum[np.array([k * bins for k in range(1, len(harmonics) + 1)])]
    # a channel's values side by side, however the spectrum lies in memory: the mean adds in that order
    squares = np.ascontiguousarray(np.square(wanted.real) + np.square(wanted.imag))
    power = np.add.reduce(squares, axis=2) / squares.shape[2] * 2.0 / hann_sum(n) ** 2
    score = np.zeros(len(bins))
    for weight, part in zip(harmonics, power, strict=True):
        score += weight * part
    best = int(np.argmax(score))
    if near_hz is not None:
        near = np.where(np.abs(freqs - near_hz) <= NEAR * near_hz, score, -1.0)
        again = int(np.argmax(near))
        if near[again] >= KEEP * score[best]:
            best = again
    freq = float(freqs[best])
    if 0 < best < len(freqs) - 1:
        a, b, c = score[best - 1 : best + 2]
        bend = a - 2 * b + c
        freq += STEP_HZ * min(max(float(0.5 * (a - c) / bend), -0.5), 0.5) if bend < 0 else 0.0
    return freq, float(min(power[0, best] + power[1, best], 1.0)), tapered


def common_phase(phases: FloatArray, weights: FloatArray) -> float:
    """Agree on one phase (strides, modulo 1): the weighted mean, in which outliers count less.

    Notes
    -----
    Huber's weights, with a limit of `TOLERANCE`, around the circular mean: what agrees is averaged, what lies
    far off pulls with a constant force.

    Examples
    --------
    >>> round(common_phase(np.array([0.99, 0.01, 0.0, 0.4]), np.ones(4)), 2)
    0.01
    """
    turn = np.exp(2j * np.pi * phases)
    total = complex(np.add.reduce(weights * turn))
    center = float(np.angle(total) / (2 * np.pi))
    for _ in range(6):
        off = (phases - center + 0.5) % 1.0 - 0.5
        kept = weights * np.minimum(1.0, TOLERANCE / np.maximum(np.abs(off), 1e-12))
        center += float(np.add.reduce(kept * off) / max(np.add.reduce(kept), 1e-12))
    return center % 1.0


def find_rhythm(
    envelopes: FloatArray,
    *,
    fs: float,
    run_pct: FloatArray,
    walk_pct: FloatArray,
    near_hz: float | None = None,
    evidence: float = 0.0,
) -> Rhythm:
    """Stride frequency and phase from the envelopes of one leg's muscles.

    Parameters
    ----------
    envelopes : ndarray, shape (n_samples, n_channels)
        Amplitude, at a low rate; several strides long. Any scale: each channel is standardized.
    fs : float, Hz
        Rate of the envelopes.
    run_pct, walk_pct : ndarray, shape (n_channels,), % of the stride
        Center of each muscle's burst after foot contact of its own leg, in running and in walking.
    near_hz : float, optional
        Stride frequency of the window before.
    evidence : float
        What the windows before said of the gait: a mean of their ``margin``.

    Returns
    -------
    Rhythm

    Notes
    -----
    The center of a burst is the phase of the envelope's fundamental, so one Fourier coefficient per channel
    at the common stride frequency places foot contact. The frequency with the most power in fundamental and
    second harmonic over all channels is taken. Running and walking differ in when the calf works relative to
    thigh and buttock; the order that explains the phases better is taken. Envelopes are `standardized`
    and the channels' phases averaged robustly (`common_phase`), so that neither a knock nor one spoiled
    channel decides.

    Examples
    --------
    >>> t = np.arange(0, 6, 0.02)
    >>> env = np.exp(6 * np.cos(2 * np.pi * (1.4 * t[:, None] - np.array([0.04, 0.95, 0.06]))))
    >>> run, walk = np.array([4.0, 95, 6]), np.array([4.0, 95, 41])
    >>> r = find_rhythm(env, fs=50, run_pct=run, walk_pct=walk)
    >>> round(r.freq_hz, 2), r.gait, round(r.phase, 2), round(float(1.4 * (t[0] + t[-1]) / 2 % 1), 2)
    (1.4, 'run', 0.19, 0.19)
    """
    leg = Muscles(envelopes, run_pct, walk_pct, evidence)
    return find_rhythms([leg], fs=fs, near_hz=near_hz)[0]


def find_rhythms(legs: Sequence[Muscles], *, fs: float, near_hz: float | None = None) -> list[Rhythm]:
    """The rhythm of each leg of somebody: both stride at one frequency, each in its own phase.

    Parameters
    ----------
    legs : sequence of Muscles
        Over the same time.
    fs : float, Hz
        Rate of the envelopes.
    near_hz : float, optional
        Stride frequency of the window before.

    Returns
    -------
    list of Rhythm
        As `find_rhythm`, at the frequency with the most power over the muscles of all legs.

    Examples
    --------
    >>> t = np.arange(0, 6, 0.02)
    >>> pct = np.array([4.0, 95.0])
    >>> env = np.exp(6 * np.cos(2 * np.pi * (1.4 * t[:, None] - pct / 100)))
    >>> silent = np.random.default_rng(1).gamma(6.0, size=env.shape)
    >>> left, right = find_rhythms([Muscles(env, pct, pct), Muscles(silent, pct, pct)], fs=50)
    >>> round(left.freq_hz, 2), right.freq_hz == left.freq_hz, left.strength > 0.8, right.strength < 0.1
    (1.4, True, True, True)
    """
    standard = [standardized(leg.envelopes, fs=fs, period_s=1.0 / (near_hz or RUN_HZ)) for leg in legs]
    freq, _, tapered = stride_frequency(
        np.concatenate(standard, axis=1), fs=fs, harmonics=(1.0, 0.5), near_hz=near_hz
    )
    ends = np.cumsum([len(leg.run_pct) for leg in legs])
    t = (np.arange(len(tapered)) - (len(tapered) - 1) / 2) / fs
    turns = [np.exp(-2j * np.pi * k * freq * t) for k in (1, 2)]
    return [
        _at(freq, part, leg, turns)
        for leg, part in zip(legs, np.split(tapered, ends[:-1], axis=1), strict=True)
    ]


def _at(freq: float, tapered: FloatArray, leg: Muscles, turns: Sequence[NDArray[np.complex128]]) -> Rhythm:
    """The rhythm of a leg at a frequency, once and twice of which ``turns`` are; see `stride_frequency`."""
    n = len(tapered)
    first, second = (turn @ tapered for turn in turns)
    weights = np.abs(first)
    power = np.mean(np.square(weights) + np.square(np.abs(second))) * 2.0 / hann_sum(n) ** 2
    phases = np.angle(first) / (2 * np.pi)
    turn = np.exp(2j * np.pi * phases)
    total = max(float(np.sum(weights)), 1e-12)
    agreement = [
        abs(np.sum(weights * turn * np.exp(2j * np.pi * pct / 100))) / total
        for pct in (leg.run_pct, leg.walk_pct)
    ]
    margin = float(agreement[0] - agreement[1])
    known = margin + leg.evidence
    gait: Literal["run", "walk"] = "run" if (known > 0 if abs(known) > 0.05 else freq >= RUN_HZ) else "walk"
    expected = phases + (leg.run_pct if gait == "run" else leg.walk_pct) / 100
    phase = common_phase(expected, weights)
    # a burst that comes late has a phase that lags
    late = (phase - expected + 0.5) % 1.0 - 0.5
    fit = float(agreement[0 if gait == "run" else 1])
    return Rhythm(freq, phase, float(min(power, 1.0)), gait, margin, fit, late, weights)
