"""The simulated EMG does what the script says, measured from the samples with plain numpy."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest
from scipy.signal import welch

from emgsmr.anatomy import load_catalog
from emgsmr.errors import ArgumentError, MontageError
from emgsmr.simulate import PROFILES, SCENARIOS, Run, Scenario, Spectrum, artifact, simulate_runner
from emgsmr.simulate.scenario import Clip, MuscleChange

FS = 1000.0


@cache
def run_of(name: str, seed: int = 1, minutes: float | None = None) -> Run:
    return simulate_runner(name, seed=seed, minutes=minutes)


@cache
def emg_of(name: str, site: str, seed: int = 1, minutes: float | None = None) -> np.ndarray:
    return run_of(name, seed, minutes).emg(site, fs=FS)


def burst_rms(
    run: Run, x: np.ndarray, site: str, t0: float, t1: float, window: tuple[float, float]
) -> np.ndarray:
    """Rms of each stride's window (part of the stride around its contact), noise power subtracted."""
    contacts = run.contacts[site[-1]]
    stride = np.diff(contacts).mean()
    noise = run.truth["sites"][site]["noise_uv"] ** 2
    used = contacts[(contacts > t0) & (contacts < t1)]
    rows = [x[int((t + window[0] * stride) * FS) : int((t + window[1] * stride) * FS)] for t in used]
    return np.sqrt(np.maximum([np.mean(row**2) - noise for row in rows if len(row)], 1e-9))


def level_change(name: str, site: str, before: tuple[float, float], after: tuple[float, float]) -> float:
    """Mean change of ln rms; of three runners, since one runner's strides wander by 0.02 on their own."""
    changes = []
    for seed in (1, 2, 3):
        run, x = run_of(name, seed), emg_of(name, site, seed)
        b, a = (np.log(burst_rms(run, x, site, *times, (-0.15, 0.2))) for times in (before, after))
        changes.append(a.mean() - b.mean())
    return float(np.mean(changes))


def circular_center_pct(run: Run, x: np.ndarray, site: str) -> float:
    """Circular center of power-per-phase over all strides; independent of the simulator's own phase."""
    contacts = run.contacts[site[-1]]
    t = np.arange(len(x)) / FS
    k = np.searchsorted(contacts, t, side="right") - 1
    inside = (k >= 1) & (k < len(contacts) - 2)
    k = k[inside]
    phase = (t[inside] - contacts[k]) / (contacts[k + 1] - contacts[k])
    power, _ = np.histogram(phase, bins=100, range=(0, 1), weights=x[inside] ** 2)
    count, _ = np.histogram(phase, bins=100, range=(0, 1))
    envelope = np.sqrt(power / count)
    angle = np.angle(np.sum((envelope - envelope.min()) * np.exp(2j * np.pi * (np.arange(100) + 0.5) / 100)))
    return float(100 * angle / (2 * np.pi))


@pytest.mark.parametrize("gait", ["healthy", "walk"])
@pytest.mark.parametrize("muscle", ["GMAX", "BFLH", "ST", "MGAS", "LGAS", "SOL"])
def test_bursts_are_where_anatomy_says(gait: str, muscle: str) -> None:
    entry = load_catalog().muscles[muscle]
    expected = entry.center_run_pct if gait == "healthy" else entry.center_walk_pct
    assert expected is not None
    quiet = dataclasses.replace(SCENARIOS[gait], motion_uv=0.0)
    centers = []
    for seed in (1, 2, 3):
        run = simulate_runner(quiet, seed=seed, minutes=3)
        centers.append(circular_center_pct(run, run.emg(f"{muscle}_R", fs=FS), f"{muscle}_R"))
    off = (np.array(centers) - expected + 50) % 100 - 50
    assert np.abs(off).max() < 4.0
    assert abs(off.mean()) < 2.0


def test_levels_are_those_of_the_profile() -> None:
    run = dataclasses.replace(SCENARIOS["healthy"], motion_uv=0.0)
    for muscle in ("GMAX", "BFLH", "MGAS"):
        tops = []
        for seed in range(6):
            one = simulate_runner(run, seed=seed, minutes=2)
            x = one.emg(f"{muscle}_L", fs=FS)
            top = PROFILES[muscle].run.peak / 100
            tops.append(
                np.sqrt(np.mean(burst_rms(one, x, f"{muscle}_L", 30, 115, (top - 0.03, top + 0.03)) ** 2))
            )
        assert np.exp(np.log(tops).mean()) == pytest.approx(PROFILES[muscle].peak_uv, rel=0.15)


