from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from emgsmr.cli.main import main
from emgsmr.recording import Recorder, SampleBlock


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    with Recorder(tmp_path / "run.emgsmr", session={"started_utc": "2026-05-01T08:30:00.000Z"}) as recorder:
        sensor = recorder.add_sensor(
            family="umyo", address="", name="[red]evil[/red]\x1b[2J", firmware="", rate_hz=1000.0, channels=1,
            dtype="<i2", scale_uv=1.0, scale_known="known", placements=[(0, "GMAX_L")],
        )  # fmt: skip
        recorder.write(SampleBlock(sensor.id, 0, np.zeros((9000, 1), dtype=np.int16)))
        recorder.write(SampleBlock(sensor.id, 9500, np.zeros((500, 1), dtype=np.int16)))
    (tmp_path / "odd\x1b[2J.emgsmr").write_text("no recording")
    return tmp_path


def test_a_table(folder, capsys):
    assert main(["list", str(folder)]) == 0
    out = capsys.readouterr().out
    assert "2026-05-01 08:30" in out
    assert "0:00:10" in out
    assert "GMAX_L" in out
    assert "\x1b" not in out


def test_json_is_one_object(folder, capsys):
    assert main(["list", str(folder), "--json"]) == 0
    broken, good = json.loads(capsys.readouterr().out)["recordings"]
    assert (good["duration_s"], good["sites"], good["gaps"], good["closed"]) == (10.0, ["GMAX_L"], 1, True)
    assert good["error"] is None
    assert "not a recording" in broken["error"]


def test_an_empty_folder_and_none(tmp_path, capsys):
    assert main(["list", str(tmp_path)]) == 0
    assert "No recordings" in capsys.readouterr().out
    assert main(["list", str(tmp_path / "absent")]) == 2
    assert "not a folder" in capsys.readouterr().err
