from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgsmr.cli.main import main
from emgsmr.recording import Event, Recorder, SampleBlock
from emgsmr.simulate import Run, simulate_runner, treatment_session

FS = 500.0
SITES = ("GMAX_R", "BFLH_R")


@pytest.fixture(scope="module")
def run() -> Run:
    script = treatment_session(0.0, bout_s=7.0, rest_s=3.0, bout_sd=0.03)
    return simulate_runner(dataclasses.replace(script, motion_uv=0.0), seed=9)


def write(path: Path, run: Run, labels: tuple[str, ...] = ("A1", "A2", "B"), fs: float = FS) -> Path:
    counts = np.column_stack([np.round(100 * run.emg(site, fs=fs)) for site in SITES]).astype("<i4")
    with Recorder(path, started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="s.csv", firmware="", rate_hz=fs, channels=2, dtype="<i4",
            scale_uv=0.01, scale_known="known", placements=list(enumerate(SITES)),
        )  # fmt: skip
        recorder.set_clock(info.id, 0, 0.0, fs, None, "file")
        recorder.write(SampleBlock(info.id, 0, counts))
        for t in run.contacts["R"]:
            recorder.add_event(Event(float(t), kind="foot_contact", side="R"))
        for event in run.events:
            if event["label"] in labels:
                recorder.add_event(Event(**event))
    return path


@pytest.fixture(scope="module")
def session(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write(tmp_path_factory.mktemp("compare") / "session.emgsmr", run)


def test_one_recording_is_compared_and_its_tables_are_written(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "tables"
    assert main(["compare", str(session), "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert "no detectable change" in said
    assert str(out) in said
    assert sorted(path.name for path in out.iterdir()) == [
        "comparison.csv",
        "comparison_bouts.csv",
        "comparison_tests.csv",
        "data_dictionary.json",
        "session.json",
    ]
    table = pd.read_csv(out / "comparison.csv")
    assert table["verdict"].tolist() == ["no_detectable_change"]
    described = json.loads((out / "data_dictionary.json").read_text())
    assert [column["name"] for column in described["comparison"]["columns"]] == list(table.columns)
    record = json.loads((out / "session.json").read_text())
    assert record["plan"]["primary"] == ["P1", "P2"]
    assert record["errors"][0]["from"] == "the own bouts A1 and A2"


def test_json_is_one_object_with_the_same_numbers(session: Path, capsys: pytest.CaptureFixture[str]) -> None:
    arguments = ["compare", str(session), "--before", "A2", "--after", "B", "--margin", "50", "--json"]
    assert main(arguments) == 0
    said = json.loads(capsys.readouterr().out)
    (row,) = said["comparison"]
    assert (row["pair"], row["side"], row["n_before"], row["n_after"]) == ("P1", "R", 3, 3)
    assert row["sdc_pct"] == pytest.approx(37.0, abs=0.1)
    assert {test["test"] for test in said["comparison_tests"]} >= {"permutation", "equivalence"}
    assert len(said["comparison_bouts"]) == 6
    assert said["session"]["plan"]["margin_pct"] == 50
    assert said["files"] == []


def test_two_recordings_at_two_rates_share_a_band_or_are_refused(
    session: Path, run: Run, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    after = write(tmp_path / "after.emgsmr", run, ("B",), fs=250.0)
    assert main(["compare", str(session), str(after), "--electrodes", "kept", "--json"]) == 0
    (row,) = json.loads(capsys.readouterr().out)["comparison"]
    assert row["verdict"] == "not_comparable"
    assert "250 Hz" in row["text"]
    assert row["change_pct"] is None
    assert row["p"] is None


@pytest.mark.parametrize(
    ("arguments", "code", "said"),
    [
        (["--before", "C"], 6, "no bout labeled C"),
        (["--before", "B"], 2, "different labels"),
        (["--margin", "0"], 2, "margin"),
        (["--primary", "P77"], 2, "no pair 'P77'"),
        (["--baseline", "1:2"], 2, "--baseline has no meaning"),
        (["--exercise", "bridge"], 6, "names the exercise bridge"),
        (["--electrodes", "replaced"], 2, "within one recording"),
        (["--treated", "both"], 2, "both"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(
    arguments: list[str], code: int, said: str, session: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["compare", str(session), *arguments]) == code
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


def test_files_that_are_no_recording(
    session: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert main(["compare", str(session), str(tmp_path / "notes.txt")]) == 5
    assert main(["compare", str(tmp_path / "none.emgsmr")]) == 5
    assert capsys.readouterr().err.count("\n") == 2
