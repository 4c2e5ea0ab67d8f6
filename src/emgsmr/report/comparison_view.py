"""What the page about before and after says, in one language: the same for HTML and PDF."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emgsmr.analysis.comparison.bouts import MIN_BOUTS
from emgsmr.analysis.standing_difference import percent
from emgsmr.report import words
from emgsmr.report.facts import Change
from emgsmr.report.pair_view import PairView, pair_view, plain_sentence

if TYPE_CHECKING:
    from emgsmr.analysis.comparison import Comparison
    from emgsmr.analysis.comparison.judged import Judged
    from emgsmr.report.language import Language

MOST_REASONS = 2
"""That the beginning of the page tells; more of them stand with their pairs only."""


@dataclass(frozen=True, slots=True)
class ComparisonView:
    """All texts of the page, and what its pictures are made from."""

    comparison: Comparison
    language: Language
    tone: str
    title: str
    lead: tuple[str, ...]
    pairs: tuple[PairView, ...]
    changes: dict[str, Change]
    muscles_note: str
    unit: str
    method: tuple[tuple[str, str], ...]
    left_out: tuple[tuple[str, str, str, str, str], ...]
    """When, leg, found, used, why: strides left out."""
    bouts_left_out: tuple[str, ...]
    sensors: tuple[tuple[str, str, str, str], ...]

    @property
    def sites(self) -> list[str]:
        """Sites with a profile."""
        profiles = self.comparison.profiles
        return sorted(set(profiles["site"].astype(str)) if len(profiles) else (), key=words.muscle_rank)

    @property
    def states(self) -> list[str]:
        """States of quality that occur in the bouts, in the order of the legend."""
        found = set(self.comparison.quality["state"].astype(str)) if len(self.comparison.quality) else set()
        return [state for state in words.STATES if state in found]

    @property
    def comparable(self) -> bool:
        """Whether any pair has a picture."""
        return any(pair.comparable for pair in self.pairs)

    @property
    def gait(self) -> bool:
        """Whether the task is walking or running."""
        return all(look["exercise"] is None for look in self.comparison.session["looks"].values())


def comparison_view(comparison: Comparison, language: Language) -> ComparisonView:
    """Say a comparison in a language."""
    from emgsmr.report.comparison_method import (
        bouts_left_out,
        left_out_rows,
        method_rows,
        sensor_rows,
    )

    pairs = tuple(pair_view(row, comparison, language) for row in comparison.rows)
    tone, title = _title(comparison, language)
    replaced = comparison.session["electrodes"]["state"] == "replaced"
    changes = muscle_changes(comparison.rows)
    note = "section.muscles_none" if replaced else "section.muscles_note" if changes else ""
    return ComparisonView(
        comparison=comparison,
        language=language,
        tone=tone,
        title=title,
        lead=tuple(_lead(comparison, language)),
        pairs=pairs,
        changes=changes,
        muscles_note=language(note) if note else "",
        unit=language("unit.own_reference" if replaced else "unit.peak"),
        method=tuple(method_rows(comparison, language)),
        left_out=tuple(left_out_rows(comparison, language)),
        bouts_left_out=tuple(bouts_left_out(comparison, language)),
        sensors=tuple(sensor_rows(comparison, language)),
    )


def _title(comparison: Comparison, language: Language) -> tuple[str, str]:
    verdicts = [row.verdict for row in comparison.rows]
    n = sum(row.primary and row.verdict == "changed" for row in comparison.rows)
    if n:
        return "found", language("compare.title_changed_one" if n == 1 else "compare.title_changed", n=n)
    if "changed" in verdicts:
        return "quiet", language("compare.title_exploratory")
    if not [verdict for verdict in verdicts if verdict != "not_comparable"]:
        return "none", language("compare.title_nothing")
    if set(verdicts) <= {"equivalent", "not_comparable"}:
        return "quiet", language("compare.title_equivalent")
    return "quiet", language("compare.title_none")


def _lead(comparison: Comparison, language: Language) -> list[str]:
    looks = comparison.session["looks"]
    values: dict[str, Any] = {}
    for name, look in looks.items():
        n = len(look["bouts"])
        values[f"n_{name}"] = language("compare.bout_one") if n == 1 else language("compare.bouts", n=n)
        values[f"labels_{name}"] = f" {language('compare.and')} ".join(look["labels"])
        values[f"source_{name}"] = look["recording"]
    two = looks["before"]["recording"] != looks["after"]["recording"]
    answers = list(_answers(comparison, language))
    lines = [language("compare.lead_two" if two else "compare.lead", **values)]
    exercise = looks["before"]["exercise"]
    task = language("compare.gait")
    if exercise:
        task = language.either(f"exercise.{exercise}", exercise.replace("_", " "))
    lines = [*answers, f"{lines[0]} {language('compare.task', task=task)}"]
    if not comparison.rows:
        lines.append(language("compare.no_pair"))
    rows = [row for row in comparison.rows if not row.of.reason]
    fewest = min((min(len(row.of.before), len(row.of.after)) for row in rows), default=0)
    if 0 < fewest <= MIN_BOUTS:
        lines.append(language("compare.few", n=fewest))
    return [*lines, language("compare.cause")]


def _answers(comparison: Comparison, language: Language) -> Iterator[str]:
    """What is behind the title: which primary pairs changed, or why nothing can be compared."""
    rows = comparison.rows
    for row in rows:
        if row.primary and row.verdict == "changed":
            yield f"{language(f'leg.{row.of.side}')}: {plain_sentence(row, comparison, language)}"
    if all(row.verdict == "not_comparable" for row in rows):
        reasons = dict.fromkeys(plain_sentence(row, comparison, language) for row in rows)
        yield from reasons if len(reasons) <= MOST_REASONS else ()


def muscle_changes(rows: Sequence[Judged]) -> dict[str, Change]:
    """What each muscle or group did alone, by its first pair; empty where electrodes were placed anew."""
    found: dict[str, Change] = {}
    for row in rows:
        if row.sdc is None or not (np.isfinite(row.d_prime) and np.isfinite(row.d_compensator)):
            continue
        parts = (
            (row.of.pair.prime_name, row.d_prime),
            (row.of.pair.compensator_name, row.d_compensator),
        )
        for code, value in parts:
            site = f"{code}_{row.of.side}"
            if site not in found:
                n = len(row.of.after)
                found[site] = Change(site, percent(value), n, row.verdict == "changed")
    return found
