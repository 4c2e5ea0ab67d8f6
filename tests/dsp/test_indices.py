"""Named indices against their definitions, written as loops, and against closed forms."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from emgsmr.dsp import (
    coefficient_of_variation,
    falconer_winter_cocontraction,
    rudolph_cocontraction,
    symmetry_angle,
    symmetry_index,
    variance_ratio,
)

PROFILE = arrays(np.float64, 12, elements=st.floats(0.0, 5.0, width=32))
RATIO = st.floats(0.01, 100.0)


def test_published_oracles_of_cocontraction() -> None:
    ones = np.ones(50)
    assert float(falconer_winter_cocontraction(ones, ones)) == 100.0
    assert float(rudolph_cocontraction(ones, ones)) == 2.0
    apart = np.repeat([1.0, 0.0], 25)
    assert float(falconer_winter_cocontraction(apart, 1 - apart)) == 0.0
    assert float(rudolph_cocontraction(apart, 1 - apart)) == 0.0


def test_two_half_waves_overlap_as_geometry_says() -> None:
    """Triangles of equal height that overlap by half: the common area is a quarter of each."""
    x = (np.arange(3000) + 0.5) / 3000
    first, second = np.maximum(1 - np.abs(6 * x - 2), 0), np.maximum(1 - np.abs(6 * x - 3), 0)
    assert float(falconer_winter_cocontraction(first, second)) == pytest.approx(25.0, rel=1e-3)
    # within the overlap low = s, high = 1 - s up to the middle: s / (1 - s), twice, over a third of the cycle
    expected = 2 * (1 / 6) * (math.log(2) - 0.5)
    assert float(rudolph_cocontraction(first, second)) == pytest.approx(expected, rel=1e-3)


@given(PROFILE, PROFILE)
def test_cocontraction_is_its_definition(a: np.ndarray, b: np.ndarray) -> None:
    rudolph, common, total = 0.0, 0.0, 0.0
    for one, other in zip(a.tolist(), b.tolist(), strict=True):
        low, high = sorted((one, other))
        rudolph += low / high * (low + high) / len(a) if high else 0.0
        common, total = common + low, total + one + other
    assert float(rudolph_cocontraction(a, b)) == pytest.approx(rudolph, rel=1e-9, abs=1e-12)
    falconer = float(falconer_winter_cocontraction(a, b))
    assert math.isnan(falconer) if total == 0 else falconer == pytest.approx(200 * common / total)


@given(PROFILE, PROFILE, st.floats(0.1, 10.0))
def test_one_is_of_shape_the_other_of_amplitude(a: np.ndarray, b: np.ndarray, gain: float) -> None:
    shape = float(falconer_winter_cocontraction(gain * a, gain * b))
    assert shape == pytest.approx(float(falconer_winter_cocontraction(a, b)), nan_ok=True)
    assert float(rudolph_cocontraction(gain * a, gain * b)) == pytest.approx(
        gain * float(rudolph_cocontraction(a, b)), abs=1e-12
    )
    np.testing.assert_array_equal(rudolph_cocontraction(a, b), rudolph_cocontraction(b, a))


def test_many_profiles_at_once_and_bins_without_a_sample() -> None:
    a = np.array([[1.0, np.nan, 1.0], [np.nan, np.nan, np.nan]])
    assert rudolph_cocontraction(a, np.ones((2, 3))).tolist()[0] == 2.0
    assert falconer_winter_cocontraction(a, np.ones((2, 3))).tolist()[0] == 100.0
    assert np.isnan(rudolph_cocontraction(a, np.ones((2, 3)))[1])
    assert np.isnan(falconer_winter_cocontraction(a, np.ones((2, 3)))[1])


@given(RATIO, RATIO)
def test_symmetry_is_its_definition_of_left_and_right(left: float, right: float) -> None:
    log = np.array(math.log(right / left))
    expected = 100 * abs(right - left) / ((right + left) / 2)
    assert float(symmetry_index(log)) == pytest.approx(expected, abs=1e-9)
    angle = (45 - math.degrees(math.atan(left / right))) / 90 * 100
    assert float(symmetry_angle(log)) == pytest.approx(angle, abs=1e-9)
    assert float(symmetry_angle(-log)) == pytest.approx(-float(symmetry_angle(log)), abs=1e-9)


@pytest.mark.parametrize("n", [2, 3, 40])
def test_variation_is_numpys(n: int, rng: np.random.Generator) -> None:
    x = rng.gamma(4.0, size=n)
    found = coefficient_of_variation(x.mean(), np.mean(x**2), n=np.array(n))
    assert float(found) == pytest.approx(100 * x.std(ddof=1) / x.mean())


def test_variation_of_one_or_of_nothing_is_missing() -> None:
    missing = coefficient_of_variation(
        np.array([1.0, 0.0, np.nan]), np.array([1.0, 0.0, np.nan]), n=np.array([1.0, 5.0, 5.0])
    )
    assert np.isnan(missing).all()
    assert float(coefficient_of_variation(np.array(2.0), np.array(4.0), n=np.array(9))) == 0.0


def loop_variance_ratio(x: np.ndarray) -> float:
    """The definition, sum by sum: strides in rows, bins in columns."""
    n, k = x.shape
    grand = sum(x[j, i] for j in range(n) for i in range(k)) / (n * k)
    within = overall = 0.0
    for i in range(k):
        center = sum(x[j, i] for j in range(n)) / n
        for j in range(n):
            within += (x[j, i] - center) ** 2
            overall += (x[j, i] - grand) ** 2
    return float((within / (k * (n - 1))) / (overall / (k * n - 1)))


@pytest.mark.parametrize("shape", [(2, 3), (7, 5), (30, 50)])
def test_the_variance_ratio_is_its_definition(shape: tuple[int, int], rng: np.random.Generator) -> None:
    x = rng.gamma(2.0, size=shape) * (1 + np.arange(shape[1]))
    found = variance_ratio(x.mean(axis=0), np.mean(x**2), n=np.array(shape[0]))
    assert float(found) == pytest.approx(loop_variance_ratio(x), rel=1e-9)


def test_the_variance_ratio_runs_from_alike_to_unrelated(rng: np.random.Generator) -> None:
    profile = 1 + np.sin(np.linspace(0, 2 * np.pi, 50))
    alike = np.tile(profile, (20, 1))
    assert float(variance_ratio(alike.mean(axis=0), np.mean(alike**2), n=np.array(20))) < 1e-12
    noise = rng.normal(size=(400, 50))
    assert float(variance_ratio(noise.mean(axis=0), np.mean(noise**2), n=np.array(400))) == pytest.approx(
        1.0, abs=0.01
    )
    assert np.isnan(variance_ratio(np.ones(5), np.array(1.0), n=np.array(9)))  # no variation at all
    assert np.isnan(variance_ratio(profile, np.array(3.0), n=np.array(1)))
