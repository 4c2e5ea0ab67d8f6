"""The run that is made of motor units: what its signals show is what its truth says."""

from __future__ import annotations

import dataclasses
import json
from functools import cache

import numpy as np
import pytest
from scipy.signal import welch

from emgsmr.errors import ArgumentError
from emgsmr.simulate import PROFILES, SCENARIOS, Run, Scenario, simulate_runner
from emgsmr.simulate.scenario import ElectrodeOff, Inhibition, Phase, Shift

FS = 1000.0
SHORT = Scenario(
    "short",
    "Six minutes with a shift after the third.",
    minutes=6.0,
    phases=(Phase("baseline", 30.0, 180.0),),
    shifts=(Shift("P1", "R", 0.25, onset_s=180.0, ramp_s=20.0),),
    motion_uv=0.0,
    load=0.4,
    muscles=("GMAX", "BFLH", "ST", "MGAS"),
)


@cache
def short(seed: int = 1, engine: str = "pool") -> Run:
    return simulate_runner(SHORT, seed=seed, engine=engine)


@cache
def signal(site: str, seed: int = 1, engine: str = "pool") -> np.ndarray:
    return short(seed, engine).emg(site, fs=FS)


@cache
def whole(name: str) -> Run:
    """A script that comes with emgsmr, on the muscles that tire first and last."""
    fewer = dataclasses.replace(SCENARIOS[name], muscles=("GMAX", "BFLH", "ST"))
    return simulate_runner(fewer, seed=1, engine="pool")


def rms(run: Run, x: np.ndarray, site: str, t0: float, t1: float) -> float:
    """Mean ln rms of the bursts between two times, the sensor's noise power taken off."""
    contacts = run.contacts[site[-1]]
    burst = PROFILES[site.rsplit("_", 1)[0]].run
    stride = np.diff(contacts).mean()
    rows = [
        x[int((t + burst.start / 100 * stride) * FS) : int((t + burst.stop / 100 * stride) * FS)]
        for t in contacts[(contacts > t0) & (contacts < t1)]
    ]
    noise = run.truth["sites"][site]["noise_uv"] ** 2
    return float(np.mean([0.5 * np.log(np.mean(row**2) - noise) for row in rows]))


def truth_at(run: Run, site: str, quantity: str, t0: float, t1: float) -> float:
    points = np.array(run.truth["sites"][site][quantity])
    return float(np.interp(np.arange(t0, t1), points[:, 0], points[:, 1]).mean())


@pytest.mark.parametrize("site", ["GMAX_R", "BFLH_R", "ST_R", "BFLH_L", "MGAS_R"])
def test_bursts_change_as_the_truth_says(site: str) -> None:
    change = []
    for seed in (1, 2):
        run, x = short(seed), signal(site, seed)
        shown = rms(run, x, site, 220, 350) - rms(run, x, site, 60, 180)
        said = np.log(truth_at(run, site, "gain", 220, 350) / truth_at(run, site, "gain", 60, 180))
        change.append(shown - said)
    # Strides wander by 0.02 on their own, as in the surrogate.
    assert np.mean(change) == pytest.approx(0.0, abs=0.04)


def test_the_shift_has_its_size_in_fresh_muscles() -> None:
    tireless = dataclasses.replace(SHORT, load=0.05)  # so easy that nothing tires
    (takeover,) = short().truth["takeovers"]
    assert takeover["prime_level"] == pytest.approx([0.75], abs=0.002)
    assert takeover["compensator_level"] == pytest.approx([1.25, 1.25], abs=0.002)
    run = simulate_runner(tireless, seed=1, engine="pool")
    for site, size in (("GMAX_R", 0.75), ("BFLH_R", 1.25), ("ST_R", 1.25), ("MGAS_R", 1.0)):
        assert truth_at(run, site, "gain", 210, 350) / truth_at(run, site, "gain", 30, 175) == pytest.approx(
            size, abs=0.03
        )


def test_levels_and_frequencies_are_those_of_the_person() -> None:
    for site in ("GMAX_L", "MGAS_L"):
        run, x = short(), signal(site)
        surrogate = rms(short(engine="surrogate"), signal(site, 1, "surrogate"), site, 30, 180)
        # The surrogate starts from a fresh muscle and stays there; the pool has tired by what its truth says.
        tired = np.log(truth_at(run, site, "gain", 30, 180))
        assert rms(run, x, site, 30, 180) - tired == pytest.approx(surrogate, abs=0.06)
        f, p = welch(x[30_000:180_000], FS, nperseg=1024)
        p -= run.truth["sites"][site]["noise_uv"] ** 2 / (FS / 2)  # of the sensor: white
        band = (f > 20) & (f < 450)
        hz = np.sum(f[band] * p[band]) / p[band].sum()
        truth = run.truth["sites"][site]
        expected = _mean_hz(truth["low_hz"], truth["high_hz"]) * truth_at(
            run, site, "spectral_scale", 30, 180
        )
        assert hz == pytest.approx(expected, rel=0.05)


def _mean_hz(low: float, high: float) -> float:
    f = np.linspace(20.0, 450.0, 4000)
    p = f**2 / ((f**2 + low**2) * (f**2 + high**2) ** 2)
    return float(np.sum(f * p) / p.sum())


def test_each_site_is_by_itself_and_the_same_again() -> None:
    again = simulate_runner(SHORT, seed=1, engine="pool")
    assert again.truth == short().truth
    assert np.array_equal(again.emg("BFLH_R", fs=FS), signal("BFLH_R"))
    assert abs(np.corrcoef(signal("BFLH_R"), signal("ST_R"))[0, 1]) < 0.05
    assert abs(np.corrcoef(signal("GMAX_R"), signal("GMAX_R", 2))[0, 1]) < 0.05
    late = short().emg("BFLH_R", fs=FS, t0_s=100.0)
    early = signal("BFLH_R")[100_000:]
    assert np.corrcoef(late, early)[0, 1] > 0.98  # the muscle is the same; the sensor's noise is drawn anew


