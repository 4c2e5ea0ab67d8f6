from __future__ import annotations

import json
import tracemalloc
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np
import pandas as pd
import pytest

from emgsmr.export import export_csv, load_dictionary
from emgsmr.export import signal as module
from emgsmr.recording import Recorder, Recording, SampleBlock, open_recording


@pytest.fixture
def nothing(synthetic: ModuleType) -> Any:
    return synthetic.without_rows()


def test_a_file_comes_back_sample_by_sample_with_its_gap(
    file_recording: Recording, nothing: Any, tmp_path: Path
) -> None:
    export_csv(file_recording, nothing, tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "emg.csv")
    assert list(table.columns) == ["t_s", "GMAX_L_uV", "GMAX_L_valid", "BFLH_L_uV", "BFLH_L_valid"]
    np.testing.assert_allclose(table["t_s"], 0.25 + np.arange(2500) / 500, atol=1e-9)
    wanted = np.arange(2500) * 0.01
    wanted[1000:1250] = np.nan
    np.testing.assert_allclose(table["GMAX_L_uV"], wanted, atol=1e-9)
    np.testing.assert_allclose(
        table["BFLH_L_uV"], np.where(np.isnan(wanted), np.nan, np.arange(2500) % 7 * 0.01)
    )
    assert table["GMAX_L_valid"].tolist() == (~np.isnan(wanted)).tolist()


