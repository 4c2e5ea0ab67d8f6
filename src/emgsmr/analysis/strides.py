"""Strides: from contact to contact of a leg, or a cycle of its own, with what each muscle did in it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from math import isfinite
from statistics import median
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.contacts import WALK_DURATION_S, Contact, ContactSource, Gait
from emgsmr.analysis.facts import SiteFacts, group_facts

FloatArray = NDArray[np.float64]
Side = Literal["L", "R"]

DURATION_S = (0.4, 2.5)
"""A stride outside of this is no stride: sprinting to very slow walking."""

CYCLE_S = (0.3, 31.0)
"""The same for a cycle of its own: a repetition of an exercise, a window of a held contraction."""

IRREGULAR = 0.3
"""A stride whose duration differs more from the median of the ten before it was misplaced or is a stumble."""

MARGIN_S = 0.1
"""Signal that must be there beyond a window in which contacts are sought, so that its edge never changes."""

CYCLE_NAMES: dict[Gait, str] = {
    "run": "strides",
    "walk": "strides",
    "rep": "repetitions",
    "hold": "windows of held contractions",
}
"""What several cycles of a kind are called."""


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

    def of(self, signal: FloatArray) -> FloatArray:
        """Their columns of the sensor's signal.

        In one order of memory, however the signal came: sums depend on it.
        """
        every = self.columns == tuple(range(signal.shape[1]))
        return np.ascontiguousarray(signal if every else signal[:, self.columns])


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


class StrideBuilder:
    """Makes strides of one leg from its contacts, once everything about them is known."""

    def __init__(self, side: Side, contacts: ContactSource, sites: list[SiteChannel]) -> None:
        self.side = side
        self.contacts = contacts
        self._sites = [channel.site for channel in sites]
        self._groups = grouped(sites)
        self._pending: list[Contact] = []
        self._durations: list[float] = []
        self._number = 0

    def until(self, measured_s: float, *, last: bool = False) -> list[Stride]:
        """New strides that end by ``measured_s``, in order; ``last``: no more signal will come."""
        self._pending += self.contacts.until(measured_s if last else measured_s - MARGIN_S)
        if last:
            self._pending += self.contacts.finish()
        strides = []
        while self._pending:
            if self._pending[0].end_s is not None:
                strides.append(self._cycle(self._pending.pop(0)))
                continue
            if len(self._pending) < 2 or self._pending[1].t_s > measured_s:
                break
            first, second = self._pending[0], self._pending[1]
            del self._pending[0]
            if second.end_s is not None:  # walking ended, an exercise began
                continue
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
        rhythm = self.contacts.needed_from_s
        if isfinite(rhythm) and first + DURATION_S[1] < rhythm:
            first = float("inf")  # no contact can come that makes a stride with it: a pause
        # windows reach back into the stride before; contacts still to come lie within the rhythm's window
        return min(first, rhythm) - DURATION_S[1]

    def _stride(self, first: Contact, second: Contact, duration: float) -> Stride:
        reason = ""
        usual = median(self._durations) if len(self._durations) >= 3 else duration
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
            first.source or self.contacts.source,
            valid=not reason,
            reason=reason,
        )
        if not reason:
            stride.sites.update(self._facts(stride))
        return stride

    def _cycle(self, contact: Contact) -> Stride:
        """A cycle of its own: no other stride says what is usual for it."""
        assert contact.end_s is not None
        assert contact.gait is not None
        duration = contact.end_s - contact.t_s
        reason = contact.reason
        if not reason and not CYCLE_S[0] <= duration <= CYCLE_S[1]:
            reason = f"too {'short' if duration < CYCLE_S[0] else 'long'} for a repetition"
        self._durations.clear()
        self._number += 1
        stride = Stride(
            self.side,
            self._number,
            contact.t_s,
            contact.end_s,
            duration,
            contact.gait,
            contact.source or self.contacts.source,
            valid=not reason,
            reason=reason,
        )
        if not reason:
            nan = float("nan")
            for site, facts in self._facts(stride, contact.quiet).items():
                # the quiet level lies outside of a burst, and a window of a hold has no center
                facts = replace(facts, quiet=contact.quiet.get(site, nan)) if facts.valid else facts
                stride.sites[site] = replace(facts, center_pct=nan) if contact.gait == "hold" else facts
        return stride

    def _facts(self, stride: Stride, quiet: Mapping[str, float] | None = None) -> dict[str, SiteFacts]:
        found = {site: facts for group in self._groups for site, facts in group_facts(group, stride, quiet)}
        return {site: found[site] for site in self._sites}
