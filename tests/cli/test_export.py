from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from emgsmr.cli.main import main
from emgsmr.recording import Recorder, SampleBlock


@pytest.fixture(scope="module")
def recording(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of noise on two muscles: a recording, without a stride in it."""
    path = tmp_path_factory.mktemp("export") / "short.emgsmr"
    counts = np.random.default_rng(3).integers(-300, 300, (6000, 2)).astype("<i2")
    with Recorder(path, started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="short.csv", firmware="", rate_hz=500.0, channels=2, dtype="<i2",
            scale_uv=0.5, scale_known="known", placements=[(0, "GMAX_R"), (1, "BFLH_R")],
        )  # fmt: skip
        recorder.set_clock(info.id, 0, 0.0, 500.0, None, "file")
        recorder.write(SampleBlock(info.id, 0, counts))
    return path


def test_it_writes_tables_and_signal_and_says_where(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    out = tmp_path / "out"
    assert main(["export", str(recording), "--format", "csv", "-o", str(out)]) == 0
    said = capsys.readouterr().out
    assert str(out) in said
    names = {path.name for path in out.iterdir()}
    assert {"emg.csv", "strides.csv", "data_dictionary.json", "session.json"} <= names
    assert all(name in said for name in names)
    assert len((out / "emg.csv").read_text().splitlines()) == 6001


def test_json_is_one_object_and_nothing_else(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(recording), "-o", str(tmp_path), "--raw", "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["format"] == "csv"
    assert said["folder"] == str(tmp_path)
    assert sorted(said["files"]) == sorted(path.name for path in tmp_path.iterdir())
    assert "raw_1_short-csv.csv" in said["files"]


def test_formats_that_do_not_exist_yet_are_not_offered(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["export", str(recording), "--format", "bids", "-o", str(tmp_path)]) == 2
    assert "bids" in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


def test_what_is_no_recording_is_exit_code_5(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert main(["export", str(tmp_path / "notes.txt"), "-o", str(tmp_path / "out")]) == 5
    error = capsys.readouterr().err
    assert error.startswith("Error: ")
    assert "Traceback" not in error


def test_a_file_in_the_place_of_the_folder_is_exit_code_2(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "out").write_text("")
    assert main(["export", str(recording), "-o", str(tmp_path / "out")]) == 2
    assert "name a folder" in capsys.readouterr().err
