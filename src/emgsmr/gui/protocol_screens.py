"""The screen of a protocol: which one, and then what to do now and how far it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emgsmr.gui import run_view
from emgsmr.gui.lights import sensor_rows
from emgsmr.gui.protocols import SIDES, countdown_of
from emgsmr.gui.recording_screens import MARKS
from emgsmr.gui.screen import Action, Screen, Step
from emgsmr.gui.screens import busy_of, error_of

if TYPE_CHECKING:
    from emgsmr.gui.activity import Activities
    from emgsmr.gui.outages import Outages
    from emgsmr.gui.state import State
    from emgsmr.session.snapshot import Snapshot

CHOOSE = "Two sets before (A1, A2), the treatment, one after (B); it is recorded all the time."
NEXT = {
    "treatment": "Leave the electrodes on. Press the space bar when the treatment is done.",
    "bout": "Keep on until the ring is full.",
}


def protocol(state: State, snapshot: Snapshot, activities: Activities, outages: Outages) -> Screen:
    """Choose a protocol, or be led through it."""
    chosen = state.protocol
    cue = snapshot.cue if chosen.guided else None
    repetitions = chosen.protocol.repetitions if chosen.protocol is not None else None
    said = CHOOSE
    if chosen.guided:
        said = NEXT.get(cue.step.kind, "It goes on by itself.") if cue is not None else "That was all."
    return Screen(
        Step.PROTOCOL,
        chosen.protocol.title if chosen.protocol is not None else "Before and after",
        said,
        _guided_actions(state, snapshot) if chosen.guided else _actions(state),
        sensor_rows(snapshot, state.site_of),
        countdown=countdown_of(cue, snapshot.elapsed_s, repetitions) if cue is not None else None,
        muscles=run_view.muscles(snapshot, activities, outages),
        marks=run_view.marks(snapshot),
        banner=error_of(state) or run_view.banner(snapshot, outages),
        facts=run_view.facts(snapshot),
        choices=() if chosen.guided else chosen.choices(),
        sets=chosen.bout_sets(cue, snapshot.sets_done if chosen.guided else ()),
        now_s=snapshot.elapsed_s,
        recording=snapshot.recording or str(state.out or ""),
        busy=busy_of(state),
    )


def _actions(state: State) -> tuple[Action, ...]:
    """Before it begins."""
    chosen, idle = state.protocol, state.asked is None
    ready = idle and chosen.protocol is not None
    by_leg = chosen.protocol is not None and chosen.protocol.sides == "each"
    first = SIDES[chosen.first_side].removeprefix(", ")
    return (
        Action(
            "begin_protocol",
            "Begin",
            "Space",
            enabled=ready,
            main=ready,
            why_not="" if chosen.protocol is not None else "Choose a protocol first.",
        ),
        *((Action("first_leg", f"First: {first}", "F", enabled=idle),) if by_leg else ()),
        Action("open_protocol", "Open your own", "O", enabled=idle),
        Action("back", "Back", "Backspace", enabled=idle),
        Action("stop", "Stop", "Ctrl+E", enabled=idle),
    )


def _guided_actions(state: State, snapshot: Snapshot) -> tuple[Action, ...]:
    """While somebody is led."""
    idle = state.asked is None
    waits = snapshot.cue is not None and snapshot.cue.step.kind == "treatment"
    return (
        Action("treated", "The treatment is done", "Space", enabled=idle and waits, main=idle and waits),
        Action("break_off", "Break off", "K", enabled=idle),
        *(MARKS if idle else ()),
        Action("stop", "Stop", "Ctrl+E", enabled=idle),
    )
