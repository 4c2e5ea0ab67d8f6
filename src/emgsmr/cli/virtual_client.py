"""A virtual runner who keeps to a protocol: the whole path from protocol to page, without hardware."""

from __future__ import annotations

import dataclasses
import itertools
from collections.abc import Sequence
from typing import TYPE_CHECKING

from emgsmr.errors import ArgumentError

if TYPE_CHECKING:
    from emgsmr.analysis.protocols import Step
    from emgsmr.radio.air import Air

START_S = 4.0
"""The guide begins when all sensors are heard, a few seconds after they began to play."""

SLACK_S = 2.0
BOUT_SD = 0.05
"""SD of ln amplitude from bout to bout: of a treadmill, an optimist's."""


def virtual_client(
    sets: Sequence[Sequence[Step]], *, change_pct: float, treatment_s: float, speed: float, seed: int
) -> Air:
    """A radio whose runner runs in the bouts, stands in between, and is changed by the treatment.

    Parameters
    ----------
    sets : sequence of sequence of Step
    change_pct : float, %
        Of P1 of the right leg: hamstrings relative to gluteus maximus.
    treatment_s : float, s
    speed : float
        Times life's pace.
    seed : int
    """
    from emgsmr.radio.cast import cast_scenario
    from emgsmr.radio.virtual import VirtualAir
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
    shift = Shift("P1", "R", (ratio - 1.0) / (ratio + 1.0), onset_s=treated_s, ramp_s=0.01)
    scenario = Scenario(
        "guided",
        f"A runner who keeps to a protocol; the treatment changes P1 of the right leg by {change_pct:g} %.",
        minutes=end / 60.0,
        start_s=spans[0][1],
        phases=tuple(Phase(label, start, stop) for label, start, stop in spans),
        pauses=tuple(Pause(a, b) for a, b in zip(ends[1:], begins[1:], strict=True) if b > a),
        shifts=(shift,) if change_pct and treated_s < end else (),
        bout_sd=BOUT_SD,
    )
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
