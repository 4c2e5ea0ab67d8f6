"""A virtual person who keeps to a protocol: the whole path from protocol to page, without hardware."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol

from emgsmr.errors import ArgumentError

if TYPE_CHECKING:
    from emgsmr.radio.air import Air
    from emgsmr.simulate import Scenario

START_S = 4.0
"""The guide begins when all sensors are heard, a few seconds after they began to play."""

SLACK_S = 2.0
BOUT_SD = 0.05
"""SD of ln amplitude from bout to bout: of a treadmill, an optimist's."""


class Asked(Protocol):
    """What the client reads of an `emgsmr.analysis.protocols.Protocol`, which this room may not import."""

    @property
    def name(self) -> str:
        """Of its file."""

    @property
    def title(self) -> str:
        """Of its page."""

    @property
    def primary(self) -> tuple[str, ...]:
        """Pairs that count."""


class Told(Protocol):
    """What the client reads of an `emgsmr.analysis.protocols.Step`."""

    @property
    def kind(self) -> str:
        """Such as bout."""

    @property
    def t_s(self) -> float:
        """From the start of its set."""

    @property
    def end_s(self) -> float:
        """From the start of its set."""

    @property
    def label(self) -> str:
        """Of its set."""


def client_scenario(
    protocol: Asked, sets: Sequence[Sequence[Told]], *, change_pct: float, treatment_s: float
) -> Scenario:
    """Write the script of somebody who does as a protocol tells, and is changed by the treatment.

    Parameters
    ----------
    protocol : Protocol
        Of `emgsmr.analysis.protocols`.
    sets : sequence of sequence of Step
        As `emgsmr.analysis.protocols.session_schedule` gives them.
    change_pct : float, %
        Of the protocol's first primary pair in the right leg: compensator relative to prime mover.
    treatment_s : float, s
        Length of the treatment.
    """
    from emgsmr.simulate.incident import Pause
    from emgsmr.simulate.scenario import Phase, Scenario, Shift

    spans: list[tuple[str, float, float]] = []
    now, treated_s = START_S, float("inf")
    for steps in sets:
        if steps[0].kind == "treatment":
            treated_s = now
            now += treatment_s
            continue
        for before, step in itertools.pairwise(steps):
            if step.kind in ("bout", "warm_up"):
                begin = before.t_s if before.kind == "ready" else step.t_s
                spans.append((step.label, now + begin - SLACK_S, now + step.end_s + SLACK_S))
        now += steps[-1].end_s
    end = now + 10.0
    ends = [0.0, *(stop for _, _, stop in spans)]
    begins = [*(start for _, start, _ in spans), end]
    ratio = 1.0 + change_pct / 100.0
    pair = protocol.primary[0]
    shift = Shift(pair, "R", (ratio - 1.0) / (ratio + 1.0), onset_s=treated_s, ramp_s=0.01)
    return Scenario(
        "guided",
        f"Does as a protocol tells; the treatment changes {pair} of the right leg by {change_pct:g} %.",
        minutes=end / 60.0,
        start_s=spans[0][1],
        phases=tuple(Phase(label, start, stop) for label, start, stop in spans),
        pauses=tuple(Pause(a, b) for a, b in zip(ends[1:], begins[1:], strict=True) if b > a),
        shifts=(shift,) if change_pct and treated_s < end else (),
        bout_sd=BOUT_SD,
    )


def virtual_client(
    protocol: Asked,
    sets: Sequence[Sequence[Told]],
    *,
    change_pct: float,
    treatment_s: float,
    speed: float,
    seed: int,
) -> Air:
    """A radio with the sensors of somebody who keeps to a protocol (`client_scenario`).

    Parameters
    ----------
    protocol : Protocol
        Of `emgsmr.analysis.protocols`.
    sets : sequence of sequence of Step
    change_pct : float, %
    treatment_s : float, s
    speed : float
        Times life's pace.
    seed : int
        Of the person and of the radio.
    """
    from emgsmr.radio.cast import cast_scenario
    from emgsmr.radio.virtual import VirtualAir

    scenario = client_scenario(protocol, sets, change_pct=change_pct, treatment_s=treatment_s)
    cast = cast_scenario(scenario, seed=seed)
    own = tuple(event for event in cast.events if event.kind != "phase")  # the guide marks them
    return VirtualAir(dataclasses.replace(cast, events=own), speed=speed, seed=seed, name="virtual:guided")


def change_asked_for(radio: str) -> float | None:
    """How much the treatment changes; None for another radio than the virtual client's.

    Examples
    --------
    >>> change_asked_for("virtual"), change_asked_for("virtual:treatment_20"), change_asked_for("bluetooth")
    (40.0, 20.0, None)
    """
    kind, _, what = radio.partition(":")
    if kind != "virtual":
        return None
    if not what:
        return 40.0
    if what.startswith("treatment_"):
        try:
            return float(what.removeprefix("treatment_"))
        except ValueError:
            raise ArgumentError(f"{radio!r} names no change: write virtual:treatment_40") from None
    return None
