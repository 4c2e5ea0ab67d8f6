"""The screens before a recording: sensors, muscles and lights."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emgsmr.gui.activity import Activities, Activity
from emgsmr.gui.asking import WORDS
from emgsmr.gui.lights import (
    NOT_PLACED,
    check_light,
    found_row,
    missing_sensors,
    sensor_rows,
    signal_quality,
)
from emgsmr.gui.placement import guide
from emgsmr.gui.placing import guess
from emgsmr.gui.screen import Action, Banner, Screen, SensorRow, SiteRow, Status, Step
from emgsmr.gui.words import listed, site_title

if TYPE_CHECKING:
    from emgsmr.gui.state import State
    from emgsmr.recording import Montage
    from emgsmr.session.snapshot import ChannelSignal, Snapshot

NOTHING_FOUND = (
    "No sensor was found. Switch the sensors on and bring them within two meters; allow Bluetooth for this "
    "program; if that does not help, run: emgsmr doctor"
)
OPEN = Action("open_recording", "Open a recording", "Ctrl+O")


def find(state: State, snapshot: Snapshot, offered: Montage | None, problem: str) -> Screen:
    """Sensors in range, and the last session's montage."""
    rows = tuple(found_row(one, companions=state.companions) for one in snapshot.found)
    busy = state.asked is not None
    if snapshot.stage == "connecting" and snapshot.sensors:
        rows = sensor_rows(snapshot, {})
    if state.same == "asking":
        actions = (
            Action("confirm", "Yes, the same electrodes", "Return", main=True),
            Action("skip", "No, new electrodes", "N"),
            Action("back", "Back", "Backspace"),
        )
        cue = "Are the same electrodes still on, where they were?"
        return Screen(Step.FIND, "Last session's sensors", cue, actions, rows, banner=error_of(state))
    scanned = bool(rows) or snapshot.stage == "scanning"
    use_last = (Action("use_last", "As last time", "A", enabled=not busy, main=not busy),) if offered else ()
    actions = (
        Action("scan", "Look for sensors", "S", enabled=not busy, main=not (busy or rows or offered)),
        *use_last,
        *((Action("back", "Cancel", "Backspace"),) if _may_cancel(state) else ()),
        Action("connect", "Connect", "Return", enabled=not busy, main=bool(rows) and not (busy or offered)),
        *_along(state, rows, busy=busy),
        OPEN,
    )
    looked = state.asked is not None and state.asked.request == "scan"
    cue = "Switch all sensors on." if not scanned else f"{len(rows)} found. Connect when all are listed."
    if state.has_scanned and not rows and not looked:
        cue = NOTHING_FOUND
    banner = error_of(state) or (Banner("notice", "Settings", problem) if problem else None)
    return Screen(Step.FIND, "Find sensors", cue, actions, rows, banner=banner, busy=busy_of(state))


def _along(state: State, rows: tuple[SensorRow, ...], *, busy: bool) -> tuple[Action, ...]:
    """A strap or a pod in range may be a stranger's, and tells about health: it comes along if asked to."""
    if all(row.n_channels for row in rows):
        return ()
    label = "Leave strap and pod" if state.companions else "Take strap and pod"
    return (Action("companions", label, "H", enabled=not busy),)


def _may_cancel(state: State) -> bool:
    return state.asked is not None and state.asked.request in ("scan", "connect")


def site_rows(state: State, snapshot: Snapshot, activities: Activities) -> tuple[SiteRow, ...]:
    """All muscles of the plan; once they were placed, those that were."""
    signals = {(signal.sensor, signal.channel): signal for signal in snapshot.channels}
    sites = [site for site in state.sites if state.step is Step.PLACE or site in state.placed]
    return tuple(_site_row(site, state, signals, activities) for site in sites)


def _site_row(
    site: str, state: State, signals: dict[tuple[str, int], ChannelSignal], activities: Activities
) -> SiteRow:
    key = state.placed.get(site)
    activity = activities.of(key) if key is not None else Activity()
    if key is None:
        light = NOT_PLACED
    elif state.step is Step.PLACE:
        light = signal_quality(signals.get(key))
    else:
        light = check_light(signals.get(key), activity, answered_by=state.answered.get(site, ""))
    help_ = guide(site[:-2])
    return SiteRow(
        site,
        site_title(site),
        key[0] if key is not None else "",
        key[1] if key is not None else 0,
        light,
        activity.level,
        activity.contracted,
        activity.best or None,
        help_.landmarks,
        help_.cue,
    )


def placing(state: State, snapshot: Snapshot, activities: Activities, now_s: float) -> Screen:
    """Which channel sits on which muscle."""
    found = guess(activities, now_s)
    selected = state.selected or state.next_site()
    answer, none = bool(found and selected), not state.placed
    why = "Name at least one muscle first." if none else ""
    actions = (
        Action("confirm", "It is this one", "Return", enabled=answer, main=answer),
        Action("next", "Check", "Space", enabled=not none, main=not (none or answer), why_not=why),
        Action("back", "Back", "Backspace"),
    )
    cue = "All muscles have a channel. Change one, or go on."
    if not state.sites:
        cue = "Waiting for the first samples of the sensors."
    elif selected:
        cue = f"Contract the {site_title(selected)}, or knock on its sensor."
    return Screen(
        Step.PLACE,
        "Name the muscles",
        cue,
        actions,
        sensor_rows(snapshot, state.site_of),
        site_rows(state, snapshot, activities),
        found,
        selected,
        banner=error_of(state),
        busy=busy_of(state),
    )


def blocking(state: State, snapshot: Snapshot, activities: Activities) -> str:
    """What should be in order before recording, in a sentence; empty if all is."""
    missing = [sensor.label for sensor in missing_sensors(snapshot)]
    rows = site_rows(state, snapshot, activities)
    red = [row.name for row in rows if row.light.status is Status.BAD]
    parts = [f"{listed(missing)} {'does' if len(missing) == 1 else 'do'} not send"] if missing else []
    if red:
        parts.append(f"{listed(red)} {'has' if len(red) == 1 else 'have'} no usable signal")
    return f"{'; '.join(parts)}." if parts else ""


def checking(state: State, snapshot: Snapshot, activities: Activities, now_s: float) -> Screen:
    """Lights, and the contraction test."""
    rows = site_rows(state, snapshot, activities)
    why = blocking(state, snapshot, activities)
    ready = sum(row.light.status is Status.GOOD for row in rows)
    without = (Action("confirm", "Go on without", "Return"),) if why else ()
    actions = (
        Action("next", "Start recording", "Space", enabled=not why, main=not why, why_not=why),
        *without,
        Action("person", f"Measured: {state.person}" if state.person else "Who is measured?", "Ctrl+P"),
        Action("back", "Back", "Backspace"),
    )
    cue = f"Contract one muscle after the other: {ready} of {len(rows)} are ready."
    return Screen(
        Step.CHECK,
        "Check the signals",
        cue,
        actions,
        sensor_rows(snapshot, state.site_of),
        rows,
        guess(activities, now_s),
        state.selected,
        banner=error_of(state),
        busy=busy_of(state),
    )


def error_of(state: State) -> Banner | None:
    """What went wrong last."""
    return Banner("error", "Something went wrong", state.error) if state.error else None


def busy_of(state: State) -> str:
    """What is being waited for."""
    return WORDS[state.asked.request] if state.asked is not None else ""
