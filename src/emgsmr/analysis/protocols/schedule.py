"""When a protocol asks for what: steps with their words as plain values, and the events that they leave."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal

from emgsmr.analysis.protocols.protocol import ORDER, Protocol
from emgsmr.recording import Event

StepKind = Literal["prepare", "quiet", "warm_up", "ready", "bout", "rest", "treatment", "end"]

PREPARE_S, READY_S = 15.0, 5.0
"""Time to take up the position at the start of a set, and before each bout."""

_PRIMARY = "; primary pairs "


@dataclass(frozen=True, slots=True)
class Step:
    """One thing to do.

    Attributes
    ----------
    kind : str
    t_s : float, s
        From the start of the set.
    duration_s : float, s
        0 = as long as it takes: whoever guides goes on when told to (the treatment).
    say : str
    label : str
        Of the set: A1, A2 or B.
    side : {"L", "R"}, optional
        The leg that works; None = both.
    number, total : int
        Of bouts of the set, all legs counted; 0 for steps that are no bout.
    title : str
        What it is, in the protocol's language.
    """

    kind: StepKind
    t_s: float
    duration_s: float
    say: str
    label: str
    side: str | None = None
    number: int = 0
    total: int = 0
    title: str = ""

    @property
    def end_s(self) -> float:
        """From the start of the set."""
        return self.t_s + self.duration_s


def set_schedule(
    protocol: Protocol, label: str, *, warm_up: bool = False, first_side: str = "R"
) -> tuple[Step, ...]:
    """What is asked for in one set, in the order of time, without holes.

    Parameters
    ----------
    protocol : Protocol
    label : str
        Such as A1: the bouts' events carry it.
    warm_up : bool
        Whether it begins with the protocol's warm-up.
    first_side : {"L", "R"}
        Where legs work one after the other: they take turns, so that time passes for both alike.

    Examples
    --------
    >>> from emgsmr.analysis.protocols import load_protocol
    >>> steps = set_schedule(load_protocol("bridge"), "A1")
    >>> [(step.kind, step.t_s) for step in steps[:5]]
    [('prepare', 0.0), ('quiet', 15.0), ('ready', 25.0), ('bout', 30.0), ('rest', 62.0)]
    """
    sides: list[str | None] = [None]
    if protocol.sides == "each":
        sides = [first_side, "L" if first_side == "R" else "R"]
    turns = [side for _ in range(protocol.bouts) for side in sides]
    found: list[Step] = []

    def add(kind: StepKind, duration_s: float, side: str | None = None, number: int = 0) -> None:
        start_s = found[-1].end_s if found else 0.0
        words = protocol.words
        values = {"side": words[f"side.{side or 'both'}"], "number": number, "total": len(turns)}
        say = protocol.cues.get(kind, words[f"cue.{kind}"]).format(**values)
        title = words[f"title.{kind}"].format(**values)
        if side is not None:
            title += f", {words[f'leg.{side}']}"
        total = len(turns) if number else 0
        found.append(Step(kind, start_s, duration_s, say, label, side, number, total, title))

    add("prepare", PREPARE_S)
    if protocol.quiet_s:
        add("quiet", protocol.quiet_s)
    if warm_up and protocol.warm_up_s:
        add("warm_up", protocol.warm_up_s)
    for number, side in enumerate(turns, start=1):
        add("ready", READY_S, side)
        add("bout", protocol.bout_s, side, number)
        if number < len(turns):
            change = turns[number] != side and number % len(sides) != 0
            add("rest", protocol.change_s if change else protocol.rest_s)
    add("end", 0.0)
    return tuple(found)


def opening_event(protocol: Protocol, t_s: float) -> Event:
    """The event that says which protocol begins, and which pairs count, before anybody has seen a result."""
    pairs = ", ".join(protocol.primary)
    return Event(t_s, None, "note", label="protocol", note=f"{protocol.name}{_PRIMARY}{pairs}")


def declared_pairs(events: Iterable[Event]) -> tuple[str, ...]:
    """The pairs that count, as the newest `opening_event` says; empty where no protocol was begun.

    Examples
    --------
    >>> from emgsmr.analysis.protocols import load_protocol
    >>> declared_pairs([opening_event(load_protocol("easy_run"), 3.0)])
    ('P1', 'P2')
    """
    notes = [e.note or "" for e in events if e.kind == "note" and e.label == "protocol"]
    pairs = notes[-1].partition(_PRIMARY)[2] if notes else ""
    return tuple(pair.strip() for pair in pairs.split(",") if pair.strip())


def session_schedule(protocol: Protocol, *, first_side: str = "R") -> tuple[tuple[Step, ...], ...]:
    """All of a session in the recommended order: A1, A2, the treatment, B; each starts at 0.

    Examples
    --------
    >>> from emgsmr.analysis.protocols import load_protocol
    >>> [part[0].label or part[0].kind for part in session_schedule(load_protocol("easy_walk"))]
    ['A1', 'A2', 'treatment', 'B']
    """
    sets = [
        set_schedule(protocol, label, warm_up=label == ORDER[0], first_side=first_side) for label in ORDER
    ]
    words = protocol.words
    treatment = Step("treatment", 0.0, 0.0, words["cue.treatment"], "", title=words["title.treatment"])
    return (*sets[:-1], (treatment,), sets[-1])


def step_event(protocol: Protocol, step: Step, t_s: float) -> Event | None:
    """The event that a step leaves in a recording; None for steps that leave none.

    Parameters
    ----------
    protocol : Protocol
    step : Step
    t_s : float, s
        When it began, on the recording's clock.

    Notes
    -----
    Bouts are phases with the label of the set and the protocol in the note; the muscles are loose in the
    phase labeled rest, which tells the noise floor. Rests between bouts are none: people move in them.

    Examples
    --------
    >>> from emgsmr.analysis.protocols import load_protocol
    >>> protocol = load_protocol("bridge")
    >>> bout = next(step for step in set_schedule(protocol, "A1") if step.kind == "bout")
    >>> event = step_event(protocol, bout, 130.0)
    >>> event.kind, event.label, event.note, event.duration_s
    ('phase', 'A1', 'bridge', 32.0)
    """
    if step.kind == "bout":
        note = protocol.exercise or protocol.name
        return Event(t_s, step.duration_s, "phase", side=step.side, label=step.label, note=note)
    if step.kind == "quiet":
        return Event(t_s, step.duration_s, "phase", label="rest")  # a note could name an exercise
    if step.kind == "treatment":
        return Event(t_s, None, "note", label="treatment")
    return None


def schedule_events(protocol: Protocol, steps: Sequence[Step], t_s: float) -> list[Event]:
    """The events of a set that began at a time, were it kept to."""
    found = (step_event(protocol, step, t_s + step.t_s) for step in steps)
    return [event for event in found if event is not None]
