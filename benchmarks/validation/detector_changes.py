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
    FULL,
    Engine,
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
    """What the detector said about one change.

    ``delay_s`` is from reaching the size to the alarm (negative: on the way there). ``true_pct``: mean change
    that the finding's numbers describe, from its alarm on. ``elsewhere``: other alarms of the same leg, which
    no change explains. ``naive_s``: when the naive rule had an alarm.
    """

    engine: str
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


def outcomes(
    engine: Engine,
    seed: int,
    *,
    contacts: bool,
    sizes: Sequence[float],
    one_sided: Sequence[float],
    plan: Plan = FULL,
) -> list[Outcome]:
    """All changes of one runner."""
    pairs, fs = load_catalog().pairs, engine.fs
    until_s = plan.full_s + plan.horizon_s
    usual = engine.runner(script(plan, until_s=until_s), seed)
    x = counts(volts(usual, fs=fs))
    fork = int(plan.fork_s * fs)
    begun = pipeline_for(usual, fs=fs, contacts=contacts)
    feed(begun, x, 0, fork, fs=fs)
    found = []
    for both in changes_of(seed, sizes=sizes, one_sided=one_sided):
        parts: dict[str, Any] = {}
        for change in both:
            for name, part in change.scripted(plan, pairs).items():
                parts[name] = (*parts.get(name, ()), *part)
        scenario = script(plan, until_s=until_s, **parts)
        run = engine.runner(scenario, seed)
        changed = counts(volts(run, fs=fs))
        if np.array_equal(changed[:fork], x[:fork]):
            pipeline, first = copied(begun), fork
        else:  # an engine may draw its random numbers in another order
            pipeline, first = pipeline_for(run, fs=fs, contacts=contacts), 0
        feed(pipeline, changed, first, len(changed), fs=fs)
        said = said_by(pipeline, after_s=plan.learned_s)
        found += _judged(engine, seed, contacts, plan, both, said, scenario, pairs)
    return found


def _judged(
    engine: Engine,
    seed: int,
    contacts: bool,
    plan: Plan,
    both: Sequence[Change],
    said: Said,
    scenario: Scenario,
    pairs: Mapping[str, Pair],
) -> list[Outcome]:
    alarms = said.alarms
    judged = []
    for change in both:
        where = (change.pair, change.side)
        finding = next((f for f in alarms if (f.pair, f.side) == where and f.t_alarm_s > plan.onset_s), None)
        elsewhere = sum(f.side == change.side and f is not finding for f in alarms)
        true = (
            np.nan if finding is None else true_change_pct(scenario, pairs[change.pair], change.side, finding)
        )
        naive_s = next((t for t in said.naive.get(where, ()) if t > plan.onset_s), None)
        judged.append(
            Outcome(engine.name, contacts, seed, change, finding, true, elsewhere, plan.full_s, naive_s)
        )
    return judged


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
