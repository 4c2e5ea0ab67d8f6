"""A bout that was broken off, or is mostly a gap, does not count like the others, and says so."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from math import inf, nextafter

import pandas as pd
import pytest

from emgsmr.analysis.comparison import ComparisonPlan, compare
from emgsmr.recording import Recording
from emgsmr.simulate import Run, simulate_runner, treatment_session

Record = Callable[..., Recording]
SITES = ("GMAX_R", "BFLH_R")


@pytest.fixture(scope="module")
def run() -> Run:
    script = treatment_session(0.0, n_bouts=4, bout_s=12.0, rest_s=3.0, bout_sd=0.03)
    return simulate_runner(dataclasses.replace(script, motion_uv=0.0, stride_sd=0.05, common_sd=0.05), seed=9)


def start(run: Run, number: int) -> float:
    """When a bout of B begins."""
    return float([event["t_s"] for event in run.events if event["label"] == "B"][number - 1])


def row(comparison: object) -> pd.Series:
    return comparison.table.iloc[0]  # type: ignore[attr-defined]


def test_a_bout_that_was_broken_off_is_left_out_in_words(record: Record, run: Run) -> None:
    broken = record("broken", run, sites=SITES, gaps=[(start(run, 4) + 6.0, inf)])
    comparison = compare(broken)
    assert row(comparison)["n_after"] == 3
    why = "it was broken off after 6 of 12 s"
    assert f"after, bout 4 of B was left out: {why}" in row(comparison)["text"]
    (left,) = comparison.bouts.dropna(subset="left_out").to_dict("records")
    assert (left["label"], left["bout"], left["left_out"]) == ("B", 4, why)
    assert pd.isna(left["log_ratio"])
    look = comparison.session["looks"]["after"]
    assert look["bouts_left_out"] == [{"label": "B", "number": 4, "side": None, "reason": why}]
    assert [bout["number"] for bout in look["bouts"]] == [1, 2, 3]
    assert comparison.session["exclusions"] == [
        {"pair": "P1", "side": "R", "reason": f"after, bout 4 of B was left out: {why}"}
    ]
    assert comparison.quality["bout"].max() == 4  # of A1 and A2
    assert comparison.quality.query("label == 'B'")["bout"].max() == 3


def test_what_is_left_is_compared_as_if_the_bout_had_never_been(record: Record, run: Run) -> None:
    begin_s = start(run, 4)
    broken = compare(record("broken", run, sites=SITES, gaps=[(begin_s + 6.0, inf)]))
    without = compare(
        record(
            "without", run, sites=SITES, gaps=[(begin_s + 6.0, inf)],
            keep=lambda event: event.label != "B" or event.t_s < begin_s,
        )
    )  # fmt: skip
    numbers = ["before", "after", "n_after", "change_pct", "ci_low_pct", "ci_high_pct", "sdc_pct", "p"]
    pd.testing.assert_frame_equal(broken.table[numbers], without.table[numbers])


@pytest.mark.parametrize(("left_s", "n"), [(1.19, 4), (1.25, 3)])
def test_the_last_bout_may_end_a_little_after_the_recording(
    left_s: float, n: int, record: Record, run: Run
) -> None:
    early = record("early", run, sites=SITES, gaps=[(start(run, 4) + 12.0 - left_s, inf)])
    assert row(compare(early))["n_after"] == n


@pytest.mark.parametrize(("gap_s", "n"), [(5.9, 4), (6.1, 3)])
def test_a_bout_that_is_mostly_a_gap_is_left_out_in_words(
    gap_s: float, n: int, record: Record, run: Run
) -> None:
    begin_s = start(run, 2) + 3.0
    found = row(compare(record("gap", run, sites=SITES, gaps=[(begin_s, begin_s + gap_s)])))
    assert found["n_after"] == n
    said = "after, bout 2 of B was left out: 6 of its 12 s were received from GMAX_R, BFLH_R"
    assert (said in found["text"]) == (n == 3)


def test_too_few_bouts_are_left_and_it_is_said_why(record: Record, run: Run) -> None:
    comparison = compare(record("two", run, sites=SITES, gaps=[(start(run, 3) + 2.0, inf)]))
    text = row(comparison)["text"]
    assert "only 2 bouts after were recorded for this leg, 3 are needed" in text
    assert "bout 3 of B was left out: it was broken off after 2 of 12 s" in text
    assert "bout 4 of B was left out: it was broken off after 0 of 12 s" in text
    assert pd.isna(row(comparison)["change_pct"])


def test_none_is_left(record: Record, run: Run) -> None:
    comparison = compare(record("none", run, sites=SITES, gaps=[(nextafter(start(run, 1), 0.0), inf)]))
    assert row(comparison)["verdict"] == "not_comparable"
    assert "only 0 bouts after" in row(comparison)["text"]


def test_bouts_are_paired_by_number_or_not_at_all(record: Record, run: Run) -> None:
    """Of A1 the third is a gap and of B the fourth is missing: as many, and not the same ones."""
    third = next(e["t_s"] for k, e in enumerate(e for e in run.events if e["label"] == "A1") if k == 2)
    gaps = [(third + 1.0, third + 11.0), (start(run, 4) + 2.0, inf)]
    recording = record("pairs", run, sites=SITES, gaps=gaps)
    plan = ComparisonPlan(before=("A1",), paired=True)
    found = compare(recording, plan=plan)
    assert (row(found)["n_before"], row(found)["n_after"]) == (3, 3)
    assert "bouts could not be paired, since not the same ones are there" in row(found)["text"]
    unpaired = compare(recording, plan=dataclasses.replace(plan, paired=False))
    assert row(found)["p"] == row(unpaired)["p"]
