"""Slopes of amplitude and frequency, and what they say together."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis.baseline import Baseline, fit_baseline
from emgsmr.analysis.fatigue import fatigue_rows, jasa
from emgsmr.analysis.strides import Stride

UP, DOWN, FLAT = (0.01, 0.03), (-0.03, -0.01), (-0.01, 0.01)


@pytest.mark.parametrize(
    ("rms", "mnf", "label"),
    [
        (UP, UP, "force_increase"),
        (UP, DOWN, "fatigue"),
        (DOWN, DOWN, "force_decrease"),
        (DOWN, UP, "recovery"),
        (FLAT, DOWN, "none"),
        (UP, FLAT, "none"),
        (FLAT, FLAT, "none"),
        ((0.0, 0.1), DOWN, "none"),
        ((float("nan"), float("nan")), DOWN, "none"),
    ],
)
def test_quadrants_and_the_dead_zone(rms: tuple[float, float], mnf: tuple[float, float], label: str) -> None:
    assert jasa(rms, mnf) == label


def minutes_of(
    make: SimpleNamespace,
    minutes: float,
    *,
    rms: float = 0.0,
    mnf: float = 0.0,
    sd: float = 0.02,
    spectrum: bool = True,
) -> tuple[list[Stride], Baseline]:
    """Strides with slopes (ln per minute) of amplitude and mean frequency."""
    rng = np.random.default_rng(4)
    found = []
    for k in range(int(minutes * 60 / 0.7)):
        t = k * 0.7 / 60
        facts = make.facts(
            50 * np.exp(rms * t + sd * rng.normal()),
            mnf=100 * np.exp(mnf * t + sd * rng.normal()) if spectrum else float("nan"),
            quiet_uv=1e-6,
        )
        found.append(make.stride(k, {"GMAX_R": facts}))
    baseline = fit_baseline(found, t0_s=0, t1_s=60, source="settings")
    assert baseline is not None
    return found, baseline


@pytest.mark.parametrize(
    ("rms", "mnf", "label"),
    [
        (0.04, -0.03, "fatigue"),
        (0.04, 0.03, "force_increase"),
        (-0.04, -0.03, "force_decrease"),
        (-0.04, 0.03, "recovery"),
    ],
)
def test_known_slopes_are_found(make: SimpleNamespace, rms: float, mnf: float, label: str) -> None:
    strides, baseline = minutes_of(make, 8, rms=rms, mnf=mnf)
    rows = fatigue_rows(strides, "GMAX_R", baseline, fs=1000.0)
    assert len(rows) == 4  # a minute apart, from four minutes on, and none later than the recording
    assert rows[-1]["t_s"] <= strides[-1].t_end_s
    np.testing.assert_allclose(np.diff([row["t_s"] for row in rows]), 60)
    for row in rows:
        assert row["d_ln_rms_per_min"] == pytest.approx(rms, abs=0.01)
        assert row["d_ln_mnf_per_min"] == pytest.approx(mnf, abs=0.01)
        assert row["d_ln_rms_ci_low"] < row["d_ln_rms_per_min"] < row["d_ln_rms_ci_high"]
        assert row["d_ln_mnf_ci_low"] < row["d_ln_mnf_per_min"] < row["d_ln_mnf_ci_high"]
        assert row["jasa"] == label
        assert row["reason"] == ""


def test_a_steady_muscle_is_in_no_quadrant(make: SimpleNamespace) -> None:
    strides, baseline = minutes_of(make, 12, sd=0.15)
    rows = fatigue_rows(strides, "GMAX_R", baseline, fs=1000.0)
    assert sum(row["jasa"] != "none" for row in rows) <= 1


@pytest.mark.parametrize(
    ("fs", "says", "label"),
    [(400.0, "no spectrum at 400 Hz", "none"), (500.0, "degraded", "fatigue"), (1000.0, "", "fatigue")],
)
def test_what_the_sampling_rate_allows(make: SimpleNamespace, fs: float, says: str, label: str) -> None:
    strides, baseline = minutes_of(make, 6, rms=0.05, mnf=-0.05, spectrum=fs >= 500)
    for row in fatigue_rows(strides, "GMAX_R", baseline, fs=fs):
        assert says in row["reason"]
        assert row["jasa"] == label
        assert ("d_ln_mnf_per_min" in row) == (fs >= 500)
        assert row["d_ln_rms_per_min"] == pytest.approx(0.05, abs=0.01)


def test_missing_strides_are_said(make: SimpleNamespace) -> None:
    strides, baseline = minutes_of(make, 12)
    kept = [s for s in strides if not 200 < s.t_start_s < 600]
    rows = fatigue_rows(kept, "GMAX_R", baseline, fs=1000.0)
    assert "too few" in rows[4]["reason"]
    assert "d_ln_rms_per_min" not in rows[4]
    assert rows[0]["reason"] == ""


def test_no_stride_no_row(make: SimpleNamespace) -> None:
    strides, baseline = minutes_of(make, 2)
    assert fatigue_rows([], "GMAX_R", baseline, fs=1000.0) == []
    assert fatigue_rows(strides, "ST_R", baseline, fs=1000.0) == []
    assert fatigue_rows(strides, "GMAX_R", baseline, fs=1000.0) == []  # shorter than four minutes
