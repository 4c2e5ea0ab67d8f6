"""Tables of the detector's validation, with exact intervals."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import numpy as np

from validation.detector_changes import Outcome
from validation.detector_engines import CAVEAT, Engine, Plan
from validation.detector_statistics import middle_text, share, share_text
from validation.section import Section


def by_change(outcomes: Iterable[Outcome]) -> dict[tuple[str, float], list[Outcome]]:
    """Outcomes of each kind and size."""
    groups: dict[tuple[str, float], list[Outcome]] = {}
    for outcome in outcomes:
        groups.setdefault((outcome.change.kind, outcome.change.size_pct), []).append(outcome)
    return groups


FEWEST = 20
"""Changes that a bar is judged on: of fewer, one that is missed would be more than 5 %."""

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
    for engine, level in dict.fromkeys((o.engine, o.level) for o in outcomes):
        ours = [o for o in outcomes if (o.engine, o.level) == (engine, level)]
        for (kind, size), group in by_change(ours).items():
            found = [o for o in group if o.finding is not None]
            percent = [f"{p:.1f}" for p in share(len(found), len(group))]
            delay, error = (
                f"{np.median(values):.1f}" if values else ""
                for values in ([o.delay_s for o in found], [o.error_pct for o in found])
            )
            rows.append(
                [
                    *(engine, level, kind, f"{size:g}", f"{group[0].change.ratio_pct:.1f}", len(group)),
                    len(found),
                    *percent,
                    *(sum(o.told for o in group), sum(o.at_tier2 for o in group)),
                    *(sum(o.delay_s <= 60.0 for o in found), delay, error),
                    *(sum(o.covered for o in found), sum(o.naive_s is not None for o in group)),
                ]
            )
    return rows


def changes_section(engine: Engine, level: str, outcomes: Sequence[Outcome], plan: Plan) -> Section:
    """What was found of the changes scripted into the runners of one engine."""
    groups = by_change(outcomes)
    quarter = groups.get(("compensation", 25.0), [])
    k, soon = sum(o.found for o in quarter), sum(o.delay_s <= 60.0 for o in quarter)
    met = None
    if len(quarter) >= FEWEST:
        met = k >= 0.95 * len(quarter) and soon >= 0.5 * len(quarter)
    seeds = sorted({o.seed for o in outcomes})
    elsewhere = sum(o.elsewhere for o in outcomes)
    given_pct = 100 * sum(o.contacts for o in outcomes) / len(outcomes)
    text = (
        f"{len(seeds)} runners; after {plan.baseline_s:g} s of baseline the change comes within "
        f"{plan.ramp_s:g} s and stays for {plan.horizon_s:g} s. Compensation: the prime mover falls and the "
        "compensator rises by the size; the others: one of both. P1 on one leg and P2 on the other. Found: "
        "an alarm (tier 1 or above) of the right pair and side after the change began; other alarms of these "
        f"legs: {elsewhere}. Foot contacts were given in {given_pct:.0f} % of the runs, the others had the "
        "EMG's rhythm. The naive rule: "
        f"a ten-stride median above +20 %. {CAVEAT}"
    )
    return Section(
        f"Changes found: {engine.name}, scripted into the {level}",
        engine.source,
        text,
        CHANGE_COLUMNS,
        [change_row(group) for group in groups.values()],
        f"of 25 % compensations ({FEWEST} or more) 95 % are found, half of all within 60 s of reaching it",
        met,
    )


def levels_section(runners: Sequence[Sequence[Outcome]]) -> Section:
    """Whether scripting into strides says the same as scripting into signals."""
    rows, agree_all = [], []
    for engine in dict.fromkeys(runner[0].engine for runner in runners):
        ours = [o for runner in runners for o in runner if o.engine == engine]
        half = {level: [o for o in ours if o.level == level] for level in ("signals", "strides")}
        pairs = list(zip(half["signals"], half["strides"], strict=True))
        both = [(a, b) for a, b in pairs if a.finding is not None and b.finding is not None]
        agree = sum(a.found == b.found for a, b in pairs)
        agree_all.append(agree >= 0.9 * len(pairs))
        rows.append(
            [
                engine,
                len(pairs),
                share_text(agree, len(pairs)),
                share_text(sum(a.finding.pattern == b.finding.pattern for a, b in both), len(both)),
                middle_text((b.delay_s - a.delay_s for a, b in both), 1),
                middle_text((b.finding.change_pct - a.finding.change_pct for a, b in both), 1),
            ]
        )
    return Section(
        "Changes in strides against changes in signals",
        "the same runners and changes",
        "The engines' runners once with the change in their signals and once with it in the strides that "
        f"were measured without it. Differences are strides minus signals. {CAVEAT}",
        (
            "engine",
            "changes",
            "both found or both not, %",
            "same pattern, %",
            "delay, s: median (IQR)",
            "change of the ratio, points: median (IQR)",
        ),
        rows,
        "at least 90 % agree on whether it is found",
        all(agree_all) if rows else None,
    )
