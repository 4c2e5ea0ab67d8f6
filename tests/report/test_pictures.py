from __future__ import annotations

from types import ModuleType

import pytest

from emgsmr.report.facts import Change
from emgsmr.report.legs import legs_picture
from emgsmr.report.profile import measuring_windows, profile
from emgsmr.report.quality_strip import STYLES, quality_strip
from emgsmr.report.reading_strip import reading_strips
from emgsmr.report.time_course import time_course
from emgsmr.report.words import STATES


def test_the_time_course_describes_what_it_shows(synthetic: ModuleType) -> None:
    picture = time_course(synthetic.analysis(), "P1", "R", floor_pct=20.0)
    assert "Right leg: hamstrings relative to gluteus maximus over time" in picture
    assert "Tier 2, compensation pattern, alarm at 9:05, until 15:00: +35\xa0%." in picture
    assert "tier 2: compensation pattern</text>" in picture
    assert "Nothing was flagged." in time_course(synthetic.analysis(), "P1", "L", floor_pct=20.0)


def test_the_windows_are_those_of_the_pairs_or_of_walking(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis(minutes=9)
    assert measuring_windows(analysis, "GMAX_L") == [(-15, 20)]
    assert measuring_windows(analysis, "BFLH_L") == [(-15, 25)]
    analysis.session["normalization"]["L"] = {**analysis.session["normalization"]["L"], "gait": "walk"}
    assert measuring_windows(analysis, "MGAS_L") == [(25, 60)]
    analysis.session = {}
    assert measuring_windows(analysis, "GMAX_L") == []


def test_an_unknown_gain_is_not_shown_as_microvolts(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis(minutes=9)
    assert "µV" in profile(analysis, "GMAX_L")
    assert "µV" not in profile(analysis, "BFLH_L")
    assert "peak 100 %" in profile(analysis, "BFLH_L")


def test_quality_states_differ_by_more_than_color() -> None:
    assert set(STYLES) == set(STATES)
    assert len({letter for _, _, _, letter in STYLES.values()}) == len(STYLES)


def test_the_strip_says_how_much_was_usable(synthetic: ModuleType) -> None:
    picture = quality_strip(synthetic.analysis(), "R")
    assert "right gastrocnemius medialis usable 98 % (gap)" in picture
    assert "left" not in picture.split("</desc>")[0]


def test_heart_rate_and_speed_are_shown_where_they_were_told(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis()
    (heart, heart_picture), (speed, speed_picture) = reading_strips(analysis)
    assert (heart, speed) == ("Heart rate (1/min), strap", "Speed (m/s), pod")
    rates = analysis.readings.query("quantity == 'heart_rate_bpm'")["value"]
    said = f"{len(rates)} values until 14:59: median {rates.median():.0f} 1/min, lowest 95, highest 158."
    assert said in heart_picture
    assert "median 3.1 m/s" in speed_picture
    for quantity, n in (("heart_rate_bpm", 1), ("speed_mps", 1), ("battery_pct", 0)):
        analysis.readings = analysis.readings.head(1).assign(quantity=quantity)
        assert len(reading_strips(analysis)) == n
    assert reading_strips(synthetic.without_rows()) == []


@pytest.mark.parametrize(("change_pct", "color"), [(-30.0, "blue"), (30.0, "vermillion"), (-100.0, "blue")])
def test_a_muscle_is_lit_by_the_sign_of_its_change(change_pct: float, color: str) -> None:
    picture = legs_picture({"GMAX_R": Change("GMAX_R", change_pct, 100, flagged=True)})
    assert f"fill:var(--{color})" in picture
    assert picture.count('class="unmeasured"') == 11


def test_a_group_lights_both_of_its_muscles() -> None:
    picture = legs_picture({"HAM_L": Change("HAM_L", 20.0, 100, flagged=False)})
    assert picture.count('class="lit"') == 2
    assert "left hamstrings +20\xa0%" in picture


def test_no_picture_without_a_muscle_that_it_shows() -> None:
    assert legs_picture({}) == ""
    assert legs_picture({"TA_L": Change("TA_L", 5.0, 100, flagged=False)}) == ""
