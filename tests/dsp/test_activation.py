"""How active muscles are together: levels, weights, gaps, and the same bits however the frames come."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgsmr import dsp

FS = 50.0


def frames(
    rng: np.random.Generator,
    gate: np.ndarray,
    *,
    snr_db: float | tuple[float, ...] = 20.0,
    n_channels: int = 3,
) -> np.ndarray:
    """Powers of 20 ms of noise of 3 µV, with a signal where ``gate`` is 1."""
    snr = np.broadcast_to(10 ** (np.asarray(snr_db) / 10), n_channels)
    level = 9.0 * (1.0 + snr * np.asarray(gate, dtype=float)[:, np.newaxis])
    return np.asarray(level * rng.chisquare(8, (len(gate), n_channels)) / 8)


def sets(n: int, *, on: int = 100, off: int = 150) -> np.ndarray:
    return np.arange(n) % (on + off) >= off


def whole(power: np.ndarray, **settings: float) -> tuple[np.ndarray, np.ndarray]:
    activation, quiet, _ = dsp.joint_activation(power, fs=FS, last=True, **settings)  # type: ignore[arg-type]
    return activation, quiet


@pytest.mark.parametrize("snr_db", [5.0, 10.0, 20.0, 40.0])
def test_bursts_are_near_one_and_pauses_near_zero(rng: np.random.Generator, snr_db: float) -> None:
    gate = sets(2500)
    activation, quiet = whole(frames(rng, gate, snr_db=snr_db))
    inside = np.convolve(gate, np.ones(21), "same") == 21
    outside = np.convolve(gate, np.ones(21), "same") == 0
    assert np.quantile(activation[inside], 0.02) > 0.6
    assert np.quantile(activation[outside], 0.98) < 0.4
    assert quiet == pytest.approx(9.0, rel=0.2)


def test_a_silent_channel_and_a_noisy_one_decide_nothing(rng: np.random.Generator) -> None:
    gate = sets(2500)
    power = frames(rng, gate, snr_db=(20.0, 20.0, 0.0))
    power[:, 2] = 9.0  # silent
    noisy = power.copy()
    noisy[1200:1260, 2] = 1e8  # a knock of more than a second, 70 dB
    assert np.mean(np.abs(whole(power)[0] - gate) > 0.5) < 0.02
    knock = whole(noisy)[0]
    assert np.mean(np.abs(knock - gate) > 0.5) < 0.02


def test_noise_alone_is_never_active(rng: np.random.Generator) -> None:
    activation, quiet = whole(frames(rng, np.zeros(5000)))
    assert not activation.any()
    assert np.isnan(quiet).all()


def test_a_slow_drift_of_the_floor_is_followed(rng: np.random.Generator) -> None:
    gate = sets(15_000)
    drift = 10 ** np.linspace(0, 1.5, 15_000)[:, np.newaxis]  # 15 dB in five minutes
    activation, quiet = whole(drift * frames(rng, gate, snr_db=15))
    assert np.mean(np.abs(activation - gate) > 0.5) < 0.03
    assert quiet[-1] == pytest.approx(9.0 * 10**1.5, rel=0.4)


def test_the_level_is_remembered_through_a_long_rest(rng: np.random.Generator) -> None:
    gate = np.concatenate([sets(1500), np.zeros(6000), sets(1500)])
    activation, quiet = whole(frames(rng, gate))
    assert np.mean(np.abs(activation - gate) > 0.5) < 0.02
    assert np.isfinite(quiet).all()


def test_missing_channels_are_left_out_and_missing_frames_stay_missing(rng: np.random.Generator) -> None:
    gate = sets(2500)
    power = frames(rng, gate)
    power[1000:1200, 0] = np.nan
    power[2000:2100] = np.nan
    activation, _ = whole(power)
    assert np.isnan(activation[2000:2100]).all()
    assert np.isfinite(np.delete(activation, np.arange(2000, 2100))).all()
    there = np.isfinite(activation)
    assert np.mean(np.abs(activation - gate)[there] > 0.5) < 0.02


@pytest.mark.parametrize("n", [0, 1, 7, 15, 24, 26])
def test_any_little_is_given_out_at_the_end(n: int) -> None:
    activation, quiet = whole(np.ones((n, 2)))
    assert activation.tolist() == [0.0] * n
    assert quiet.shape == (n, 2)


@pytest.mark.parametrize("value", [0.0, 1.0, 1e12])
def test_a_constant_is_not_active(value: float) -> None:
    assert not whole(np.full((1000, 2), value))[0].any()


def test_held_tight_without_quiet_counts_as_active(rng: np.random.Generator) -> None:
    gate = np.ones(500)
    activation, quiet, _ = dsp.joint_activation(frames(rng, gate), fs=FS, any_muscle=True, last=True)
    assert (activation == 1.0).all()
    assert np.isnan(quiet).all()


def test_one_held_muscle_is_enough_and_a_silent_one_is_none(rng: np.random.Generator) -> None:
    gate = np.concatenate([np.zeros(400), np.ones(600), np.zeros(400)])
    power = frames(rng, gate, snr_db=(20.0, 0.0, 0.0))
    power[:, 1:] = frames(rng, np.zeros(1400), n_channels=2)
    activation, _, _ = dsp.joint_activation(
        power, fs=FS, startup_s=30.0, min_contrast_db=10.0, any_muscle=True, last=True
    )
    assert np.mean((activation > 0.5) != gate.astype(bool)) < 0.02


@settings(max_examples=12, deadline=None)
@given(
    cuts=st.lists(st.integers(0, 1600), max_size=40),
    any_muscle=st.booleans(),
    startup_s=st.sampled_from([0.0, 10.0, 30.0]),
)
def test_pieces_give_the_bits_of_the_whole(cuts: list[int], any_muscle: bool, startup_s: float) -> None:
    rng = np.random.default_rng(5)
    power = frames(rng, sets(1600))
    power[300:350, 1] = np.nan
    power[900:930] = np.nan
    how = {"fs": FS, "any_muscle": any_muscle, "startup_s": startup_s}
    expected, quiet, _ = dsp.joint_activation(power, last=True, **how)  # type: ignore[arg-type]
    state = None
    parts, levels = [], []
    edges = [0, *sorted(cuts), 1600]
    for begin, end in pairwise(edges):
        part, level, state = dsp.joint_activation(power[begin:end], state=state, **how)  # type: ignore[arg-type]
        parts.append(part)
        levels.append(level)
        given_out = sum(map(len, parts))
        assert given_out >= min(end - 133, 1600) or end < max(startup_s * FS + 8, 133)  # bounded delay
    part, level, _ = dsp.joint_activation(power[:0], state=state, last=True, **how)  # type: ignore[arg-type]
    np.testing.assert_array_equal(np.concatenate([*parts, part]), expected)
    np.testing.assert_array_equal(np.concatenate([*levels, level]), quiet)


def test_the_memory_is_bounded(rng: np.random.Generator) -> None:
    state = None
    for _ in range(20):
        _, _, state = dsp.joint_activation(frames(rng, sets(500)), fs=FS, state=state)
    assert len(state.db) <= 62.7 * FS
    assert len(state.power) <= 20


@settings(max_examples=8, deadline=None)
@given(gain=st.floats(1e-2, 1e4), seed=st.integers(0, 1000))
def test_the_scale_does_not_matter(gain: float, seed: int) -> None:
    power = frames(np.random.default_rng(seed), sets(1000))
    np.testing.assert_allclose(whole(gain * power)[0], whole(power)[0], atol=1e-9)


def test_two_levels_of_one_value_or_few_are_one() -> None:
    assert dsp.two_levels(np.full(50, 3.0)) == (3.0, 3.0)
    assert dsp.two_levels(np.array([1.0] * 46 + [50.0] * 4)) == (1.0, 1.0)
    assert dsp.two_levels(np.array([1.0] * 44 + [50.0] * 6)) == (1.0, 50.0)
