"""Short simulated sessions as recordings: one file sensor at 500 Hz, with the true foot contacts."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from math import inf
from pathlib import Path

import numpy as np
import pytest

from emgsmr.analysis import Pipeline
from emgsmr.analysis.comparison import Comparison, ComparisonPlan
from emgsmr.analysis.comparison.bouts import DEFAULT_AFTER, DEFAULT_BEFORE, Bouts, find_bouts
from emgsmr.analysis.comparison.comparison import compare_conditions
from emgsmr.analysis.comparison.condition import Condition
from emgsmr.analysis.comparison.electrodes import ElectrodesFound
from emgsmr.analysis.comparison.plan import Electrodes
from emgsmr.analysis.result import finished_pipeline
from emgsmr.recording import Event, Recorder, Recording, SampleBlock
from emgsmr.simulate import Run, Scenario, simulate_runner, treatment_session

FS = 500.0
SITES = tuple(f"{muscle}_{side}" for muscle in ("GMAX", "BFLH", "MGAS") for side in "LR")


def session(change_pct: float, *, bout_sd: float, n_bouts: int = 3) -> Scenario:
    script = treatment_session(change_pct, n_bouts=n_bouts, bout_s=12.0, rest_s=4.0, bout_sd=bout_sd)
    return dataclasses.replace(script, motion_uv=0.0, stride_sd=0.05, common_sd=0.05)  # bouts are short


def write(
    path: Path,
    run: Run,
    *,
    sites: Mapping[str, str] | Sequence[str] = SITES,
    fs: float = FS,
    keep: Callable[[Event], bool] = lambda _: True,
    extra: Sequence[Event] = (),
    gains: Mapping[str, float] | None = None,
    family: str = "file",
    sensor: str = "session.csv",
    started: str = "2026-05-04T09:00:00Z",
    person: str | None = None,
    contacts: bool = True,
    gaps: Sequence[tuple[float, float]] = (),
) -> Recording:
    """``sites``: what each placement is called, and whose EMG it really gets, where that differs.

    ``gaps``: from when to when (s) nothing was received; to infinity = the recording was broken off.
    """
    really = dict(sites) if isinstance(sites, Mapping) else {site: site for site in sites}
    gains = gains or {}
    x = np.column_stack([gains.get(site, 1.0) * run.emg(of, fs=fs) for site, of in really.items()])
    facts = {"started_utc": started} | ({"person": person} if person else {})
    with Recorder(path, started_ns=0, session=facts) as recorder:
        info = recorder.add_sensor(
            family=family, address="", name=sensor, firmware="", rate_hz=fs, channels=len(really),
            dtype="<i4", scale_uv=0.01, scale_known="known", placements=list(enumerate(really)),
        )  # fmt: skip
        recorder.set_clock(info.id, 0, 0.0, fs, None, "file")
        counts = np.round(100 * x).astype("<i4")
        first = 0
        for begin_s, end_s in [*gaps, (inf, inf)]:
            stop = round(min(begin_s * fs, len(counts)))
            recorder.write(SampleBlock(info.id, first, counts[first:stop]))
            first = round(min(end_s * fs, len(counts)))
            if first == len(counts):
                break
        events = [Event(**event) for event in run.events]
        if contacts:
            events += [
                Event(float(t), kind="foot_contact", side=side)
                for side, times in run.contacts.items()
                for t in times
            ]
        for event in [*filter(keep, events), *extra]:
            recorder.add_event(event)
    return Recording(path)


@pytest.fixture
def record(tmp_path: Path) -> Callable[..., Recording]:
    """``record("a", run, ...)``: see `write`."""

    def make(name: str, run: Run, **options: object) -> Recording:
        return write(tmp_path / f"{name}.emgsmr", run, **options)  # type: ignore[arg-type]

    return make


@pytest.fixture(scope="session")
def changed_run() -> Run:
    """P1 of the right leg changes by 40 %; bouts differ by 3 %."""
    return simulate_runner(session(40.0, bout_sd=0.03), seed=3)


@pytest.fixture(scope="session")
def changed_session(changed_run: Run, tmp_path_factory: pytest.TempPathFactory) -> Recording:
    return write(tmp_path_factory.mktemp("comparison") / "changed.emgsmr", changed_run)


@pytest.fixture(scope="session")
def changed_pipeline(changed_session: Recording) -> Pipeline:
    """Run once, compared in many ways."""
    return finished_pipeline(changed_session)


@pytest.fixture
def judged() -> Callable[..., Comparison]:
    """``judged(pipeline, plan)``, or ``judged(before, plan, after=other, electrodes="replaced")``."""

    def make(
        before: Pipeline,
        plan: ComparisonPlan | None = None,
        *,
        after: Pipeline | None = None,
        electrodes: Electrodes = "kept",
    ) -> Comparison:
        plan, after = plan or ComparisonPlan(), after or before
        looks = (
            Condition("before", before, _bouts(before, plan.before, DEFAULT_BEFORE), "before.emgsmr"),
            Condition("after", after, _bouts(after, plan.after, DEFAULT_AFTER), "after.emgsmr"),
        )
        return compare_conditions(*looks, electrodes=ElectrodesFound(electrodes, "as told"), plan=plan)

    return make


def _bouts(pipeline: Pipeline, wanted: Sequence[str], default: Sequence[tuple[str, ...]]) -> Bouts:
    return find_bouts(pipeline.events, wanted, default=default, exercise=None)
