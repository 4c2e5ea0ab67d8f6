"""A virtual person who keeps to a protocol: the whole path from protocol to page, without hardware."""

from __future__ import annotations

import dataclasses
import itertools
import re
from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple, Protocol

from emgsmr.errors import ArgumentError

if TYPE_CHECKING:
    from emgsmr.radio.air import Air
    from emgsmr.simulate import Scenario
    from emgsmr.simulate.incident import Repetitions
    from emgsmr.simulate.profile import Gait

START_S = 0.0
"""The guide begins when all sensors play, which is the start of the script."""

END_S = 10.0
"""The play goes on for so long after the last step."""

SLACK_S = 2.0
"""A runner runs this much longer than asked: the bout is all run."""

REACTION_S = 0.5
"""From the word to the first repetition, at most."""

REPETITION_S = 4.0
"""Where a protocol with a length of bouts does not say how long a repetition takes."""

BOUT_SD = 0.05
"""SD of ln amplitude from bout to bout: of a treadmill, an optimist's."""


class Asked(Protocol):
    """What the client reads of an `emgsmr.analysis.protocols.Protocol`, which this room may not import."""

    @property
    def name(self) -> str:
        """Of its file."""

    @property
    def title(self) -> str:
        """What people call it."""

    @property
    def exercise(self) -> str | None:
        """None = gait."""

    @property
    def bout_s(self) -> float:
        """Length of a bout, s."""

    @property
    def repetitions(self) -> int | None:
        """In each bout."""

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
    def say(self) -> str:
        """The words."""

    @property
    def label(self) -> str:
        """Of its set."""

    @property
    def side(self) -> str | None:
        """The leg that works."""


class _Work(NamedTuple):
    """Something that was asked for: a bout or the warm-up, and when it was announced."""

    step: Told
    announced_s: float
    start_s: float
    stop_s: float


def client_scenario(
    protocol: Asked, sets: Sequence[Sequence[Told]], *, change_pct: float, treatment_s: float
) -> Scenario:
    """Write the script of somebody who does as a protocol tells, and is changed by the treatment.

    Parameters
    ----------
    protocol : Protocol
        Of `emgsmr.analysis.protocols`.
    sets : sequence of sequence of Step
        As `emgsmr.analysis.protocols.session_schedule` gives them; the first begins as the script does.
    change_pct : float, %
        Of the protocol's first primary pair in the right leg: compensator relative to prime mover.
    treatment_s : float, s
        Length of the treatment.

    Returns
    -------
    Scenario
        Running, or walking if the protocol's words say so, or the repetitions of its exercise, on the leg
        that each step names; the warm-up is more of the same.

    Raises
    ------
    ArgumentError
        Nobody can be changed that much, or the virtual person has no sensors on the first primary pair.
    """
    from emgsmr.simulate.scenario import Phase, Scenario, Shift

    if not -90.0 <= change_pct <= 900.0:
        raise ArgumentError(f"a treatment changes the ratio by -90 to 900 %, not {change_pct:g} %")
    pair = _worn_pair(protocol.primary[0])
    works, treated_s, end_s = _works(sets, treatment_s)
    ratio = 1.0 + change_pct / 100.0
    shift = Shift(pair, "R", (ratio - 1.0) / (ratio + 1.0), onset_s=treated_s, ramp_s=0.01)
    script = Scenario(
        "guided",
        f"Does as a protocol tells; the treatment changes {pair} of the right leg by {change_pct:g} %.",
        minutes=end_s / 60.0,
        start_s=end_s,
        phases=tuple(Phase(work.step.label, work.start_s, work.stop_s) for work in works),
        shifts=(shift,) if change_pct and treated_s < end_s else (),
        bout_sd=BOUT_SD,
    )
    if protocol.exercise is not None:
        return dataclasses.replace(script, repetitions=_repetitions(protocol, protocol.exercise, works))
    return _moving(script, works, gait="walk" if _walks(protocol, works) else "run")


def _works(sets: Sequence[Sequence[Told]], treatment_s: float) -> tuple[list[_Work], float, float]:
    """What is asked for, when the treatment begins (inf = never), and when all is over."""
    works: list[_Work] = []
    now_s, treated_s = START_S, float("inf")
    for steps in sets:
        if steps[0].kind == "treatment":
            treated_s = now_s
            now_s += treatment_s
            continue
        for before, step in itertools.pairwise(steps):
            if step.kind in ("bout", "warm_up"):
                announced_s = before.t_s if before.kind == "ready" else step.t_s
                works.append(_Work(step, now_s + announced_s, now_s + step.t_s, now_s + step.end_s))
        now_s += steps[-1].end_s
    return works, treated_s, now_s + END_S


def _repetitions(protocol: Asked, exercise: str, works: Sequence[_Work]) -> tuple[Repetitions, ...]:
    from emgsmr.simulate.incident import Repetitions
    from emgsmr.simulate.repetition import HELD

    period_s = protocol.bout_s if exercise in HELD else REPETITION_S
    if protocol.repetitions is not None:
        period_s = protocol.bout_s / protocol.repetitions
    late_s = min(REACTION_S, 0.15 * period_s)  # half of the pause: the last one ends within the bout
    return tuple(
        Repetitions(work.start_s + late_s, work.stop_s + late_s, exercise, work.step.side, period_s)
        for work in works
    )


def _moving(script: Scenario, works: Sequence[_Work], *, gait: Gait) -> Scenario:
    """Gait from when a bout is announced to after its end, and standing in between."""
    from emgsmr.simulate.incident import Pause

    starts = [work.announced_s for work in works]
    ends = [work.stop_s + SLACK_S for work in works]
    rests = zip(ends, [*starts[1:], 60.0 * script.minutes], strict=True)
    return dataclasses.replace(
        script,
        gait=gait,
        start_s=starts[0],
        pauses=tuple(Pause(end_s, start_s) for end_s, start_s in rests if start_s > end_s),
    )


def _walks(protocol: Asked, works: Sequence[_Work]) -> bool:
    """Whether a protocol of gait is about walking: by its name and title, else by what is said in a bout."""
    named = f"{protocol.name} {protocol.title}".replace("_", " ")
    said = " ".join(work.step.say for work in works if work.step.kind == "bout")
    for words in (named, said):
        if re.search(r"\b(run|jog|lauf)", words, re.IGNORECASE):
            return False
        if re.search(r"\b(walk|gehen|geht)", words, re.IGNORECASE):
            return True
    return False


def _worn_pair(name: str) -> str:
    """A pair by its name, if the virtual person wears the sensors that it needs."""
    from emgsmr.anatomy import load_catalog
    from emgsmr.radio.cast import SCENARIO_SENSORS

    worn = {site.rsplit("_", 1)[0] for _, _, sites in SCENARIO_SENSORS for site in sites}
    pair = load_catalog().pairs.get(name)
    if pair is None or not pair.measurable or not {*pair.prime, *pair.compensator} <= worn:
        raise ArgumentError(
            f"The virtual person wears sensors on {', '.join(sorted(worn))}: let the first primary pair of "
            f"the protocol be P1 or P2, not {name}."
        )
    return name


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
