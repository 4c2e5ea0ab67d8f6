"""Strides of a real walk from the EMG alone, with muscles missing and strides spoiled."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from emgsmr.analysis import Settings

FS = 1000.0
COLUMNS = {
    "GMAX_R": "GMAX_R",
    "BFLH_R": "BF_R",
    "ST_R": "ST_R",
    "MGAS_R": "GM_R",
    "LGAS_R": "GL_R",
    "SOL_R": "SOL_R",
}


@pytest.fixture
def walk(real_data: Path) -> tuple[dict[str, np.ndarray], np.ndarray]:
    """µV of six muscles of the right leg, and its contacts (s after the first sample)."""
    (contacts,) = sorted(real_data.glob("santuz*/*_gait_cycles.csv"))
    with contacts.open(newline="") as file:
        touchdown = np.array([float(row["touchdown_s"]) for row in csv.DictReader(file)])
    with contacts.with_name(contacts.name.replace("_gait_cycles", "")).open(newline="") as file:
        head, *rows = list(csv.reader(file))
    x = np.array(rows, dtype=np.float64)
    names = [name.split(" ")[0] for name in head]
    return {site: x[:, names.index(column)] for site, column in COLUMNS.items()}, touchdown - x[0, 0]


def errors(make, emg: dict[str, np.ndarray], touchdown: np.ndarray) -> np.ndarray:
    strides = make.analyzed(emg, fs=FS, settings=Settings(cycles="emg")).analysis().strides
    found = np.append(strides["t_start_s"].to_numpy(), strides["t_end_s"].iloc[-1])
    inside = found[(found > touchdown[0] - 0.3) & (found < touchdown[-1] + 0.3)]
    assert len(inside) == len(touchdown)
    return inside - touchdown


def test_contacts_of_a_real_walk_scatter_by_less_than_30_ms(make, walk) -> None:
    off = errors(make, *walk)
    assert np.abs(off).max() < 0.06
    assert off.std() < 0.03


@pytest.mark.parametrize("less", list(COLUMNS))
@pytest.mark.parametrize("how", ["missing", "dead", "noise"])
def test_one_muscle_less_moves_the_contacts_little(make, walk, less: str, how: str) -> None:
    emg, touchdown = walk
    rng = np.random.default_rng(0)
    n = len(emg[less])
    other = {"missing": None, "dead": np.zeros(n), "noise": rng.normal(0, 100, n)}[how]
    spoiled = {
        site: other if site == less else x for site, x in emg.items() if site != less or other is not None
    }
    off = errors(make, spoiled, touchdown)
    assert np.abs(off).max() < 0.06
    assert off.std() < 0.03


def test_knocks_and_a_burst_that_is_missing_move_no_contact_far(make, walk) -> None:
    emg, touchdown = walk
    t = np.arange(len(emg["ST_R"])) / FS
    knock = 3000.0 * np.exp(-(t - 4.0).clip(0) / 0.08) * np.sin(2 * np.pi * 40 * t) * (t > 4.0)
    spoiled = {site: x + knock for site, x in emg.items()}
    spoiled["MGAS_R"] = np.where((t > 2.6) & (t < 3.3), 0.05 * emg["MGAS_R"], spoiled["MGAS_R"])
    off = errors(make, spoiled, touchdown)
    assert off.std() < 0.03
    assert np.abs(off).max() < 0.09
