"""Changes scripted into strides instead of signals: many more runners in the same time.

A healthy runner's signals are measured once; a change then multiplies the power above the noise floor in the
windows of its strides. What a change does to quality states, mains removal and contacts is left out, so the
same runners are done from signals as well, and both are compared.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from emgsmr.analysis import Pipeline
from emgsmr.analysis.facts import SiteFacts
from emgsmr.analysis.strides import Stride
from emgsmr.anatomy import load_catalog
from emgsmr.recording import Event
from emgsmr.simulate.gain import burst_gains
from emgsmr.simulate.scenario import Points
from validation.detector_changes import (
    Outcome,
    begun_with,
    changes_of,
    copied,
    judged,
    outcomes,
    scripted,
)
from validation.detector_engines import FULL, Engine, Plan, Said, feed, said_by
from validation.strides import wired


@dataclass(frozen=True, slots=True, eq=False)
class Walked:
    """The strides of a run as the pipeline measured them, and the power of each site at rest (µV²)."""

    fs: float
    sites: tuple[str, ...]
    events: tuple[Event, ...]
    strides: dict[str, tuple[Stride, ...]]
    rest: dict[str, float]


class Recorded:
    """Gives strides that are there already, in place of a `emgsmr.analysis.strides.StrideBuilder`."""

    def __init__(self, strides: Sequence[Stride]) -> None:
        self.strides = list(strides)
        self.needed_from_s = float("inf")

    def until(self, measured_s: float, *, last: bool = False) -> list[Stride]:
        """Those that end by then and were not given before."""
        n = len(self.strides) if last else sum(s.t_end_s <= measured_s for s in self.strides)
        given, self.strides = self.strides[:n], self.strides[n:]
        return given


def walked(pipeline: Pipeline, *, fs: float, learned_s: float) -> Walked:
    """What a pipeline measured until now."""
    rest = {site: pipeline.rest_power(site, learned_s) for site in pipeline.sites}
    return Walked(
        fs,
        tuple(pipeline.sites),
        tuple(event for event in pipeline.events if event.kind == "phase"),
        {side: tuple(leg.strides) for side, leg in pipeline.legs.items()},
        {site: power for site, power in rest.items() if power is not None},
    )


def pipeline_over(run: Walked, *, until_s: float) -> Pipeline:
    """A pipeline that has got the strides until then."""
    pipeline = Pipeline(wired(run.sites, fs=run.fs), events=run.events)
    for side, leg in pipeline.legs.items():
        rest = {site: power for site, power in run.rest.items() if site.endswith(side)}
        leg._rest = lambda _until_s, rest=rest: rest  # type: ignore[misc]
        leg.builder = Recorded([s for s in run.strides[side] if s.t_end_s <= until_s])  # type: ignore[assignment]
        leg.until(until_s)
    return pipeline


def go_on(pipeline: Pipeline, strides: Mapping[str, Sequence[Stride]]) -> None:
    """Give more strides, leg by leg."""
    for side, leg in pipeline.legs.items():
        leg.builder = Recorded(strides[side])  # type: ignore[assignment]
        leg.until(float("inf"), last=True)


def replayed(run: Walked, *, after_s: float) -> Said:
    """What is said about the strides as they are: the same as from the signals."""
    pipeline = pipeline_over(run, until_s=0.0)
    go_on(pipeline, run.strides)
    return said_by(pipeline, after_s=after_s)


def with_gains(stride: Stride, gains: Mapping[str, Points], noise: Mapping[str, float]) -> Stride:
    """The same stride with stronger or weaker bursts.

    Parameters
    ----------
    stride : Stride
    gains : mapping of site to points
        Factors on the bursts over time; sites without one stay as they are.
    noise : mapping of site to µV²
        The floor, which stays.
    """
    sites = dict(stride.sites)
    for site, points in gains.items():
        gain = float(np.interp(stride.t_start_s, *zip(*points, strict=True)))
        if site in sites and sites[site].valid and gain != 1.0:
            sites[site] = _multiplied(sites[site], gain**2, noise.get(site, 0.0))
    return dataclasses.replace(stride, sites=sites)


def _multiplied(facts: SiteFacts, factor: float, noise: float) -> SiteFacts:
    power = {name: noise + factor * (p - noise) if p > noise else p for name, p in facts.power.items()}
    bins = np.where(facts.bins > noise, noise + factor * (facts.bins - noise), facts.bins)
    return dataclasses.replace(facts, power=power, bins=bins)


def outcomes_of_strides(
    engine: Engine,
    seed: int,
    run: Walked,
    *,
    contacts: bool,
    sizes: Sequence[float],
    one_sided: Sequence[float],
    plan: Plan,
) -> list[Outcome]:
    """All changes of one runner, scripted into the strides after the baseline."""
    until_s = plan.full_s + plan.horizon_s
    begun = pipeline_over(run, until_s=plan.fork_s)
    later = {
        side: [s for s in strides if s.t_end_s > plan.fork_s and s.t_end_s <= until_s]
        for side, strides in run.strides.items()
    }
    found = []
    for both in changes_of(seed, sizes=sizes, one_sided=one_sided):
        scenario = scripted(both, plan)
        gains = burst_gains(scenario, load_catalog().pairs)
        pipeline = copied(begun)
        changed = {}
        for side, leg in pipeline.legs.items():
            noise = leg.baseline.noise if leg.baseline is not None else {}
            moved = {site: points for site, points in gains.items() if len(points) > 1}
            changed[side] = [with_gains(stride, moved, noise) for stride in later[side]]
        go_on(pipeline, changed)
        said = said_by(pipeline, after_s=plan.learned_s)
        found += judged(engine, seed, contacts, plan, both, said, scenario, level="strides")
    return found


def outcomes_both(
    engine: Engine,
    seed: int,
    *,
    contacts: bool,
    sizes: Sequence[float],
    one_sided: Sequence[float],
    plan: Plan = FULL,
) -> list[Outcome]:
    """All changes of one runner, once scripted into the signals and once into the strides."""
    begun, x = begun_with(engine, seed, contacts=contacts, plan=plan)
    how = {"contacts": contacts, "sizes": sizes, "one_sided": one_sided, "plan": plan}
    usual = copied(begun)
    feed(usual, x, int(plan.fork_s * engine.fs), len(x), fs=engine.fs)
    usual.finish()
    run = walked(usual, fs=engine.fs, learned_s=plan.learned_s)
    return [
        *outcomes(engine, seed, begun, x, **how),
        *outcomes_of_strides(engine, seed, run, **how),
    ]
