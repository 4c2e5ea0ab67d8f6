"""Measures of signal quality per second: clipping, dead pieces, mains, motion, spikes. No verdicts here."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr.dsp.extremes import frozen_seconds, longest_at_end, pile_up_pct, value_extremes
from emgsmr.dsp.taper import hann, hann_power

FloatArray = NDArray[np.float64]

SPIKE_BLOCK_S = 0.025
"""Length of the pieces whose peaks are compared with their neighbors' level."""


class Measured(NamedTuple):
    """What was measured of one channel in one second; see `SignalMeasures`."""

    n: float
    sd_counts: float
    step_counts: float
    clipped_pct: float
    run_at_end: float
    frozen_s: float
    mains_db: float
    hum_share: float
    other_hum_share: float
    fast_power: float
    motion_ratio: float
    low_share: float
    spike: float
    high: float
    n_high: float
    n_below_high: float
    low: float
    n_low: float
    n_above_low: float


@dataclass(frozen=True, slots=True, eq=False)
class SignalMeasures:
    """Quality of each second and channel: one array, read by name as arrays (n_seconds, n_channels).

    Attributes
    ----------
    values : ndarray, shape (len(Measured._fields), n_seconds, n_channels)
        n : samples.
        sd_counts : standard deviation, ADC counts.
        step_counts : smallest difference of neighbors that is not zero: the step of the numbers
        (infinite: none differ).
        clipped_pct : samples at a rail, %; without known rails, samples at an extreme where they pile up.
        run_at_end : longest run of samples at the highest or the lowest value; 0 for fewer than four.
        frozen_s : time in which one value is repeated for a tenth of a second or more, s.
        mains_db : power at the mains frequency and its harmonics against all other power above 20 Hz, dB;
        NaN where the samples are too few (a quarter of a second) to tell a line from its neighbors.
        hum_share, other_hum_share : that power over all power above 20 Hz, for the first and the second
        mains frequency that was asked for; negative by chance where there is no hum, so that a mean over
        seconds tends to zero. NaN as ``mains_db``.
        fast_power : mean square above 20 Hz, counts².
        motion_ratio : power above 20 Hz divided by power below it (without the mean), linear; low = movement.
        low_share : power from 20 to 40 Hz over all power above 20 Hz: what movement sends into the band.
        spike : highest peak of the first difference over the rms around it (50 ms on either side).
        high, n_high, n_below_high : largest count, how many samples lie within a step of it, how many further
        down to 16 steps below it. low, n_low, n_above_low : likewise.

    Examples
    --------
    >>> measures = SignalMeasures(np.arange(19.0).reshape(19, 1, 1))
    >>> float(measures.mains_db[0, 0]), measures.channel(0).spike
    (6.0, 12.0)
    """

    values: FloatArray

    def __getattr__(self, name: str) -> FloatArray:
        if name not in Measured._fields:
            raise AttributeError(name)
        row: FloatArray = self.values[Measured._fields.index(name)]
        return row

    def channel(self, column: int, second: int = 0) -> Measured:
        """All measures of one channel in one second."""
        return Measured(*self.values[:, second, column].tolist())


class _Bands(NamedTuple):
    """``rows`` of weights of a spectrum's bins: slow, low, fast and, for each mains frequency, its excess."""

    rows: FloatArray
    measurable: bool


@lru_cache(maxsize=64)
def _bands(n: int, fs: float, mains: tuple[float, ...]) -> _Bands:
    freqs = np.fft.rfftfreq(n, 1 / fs)
    fast = freqs >= 20.0
    width = 1.05 * max(fs / n, 1.0)  # what a line fills behind a Hann window; it leaks into twice of that
    rows = [(freqs > 0) & ~fast, fast & (freqs < 40.0), fast]
    measurable = 4 * n >= fs
    for hz in mains:
        distance = np.abs(freqs - hz * np.round(freqs / hz))
        line = fast & (distance <= width)
        beside = fast & (distance > 2 * width) & (distance <= max(6 * width, 6.0))
        measurable = bool(measurable and line.any() and beside.any())
        # what stands at the line above the level of its neighbors
        rows.append(line - beside * (int(line.sum()) / max(int(beside.sum()), 1)))
    weights = np.array(rows, dtype=np.float64)
    weights.flags.writeable = False
    return _Bands(weights, measurable)


