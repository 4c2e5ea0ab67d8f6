"""Tables of the detector's validation, with exact intervals."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

import numpy as np

from validation.detector_changes import Outcome
from validation.detector_cost import Cost
from validation.detector_disturbances import CASES
from validation.detector_silent import Silence
from validation.detector_statistics import middle_text, rate, share, share_text
from validation.detector_story import Story
from validation.section import Section

CAVEAT = "This shows that an injected compensation is found; it says nothing about cramps."
MAY_ALARM_PER_HOUR = 0.1


def by_change(outcomes: Iterable[Outcome]) -> dict[tuple[str, float], list[Outcome]]:
    """Outcomes of each kind and size."""
    groups: dict[tuple[str, float], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.change.kind, outcome.change.size_pct), []).append(outcome)
    return groups


CHANGE_COLUMNS = (
    "scripted",
    "size, %",
    "ratio, %",
    "n",
    "found, % (95 % CI)",
    "pattern right, % of found",
    "tier 2, % of all",
    "delay after reaching it, s: median (IQR)",
    "within 60 s, % of all",
    "error of the ratio, %: median (IQR)",
    "interval holds it, % of found",
    "naive rule finds, %",
)


def change_row(group: Sequence[Outcome]) -> list[object]:
    """One size of one kind of change."""
    n = len(group)
    found = [o for o in group if o.finding is not None]
    k = len(found)
    return [
        group[0].change.kind.replace("_", " "),
        f"{group[0].change.size_pct:g}",
        f"{group[0].change.ratio_pct:+.0f}",
        n,
        share_text(k, n),
        share_text(sum(o.told for o in found), k),
        f"{100 * sum(o.at_tier2 for o in group) / n:.0f}",
        middle_text(o.delay_s for o in found),
        f"{100 * sum(o.delay_s <= 60.0 for o in found) / n:.0f}",
        middle_text((o.error_pct for o in found), 1),
        share_text(sum(o.covered for o in found), k),
        f"{100 * sum(o.naive_s is not None for o in group) / n:.0f}",
    ]


NUMBER_COLUMNS = (
    *(
        "engine",
        "kind",
        "size_pct",
        "ratio_pct",
        "n",
        "found",
        "found_pct",
        "found_low_pct",
        "found_high_pct",
    ),
    *("pattern_right", "tier2", "within_60_s", "delay_s", "error_pct", "interval_holds", "naive_found"),
)


def numbers(outcomes: Sequence[Outcome]) -> list[list[object]]:
    """The same for programs: counts, and medians of what was found."""
    rows: list[list[object]] = []
    for engine in dict.fromkeys(o.engine for o in outcomes):
        for (kind, size), group in by_change(o for o in outcomes if o.engine == engine).items():
            found = [o for o in group if o.finding is not None]
            percent = [f"{p:.1f}" for p in share(len(found), len(group))]
            delay, error = (
                f"{np.median(values):.1f}" if values else ""
                for values in ([o.delay_s for o in found], [o.error_pct for o in found])
            )
            rows.append(
                [
                    *(engine, kind, f"{size:g}", f"{group[0].change.ratio_pct:.1f}", len(group), len(found)),
                    *percent,
                    *(sum(o.told for o in group), sum(o.at_tier2 for o in group)),
                    *(sum(o.delay_s <= 60.0 for o in found), delay, error),
                    *(sum(o.covered for o in found), sum(o.naive_s is not None for o in group)),
                ]
            )
    return rows


def changes_section(engine: str, source: str, outcomes: Sequence[Outcome], horizon_s: float) -> Section:
    """What was found of the changes scripted into the runners of one engine."""
    groups = by_change(outcomes)
    quarter = groups.get(("compensation", 25.0), [])
    k, soon = sum(o.found for o in quarter), sum(o.delay_s <= 60.0 for o in quarter)
    met = None
    if quarter:
        met = k >= 0.95 * len(quarter) and soon >= 0.5 * len(quarter)
    seeds = sorted({o.seed for o in outcomes})
    given = sum(o.contacts for o in outcomes)
    elsewhere = sum(o.elsewhere for o in outcomes)
    text = (
        f"{len(seeds)} runners; after five minutes of baseline the change comes within a minute and stays "
        f"for {horizon_s:g} s. Compensation: the prime mover falls and the compensator rises by the size; "
        "the others: one of both. P1 on one leg and P2 on the other. Found: an alarm (tier 1 or above) of "
        "the right pair and side after the change began; other alarms of these legs: "
        f"{elsewhere}. Foot contacts were given in {100 * given / len(outcomes):.0f} % of the runs, the "
        f"others had the EMG's rhythm. The naive rule: a ten-stride median above +20 %. {CAVEAT}"
    )
    return Section(
        f"Changes found: {engine}",
        source,
        text,
        CHANGE_COLUMNS,
        [change_row(group) for group in groups.values()],
        "of 25 % compensations at least 95 % are found, and half within 60 s of reaching size",
        met,
    )


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
        "finding of tier 1 or above. The naive rule: a ten-stride median above +20 %, alarms within two "
        f"minutes of each other counted once. {CAVEAT}",
        ("engine", "what", "runs", "hours", "alarms", "per hour (95 % CI)", "notices", "naive rule: alarms"),
        rows,
        f"at most {MAY_ALARM_PER_HOUR:g} alarms per hour over all",
        alarms <= MAY_ALARM_PER_HOUR * hours if silences else None,
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
        "no alarm in any run",
        all(row[3] == 0 for row in rows) if rows else None,
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
        f"units do. Tier 2 was reached in {reached} of {len(stories)} runs, the hamstrings' force fell by "
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
