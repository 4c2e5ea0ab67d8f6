"""Events of a recording: foot contacts, phases, cramps, notes, and what the software adds."""

from __future__ import annotations

from dataclasses import dataclass

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