def signal_measures(
    counts: NDArray[Any],
    *,
    fs: float,
    mains_hz: float | tuple[float, ...],
    rails: tuple[int, int] | None = None,
) -> SignalMeasures:
    """Measure raw samples, one row per second.

    Parameters
    ----------
    counts : ndarray, shape (n_seconds, n_samples, n_channels), ADC counts
        Raw, before any filter.
    fs : float, Hz
    mains_hz : float or tuple of float, Hz
        50 or 60, or both: then the louder one counts.
    rails : tuple of int, optional
        Lowest and highest count of the ADC; without them clipping shows where samples pile up at an extreme.

    Returns
    -------
    SignalMeasures

    Notes
    -----
    A second knows nothing of the others: cut the samples into seconds and each measures the same. Power is
    that of a Hann window, so what happens in the middle of the second counts most. Clipping of a few samples
    between unknown rails shows only over many seconds; ``high`` and ``low`` are there to learn the rails.

    Examples
    --------
    >>> t = np.arange(1000) / 1000
    >>> hum = np.round(900 * np.sin(2 * np.pi * 50 * t)).astype(int)[None, :, None]
    >>> got = signal_measures(hum, fs=1000, mains_hz=50, rails=(-900, 900))
    >>> bool(got.mains_db[0, 0] > 20), float(got.clipped_pct[0, 0])
    (True, 10.0)
    """
    # a channel's samples side by side: fast, and sums add in the order of memory
    x = np.ascontiguousarray(np.transpose(counts, (0, 2, 1)), dtype=np.float64)
    n = x.shape[2]
    out = np.full((len(Measured._fields), *x.shape[:2]), np.nan)
    put = {name: out[k] for k, name in enumerate(Measured._fields)}
    put["n"][:] = n
    if n == 0:
        return SignalMeasures(out)
    steps = x[..., 1:] - x[..., :-1]
    size = np.abs(steps)
    extremes = value_extremes(x, size)
    for name, values in zip(extremes._fields, extremes, strict=True):
        put[name][:] = values
    put["clipped_pct"][:] = pile_up_pct(extremes, n)
    put["run_at_end"][:] = longest_at_end(x, extremes)
    if rails is not None:
        at_rail = ((x <= rails[0]) | (x >= rails[1])).sum(axis=2)
        np.maximum(put["clipped_pct"], 100.0 * at_rail / n, out=put["clipped_pct"])
    put["frozen_s"][:] = frozen_seconds(size, fs=fs)
    put["spike"][:] = _spike(steps, np.maximum(extremes.step_counts, 1.0), fs)
    x = x - np.add.reduce(x, axis=2, keepdims=True) / n
    put["sd_counts"][:] = np.sqrt(np.add.reduce(np.square(x), axis=2) / n)
    _spectral(x, fs, mains_hz if isinstance(mains_hz, tuple) else (mains_hz,), put)
    return SignalMeasures(out)


def _spectral(x: FloatArray, fs: float, mains: tuple[float, ...], put: dict[str, FloatArray]) -> None:
    """Fill in what the spectrum of each second tells."""
    n = x.shape[2]
    spectrum = np.fft.rfft(x * hann(n))
    power = np.square(spectrum.real) + np.square(spectrum.imag)
    bands = _bands(n, float(fs), mains)
    slow, low, total, *excess = np.einsum("scf,wf->wsc", power, bands.rows)
    some = np.maximum(total, np.finfo(np.float64).tiny)
    put["fast_power"][:] = 2.0 * total / (n * hann_power(n))
    put["motion_ratio"][:] = total / np.maximum(slow, 1e-9 * some)
    put["low_share"][:] = low / some
    if not bands.measurable:
        return
    for name, share in zip(("hum_share", "other_hum_share"), excess, strict=False):
        put[name][:] = share / some
    hum = np.maximum.reduce([*excess, 1e-6 * some])
    put["mains_db"][:] = 10.0 * np.log10(hum / np.maximum(total - hum, 1e-6 * some))


def _spike(steps: FloatArray, least: FloatArray, fs: float) -> FloatArray:
    """Highest peak of a piece of 25 ms over the level of those around it (n_seconds, n_channels).

    The level is that of the louder side: at the beginning of a burst the burst itself. On each side the
    quieter of two pieces counts, for a spike may lie across the border of two.
    """
    length = max(round(SPIKE_BLOCK_S * fs), 5)
    n_blocks = steps.shape[2] // length
    if n_blocks < 5:
        return np.full(steps.shape[:2], np.nan)
    blocks = np.square(steps[..., : n_blocks * length]).reshape(*steps.shape[:2], n_blocks, length)
    peak = blocks.max(axis=3)
    mean = np.add.reduce(blocks, axis=3) / length
    pairs = np.minimum(mean[..., :-1], mean[..., 1:])
    level = np.maximum(pairs[..., :-3], pairs[..., 3:])
    level = np.maximum(level, np.square(least)[..., np.newaxis])
    return np.asarray(np.sqrt((peak[..., 2:-2] / level).max(axis=2)))
