"""Changes that are scripted into a runner, and whether the detector found them.

Everything up to the change is the same for all sizes of it, so a runner's warm-up and baseline go through the
pipeline once, and a copy of the pipeline goes on with each change. That is the signal level, to the bit.
"""

from __future__ import annotations

import copy
import copyreg
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis import Finding, Pipeline
from emgsmr.anatomy import Pair, load_catalog
from emgsmr.simulate import Scenario
from emgsmr.simulate.gain import burst_gains
from emgsmr.simulate.scenario import MuscleChange, Points, Shift
from validation.detector_engines import (
    Engine,
    IntArray,
    Plan,
    Said,
    counts,
    feed,
    pipeline_for,
    said_by,
    script,
    volts,
)

FloatArray = NDArray[np.float64]

WATCHED = ("P1", "P2")

copyreg.pickle(MappingProxyType, lambda proxy: (MappingProxyType, (dict(proxy),)))  # for deepcopy


def copied(pipeline: Pipeline) -> Pipeline:
    """A pipeline that goes on from the same place; strides that are over are shared."""
    over = [stride for leg in pipeline.legs.values() for stride in leg.strides]
    return copy.deepcopy(pipeline, {id(item): item for item in (pipeline.catalog, pipeline.wiring, *over)})


@dataclass(frozen=True, slots=True)
class Change:
    """What is scripted into one pair on one side."""

    kind: str
    """"compensation", "prime_down" or "compensator_up": also the pattern that should be told."""
    size_pct: float
    pair: str
    side: str

    @property
    def ratio_pct(self) -> float:
        """Change of the ratio when the size is reached, %."""
        size = self.size_pct / 100.0
        ratio = {"compensation": (1.0 + size) / (1.0 - size), "prime_down": 1.0 / (1.0 - size)}
        return 100.0 * (ratio.get(self.kind, 1.0 + size) - 1.0)

    def scripted(self, plan: Plan, pairs: Mapping[str, Pair]) -> dict[str, tuple[Any, ...]]:
        """As a part of a script: ``shifts`` or ``changes``."""
        size = self.size_pct / 100.0
        if self.kind == "compensation":
            return {"shifts": (Shift(self.pair, self.side, size, onset_s=plan.onset_s, ramp_s=plan.ramp_s),)}
        pair = pairs[self.pair]
        muscles, factor = (
            (pair.prime, 1.0 - size) if self.kind == "prime_down" else (pair.compensator, 1.0 + size)
        )
        points = ((plan.onset_s, 1.0), (plan.full_s, factor))
        return {"changes": tuple(MuscleChange(f"{muscle}_{self.side}", points) for muscle in muscles)}


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the detector said about one change, scripted into the "signals" or into their "strides".

    ``delay_s`` is from reaching the size to the alarm (negative: on the way there). ``true_pct``: mean change
    that the finding's numbers describe, from its alarm on. ``elsewhere``: other alarms of the same leg, which
    no change explains. ``naive_s``: when the naive rule had an alarm.
    """

    engine: str
    level: str
    contacts: bool
    seed: int
    change: Change
    finding: Finding | None
    true_pct: float
    elsewhere: int
    full_s: float
    naive_s: float | None

    @property
    def found(self) -> bool:
        """An alarm of the right pair and side while the change was there."""
        return self.finding is not None

    @property
    def at_tier2(self) -> bool:
        """Whether it became a compensation pattern (tier 2)."""
        return self.finding is not None and self.finding.t_tier2_s is not None

    @property
    def covered(self) -> bool:
        """Whether the finding's interval holds the scripted change."""
        f = self.finding
        return f is not None and f.ci_low_pct <= self.true_pct <= f.ci_high_pct

    @property
    def error_pct(self) -> float:
        """How far the estimated ratio lies from the scripted one, %."""
        if self.finding is None:
            return np.nan
        return 100.0 * ((1.0 + self.finding.change_pct / 100.0) / (1.0 + self.true_pct / 100.0) - 1.0)

    @property
    def delay_s(self) -> float:
        """From reaching the size to the alarm, s."""
        return self.finding.t_alarm_s - self.full_s if self.finding is not None else np.nan

    @property
    def told(self) -> bool:
        """Whether the pattern that it told in the end is the right one."""
        return self.finding is not None and self.finding.pattern == self.change.kind


