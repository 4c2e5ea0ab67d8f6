"""A sensor's signal second by second: quality of the raw samples, band-pass, mains removed, power.

Seconds lie on the grid of the sample index, and what comes out of one depends on it and on the seconds since
the last gap, so no cut of the stream changes a bit.
"""

from __future__ import annotations

from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.limits import SPECTRUM_HZ
from emgsmr.analysis.quality import Verdict
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.usual import Judge
from emgsmr.recording import SensorInfo

FloatArray = NDArray[np.float64]

HOPS_PER_S = 50
"""Rate of the hop powers from which the rhythm of gait is found."""

PEAK_S = 0.5
"""Window of the peak power: the usual one for the maximum of a voluntary contraction."""

SPAN_S, WINDOW_S = 1.5, 0.1
"""Least and most power: of windows of a tenth of a second, in as long as a stride of slow walking takes."""


class Second(NamedTuple):
    """What is kept of a second (or of what a start, a gap or the end left of it) forever.

    Attributes
    ----------
    first_index, n : int
        Its samples.
    verdicts : tuple of Verdict
        State of each channel, and why.
    mains_db, motion_ratio : tuple of float
        As in `emgsmr.dsp.SignalMeasures`; one value for each channel, as below.
    power : tuple of float, µV²
        Mean square of the filtered and cleaned samples. Those that hold the filter's start-up do not count;
        NaN if there are no others.
    peak_power : tuple of float, µV²
        Highest mean square of `PEAK_S` seconds (whole hops) that end in this second. They may begin in the
        second before, but not across a gap or in the filter's start-up; NaN if there are none.
    mains_removed_db : tuple of float, dB
        Power of the mains hum that was subtracted relative to what remains; NaN = nothing was.
    least_power, most_power : tuple of float, µV²
        Of the windows of `WINDOW_S` in the last `SPAN_S` (whole hops), as `emgsmr.dsp.least_and_most`; NaN
        until there is that much after a start or gap.
    level : tuple of float, µV
        Standard deviation without its spikes, as `emgsmr.dsp.count_spikes`; NaN in the filter's start-up.
    spikes : tuple of float
        How many; NaN in the filter's start-up, and below `SPECTRUM_HZ`.
    """

    first_index: int
    n: int
    verdicts: tuple[Verdict, ...]
    mains_db: tuple[float, ...]
    motion_ratio: tuple[float, ...]
    power: tuple[float, ...]
    peak_power: tuple[float, ...]
    mains_removed_db: tuple[float, ...]
    least_power: tuple[float, ...]
    most_power: tuple[float, ...]
    level: tuple[float, ...]
    spikes: tuple[float, ...]


class Filtered(NamedTuple):
    """The filtered and cleaned samples of a second, and the hops that it completed.

    ``x``: (n_samples, n_channels), µV. ``first_hop``: number of the first hop. ``hop_power``: (n_hops,
    n_channels), µV².
    """

    x: FloatArray
    first_hop: int
    hop_power: FloatArray


class SecondChain:
    """The stages that each second of a sensor goes through, with their state.

    Parameters
    ----------
    info : SensorInfo
    n_channels : int
    settings : Settings
    """

    def __init__(self, info: SensorInfo, n_channels: int, settings: Settings) -> None:
        self.info = info
        self.fs = info.rate_hz
        self.n_channels = n_channels
        self.second = max(round(self.fs), 1)
        self.hop = max(round(self.fs / HOPS_PER_S), 1)
        self.sos = dsp.design_bandpass(
            low_hz=settings.low_hz, high_hz=settings.high_hz, fs=self.fs, order=settings.filter_order
        )
        self.settle = dsp.settling_samples(self.sos)
        self._settings = settings
        self._mains_hz = (settings.mains_hz,) if settings.mains_hz else (50.0, 60.0)
        self._n_peak, self._n_span, self._n_window = (
            round(length_s * self.fs / self.hop) for length_s in (PEAK_S, SPAN_S, WINDOW_S)
        )
        self._judge = Judge.of(info, n_channels)  # what is usual for a channel outlasts a gap
        self.restart()

    def restart(self) -> None:
        """Begin anew: at the start, and after a gap."""
        self._filter: FloatArray | None = None
        self._mains: dsp.Mains | None = None
        self._hops: FloatArray | None = None
        self._recent = np.empty((0, self.n_channels))
        self._valid_from: int | None = None
        self._span: FloatArray | None = None
        self._since_spike: NDArray[np.int64] | None = None

    def process(self, counts: NDArray[Any], first_index: int) -> tuple[Second | None, Filtered]:
        """Take a second through all stages.

        Parameters
        ----------
        counts : ndarray, shape (n_samples, n_channels)
            Up to the end of the second, or as far as it goes.
        first_index : int
            Where the one before ended, unless there was a gap.

        Returns
        -------
        second : Second or None
            None where it is too short to say anything about its quality.
        filtered : Filtered
        """
        if self._valid_from is None:
            self._valid_from = first_index + self.settle
        x, self._filter = dsp.bandpass(counts * self.info.scale_uv, sos=self.sos, state=self._filter)
        removed_db = np.full(self.n_channels, np.nan)
        if self._settings.remove_mains:
            x, self._mains = dsp.remove_mains(
                x, fs=self.fs, mains_hz=self._mains_hz, high_hz=self._settings.high_hz, state=self._mains
            )
            removed_db = self._mains.removed_db
        power, first_hop, self._hops = dsp.hop_power(
            x, first_index=first_index, hop=self.hop, state=self._hops
        )
        settled_power = power[max(-(-self._valid_from // self.hop) - first_hop, 0) :]
        peak = self._peak(settled_power)
        least, most, self._span = dsp.least_and_most(
            settled_power, n_window=self._n_window, n_span=self._n_span, state=self._span
        )
        filtered = Filtered(x, first_hop, power)
        if len(counts) < max(self.second // 10, 8):
            return None, filtered
        measures = dsp.signal_measures(
            counts[np.newaxis], fs=self.fs, mains_hz=self._mains_hz, rails=self.info.rails
        )
        settled = x[max(self._valid_from - first_index, 0) :]
        level, spikes = self._spikes(settled)
        mean = dsp.binned_power(settled, edges=np.array((0, len(settled))))
        verdicts = self._judge.second(measures, np.isfinite(removed_db))
        quality = (measures.mains_db[0], measures.motion_ratio[0])
        rows = (*quality, mean[0], peak, removed_db, least, most, level, spikes)
        second = Second(first_index, len(counts), tuple(verdicts), *(tuple(row.tolist()) for row in rows))
        return second, filtered

    def _spikes(self, settled: FloatArray) -> tuple[FloatArray, FloatArray]:
        count, level, self._since_spike = dsp.count_spikes(settled, fs=self.fs, state=self._since_spike)
        counted = len(settled) > 0 and self.fs >= SPECTRUM_HZ
        return level, count.astype(np.float64) if counted else np.full(self.n_channels, np.nan)

    def _peak(self, settled: FloatArray) -> FloatArray:
        """Highest mean of so many hops in a row as `PEAK_S` has, the last of them among these."""
        hops = np.concatenate([self._recent, settled])
        self._recent = hops[max(len(hops) - self._n_peak + 1, 0) :].copy()
        if len(hops) < self._n_peak:
            return np.full(self.n_channels, np.nan)
        windows = np.arange(len(hops) - self._n_peak + 1)[:, np.newaxis] + np.arange(self._n_peak)
        total = np.add.reduce(hops.T.take(windows, axis=1), axis=2)  # each in the order of time
        return np.asarray((total / self._n_peak).max(axis=1))
