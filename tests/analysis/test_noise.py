"""The noise floor: unbiased where the old one was not, and what a ratio owes to it."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis.baseline import fit_baseline
from emgsmr.analysis.noise import NoiseFloor, noise_floor

FS = 1000.0
STRIDE_S = 0.7
FREEDOM = 5.5
"""Independent values in a fiftieth of a stride of 0.7 s: twice the EMG's bandwidth times 14 ms."""


def profiles(n: int, *, floor: float = 9.0, snr_db: float = 20.0, seed: int = 0, shift: int = 0) -> list:
    """Power in fifty bins of strides: active in the first 40 %, then noise alone."""
    rng = np.random.default_rng(seed)
    shape = np.where(np.arange(50) < 20, 1 + 10 ** (snr_db / 10), 1.0)
    return [floor * np.roll(shape, shift) * rng.chisquare(FREEDOM, 50) / FREEDOM for _ in range(n)]


@pytest.mark.parametrize("snr_db", [5, 10, 15, 20, 30])
@pytest.mark.parametrize(("n", "within"), [(4, 0.04), (20, 0.03), (100, 0.02)])
def test_the_floor_is_the_noise(n: int, within: float, snr_db: float) -> None:
    seeds = range(max(800 // n, 8))
    found = [noise_floor(profiles(n, snr_db=snr_db, seed=seed), gait="run").power for seed in seeds]
    assert np.mean(found) / 9.0 == pytest.approx(1.0, abs=within)


def test_the_lower_tenth_is_not_the_noise() -> None:
    """What the floor was before, and why it is not any more."""
    quiet = [np.quantile(bins, 0.1) for bins in profiles(200)]
    assert np.median(quiet) / 9.0 < 0.7


def test_the_quiet_phase_may_lie_around_foot_contact() -> None:
    found = noise_floor(profiles(100, shift=15), gait="walk")
    assert found.power == pytest.approx(9.0, rel=0.05)
    assert found.source == "quiet phase"


def test_an_artifact_in_some_strides_does_not_move_the_floor() -> None:
    strides = profiles(100)
    for bins in strides[::5]:
        bins[:] = 1e6
    assert noise_floor(strides, gait="run").power == pytest.approx(9.0, rel=0.05)


def test_rest_counts_where_it_is_lower() -> None:
    strides = profiles(100)
    assert noise_floor(strides, gait="run", rest=4.0) == NoiseFloor(4.0, "rest")
    assert noise_floor(strides, gait="run", rest=40.0).source == "quiet phase"
    assert noise_floor(strides, gait="run", rest=float("nan")).source == "quiet phase"


def test_a_held_contraction_has_no_quiet_phase() -> None:
    assert noise_floor(profiles(20), gait="hold") == NoiseFloor(0.0, "none")
    assert noise_floor(profiles(20), gait="hold", rest=4.0) == NoiseFloor(4.0, "rest")


@pytest.mark.parametrize("bins", [[], [np.full(50, np.nan)], [np.full(50, np.nan)] * 4])
def test_without_power_there_is_no_floor(bins: list) -> None:
    assert noise_floor(bins, gait="run") == NoiseFloor(0.0, "none")


def test_one_stride_is_better_than_none() -> None:
    assert noise_floor(profiles(1), gait="run").power == pytest.approx(9.0, rel=0.5)


def test_the_baseline_says_where_its_noise_comes_from(make: SimpleNamespace) -> None:
    sites = {"GMAX_R": make.facts(40, noise_uv=3, quiet_uv=3)}
    strides = [make.stride(k, sites) for k in range(20)]
    found = fit_baseline(strides, t0_s=0, t1_s=99, source="settings")
    assert found is not None
    assert found.noise["GMAX_R"] == pytest.approx(9.0)
    assert found.noise_source == {"GMAX_R": "quiet phase"}
    assert found.quiet["GMAX_R"] == pytest.approx(9.0)
    assert found.snr_db(strides[0], "GMAX_R") == pytest.approx(20 * np.log10(40 / 3))
    rested = fit_baseline(strides, t0_s=0, t1_s=99, source="settings", rest={"GMAX_R": 1.0})
    assert rested is not None
    assert (rested.noise["GMAX_R"], rested.noise_source["GMAX_R"]) == (1.0, "rest")
    assert rested.quiet["GMAX_R"] == pytest.approx(9.0)  # strides are compared with strides


def test_in_a_hold_nothing_is_subtracted(make: SimpleNamespace) -> None:
    facts = replace(make.facts(40, noise_uv=30), quiet=float("nan"))  # no quiet between contractions is known
    strides = [make.stride(k, {"GMAX_R": facts}, gait="hold") for k in range(20)]
    found = fit_baseline(strides, t0_s=0, t1_s=99, source="settings")
    assert found is not None
    assert found.noise_source == {"GMAX_R": "none"}
    assert found.rms(strides[0], "GMAX_R", "main") == pytest.approx(50.0)
    assert np.isnan(found.snr_db(strides[0], "GMAX_R"))


@pytest.mark.parametrize(
    ("snr_db", "without"), [(5, -0.22), (10, -0.10), (15, -0.04), (20, -0.01), (30, 0.0)]
)
def test_the_correction_takes_the_bias_from_a_ratio(
    make: SimpleNamespace, snr_db: float, without: float
) -> None:
    """The prime mover halves: 2 is true. Noise that is not taken off pulls the ratio toward 1."""
    n = 300
    bursts = 1.0 + STRIDE_S * np.arange(2 * n + 1)
    half = bursts[n] - 0.2
    rng = np.random.default_rng(1)
    t = np.arange(int((bursts[-1] + 1) * FS)) / FS
    on = ((t - bursts[0]) / STRIDE_S + 0.15) % 1.0 < 0.35  # the window of P1

    def emg(after: float) -> np.ndarray:
        level = 10.0 * 10 ** (snr_db / 20) * on * np.where(t < half, 1.0, after)
        return np.asarray(np.hypot(level, 10.0) * rng.normal(size=len(t)))

    pipeline = make.analyzed(
        {"GMAX_R": emg(0.5), "BFLH_R": emg(1.0)}, fs=FS, events=make.contacts(bursts, stance=0.35)
    )
    leg = pipeline.legs["R"]
    baseline = fit_baseline(leg.strides, t0_s=bursts[1], t1_s=half, source="settings")
    assert baseline is not None
    monitor = leg.monitors[0]
    after = [s for s in leg.strides if s.t_start_s > half]
    y = np.median([baseline.log_ratio(s, monitor.pair, monitor.members).y for s in after])  # type: ignore[union-attr]
    assert y == pytest.approx(np.log(2), abs=0.035)

    def level(site: str, strides: list) -> float:
        return float(np.median([np.log(s.sites[site].power["P1"]) / 2 for s in strides]))

    before = [s for s in leg.strides if bursts[1] <= s.t_start_s < half]
    change = {site: level(site, after) - level(site, before) for site in ("GMAX_R", "BFLH_R")}
    plain = change["BFLH_R"] - change["GMAX_R"]
    expected = np.log((1 + 10 ** (snr_db / 10)) / (1 + 10 ** (snr_db / 10) / 4)) / 2  # closed form
    assert plain == pytest.approx(expected, abs=0.03)
    assert np.expm1(expected - np.log(2)) == pytest.approx(without, abs=0.03)
