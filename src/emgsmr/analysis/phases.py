"""The marked stretches of a session: which spans of time carry a label."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

from emgsmr.recording import Event


class Span(NamedTuple):
    """From ``t0_s`` to before ``t1_s``; ``site`` and ``side`` as in the event."""

    label: str
    t0_s: float
    t1_s: float
    side: str | None = None
    site: str | None = None

    def has(self, site: str) -> bool:
        """Whether it is about a site."""
        return self.site in (None, site) and self.side in (None, site[-1])


def labeled_spans(events: Iterable[Event], label: str | None = None) -> list[Span]:
    """Spans of the ``phase`` events, by time; one without a duration lasts until the next phase, or for good.

    Parameters
    ----------
    events : iterable of Event
    label : str, optional
        Only these; None = all that have a label.

    Examples
    --------
    >>> events = [Event(60.0, None, "phase", label="rest"), Event(90.0, 30.0, "phase", label="mvc")]
    >>> [(span.label, span.t0_s, span.t1_s) for span in labeled_spans(events)]
    [('rest', 60.0, 90.0), ('mvc', 90.0, 120.0)]
    """
    phases = sorted((e for e in events if e.kind == "phase"), key=lambda event: event.t_s)
    spans = []
    for place, event in enumerate(phases):
        end = phases[place + 1].t_s if place + 1 < len(phases) else float("inf")
        if event.duration_s is not None:
            end = event.t_s + event.duration_s
        if event.label and label in (None, event.label):
            spans.append(Span(event.label, event.t_s, end, event.side, event.site))
    return spans
