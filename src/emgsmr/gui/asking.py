"""What the session's thread was asked, and whether the snapshots have answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from emgsmr.session.snapshot import Snapshot, Stage

Request = Literal["scan", "connect", "begin", "guide", "stop"]
Answer = Literal["waiting", "done", "failed"]

GRACE_S = 10.0
"""A snapshot may be older than the request, and the radio is loaded with the first one; a stage that has not
moved for so long is an answer."""

_BUSY: dict[Request, Stage] = {"scan": "scanning", "connect": "connecting"}
_DONE: dict[Request, tuple[Stage, ...]] = {
    "scan": ("idle", "ended"),
    "connect": ("preview",),
    "begin": ("recording",),
    "guide": (),  # a cue is the answer
    "stop": ("idle", "ended"),
}
_FAILED: dict[Request, tuple[Stage, ...]] = {
    "scan": (),
    "connect": ("idle", "ended"),
    "begin": ("idle", "ended", "preview"),
    "guide": ("idle", "ended", "recording"),
    "stop": (),
}

WORDS: dict[Request, str] = {
    "scan": "Looking for sensors",
    "connect": "Connecting one sensor after the other",
    "begin": "Opening the recording",
    "guide": "Beginning the protocol",
    "stop": "Closing the file and the connections",
}


@dataclass(slots=True)
class Asked:
    """One request.

    Attributes
    ----------
    request : {"scan", "connect", "begin", "guide", "stop"}
    at_s : float, s
        On the window's clock.
    before : Snapshot
        What was said then is not the answer.
    was_busy : bool
        It was seen to be under way.
    """

    request: Request
    at_s: float
    before: Snapshot
    was_busy: bool = False

    def answer(self, snapshot: Snapshot, now_s: float) -> Answer:
        """What has become of it."""
        stage = snapshot.stage
        self.was_busy = self.was_busy or stage == _BUSY.get(self.request)
        news = bool(snapshot.error) and snapshot.error != self.before.error
        certain = self.was_busy or news or now_s - self.at_s >= GRACE_S
        if self.request == "scan":
            certain = certain or snapshot.found != self.before.found
            return "done" if certain and stage in _DONE["scan"] else "waiting"
        if self.request == "guide" and snapshot.cue is not None:  # one from before is of a guide that is left
            return "done" if snapshot.cue.t_s >= self.before.elapsed_s else "waiting"
        if stage in _DONE[self.request]:
            return "done"
        if stage == "preview" and self.request == "begin":  # the file may take its time; only an error is one
            return "failed" if news else "waiting"
        return "failed" if certain and stage in _FAILED[self.request] else "waiting"
