"""Protocols speak German, or any language that an own file has; what it does not say stays as it is."""

from __future__ import annotations

import re
from string import Formatter
from typing import Any

import pytest

from emgsmr.analysis.protocols import (
    as_protocol,
    guide_languages,
    guide_words,
    load_protocol,
    protocol_names,
    session_schedule,
)
from emgsmr.errors import SettingsError

OWN: dict[str, Any] = {
    "title": "Squat",
    "exercise": "squat",
    "sides": "each",
    "bouts": 3,
    "repetitions": 6,
    "repetition_s": 4.0,
    "rest_s": 60.0,
    "cues": {"bout": "Squat on the {side} leg.", "rest": "Rest."},
    "fr": {
        "title": "Flexion",
        "cues": {"bout": "Pliez la jambe {side}."},
        "sides": {"L": "gauche", "R": "droite"},
    },
}


def places(text: str) -> set[str]:
    return {name for _, name, _, _ in Formatter().parse(text) if name is not None}


def test_all_languages_have_the_same_words_and_places() -> None:
    english = guide_words()
    for code in guide_languages():
        words = guide_words(code)
        assert set(words) == set(english), code
        for key, text in words.items():
            assert text.strip()
            assert places(text) == places(english[key]), (code, key)


@pytest.mark.parametrize("name", protocol_names())
def test_each_protocol_that_comes_with_emgsmr_speaks_german(name: str) -> None:
    english, german = load_protocol(name), load_protocol(name, "de")
    assert german.title != english.title
    assert set(german.translations["de"].cues) == set(english.cues)
    for key, words in german.cues.items():
        assert words != english.cues[key], key
        assert places(words) == places(english.cues[key]), key
    assert (german.bouts, german.bout_s, german.primary) == (english.bouts, english.bout_s, english.primary)


@pytest.mark.parametrize("name", protocol_names())
def test_a_german_session_has_no_english_word(name: str) -> None:
    said = " ".join(
        f"{step.title}: {step.say}" for part in session_schedule(load_protocol(name, "de")) for step in part
    )
    found = re.findall(r"\b(the|and|left|right|rest|bout|leg|get|that|with|of|your?)\b", said.casefold())
    assert found == []
    if load_protocol(name).sides == "each":
        assert "das rechte Bein" in said
        assert "Durchgang 1 von 8, rechtes Bein" in said
    for familiar in (" du ", " dein", " dich "):
        assert familiar not in said.casefold()


def test_the_steps_take_the_same_time_in_every_language() -> None:
    both = [session_schedule(load_protocol("bridge", lang)) for lang in ("en", "de")]
    times = [[(step.kind, step.t_s, step.label) for part in parts for step in part] for parts in both]
    assert times[0] == times[1]


def test_an_own_protocol_may_have_any_language_and_falls_back() -> None:
    french = as_protocol(OWN, name="squat").in_language("fr")
    steps = session_schedule(french)[0]
    said = {step.kind: step.say for step in steps}
    assert french.title == "Flexion"
    assert "Pliez la jambe droite." in [step.say for step in steps]
    assert said["rest"] == "Rest."  # as the file says it
    assert said["ready"] == "Get ready."  # nobody says it in French
    german = as_protocol(OWN, name="squat").in_language("de")
    assert german.title == "Squat"
    assert {step.say for step in session_schedule(german)[0] if step.kind == "ready"} == {
        "Machen Sie sich bereit."
    }


def test_the_words_are_the_callers_own() -> None:
    guide_words("de")["cue.rest"] = "changed"
    assert guide_words("de")["cue.rest"] == "Pause."


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"de": "Kniebeuge"}, r"de is 'Kniebeuge': write a table \[de\]"),
        ({"de": {"cues": {"los": "Los."}}}, r"\[de\]: no cue is called 'los'"),
        ({"de": {"cues": {"bout": "{bein}"}}}, "between braces"),
        ({"de": {"sides": {"X": "links"}}}, "no side is called 'X'"),
        ({"de": {"bouts": 5}}, r"\[de\]: bouts is unknown"),
        ({"deu": {"title": "Kniebeuge"}}, "deu is unknown"),
    ],
)
def test_nonsense_in_a_language_is_refused_in_a_sentence(change: dict[str, Any], said: str) -> None:
    with pytest.raises(SettingsError, match=said):
        as_protocol({**OWN, **change}, name="squat", source="squat.toml")
