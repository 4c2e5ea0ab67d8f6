"""Slopes of amplitude and frequency, and what they say together."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from emgsmr.analysis.baseline import Baseline, fit_baseline
from emgsmr.analysis.fatigue import MIN_POINTS, fatigue_rows, jasa, latest_row
from emgsmr.analysis.pool import SpectrumPool
from emgsmr.analysis.strides import Stride
from emgsmr.dsp import Trend

UP, DOWN = Trend(0.05, 0.03, 0.07, 15.0), Trend(-0.05, -0.07, -0.03, 15.0)
FLAT, UNSURE = Trend(0.001, -0.01, 0.01, 15.0), Trend(0.05, -0.01, 0.11, 15.0)
SMALL, NONE = Trend(-0.005, -0.007, -0.003, 15.0), Trend(np.nan, np.nan, np.nan, 0.0)


@pytest.mark.parametrize(
    ("rms", "mnf", "label", "reason"),
    [
        (UP, UP, "force_increase", ""),
        (UP, DOWN, "fatigue", ""),
        (DOWN, DOWN, "force_decrease", ""),
        (DOWN, UP, "recovery", ""),
        (FLAT, DOWN, "none", "spectral shift without amplitude change"),
        (UNSURE, DOWN, "none", "spectral shift without amplitude change"),
        (FLAT, UP, "none", "spectral shift upward without amplitude change"),
        (UP, FLAT, "none", "amplitude rises without spectral shift"),
        (DOWN, UNSURE, "none", "amplitude falls without spectral shift"),
        (UP, SMALL, "none", "amplitude rises without spectral shift"),
        (SMALL, DOWN, "none", "spectral shift without amplitude change"),
        (SMALL, SMALL, "none", "changes too small to count"),
        (FLAT, FLAT, "none", "no change beyond chance"),
        (NONE, DOWN, "none", "spectral shift without amplitude change"),
        (NONE, NONE, "none", "no change beyond chance"),
    ],
)
def test_quadrants_and_the_dead_zone(rms: Trend, mnf: Trend, label: str, reason: str) -> None:
    assert jasa(rms, mnf, minutes=4.0) == (label, reason)


def test_the_dead_zone_is_about_the_change_not_the_rate() -> None:
    """5 % a minute is a lot in four minutes and nothing in ten seconds."""
    assert jasa(UP, DOWN, minutes=4.0)[0] == "fatigue"
    assert jasa(UP, DOWN, minutes=0.17) == ("none", "changes too small to count")


FREQS = np.arange(20.0, 451.0)


def line(mnf: float) -> tuple[np.ndarray, np.ndarray]:
    return FREQS, np.exp(-0.5 * ((FREQS - mnf) / 10) ** 2)


def rows_of(
    strides: Sequence[Stride], baseline: Baseline, site: str = "GMAX_R", fs: float = 1000.0
) -> list[dict[str, Any]]:
    """As the pipeline does: pooled first."""
    pool = SpectrumPool(20)
    for stride in strides:
        pool.take(stride)
    pool.finish()
    return fatigue_rows(strides, pool.blocks.get(site, []), site, baseline, fs=fs, snr_db=10.0)


def minutes_of(
    make: SimpleNamespace,
    minutes: float,
    *,
    rms: float = 0.0,
    mnf: float = 0.0,
    sd: float = 0.02,
    spectrum: bool = True,
    cadence: float = 0.0,
    gait: str = "run",
) -> tuple[list[Stride], Baseline]:
    """Strides with slopes (ln per minute) of amplitude and mean frequency.

    ``cadence``: by how much (ln) strides 200 to 400 are faster; amplitude goes with its square.
    """
    rng = np.random.default_rng(4)
    found: list[Stride] = []
    t = 0.0
    for k in range(int(minutes * 60 / 0.7)):
        faster = cadence if 200 <= k < 400 else 0.0
        hz = 100 * np.exp(mnf * t / 60 + sd * rng.normal())
        facts = make.facts(
            50 * np.exp(rms * t / 60 + 2 * faster + sd * rng.normal()),
            mnf=hz if spectrum else float("nan"),
            quiet_uv=1e-6,
        )
        facts = replace(facts, periodogram=line(hz) if spectrum else None)
        duration = 0.7 * np.exp(-faster)
        found.append(make.stride(k, {"GMAX_R": facts}, t_start_s=t, duration_s=duration, gait=gait))
        t += duration
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
    rows = rows_of(strides, baseline)
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
    rows = rows_of(strides, baseline)
    assert {row["jasa"] for row in rows} == {"none"}
    assert all(row["reason"] for row in rows)


@pytest.mark.parametrize(
    ("fs", "says", "label"),
    [(400.0, "no spectrum at 400 Hz", "none"), (500.0, "degraded", "fatigue"), (1000.0, "", "fatigue")],
)
def test_what_the_sampling_rate_allows(make: SimpleNamespace, fs: float, says: str, label: str) -> None:
    strides, baseline = minutes_of(make, 6, rms=0.05, mnf=-0.05, spectrum=fs >= 500)
    for row in rows_of(strides, baseline, fs=fs):
        assert says in row["reason"]
        assert row["jasa"] == label
        assert ("d_ln_mnf_per_min" in row) == (fs >= 500)
        assert row["d_ln_rms_per_min"] == pytest.approx(0.05, abs=0.01)


def test_missing_strides_are_said(make: SimpleNamespace) -> None:
    strides, baseline = minutes_of(make, 12)
    kept = [s for s in strides if not 200 < s.t_start_s < 600]
    rows = rows_of(kept, baseline)
    assert rows[4]["reason"] == "too few valid strides in the window: 0 points of 8"
    assert "d_ln_rms_per_min" not in rows[4]
    assert rows[0]["d_ln_rms_per_min"] == pytest.approx(0.0, abs=0.01)


def test_no_stride_no_row(make: SimpleNamespace) -> None:
    strides, baseline = minutes_of(make, 2)
    assert rows_of([], baseline) == []
    assert rows_of(strides, baseline, "ST_R") == []
    assert rows_of(strides, baseline) == []  # shorter than four minutes


def test_a_change_of_pace_is_no_change_of_the_muscle(make: SimpleNamespace) -> None:
    strides, baseline = minutes_of(make, 9, cadence=0.08, mnf=-0.03)
    changed = [row for row in rows_of(strides, baseline) if "adjusted for cadence" in row["reason"]]
    assert len(changed) >= 3
    for row in changed:
        assert row["jasa"] == "none"
        assert row["d_ln_rms_per_min"] == pytest.approx(0.0, abs=0.01)
        assert row["d_ln_mnf_per_min"] == pytest.approx(-0.03, abs=0.01)


def test_cadence_that_only_follows_time_is_said(make: SimpleNamespace) -> None:
    strides, baseline = minutes_of(make, 6)
    ramped = [
        make.stride(s.number, s.sites, t_start_s=s.t_start_s, duration_s=0.7 * np.exp(-0.0005 * s.number))
        for s in strides
    ]
    for row in rows_of(ramped, baseline):
        assert row["jasa"] == "none"
        assert row["reason"].startswith("cadence changed along with time")


def test_a_weak_signal_has_amplitude_but_no_frequency(make: SimpleNamespace) -> None:
    strides, baseline = minutes_of(make, 6, rms=0.05)
    noisy = replace(baseline, noise={"GMAX_R": 400.0})
    for row in rows_of(strides, noisy):
        assert row["jasa"] == "none"
        assert "dB above the noise floor; 10 dB needed" in row["reason"]
        assert "d_ln_mnf_per_min" not in row
        assert np.isfinite(row["d_ln_rms_per_min"])


@pytest.mark.parametrize("gait", ["rep", "hold"])
def test_a_set_is_one_window(make: SimpleNamespace, gait: str) -> None:
    """Thirty repetitions or windows, a rest, thirty more: a row at each end, from single bursts."""
    strides, baseline = minutes_of(make, 0.7, rms=0.4, mnf=-0.3, gait=gait)
    later = [
        make.stride(60 + s.number, s.sites, t_start_s=s.t_start_s + 90.0, gait=gait) for s in strides[:30]
    ]
    rows = rows_of([*strides[:30], *later], baseline)
    assert [row["t_s"] for row in rows] == pytest.approx([strides[29].t_end_s, later[-1].t_end_s])
    for row in rows:
        assert row["jasa"] == "fatigue"
        assert row["d_ln_rms_per_min"] == pytest.approx(0.4, abs=0.15)
        assert row["d_ln_mnf_per_min"] == pytest.approx(-0.3, abs=0.15)


def test_a_hold_without_rests_has_no_noise_floor(make: SimpleNamespace) -> None:
    """Nothing is taken off then, and that is said."""
    strides, baseline = minutes_of(make, 0.4, rms=0.4, mnf=-0.3, gait="hold")
    (row,) = rows_of(strides, replace(baseline, noise={"GMAX_R": 0.0}))
    assert row["d_ln_rms_per_min"] == pytest.approx(0.4, abs=0.1)
    assert row["reason"] == "its noise is not known: no rest in the signal"
    (row,) = rows_of(strides, replace(baseline, noise={"GMAX_R": 1000.0}))
    assert row["d_ln_rms_per_min"] > 0.5


def test_a_long_set_is_watched_as_gait_is(make: SimpleNamespace) -> None:
    strides, baseline = minutes_of(make, 6, rms=0.05, mnf=-0.05, gait="rep", sd=0.05)
    rows = rows_of(strides, baseline)
    assert [row["t_s"] for row in rows] == pytest.approx([240, 300, strides[-1].t_end_s])
    assert {row["jasa"] for row in rows} == {"fatigue"}


def test_slow_fatigue_shows_in_twelve_minutes(make: SimpleNamespace) -> None:
    """5 % in four minutes, as in a long run."""
    strides, baseline = minutes_of(make, 20, rms=0.012, mnf=-0.0125, sd=0.12)
    rows = rows_of(strides, baseline)
    early, late = rows[:8], rows[9:]
    assert "fatigue" not in {row["jasa"] for row in early}
    assert np.mean([row["jasa"] == "fatigue" for row in late]) > 0.8
    for row in late:
        if row["jasa"] == "fatigue":
            assert row["reason"] == "over the last twelve minutes"
            assert row["d_ln_mnf_per_min"] == pytest.approx(-0.0125, abs=0.004)
    # not across a rest
    rested = [s for s in strides if not 500 < s.t_start_s < 600]
    across = [row for row in rows_of(rested, baseline) if 700 < row["t_s"] < 1200]
    assert "fatigue" not in {row["jasa"] for row in across}


def test_what_is_asked_while_it_runs_is_what_the_table_says(make: SimpleNamespace) -> None:
    """Each minute, with the strides until then, the last row of the table."""
    slopes = {"rms": 0.02, "mnf": -0.015, "sd": 0.1}
    told = {round(row["t_s"]): row for row in rows_of(*minutes_of(make, 17, **slopes))}
    strides, baseline = minutes_of(make, 17, **slopes)  # pooling takes the periodograms out of strides
    pool = SpectrumPool(20)
    asked = set()
    for k, stride in enumerate(strides):
        pool.take(stride)
        if k % 43 == 0:
            blocks = pool.blocks.get("GMAX_R", [])
            row = latest_row(blocks, "GMAX_R", baseline, now_s=stride.t_end_s, fs=1000.0, snr_db=10.0)
            assert (row is None) == (stride.t_end_s < 240)
            if row is not None:
                assert 0 <= stride.t_end_s - row["t_s"] < 60
                assert row == told[round(row["t_s"])]
                asked.add(row["jasa"])
    assert asked == {"none", "fatigue"}


def test_a_steady_run_is_in_no_quadrant_over_twelve_minutes_either(make: SimpleNamespace) -> None:
    strides, baseline = minutes_of(make, 40, sd=0.2)
    assert {row["jasa"] for row in rows_of(strides, baseline)} == {"none"}


def test_a_few_repetitions_are_too_few(make: SimpleNamespace) -> None:
    strides, baseline = minutes_of(make, 1, gait="rep")
    (row,) = rows_of(strides[: MIN_POINTS - 1], baseline)
    assert row["reason"] == "too few valid strides in the window: 7 points of 8"
