"""Foot contact within folded motion: against folds made by hand and slow loops."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr import dsp

N = 50
PLACE = (np.arange(N) + 0.5) / N


def test_a_fold_is_what_a_slow_loop_gives() -> None:
    rng = np.random.default_rng(0)
    x, strides, weights = rng.normal(size=(300, 2)), rng.uniform(-9, 9, 300), rng.uniform(0.1, 1, 300)
    total, weight = np.zeros((N, 2)), np.zeros(N)
    for row, stride, w in zip(x, strides, weights, strict=True):
        place = (stride % 1) * N - 0.5
        for k in (int(np.floor(place)), int(np.floor(place)) + 1):
            part = w * (1 - abs(place - k))
            total[k % N] += part * row
            weight[k % N] += part
    np.testing.assert_allclose(
        dsp.fold(x, strides, n_bins=N, weights=weights), total / weight[:, np.newaxis], rtol=1e-9
    )


def test_bins_without_a_sample_take_the_line_between_their_neighbors() -> None:
    strides = np.array([0.1, 0.5, 0.9])
    folded = dsp.fold(np.array([[1.0], [3.0], [1.0]]), strides, n_bins=10)
    assert np.isfinite(folded).all()
    assert folded.min() >= 1.0
    assert folded.max() <= 3.0
    assert dsp.fold(np.zeros((0, 3)), np.zeros(0), n_bins=10).shape == (10, 3)


@given(shift=st.floats(-0.49, 0.49), seed=st.integers(0, 20))
def test_a_shift_is_found_and_undone(shift: float, seed: int) -> None:
    rng = np.random.default_rng(seed)
    angle = 2 * np.pi * (PLACE[:, np.newaxis] + rng.uniform(size=3))
    template = np.cos(angle) + 0.5 * np.cos(2 * angle)
    late = dsp.rolled(template, -shift)
    found, match = dsp.shift_between(template, late)
    assert abs((found - shift + 0.5) % 1 - 0.5) < 0.003
    assert match > 0.95
    np.testing.assert_allclose(dsp.rolled(late, shift), template, atol=1e-9)


def test_nothing_matches_a_flat_fold() -> None:
    assert dsp.shift_between(np.ones((N, 2)), np.ones((N, 2))) == (0.0, 0.0)


def swing(peak: float, *, direction: float = 1.0) -> np.ndarray:
    """A short strong turn one way around any axis, a long weak one back."""
    w = np.exp(8 * (np.cos(2 * np.pi * (PLACE - peak)) - 1))
    return direction * 400 * (w - w.mean())[:, np.newaxis] * np.array([0.6, -0.8, 0.0])


def shock(*peaks: tuple[float, float]) -> np.ndarray:
    out = np.full((N, 1), 0.01)
    for at, height in peaks:
        out[:, 0] += height * np.exp(200 * (np.cos(2 * np.pi * (PLACE - at)) - 1))
    return out


@pytest.mark.parametrize("direction", [1.0, -1.0])
def test_contact_is_the_shock_that_follows_the_swing(direction: float) -> None:
    """A stronger shock before the swing (toe-off, the other foot) is not it, whatever the mounting."""
    found = dsp.contact_phase(
        rotation=swing(0.6, direction=direction), shock=shock((0.9, 1.0), (0.35, 2.0)), trust=1.0
    )
    assert found == pytest.approx(0.9, abs=0.01)
    assert dsp.contact_phase(rotation=None, shock=shock((0.9, 1.0), (0.35, 2.0)), trust=1.0) == pytest.approx(
        0.35, abs=0.01
    )


def test_a_known_contact_stays_unless_another_shock_is_far_stronger() -> None:
    def contact(other: float) -> float | None:
        return dsp.contact_phase(rotation=None, shock=shock((0.02, 1.0), (0.4, other)), trust=2.0)

    assert contact(1.5) == pytest.approx(0.02, abs=0.01)
    assert contact(5.0) == pytest.approx(0.4, abs=0.01)


def test_rotation_alone_places_contact_after_the_swing() -> None:
    w = swing(0.6) - 300 * np.exp(60 * (np.cos(2 * np.pi * (PLACE - 0.85)) - 1))[:, np.newaxis] * np.array(
        [0.6, -0.8, 0.0]
    )
    assert dsp.contact_phase(rotation=w, shock=None, trust=1.0) == pytest.approx(0.85, abs=0.02)


def test_what_says_nothing_places_nothing() -> None:
    flat = np.zeros((N, 3))
    assert dsp.contact_phase(rotation=flat, shock=None, trust=1.0) is None
    assert dsp.contact_phase(rotation=None, shock=np.zeros((N, 1)), trust=1.0) is None
    even = 100 * np.cos(2 * np.pi * PLACE)[:, np.newaxis] * np.array([1.0, 0, 0])  # as fast there as back
    assert dsp.contact_phase(rotation=even, shock=None, trust=1.0) is None


def test_shock_power_passes_what_is_fast_by_its_closed_form() -> None:
    """Gain of x[k] - (x[k-1] + x[k+1]) / 2 on a sine: 2 sin²(pi f / fs)."""
    t = np.arange(500) / 50
    for hz in (1.0, 5.0, 12.5):
        x = np.sqrt(2) * np.sin(2 * np.pi * hz * t + 0.3)[:, np.newaxis] * np.array([0.6, 0.8, 0.0])
        gain = 2 * np.sin(np.pi * hz / 50) ** 2
        assert dsp.shock_power(x, lag=1)[:400].mean() == pytest.approx(gain**2, rel=0.02)


def far_apart(rng: np.random.Generator, *, shock_g: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    """Six seconds at 23 Hz: a swing, each stride a little larger or smaller, and contacts at 0.2."""
    strides = rng.uniform() + 1.37 / 23 * np.arange(138)
    size = 1 + 0.04 * rng.standard_normal(11)
    swing = np.interp(strides, np.arange(11), size) * np.cos(2 * np.pi * strides)
    x = swing[:, np.newaxis] * np.array([1.0, 0.3, 0.0]) + rng.normal(0, 0.02, (138, 3))
    since = (strides - 0.2) % 1
    x[:, 2] += shock_g * np.exp(-since / 0.03) * (since < 0.1)
    return x, strides


def test_spoiled_strides_hide_no_shock_from_readings_that_are_far_apart() -> None:
    """Over some windows, as they are averaged: what sticks out most, by far, is the contact at 0.2.

    In each a knock, and a foot that drags from one and the same place in the stride to another.
    """
    rng = np.random.default_rng(1)
    total = np.zeros((N, 1))
    for _ in range(12):
        x, strides = far_apart(rng)
        x[60:65] += rng.normal(0, 3, (5, 3))
        drags = np.floor(strides - 0.9) == np.floor(strides[100] - 0.9)
        x[drags & ((strides - 0.9) % 1 < 0.7)] *= 0.3
        power, usual = dsp.aperiodic_power(x, strides)
        folded = dsp.fold(power[usual, np.newaxis], strides[usual], n_bins=N)
        total += folded / folded.mean()
    assert np.argmax(total) / N == pytest.approx(0.21, abs=0.03)
    away = np.abs((PLACE - 0.21 + 0.5) % 1 - 0.5) > 0.1
    assert total.max() > 4 * total[away].max()


@pytest.mark.parametrize("at", [0, 20, 70, 133])
def test_a_stride_around_a_knock_is_not_usual(at: int) -> None:
    x, strides = far_apart(np.random.default_rng(at), shock_g=0.0)
    assert dsp.aperiodic_power(x, strides)[1].mean() > 0.9
    x[at : at + 5] += np.random.default_rng(0).normal(0, 3, (5, 3))
    given_x = x.copy()
    _, usual = dsp.aperiodic_power(x, strides)
    np.testing.assert_array_equal(x, given_x)
    assert not usual[at : at + 5].any()
    far = np.abs(strides - strides[min(at + 2, 137)]) > 0.7
    assert usual[far].mean() > 0.9


def test_all_strides_alike_are_usual_and_what_is_not_a_number_harms_nothing_else() -> None:
    strides = 1.37 / 23 * np.arange(138)
    power, usual = dsp.aperiodic_power(np.ones((138, 3)), strides)
    assert usual.all()
    assert power.max() < 1e-12
    power, usual = dsp.aperiodic_power(np.full((138, 3), np.nan), strides)
    assert np.isnan(power[1:-1]).all()
    assert usual.all()
