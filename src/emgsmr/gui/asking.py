"""What the session's thread was asked, and whether the snapshots have answered."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

if TYPE_CHECKING:
    from emgsmr.session.snapshot import Snapshot, Stage

Request = Literal["scan", "connect", "begin", "stop"]
Answer = Literal["waiting", "done", "failed"]

GRACE_S = 2.0
"""A snapshot may be older than the request; a stage that has not moved for so long is an answer."""

_BUSY: dict[Request, Stage] = {"scan": "scanning", "connect": "connecting"}
_DONE: dict[Request, tuple[Stage, ...]] = {
    "scan": ("idle", "ended"),
    "connect": ("preview",),
    "begin": ("recording",),
    "stop": ("idle", "ended"),
}
_FAILED: dict[Request, tuple[Stage, ...]] = {
    "scan": (),
    "connect": ("idle", "ended"),
    "begin": ("idle", "ended", "preview"),
    "stop": (),
}

WORDS: dict[Request, str] = {
    "scan": "Looking for sensors",
    "connect": "Connecting one sensor after the other",
    "begin": "Opening the recording",
    "stop": "Closing the file",
}


@dataclass(slots=True)
class Asked:
    """One request.

    Attributes
    ----------
    request : {"scan", "connect", "begin", "stop"}
    at_s : float, s
        On the window's clock.
    error_before : str
        What the snapshot said then: it is not the answer.
    """

    request: Request
    at_s: float
    error_before: str = ""
    was_busy: bool = False

    def answer(self, snapshot: Snapshot, now_s: float) -> Answer:
        """What has become of it."""
        stage = snapshot.stage
        self.was_busy = self.was_busy or stage == _BUSY.get(self.request)
        certain = self.was_busy or now_s - self.at_s >= GRACE_S
        if stage in _DONE[self.request] and (certain or self.request != "scan"):
            return "done"
        news = bool(snapshot.error) and snapshot.error != self.error_before
        if stage in _FAILED[self.request] and (news or (certain and stage != "preview")):
            return "failed"
        return "waiting"
