from __future__ import annotations

import re
import string
from dataclasses import replace
from types import ModuleType

import numpy as np
import pytest

from emgsmr.analysis.exercises import EXERCISES
from emgsmr.errors import ArgumentError, RecordingError
from emgsmr.report import write_comparison_page, write_comparison_pdf
from emgsmr.report.comparison_page import render_comparison
from emgsmr.report.comparison_pdf import comparison_pdf
from emgsmr.report.comparison_view import comparison_view
from emgsmr.report.language import languages, load_language, read_texts

HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)> $\\frac{1}{0$ &amp; {{ 7 * 7 }} {side}"
NEVER = (
    r"neural drive", r"\binhibit", r"dysfunction", r"\bnormal\b", r"\babnormal", r"fasciitis", r"\bhealthy\b",
    r"\bweak\b", r"\bSMR (fixed|caused|works)", r"\bNaN\b", r"\bnan\b", r"\bNone\b", r"\bheilt", r"\bgesund",
)  # fmt: skip


def text_of(page: str) -> str:
    """What a page shows, settings left out."""
    body = page[page.index("<main>") : page.index("<details>")] + page[page.index("<footer>") :]
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", body)).replace("&#39;", "'").replace("&lt;", "<")


def test_each_pair_has_a_sentence_an_interval_and_a_picture(comparison_text: str) -> None:
    text = text_of(comparison_text)
    assert "One ratio changed beyond measurement error" in text
    assert "After, the hamstrings did 35 % more relative to the gluteus maximus than before" in text
    assert "did not change detectably" in text
    assert "Change +35 % (95 % CI +30 % to +40 %)" in text
    assert "the own bouts A1 and A2" in text
    assert "A1 3 × 60 s, A2 3 × 60 s" in text
    assert "irregular (2)" in text
    assert "too short for a stride (3)" in text
    assert "emgsmr 0.1.0; settings 8c1f0a5b9d3e" in text
    assert "Beyond the change of the other leg: +35 %" in text
    for key in ("bouts-P1-L", "bouts-P1-R", "profile-GMAX_R", "strip-L", "legs"):
        assert f'id="{key}-title"' in comparison_text


def test_the_answer_stands_at_the_top(made_up: ModuleType) -> None:
    """Before anything else: which ratio changed by how much, or why nothing can be compared."""

    def top(**options: object) -> str:
        text = text_of(render_comparison(made_up.comparison(**options)))
        return text[: text.find("Each pair")]

    assert "Right leg: After, the hamstrings did 35 % more relative to the gluteus maximus" in top()
    assert "Left leg" not in top()
    assert "Right leg" not in top(shift=0.0)
    found = made_up.comparison(0.0, reason="the montage was changed: x")
    both = tuple(replace(row, of=replace(row.of, reason="only 2 bouts after can be used, 3 are needed"),
                         sdc=None, verdict="not_comparable") for row in found.rows)  # fmt: skip
    text = text_of(render_comparison(replace(found, rows=both)))
    assert text.count("Not comparable: only 2 bouts after can be used, 3 are needed.") == 3


def test_the_same_in_german_with_german_numbers(made_up: ModuleType) -> None:
    found = made_up.comparison(notes=("cadence +6 %, which moves a ratio by itself",))
    text = text_of(render_comparison(found, lang="de"))
    assert "Ein Verhältnis hat sich über den Messfehler hinaus geändert" in text
    assert "Hamstrings im Verhältnis zu Gluteus maximus: nachher 35 % mehr als vorher" in text
    assert "die eigenen Durchgänge A1 und A2" in text
    assert "Schrittfrequenz +6 %, was ein Verhältnis für sich allein bewegt" in text
    assert "unregelmäßig (2)" in text
    assert "kein Medizinprodukt" in text
    assert "bei 0,05" in text
    for english in ("hamstrings", " the ", "change", "before", "unknown"):
        assert english not in text, english


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize(
    ("reason", "said"),
    [
        ("only 2 bouts after can be used, 3 are needed", "nur 2 Durchgänge nachher können"),
        (
            "only 1 bout before can be used, 3 are needed and only 2 bouts after can be used, 3 are needed",
            "nur 1 Durchgang vorher kann verwendet werden, 3 sind nötig und nur 2 Durchgänge nachher",
        ),
        ("only 1 bout after was recorded for this leg, 3 are needed", "nur 1 Durchgang nachher wurde"),
        ("GMAX and HAM of this leg were not both measured after", "wurden nachher nicht beide gemessen"),
        ("the signal of GMAX_L before and after cannot be used in 3 bouts", "vorher und nachher nicht in 3"),
    ],
)
def test_what_cannot_be_compared_says_why(made_up: ModuleType, lang: str, reason: str, said: str) -> None:
    text = text_of(render_comparison(made_up.comparison(0.0, reason=reason), lang=lang))
    assert (said if lang == "de" else reason) in text
    assert ("Nicht vergleichbar" if lang == "de" else "Not comparable") in text


def test_every_reason_of_the_comparison_is_known_in_every_language() -> None:
    """Sentences as the comparison's modules make them; a changed wording has to be changed here too."""
    from emgsmr.analysis.comparison import detectable, electrodes, own_reference, swapped, words
    from emgsmr.analysis.comparison.measured import BEFORE_LEVEL

    del electrodes, swapped, BEFORE_LEVEL
    why = "recorded 7 days apart"
    sentences = [
        detectable.PUBLISHED,
        detectable.OWN.format("A1", "A2"),
        words.OTHER_TASK.format("gait", "bridge"),
        words.SWAPPED.format("GMAX_L work half a stride later"),
        f"electrodes were placed anew ({why}) and {own_reference.NO_REFERENCE}",
        *own_reference.NAMES.values(),
    ]
    german = load_language("de")
    for sentence in sentences:
        assert german.said(sentence) != sentence, sentence


@pytest.mark.parametrize("lang", languages())
@pytest.mark.parametrize(
    ("why", "said"),
    [
        ("it was broken off after 10 of 32 s", "nach 10 von 32 s abgebrochen"),
        ("11 of its 32 s were received from GMAX_R, BFLH_R", "von GMAX_R, BFLH_R kamen nur 11 von 32 s an"),
        (
            "2 of 9 strides or repetitions could be used, 3 are needed",
            "2 von 9 Schritten oder Wiederholungen konnten verwendet werden, 3 sind nötig",
        ),
    ],
)
def test_a_bout_that_does_not_count_is_among_what_was_left_out(
    made_up: ModuleType, lang: str, why: str, said: str
) -> None:
    found = made_up.comparison(left_out=why)
    text = text_of(render_comparison(found, lang=lang))
    wanted = {
        "en": f"After, bout 4 of B was left out: {why}.",
        "de": f"Nachher, Durchgang 4 von B, weggelassen: {said}.",
    }
    section = text[text.index(load_language(lang)("section.left_out")) :]
    assert section.count(wanted[lang]) == 1
    assert found.bouts["left_out"].dropna().tolist() == [why, why]
    assert comparison_pdf(comparison_view(found, load_language(lang))).startswith(b"%PDF")


@pytest.mark.parametrize("lang", languages())
def test_replaced_electrodes_show_no_single_muscle(made_up: ModuleType, lang: str) -> None:
    found = made_up.comparison(0.6, replaced=True)
    page = render_comparison(found, lang=lang)
    assert 'id="legs-title"' not in page
    assert ("neu gesetzt" if lang == "de" else "placed anew") in text_of(page)


@pytest.mark.parametrize("lang", languages())
def test_nothing_to_compare_is_still_a_page(made_up: ModuleType, lang: str) -> None:
    found = made_up.comparison(rows=False)
    text = text_of(render_comparison(found, lang=lang))
    assert load_language(lang)("compare.title_nothing") in text
    assert load_language(lang)("compare.no_pair") in text
    assert comparison_pdf(comparison_view(found, load_language(lang))).startswith(b"%PDF")


def test_a_change_that_is_only_exploratory_is_no_headline(made_up: ModuleType) -> None:
    found = made_up.comparison(0.2)
    rows = tuple(replace(row, primary=False) for row in found.rows)
    view = comparison_view(replace(found, rows=rows), load_language("en"))
    assert view.tone == "quiet"
    assert "Only exploratory" in view.title


def test_an_exercise_is_named_and_its_repetitions_are_no_strides(made_up: ModuleType) -> None:
    found = made_up.comparison()
    looks = {name: {**look, "exercise": "bridge"} for name, look in found.session["looks"].items()}
    found = replace(found, session={**found.session, "looks": looks})
    text = text_of(render_comparison(found, lang="de"))
    assert "Aufgabe: Brücke." in text
    assert "Aktivierung über die Wiederholung" in text
    assert "Doppelschritt" not in text
    for name in EXERCISES:
        assert load_language("de").has(f"exercise.{name}")


def test_equivalence_names_its_margin(made_up: ModuleType) -> None:
    text = text_of(render_comparison(made_up.comparison(0.0, margin_pct=25.0)))
    assert "stayed the same within the margin of 25 %" in text


@pytest.mark.parametrize("lang", languages())
def test_the_page_is_self_contained_and_says_nothing_it_must_not(made_up: ModuleType, lang: str) -> None:
    page = render_comparison(made_up.comparison(), lang=lang)
    assert f'<html lang="{lang}">' in page
    assert "http" not in re.sub(r'xmlns(:\w+)?="[^"]*"|http-equiv', "", page)
    assert "<script" not in page
    assert "@import" not in page
    ids = re.findall(r'\bid="([^"]+)"', page)
    assert len(ids) == len(set(ids))
    for target in re.findall(r'aria-labelledby="([^"]+)"', page):
        assert set(target.split()) <= set(ids)
    for phrase in NEVER:
        assert not re.search(phrase, text_of(page)), phrase


@pytest.mark.parametrize("lang", languages())
def test_hostile_names_are_shown_and_never_run(made_up: ModuleType, lang: str) -> None:
    found = made_up.comparison(sensor=HOSTILE, reason=HOSTILE, notes=(HOSTILE,))
    page = render_comparison(found, lang=lang)
    assert "<script" not in page
    assert "<img" not in page
    assert "&lt;script&gt;alert(1)&lt;/script&gt;" in page
    assert "{{ 7 * 7 }}" in page


def test_hostile_names_are_letters_on_paper(made_up: ModuleType) -> None:
    found = made_up.comparison(sensor=HOSTILE, reason=HOSTILE, notes=(HOSTILE, "日本語"))
    lang = "de"
    assert comparison_pdf(comparison_view(found, load_language(lang))).startswith(b"%PDF")


def test_pages_and_pdf_are_written_and_the_same_again(made_up: ModuleType, tmp_path) -> None:
    found = made_up.comparison()
    path = write_comparison_page(found, tmp_path / "new" / "page.html")
    assert path.read_text(encoding="utf-8") == render_comparison(found)
    first = write_comparison_pdf(found, tmp_path / "a.pdf").read_bytes()
    assert first == write_comparison_pdf(found, tmp_path / "b.pdf").read_bytes()
    assert len(re.findall(rb"/Type /Page\b", first)) <= 2
    with pytest.raises(RecordingError, match="cannot be written"):
        write_comparison_page(found, tmp_path)
    with pytest.raises(ArgumentError, match="'fr'; use de or en"):
        write_comparison_page(found, tmp_path / "x.html", lang="fr")


def test_all_languages_have_the_same_texts_and_places() -> None:
    english = read_texts("en")
    for code in languages():
        texts = read_texts(code)
        assert set(texts) == set(english), code
        for key, text in texts.items():
            places, wanted = (
                sorted(name for _, name, _, _ in string.Formatter().parse(t) if name is not None)
                for t in (text, english[key])
            )
            assert places == wanted, (code, key)
            assert text.strip(), (code, key)


def test_numbers_are_read_alike(made_up: ModuleType) -> None:
    """The page shows what comparison.csv holds."""
    found = made_up.comparison()
    text = text_of(render_comparison(found))
    for row in found.table.to_dict("records"):
        shown = f"{row['change_pct']:+.0f}".replace("-", "−")
        assert f"Change {'0' if shown in ('+0', '−0') else shown} %" in text
        assert f"smallest detectable change {row['sdc_pct']:.0f} %" in text
    assert np.isfinite(found.table["sdc_pct"]).all()
