"""Strides measured directly, for many hours: the pipeline's windows on its filtered signal, no more.

The contacts are the true ones, no second is judged and no hum removed, no onset and no spectrum found. The
power of windows and quiet parts is the same as the pipeline's (tested), at a tenth of its time. What it shows
is how often the charts alarm on healthy strides; that quality states, rhythm and hum add nothing to it is
shown by the runs that go through the whole pipeline.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis import Settings
from emgsmr.analysis.facts import N_BINS, SiteFacts
from emgsmr.analysis.strides import Stride
from emgsmr.simulate.profile import Gait
from validation.detector_changes import Outcome
from validation.detector_engines import FULL, Engine, Plan, Runner, pipeline_for, script
from validation.detector_silent import Silence
from validation.detector_strides import Walked, outcomes_of_strides, replayed
from validation.strides import SCALE_UV

FloatArray = NDArray[np.float64]


def measured(run: Runner, *, fs: float, gait: Gait, plan: Plan) -> Walked:
    """The strides of a run between its true contacts."""
    pipeline = pipeline_for(run, fs=fs, contacts=False)
    settings = Settings()
    sos = dsp.design_bandpass(
        low_hz=settings.low_hz, high_hz=settings.high_hz, fs=fs, order=settings.filter_order
    )
    rest: dict[str, float] = {}
    strides: dict[str, tuple[Stride, ...]] = {}
    for side, leg in pipeline.legs.items():
        contacts = np.asarray(run.contacts[side])
        facts: dict[str, list[SiteFacts]] = {}
        for group in leg.builder._groups:
            for site in group.sites:
                counts = np.round(run.emg(site, fs=fs) / SCALE_UV)[:, None]
                y, _ = dsp.bandpass(counts * SCALE_UV, sos=sos)
                energy = np.concatenate([[0.0], np.cumsum(np.square(y[:, 0]))])
                facts[site] = _facts(energy, contacts, group.windows[gait], fs)
                if any(event["label"] == "rest" for event in run.events):
                    rest[site] = _rest(energy, plan.stands_s, fs)
        strides[side] = tuple(_strides(contacts, side, gait, facts))
    phases = tuple(event for event in pipeline.events if event.kind == "phase")
    return Walked(fs, tuple(run.sites), phases, strides, rest)


def _facts(
    energy: FloatArray, contacts: FloatArray, windows: dict[str, tuple[float, float]], fs: float
) -> list[SiteFacts]:
    """Of each stride but the first, as far as the signal goes."""
    begin, length, before = contacts[1:-1], np.diff(contacts)[1:], np.diff(contacts)[:-1]

    def at(pct: float) -> NDArray[np.int64]:
        index = np.ceil((begin + pct / 100.0 * (length if pct >= 0 else before)) * fs)
        return np.asarray(np.clip(index, 0, len(energy) - 1), dtype=np.int64)

    edges = np.ceil(np.linspace(begin, contacts[2:], N_BINS + 1) * fs).astype(np.int64)
    edges = np.clip(edges, 0, len(energy) - 1)
    bins = (np.diff(energy[edges], axis=0) / np.maximum(np.diff(edges, axis=0), 1)).T
    quiet = np.quantile(bins, 0.1, axis=1)
    power = {}
    for name, (start_pct, stop_pct) in windows.items():
        start, stop = at(start_pct), at(stop_pct)
        power[name] = (energy[stop] - energy[start]) / np.maximum(stop - start, 1)
    inside = at(max(stop for _, stop in windows.values())) < len(energy) - 1
    return [
        SiteFacts(True, "", {name: float(p[k]) for name, p in power.items()}, bins[k], float(quiet[k]))
        for k in range(len(begin))
        if inside[k]
    ]


def _strides(contacts: FloatArray, side: str, gait: Gait, facts: dict[str, list[SiteFacts]]) -> list[Stride]:
    n = min(len(of_site) for of_site in facts.values())
    return [
        Stride(
            side,  # type: ignore[arg-type]
            k + 1,
            float(contacts[k + 1]),
            float(contacts[k + 2]),
            float(contacts[k + 1] - contacts[k]),
            gait,
            "events",
            valid=True,
            reason="",
            sites={site: of_site[k] for site, of_site in facts.items()},
        )
        for k in range(n)
    ]


def _rest(energy: FloatArray, stop_s: float, fs: float) -> float:
    """Median power of the seconds of standing; the filter settles in the first."""
    edges = (np.arange(1, int(stop_s) + 1) * fs).astype(np.int64)
    return float(np.median(np.diff(energy[edges]) / np.diff(edges)))


def direct_silence(
    engine: Engine,
    seed: int,
    *,
    minutes: float,
    gait: Gait = "run",
    sizes: Sequence[float],
    one_sided: Sequence[float],
    plan: Plan = FULL,
) -> tuple[Silence, list[Outcome]]:
    """A healthy run of some minutes beyond the baseline, and all changes scripted into its strides."""
    gait = "walk" if engine.gait == "walk" else gait
    run = engine.runner(script(plan, until_s=plan.learned_s + 60.0 * minutes, gait=gait), seed)
    over = measured(run, fs=engine.fs, gait=gait, plan=plan)
    said = replayed(over, after_s=plan.learned_s)
    case = "nothing happens, " + ("walking" if gait == "walk" else "running") + ", strides measured directly"
    silence = Silence(engine.name, case, seed, True, minutes / 60.0, said)
    found = outcomes_of_strides(
        engine, seed, over, contacts=True, sizes=sizes, one_sided=one_sided, plan=plan
    )
    return silence, found