def test_the_channel_is_treated_as_in_the_surrogate() -> None:
    off = dataclasses.replace(SHORT, minutes=1.0, shifts=(), off=(ElectrodeOff("GMAX_L", 30.0),))
    x = simulate_runner(off, seed=1, engine="pool").emg("GMAX_L", fs=FS)
    f, p = welch(x[31_000:], FS, nperseg=2000)
    assert f[f > 10][np.argmax(p[f > 10])] == pytest.approx(50.0, abs=0.5)
    assert x[31_000:].std() > 150.0


def test_muscles_that_no_script_names_and_walking() -> None:
    run, plain = (simulate_runner("walk", seed=1, minutes=1.5, engine=e) for e in ("pool", "surrogate"))
    for site in ("TA_L", "VL_R", "GMAX_R"):
        x = run.emg(site, fs=500.0)
        assert np.isfinite(x).all()
        assert x.std() == pytest.approx(plain.emg(site, fs=500.0).std(), rel=0.1)
    assert run.emg("TA_L", fs=500.0, t0_s=100.0).shape == (0,)


def test_a_healthy_run_can_be_kept_up() -> None:
    course = whole("healthy").work.course
    at = {minute: int(60 * minute / 2) for minute in (8, 20, 30)}
    assert (course.amplitude[at[30]] / course.amplitude[at[8]] < 1.04).all()
    assert (course.frequency[at[30]] / course.frequency[at[8]] > 0.97).all()
    assert (course.force_capacity[at[30]] > 0.93).all()
    assert (course.force_capacity[at[20]] - course.force_capacity[at[30]] < 0.005).all()
    assert not any(whole("healthy").truth["t_force_5pct_s"].values())


def test_fatigue_only_tires_all_and_moves_no_shares() -> None:
    run = whole("fatigue_only")
    course, sites = run.work.course, run.work.sites
    assert (course.frequency[-1] < 0.96).all()
    assert (course.amplitude[-1] > 1.1).all()
    levels = course.level
    assert levels == pytest.approx(np.ones_like(levels), abs=1e-6)
    for side in "LR":
        ratio = np.log(course.amplitude[:, sites.index(f"BFLH_{side}")])
        ratio -= np.log(course.amplitude[:, sites.index(f"GMAX_{side}")])
        assert abs(ratio[-1] - ratio[240]) < np.log(1.2)


def test_compensation_comes_minutes_before_weakness() -> None:
    truth = whole("glute_inhibition").truth
    (finding,) = truth["expected"]
    assert (finding["tier"], finding["t_full_s"], finding["d_prime_pct"]) == (3, 540.0, -25.0)
    for site in ("BFLH_R", "ST_R"):
        t = truth["t_force_5pct_s"][site]
        capacity = np.array(truth["sites"][site]["force_capacity"])
        start, there = np.interp([480.0, t], capacity[:, 0], capacity[:, 1])
        assert there == pytest.approx(0.95 * start, abs=0.002)
        assert t - finding["t_full_s"] > 60.0
    assert truth["t_force_5pct_s"]["BFLH_L"] is None
    assert json.loads(json.dumps(truth)) == truth


@pytest.mark.parametrize("engine", ["surrogate", "pool"])
def test_a_scripted_inhibition_becomes_emg(engine: str) -> None:
    script = dataclasses.replace(
        SHORT, shifts=(), inhibitions=(Inhibition("P1", "R", ((180.0, 0.0), (200.0, 0.3)), takeover=0.9),)
    )
    run = simulate_runner(script, seed=3, engine=engine)
    (finding,) = run.truth["expected"]
    assert (finding["pattern"], finding["t_onset_s"], finding["t_full_s"]) == ("compensation", 180.0, 200.0)
    assert -35.0 < finding["d_prime_pct"] < -15.0
    assert 10.0 < finding["d_compensator_pct"] < 40.0
    x = run.emg("BFLH_R", fs=FS)
    shown = rms(run, x, "BFLH_R", 220, 350) - rms(run, x, "BFLH_R", 60, 180)
    said = np.log(truth_at(run, "BFLH_R", "gain", 220, 350) / truth_at(run, "BFLH_R", "gain", 60, 180))
    assert shown == pytest.approx(said, abs=0.06)
    assert said == pytest.approx(np.log(1 + finding["d_compensator_pct"] / 100), abs=0.08)


def test_a_shift_the_other_way_and_none() -> None:
    for size, sign in ((-0.2, 1.0), (0.0, 0.0)):
        script = dataclasses.replace(
            SHORT, shifts=(Shift("P1", "R", size, onset_s=180.0, ramp_s=20.0),), load=0.1, muscles=("GMAX",)
        )
        run = simulate_runner(script, seed=1, engine="pool")
        change = np.log(truth_at(run, "GMAX_R", "gain", 220, 350) / truth_at(run, "GMAX_R", "gain", 60, 170))
        assert change == pytest.approx(sign * np.log(1.2), abs=0.02)


def test_an_unknown_engine_is_named() -> None:
    with pytest.raises(ArgumentError, match="there is no engine 'steam'; there are surrogate, pool"):
        simulate_runner("healthy", seed=1, engine="steam")  # type: ignore[arg-type]


def test_the_default_engine_has_no_mechanism() -> None:
    run = simulate_runner("healthy", seed=1, minutes=0.5)
    assert run.work is None
    assert run.truth["engine"] == "surrogate"
    assert "load" not in run.truth
    assert SCENARIOS["healthy"].inhibitions == ()
