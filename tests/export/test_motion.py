from __future__ import annotations

import json
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from emgsmr.export import export_csv
from emgsmr.export import motion as module
from emgsmr.recording import Recorder, SampleBlock, TimedReading, open_recording


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """A sensor that began at 0.1 s, with motion that arrives up to 80 ms late; and a device of its own."""
    path = tmp_path / "run.emgsmr"
    with Recorder(path, started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="thigh, L", firmware="", rate_hz=500.0, channels=1, dtype="<i2",
            scale_uv=1.0, scale_known="known", placements=[(0, "BFLH_L")],
        )  # fmt: skip
        for first in range(0, 10_000, 10):
            came = round((0.1 + (first + 9) / 500) * 1e9)  # of the last of ten samples
            counts = np.full((10, 1), first, dtype="<i2")
            recorder.write(SampleBlock(info.id, first, counts, np.array([[first + 10, came]])))
            late = came + 1_000_000 * (first % 80)
            recorder.add_reading(
                TimedReading("thigh, L", 1, "orientation", late, (1.0, 0.0, 0.1, 0.0), first + 10)
            )
        recorder.add_reading(TimedReading("pod", None, "odd_au", 5_000_000_000, (7.0, 8.0)))
        recorder.add_reading(TimedReading("pod", None, "long_au", 5_000_000_000, (0.0,) * 5))
        recorder.add_reading(TimedReading("pod", None, "speed_mps", 5_000_000_000, (3.0,)))
    return path


@pytest.mark.parametrize("rows", [7, 5_000])
def test_motion_is_timed_by_the_sensors_own_clock(
    path: Path, synthetic: ModuleType, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, rows: int
) -> None:
    monkeypatch.setattr(module, "CHUNK_ROWS", rows)
    with open_recording(path) as recording:
        written = export_csv(recording, synthetic.without_rows(), tmp_path / "out", raw=True)
    assert "motion.csv" in [file.name for file in written]
    table = pd.read_csv(tmp_path / "out" / "motion.csv")
    described = json.loads((tmp_path / "out" / "data_dictionary.json").read_text("utf-8"))
    assert list(table.columns) == [column["name"] for column in described["motion"]["columns"]]
    turns = table[table["quantity"] == "orientation"]
    assert len(turns) == 1000
    np.testing.assert_allclose(turns["t_s"], 0.1 + turns["sample_index"] / 500, atol=2e-4)
    assert (turns["w"] == 1.0).all()
    assert (turns["y"] == 0.1).all()
    assert (turns[["x", "z"]] == 0.0).all(axis=None)
    assert set(turns["source"]) == {"thigh, L"}
    [odd] = table[table["source"] == "pod"].to_dict("records")
    assert (odd["t_s"], odd["quantity"], odd["x"], odd["y"]) == (5.0, "odd_au", 7.0, 8.0)
    assert all(np.isnan(odd[name]) for name in ("sensor", "sample_index", "z", "w"))


def test_without_raw_there_is_no_motion(path: Path, synthetic: ModuleType, tmp_path: Path) -> None:
    nothing: Any = synthetic.without_rows()
    with open_recording(path) as recording:
        export_csv(recording, nothing, tmp_path / "out")
    assert not (tmp_path / "out" / "motion.csv").exists()
    described = json.loads((tmp_path / "out" / "data_dictionary.json").read_text("utf-8"))
    assert "motion" not in described
