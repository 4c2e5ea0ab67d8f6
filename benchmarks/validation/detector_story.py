"""The chain as a model: a gluteus leaves work to the hamstrings, and they tire. What was said, and when."""

from __future__ import annotations

from dataclasses import dataclass

from emgsmr.analysis.tables import fatigue_table
from emgsmr.simulate import SCENARIOS, simulate_runner
from emgsmr.simulate.scenario import Shift
from validation.detector_engines import FULL, Engine, Plan, counts, feed, pipeline_for, script, volts

PAIR, SIDE, SIZE = "P1", "R", 0.25
LOAD = SCENARIOS["glute_inhibition"].load
"""Top of a burst as a part of maximal force: that of the story in the library."""
COMPENSATORS = ("BFLH_R", "ST_R")


@dataclass(frozen=True, slots=True)
class Story:
    """One runner of the pool engine; times in s, None = it did not happen.

    ``weak_s``: the first hamstring's maximal force is 5 % below that at the end of the baseline.
    ``weak_anyway_s``: the same in the same runner without the change. ``fatigue_s``: the first window of a
    hamstring in the fatigue quadrant (JASA) after the change.
    """

    seed: int
    tier2_s: float | None
    tier3_s: float | None
    weak_s: float | None
    weak_anyway_s: float | None
    fatigue_s: float | None
    wrong: int

    @property
    def lead_s(self) -> float | None:
        """From tier 2 to the loss of force."""
        return self.weak_s - self.tier2_s if self.weak_s is not None and self.tier2_s is not None else None


def _first(times: list[float | None]) -> float | None:
    return min((t for t in times if t is not None), default=None)


def tell(engine: Engine, seed: int, *, minutes: float, plan: Plan = FULL) -> Story:
    """One runner whose right hamstrings take over 25 % for the rest of the run."""
    until_s = plan.learned_s + 60.0 * minutes
    shift = Shift(PAIR, SIDE, SIZE, onset_s=plan.onset_s, ramp_s=plan.ramp_s)
    run = engine.runner(script(plan, until_s=until_s, load=LOAD, shifts=(shift,)), seed)
    usual = engine.runner(script(plan, until_s=until_s, load=LOAD), seed)
    pipeline = pipeline_for(run, fs=engine.fs, contacts=False)
    x = counts(volts(run, fs=engine.fs))
    feed(pipeline, x, 0, len(x), fs=engine.fs)
    pipeline.finish()
    alarms = [f for f in pipeline.findings() if f.tier >= 1]
    ours = [f for f in alarms if (f.pair, f.side) == (PAIR, SIDE)]
    table = fatigue_table(pipeline.legs.values(), pipeline.sites, pipeline.settings)
    tired = table[
        table["site"].isin(COMPENSATORS) & (table["jasa"] == "fatigue") & (table["t_s"] > plan.onset_s)
    ]
    weak, anyway = (
        _first([one.truth["t_force_5pct_s"][site] for site in COMPENSATORS])  # type: ignore[attr-defined]
        for one in (run, usual)
    )
    return Story(
        seed,
        _first([f.t_tier2_s for f in ours]),
        _first([f.t_tier3_s for f in ours]),
        weak,
        anyway,
        float(tired["t_s"].min()) if len(tired) else None,
        len(alarms) - len(ours),
    )


def only_tires(engine: Engine, seed: int, *, minutes: float) -> tuple[int, int]:
    """Alarms, and those of tier 2 and above, of the library's run in which all muscles tire alike."""
    run = simulate_runner("fatigue_only", seed=seed, minutes=minutes, **{"engine": "pool"})  # type: ignore[arg-type]
    pipeline = pipeline_for(run, fs=engine.fs, contacts=False)
    x = counts(volts(run, fs=engine.fs))
    feed(pipeline, x, 0, len(x), fs=engine.fs)
    pipeline.finish()
    tiers = [f.tier for f in pipeline.findings()]
    return sum(tier >= 1 for tier in tiers), sum(tier >= 2 for tier in tiers)
