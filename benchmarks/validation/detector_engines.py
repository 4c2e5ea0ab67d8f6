"""Where the detector's trials get their signals from, when what happens, and the way to what is said."""

from __future__ import annotations

import functools
import inspect
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray
from real_strides import Walk, draw_walk, load_walk

from emgsmr.analysis import Finding, Pipeline
from emgsmr.analysis.tables import ratios_table
from emgsmr.recording import Event, SampleBlock
from emgsmr.simulate import Scenario, simulate_runner
from emgsmr.simulate.profile import Gait
from emgsmr.simulate.scenario import Phase
from validation.detector_naive import Alarms, fixed_rule
from validation.strides import SCALE_UV, wired

FloatArray = NDArray[np.float64]
IntArray = NDArray[np.int32]

CAVEAT = "This shows that an injected compensation is found; it says nothing about cramps."
BLOCK_S = 10.0
MUSCLES = ("GMAX", "BFLH", "ST", "MGAS", "LGAS")


@dataclass(frozen=True, slots=True)
class Plan:
    """When what happens, s. A change begins 20 s after the baseline, and may be found until the end."""

    stands_s: float = 20.0
    warm_s: float = 60.0
    baseline_s: float = 300.0
    ramp_s: float = 60.0
    horizon_s: float = 240.0
    silent_s: float = 480.0

    @property
    def learned_s(self) -> float:
        """The baseline's end."""
        return self.warm_s + self.baseline_s

    @property
    def onset_s(self) -> float:
        """When a ratio begins to move."""
        return self.learned_s + 20.0

    @property
    def full_s(self) -> float:
        """When a change has reached its size."""
        return self.onset_s + self.ramp_s

    @property
    def fork_s(self) -> float:
        """Up to here nothing depends on the change."""
        return self.onset_s - 5.0


FULL = Plan()
QUICK = Plan(stands_s=5.0, warm_s=12.0, baseline_s=60.0, ramp_s=5.0, horizon_s=40.0, silent_s=60.0)


class Runner(Protocol):
    """What a trial needs to know of a runner; a simulated one has it, and a walk of real strides."""

    @property
    def sites(self) -> tuple[str, ...]: ...
    @property
    def contacts(self) -> Mapping[str, FloatArray]: ...
    @property
    def duration_s(self) -> float: ...
    @property
    def events(self) -> tuple[dict[str, Any], ...]: ...
    def emg(self, site: str, *, fs: float) -> FloatArray: ...


@dataclass(frozen=True, slots=True)
class Engine:
    """Where signals come from."""

    name: str
    source: str
    fs: float
    real_data: Path | None = None

    @property
    def gait(self) -> Gait:
        """What its runners do unless they are told otherwise."""
        return "walk" if self.name == "real strides" else "run"

    def runner(self, scenario: Scenario, seed: int) -> Runner:
        """A runner who follows a script."""
        if self.name == "real strides":
            walk = _walk(self.real_data)
            assert walk is not None
            return draw_walk(walk, scenario, seed=seed)
        if self.name == "pool":
            # the engine is a keyword that this version of the simulator may not have yet
            return simulate_runner(scenario, seed=seed, **{"engine": "pool"})  # type: ignore[arg-type]
        return simulate_runner(scenario, seed=seed)


@functools.lru_cache(maxsize=1)
def _walk(real_data: Path | None) -> Walk | None:
    return load_walk(real_data)


def engines(real_data: Path | None) -> list[Engine]:
    """Those that there are here: the pool of motor units and the real strides may be missing."""
    found = [Engine("surrogate", "simulated: shaped noise, running", 500.0)]
    if "engine" in inspect.signature(simulate_runner).parameters:
        found.append(Engine("pool", "simulated: pools of motor units, running", 500.0))
    if load_walk(real_data) is not None:
        found.append(Engine("real strides", "real strides of a walk, drawn at random", 1000.0, real_data))
    return found


def script(plan: Plan, *, until_s: float, **what: Any) -> Scenario:
    """Standing, warm-up, baseline, and then what is asked for."""
    phases = (Phase("rest", 0.0, plan.stands_s), Phase("baseline", plan.warm_s, plan.learned_s))
    return Scenario(
        "trial",
        "A trial of the detector.",
        **{"minutes": until_s / 60.0, "start_s": plan.stands_s, "phases": phases, "muscles": MUSCLES, **what},
    )


# --- through the pipeline -------------------------------------------------------------------------------


def volts(run: Runner, *, fs: float) -> dict[str, FloatArray]:
    """µV of all sites."""
    return {site: run.emg(site, fs=fs) for site in run.sites}


def counts(emg: Mapping[str, FloatArray]) -> IntArray:
    """As one sensor with a channel for each site would send them."""
    return np.round(np.column_stack(list(emg.values())) / SCALE_UV).astype("<i4")


def pipeline_for(run: Runner, *, fs: float, contacts: bool) -> Pipeline:
    """A pipeline that knows the script's phases, and the foot contacts where they are given."""
    events = [Event(**fields) for fields in run.events]
    if contacts:
        events += [
            Event(float(t), None, "foot_contact", side=side) for side in "LR" for t in run.contacts[side]
        ]
    return Pipeline(wired(run.sites, fs=fs), events=events)


def feed(pipeline: Pipeline, x: IntArray, first: int, stop: int, *, fs: float) -> None:
    """Samples ``first`` to before ``stop``, in blocks."""
    step = int(BLOCK_S * fs)
    for begin in range(first, stop, step):
        pipeline.push(SampleBlock(1, begin, x[begin : min(begin + step, stop)]))


@dataclass(frozen=True, slots=True)
class Said:
    """All that was found in a run, and what a naive rule would have said (`validation.detector_naive`)."""

    findings: tuple[Finding, ...]
    naive: Alarms

    @property
    def alarms(self) -> list[Finding]:
        """Findings of tier 1 and above."""
        return [finding for finding in self.findings if finding.tier >= 1]


def said_by(pipeline: Pipeline, *, after_s: float) -> Said:
    """End a pipeline, and ask it."""
    pipeline.finish()
    naive = fixed_rule(ratios_table(pipeline.legs.values()), after_s=after_s)
    return Said(tuple(pipeline.findings()), naive)
