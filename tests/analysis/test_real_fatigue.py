"""Real contractions, where they are: fatigue where a muscle was tired out, none in a hold of ten seconds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from emgsmr.analysis import Analysis, Settings, analyze
from emgsmr.analysis.settings import Cycles
from emgsmr.recording import import_file

MUSCLES = {"VL": "VL_R", "BF": "BFLH_R", "TA": "TA_R"}
FALLING = {"ID18_TA", "ID11_TA", "ID20_TA", "ID12_BF", "ID11_BF"}  # named in the notes on the recordings


def analyzed(
    src: Path, tmp_path: Path, sites: dict[str, str], settings: Settings, unit: str | None = None
) -> Analysis:
    with import_file(src, tmp_path / f"{src.stem}.emgsmr", sites=sites, unit=unit) as recording:
        return analyze(recording, settings)


@pytest.mark.parametrize("cycles", ["bursts", "windows"])
@pytest.mark.parametrize("low_hz", [15.0, 20.0])
def test_curls_until_the_biceps_tires_are_fatigue(
    real_data: Path, tmp_path: Path, cycles: Cycles, low_hz: float
) -> None:
    """74 Hz fall to 54 Hz, its notes say, within 15 to 450 Hz."""
    src = real_data / "plux_biceps_fatigue" / "emg_fatigue.csv"
    if not src.exists():
        pytest.skip("no such recording")
    settings = Settings(low_hz=low_hz, cycles=cycles, spectrum_bursts=9)
    result = analyzed(src, tmp_path, {"BB": "RF_R"}, settings)
    mdf = result.activation.loc[result.activation["valid"], "mdf_hz"].to_numpy(float)
    tenth = len(mdf) // 10
    assert np.mean(mdf[:tenth]) == pytest.approx(74, abs=3)
    assert np.mean(mdf[-tenth:]) == pytest.approx(54, abs=3)
    (row,) = result.fatigue.to_dict("records")
    assert row["jasa"] == "fatigue"
    assert row["t_s"] == result.strides["t_end_s"].iloc[-1]
    pooled = result.spectra
    assert set(pooled["state"]) == {"full"}
    assert pooled["mdf_ci_high_hz"].iloc[-1] < pooled["mdf_ci_low_hz"].iloc[0]


def test_held_contractions_of_ten_seconds_are_no_fatigue(real_data: Path, tmp_path: Path) -> None:
    """Nor anything else that would be found by chance more often than the intervals promise."""
    trials = [
        p for p in sorted((real_data / "elderly_isometric_cc0").glob("*task.npz")) if "_GL" not in p.name
    ]
    if not trials:
        pytest.skip("no such recordings")
    found = {}
    for src in trials:
        trial = src.stem.removesuffix("task")
        muscle = trial.split("_")[1]
        result = analyzed(
            src, tmp_path, {muscle: MUSCLES[muscle]}, Settings(low_hz=20.0, cycles="windows"), unit="uV"
        )
        (row,) = result.fatigue.to_dict("records")
        assert np.isfinite([row["d_ln_rms_per_min"], row["d_ln_mnf_per_min"]]).all()
        assert row["reason"] or row["jasa"] != "none"
        found[trial] = row["jasa"]
    tired = {trial for trial, quadrant in found.items() if quadrant == "fatigue"}
    assert len(tired) <= 0.05 * len(found)
    assert len(tired - FALLING) <= 1
    assert sum(quadrant != "none" for quadrant in found.values()) <= 0.1 * len(found)
