"""Marks set while looking at a recording: the same events as those of ``emgsmr mark``.

The recording room only adds events, so there is no taking back here either: a wrong mark is corrected by
a note.
"""

from __future__ import annotations

from pathlib import Path

from emgsmr.errors import ArgumentError
from emgsmr.gui.review.span import Span
from emgsmr.recording import Event, add_event
from emgsmr.recording.event import clock

KINDS = {"cramp": "C", "fatigue": "F", "lap": "L", "note": "N"}
"""What can be marked here, and its key."""


def add_mark(
    path: Path, whole: Span, kind: str, t_s: float, *, note: str = "", site: str | None = None
) -> Event:
    """Add a mark to a recording; it is in the file when this returns.

    Raises
    ------
    ArgumentError
        No such kind, a time beyond the recording, or a note without words.
    RecordingError
        The file cannot be written, and why.
    """
    if kind not in KINDS:
        raise ArgumentError(f"{kind!r} is no mark: use {', '.join(KINDS)}")
    if not whole.start_s <= t_s <= whole.stop_s:
        raise ArgumentError(
            f"{t_s:g} s is not within the recording, which is from {clock(whole.start_s)} to "
            f"{clock(whole.stop_s)}: click into the traces first"
        )
    text = note.strip()
    if kind == "note" and not text:
        raise ArgumentError("A note needs some words: type what you want to remember.")
    event = Event(t_s, kind=kind, site=site, note=text or None)
    add_event(path, event)
    return event


def mark_text(event: Event) -> str:
    """What a mark says, in a few words.

    Examples
    --------
    >>> mark_text(Event(760.4, kind="cramp", site="MGAS_R")), mark_text(Event(1.0, kind="lap"))
    ('cramp MGAS_R', 'lap')
    """
    said = event.label if event.kind == "phase" and event.label else event.kind.replace("_", " ")
    return " ".join(part for part in (said, event.site or event.side, event.note) if part)
