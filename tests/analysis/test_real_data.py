"""Real recordings, where they are: textbook timing, plausible strides, no findings where nothing happens."""

from __future__ import annotations

import csv
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from emgsmr.analysis import Analysis, analyze
from emgsmr.recording import import_file

WALK = {
    "GMAX_R": "GMAX_R",
    "BF_R": "BFLH_R",
    "ST_R": "ST_R",
    "GM_R": "MGAS_R",
    "GL_R": "LGAS_R",
    "SOL_R": "SOL_R",
}


def imported(
    src: Path, tmp_path: Path, sites: dict[str, str], *, unit: str | None = None, events: Path | None = None
) -> Analysis:
    with import_file(
        src, tmp_path / f"{src.stem}.emgsmr", sites=sites, unit=unit, events=events
    ) as recording:
        return analyze(recording)


def files(folder: Path, pattern: str) -> list[Path]:
    found = sorted(folder.glob(pattern))
    if not found:
        pytest.skip(f"no {pattern} among the real recordings")
    return found


def walk_cycles(folder: Path) -> list[tuple[float, float]]:
    """Touchdown and liftoff of the right foot, s."""
    (path,) = files(folder, "santuz*/*_gait_cycles.csv")
    with path.open(newline="") as file:
        return [(float(row["touchdown_s"]), float(row["liftoff_s"])) for row in csv.DictReader(file)]


@pytest.fixture
def walk(real_data: Path, tmp_path: Path) -> dict[str, Analysis]:
    """A treadmill walk, with the foot contacts of the recording and without."""
    events = tmp_path / "contacts.csv"
    rows = [f"{down},foot_contact,R\n{off},toe_off,R\n" for down, off in walk_cycles(real_data)]
    events.write_text("t_s,kind,side\n" + "".join(rows))
    (src,) = [path for path in files(real_data, "santuz*/*.csv") if "cycles" not in path.name]
    (tmp_path / "emg").mkdir()
    return {
        "events": imported(src, tmp_path, WALK, unit="uV", events=events),
        "emg": imported(src, tmp_path / "emg", WALK, unit="uV"),
    }


def circular_mean(pct: Sequence[float]) -> float:
    return float(np.angle(np.mean(np.exp(2j * np.pi * np.asarray(pct) / 100))) / (2 * np.pi) * 100 % 100)


@pytest.mark.parametrize("source", ["events", "emg"])
def test_a_real_walk_has_textbook_timing(walk: dict[str, Analysis], source: str) -> None:
    result = walk[source]
    assert (result.strides["valid"]).sum() >= 5
    assert set(result.strides["source"]) == {source}
    good = result.activation[result.activation["valid"]]
    centers = good.groupby("site")["burst_center_pct"].apply(circular_mean)

    def after(site: str, start: float) -> float:
        return (centers[site] - start) % 100 + start

    assert 90 <= after("GMAX_R", 50) <= 115
    assert 80 <= after("BFLH_R", 50) <= 110
    assert 80 <= after("ST_R", 50) <= 110
    for site in ("MGAS_R", "LGAS_R", "SOL_R"):
        assert 30 <= after(site, 0) <= 55


def test_contacts_of_a_real_walk_from_the_emg_alone(walk: dict[str, Analysis], real_data: Path) -> None:
    touchdown = np.array([down for down, _ in walk_cycles(real_data)])
    found = walk["emg"].strides["t_start_s"].to_numpy()
    inside = found[(found > touchdown[0] - 0.3) & (found < touchdown[-1] + 0.3)]
    errors = [np.abs(touchdown - t).min() for t in inside]
    assert len(inside) >= len(touchdown) - 1
    assert max(errors) < 0.06


def test_real_gait_of_many_people(real_data: Path, tmp_path: Path) -> None:
    """Two hamstrings and nothing else: no crash, and strides, where there are any, at a walking cadence."""
    cadences = []
    for src in files(real_data, "uci*/*_gait.npz"):
        result = imported(src, tmp_path, {"BF": "BFLH_R", "ST": "ST_R"})
        assert len(result.findings) == 0
        valid = result.strides[result.strides["valid"]]
        if len(valid):
            cadences.append(valid["cadence_spm"].median())
    assert len(cadences) >= 6
    assert 70 < np.median(cadences) < 130
    assert max(cadences) < 200


def test_held_contractions_are_no_gait(real_data: Path, tmp_path: Path) -> None:
    strides = 0
    for src in files(real_data, "elderly*/*BFtask.npz"):
        result = imported(src, tmp_path, {"BF": "BFLH_R", "TA": "TA_R", "VL": "VL_R"}, unit="uV")
        assert len(result.findings) == 0
        strides += len(result.strides)
    assert strides == 0


def test_a_real_fatigue_as_if_it_were_gait(real_data: Path, tmp_path: Path) -> None:
    for src in files(real_data, "plux*/*.csv"):
        assert len(imported(src, tmp_path, {"BB": "BFLH_R"}).findings) == 0
