"""What a second's measures are called, given what is usual for the channel, and what of it cannot be used."""

from __future__ import annotations

from math import inf, nan

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.analysis.quality import ENOUGH_S, UNUSABLE, USUAL_S, Usual, Verdict, judge
from emgsmr.analysis.usual import Judge
from emgsmr.dsp import signal_measures
from emgsmr.dsp.quality import Measured

FS = 1000
T = np.arange(FS) / FS
GOOD = Measured(
    n=1000, sd_counts=40, step_counts=1, clipped_pct=0, run_at_end=0, frozen_s=0, mains_db=-20,
    hum_share=0.01, other_hum_share=nan, fast_power=1600, motion_ratio=5, low_share=0.1, spike=4,
    high=150, n_high=1, n_below_high=3, low=-150, n_low=1, n_above_low=3,
)  # fmt: skip
KNOWN = Usual(
    hum_power=100, motion_low=np.log(2.0), slow_high=np.log(500.0), hum_share=0.01, high=300, low=-300
)


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "good"),
        ({"sd_counts": 0.5}, "flat"),
        ({"sd_counts": 0.5, "step_counts": 0.1}, "good"),
        ({"sd_counts": 40, "step_counts": 73.0}, "flat"),  # less than one step of a coarse converter
        ({"sd_counts": 0.0, "step_counts": inf, "mains_db": -60, "motion_ratio": 0.0}, "flat"),
        ({"frozen_s": 0.12}, "flat"),
        ({"clipped_pct": 0.2, "run_at_end": 4}, "clipped"),
        ({"clipped_pct": 0.2}, "noisy"),
        ({"clipped_pct": 1.2}, "clipped"),
        ({"clipped_pct": 0.1, "run_at_end": 5}, "good"),
        ({"mains_db": 25}, "off"),
        ({"mains_db": 12}, "noisy"),
        ({"mains_db": -3}, "good"),
        ({"mains_db": nan, "hum_share": nan}, "good"),
        ({"motion_ratio": 0.15}, "motion"),
        ({"motion_ratio": 0.005}, "off"),
        ({"motion_ratio": 0.5}, "good"),
        ({"low_share": 0.6}, "motion"),
        ({"spike": 40}, "noisy"),
        ({"spike": nan}, "good"),
    ],
)
def test_each_fault_has_its_name(change: dict[str, float], state: str) -> None:
    got = judge(GOOD._replace(**change))
    assert got.state == state
    assert bool(got.reason) == (state != "good")
    assert (got.state in UNUSABLE) == (state not in ("good", "noisy"))


@pytest.mark.parametrize(
    ("change", "state"),
    [
        ({}, "good"),
        ({"mains_db": 3, "hum_share": 0.67}, "off"),  # 1070 counts² of hum where 100 are usual
        ({"mains_db": 3, "hum_share": 0.5}, "noisy"),
        ({"mains_db": -1, "hum_share": 0.7}, "good"),
        ({"motion_ratio": 0.8}, "motion"),
        ({"motion_ratio": 1.2}, "good"),
        ({"motion_ratio": 0.8, "fast_power": 300}, "good"),  # nothing moves, the muscle rests
        ({"high": 300, "n_high": 3}, "noisy"),
        ({"low": -300, "n_low": 12}, "clipped"),
        ({"low": -300, "n_low": 1}, "good"),
    ],
)
def test_what_is_usual_counts(change: dict[str, float], state: str) -> None:
    assert judge(GOOD._replace(**change), KNOWN).state == state


def test_hum_of_microvolts_that_no_skin_gives() -> None:
    loud = GOOD._replace(mains_db=8, hum_share=0.86)
    assert judge(loud, scale_uv=2.0).state == "off"
    assert judge(loud, scale_uv=0.5).state == "noisy"
    assert judge(loud, scale_uv=nan).state == "noisy"


def test_steady_hum_needs_both_the_second_and_those_before() -> None:
    steady = KNOWN._replace(hum_share=0.2)
    assert judge(GOOD._replace(hum_share=0.1, mains_db=-9), steady).state == "noisy"
    assert judge(GOOD._replace(hum_share=0.02, mains_db=-17), steady).state == "good"
    assert judge(GOOD._replace(hum_share=0.1, mains_db=-9), KNOWN).state == "good"


def test_the_reason_says_that_hum_was_removed() -> None:
    hum = GOOD._replace(mains_db=3)
    assert judge(hum).reason == "mains hum 3 dB relative to the signal"
    assert judge(hum, removed=True).reason == "mains hum 3 dB relative to the signal, removed"
    weak = GOOD._replace(mains_db=-9, hum_share=0.11)
    assert judge(weak).state == "good"  # it may be chance, unless it was found by its phase
    assert judge(weak, removed=True).reason == "mains hum -9 dB relative to the signal, removed"
    assert judge(GOOD, removed=True).state == "good"


