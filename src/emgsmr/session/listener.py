"""Whoever else is told what a session receives and finds: a stream outlet, a window."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from emgsmr.analysis import Finding
    from emgsmr.radio.link import StateChange
    from emgsmr.radio.watch import Notice
    from emgsmr.recording import Event, SampleBlock, Wiring


@dataclass(frozen=True, slots=True)
class Update:
    """Something that a listener may want to know: one of the last three is given.

    Attributes
    ----------
    t_s : float, s
        On the session's clock; negative before it started.
    change : StateChange or None
        A link's state changed.
    finding : Finding or None
        It began, or changed.
    notice : Notice or None
        Samples are being lost, a battery is low, a sensor is back.
    """

    t_s: float
    change: StateChange | None = None
    finding: Finding | None = None
    notice: Notice | None = None


class Listener(Protocol):
    """Somebody else who is told what a session records: a stream outlet, a window.

    Each thing comes after the file has it (if there is one), all in the same order, on the session's loop: a
    listener must not make it wait. What a listener raises ends the session, with the file kept.
    """

    def begin(self, wiring: Wiring, now_ns: Callable[[], int]) -> None:
        """All sensors have been heard; ``now_ns`` reads the clock that `Wiring.started_ns` is of.

        A session that holds says it twice: when it looks on, and when it begins to record. Then sensors may
        be fewer and have other ids, samples are numbered anew, and time 0 is another.
        """
        ...

    def take_block(self, block: SampleBlock) -> None:
        """Samples of one sensor."""
        ...

    def take_event(self, event: Event) -> None:
        """An event."""
        ...

    def take_update(self, update: Update) -> None:
        """A link's state changed, or a finding began or changed."""
        ...

    def finish(self) -> None:
        """No more will come; said in any case, also where nothing began."""
        ...
