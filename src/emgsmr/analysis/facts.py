"""What each muscle did in a stride: the facts from which every table and the detector are made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.onsets import NO_TIMES, BurstTimes, burst_times
from emgsmr.analysis.pool import burst_spectra

if TYPE_CHECKING:
    from emgsmr.analysis.strides import SiteGroup, Stride

FloatArray = NDArray[np.float64]

N_BINS = 50
"""Bins of a stride's profile (2 % each)."""

_EDGES = np.arange(N_BINS + 1)

GAP = "gap: samples missing, or the filter settling after a gap"


@dataclass(frozen=True, slots=True, eq=False)
class SiteFacts:
    """One muscle in one stride.

    ``power``: mean square (µV²) in each window, by the pair's id and under "main". ``bins``: mean square in
    `N_BINS` parts of the stride. ``quiet``: their lower tenth, below the noise floor but moving with
    it. ``burst``: when the main burst began and ended. ``spectrum``: MNF, MDF and ln FInsm5 of the main
    burst; ``periodogram``: its frequencies (Hz) and power (µV²/Hz), kept only until its block of bursts is
    pooled. Empty if not ``valid``.
    """

    valid: bool
    reason: str
    power: dict[str, float] = field(default_factory=dict)
    bins: FloatArray = field(default_factory=lambda: np.full(N_BINS, np.nan))
    quiet: float = float("nan")
    center_pct: float = float("nan")
    burst: BurstTimes = NO_TIMES
    spectrum: tuple[float, float, float] = (float("nan"), float("nan"), float("nan"))
    periodogram: tuple[FloatArray, FloatArray] | None = None


def group_facts(
    group: SiteGroup, stride: Stride, quiet_between: Mapping[str, float] | None = None
) -> list[tuple[str, SiteFacts]]:
    """What each muscle of a group did in a stride, or why that cannot be said.

    ``quiet_between``: power (µV²) of the sites between repetitions.
    """
    stream, windows = group.stream, group.windows[stride.gait]
    ends = [stride.time_at(pct) for window in windows.values() for pct in window]
    times = np.empty(N_BINS + 1 + len(ends))
    times[: N_BINS + 1] = _EDGES * ((stride.t_end_s - stride.t_start_s) / N_BINS) + stride.t_start_s
    times[N_BINS], times[N_BINS + 1 :] = stride.t_end_s, ends
    if stream.first_index is None or times.max() > stream.timeline.end_s:
        return [(site, SiteFacts(valid=False, reason=GAP)) for site in group.sites]
    at = np.ceil(stream.timeline.index(times)).astype(np.int64)
    begin, end = int(at.min()), int(at.max())
    signal = stream.read(begin, end)
    if signal is None:
        return [(site, SiteFacts(valid=False, reason=GAP)) for site in group.sites]
    x, at = group.of(signal), at - begin
    pieces = {
        name: x[start:stop]
        for name, (start, stop) in zip(windows, at[N_BINS + 1 :].reshape(-1, 2).tolist(), strict=True)
    }
    power = {
        name: np.add.reduce(np.square(p), axis=0) / len(p) if len(p) else np.full(x.shape[1], np.nan)
        for name, p in pieces.items()
    }
    bins = dsp.binned_power(x, edges=at[: N_BINS + 1])
    quiet = _tenth(bins)
    late_pct = 100.0 * stream.delay_s / stride.duration_s
    center = (dsp.circular_center(np.sqrt(np.maximum(bins - quiet, 0.0))) - late_pct) % 100.0
    bursts = burst_times(group, stride, bins, x=x, first_index=begin, quiet=quiet_between)
    spectra = burst_spectra(pieces["main"], fs=stream.fs, band_hz=stream.band_hz)
    found = []
    for k, (site, column) in enumerate(zip(group.sites, group.columns, strict=True)):
        fault = stream.fault(begin, end, column)
        facts = SiteFacts(
            valid=True,
            reason="",
            power={name: float(value[k]) for name, value in power.items()},
            bins=bins[:, k],
            quiet=float(quiet[k]),
            center_pct=float(center[k]),
            burst=bursts[k],
            spectrum=spectra[k].indices,
            periodogram=spectra[k].periodogram,
        )
        found.append((site, SiteFacts(valid=False, reason=fault) if fault else facts))
    return found


def _tenth(bins: FloatArray) -> FloatArray:
    """The 0.1 quantile of each column, as `numpy.nanquantile` gives it in a tenth of the time."""
    ordered = np.sort(bins, axis=0)  # NaN last
    if np.isnan(ordered[-1]).any():
        return np.asarray(np.nanquantile(bins, 0.1, axis=0))
    place = 0.1 * (len(bins) - 1)
    low = int(place)
    below, above = ordered[low], ordered[low + 1]
    return np.asarray(above - (above - below) * (1 - (place - low)))
