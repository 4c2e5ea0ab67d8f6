"""Cramps, pauses, cross-talk and interference: what the script says is what the samples show."""

from __future__ import annotations

import dataclasses
from functools import cache

import numpy as np
import pytest
from scipy.signal import welch

from emgsmr.errors import ArgumentError, MontageError
from emgsmr.simulate import SCENARIOS, Scenario, Spectrum, artifact, sensor_motion, simulate_runner
from emgsmr.simulate.cramp import MAXIMAL, UNITS, cramp_emg, firing_times
from emgsmr.simulate.incident import Cramp, CrossTalk, Hum, LooseCable, Pause

FS = 1000.0
SPECTRUM = Spectrum(65.0, 135.0)
PLAIN = Scenario("plain", "Two minutes.", minutes=2.0, start_s=10.0, motion_uv=0.0)


@cache
def emg(site: str, seed: int = 1, fs: float = FS, **changes: object) -> np.ndarray:
    return simulate_runner(dataclasses.replace(PLAIN, **changes), seed=seed).emg(site, fs=fs)


def rms(x: np.ndarray) -> float:
    return float(np.sqrt(np.mean(np.square(x))))


def test_units_fire_as_published() -> None:
    """Minetto 2009: 14.5 +- 5.1 pps, 6 to 25 pps, CV of the intervals 44.6 +- 9.7 %."""
    times = firing_times(300.0, rng=np.random.default_rng(2))
    intervals = [np.diff(t) for t in times]
    rates = np.array([1 / i.mean() for i in intervals])
    cv = np.array([i.std() / i.mean() for i in intervals])
    assert len(times) == UNITS
    assert rates.mean() == pytest.approx(14.5, abs=5.1 * 3 / np.sqrt(UNITS))
    assert 5.5 < rates.min() < rates.max() < 26.5
    assert cv.mean() == pytest.approx(0.446, abs=0.03)
    assert all(np.all(i > 0) for i in intervals)


def test_units_drift_together_at_the_published_rate() -> None:
    """Spikes of one half of the units predict those of the other half at 1.3 to 1.5 Hz, and nowhere near."""
    times = firing_times(600.0, rng=np.random.default_rng(3))
    halves = [np.histogram(np.concatenate(times[k::2]), bins=12_000, range=(0, 600))[0] for k in (0, 1)]
    spectra = [np.fft.rfft(h - h.mean()) for h in halves]
    cross = (spectra[0] * spectra[1].conj()).real
    hz = np.fft.rfftfreq(12_000, 0.05)
    inside = (hz >= 1.28) & (hz <= 1.52)
    beside = (hz > 0.5) & (hz < 3) & ~inside
    assert cross[inside].sum() > 20 * np.abs(cross[beside]).mean() * inside.sum()


@pytest.mark.parametrize("fs", [500.0, 2000.0])
def test_a_cramp_has_its_level_its_ramps_and_the_muscles_spectrum(fs: float) -> None:
    t = np.arange(int(60 * fs)) / fs
    cramp = Cramp("MGAS_R", 10.0, 40.0, 0.3)
    parts = [
        cramp_emg(cramp, t, fs=fs, spectrum=SPECTRUM, peak_uv=100.0, rng=np.random.default_rng(seed))
        for seed in range(4)
    ]
    assert {first for first, _ in parts} == {int(10 * fs)}
    assert {len(x) for _, x in parts} == {int(40 * fs)}
    top = np.mean([rms(x[int(6 * fs) : int(34 * fs)]) for _, x in parts])
    assert top == pytest.approx(0.3 * MAXIMAL * 100.0 * np.sqrt(SPECTRUM.power(0, fs / 2)), rel=0.06)
    half = np.mean([rms(x[int(2.25 * fs) : int(2.75 * fs)]) for _, x in parts])
    assert half == pytest.approx(0.5 * top, rel=0.2)
    assert np.mean([rms(x[-int(0.2 * fs) :]) for _, x in parts]) < 0.1 * top
    f, p = welch(np.concatenate([x[int(6 * fs) : int(34 * fs)] for _, x in parts]), fs, nperseg=int(fs))
    band = (f >= 30) & (f <= 200)
    shown, wanted = p[band] / p[band].sum(), SPECTRUM.density(f[band]) / SPECTRUM.density(f[band]).sum()
    assert np.sum(f[band] * shown) == pytest.approx(np.sum(f[band] * wanted), rel=0.04)


