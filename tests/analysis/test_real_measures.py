"""A real treadmill walk: five strides are too few for statistics; its profiles are textbook."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from emgsmr.analysis import Analysis, analyze
from emgsmr.dsp import falconer_winter_cocontraction
from emgsmr.recording import import_file

SITES = {
    "GMAX_R": "GMAX_R", "BF_R": "BFLH_R", "ST_R": "ST_R", "GM_R": "MGAS_R", "GL_R": "LGAS_R",
    "SOL_R": "SOL_R", "TA_R": "TA_R", "VL_R": "VL_R",
}  # fmt: skip


@pytest.fixture
def walk(real_data: Path, tmp_path: Path) -> Analysis:
    (cycles,) = real_data.glob("santuz*/*_gait_cycles.csv")
    (src,) = [path for path in real_data.glob("santuz*/*.csv") if path != cycles]
    with cycles.open(newline="") as file:
        rows = [f"{r['touchdown_s']},foot_contact,R\n" for r in csv.DictReader(file)]
    events = tmp_path / "contacts.csv"
    events.write_text("t_s,kind,side\n" + "".join(rows))
    with import_file(src, tmp_path / "walk.emgsmr", sites=SITES, unit="uV", events=events) as recording:
        return analyze(recording)


def test_a_walk_of_five_strides_has_values_but_no_intervals_and_says_so(walk: Analysis) -> None:
    m = walk.measures
    assert set(m["period"]) == {"all"}
    assert len(m) > 50
    assert m[["ci_low", "ci_high"]].isna().all(axis=None)
    assert m["n"].le(5).all()
    told = m["note"].str.contains(r"too few for an interval: 10 are needed|only \d strides?.*, 3 are needed")
    assert told.all()
    assert m["value"].notna().mean() > 0.8


def test_its_profiles_are_textbook(walk: Analysis) -> None:
    """The shin works in the swing and the calf in the stance; the two heads of the calf work together."""
    profiles = walk.profiles.pivot_table(index="pct", columns="site", values="mean_uV")
    relative = profiles / profiles.max()

    def common(one: str, other: str) -> float:
        return float(falconer_winter_cocontraction(relative[one].to_numpy(), relative[other].to_numpy()))

    assert len(profiles) == 50
    assert relative["MGAS_R"].idxmax() in range(30, 52)
    assert common("TA_R", "MGAS_R") < 65 < common("MGAS_R", "LGAS_R")