def changes_of(
    seed: int, *, sizes: Sequence[float], one_sided: Sequence[float]
) -> list[tuple[Change, Change]]:
    """One change in each leg of a runner; which pair is on which side changes from runner to runner."""
    sides = "RL" if seed % 2 else "LR"
    p1, p2 = zip(WATCHED, sides, strict=True)
    down, up = (p1, p2) if seed // 2 % 2 else (p2, p1)
    both = [(Change("compensation", d, *p1), Change("compensation", d, *p2)) for d in sizes]
    return both + [(Change("prime_down", d, *down), Change("compensator_up", d, *up)) for d in one_sided]


def begun_with(engine: Engine, seed: int, *, contacts: bool, plan: Plan) -> tuple[Pipeline, IntArray]:
    """A runner to whom nothing happens: the pipeline after the baseline, and the counts to the end."""
    run = engine.runner(scripted((), plan), seed)
    x = counts(volts(run, fs=engine.fs))
    pipeline = pipeline_for(run, fs=engine.fs, contacts=contacts)
    feed(pipeline, x, 0, int(plan.fork_s * engine.fs), fs=engine.fs)
    return pipeline, x


def outcomes(
    engine: Engine,
    seed: int,
    begun: Pipeline,
    x: IntArray,
    *,
    contacts: bool,
    sizes: Sequence[float],
    one_sided: Sequence[float],
    plan: Plan,
) -> list[Outcome]:
    """All changes of one runner, from signals; ``begun``, ``x``: see `begun_with`."""
    fs, fork, found = engine.fs, int(plan.fork_s * engine.fs), []
    for both in changes_of(seed, sizes=sizes, one_sided=one_sided):
        scenario = scripted(both, plan)
        run = engine.runner(scenario, seed)
        changed = counts(volts(run, fs=fs))
        if np.array_equal(changed[:fork], x[:fork]):
            pipeline, first = copied(begun), fork
        else:  # an engine may draw its random numbers in another order
            pipeline, first = pipeline_for(run, fs=fs, contacts=contacts), 0
        feed(pipeline, changed, first, len(changed), fs=fs)
        said = said_by(pipeline, after_s=plan.learned_s)
        found += judged(engine, seed, contacts, plan, both, said, scenario)
    return found


def scripted(both: Sequence[Change], plan: Plan) -> Scenario:
    """A run with some changes, to the end of the horizon."""
    parts: dict[str, Any] = {}
    for change in both:
        for name, part in change.scripted(plan, load_catalog().pairs).items():
            parts[name] = (*parts.get(name, ()), *part)
    return script(plan, until_s=plan.full_s + plan.horizon_s, **parts)


def judged(
    engine: Engine,
    seed: int,
    contacts: bool,
    plan: Plan,
    both: Sequence[Change],
    said: Said,
    scenario: Scenario,
    *,
    level: str = "signals",
) -> list[Outcome]:
    """What became of each change."""
    pairs, alarms, found = load_catalog().pairs, said.alarms, []
    for change in both:
        pair = pairs[change.pair]
        where = (change.pair, change.side)
        finding = next((f for f in alarms if (f.pair, f.side) == where and f.t_alarm_s > plan.onset_s), None)
        naive_s = next((t for t in said.naive.get(where, ()) if t > plan.onset_s), None)
        found.append(
            Outcome(
                engine.name,
                level,
                contacts,
                seed,
                change,
                finding,
                np.nan if finding is None else true_change_pct(scenario, pair, change.side, finding),
                sum(f.side == change.side and f is not finding for f in alarms),
                plan.full_s,
                naive_s,
            )
        )
    return found


def true_change_pct(scenario: Scenario, pair: Pair, side: str, finding: Finding) -> float:
    """Mean change of the ratio from a finding's alarm to its end, as the bursts were scripted, %."""
    gains = burst_gains(scenario, load_catalog().pairs)
    until_s = 60.0 * scenario.minutes if finding.t_end_s is None else finding.t_end_s
    t = np.linspace(finding.t_alarm_s, max(until_s, finding.t_alarm_s + 1.0), 200)
    prime, compensator = (
        np.mean([log_gain(gains[f"{muscle}_{side}"], t) for muscle in muscles], axis=0)
        for muscles in (pair.prime, pair.compensator)
    )
    return float(100.0 * np.expm1(np.mean(compensator - prime)))


def log_gain(points: Points, t_s: FloatArray) -> FloatArray:
    """Logarithm of the factor on a site's bursts."""
    return np.asarray(np.log(np.interp(t_s, *zip(*points, strict=True))))
