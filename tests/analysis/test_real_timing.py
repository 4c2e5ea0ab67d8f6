"""When real muscles work in a real walk: against foot contacts, textbook windows and each other."""

from __future__ import annotations

import csv
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgsmr import dsp
from emgsmr.analysis import Analysis, Settings, analyze
from emgsmr.recording import import_file

SITES = {name: name for name in ("GMED_R", "GMAX_R", "RF_R", "VM_R", "VL_R", "ST_R", "TA_R", "PL_R", "SOL_R")}
SITES |= {"BF_R": "BFLH_R", "GM_R": "MGAS_R", "GL_R": "LGAS_R"}
METHODS = ["likelihood", "double_threshold"]

# Onset and end in % of the stride: around the textbook's window, where a muscle is clearly active, as much
# earlier and later as it may take from and to the noise, 20 dB below its peak. Textbook: hamstrings 85 to
# 110, gluteus maximus 95 to 115, medius 95 to 140, vasti 90 to 115, tibialis 58 to 110, calf 26 to 55 (it is
# weakly active in early stance already, which is above the noise).
BOUNDS = {
    "GMAX_R": ((-15, 0), (10, 25)),
    "GMED_R": ((-25, 0), (30, 50)),
    "BFLH_R": ((-25, -10), (5, 25)),
    "ST_R": ((-28, -10), (5, 25)),
    "VL_R": ((-18, -4), (12, 30)),
    "VM_R": ((-18, -4), (12, 30)),
    "TA_R": ((-48, -30), (2, 18)),
    "MGAS_R": ((0, 32), (48, 62)),
    "LGAS_R": ((-8, 32), (48, 62)),
    "SOL_R": ((-8, 32), (48, 64)),
}


@pytest.fixture
def walk(real_data: Path, tmp_path: Path) -> dict[str, Analysis]:
    folder = real_data / "santuz_walk_13muscle"
    with (folder / "ID0012_TW_01_gait_cycles.csv").open(newline="") as file:
        cycles = [(row["touchdown_s"], row["liftoff_s"]) for row in csv.DictReader(file)]
    events = tmp_path / "contacts.csv"
    lines = [f"{down},foot_contact,R\n{off},toe_off,R\n" for down, off in cycles]
    events.write_text("t_s,kind,side\n" + "".join(lines))
    with import_file(
        folder / "ID0012_TW_01.csv", tmp_path / "walk.emgsmr", sites=SITES, unit="uV", events=events
    ) as recording:
        return {method: analyze(recording, Settings(onset_method=method)) for method in METHODS}


def of(table: pd.DataFrame, site: str) -> pd.DataFrame:
    return table[(table["site"] == site) & table["valid"]]


@pytest.mark.parametrize("method", METHODS)
def test_real_muscles_work_when_the_textbook_says(walk: dict[str, Analysis], method: str) -> None:
    for site, ((on_from, on_to), (off_from, off_to)) in BOUNDS.items():
        bursts = of(walk[method].bursts, site)
        assert len(bursts) == 5, site
        assert on_from <= bursts["on_pct"].median() <= on_to, site
        assert off_from <= bursts["off_pct"].median() <= off_to, site


def test_two_methods_that_share_nothing_agree(walk: dict[str, Analysis]) -> None:
    """Medians over five strides; what a weak beginning leaves open is below a twelfth of the stride."""
    for site in BOUNDS:
        a, b = (of(walk[method].bursts, site) for method in METHODS)
        assert abs(a["on_pct"].median() - b["on_pct"].median()) < 8, site
        assert abs(a["off_pct"].median() - b["off_pct"].median()) < 8, site


def test_the_order_of_groups_is_that_of_gait(walk: dict[str, Analysis]) -> None:
    """The foot's lifter, then hamstrings, then hip and knee extensors, then calf."""
    on = walk["likelihood"].bursts.query("valid").groupby("site")["on_pct"].median()
    assert on["TA_R"] < on[["BFLH_R", "ST_R"]].min()
    assert on[["BFLH_R", "ST_R"]].max() < on[["GMAX_R", "VL_R", "VM_R"]].min()
    assert on[["GMAX_R", "VL_R", "VM_R"]].max() < on[["MGAS_R", "SOL_R", "LGAS_R"]].min()


def test_what_stands_too_little_above_the_noise_is_not_claimed(walk: dict[str, Analysis]) -> None:
    result = walk["likelihood"]
    for site in ("RF_R", "PL_R"):  # active through most of the stride of a walk, so there is no rest below
        bursts = result.bursts[result.bursts["site"] == site]
        center = result.activation[result.activation["site"] == site].set_index("stride")["burst_center_pct"]
        weak = bursts[bursts["snr_db"] < 15]
        assert len(weak) >= 4
        assert not weak["valid"].any()
        assert weak["reject_reason"].str.contains("dB above the noise").all()
        assert center[weak["stride"]].isna().all()


def test_the_center_of_a_real_muscle_varies_by_a_few_percent(walk: dict[str, Analysis]) -> None:
    good = walk["likelihood"].activation.query("valid")
    for site in BOUNDS:
        pct = good.loc[good["site"] == site, "burst_center_pct"].to_numpy(float)
        assert np.isfinite(pct).all()
        assert dsp.circular_sd(pct) < 4
