"""The sentence of a finding: complete, and without a word that claims too much."""

from __future__ import annotations

import re
from typing import Any, get_args

import pytest

from emgsmr.analysis.finding import NAMES, Pattern, sentence
from emgsmr.anatomy import load_catalog
from emgsmr.recording.event import clock

FORBIDDEN = re.compile(
    r"neural drive|inhibit|dysfunction|normal|will cramp|\bcaus(e|ed|es|ing)\b|\bfix|cure|treat|diagnos"
    r"|disease|fasciitis|injur|proven|predict",
    re.IGNORECASE,
)
CATALOG = load_catalog()


def said(
    pattern: Pattern,
    *,
    change: float = 28.0,
    sdc: float = 9.0,
    pair: str = "P1",
    side: str = "R",
    **more: Any,
) -> str:
    return sentence(
        CATALOG.pairs[pair], side, pattern=pattern, change_pct=change, ci_pct=(10.4, 49.0), d_prime_pct=-12.2,
        d_compensator_pct=14.6, t_onset_s=760.0, sdc_pct=sdc, **more,
    )  # fmt: skip


@pytest.mark.parametrize("pattern", get_args(Pattern))
@pytest.mark.parametrize("pair", ["P1", "P2", "P4", "P5", "P8"])
def test_no_sentence_claims_too_much(pattern: Pattern, pair: str) -> None:
    text = said(pattern, pair=pair)
    assert FORBIDDEN.search(text) is None
    assert text.endswith(".")
    assert "  " not in text
    assert ", ;" not in text


def test_it_names_size_uncertainty_time_and_both_muscles() -> None:
    assert said("compensation") == (
        "Right hamstrings +28 % relative to right gluteus maximus (95 % CI +10 to +49 %) since 12:40, as the "
        "gluteus maximus fell (-12 %) and the hamstrings rose (+15 %), a pattern consistent with "
        "compensation; larger than this session's smallest detectable change (9 %)."
    )


def test_it_keeps_the_three_numbers_apart() -> None:
    """How far the ratio is out, what each muscle did, and what amplitude and spectrum say."""
    text = said("prime_down", z=5.14, fatigue="none", notes=["It also explains something."])
    assert text == (
        "Right hamstrings +28 % relative to right gluteus maximus (95 % CI +10 to +49 %, z +5.1) since "
        "12:40, mostly because the gluteus maximus fell (gluteus maximus -12 %, hamstrings +15 %); larger "
        "than this session's smallest detectable change (9 %). Amplitude and spectrum of the hamstrings "
        "together (JASA): none. It also explains something."
    )


@pytest.mark.parametrize("pattern", ["gain_drift", "harder_work"])
def test_a_notice_says_that_it_claims_nothing(pattern: Pattern) -> None:
    assert "no claim about compensation" in said(pattern)
    assert "consistent with compensation" not in said(pattern)


def test_only_a_pattern_is_called_one() -> None:
    for pattern in ("prime_down", "compensator_up"):
        assert "pattern consistent" not in said(pattern)  # type: ignore[arg-type]


def test_it_is_compared_with_what_can_be_detected() -> None:
    assert "not larger than this session's smallest" in said("prime_down", change=8.0)
    assert "; larger than this session's smallest" in said("prime_down", change=10.0)


def test_every_pair_on_by_default_has_names_for_people() -> None:
    for pair in CATALOG.pairs.values():
        if pair.enabled:
            assert {pair.prime_name, pair.compensator_name} <= set(NAMES)


@pytest.mark.parametrize(
    ("t_s", "text"), [(0, "0:00"), (59.6, "1:00"), (3599.4, "59:59"), (3600, "1:00:00"), (36_061, "10:01:01")]
)
def test_time_as_people_read_it(t_s: float, text: str) -> None:
    assert clock(t_s) == text