def test_a_cramp_does_not_know_the_stride_and_the_other_head_stays_out() -> None:
    cramps = (Cramp("MGAS_R", 60.0, 40.0, 0.3),)
    more = emg("MGAS_R", cramps=cramps) - emg("MGAS_R")
    assert not np.any(more[:60_000])
    assert not np.any(more[100_001:])
    run = simulate_runner(PLAIN, seed=1)
    t = np.arange(66_000, 94_000) / FS
    contacts = run.contacts["R"]
    k = np.searchsorted(contacts, t, side="right") - 1
    phase = (t - contacts[k]) / (contacts[k + 1] - contacts[k])
    levels = [rms(more[66_000:94_000][(phase >= p) & (phase < p + 0.1)]) for p in np.arange(0, 1, 0.1)]
    assert max(levels) < 1.25 * min(levels)
    assert np.array_equal(emg("LGAS_R", cramps=cramps), emg("LGAS_R"))


def test_a_cramp_may_be_short_at_the_edge_or_outside() -> None:
    t = np.arange(2000) / FS
    for cramp, n in (
        (Cramp("MGAS_R", 1.9, 60.0, 0.3), 100),
        (Cramp("MGAS_R", 5.0, 60.0, 0.3), 0),
        (Cramp("MGAS_R", 0.5, 0.5, 0.3), 500),
    ):
        first, x = cramp_emg(cramp, t, fs=FS, spectrum=SPECTRUM, peak_uv=100.0, rng=np.random.default_rng(0))
        assert len(x) == n
        assert first + n <= len(t)
        assert np.isfinite(x).all()


def test_in_a_pause_there_are_no_contacts_no_bursts_and_no_swing() -> None:
    pauses = (Pause(60.0, 90.0),)
    run = simulate_runner(dataclasses.replace(PLAIN, pauses=pauses), seed=1)
    free = simulate_runner(PLAIN, seed=1)
    for side in "LR":
        inside = (free.contacts[side] >= 60) & (free.contacts[side] < 90)
        assert inside.sum() > 35
        assert np.array_equal(run.contacts[side], free.contacts[side][~inside])
    x = emg("MGAS_R", pauses=pauses)
    assert rms(x[62_000:88_000]) < 12.0  # noise and tone
    assert rms(x[30_000:58_000]) > 50.0
    assert np.array_equal(x[:59_000], emg("MGAS_R")[:59_000])
    motion = sensor_motion(run, "MGAS_R", rate_hz=50.0, range_g=16.0, range_dps=2000.0)
    at = (motion.t_s > 62) & (motion.t_s < 88)
    assert np.abs(motion.rotation_dps[at]).max() < 15.0
    assert np.abs(motion.rotation_dps[motion.t_s > 95]).max() > 200.0


def test_cross_talk_is_a_share_of_the_neighbor_at_once() -> None:
    quiet = {"stride_sd": 0.0}
    talk = (CrossTalk("MGAS_R", "LGAS_R", 0.2),)
    more = emg("LGAS_R", cross_talk=talk, **quiet) - emg("LGAS_R", **quiet)
    neighbor = emg("MGAS_R", **quiet)
    assert np.corrcoef(more, neighbor)[0, 1] > 0.99  # all but the noise of the neighbor's own sensor
    assert float(more @ neighbor / (neighbor @ neighbor)) == pytest.approx(0.2, rel=0.02)
    assert np.array_equal(emg("MGAS_R", cross_talk=talk, **quiet), neighbor)


