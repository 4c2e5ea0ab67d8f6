"""Runs in which no muscle takes over for another, and what the detector said in them."""

from __future__ import annotations

import pickle
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis import Pipeline
from emgsmr.recording import ClockRow, Placement, SampleBlock, SensorInfo, Wiring
from emgsmr.simulate.profile import Gait
from validation.detector_changes import Outcome
from validation.detector_disturbances import CASES
from validation.detector_engines import (
    BLOCK_S,
    FULL,
    Engine,
    Plan,
    Runner,
    Said,
    counts,
    feed,
    pipeline_for,
    said_by,
    script,
    volts,
)
from validation.detector_strides import Walked, outcomes_of_strides, replayed, walked
from validation.strides import SCALE_UV

FloatArray = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Silence:
    """What was said in a run that had to stay silent; ``hours`` count from the baseline's end."""

    engine: str
    case: str
    seed: int
    contacts: bool
    hours: float
    said: Said

    def says(self, pattern: str) -> bool:
        """Whether a notice names it."""
        return any(f.tier == 0 and f.pattern == pattern for f in self.said.findings)


def stays_silent(
    engine: Engine,
    case_name: str,
    seed: int,
    *,
    contacts: bool,
    plan: Plan = FULL,
    kept: Path | None = None,
) -> Silence:
    """One run of a case; it begins a minute after the baseline."""
    case = CASES[case_name]
    begins_s, until_s = plan.learned_s + min(60.0, 0.2 * plan.silent_s), plan.learned_s + plan.silent_s

    def measure() -> Pipeline:
        run = engine.runner(script(plan, until_s=until_s, **case.scenario(begins_s)), seed)
        rng = np.random.default_rng([seed, *case_name.encode()])
        emg = volts(run, fs=engine.fs)
        if case.spoil is not None:
            case.spoil(run, emg, engine.fs, rng, begins_s)
        if case.cut:
            return _with_gaps(run, emg, engine.fs, rng, begins_s, contacts=contacts)
        return _fed(run, emg, fs=engine.fs, contacts=contacts)

    name = f"{engine.name}-{case_name}-{seed}-{contacts}"
    said, _ = _said(measure, name, kept, fs=engine.fs, learned_s=plan.learned_s)
    return Silence(engine.name, case_name, seed, contacts, plan.silent_s / 3600.0, said)


def nothing_happens(
    engine: Engine,
    seed: int,
    *,
    minutes: float,
    contacts: bool,
    gait: Gait = "run",
    plan: Plan = FULL,
    kept: Path | None = None,
) -> tuple[Silence, Walked]:
    """A healthy run or walk of some minutes beyond the baseline, and its strides."""
    until_s = plan.learned_s + 60.0 * minutes

    def measure() -> Pipeline:
        run = engine.runner(script(plan, until_s=until_s, gait=gait), seed)
        return _fed(run, volts(run, fs=engine.fs), fs=engine.fs, contacts=contacts)

    name = f"{engine.name}-{gait}-{minutes:g}-{seed}-{contacts}"
    said, run = _said(measure, name, kept, fs=engine.fs, learned_s=plan.learned_s)
    case = "nothing happens, " + ("walking" if "walk" in (gait, engine.gait) else "running")
    return Silence(engine.name, case, seed, contacts, minutes / 60.0, said), run


def _fed(run: Runner, emg: Mapping[str, FloatArray], *, fs: float, contacts: bool) -> Pipeline:
    pipeline = pipeline_for(run, fs=fs, contacts=contacts)
    x = counts(emg)
    feed(pipeline, x, 0, len(x), fs=fs)
    return pipeline


def _said(
    measure: Callable[[], Pipeline], name: str, kept: Path | None, *, fs: float, learned_s: float
) -> tuple[Said, Walked]:
    """What is said, and the strides; where these are kept, it is said about them: the same."""
    file = None if kept is None else kept / (re.sub(r"[^a-zA-Z0-9.]+", "-", name) + ".pickle")
    if file is not None and file.exists():
        with file.open("rb") as stream:
            run = pickle.load(stream)
        return replayed(run, after_s=learned_s), run
    pipeline = measure()
    said = said_by(pipeline, after_s=learned_s)
    run = walked(pipeline, fs=fs, learned_s=learned_s)
    if file is not None:
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_bytes(pickle.dumps(run))
    return said, run


def silence_and_outcomes(
    engine: Engine,
    seed: int,
    *,
    minutes: float,
    contacts: bool,
    gait: Gait = "run",
    sizes: Sequence[float],
    one_sided: Sequence[float],
    plan: Plan = FULL,
    kept: Path | None = None,
) -> tuple[Silence, list[Outcome]]:
    """A healthy run from signals, and all changes scripted into its strides."""
    silence, run = nothing_happens(
        engine, seed, minutes=minutes, contacts=contacts, gait=gait, plan=plan, kept=kept
    )
    how = {"contacts": contacts, "sizes": sizes, "one_sided": one_sided, "plan": plan}
    return silence, outcomes_of_strides(engine, seed, run, **how)


def each_its_sensor(sites: Sequence[str], *, fs: float) -> Wiring:
    """A sensor for each site, all on one clock."""
    infos = tuple(
        SensorInfo(k, "file", "", f"sensor {k}", "", fs, 1, "<i4", SCALE_UV, "known")
        for k in range(1, len(sites) + 1)
    )
    placements = tuple(Placement(k, 0, site) for k, site in enumerate(sites, 1))
    return Wiring(infos, placements, {info.id: ClockRow(info.id, 0, 0.0, fs, 0.0, "file") for info in infos})


def _with_gaps(
    run: Runner,
    emg: dict[str, FloatArray],
    fs: float,
    rng: np.random.Generator,
    begins_s: float,
    *,
    contacts: bool,
) -> Pipeline:
    """Every half minute one of three sensors loses 0.2 to 5 s."""
    events = pipeline_for(run, fs=fs, contacts=contacts).events
    pipeline = Pipeline(each_its_sensor(run.sites, fs=fs), events=events)
    x, step = counts(emg), int(BLOCK_S * fs)
    first_lost = -(-int(begins_s * fs) // step) * step
    lost = {
        first: (int(rng.choice([0, 3, 7])), int(rng.uniform(0.2, 5.0) * fs))
        for first in range(first_lost, len(x), 3 * step)
    }
    for first in range(0, len(x), step):
        column, n = lost.get(first, (-1, 0))
        for k in range(x.shape[1]):
            begin = first + (n if k == column else 0)
            pipeline.push(SampleBlock(k + 1, begin, x[begin : first + step, k : k + 1]))
    return pipeline
