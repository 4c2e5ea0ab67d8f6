from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from emgsmr.cli.main import main
from emgsmr.recording import Recorder, Recording, SampleBlock


@pytest.fixture
def damaged(tmp_path: Path) -> Path:
    path = tmp_path / "run.emgsmr"
    with Recorder(path) as recorder:
        sensor = recorder.add_sensor(
            family="umyo", address="", name="uMyo 1", firmware="", rate_hz=1000.0, channels=1, dtype="<i2",
            scale_uv=1.0, scale_known="known", placements=[(0, "GMAX_L")],
        )  # fmt: skip
        for k in range(200):
            recorder.write(SampleBlock(sensor.id, 100 * k, np.full((100, 1), k, dtype=np.int16)))
    raw = path.read_bytes()
    path.write_bytes(bytes(4096) + raw[4096 : 3 * len(raw) // 4])
    return path


def test_a_new_recording_beside_it(damaged, capsys):
    with pytest.raises(Exception, match="not a recording"):
        Recording(damaged)
    assert main(["recover", str(damaged)]) == 0
    out = capsys.readouterr().out
    assert "run-recovered.emgsmr" in out
    assert "uMyo 1" in out
    with Recording(damaged.with_name("run-recovered.emgsmr")) as recording:
        assert recording.duration_s > 10


def test_json_and_another_name(damaged, capsys):
    out = damaged.with_name("new.emgsmr")
    assert main(["recover", str(damaged), "-o", str(out), "--json"]) == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["recording"] == str(out)
    assert facts["samples"]["uMyo 1"] > 10_000
    assert main(["recover", str(damaged), "-o", str(out)]) == 2
    assert "never overwritten" in capsys.readouterr().err


def test_nothing_to_recover(tmp_path, capsys):
    (tmp_path / "x.emgsmr").write_text("no")
    assert main(["recover", str(tmp_path / "x.emgsmr")]) == 5
    assert main(["recover", str(tmp_path / "absent.emgsmr")]) == 5
    assert capsys.readouterr().err.count("\n") == 2
