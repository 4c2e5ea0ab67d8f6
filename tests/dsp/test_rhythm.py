"""The rhythm of gait from synthetic envelopes whose foot contacts are known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgsmr.dsp import Muscles, Rhythm, find_rhythm, find_rhythms

FS = 50.0
RUN = np.array([4.0, 95.0, 94.0, 6.0, 6.0])  # GMAX, BFLH, ST, MGAS, LGAS
WALK = np.array([4.0, 95.0, 95.0, 41.0, 41.0])


def envelopes(
    freq_hz: float,
    contact_s: float,
    centers: np.ndarray,
    *,
    seconds: float = 6.0,
    noise: float = 0.0,
    seed: int = 0,
) -> np.ndarray:
    """Bursts of various heights and widths whose centers lie at ``centers`` % after each foot contact."""
    rng = np.random.default_rng(seed)
    t = (np.arange(int(seconds * FS)) + 0.5) / FS
    stride = freq_hz * (t[:, np.newaxis] - contact_s) - centers / 100
    width = np.linspace(3, 9, len(centers))
    level = np.geomspace(5, 200, len(centers))
    burst = level * (0.05 + np.exp(width * (np.cos(2 * np.pi * stride) - 1)))
    return np.asarray(burst * np.exp(noise * rng.normal(size=burst.shape)))


def phase_error(found: Rhythm, freq_hz: float, contact_s: float) -> float:
    """Of the middle of the window, in strides."""
    middle = 3.0
    return float((found.phase - freq_hz * (middle - contact_s) + 0.5) % 1 - 0.5)


@given(half_strides=st.floats(145, 190), contact_s=st.floats(0, 1), noise=st.sampled_from([0.0, 0.4]))
def test_running(half_strides: float, contact_s: float, noise: float) -> None:
    freq = half_strides / 120
    got = find_rhythm(envelopes(freq, contact_s, RUN, noise=noise), fs=FS, run_pct=RUN, walk_pct=WALK)
    assert got.gait == "run"
    assert got.freq_hz == pytest.approx(freq, rel=0.01)
    assert abs(phase_error(got, freq, contact_s)) < 0.03
    assert got.strength > 0.5


@given(half_strides=st.floats(78, 135), contact_s=st.floats(0, 1), noise=st.sampled_from([0.0, 0.4]))
def test_walking(half_strides: float, contact_s: float, noise: float) -> None:
    freq = half_strides / 120
    got = find_rhythm(envelopes(freq, contact_s, WALK, noise=noise), fs=FS, run_pct=RUN, walk_pct=WALK)
    assert got.gait == "walk"
    assert got.freq_hz == pytest.approx(freq, rel=0.015)
    assert abs(phase_error(got, freq, contact_s)) < 0.03


@pytest.mark.parametrize("missing", range(5))
@pytest.mark.parametrize("gait", ["run", "walk"])
def test_a_channel_less(missing: int, gait: str) -> None:
    centers, freq = (RUN, 1.4) if gait == "run" else (WALK, 0.9)
    keep = np.arange(5) != missing
    got = find_rhythm(envelopes(freq, 0.3, centers)[:, keep], fs=FS, run_pct=RUN[keep], walk_pct=WALK[keep])
    assert got.gait == gait
    assert abs(phase_error(got, freq, 0.3)) < 0.03


@pytest.mark.parametrize("freq", [0.8, 0.95, 1.1, 1.2, 1.35, 1.5])
def test_one_muscle_cannot_tell_gait_by_order_so_its_cadence_does(freq: float) -> None:
    calf = slice(3, 4)
    expected = "run" if freq >= 1.15 else "walk"
    centers = (RUN if expected == "run" else WALK)[calf]
    got = find_rhythm(envelopes(freq, 0.3, centers), fs=FS, run_pct=RUN[calf], walk_pct=WALK[calf])
    assert got.gait == expected
    assert abs(phase_error(got, freq, 0.3)) < 0.02


@settings(max_examples=15)
@given(scale=st.lists(st.floats(1e-3, 1e3), min_size=5, max_size=5))
def test_gains_change_nothing(scale: list[float]) -> None:
    env = envelopes(1.4, 0.2, RUN, noise=0.3)
    before = find_rhythm(env, fs=FS, run_pct=RUN, walk_pct=WALK)
    after = find_rhythm(env * np.array(scale), fs=FS, run_pct=RUN, walk_pct=WALK)
    assert after.freq_hz == pytest.approx(before.freq_hz, abs=1e-9)
    assert after.phase == pytest.approx(before.phase, abs=1e-9)


def test_a_dead_channel_does_no_harm() -> None:
    env = envelopes(1.4, 0.2, RUN)
    env[:, 2] = 7.0
    got = find_rhythm(env, fs=FS, run_pct=RUN, walk_pct=WALK)
    assert got.freq_hz == pytest.approx(1.4, rel=0.01)
    assert abs(phase_error(got, 1.4, 0.2)) < 0.03


def test_noise_has_no_rhythm() -> None:
    """Standing still: five channels of noise stay below the strength that strides are taken from."""
    strengths = [
        find_rhythm(
            np.random.default_rng(seed).gamma(6.0, size=(300, 5)), fs=FS, run_pct=RUN, walk_pct=WALK
        ).strength
        for seed in range(60)
    ]
    assert max(strengths) < 0.25
    silent = find_rhythm(np.zeros((300, 5)), fs=FS, run_pct=RUN, walk_pct=WALK)
    assert silent.strength == 0


def test_a_muscle_that_bursts_twice_a_stride_does_not_double_the_cadence() -> None:
    """A hamstring often does: late swing and push-off."""
    env = envelopes(1.35, 0.2, RUN)
    env[:, 1] += np.roll(env[:, 1], round(FS / 1.35 / 2))
    got = find_rhythm(env, fs=FS, run_pct=RUN, walk_pct=WALK)
    assert got.freq_hz == pytest.approx(1.35, rel=0.01)
    assert abs(phase_error(got, 1.35, 0.2)) < 0.04


@pytest.mark.parametrize("apart", [0.5, 0.42])
def test_two_legs_have_one_frequency_and_each_its_phase(apart: float) -> None:
    """Every second stride of the first leg is silent: alone it has half the frequency."""
    left, right = envelopes(1.4, 0.2, RUN), envelopes(1.4, 0.2 + apart / 1.4, RUN, seed=1)
    t = (np.arange(len(left)) + 0.5) / FS
    left[np.floor(1.4 * (t - 0.2) + 0.5) % 2 == 0] = left.min(axis=0)
    legs = [Muscles(left, RUN, WALK), Muscles(right, RUN, WALK)]
    assert find_rhythm(left, fs=FS, run_pct=RUN, walk_pct=WALK).freq_hz == pytest.approx(0.7, rel=0.02)
    found = find_rhythms(legs, fs=FS)
    assert found[0].freq_hz == found[1].freq_hz == pytest.approx(1.4, rel=0.01)
    assert abs(phase_error(found[0], 1.4, 0.2)) < 0.03
    assert abs(phase_error(found[1], 1.4, 0.2 + apart / 1.4)) < 0.03


def test_alone_and_beside_a_leg_without_signal_is_the_same() -> None:
    env = envelopes(0.9, 0.3, WALK, noise=0.3)
    alone = find_rhythm(env, fs=FS, run_pct=RUN, walk_pct=WALK)
    beside, silent = find_rhythms([Muscles(env, RUN, WALK), Muscles(np.zeros_like(env), RUN, WALK)], fs=FS)
    assert beside.gait == alone.gait
    assert beside.freq_hz == pytest.approx(alone.freq_hz, abs=1e-9)
    assert beside.phase == pytest.approx(alone.phase, abs=1e-9)
    assert beside.strength == pytest.approx(alone.strength)
    assert silent.strength == 0
