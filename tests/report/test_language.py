"""The session page in German: what the analysis and the headline say is known, and nothing stays English."""

from __future__ import annotations

import re
from types import ModuleType

import pytest

from emgsmr.errors import ArgumentError
from emgsmr.report import words
from emgsmr.report.headline import headline, lights
from emgsmr.report.language import languages, load_language
from emgsmr.report.page import finding_sentence, render


@pytest.fixture(scope="module")
def page(synthetic: ModuleType) -> str:
    return render(synthetic.analysis(minutes=15), lang="de")


def test_the_page_is_german_but_for_names_and_what_others_wrote(page: str, synthetic: ModuleType) -> None:
    assert '<html lang="de">' in page
    body = page[page.index("<main>") : page.index("Was weggelassen wurde")]
    text = re.sub(r"<[^>]+>", " ", body)
    for theirs in synthetic.analysis(minutes=15).findings["text"]:
        text = text.replace(theirs, "")
    found = re.findall(r"\b(the|strides?|baseline|leg|flagged|muscle|change|since|until|usable)\b", text)
    assert not found, found
    for word in ("Stufe 2", "seit 8:06", "Zeit (", "Jeder Muskel", "Signalqualität", "Krämpfe"):
        assert word in page, word


def test_every_headline_and_light_is_known(synthetic: ModuleType) -> None:
    german = load_language("de")
    cases = [
        synthetic.analysis(minutes=15),
        synthetic.analysis(minutes=15, flagged=False),
        synthetic.without_rows(),
        synthetic.one_channel(),
    ]
    cases.append(synthetic.analysis(minutes=15, flagged=False))
    cases[-1].baseline = None
    for analysis in cases:
        first = headline(analysis)
        own = set(analysis.findings["text"])
        said = [first.title, *(sentence for sentence in first.sentences if sentence not in own)]
        for light in lights(analysis):
            said += [light.word, light.detail]
        for sentence in said:
            assert german.said(sentence) != sentence, sentence


@pytest.mark.parametrize("names", [words.PATTERNS, words.TIERS])
def test_every_pattern_and_tier_is_known(names: dict[object, str]) -> None:
    for name in names.values():
        assert load_language("de").said(name) != name, name
    for state, text in words.STATES.items():
        assert load_language("en")(f"state.{state}") == text


def test_footers_are_those_of_the_words() -> None:
    english = load_language("en")
    assert english("footer.device") == words.NOT_A_DEVICE
    assert english("footer.theory") == words.THEORY


def test_a_finding_is_said_with_its_own_numbers(synthetic: ModuleType) -> None:
    row = synthetic.analysis(minutes=15).findings.to_dict("records")[0]
    german = finding_sentence(row, load_language("de"))
    assert f"+{row['change_pct']:.0f}\N{NO-BREAK SPACE}%" in german
    assert "Rechtes Bein: Hamstrings im Verhältnis zu Gluteus maximus" in german
    assert finding_sentence(row, load_language("en")) == row["text"]
    open_end = finding_sentence({**row, "ci_low_pct": float("nan")}, load_language("de"))
    assert open_end.endswith("seit 8:06; Muster vereinbar mit Kompensation.")
    notice = finding_sentence({**row, "tier": 0, "pattern": "gain_drift"}, load_language("de"))
    assert notice.endswith("Keine Aussage über Kompensation.")


def test_there_is_no_other_language() -> None:
    assert languages() == ("de", "en")
    with pytest.raises(ArgumentError, match="use de or en"):
        load_language("fr")
    with pytest.raises(ArgumentError):
        load_language("../en")
