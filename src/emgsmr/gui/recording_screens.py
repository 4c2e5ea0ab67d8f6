"""The screens of a recording: calibration, run and summary."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emgsmr.gui import run_view
from emgsmr.gui.calibration import fewest_strides
from emgsmr.gui.lights import sensor_rows
from emgsmr.gui.screen import Action, Banner, Fact, Screen, Step
from emgsmr.gui.screens import OPEN, busy_of, error_of, site_rows

if TYPE_CHECKING:
    from emgsmr.gui.activity import Activities
    from emgsmr.gui.outages import Outages
    from emgsmr.gui.state import State
    from emgsmr.session.snapshot import Snapshot

MARKS = (
    Action("cramp", "Cramp", "C"),
    Action("fatigue", "Fatigue", "F"),
    Action("lap", "Lap", "L"),
    Action("note", "Note", "N"),
)


def calibrating(state: State, snapshot: Snapshot, activities: Activities, outages: Outages) -> Screen:
    """Rest, baseline, maximal contractions."""
    calibration = state.calibration
    countdown = calibration.countdown(snapshot)
    busy = state.asked is not None
    rested = "rest" in calibration.done
    enough = countdown is not None and countdown.enough
    idle = not busy and not calibration.task
    actions = (
        Action("start_rest", "Rest", "R", enabled=idle, main=idle and not rested),
        Action("start_mvc", "Maximal contraction", "X", enabled=idle and bool(state.placed)),
        Action("start_baseline", "Baseline run", "B", enabled=idle, main=idle and rested),
        Action(
            "next",
            "Go on to the run",
            "Space",
            enabled=enough,
            main=enough,
            why_not="" if enough else _few(snapshot),
        ),
        Action("skip", _skip_label(state), "K", enabled=not busy),
        Action("protocol", "Before and after", "P", enabled=idle),
        *(() if busy else MARKS),
        Action("stop", "Stop", "Ctrl+E", enabled=not busy),
    )
    cue = "Rest first: ten seconds standing still." if not rested else "Now run easily for the baseline."
    return Screen(
        Step.CALIBRATE,
        "Calibrate",
        countdown.cue if countdown is not None else cue,
        actions,
        sensor_rows(snapshot, state.site_of),
        site_rows(state, snapshot, activities),
        selected_site=state.selected,
        countdown=countdown,
        muscles=run_view.muscles(snapshot, activities, outages),
        marks=run_view.marks(snapshot),
        banner=error_of(state) or run_view.banner(snapshot, outages),
        facts=run_view.facts(snapshot),
        now_s=snapshot.elapsed_s,
        recording=snapshot.recording or str(state.out or ""),
        busy=busy_of(state),
    )


def _skip_label(state: State) -> str:
    """What is given up: a baseline with too few strides is none, and nothing is compared with it."""
    if state.calibration.task in ("rest", "mvc"):
        return "Break off"
    return "Run without alerts" if state.calibration.task == "baseline" else "Skip to the run"


def _few(snapshot: Snapshot) -> str:
    return f"The baseline has {fewest_strides(snapshot)} strides so far."


def running(
    state: State, snapshot: Snapshot, activities: Activities, outages: Outages, *, muted: bool
) -> Screen:
    """The run."""
    stopping = state.asked is not None
    actions = (
        *(() if stopping else MARKS),
        Action("mute", "Sound on" if muted else "Mute", "M"),
        Action("traces", "Traces", "T"),
        Action("stop", "Stop", "Ctrl+E", enabled=not stopping),
    )
    return Screen(
        Step.RUN,
        "Run",
        "",
        actions,
        sensor_rows(snapshot, state.site_of),
        gauges=tuple(run_view.gauge(view, snapshot, outages) for view in snapshot.pairs),
        muscles=run_view.muscles(snapshot, activities, outages),
        lines=run_view.lines(snapshot),
        marks=run_view.marks(snapshot),
        banner=error_of(state) or run_view.banner(snapshot, outages),
        facts=run_view.facts(snapshot),
        now_s=snapshot.elapsed_s,
        recording=snapshot.recording or str(state.out or ""),
        busy=busy_of(state),
    )


def after(state: State, snapshot: Snapshot) -> Screen:
    """The summary."""
    summary = state.summary.summary if state.summary is not None else None
    report = summary.report if summary is not None else ""
    error = state.error or (summary.error if summary is not None else "")
    actions = (
        Action("open_report", "Open the page", "Return", enabled=bool(report), main=bool(report)),
        Action("new", "New session", "Ctrl+N"),
        OPEN,
    )
    facts = (Fact("recording", str(state.out)), *run_view.facts(snapshot)[:2]) if state.out else ()
    return Screen(
        Step.AFTER,
        "Summary",
        "The recording is saved." if state.out else "",
        actions,
        banner=_ended(state, error),
        marks=run_view.marks(snapshot),
        facts=facts,
        summary=summary.sentences if summary is not None else (),
        report=report,
        recording=str(state.out or ""),
        busy="" if summary is not None or state.summary is None else "Writing the summary",
    )


def _ended(state: State, error: str) -> Banner | None:
    if not error:
        return None
    kept = f" What was recorded is kept: {state.out}" if state.error and state.out is not None else ""
    title = "The session ended early" if kept else "Something went wrong"
    return Banner("error", title, f"{error}{kept}")
