"""German pages hold no English word, but for names and what people wrote; what the analysis says is known."""

from __future__ import annotations

import ast
import inspect
import re
from html.parser import HTMLParser
from pathlib import Path
from types import ModuleType

import pytest

from emgsmr.analysis import hints, notices, quality
from emgsmr.analysis.shares import NO_REFERENCE
from emgsmr.analysis.trend import TrendSession, trend_table
from emgsmr.anatomy import load_catalog
from emgsmr.recording.library import ClientSession
from emgsmr.report.comparison_page import render_comparison
from emgsmr.report.language import load_language
from emgsmr.report.page import render
from emgsmr.report.trend_page import render_trend
from emgsmr.sensors import FAMILIES

WORDS = """
the and were with of bout bouts is are not no to from on for by be been than that this which at it
its or but if only after before between muscle muscles stride strides found used left right both
each one two change changed missing unknown known none own day days baseline run running walking
walk noise gap radio file cannot measure measured electrode electrodes notice mean whole first last
time steps repetitions rest since until leg pair flagged usable sites site channel
"""
ENGLISH = frozenset(WORDS.split())
"""Words of the pages that are no German ones (was, in and am are both)."""


class TextNodes(HTMLParser):
    """What a page says: text, and labels that are read aloud; not the settings at its end."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in ("style", "script", "pre")
        self.found += [value for name, value in attrs if name in ("aria-label", "title", "alt") and value]

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in ("style", "script", "pre")

    def handle_data(self, data: str) -> None:
        if data.strip() and not self._silent:
            self.found.append(" ".join(data.split()))


def english_of(page: str, *, names: tuple[str, ...] = ()) -> list[str]:
    """Text nodes with an English word; ``names`` of files and devices are nobody's language."""
    nodes = TextNodes()
    nodes.feed(page)
    found = []
    for text in nodes.found:
        said = text
        for name in names:
            said = said.replace(name, "")
        if ENGLISH & set(re.findall(r"[a-zäöüß']+", said.casefold())):
            found.append(text)
    return found


def test_an_english_page_is_caught(comparison_text: str) -> None:
    assert len(english_of(comparison_text)) > 30


COMPARISONS = {
    "changed": {},
    "unchanged": {"shift": 0.0},
    "equivalent": {"shift": 0.0, "margin_pct": 25.0},
    "replaced": {"shift": 0.6, "replaced": True},
    "nothing": {"rows": False},
    "left out": {"left_out": "it was broken off after 10 of 32 s"},
    "gap": {"left_out": "11 of its 32 s were received from GMAX_R, BFLH_R"},
    "few": {"reason": "only 2 bouts after were recorded for this leg, 3 are needed"},
    "montage": {
        "reason": "the montage was changed: GMAX_L was measured with another channel after than before; "
        "BFLH_L was measured with another gain after than before"
    },
    "swapped": {
        "reason": "left and right look exchanged between before and after (GMAX_L, GMAX_R work half a stride "
        "later): check the sensors; if they are right, say that the sides were checked (--sides-checked)"
    },
    "notes": {
        "notes": (
            "cadence +6 %, which moves a ratio by itself",
            "without ST_R, which was not measured both times",
            "without ST_R, whose signal before and after cannot be used",
            "bouts could not be paired, since not the same ones are there before and after",
            "before the treatment the ratio moved by 5 % from one set to the next",
        )
    },
}


@pytest.mark.parametrize("name", COMPARISONS)
def test_before_and_after(name: str, made_up: ModuleType) -> None:
    page = render_comparison(made_up.comparison(**COMPARISONS[name]), lang="de")
    assert english_of(page, names=("session.emgsmr", "file.csv", "session.json", "--sides-checked")) == []


@pytest.mark.parametrize("name", ["full", "quiet", "nothing", "one_channel", "no_baseline", "no_valid"])
def test_the_session_page(name: str, synthetic: ModuleType) -> None:
    analysis = {
        "full": lambda: synthetic.analysis(),
        "quiet": lambda: synthetic.analysis(minutes=9, flagged=False),
        "nothing": synthetic.without_rows,
        "one_channel": synthetic.one_channel,
        "no_baseline": lambda: _without_baseline(synthetic),
        "no_valid": lambda: _without_valid_strides(synthetic),
    }[name]()
    assert (
        english_of(
            render(analysis, lang="de"), names=("session.json", "tight, not painful", "Phase baseline")
        )
        == []
    )


def _without_baseline(synthetic: ModuleType) -> object:
    analysis = synthetic.analysis(minutes=9, flagged=False)
    analysis.baseline = None
    analysis.session = {**analysis.session, "normalization": {"L": None, "R": None}, "charts": []}
    return analysis


def _without_valid_strides(synthetic: ModuleType) -> object:
    analysis = synthetic.analysis(minutes=9, flagged=False)
    analysis.strides = analysis.strides.assign(valid=False, reject_reason="irregular")
    return analysis


@pytest.mark.parametrize("reference", ["mvc", None])
def test_the_trend(reference: str | None) -> None:
    days = ("2026-03-02T09:00:00Z", "2026-03-09T09:00:00Z")
    shares = {("P1", "R"): (0.1, 0.1, 80)} if reference else {}
    why = "" if reference else NO_REFERENCE
    table = trend_table([TrendSession(f"{day}.emgsmr", day, reference, shares, why) for day in days])
    sessions = [ClientSession(Path(f"{day}.emgsmr"), "P01", day, 60.0, ("mvc",)) for day in days]
    assert english_of(render_trend("P01", sessions, table, lang="de")) == []


@pytest.mark.parametrize("module", [hints, notices, quality], ids=lambda module: module.__name__)
def test_what_the_analysis_says_is_known(module: ModuleType) -> None:
    """Its sentences as they stand in the source: a changed wording has to be changed in the texts too."""
    german = load_language("de")
    sentences = [text for text in _sentences(module) if text.count(" ") >= 3]
    assert len(sentences) >= 2
    for sentence in sentences:
        assert german.said(sentence) != sentence, sentence


def _sentences(module: ModuleType) -> list[str]:
    """Texts that are returned, put together or given on, with something in their places; no docstrings."""
    tree = ast.parse(inspect.getsource(module))
    plain = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    inside = {
        id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)
    }
    skipped = plain | inside
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            found.append("".join(map(_filled, node.values)))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in skipped:
            found.append(node.value)
    return [text for text in found if text[-1:] not in (",", ";")]


def _filled(part: ast.expr) -> str:
    if isinstance(part, ast.Constant):
        return str(part.value)
    assert isinstance(part, ast.FormattedValue)
    if isinstance(part.value, ast.IfExp) and isinstance(part.value.body, ast.Constant):
        return str(part.value.body.value)
    said = ast.unparse(part.value)
    return {"SIDES[monitor.side].capitalize()": "Left", "SIDES[side]": "left", "why": ""}.get(said, "GMAX_L")


def test_every_limit_of_a_sensor_and_every_sling_has_its_german_words() -> None:
    german, english = load_language("de"), load_language("en")
    for family in FAMILIES.values():
        for limit in family.cannot:
            assert german.said(limit) != limit, (family.key, limit)
    for sling in load_catalog().slings:
        assert english(f"sling.{sling.id}") == sling.name
        assert german(f"sling.{sling.id}") != sling.name
