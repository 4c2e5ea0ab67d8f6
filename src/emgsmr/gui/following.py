"""What the presenter makes of the session's snapshots: answers, ends, finished tasks, alerts."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from emgsmr.gui.desk import RECORDING, STREAMING
from emgsmr.gui.placing import guess
from emgsmr.gui.screen import Step

if TYPE_CHECKING:
    from emgsmr.gui.desk import Desk

ENDED = "The connection ended: look for the sensors again."
NOTHING = "Nothing was recorded: look for the sensors again."
FAILED = "That did not work: look for the sensors again."


def follow(desk: Desk, now_s: float) -> None:
    """Take in the desk's newest snapshot."""
    hear_answer(desk, now_s)
    state, snapshot = desk.state, desk.snapshot
    over = state.asked is None and snapshot.stage in ("idle", "ended")
    if state.step is Step.FIND:
        if snapshot.stage == "preview" and state.asked is None:
            state.step, state.error = Step.PLACE, ""
            state.hear(snapshot)
    elif state.step in STREAMING:
        state.hear(snapshot)
        if over:
            desk.start_over(snapshot.error or ENDED)
        elif state.step is Step.CHECK:
            suspect(desk, now_s)
    elif state.step in RECORDING:
        if over:
            end(desk)
        elif snapshot.stage == "recording":
            listen(desk)


def hear_answer(desk: Desk, now_s: float) -> None:
    """See whether the session's thread has done what it was asked."""
    state, snapshot, asked = desk.state, desk.snapshot, desk.state.asked
    if asked is None:
        return
    answer = asked.answer(snapshot, now_s)
    if answer == "waiting":
        return
    state.asked = None
    if asked.request == "scan":
        state.has_scanned = True
        state.error = snapshot.error if snapshot.error != asked.before.error else ""
    elif answer == "failed":
        state.error = snapshot.error or FAILED
        if asked.request == "begin" and snapshot.stage == "preview":
            state.step, state.out = Step.CHECK, None
    elif asked.request == "guide":
        state.protocol.guided = True
    elif asked.request == "begin" and state.same in ("yes", "no"):
        desk.engine.mark("note", note=f"Same electrodes as in the last session: {state.same}")


def suspect(desk: Desk, now_s: float) -> None:
    """A muscle was to be contracted, and the channel of another answered: the two may be swapped."""
    state, found = desk.state, guess(desk.activities, now_s)
    if found is None or not found.sure or state.selected not in state.placed:
        return
    site = state.site_of.get((found.sensor, found.channel), "")
    if site == state.selected:
        state.answered.pop(site, None)
    elif site:
        state.answered[state.selected] = site


def listen(desk: Desk) -> None:
    """Go on with a task that is over, and raise what has to be heard."""
    state, snapshot = desk.state, desk.snapshot
    if state.step is Step.CALIBRATE:
        desk.put(state.calibration.go_on(snapshot))
    elif state.step is Step.PROTOCOL:
        was_guided = state.protocol.guided
        if state.protocol.follow(snapshot.cue, snapshot.sets_done):
            desk.sounds.append("step")
        elif was_guided and not state.protocol.guided:
            state.error = snapshot.error
    else:
        found = desk.policy.look(snapshot)
        desk.alerts += found
        desk.sounds += ["flag"] * len(found)
    if desk.policy.look_for_silence(snapshot):
        desk.sounds.append("no_data")


def end(desk: Desk) -> None:
    """The session is over: by request, or by itself with a reason."""
    snapshot = desk.snapshot
    out = desk.state.out
    if not snapshot.recording or (out is not None and Path(snapshot.recording).name != out.name):
        desk.start_over(snapshot.error or NOTHING)
        return
    desk.state.error = snapshot.error
    desk.summarize(Path(snapshot.recording))