def test_cutting_into_pieces_changes_nothing(
    file_recording: Recording, nothing: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export_csv(file_recording, nothing, tmp_path / "whole")
    monkeypatch.setattr(module, "CHUNK_ROWS", 17)
    export_csv(file_recording, nothing, tmp_path / "pieces", raw=True)
    assert (tmp_path / "whole" / "emg.csv").read_bytes() == (tmp_path / "pieces" / "emg.csv").read_bytes()


def test_sensors_of_one_rate_share_a_grid_by_nearest_sample(
    radio_recording: Recording, nothing: Any, tmp_path: Path
) -> None:
    written = export_csv(radio_recording, nothing, tmp_path)
    assert {path.name for path in written} >= {"emg_500hz.csv", "emg_1000hz.csv"}
    table = pd.read_csv(tmp_path / "emg_500hz.csv")
    assert list(table.columns) == ["t_s", "GMAX_L_uV", "GMAX_L_valid", "BFLH_L_uV", "BFLH_L_valid"]
    np.testing.assert_allclose(np.diff(table["t_s"]), 0.002, atol=2e-6)
    # counts are sample numbers, and 0.5 uV each: the value says which sample was taken
    glute = table.dropna(subset="GMAX_L_uV")
    assert (glute["GMAX_L_uV"] / 0.5).tolist() == list(range(10_000))
    thigh = table.dropna(subset="BFLH_L_uV")
    sample = thigh["BFLH_L_uV"] / 0.5
    late = thigh["t_s"] - (0.1 + sample / (500 * 1.0002))
    assert late.abs().max() < 0.5 / 500 + 0.0008  # half a sample, and what the clock fit needs to settle
    steps = sample.diff().dropna()
    assert set(steps) <= {0.0, 1.0, 2.0}  # now and then one twice or not at all, never a value in between
    assert (table["BFLH_L_valid"] == table["BFLH_L_uV"].notna()).all()


def test_a_gap_of_the_radio_is_empty_and_not_valid(
    radio_recording: Recording, nothing: Any, tmp_path: Path
) -> None:
    export_csv(radio_recording, nothing, tmp_path)
    table = pd.read_csv(tmp_path / "emg_1000hz.csv")
    gap = table["MGAS_L_uV"].isna()
    assert gap.sum() == 3000
    assert not table["MGAS_L_valid"][gap].any()
    assert table["MGAS_L_valid"][~gap].all()
    assert table["MGAS_L_uV"].dropna().to_numpy()[4999:5001].tolist() == [2499.5, 4000.0]


def test_bad_seconds_keep_their_values_and_are_not_valid(
    file_recording: Recording, nothing: Any, tmp_path: Path
) -> None:
    nothing.quality = pd.DataFrame(
        {"t_s": [0.25, 1.25, 2.25], "site": "GMAX_L", "state": ["good", "motion", "noisy"], "reason": None,
         "mains_db": 0.0, "clipped_pct": 0.0, "motion_ratio": 1.0}
    )  # fmt: skip
    export_csv(file_recording, nothing, tmp_path / "out")
    table = pd.read_csv(tmp_path / "out" / "emg.csv")
    moving = (table["t_s"] >= 1.25) & (table["t_s"] < 2.25)
    assert table["GMAX_L_uV"][moving].notna().all()
    assert not table["GMAX_L_valid"][moving].any()
    present = table["GMAX_L_uV"].notna()
    assert table["GMAX_L_valid"][present & ~moving].all()
    assert table["BFLH_L_valid"][present].all()


def test_raw_files_hold_every_count_once(radio_recording: Recording, nothing: Any, tmp_path: Path) -> None:
    written = export_csv(radio_recording, nothing, tmp_path, raw=True)
    raw = [path for path in written if path.name.startswith("raw")]
    assert [path.name for path in raw] == ["raw_1_glute.csv", "raw_2_thigh.csv", "raw_3_calf.csv"]
    table = pd.read_csv(raw[2])
    assert list(table.columns) == ["sample", "t_s", "MGAS_L_counts"]
    assert table["sample"].tolist() == [*range(5000), *range(8000, 20_000)]
    assert (table["MGAS_L_counts"] == table["sample"]).all()
    np.testing.assert_allclose(table["t_s"], 0.05 + table["sample"] / 1000, atol=2e-6)
    described = json.loads((tmp_path / "data_dictionary.json").read_text(encoding="utf-8"))
    assert list(described) == [
        name
        for name in load_dictionary()
        if not name.startswith("comparison") and name not in ("motion", "trend")
    ]


def test_channels_without_a_site_are_in_the_raw_file(
    file_recording: Recording, nothing: Any, tmp_path: Path
) -> None:
    export_csv(file_recording, nothing, tmp_path / "out", raw=True)
    table = pd.read_csv(tmp_path / "out" / "raw_1_walk-csv.csv")
    assert list(table.columns) == ["sample", "t_s", "GMAX_L_counts", "ch2_counts", "BFLH_L_counts"]
    assert (table["ch2_counts"] == -table["sample"]).all()


def test_progress_grows_to_one(radio_recording: Recording, nothing: Any, tmp_path: Path) -> None:
    seen: list[float] = []
    export_csv(radio_recording, nothing, tmp_path, raw=True, progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(1.0)


def test_a_stream_shorter_than_its_clock_fit_and_an_empty_one(nothing: Any, tmp_path: Path) -> None:
    path = tmp_path / "short.emgsmr"
    with Recorder(path, started_ns=0) as recorder:
        for name, site, n in (("short", "GMAX_L", 20), ("silent", "BFLH_L", 0)):
            info = recorder.add_sensor(
                family="file", address=name, name=name, firmware="", rate_hz=500.0, channels=1, dtype="<i2",
                scale_uv=1.0, scale_known="known", placements=[(0, site)],
            )  # fmt: skip
            if n:
                arrivals = np.array([[n, 40_000_000]])
                recorder.write(SampleBlock(info.id, 0, np.ones((n, 1), dtype="<i2"), arrivals))
    with open_recording(path) as recording:
        export_csv(recording, nothing, tmp_path / "out", raw=True)
    table = pd.read_csv(tmp_path / "out" / "emg.csv")
    assert table["GMAX_L_uV"].tolist() == [1.0] * 20
    assert not (tmp_path / "out" / "raw_2_silent.csv").exists()


def test_memory_does_not_grow_with_the_length(
    nothing: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def peak(minutes: int) -> int:
        path = tmp_path / f"{minutes}.emgsmr"
        with Recorder(path, started_ns=0) as recorder:
            info = recorder.add_sensor(
                family="file", address="", name="x", firmware="", rate_hz=500.0, channels=2, dtype="<i2",
                scale_uv=1.0, scale_known="known", placements=[(0, "GMAX_L"), (1, "BFLH_L")],
            )  # fmt: skip
            recorder.set_clock(info.id, 0, 0.0, 500.0, None, "file")
            counts = np.random.default_rng(0).integers(-2000, 2000, (5_000, 2)).astype("<i2")
            for block in range(6 * minutes):
                recorder.write(SampleBlock(info.id, 5_000 * block, counts))
        with open_recording(path) as recording:
            tracemalloc.start()
            export_csv(recording, nothing, tmp_path / f"out{minutes}")
            _, most = tracemalloc.get_traced_memory()
            tracemalloc.stop()
        return most

    monkeypatch.setattr(module, "CHUNK_ROWS", 5_000)
    short = peak(1)
    assert peak(3) < 1.2 * short + 300_000
