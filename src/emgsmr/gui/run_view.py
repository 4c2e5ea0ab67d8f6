"""What is seen while running: gauges, legs, time line, marks, banners and facts."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING

from emgsmr.analysis.finding import muscle_name
from emgsmr.gui.alerts import is_alarm, is_out, sites_of
from emgsmr.gui.lights import has_signal, loss_text, said_by, signal_quality
from emgsmr.gui.screen import Banner, Fact, Gauge, Light, Line, Mark, Muscle, Status
from emgsmr.gui.words import BATTERY_LOW_PCT, does, pair_title, site_title
from emgsmr.recording.event import clock

if TYPE_CHECKING:
    from emgsmr.analysis import Finding
    from emgsmr.gui.activity import Activities
    from emgsmr.gui.outages import Outages
    from emgsmr.session.snapshot import PairView, Snapshot

NOTICE_S = 30.0
"""A message about a sensor is shown for so long."""

_MARKS = {"cramp": "cramp", "fatigue": "fatigue", "lap": "lap", "note": "note", "flag": "flag"}


def open_finding(view: PairView, snapshot: Snapshot) -> Finding | None:
    """The finding of a pair that lasts, if there is one."""
    own = [f for f in snapshot.findings if (f.pair, f.side) == (view.pair, view.side) and is_alarm(f)]
    return own[-1] if own else None


def gauge(view: PairView, snapshot: Snapshot, outages: Outages) -> Gauge:
    """One pair on one side against its own baseline."""
    status, word, text = _state(view, snapshot, outages)
    shown = None if status in (Status.OFF, Status.WAIT) else view.change_pct
    title = pair_title(view.side, view.prime, view.compensator)
    return Gauge(view.pair, view.side, title, shown, view.band_pct, status, word, text)


def can_be_seen(view: PairView, snapshot: Snapshot, outages: Outages) -> bool:
    """Whether a pair's links stand and its signal is usable, but for single seconds."""
    sites = sites_of(view, snapshot)
    used = {signal.sensor for signal in snapshot.channels if signal.site in sites}
    streaming = {status.name for status in snapshot.sensors if status.state == "streaming"}
    return bool(used) and used <= streaming and not outages.lasts(sites)


def _state(view: PairView, snapshot: Snapshot, outages: Outages) -> tuple[Status, str, str]:
    if not can_be_seen(view, snapshot, outages):
        return Status.OFF, "no signal", _why_not(view, snapshot)
    if view.change_pct is None:
        waits = view.state.startswith("watching")
        text = "The first point comes after ten strides." if waits else f"{view.state.capitalize()}."
        return Status.WAIT, "wait", text
    if view.state.startswith("paused"):
        return Status.WAIT, "paused", f"{view.state.capitalize()}."
    finding = open_finding(view, snapshot)
    out = is_out(view, sign=1 if view.change_pct >= 0 else -1)
    change = f"{view.change_pct:+.0f} % relative to {muscle_name(view.prime)}, against your own baseline."
    word = does(view.compensator, "more" if view.change_pct >= 0 else "less")
    if finding is not None:
        status = Status.BAD if finding.tier >= 2 else Status.WARN
        return status, word if out else "settling", finding.text
    text = f"{muscle_name(view.compensator).capitalize()} {change}"
    if not out:
        return Status.GOOD, "usual", text
    cause = moved_with(view, snapshot)
    if cause is None:
        return Status.WARN, "drifting", text
    return Status.GOOD, f"moved along with {cause.pair}", f"{text} It shares a muscle with {cause.pair}."


def moved_with(view: PairView, snapshot: Snapshot) -> Finding | None:
    """The lasting finding of another pair of this leg whose change of a shared muscle moves this pair, too.

    One change has one alarm: where the hamstrings do more, calf to hamstrings falls. The shared muscle has to
    account for at least half of what this pair did (in logarithms, in which ratios add up).
    """
    for finding in snapshot.findings:
        if not is_alarm(finding) or finding.side != view.side or finding.pair == view.pair:
            continue
        changes = {finding.prime: finding.d_prime_pct, finding.compensator: finding.d_compensator_pct}
        expected = _log(changes.get(view.compensator, 0.0)) - _log(changes.get(view.prime, 0.0))
        moved = _log(view.change_pct or 0.0)
        if moved and expected / moved >= 0.5:
            return finding
    return None


def _log(change_pct: float) -> float:
    return math.log(max(1.0 + change_pct / 100.0, 1e-6))


def _why_not(view: PairView, snapshot: Snapshot) -> str:
    sites = sites_of(view, snapshot)
    for signal in snapshot.channels:
        if signal.site in sites:
            light = signal_quality(signal)
            if not has_signal(signal):
                return f"{site_title(signal.site).capitalize()}: {light.word}. {light.reason}"
    return "A sensor of this pair does not send."


