"""Events of a recording: foot contacts, phases, cramps, notes, and what the software adds."""

from __future__ import annotations

import math
from dataclasses import dataclass

from emgsmr.errors import ArgumentError

KINDS = ("foot_contact", "toe_off", "phase", "cramp", "fatigue", "lap", "note", "gap", "flag")


@dataclass(frozen=True, slots=True, order=True)
class Event:
    """Something that happened at a time of the recording; ``None`` = not given.

    Attributes
    ----------
    t_s, duration_s : float, s
        On the recording's clock (0 = its start). A phase without a duration lasts until the next phase.
    kind : str
        One of `KINDS`.
    side : {"L", "R"}, optional
    site : str, optional
        Such as ``GMAX_L``.
    label : str, optional
        Of a phase: baseline, before, after, mvc, rest, ...
    note : str, optional
    """

    t_s: float
    duration_s: float | None = None
    kind: str = "note"
    side: str | None = None
    site: str | None = None
    label: str | None = None
    note: str | None = None


def check_event(event: Event) -> Event:
    """Refuse an event that no table could hold; gives it back unchanged.

    Examples
    --------
    >>> check_event(Event(12.5, None, "cramp", side="L")).kind
    'cramp'
    >>> check_event(Event(12.5, None, "crampf"))
    Traceback (most recent call last):
    emgsmr.errors.ArgumentError: 'crampf' is no kind of event: use foot_contact, toe_off, phase, cramp, ...
    """
    if event.kind not in KINDS:
        raise ArgumentError(f"{event.kind!r} is no kind of event: use {', '.join(KINDS)}")
    if not math.isfinite(event.t_s):
        raise ArgumentError(f"an event at {event.t_s} s has no time: give seconds on the recording's clock")
    if event.duration_s is not None and not (math.isfinite(event.duration_s) and event.duration_s >= 0):
        raise ArgumentError(f"an event cannot last {event.duration_s} s: give seconds, 0 or more")
    if event.side not in (None, "L", "R"):
        raise ArgumentError(f"{event.side!r} is no side: use L or R")
    if event.kind in ("foot_contact", "toe_off") and event.side is None:
        raise ArgumentError(f"a {event.kind} belongs to a foot: give its side, L or R")
    return event


def clock(t_s: float) -> str:
    """Time on the recording's clock as people read it.

    Examples
    --------
    >>> clock(760.4), clock(3725)
    ('12:40', '1:02:05')
    """
    hours, rest = divmod(max(0, round(t_s)), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
