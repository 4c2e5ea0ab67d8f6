"""Strides, and what each muscle did in each: the facts from which every table and the detector are made."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.contacts import WALK_DURATION_S, Contact, EventContacts, Gait, RhythmContacts
from emgsmr.analysis.quality import UNUSABLE, judge

FloatArray = NDArray[np.float64]
Side = Literal["L", "R"]

N_BINS = 50
"""Bins of a stride's profile (2 % each)."""

DURATION_S = (0.4, 2.5)
"""A stride outside of this is no stride: sprinting to very slow walking."""

IRREGULAR = 0.3
"""A stride whose duration differs more from the median of the ten before it was misplaced or is a stumble."""

SPECTRUM_HZ = 500.0
"""Sampling rate below which no spectrum is computed."""

MARGIN_S = 0.1
"""Signal that must be there beyond a window in which contacts are sought, so that its edge never changes."""

GAP = "gap: samples missing, or the filter settling after a gap"


@dataclass(frozen=True, slots=True, eq=False)
class SiteFacts:
    """One muscle in one stride.

    ``power``: mean square (µV²) in each window, by the pair's id and under "main". ``bins``: mean square in
    `N_BINS` parts of the stride. ``quiet``: that of the quietest tenth of them. Empty if not ``valid``.
    """

    valid: bool
    reason: str
    power: dict[str, float] = field(default_factory=dict)
    bins: FloatArray = field(default_factory=lambda: np.full(N_BINS, np.nan))
    quiet: float = float("nan")
    center_pct: float = float("nan")
    spectrum: tuple[float, float, float] = (float("nan"), float("nan"), float("nan"))


@dataclass(frozen=True, slots=True, eq=False)
class Stride:
    """One stride of one leg, from a foot contact to the next of the same foot."""

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
        """Steps (two a stride) per minute."""
        return 120.0 / self.duration_s

    def time_at(self, pct: float) -> float:
        """Time of a point of the stride; a negative one lies in the end of the stride before."""
        return self.t_start_s + pct / 100.0 * (self.duration_s if pct >= 0 else self.previous_s)


@dataclass(frozen=True, slots=True)
class SiteChannel:
    """A site: where its signal is, and its windows in % of the stride by gait and name ("main", pair ids)."""

    site: str
    stream: SensorStream
    column: int
    windows: dict[Gait, dict[str, tuple[float, float]]]


class StrideBuilder:
    """Makes strides of one leg from its contacts, once everything about them is known."""

    def __init__(
        self, side: Side, contacts: EventContacts | RhythmContacts, sites: list[SiteChannel]
    ) -> None:
        self.side = side
        self.contacts = contacts
        self.sites = sites
        self._pending: list[Contact] = []
        self._durations: list[float] = []
        self._number = 0

    def until(self, measured_s: float, *, last: bool = False) -> list[Stride]:
        """New strides that end by ``measured_s``, in order; ``last``: no more signal will come."""
        self._pending += self.contacts.until(measured_s if last else measured_s - MARGIN_S)
        if last:
            self._pending += self.contacts.finish()
        strides = []
        while len(self._pending) >= 2 and self._pending[1].t_s <= measured_s:
            first, second = self._pending[0], self._pending[1]
            del self._pending[0]
            duration = second.t_s - first.t_s
            if duration > DURATION_S[1]:  # a pause, or no rhythm: no stride
                self._durations.clear()
                continue
            strides.append(self._stride(first, second, duration))
        return strides

    @property
    def needed_from_s(self) -> float:
        """Signal before this time is not read again."""
        first = self._pending[0].t_s if self._pending else float("inf")
        rhythm = self.contacts.needed_from_s if isinstance(self.contacts, RhythmContacts) else float("inf")
        # windows reach back into the stride before; contacts still to come lie within the rhythm's window
        return min(first, rhythm) - DURATION_S[1]

    def _stride(self, first: Contact, second: Contact, duration: float) -> Stride:
        reason = ""
        usual = float(np.median(self._durations)) if len(self._durations) >= 3 else duration
        if duration < DURATION_S[0]:
            reason = "too short for a stride"
        elif abs(duration - usual) > IRREGULAR * usual:
            reason = "irregular: duration differs by more than 30 % from the ten strides before"
        previous = self._durations[-1] if self._durations else duration
        if not DURATION_S[0] <= previous <= DURATION_S[1]:
            previous = duration
        self._durations = [*self._durations[-9:], duration]
        gait = self.contacts.gait(first.t_s, second.t_s) or first.gait
        self._number += 1
        stride = Stride(
            self.side,
            self._number,
            first.t_s,
            second.t_s,
            previous,
            gait or ("walk" if duration > WALK_DURATION_S else "run"),
            self.contacts.source,
            valid=not reason,
            reason=reason,
        )
        if not reason:
            stride.sites.update({channel.site: site_facts(channel, stride) for channel in self.sites})
        return stride


def site_facts(channel: SiteChannel, stride: Stride) -> SiteFacts:
    """What one muscle did in a stride, or why that cannot be said."""
    stream, windows = channel.stream, channel.windows[stride.gait]
    ends = [stride.time_at(pct) for window in windows.values() for pct in window]
    grid = np.linspace(stride.t_start_s, stride.t_end_s, N_BINS + 1)
    times = np.concatenate([grid, ends])
    if stream.first_index is None or times.max() > stream.timeline.end_s:
        return SiteFacts(valid=False, reason=GAP)
    at = np.ceil(stream.timeline.index(times)).astype(np.int64)
    begin, end = int(at.min()), int(at.max())
    x = stream.read(begin, end)
    if x is None:
        return SiteFacts(valid=False, reason=GAP)
    if reason := _quality_reason(channel, begin, end):
        return SiteFacts(valid=False, reason=reason)
    x, at = x[:, channel.column : channel.column + 1], at - begin
    edges, ends_at = at[: N_BINS + 1], at[N_BINS + 1 :].reshape(-1, 2)
    pieces = {name: x[start:stop] for name, (start, stop) in zip(windows, ends_at, strict=True)}
    bins = dsp.binned_power(x, edges=edges)[:, 0]
    quiet = float(np.nanquantile(bins, 0.1))
    active = np.sqrt(np.clip(bins - quiet, 0.0, None))
    return SiteFacts(
        valid=True,
        reason="",
        power={name: float(np.mean(np.square(p))) if len(p) else np.nan for name, p in pieces.items()},
        bins=bins,
        quiet=quiet,
        center_pct=float(dsp.circular_center(active[:, np.newaxis])[0]),
        spectrum=_spectrum(pieces["main"], stream.fs),
    )


def _quality_reason(channel: SiteChannel, begin: int, end: int) -> str:
    """Why the samples ``begin..end`` cannot be used; empty if they can."""
    for first, n, measures in reversed(channel.stream.seconds):
        if first >= end:
            continue
        if first + n <= begin:
            break
        state, reason = judge(measures, channel.column)
        if state in UNUSABLE:
            return f"{state}: {reason}"
    return ""


def _spectrum(x: FloatArray, fs: float) -> tuple[float, float, float]:
    """MNF, MDF and ln FInsm5 of the main burst; NaN where the rate forbids it."""
    if fs < SPECTRUM_HZ or len(x) < 0.05 * fs:
        return (float("nan"), float("nan"), float("nan"))
    freqs, power = dsp.burst_spectrum(x, fs=fs)
    indices = dsp.spectral_indices(freqs, power, low_hz=20.0, high_hz=min(450.0, 0.45 * fs))
    return float(indices.mnf_hz[0]), float(indices.mdf_hz[0]), float(indices.ln_fi[0])
