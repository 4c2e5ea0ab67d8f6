from __future__ import annotations

from pathlib import Path

import pytest

from emgsmr.analysis.trend import TrendSession, trend_table
from emgsmr.recording.library import ClientSession
from emgsmr.report.trend_page import render_trend

HOSTILE = "<script>alert(1)</script>"


def weeks(*values: float, code: str = "P01") -> tuple[list[ClientSession], list[TrendSession]]:
    days = [f"2026-03-{2 + 7 * k:02}T09:00:00Z" for k in range(len(values))]
    sessions = [ClientSession(Path(f"{k}.emgsmr"), code, day, 60.0, ("mvc",)) for k, day in enumerate(days)]
    shares = [
        TrendSession(f"{k}.emgsmr", day, "mvc", {("P1", "R"): (y, 0.1, 80)})
        for k, (day, y) in enumerate(zip(days, values, strict=True))
    ]
    return sessions, shares


@pytest.mark.parametrize("lang", ["en", "de"])
def test_a_session_beyond_what_days_differ_by_is_said(lang: str) -> None:
    sessions, found = weeks(0.0, 0.1, -0.1, 1.2)
    page = render_trend("P01", sessions, trend_table(found), lang=lang)
    wanted = "beyond what days differ by" if lang == "en" else "über die übliche Tagesschwankung hinaus"
    assert page.count(wanted) == 2  # at the top and in its row
    assert 'id="trend-P1-R-title"' in page
    assert ("3,32" if lang == "de" else "3.32") in page


def test_sessions_without_a_reference_say_why() -> None:
    sessions, _ = weeks(0.0)
    table = trend_table([TrendSession("0.emgsmr", None, None, {}, "no reference")])
    page = render_trend("P01", sessions, table)
    assert "No session has maximal contractions" in page
    assert "<svg" not in page


def test_sessions_with_another_reference_are_not_mixed() -> None:
    _, found = weeks(0.0, 0.1)
    found[1] = found[1]._replace(normalization="reference")
    assert trend_table(found)["n_earlier"].tolist() == [0, 0]


def test_another_task_is_another_picture_and_no_earlier_session() -> None:
    sessions, found = weeks(0.0, 0.1, 1.2)
    found[2] = found[2]._replace(task="bridge")
    table = trend_table(found)
    assert table["n_earlier"].tolist() == [0, 1, 0]
    page = render_trend("P01", sessions, table, lang="de")
    assert page.count("<svg") == 2
    assert "(Brücke)" in page
    assert "P1 R, Laufen" in page


def test_hostile_names_are_shown_and_a_missing_date_is_no_error() -> None:
    sessions, found = weeks(0.0, 0.1)
    sessions[0] = ClientSession(Path(HOSTILE), HOSTILE, None, None, (HOSTILE,), HOSTILE)
    found[0] = found[0]._replace(recording=HOSTILE, started_utc=None)
    page = render_trend(HOSTILE, sessions, trend_table(found))
    assert "<script" not in page
    assert "&lt;script&gt;" in page