BEFORE, AFTER = (120.0, 480.0), (540.0, 1190.0)


def test_compensation_changes_the_ratio_by_its_size() -> None:
    change = {
        m: level_change("glute_inhibition", f"{m}_R", BEFORE, AFTER) for m in ("GMAX", "BFLH", "ST", "MGAS")
    }
    assert change["GMAX"] == pytest.approx(np.log(0.75), abs=0.04)
    assert change["BFLH"] == pytest.approx(np.log(1.25), abs=0.04)
    assert change["ST"] == pytest.approx(np.log(1.25), abs=0.04)
    assert change["MGAS"] == pytest.approx(0.0, abs=0.04)
    ratio = np.exp((change["BFLH"] + change["ST"]) / 2 - change["GMAX"])
    assert ratio == pytest.approx(1.25 / 0.75, rel=0.05)


@pytest.mark.parametrize("muscle", ["GMAX", "BFLH", "ST", "MGAS", "LGAS"])
def test_the_other_leg_is_unaffected(muscle: str) -> None:
    assert level_change("glute_inhibition", f"{muscle}_L", BEFORE, AFTER) == pytest.approx(0.0, abs=0.04)


def test_hamstring_inhibition_moves_load_to_the_left_calf() -> None:
    ham = level_change("hamstring_inhibition", "BFLH_L", BEFORE, AFTER)
    calf = level_change("hamstring_inhibition", "LGAS_L", BEFORE, AFTER)
    assert np.exp(calf - ham) == pytest.approx(1.25 / 0.75, rel=0.06)


def test_what_shows_between_bursts_stays_when_load_shifts() -> None:
    run, x = run_of("glute_inhibition"), emg_of("glute_inhibition", "GMAX_R")
    b, a = (np.mean(burst_rms(run, x, "GMAX_R", *t, (0.6, 0.75)) ** 2) ** 0.5 for t in (BEFORE, AFTER))
    assert a == pytest.approx(b, rel=0.05)


def test_strides_vary_as_promised() -> None:
    run, ham, glute = run_of("healthy"), emg_of("healthy", "BFLH_R"), emg_of("healthy", "GMAX_R")
    a = np.log(burst_rms(run, ham, "BFLH_R", 60, 1790, (-0.25, 0.15)))
    g = np.log(burst_rms(run, glute, "GMAX_R", 60, 1790, (-0.1, 0.18)))
    assert 0.14 < a.std() < 0.24  # 0.15-0.2 of the person and the sampling error of one burst
    assert 0.15 < np.corrcoef(a, g)[0, 1] < 0.5  # one part is common to the leg's muscles
    assert 0.18 < (a - g).std() < 0.30
    assert 0.05 < np.corrcoef(a[1:], a[:-1])[0, 1] < 0.3


def test_fatigue_compresses_the_spectrum_and_raises_the_amplitude() -> None:
    x = emg_of("fatigue_only", "MGAS_L")

    def mean_hz(part: np.ndarray) -> float:
        f, p = welch(part, FS, nperseg=1000)
        band = (f > 20) & (f < 450)
        return float(np.sum(f[band] * p[band]) / np.sum(p[band]))

    shown = mean_hz(x[-180_000:]) / mean_hz(x[120_000:480_000])
    assert 0.86 < shown < 0.91  # a true 15 % shows as 12 to 13 % in this band
    assert level_change("fatigue_only", "MGAS_L", BEFORE, (1700, 1790)) == pytest.approx(
        np.log(1.147), abs=0.04
    )
    ratio = level_change("fatigue_only", "BFLH_L", BEFORE, (1500, 1790)) - level_change(
        "fatigue_only", "GMAX_L", BEFORE, (1500, 1790)
    )
    assert ratio == pytest.approx(0.0, abs=0.05)


def test_speed_raises_everything_and_the_cadence() -> None:
    run = run_of("speed_ramp")
    for side in "LR":
        contacts = run.contacts[side]
        early = np.diff(contacts[contacts < 600]).mean()
        late = np.diff(contacts[contacts > 900]).mean()
        assert early / late == pytest.approx(1.25**0.35, rel=0.01)
    for site in ("GMAX_L", "BFLH_R", "MGAS_L"):
        assert level_change("speed_ramp", site, BEFORE, (900, 1490)) > 0.15


