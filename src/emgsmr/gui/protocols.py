"""Which protocol was chosen, and how far somebody who is led through it has come."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from emgsmr.analysis.finding import muscle_name
from emgsmr.analysis.protocols import load_protocol, protocol_names, session_schedule, set_schedule
from emgsmr.anatomy import load_catalog
from emgsmr.gui.protocol_rows import BoutSet, Choice
from emgsmr.gui.screen import Countdown

if TYPE_CHECKING:
    from emgsmr.analysis.protocols import Protocol, Step
    from emgsmr.session.guide import Cue

TITLES = {"A1": "Before, first set", "A2": "Before, second set", "": "Treatment", "B": "After"}
SIDES = {"L": ", left leg", "R": ", right leg"}
NO_END = "It takes as long as it takes. Electrodes and recording stay as they are."


@dataclass(slots=True)
class Chosen:
    """The protocol of a session.

    Attributes
    ----------
    protocol : Protocol, optional
        None = none is chosen yet.
    name : str
        Of the chosen one: its name, or the path of the user's own.
    own : mapping of path to Protocol
        The user's own that were opened.
    first_side : {"L", "R"}
        Where legs work one after the other.
    sets : tuple of tuple of Step
        What is asked for.
    guided : bool
        Somebody is being led through it.
    """

    protocol: Protocol | None = None
    name: str = ""
    own: dict[str, Protocol] = field(default_factory=dict)
    first_side: str = "R"
    sets: tuple[tuple[Step, ...], ...] = ()
    guided: bool = False
    _last: tuple[str, float] | None = None

    def choose(self, name: str) -> None:
        """Choose one by name, or the user's own by its path.

        Raises
        ------
        SettingsError
            There is none, or it cannot be used.
        """
        self.protocol, self.name = load_protocol(name), name
        if name not in protocol_names():
            self.own[name] = self.protocol
        self._plan()

    def change_first_side(self) -> None:
        """Let the other leg begin."""
        self.first_side = "L" if self.first_side == "R" else "R"
        self._plan()

    def _plan(self) -> None:
        if self.protocol is not None:
            self.sets = session_schedule(self.protocol, first_side=self.first_side)

    def follow(self, cue: Cue | None, done: tuple[str, ...]) -> bool:
        """See what is due now; True where something new is.

        Where nothing is due any more, it was broken off, unless all sets are done: then the recording ends.
        """
        if not self.guided:
            return False
        if cue is None:
            if not {steps[0].label for steps in self.sets} - {""} <= set(done):
                self.end()
            return False
        now = (cue.step.kind, cue.t_s)
        news, self._last = now != self._last, now
        return news

    def end(self) -> None:
        """Nobody is led any more."""
        self.guided, self._last = False, None

    def choices(self) -> tuple[Choice, ...]:
        """Every protocol that can be chosen."""
        known = {name: load_protocol(name) for name in protocol_names()} | self.own
        return tuple(
            Choice(
                name,
                f"{protocol.title} ({Path(name).name})" if name in self.own else protocol.title,
                length_of(protocol),
                chosen=name == self.name,
            )
            for name, protocol in known.items()
        )

    def bout_sets(self, cue: Cue | None, done: tuple[str, ...]) -> tuple[BoutSet, ...]:
        """How far it is."""
        rows = []
        come = max((k for k, steps in enumerate(self.sets) if steps[0].label in done), default=-1)
        for k, steps in enumerate(self.sets):
            now = cue is not None and cue.step in steps
            bouts = [step for step in steps if step.kind == "bout"]
            before = steps[: steps.index(cue.step)] if cue is not None and now else steps if k <= come else ()
            over = sum(step in bouts for step in before)
            label = steps[0].label
            rows.append(BoutSet(label, TITLES.get(label, label), len(bouts), over, now))
        return tuple(rows)


def length_of(protocol: Protocol) -> str:
    """Say how long a protocol takes.

    Examples
    --------
    >>> length_of(load_protocol("single_leg_bridge"))
    '4 bouts of 24 s on each leg, 8 min a set · hamstrings : gluteus maximus'
    """
    legs = " on each leg" if protocol.sides == "each" else ""
    minutes = set_schedule(protocol, "A1")[-1].end_s / 60.0
    pairs = ", ".join(pair_in_words(pair) for pair in protocol.primary)
    return f"{protocol.bouts} bouts of {protocol.bout_s:g} s{legs}, {minutes:.0f} min a set · {pairs}"


def pair_in_words(name: str) -> str:
    """Name a pair for people.

    Examples
    --------
    >>> pair_in_words("P2"), pair_in_words("my own")
    ('calf : hamstrings', 'my own')
    """
    pair = load_catalog().pairs.get(name)
    return f"{muscle_name(pair.compensator_name)} : {muscle_name(pair.prime_name)}" if pair else name


def countdown_of(cue: Cue, elapsed_s: float, repetitions: int | None = None) -> Countdown:
    """What to do now, and how much of it is left."""
    step = cue.step
    title = step.kind.replace("_", "-").capitalize()
    if step.kind == "bout":
        title = f"Bout {step.number} of {step.total}"
    title += SIDES.get(step.side or "", "")
    if not step.duration_s:
        spent_s = max(elapsed_s - cue.t_s, 0.0)
        return Countdown(title, step.say, spent_s, 0.0, 0.0, enough=False, text=NO_END)
    progress = 1.0 - cue.left_s / step.duration_s
    text = f"Set {step.label}"
    if step.kind in ("ready", "bout") and repetitions is not None:
        text += f", {repetitions} repetitions"
    return Countdown(title, step.say, cue.left_s, step.duration_s, progress, enough=False, text=text)
