"""What the page about before and after says of one pair on one leg, in one language."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emgsmr.analysis.comparison.words import notes_of
from emgsmr.analysis.standing_difference import percent

if TYPE_CHECKING:
    from emgsmr.analysis.comparison import Comparison
    from emgsmr.analysis.comparison.judged import Judged
    from emgsmr.report.language import Language

SIGNS = {"changed": "▲", "no_detectable_change": "○", "equivalent": "=", "not_comparable": "–"}
TONES = {
    "changed": "alarm",
    "no_detectable_change": "steady",
    "equivalent": "steady",
    "not_comparable": "untested",
}
"""Classes of the style sheet."""

MOST_NOTES = 2
"""Bouts left out that are named with a pair that cannot be compared."""

SMALL_P = 0.001
"""Smaller ones are not told apart: no assumption behind them holds so well."""


@dataclass(frozen=True, slots=True)
class PairView:
    """One pair on one leg: a word, one plain sentence, the numbers behind it."""

    row: Judged
    leg: str
    name: str
    word: str
    sign: str
    tone: str
    sentence: str
    details: tuple[str, ...]

    @property
    def key(self) -> str:
        """For ids on the page."""
        return f"{self.row.of.pair.id}-{self.row.of.side}"

    @property
    def comparable(self) -> bool:
        """Whether there is a picture."""
        return self.row.sdc is not None


def pair_view(row: Judged, comparison: Comparison, language: Language) -> PairView:
    """A row in words."""
    of = row.of
    name = language.pair(of.pair.prime_name, of.pair.compensator_name)
    if not row.primary:
        name = f"{name} ({language('compare.exploratory')})"
    sign = SIGNS[row.verdict]
    if row.verdict == "changed" and row.change.y < 0:
        sign = "▼"
    return PairView(
        row=row,
        leg=language(f"leg.{of.side}"),
        name=name,
        word=language(f"verdict.{row.verdict}"),
        sign=sign,
        tone=TONES[row.verdict],
        sentence=plain_sentence(row, comparison, language),
        details=tuple(_details(row, comparison, language)),
    )


def plain_sentence(row: Judged, comparison: Comparison, language: Language) -> str:
    """One sentence that a client understands."""
    names = {
        "prime": language.muscle(row.of.pair.prime_name),
        "compensator": language.muscle(row.of.pair.compensator_name),
    }
    if row.verdict == "not_comparable" or row.sdc is None:
        return language("pair_says.not_comparable", reason=reason_of(row, language))
    if row.verdict == "equivalent":
        margin = language.percent(comparison.plan.margin_pct, signed=False)
        return _start(language("pair_says.equivalent", margin=margin, **names))
    if row.verdict == "changed":
        key = "changed_up" if row.change.y > 0 else "changed_down"
        change = language.percent(abs(percent(row.change.y)), signed=False)
        return _start(language(f"pair_says.{key}", change=change, **names))
    return _start(language("pair_says.no_detectable_change", reach=_reach(row, language), **names))


def _start(text: str) -> str:
    return text[:1].upper() + text[1:]


def reason_of(row: Judged, language: Language) -> str:
    """Why a row cannot be compared."""
    parts = row.of.reason.split(" and only ")  # too few bouts on both sides: two reasons in one
    said = [language.said(part if k == 0 else f"only {part}") for k, part in enumerate(parts)]
    return f" {language('compare.and')} ".join(said)


def _reach(row: Judged, language: Language) -> str:
    """How large a change may hide, by the interval's ends."""
    low, high = percent(row.change.low), percent(row.change.high)
    if low < 0 < high:
        ends = {
            "low": language.percent(-low, signed=False),
            "high": language.percent(high, signed=False),
        }
        return language("pair_says.up_to_either", **ends)
    if high > 0:
        return language("pair_says.up_to_more", change=language.percent(high, signed=False))
    return language("pair_says.up_to_less", change=language.percent(-low, signed=False))


def _details(row: Judged, comparison: Comparison, language: Language) -> list[str]:
    listed = {left.sentence for left in row.of.left_out}  # among what was left out, further down
    if row.sdc is None:
        notes = [note for note in row.of.notes if note not in listed or len(listed) <= MOST_NOTES]
        return [language("detail.note", note="; ".join(map(language.said, notes)))] * bool(notes)
    change = {"change": _percent(row.change.y, language)} | {
        name: _percent(value, language)
        for name, value in (("low", row.change.low), ("high", row.change.high))
    }
    sdc = language.percent(percent(row.sdc.y), signed=False)
    found = [language("detail.change", sdc=sdc, source=language.said(row.sdc.source), **change)]
    if np.isfinite(row.p_corrected):
        key = "detail.p_primary" if row.primary else "detail.p_exploratory"
        p = language.number(row.p_corrected, ".2g" if row.p_corrected < 0.1 else ".2f")
        if row.p_corrected < SMALL_P:
            p = f"< {language.number(SMALL_P)}"
        found.append(language(key, p=p))
    if np.isfinite(row.d_prime) and np.isfinite(row.d_compensator):
        found.append(
            language(
                "detail.parts",
                prime=language.muscle(row.of.pair.prime_name),
                compensator=language.muscle(row.of.pair.compensator_name),
                d_prime=_percent(row.d_prime, language),
                d_compensator=_percent(row.d_compensator, language),
            )
        )
    if comparison.plan.treated == row.of.side and np.isfinite(row.control.y):
        values = {"change": row.control.y, "low": row.control.low, "high": row.control.high}
        other = {name: _percent(value, language) for name, value in values.items()}
        found.append(language("detail.other_leg", **other))
    if notes := [note for note in notes_of(row) if note not in listed]:
        found.append(language("detail.note", note="; ".join(map(language.said, notes))))
    return found


def _percent(y: float, language: Language) -> str:
    return language.percent(percent(y))