def test_hum_begins_and_ends() -> None:
    hums = (Hum(30.0, 60.0, 90.0), Hum(50.0, 60.0, 90.0, site="GMAX_L", hz=60.0))
    f = np.fft.rfftfreq(20_000, 1 / FS)

    def line(site: str, hz: float, first: int) -> float:
        more = emg(site, hums=hums) - emg(site)
        return float(np.abs(np.fft.rfft(more[first : first + 20_000]))[np.argmin(np.abs(f - hz))] / 10_000)

    assert line("MGAS_R", 50.0, 65_000) == pytest.approx(30 * np.sqrt(2), rel=0.01)
    assert line("MGAS_R", 60.0, 65_000) < 0.1
    assert line("GMAX_L", 60.0, 65_000) == pytest.approx(50 * np.sqrt(2), rel=0.01)
    assert line("MGAS_R", 50.0, 35_000) == line("MGAS_R", 50.0, 95_000) == 0.0


def test_a_loose_cable_is_slow_and_large() -> None:
    more = emg("ST_L", loose=(LooseCable("ST_L", 60.0, 80.0),)) - emg("ST_L")
    assert not np.any(more[:60_000])
    assert not np.any(more[80_000:])
    f, p = welch(more[60_000:80_000], FS, nperseg=2000)
    assert p[f < 20].sum() > 5 * p[f >= 20].sum()  # what the quality of a second calls motion
    assert 400 < rms(more[60_000:80_000]) < 2500


def test_flicker_falls_as_one_over_f() -> None:
    x = artifact.flicker(600_000, fs=FS, rms_uv=5.0, rng=np.random.default_rng(0))
    f, p = welch(x, FS, nperseg=8192)
    at = [p[(f > hz * 0.8) & (f < hz * 1.25)].mean() for hz in (3, 30, 300)]
    assert at[0] / at[1] == pytest.approx(10, rel=0.15)
    assert at[1] / at[2] == pytest.approx(10, rel=0.15)
    assert rms(x) == pytest.approx(5.0, rel=0.05)
    assert artifact.flicker(0, fs=FS, rms_uv=5.0, rng=np.random.default_rng(0)).shape == (0,)


def test_the_scenarios_tell_the_truth_about_it() -> None:
    run = simulate_runner("cramp", seed=2)
    for told, put in zip(run.truth["cramps"], SCENARIOS["cramp"].cramps, strict=True):
        assert (told["site"], told["t0_s"], told["t1_s"] - told["t0_s"]) == (
            put.site,
            put.start_s,
            put.duration_s,
        )
        assert told["rms_uv"] == pytest.approx(put.level * MAXIMAL * run.truth["sites"][put.site]["peak_uv"])
        assert 0.15 <= put.level <= 0.5
        assert 10 <= put.duration_s <= 60
    assert run.truth["pauses"] == [{"t0_s": 850.0, "t1_s": 900.0}]
    talk = simulate_runner("crosstalk", seed=2).truth["cross_talk"]
    assert {row["share"] for row in talk} == {0.12, 0.2}
    assert simulate_runner("healthy", seed=2, minutes=1).truth["cramps"] == []


def test_a_compressed_cramp_stays_within_the_run() -> None:
    run = simulate_runner("cramp", seed=1, minutes=6.0)
    assert all(c["t0_s"] < c["t1_s"] < run.duration_s for c in run.truth["cramps"])


def test_a_neighbor_that_is_no_muscle_is_refused() -> None:
    for neighbor, error in (("RA_L", ArgumentError), ("NOSUCH_L", MontageError)):
        script = dataclasses.replace(PLAIN, cross_talk=(CrossTalk(neighbor, "LGAS_R", 0.1),))
        with pytest.raises(error):
            simulate_runner(script, seed=1).emg("LGAS_R", fs=FS)