def test_gain_step_takes_the_noise_along() -> None:
    run, x = run_of("gain_step"), emg_of("gain_step", "GMAX_R")
    contacts = run.contacts["R"]
    stride = np.diff(contacts).mean()

    def swing(t0: float, t1: float) -> float:
        used = contacts[(contacts > t0) & (contacts < t1)]
        parts = [x[int((t + 0.6 * stride) * FS) : int((t + 0.75 * stride) * FS)] for t in used]
        return float(np.sqrt(np.mean(np.concatenate(parts) ** 2)))

    assert swing(730, 1190) / swing(480, 720) == pytest.approx(0.7, rel=0.03)
    assert level_change("gain_step", "GMAX_R", (480, 720), (730, 1190)) == pytest.approx(
        np.log(0.7), abs=0.05
    )
    assert level_change("gain_step", "BFLH_R", (480, 720), (730, 1190)) == pytest.approx(0.0, abs=0.04)


def test_sweat_is_slow() -> None:
    assert level_change("sweat", "GMAX_L", (300, 600), (1200, 1490)) == pytest.approx(np.log(0.7), abs=0.06)
    middle = level_change("sweat", "GMAX_L", (300, 600), (850, 950))
    assert middle == pytest.approx(np.log(0.85), abs=0.07)


def test_an_electrode_in_the_air_shows_hum_and_no_muscle() -> None:
    x = emg_of("electrode_off", "BFLH_R")
    f, p = welch(x[730_000:], FS, nperseg=2000)
    high = f > 10
    assert f[high][np.argmax(p[high])] == pytest.approx(50.0, abs=0.5)
    assert np.array_equal(x[:720_000], emg_of("healthy", "BFLH_R", 1, 20.0)[:720_000])


def test_noise_floor_while_standing() -> None:
    for seed in (1, 2):
        for site in ("GMAX_L", "MGAS_R"):
            run = run_of("healthy", seed, 10.0)
            truth = run.truth["sites"][site]
            assert 3.0 <= truth["noise_uv"] <= 5.0
            tonic = 0.03 * truth["peak_uv"] * Spectrum(truth["low_hz"], truth["high_hz"]).power(0, 500) ** 0.5
            floor = run.emg(site, fs=FS)[:15_000].std()
            assert floor == pytest.approx(np.hypot(truth["noise_uv"], tonic), rel=0.03)


def test_motion_artifact_and_hum_are_where_they_belong() -> None:
    x = emg_of("noisy", "GMAX_R", 1, 20.0)[: 300 * 1000]
    f, p = welch(x, FS, nperseg=4000)
    calm = emg_of("healthy", "GMAX_R", 1, 20.0)[: 300 * 1000]
    _, q = welch(calm, FS, nperseg=4000)
    low = (f > 5) & (f < 25)
    assert p[low].sum() > 10 * q[low].sum()
    assert p[np.argmin(abs(f - 50))] > 5 * p[np.argmin(abs(f - 45))]
    assert p[(f > 200) & (f < 400)].sum() == pytest.approx(q[(f > 200) & (f < 400)].sum(), rel=0.02)


def test_impacts_follow_their_contacts_and_die_away() -> None:
    t = np.arange(5000) / FS
    contacts = np.array([-0.1, 1.0, 4.9])  # one began before the signal, one ends after it
    x = artifact.impacts(t, contacts, fs=FS, peak_uv=100.0, rng=np.random.default_rng(1))
    assert not x[(t > 0.31) & (t < 1.0)].any()
    assert not x[(t > 1.41) & (t < 4.9)].any()
    assert 30.0 < np.abs(x[(t >= 1.0) & (t < 1.1)]).max() < 300.0
    assert np.abs(x[(t > 1.35) & (t < 1.4)]).max() < 5.0
    assert x[t > 4.95].any()
    nobody = artifact.impacts(t, np.zeros(0), fs=FS, peak_uv=100.0, rng=np.random.default_rng(1))
    assert not nobody.any()


def test_clipping_stops_at_the_limit() -> None:
    x = emg_of("noisy", "LGAS_L")
    assert np.abs(x[720_000:]).max() == 150.0
    assert np.abs(x[:720_000]).max() > 300.0
    scenario = dataclasses.replace(SCENARIOS["healthy"], clips=(Clip("ST_L", 50.0, 0.0),))
    assert np.abs(simulate_runner(scenario, seed=1, minutes=1).emg("ST_L", fs=FS)).max() == 50.0