def muscles(snapshot: Snapshot, activities: Activities, outages: Outages) -> tuple[Muscle, ...]:
    """Every placed muscle: its activation, and whether it is flagged or has been unusable for a while."""
    flagged: dict[str, str] = {}
    for view in snapshot.pairs:
        finding = open_finding(view, snapshot)
        if finding is not None:
            flagged |= dict.fromkeys(sites_of(view, snapshot), f"in {view.pair}")
    shown = []
    for signal in snapshot.channels:
        if not signal.site:
            continue
        light = signal_quality(signal)
        if outages.lasts([signal.site]):
            shown.append(Muscle(signal.site, 0.0, light.status, light.word))
            continue
        level = activities.of((signal.sensor, signal.channel)).level
        if signal.site in flagged:
            shown.append(Muscle(signal.site, level, Status.WARN, f"flagged {flagged[signal.site]}"))
        else:
            shown.append(Muscle(signal.site, level, Status.GOOD))
    return tuple(shown)


def lines(snapshot: Snapshot) -> tuple[Line, ...]:
    """Every pair in the time line, with when it was flagged."""
    return tuple(
        Line(
            view.pair,
            view.side,
            pair_title(view.side, view.prime, view.compensator),
            view.t_s,
            view.points_pct,
            tuple(
                (f.t_onset_s, snapshot.elapsed_s if f.t_end_s is None else f.t_end_s, f.tier)
                for f in snapshot.findings
                if (f.pair, f.side) == (view.pair, view.side) and f.tier >= 1
            ),
        )
        for view in snapshot.pairs
    )


def marks(snapshot: Snapshot) -> tuple[Mark, ...]:
    """Marks and the beginnings of phases."""
    shown = []
    for event in snapshot.events:
        if event.kind == "phase":
            shown.append(Mark(event.t_s, "phase", event.label or "phase"))
        elif event.kind in _MARKS:
            where = (
                site_title(event.site)
                if event.site
                else {"L": "left", "R": "right"}.get(event.side or "", "")
            )
            text = " ".join(part for part in (where, _MARKS[event.kind]) if part)
            shown.append(Mark(event.t_s, event.kind, event.note or text))
    return tuple(shown)


def banner(snapshot: Snapshot, outages: Outages) -> Banner | None:
    """What has to be seen at once: what failed, then silence, then a flag, then what happened of late."""
    if snapshot.error:
        return Banner("error", "Something went wrong", snapshot.error)
    lost = [s.name for s in snapshot.sensors if s.latest is None and s.state in ("lost", "absent")]
    if lost:
        told = [m.text for m in snapshot.messages if m.sensor in lost and m.kind in ("lost", "absent")]
        text = told[-1] if told else "It is looked for; the others go on."
        return Banner("no_data", f"No data from {', '.join(lost)}", text)
    flags = [f for f in snapshot.findings if is_alarm(f)]
    shown = [
        f
        for f in flags
        if any(
            (v.pair, v.side) == (f.pair, f.side) and can_be_seen(v, snapshot, outages) for v in snapshot.pairs
        )
    ]
    if shown:
        worst = max(shown, key=lambda f: (f.tier, f.t_alarm_s))
        what = "more" if worst.change_pct >= 0 else "less"
        title = f"{does(worst.compensator, what)} ({worst.change_pct:+.0f} %)"
        side = {"L": "Left", "R": "Right"}[worst.side]
        return Banner("flag", f"{side} {title}", worst.text, worst.finding)
    recent = [m for m in snapshot.messages if 0 <= snapshot.elapsed_s - m.t_s <= NOTICE_S]
    if recent:
        return Banner("notice", recent[-1].sensor or "Session", recent[-1].text)
    return None


def size_text(n_bytes: int) -> str:
    """Size of a file.

    Examples
    --------
    >>> size_text(1_234), size_text(12_345_678)
    ('1 kB', '12.3 MB')
    """
    return f"{n_bytes / 1e6:.1f} MB" if n_bytes >= 1_000_000 else f"{n_bytes / 1e3:.0f} kB"


def facts(snapshot: Snapshot) -> tuple[Fact, ...]:
    """Small facts: time, file, cadence, what straps and pods say, and what is wrong with sensors."""
    shown = [Fact("recorded", clock(snapshot.elapsed_s)), Fact("file", size_text(snapshot.file_bytes))]
    if snapshot.cadence_spm is not None:
        shown.append(Fact("cadence", f"{snapshot.cadence_spm:.0f} steps/min"))
    for status in snapshot.sensors:
        if said := said_by(status):
            shown.append(Fact(status.name, said))
        if lost := loss_text(status, snapshot):
            shown.append(
                Fact(status.name, lost, Light(Status.WARN, "loss", "Bring it closer to the computer."))
            )
        if status.battery_pct is not None and status.battery_pct <= BATTERY_LOW_PCT:
            shown.append(
                Fact(status.name, f"battery {status.battery_pct} %", Light(Status.WARN, "battery low"))
            )
    return tuple(shown)
