"""Six whole recordings (A1, A2, B) end in the right sentences; the same with strides of a real walk."""

from __future__ import annotations

import importlib
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from emgsmr.analysis.comparison import Comparison, compare
from emgsmr.recording import Recording
from emgsmr.simulate import simulate_runner, treatment_session

ROOT = Path(__file__).parents[3]
RIGHT = ("GMAX_R", "BFLH_R", "MGAS_R")


def right_p1(comparison: Comparison) -> pd.Series:
    table = comparison.table
    return table[(table["pair"] == "P1") & (table["side"] == "R")].iloc[0]


@pytest.mark.parametrize(
    ("change_pct", "bout_sd", "seed", "changed"),
    [
        (0.0, 0.139, 1, False),
        (0.0, 0.03, 2, False),
        (10.0, 0.139, 3, False),
        (20.0, 0.139, 4, False),
        (40.0, 0.03, 3, True),
        (-30.0, 0.03, 1, True),
    ],
)
def test_a_whole_recording_ends_in_the_right_sentence(
    change_pct: float, bout_sd: float, seed: int, changed: bool, record: Callable[..., Recording]
) -> None:
    import dataclasses

    script = treatment_session(change_pct, bout_s=12.0, rest_s=4.0, bout_sd=bout_sd)
    script = dataclasses.replace(script, motion_uv=0.0, stride_sd=0.05, common_sd=0.05)
    comparison = compare(record("session", simulate_runner(script, seed=seed), sites=RIGHT))
    found = right_p1(comparison)
    assert found["ci_low_pct"] < change_pct < found["ci_high_pct"]
    sentences = " ".join(comparison.summary())
    if changed:
        assert found["verdict"] == "changed"
        assert abs(found["change_pct"]) > found["sdc_pct"] or change_pct < 0
        assert "changed beyond measurement error" in sentences
        assert np.sign(found["change_pct"]) == np.sign(change_pct)
    else:
        assert set(comparison.table["verdict"]) == {"no_detectable_change"}
        assert "changed beyond" not in sentences
        assert "no detectable change" in found["text"]
        assert "could be up to" in found["text"]
        if found["ci_low_pct"] < 0 < found["ci_high_pct"]:
            reach = np.log1p(found["ci_high_pct"] / 100) - np.log1p(found["ci_low_pct"] / 100)
            least = max(found["sdc_pct"], 100 * np.expm1(reach / 2))
            assert f"A change of less than {least:.0f} %" in found["text"]
    assert "not why" in sentences


@pytest.mark.parametrize(("change_pct", "changed"), [(0.0, False), (60.0, True)])
def test_real_strides_end_in_the_right_sentence(
    change_pct: float, changed: bool, real_data: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sys, "path", [str(ROOT / "benchmarks"), *sys.path])
    real_strides = importlib.import_module("real_strides")
    benchmark = importlib.import_module("validation.comparison")
    walk = real_strides.load_walk(real_data)
    if walk is None:
        pytest.skip("EMGSMR_REAL_DATA has no walk of single strides")
    script = benchmark.session_script(change_pct, 0.03, n_bouts=3, bout_s=15.0)
    comparison = benchmark.real_session(
        tmp_path / "real.emgsmr", real_strides.draw_walk(walk, script, seed=1), 0.03, 1
    )
    found = right_p1(comparison)
    assert found["verdict"] == ("changed" if changed else "no_detectable_change")
    assert found["ci_low_pct"] < change_pct < found["ci_high_pct"]
    left = comparison.table[comparison.table["side"] == "L"]
    assert set(left["verdict"]) == {"no_detectable_change"}
