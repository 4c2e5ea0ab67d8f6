"""What the window shows of protocols: those that can be chosen, and how far the chosen one is."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """A protocol that can be chosen: ``text`` says how long it takes and which pairs it is about."""

    name: str
    title: str
    text: str
    chosen: bool


@dataclass(frozen=True, slots=True)
class BoutSet:
    """One set of a protocol, or the treatment (no bouts).

    ``bouts`` is how many there are, ``done`` how many of them are over; ``now`` says whether the set is under
    way.
    """

    label: str
    title: str
    bouts: int
    done: int
    now: bool
