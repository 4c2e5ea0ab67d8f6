from __future__ import annotations

import io
import os
import pickle

import numpy as np
import pytest

import emgsmr
from emgsmr.analysis import Settings, analyze
from emgsmr.gui.review import worker
from emgsmr.gui.review.findings import pair_lines, quality_runs, result_of
from emgsmr.gui.review.job import ENDED, ProcessJob, _listen
from emgsmr.gui.review.worker import Task, perform


@pytest.fixture(scope="module")
def simulated(tmp_path_factory):
    path = tmp_path_factory.mktemp("review") / "sim.emgsmr"
    recording, _ = emgsmr.simulate("glute_inhibition", minutes=3, seed=2, path=path)
    recording.close()
    return path


@pytest.fixture(scope="module")
def analysis(simulated):
    with emgsmr.open(simulated) as recording:
        return analyze(recording, Settings(baseline=(20.0, 80.0)))


def test_an_analysis_elsewhere_says_what_one_here_says(simulated, analysis):
    said = []
    perform(Task("analyze", simulated, {"baseline": (20.0, 80.0)}), said.append)
    assert [what for what, _ in said[-2:]] == ["result", "done"]
    shares = [value for what, value in said if what == "progress"]
    assert len(shares) > 5
    assert shares == sorted(shares)
    found, expected = said[-2][1], result_of(analysis, Settings(baseline=(20.0, 80.0)))
    assert found.findings == expected.findings == analysis.episodes
    assert found.summary == tuple(analysis.summary())
    assert found.name == "baseline 0:20 to 1:20"
    assert found.quality == expected.quality
    for line, same in zip(found.lines, expected.lines, strict=True):
        np.testing.assert_array_equal(line.change_pct, same.change_pct)


def test_the_points_of_a_pair_are_medians_of_ten_valid_strides(analysis):
    lines = pair_lines(analysis)
    assert {(line.pair, line.side) for line in lines} == {(p, s) for p in ("P1", "P2") for s in "LR"}
    line = next(line for line in lines if (line.pair, line.side) == ("P1", "R"))
    table = analysis.ratios
    rows = table[(table["pair"] == "P1") & (table["side"] == "R") & table["valid"]]
    assert line.change_pct[1] == pytest.approx(100 * np.expm1(np.median(rows["log_ratio"][10:20])))
    assert line.t_s[1] == rows["t_s"].iloc[19]
    assert line.title == "Right hamstrings : gluteus maximus"


def test_quality_runs_hold_every_second_that_is_not_good(analysis):
    table = analysis.quality.copy()
    table.loc[table.index[5:9], "state"] = "off"
    runs = quality_runs(type("Changed", (), {"quality": table, "duration_s": analysis.duration_s})())
    bad = table[table["state"] != "good"]
    assert len(bad) >= 4
    for row in bad.itertuples():
        assert any(
            r.site == row.site and r.start_s <= row.t_s < r.stop_s and r.state == row.state for r in runs
        )
    for run in runs:
        inside = table[
            (table["site"] == run.site) & (table["t_s"] >= run.start_s) & (table["t_s"] < run.stop_s)
        ]
        assert set(inside["state"]) == {run.state}
    many = table.copy()
    many["state"] = "motion"
    longest = quality_runs(type("Changed", (), {"quality": many, "duration_s": 200.0})())
    assert len(longest) == many["site"].nunique()
    assert {run.stop_s for run in longest} == {200.0}


def test_what_goes_wrong_is_told_and_never_raised(tmp_path, simulated, monkeypatch):
    said = []
    perform(Task("overview", tmp_path / "none.emgsmr"), said.append)
    assert said[-1][0] == "error"
    assert "does not exist" in said[-1][1]
    perform(Task("analyze", simulated, {"baseline": (9.0, 3.0)}), said.append)
    assert "baseline must end after" in said[-1][1]
    perform(Task("analyze", simulated, {"nonsense": 1}), said.append)
    assert "unexpectedly (TypeError" in said[-1][1]


@pytest.mark.parametrize("can_be_nice", [True, False])
def test_the_program_reads_a_task_and_writes_messages(simulated, monkeypatch, can_be_nice):
    nice = []
    if can_be_nice:
        monkeypatch.setattr(os, "nice", nice.append, raising=False)
    else:
        monkeypatch.delattr(os, "nice", raising=False)
    source, target = io.BytesIO(pickle.dumps(Task("overview", simulated))), io.BytesIO()
    worker.main(source, target)
    target.seek(0)
    news = []
    from collections import deque

    queue: deque = deque()
    _listen(target, queue)
    news = list(queue)
    assert news[-1] == ("done", None)
    assert {what for what, _ in news} == {"parts", "progress", "done"}
    assert len(nice) == can_be_nice


def test_a_process_does_it_and_ends(simulated):
    job = ProcessJob(Task("overview", simulated))
    assert job.wait(60)
    news = []
    while found := job.news(most=3):
        assert len(found) <= 3
        news += found
    job.stop()
    job.stop()
    assert news[-1] == ("done", None)


def test_a_process_that_is_stopped_says_that_it_ended(simulated):
    job = ProcessJob(Task("analyze", simulated))
    job.stop()
    assert job.news()[-1] == ("error", ENDED)


def test_a_process_that_does_not_start_says_so(simulated, monkeypatch):
    import sys

    monkeypatch.setattr(sys, "executable", "/bin/false")
    job = ProcessJob(Task("analyze", simulated, {"catalog": "x" * 1_000_000}))
    assert job.wait(30)
    job.stop()
    assert job.news() == [("error", ENDED)]