@given(st.builds(Measured, *[st.floats(allow_nan=True, allow_infinity=True)] * len(Measured._fields)))
def test_whatever_is_measured_gets_a_state(measured: Measured) -> None:
    got = judge(measured._replace(n=max(abs(measured.n), 1) if measured.n == measured.n else 1))
    assert bool(got.reason) == (got.state != "good")


def verdicts(
    seconds: np.ndarray, *, scale_uv: float = nan, rails: tuple[int, int] | None = None
) -> list[Verdict]:
    """Of one channel, a second per row."""
    one = Judge(1, scale_uv=scale_uv)
    return [
        one.second(
            signal_measures(np.round(x)[np.newaxis, :, np.newaxis], fs=FS, mains_hz=50.0, rails=rails)
        )[0]
        for x in seconds
    ]


def states(seconds: np.ndarray) -> list[str]:
    return [v.state for v in verdicts(seconds)]


def noise(n: int, sd: float = 100.0, seed: int = 1) -> np.ndarray:
    return np.random.default_rng(seed).normal(0, sd, (n, FS))


def test_hum_that_was_always_there_is_noise_and_hum_that_jumps_is_an_electrode() -> None:
    hum = np.sqrt(2) * np.sin(2 * np.pi * 50.2 * T)
    always = noise(40) + 150 * hum
    assert set(states(always)) == {"noisy"}
    jump = np.concatenate([noise(20) + 40 * hum, noise(5) + 400 * hum, noise(20) + 40 * hum])
    found = states(jump)
    assert found[20:25] == ["off"] * 5
    assert "off" not in found[:20] + found[25:]


def test_weak_hum_is_found_once_it_is_steady() -> None:
    hum = 35 * np.sqrt(2) * np.sin(2 * np.pi * 50 * T)  # 11 % of the power: too little for one second
    found = states(np.concatenate([noise(20), noise(40, seed=2) + hum]))
    assert found[:20].count("noisy") == 0
    assert found[30:].count("noisy") >= 28


def test_rails_that_nobody_told_are_learned() -> None:
    """One or two samples a second: by itself no second could tell."""
    x = noise(60, sd=700, seed=5).clip(-2048, 2047)
    at = np.count_nonzero((x == 2047) | (x == -2048), axis=1)
    assert 0 < at.mean() < 6
    found = verdicts(x)
    for v, n in zip(found[15:], at[15:], strict=True):
        assert v.state == ("good" if n < 2 else "noisy")
        assert v.clipped_pct == pytest.approx(n / 10, abs=0.11)
    assert set(states(noise(60, sd=700, seed=5))) == {"good"}


def test_motion_is_what_is_unusual_for_the_channel() -> None:
    sway = np.sqrt(2) * np.sin(2 * np.pi * 3 * T)
    moved = np.concatenate([noise(30) + 10 * sway, noise(3, seed=7) + 150 * sway, noise(30) + 10 * sway])
    found = states(moved)
    assert found[30:33] == ["motion"] * 3
    assert set(found[:30] + found[33:]) == {"good"}
    assert set(states(noise(60) + 150 * sway)) == {"good"}  # usual here, and the filter keeps it out


def test_rest_after_work_is_no_motion() -> None:
    """A resting muscle has less power above 20 Hz, and no more below."""
    x = np.concatenate([noise(30), noise(30, sd=2.0)])
    assert set(states(x)) == {"good"}


def test_an_electrode_that_stays_off_never_becomes_usual() -> None:
    hum = np.sqrt(2) * np.sin(2 * np.pi * 50.2 * T)
    found = states(np.concatenate([noise(20), noise(2 * USUAL_S) + 400 * hum]))
    assert found[20:] == ["off"] * 2 * USUAL_S


def test_what_is_usual_is_the_past_and_nothing_else() -> None:
    rng = np.random.default_rng(2)
    x = noise(100) * rng.lognormal(0, 1, (100, 1)) + rng.lognormal(3, 2, (100, 1)) * np.sin(T)
    whole = verdicts(x)
    for n in (1, ENOUGH_S, 37, 80):
        assert verdicts(x[:n]) == whole[:n]


def test_each_channel_is_judged_by_its_own_column() -> None:
    two = np.stack([noise(1)[0], np.zeros(FS)], axis=-1)[np.newaxis].round()
    got = Judge(2, scale_uv=nan).second(signal_measures(two, fs=FS, mains_hz=50.0), np.array([False, True]))
    assert [v.state for v in got] == ["good", "flat"]
