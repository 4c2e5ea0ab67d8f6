"""A real recording of a walk (public data, not in this repository): it is imported sample for sample."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pytest

from emgsmr.errors import ArgumentError
from emgsmr.recording import import_csv

SITES = {
    "GMAX_R": "GMAX_R",
    "BF_R": "BFLH_R",
    "ST_R": "ST_R",
    "GM_R": "MGAS_R",
    "GL_R": "LGAS_R",
    "SOL_R": "SOL_R",
}


@pytest.fixture
def walk(real_data: Path) -> Path:
    return real_data / "santuz_walk_13muscle" / "ID0012_TW_01.csv"


@pytest.fixture
def steps(walk: Path, tmp_path: Path) -> Path:
    """The foot contacts of its gait cycles, as an events file."""
    with walk.with_name("ID0012_TW_01_gait_cycles.csv").open(newline="") as file:
        cycles = list(csv.DictReader(file))
    path = tmp_path / "steps.csv"
    with path.open("w", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["t_s", "kind", "side"])
        for cycle in cycles:
            writer.writerow([cycle["touchdown_s"], "foot_contact", "R"])
            writer.writerow([cycle["liftoff_s"], "toe_off", "R"])
    return path


def test_the_walk_sample_for_sample(walk, steps, tmp_path):
    table = np.genfromtxt(walk, delimiter=",", names=True, deletechars="")
    with import_csv(walk, tmp_path / "walk.emgsmr", unit="uV", sites=SITES, events=steps) as recording:
        [sensor] = recording.sensors
        assert sensor.rate_hz == 1000.0
        assert recording.start_s == pytest.approx(0.014)
        assert recording.end_s == pytest.approx(7.632)
        assert recording.gaps() == ()
        assert len(recording.session["source"]["left_out"]) == 7
        assert [event.t_s for event in recording.events()[:2]] == [1.414, 2.074]
        microvolts = recording.counts(1, 0, len(table)) * sensor.scale_uv
        for placement in recording.placements:
            column = table[placement.text.replace(" ", "_")]
            np.testing.assert_allclose(microvolts[:, placement.channel], column, atol=0.00501)


def test_the_file_is_unsure_of_its_unit_and_is_asked_about(walk, tmp_path):
    with pytest.raises(ArgumentError, match="unsure"):
        import_csv(walk, tmp_path / "walk.emgsmr", sites=SITES)
