"""Single things that happen in a run: a cramp, a pause, and what an electrode picks up for a while.

A field whose name ends in ``_s`` is a time, and is compressed with the script.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Cramp:
    """One site contracts by itself, at ``level`` of its maximal amplitude, through all of the stride."""

    site: str
    start_s: float
    duration_s: float
    level: float


@dataclass(frozen=True, slots=True)
class Pause:
    """The runner stands still."""

    start_s: float
    stop_s: float


@dataclass(frozen=True, slots=True)
class CrossTalk:
    """The electrode at ``site`` also picks up a ``share`` of the muscle under ``neighbor``, at once."""

    neighbor: str
    site: str
    share: float


@dataclass(frozen=True, slots=True)
class Hum:
    """Mains hum for some time (a socket, a treadmill's motor), at one site or at all (None)."""

    rms_uv: float
    start_s: float
    stop_s: float = float("inf")
    site: str | None = None
    hz: float = 50.0


@dataclass(frozen=True, slots=True)
class LooseCable:
    """A cable or an electrode swings: slow waves and jerks far larger than the muscle."""

    site: str
    start_s: float
    stop_s: float
    rms_uv: float = 800.0


@dataclass(frozen=True, slots=True)
class Repetitions:
    """An exercise again and again, once in ``period_s``, as often as it fits; muscles are loose in between.

    With ``side`` one leg works, else both do at once. How hard each muscle works is in
    `emgsmr.simulate.repetition.LEVELS`. Nobody runs meanwhile: `Pause` or a late `Scenario.start_s` says so.
    """

    start_s: float
    stop_s: float
    exercise: str
    side: str | None = None
    period_s: float = 4.0
