"""Events that a user marks while it is recorded."""

from __future__ import annotations

from emgsmr.errors import ArgumentError, MontageError
from emgsmr.recording import Event
from emgsmr.recording.event import check_event

MARKS = ("phase", "cramp", "fatigue", "lap", "note")
"""What a user may mark live; contacts of the feet and gaps come from the sensors."""


def mark_event(
    t_s: float,
    kind: str,
    *,
    label: str | None = None,
    side: str | None = None,
    site: str | None = None,
    note: str | None = None,
    duration_s: float | None = None,
) -> Event:
    """Check a mark, and make it an event.

    Raises
    ------
    ArgumentError
        No such kind, side or site, a duration that is none, or a phase without a label.

    Examples
    --------
    >>> mark_event(12.5, "phase", label="rest", duration_s=10.0).label
    'rest'
    >>> mark_event(12.5, "foot_contact", side="L")
    Traceback (most recent call last):
    emgsmr.errors.ArgumentError: 'foot_contact' cannot be marked: use phase, cramp, fatigue, lap, note
    """
    from emgsmr.anatomy import parse_site

    if kind not in MARKS:
        raise ArgumentError(f"{kind!r} cannot be marked: use {', '.join(MARKS)}")
    if kind == "phase" and not label:
        raise ArgumentError("a phase needs a label, such as rest, baseline, mvc or run")
    try:
        where = None if site is None else str(parse_site(site))
    except MontageError as error:
        raise ArgumentError(str(error)) from error
    return check_event(Event(t_s, duration_s, kind, side, where, label, note))
