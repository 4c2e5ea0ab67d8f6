"""Tables of the detector's silence, of the model's story and of the cost."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

from validation.detector_cost import Cost
from validation.detector_disturbances import CASES
from validation.detector_engines import CAVEAT
from validation.detector_silent import Silence
from validation.detector_statistics import middle_text, rate
from validation.detector_story import Story
from validation.section import Section

MAY_ALARM_PER_HOUR = 0.1


def hours_section(silences: Sequence[Silence]) -> Section:
    """Runs in which nothing happens."""
    groups: dict[tuple[str, str], list[Silence]] = {}
    for silence in silences:
        groups.setdefault((silence.engine, silence.case), []).append(silence)
    rows = [_hours_row(*key, group) for key, group in groups.items()]
    alarms, hours = sum(len(s.said.alarms) for s in silences), sum(s.hours for s in silences)
    if silences:
        rows.append(_hours_row("all", "", silences))
    return Section(
        "False alarms where nothing happens",
        "simulated and real strides, every run with another seed",
        "Hours count from the end of the baseline, with four charts (two pairs, two legs). An alarm is a "
        "finding of tier 1 or above. Strides measured directly have the pipeline's windows on its filtered "
        "signal, but no rhythm, quality states or removal of hum. The naive rule: a ten-stride median above "
        "+20 %, alarms within two "
        f"minutes of each other counted once. {CAVEAT}",
        ("engine", "what", "runs", "hours", "alarms", "per hour (95 % CI)", "notices", "naive rule: alarms"),
        rows,
        f"at most {MAY_ALARM_PER_HOUR:g} alarms per hour over all (judged on ten hours or more)",
        alarms <= MAY_ALARM_PER_HOUR * hours if MAY_ALARM_PER_HOUR * hours >= 1.0 else None,
    )


def _naive(silence: Silence) -> int:
    return sum(len(times) for times in silence.said.naive.values())


def _hours_row(engine: str, case: str, group: Sequence[Silence]) -> list[object]:
    alarms, hours = sum(len(s.said.alarms) for s in group), sum(s.hours for s in group)
    at, low, high = rate(alarms, hours)
    notices = sum(f.tier == 0 for s in group for f in s.said.findings)
    return [
        engine,
        case,
        len(group),
        f"{hours:.1f}",
        alarms,
        f"{at:.2f} ({low:.2f}–{high:.2f})",
        notices,
        sum(_naive(s) for s in group),
    ]


def disturbances_section(silences: Sequence[Silence]) -> Section:
    """What has to stay without an alarm, whatever it does to the ratio."""
    wanted = {name: case.must_say for name, case in CASES.items()}
    groups: dict[tuple[str, str], list[Silence]] = {}
    for silence in silences:
        groups.setdefault((silence.case, silence.engine), []).append(silence)
    rows: list[list[object]] = []
    for (name, engine), group in groups.items():
        loud = sum(bool(s.said.alarms) for s in group)
        said = Counter(f"{f.pattern} (tier {f.tier})" for s in group for f in s.said.findings)
        must = wanted[name]
        named = (
            f"{must.replace('_', ' ')}: {sum(s.says(must) for s in group)} of {len(group)}" if must else ""
        )
        rows.append(
            [
                name,
                engine,
                len(group),
                loud,
                "silent" if not loud else "**alarms**",
                ", ".join(f"{n} × {what.replace('_', ' ')}" for what, n in said.most_common()) or "nothing",
                named if must else "",
                sum(_naive(s) > 0 for s in group),
            ]
        )
    return Section(
        "What must stay silent",
        "simulated and real strides, several seeds each",
        "Each begins a minute after the baseline and lasts to the end, seven minutes later. "
        f"A notice (tier 0) is allowed. {CAVEAT}",
        (
            "what happens",
            "engine",
            "runs",
            "with an alarm",
            "verdict",
            "said",
            "named as",
            "naive rule: runs with an alarm",
        ),
        rows,
        "no alarm in any run of all of these",
        all(row[3] == 0 for row in rows) if {row[0] for row in rows} == set(CASES) else None,
    )


def story_section(stories: Sequence[Story], tiring: Sequence[tuple[int, int]]) -> Section:
    """The model of inhibition, compensation and fatigue."""
    rows = [
        [s.seed, *(_at(t) for t in (s.tier2_s, s.tier3_s, s.fatigue_s, s.weak_s, s.weak_anyway_s, s.lead_s))]
        for s in stories
    ]
    leads = [s.lead_s for s in stories if s.lead_s is not None]
    reached = sum(s.tier2_s is not None for s in stories)
    tier2 = sum(two for _, two in tiring)
    text = (
        "The right hamstrings take over 25 % for the gluteus after the baseline and tire as their motor "
        "units do, at the load of the scenario `glute_inhibition` (a burst's top is at 40 % of maximal "
        "force; the lead depends on it, see decision 0042). "
        f"Tier 2 was reached in {reached} of {len(stories)} runs, the hamstrings' force fell by "
        f"5 % in {sum(s.weak_s is not None for s in stories)}; lead of tier 2 over it, median (IQR): "
        f"{middle_text(leads) or 'none'} s. Where all muscles tire and none takes over (`fatigue_only`, "
        f"{len(tiring)} runs): {sum(one for one, _ in tiring)} alarms, {tier2} of tier 2. {CAVEAT}"
    )
    columns = (
        "seed",
        "tier 2, s",
        "tier 3, s",
        "first fatigue quadrant (JASA), s",
        "force −5 %, s",
        "without the change, s",
        "lead, s",
    )
    return Section(
        "A muscle that takes over tires: the model",
        "simulated: pools of motor units",
        text,
        columns,
        rows,
        "tier 2 before the loss of force in every run that has both; none where muscles only tire",
        all(lead > 0 for lead in leads) and tier2 == 0 if stories else None,
    )


def _at(t_s: float | None) -> str:
    return "" if t_s is None else f"{t_s:.0f}"


def cost_section(costs: Sequence[Cost]) -> Section:
    """What it costs live."""
    rows = [
        [
            f"{c.pipeline_pct:.2f}",
            f"{c.detector_pct:.3f}",
            f"{100 * c.detector_pct / c.pipeline_pct:.1f}",
            f"{c.learning_ms:.0f}",
            f"{c.p99_ms:.2f}",
        ]
        for c in costs
    ]
    return Section(
        "What the detector costs live",
        "simulated: eight sensors at 1000 Hz, packets of 20 ms",
        "Processor time of the thread after the baseline, at real pace. Learning the charts happens once, at "
        "the baseline's end. The numbers are this machine's; other work on it makes them larger. " + CAVEAT,
        (
            "whole pipeline, % of a core",
            "detector, % of a core",
            "of the pipeline, %",
            "learning, ms",
            "packet, 99 % within, ms",
        ),
        rows,
        "the detector takes less than 1 % of a core",
        all(c.detector_pct < 1.0 for c in costs) if costs else None,
    )
