"""What happens in a session, in sentences for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emgsmr.radio.link import LinkState
from emgsmr.session.snapshot import Message

if TYPE_CHECKING:
    from emgsmr.session.listener import Update


class Messages:
    """Puts what a session tells into sentences; what needs none is left out.

    Attributes
    ----------
    recording : bool
        Whether it is recorded, or only looked at.

    Examples
    --------
    >>> from emgsmr.radio.link import StateChange
    >>> from emgsmr.session import Update
    >>> messages = Messages()
    >>> lost = StateChange(0, "uMyo-1", LinkState.LOST, "the connection broke")
    >>> messages.take(Update(12.0, change=lost)).text
    'uMyo-1 lost (the connection broke); trying to bring it back'
    >>> messages.take(Update(13.0, change=lost)) is None     # that it is lost is known
    True
    """

    def __init__(self) -> None:
        self.recording = True
        self._lost: set[str] = set()

    def take(self, update: Update) -> Message | None:
        """The sentence for an update, if it is worth one; findings have their own."""
        if update.notice is not None:
            notice = update.notice
            return Message(update.t_s, notice.kind, notice.sensor, notice.text)
        change = update.change
        if change is None:
            return None
        sensor = change.sensor
        if change.state is LinkState.ABSENT:
            goes_on = "recording goes on without it" if self.recording else "the others are connected"
            text = f"{sensor}: {change.reason}; {goes_on}"
            return Message(update.t_s, "absent", sensor, text)
        if change.state is LinkState.LOST and sensor not in self._lost:
            self._lost.add(sensor)
            text = f"{sensor} lost ({change.reason}); trying to bring it back"
            return Message(update.t_s, "lost", sensor, text)
        if change.state is LinkState.STREAMING:
            self._lost.discard(sensor)  # that it is back, and what it cost, comes with its first samples
        return None
