from __future__ import annotations

import json
from pathlib import Path

import click
import numpy as np
import pytest

from emgsmr.cli.main import main
from emgsmr.cli.mark import read_time
from emgsmr.recording import Event, Recorder, Recording, SampleBlock


@pytest.fixture
def run_file(tmp_path: Path) -> Path:
    with Recorder(tmp_path / "run.emgsmr") as recorder:
        sensor = recorder.add_sensor(
            family="file", address="", name="x", firmware="", rate_hz=1000.0, channels=1, dtype="<i2",
            scale_uv=1.0, scale_known="known", placements=[(0, "GMAX_L")],
        )  # fmt: skip
        recorder.set_clock(sensor.id, 0, 10.0, 1000.0, None, "file")
        recorder.write(SampleBlock(sensor.id, 0, np.zeros((2000, 1), dtype=np.int16)))
    return recorder.path


def events(path: Path) -> tuple[Event, ...]:
    with Recording(path) as recording:
        return recording.events()


def test_all_that_can_be_said(run_file, capsys):
    options = [
        "--at",
        "0:11.5",
        "--duration",
        "2",
        "--label",
        "left",
        "--side",
        "L",
        "--site",
        "MGAS_L",
        "--note",
        "ouch",
    ]
    assert main(["mark", str(run_file), "cramp", *options]) == 0
    assert events(run_file) == (Event(11.5, 2.0, "cramp", "L", "MGAS_L", "left", "ouch"),)
    assert "cramp marked at 11.500 s" in capsys.readouterr().out


def test_the_end_by_default_and_json(run_file, capsys):
    assert main(["mark", str(run_file), "fatigue", "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["event"]["t_s"] == 12.0
    assert events(run_file) == (Event(12.0, None, "fatigue"),)


def test_a_cramp_after_the_run_can_be_marked(run_file):
    assert main(["mark", str(run_file), "cramp", "--at", "1:00:00"]) == 0
    assert events(run_file)[0].t_s == 3600.0


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        (["party"], 2, "no kind of event"),
        (["cramp", "--at", "soon"], 2, "no time"),
        (["cramp", "--at", "1:75"], 2, "no time"),
        (["cramp", "--at", "5"], 2, "before the recording"),
        (["cramp", "--duration", "-3"], 2, "cannot last"),
        (["cramp", "--side", "left"], 2, "--side"),
        (["cramp", "--site", "CALVE_L"], 2, "CALVE_L"),
        (["foot_contact"], 2, "give its side"),
    ],
)
def test_mistakes_end_in_one_sentence(run_file, capsys, options, code, message):
    assert main(["mark", str(run_file), *options]) == code
    assert message in capsys.readouterr().err
    assert events(run_file) == ()


def test_files_that_are_no_recordings(tmp_path, capsys):
    (tmp_path / "x.emgsmr").write_text("no")
    for name in ("x.emgsmr", "absent.emgsmr"):
        assert main(["mark", str(tmp_path / name), "cramp"]) == 5
        assert capsys.readouterr().err.count("\n") == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("90", 90), ("1.5", 1.5), (".5", 0.5), ("-2", -2), ("1:30", 90), ("61:00", 3660), ("1:02:03.5", 3723.5)],
)
def test_times(text, seconds):
    assert read_time(text) == seconds


@pytest.mark.parametrize("text", ["", "1:", ":30", "1:60", "1:2:3:4", "1e3", "nan", "-1:30", "1:00:60"])
def test_no_times(text):
    with pytest.raises(click.BadParameter, match="no time"):
        read_time(text)
