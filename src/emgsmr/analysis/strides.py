"""Strides, and what each muscle did in each: the facts from which every table and the detector are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.contacts import Gait
from emgsmr.analysis.onsets import NO_TIMES, BurstTimes, burst_times

FloatArray = NDArray[np.float64]
Side = Literal["L", "R"]

N_BINS = 50
"""Bins of a stride's profile (2 % each)."""

SPECTRUM_HZ = 500.0
"""Sampling rate below which no spectrum is computed."""

CYCLE_NAMES: dict[Gait, str] = {
    "run": "strides",
    "walk": "strides",
    "rep": "repetitions",
    "hold": "windows of held contractions",
}
"""What several cycles of a kind are called."""

GAP = "gap: samples missing, or the filter settling after a gap"


@dataclass(frozen=True, slots=True, eq=False)
class SiteFacts:
    """One muscle in one stride.

    ``power``: mean square (µV²) in each window, by the pair's id and under "main". ``bins``: mean square in
    `N_BINS` parts of the stride. ``quiet``: their lower tenth, below the noise floor but moving with
    it. ``burst``: when the main burst began and ended. Empty if not ``valid``.
    """

    valid: bool
    reason: str
    power: dict[str, float] = field(default_factory=dict)
    bins: FloatArray = field(default_factory=lambda: np.full(N_BINS, np.nan))
    quiet: float = float("nan")
    center_pct: float = float("nan")
    burst: BurstTimes = NO_TIMES
    spectrum: tuple[float, float, float] = (float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, slots=True, eq=False)
class Stride:
    """One stride of one leg, from a foot contact to the next of the same foot.

    A repetition of an exercise is one (``gait`` "rep": the burst), and so is a window of a held contraction
    ("hold").
    """

    side: Side
    number: int
    t_start_s: float
    t_end_s: float
    previous_s: float
    gait: Gait
    source: str
    valid: bool
    reason: str
    sites: dict[str, SiteFacts] = field(default_factory=dict)

    @property
    def duration_s(self) -> float:
        """Seconds from contact to contact."""
        return self.t_end_s - self.t_start_s

    @property
    def cadence_spm(self) -> float:
        """Steps (two a stride) per minute; NaN where nobody steps."""
        return 120.0 / self.duration_s if self.gait in ("run", "walk") else float("nan")

    def time_at(self, pct: float) -> float:
        """Time of a point of the stride; a negative one lies in the end of the stride before."""
        return self.t_start_s + pct / 100.0 * (self.duration_s if pct >= 0 else self.previous_s)

    def pct_at(self, t_s: float) -> float:
        """Place of a time in the stride: the inverse of `time_at`."""
        return (
            100.0 * (t_s - self.t_start_s) / (self.duration_s if t_s >= self.t_start_s else self.previous_s)
        )


@dataclass(frozen=True, slots=True)
class SiteChannel:
    """A site: where its signal is, and its windows in % of the stride by gait and name ("main", pair ids)."""

    site: str
    stream: SensorStream
    column: int
    windows: dict[Gait, dict[str, tuple[float, float]]]


@dataclass(frozen=True, slots=True)
class SiteGroup:
    """Sites of one sensor with the same windows: measured together."""

    sites: tuple[str, ...]
    stream: SensorStream
    columns: tuple[int, ...]
    windows: dict[Gait, dict[str, tuple[float, float]]]


def grouped(channels: list[SiteChannel]) -> list[SiteGroup]:
    """Put together what can be measured together, in the order of the first of each."""
    groups: list[SiteGroup] = []
    for channel in channels:
        for k, group in enumerate(groups):
            if group.stream is channel.stream and group.windows == channel.windows:
                sites, columns = (*group.sites, channel.site), (*group.columns, channel.column)
                groups[k] = SiteGroup(sites, group.stream, columns, group.windows)
                break
        else:
            groups.append(SiteGroup((channel.site,), channel.stream, (channel.column,), channel.windows))
    return groups


def group_facts(group: SiteGroup, stride: Stride) -> list[tuple[str, SiteFacts]]:
    """What each muscle of a group did in a stride, or why that cannot be said."""
    stream, windows = group.stream, group.windows[stride.gait]
    ends = [stride.time_at(pct) for window in windows.values() for pct in window]
    times = np.concatenate([np.linspace(stride.t_start_s, stride.t_end_s, N_BINS + 1), ends])
    gap = SiteFacts(valid=False, reason=GAP)
    if stream.first_index is None or times.max() > stream.timeline.end_s:
        return [(site, gap) for site in group.sites]
    at = np.ceil(stream.timeline.index(times)).astype(np.int64)
    begin, end = int(at.min()), int(at.max())
    signal = stream.read(begin, end)
    if signal is None:
        return [(site, gap) for site in group.sites]
    # in one order of memory, however the signal came: sums depend on it
    x, at = np.ascontiguousarray(signal[:, group.columns]), at - begin
    pieces = {
        name: x[start:stop]
        for name, (start, stop) in zip(windows, at[N_BINS + 1 :].reshape(-1, 2), strict=True)
    }
    power = {
        name: np.add.reduce(np.square(p), axis=0) / len(p) if len(p) else np.full(x.shape[1], np.nan)
        for name, p in pieces.items()
    }
    bins = dsp.binned_power(x, edges=at[: N_BINS + 1])
    quiet = _tenth(bins)
    center = dsp.circular_center(np.sqrt(np.maximum(bins - quiet, 0.0)))
    bursts = burst_times(group, stride, bins, x=x, first_index=begin)
    spectrum = _spectrum(pieces["main"], stream.fs)
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
            spectrum=spectrum[k],
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


def _spectrum(x: FloatArray, fs: float) -> list[tuple[float, float, float]]:
    """MNF, MDF and ln FInsm5 of each channel's main burst; NaN where the rate forbids it."""
    if fs < SPECTRUM_HZ or len(x) < 0.05 * fs:
        return [(float("nan"), float("nan"), float("nan"))] * x.shape[1]
    freqs, power = dsp.burst_spectrum(x, fs=fs)
    indices = dsp.spectral_indices(freqs, power, low_hz=20.0, high_hz=min(450.0, 0.45 * fs))
    return [(float(mnf), float(mdf), float(ln_fi)) for mnf, mdf, ln_fi in zip(*indices, strict=True)]
