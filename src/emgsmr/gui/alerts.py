"""When a finding makes a sound, and when silence does (docs/decisions/0081).

The detector says what was found; this says whether a runner must hear of it now. Time is the session's clock.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Literal

import numpy as np

from emgsmr.analysis import Settings
from emgsmr.anatomy import load_catalog
from emgsmr.gui.lights import UNUSABLE, has_signal

if TYPE_CHECKING:
    from emgsmr.analysis import Finding
    from emgsmr.session.snapshot import PairView, Snapshot

Sound = Literal["flag", "no_data", "step"]

OUT_N, OUT_M = 2, 3
"""So many of the latest points are beyond the band: one odd point of ten strides is not heard."""

BACK = 0.75
"""Back are the latest `OUT_M` points within this part of the band: no chatter at its edge."""

FRESH_S = 60.0
"""A point that is older says nothing about now."""

AGAIN_S = 60.0
"""The same pair is heard at most once in so long."""

ALL_AGAIN_S, MOST, MOST_IN_S = 10.0, 6, 600.0
"""All pairs together: at most one in `ALL_AGAIN_S`, and `MOST` in `MOST_IN_S`."""

SILENT_S, SILENT_AGAIN_S = 5.0, 120.0
"""No data is heard after so long without any, and again after so long."""


@dataclass(slots=True)
class _Raised:
    finding: str
    tier: int
    t_s: float
    armed: bool = False


@dataclass(slots=True)
class Alerts:
    """What was heard so far."""

    _raised: dict[tuple[str, str], _Raised] = field(default_factory=dict)
    _times_s: list[float] = field(default_factory=list)
    _silent_since_s: dict[str, float] = field(default_factory=dict)
    _told_silence_s: float = float("-inf")

    def look(self, snapshot: Snapshot) -> list[Finding]:
        """Findings to be alerted of now, at most one."""
        now_s = snapshot.elapsed_s
        views = {(view.pair, view.side): view for view in snapshot.pairs}
        for key, raised in self._raised.items():
            raised.armed = raised.armed or (key in views and is_back(views[key]))
        due = [finding for finding in snapshot.findings if self._is_due(finding, views, snapshot)]
        if not due or not self._may_sound(now_s):
            return []
        finding = max(due, key=lambda one: (one.tier, one.t_alarm_s))
        self._raised[finding.pair, finding.side] = _Raised(finding.finding, finding.tier, now_s)
        self._times_s.append(now_s)
        return [finding]

    def _is_due(self, finding: Finding, views: dict[tuple[str, str], PairView], snapshot: Snapshot) -> bool:
        if not is_alarm(finding):
            return False
        key = (finding.pair, finding.side)
        view = views.get(key)
        if view is None or not is_out(view, sign=1 if finding.change_pct >= 0 else -1):
            return False
        if snapshot.elapsed_s - float(view.t_s[-1]) > FRESH_S or not can_be_judged(view, snapshot):
            return False
        raised = self._raised.get(key)
        if raised is None:
            return True
        news = raised.armed or raised.finding != finding.finding or finding.tier > raised.tier
        return news and snapshot.elapsed_s - raised.t_s >= AGAIN_S

    def _may_sound(self, now_s: float) -> bool:
        self._times_s = [t_s for t_s in self._times_s if now_s - t_s < MOST_IN_S]
        return len(self._times_s) < MOST and (not self._times_s or now_s - self._times_s[-1] >= ALL_AGAIN_S)

    def look_for_silence(self, snapshot: Snapshot) -> bool:
        """Whether "no data" is to be heard now: a placed channel, or a sensor, from which nothing comes."""
        now_s = snapshot.elapsed_s
        silent = silent_names(snapshot)
        self._silent_since_s = {name: self._silent_since_s.get(name, now_s) for name in silent}
        lasting = any(now_s - since_s >= SILENT_S for since_s in self._silent_since_s.values())
        if not lasting or now_s - self._told_silence_s < SILENT_AGAIN_S:
            return False
        self._told_silence_s = now_s
        return True


def is_alarm(finding: Finding) -> bool:
    """Whether a finding is for a runner's ears: an open one of tier 1 or above that came up while running."""
    return finding.tier >= 1 and finding.t_end_s is None and finding.pattern != "standing"


def limits_of(view: PairView) -> tuple[float, float]:
    """The band that points are compared with, in %: its own, or the practical floor until there is one."""
    floor_pct = Settings().floor_pct
    return view.band_pct or (100.0 * (1.0 / (1.0 + floor_pct / 100.0) - 1.0), floor_pct)


def is_out(view: PairView, *, sign: int) -> bool:
    """Whether `OUT_N` of the latest `OUT_M` points are beyond the band on one side."""
    low, high = limits_of(view)
    latest = view.points_pct[-OUT_M:]
    return int(np.sum(latest > high if sign > 0 else latest < low)) >= OUT_N


def is_back(view: PairView) -> bool:
    """Whether all of the latest `OUT_M` points are well within the band."""
    low, high = limits_of(view)
    latest = view.points_pct[-OUT_M:]
    return len(latest) == OUT_M and bool(np.all((latest > BACK * low) & (latest < BACK * high)))


def sites_of(view: PairView, snapshot: Snapshot) -> frozenset[str]:
    """Name the placed sites that a pair on a side is computed from."""
    pair = load_catalog().pairs.get(view.pair)
    placed = {signal.site for signal in snapshot.channels if signal.site}
    if pair is None:
        return frozenset(placed)
    other = "R" if view.side == "L" else "L"
    sides = {"same": (view.side,), "opposite": (other,), "both": (view.side, other)}[pair.compensator_side]
    wanted = {f"{code}_{view.side}" for code in pair.prime}
    wanted |= {f"{code}_{side}" for code in pair.compensator for side in sides}
    groups = {f"{pair.prime_name}_{view.side}"} | {f"{pair.compensator_name}_{side}" for side in sides}
    return frozenset(placed & (wanted | groups))


def can_be_judged(view: PairView, snapshot: Snapshot) -> bool:
    """Whether all channels of a pair have a usable signal now, over links that stand."""
    sites = sites_of(view, snapshot)
    channels = [signal for signal in snapshot.channels if signal.site in sites]
    streaming = {status.name for status in snapshot.sensors if status.state == "streaming"}
    return bool(channels) and all(has_signal(s) and s.sensor in streaming for s in channels)


def silent_names(snapshot: Snapshot) -> list[str]:
    """Name the EMG sensors that do not send, and the placed channels that are gone while theirs does."""
    names = [s.name for s in snapshot.sensors if s.latest is None and s.state in ("lost", "absent")]
    gone = UNUSABLE - {"motion", "clipped"}
    names += [s.site for s in snapshot.channels if s.site and s.sensor not in names and s.state in gone]
    return names