def test_one_sided_change_moves_one_site() -> None:
    scenario = dataclasses.replace(
        SCENARIOS["healthy"],
        changes=(MuscleChange("ST_L", ((60.0, 1.0), (60.5, 2.0))),),
        minutes=5.0,
        phases=(),
    )
    run, plain = simulate_runner(scenario, seed=1), simulate_runner("healthy", seed=1, minutes=5)
    x = run.emg("ST_L", fs=FS)
    b, a = (burst_rms(run, x, "ST_L", *t, (-0.15, 0.1)).mean() for t in ((20, 60), (62, 290)))
    assert a / b == pytest.approx(2.0, rel=0.1)
    assert plain.scenario.start_s != run.scenario.start_s or np.array_equal(
        run.emg("ST_R", fs=FS), plain.emg("ST_R", fs=FS)
    )


def test_same_seed_same_bits_other_seed_other_runner() -> None:
    first, again, other = (simulate_runner("healthy", seed=s, minutes=0.5) for s in (3, 3, 4))
    a, b, c = (run.emg("MGAS_L", fs=FS) for run in (first, again, other))
    assert np.array_equal(a, b)
    assert first.truth == again.truth
    assert abs(np.corrcoef(a, c)[0, 1]) < 0.05
    assert first.truth["cadence_spm"] != other.truth["cadence_spm"]


def test_a_site_does_not_depend_on_what_else_is_asked_for() -> None:
    alone = simulate_runner("healthy", seed=5, minutes=2).emg("GMAX_R", fs=FS)
    run = simulate_runner("healthy", seed=5, minutes=2)
    signals = {site: run.emg(site, fs=FS) for site in reversed(run.sites)}
    assert np.array_equal(signals["GMAX_R"], alone)
    pairs = np.corrcoef(np.array(list(signals.values())))
    assert np.abs(pairs - np.eye(len(pairs))).max() < 0.05  # no two sites share their noise


def test_a_fast_clock_takes_samples_earlier() -> None:
    run = run_of("healthy", 1, 5.0)
    nominal, fast = run.emg("BFLH_R", fs=FS), run.emg("BFLH_R", fs=FS, rate_error_ppm=1000.0)
    assert len(nominal) == 300_000
    assert len(fast) == 300_300
    # The stride's envelope, from samples, lies at the same true time on both clocks.
    smooth = np.ones(200) / 200
    late = run.emg("BFLH_R", fs=FS, t0_s=10.0)
    assert len(late) == 290_000
    rms = [np.sqrt(np.convolve(x**2, smooth, "same")) for x in (nominal, fast, late)]
    at = np.arange(200.0, 290.0, 0.01)
    seen = [
        np.interp(at, t, e)
        for t, e in (
            (np.arange(300_000) / FS, rms[0]),
            (np.arange(300_300) / (FS * 1.001), rms[1]),
            (10.0 + np.arange(290_000) / FS, rms[2]),
        )
    ]
    lags = range(-20, 21)
    for other in seen[1:]:
        fits = [np.corrcoef(seen[0][30:-30], np.roll(other, lag)[30:-30])[0, 1] for lag in lags]
        assert abs(lags[int(np.argmax(fits))]) <= 2  # 20 ms; the error of 1000 ppm would be 200 to 290 ms


def test_drop_outs_are_the_scripts() -> None:
    run = run_of("dropouts", 1, 10.5)
    assert all(0 <= t0 < t1 <= run.duration_s for _, t0, t1 in run.dropouts)
    assert run_of("demo").dropouts == (("MGAS_L", 130.0, 130.8), ("GMAX_R", 275.0, 276.2))


def test_every_muscle_has_a_signal_and_others_are_refused() -> None:
    run = run_of("healthy", 1, 0.5)
    for muscle in PROFILES:
        assert run.emg(f"{muscle}_L", fs=500.0).std() > 5.0
    with pytest.raises(MontageError):
        run.emg("NOSUCH_L", fs=FS)
    with pytest.raises(ArgumentError, match="has no"):
        run.emg("RA_L", fs=FS)
    with pytest.raises(ArgumentError, match="fs"):
        run.emg("GMAX_L", fs=0.0)
    with pytest.raises(ArgumentError, match="seed"):
        simulate_runner("healthy", seed=-1)


def test_a_start_after_the_end_is_empty() -> None:
    assert run_of("healthy", 1, 0.5).emg("GMAX_L", fs=FS, t0_s=40.0).shape == (0,)


def test_scenarios_of_ones_own_work() -> None:
    own = Scenario("own", "Two minutes of nothing.", minutes=2.0, cadence=85.0)
    run = simulate_runner(own, seed=1)
    assert run.truth["cadence_spm"] == [[0.0, 85.0]]
    assert run.events == ()
