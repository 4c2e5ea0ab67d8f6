"""Charts against published run lengths, and run lengths against simulation."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.dsp import (
    cusum,
    cusum_arl,
    cusum_limit,
    ewma,
    ewma_arl,
    page_hinkley,
    robust_center,
    robust_scale,
)


@pytest.mark.parametrize(
    ("k", "h", "arl"),
    [
        (0.5, 4.0, 335),
        (0.5, 5.0, 931),
        (0.5, 5.07, 1000),
        (0.5, 6.71, 5200),
        (0.5, 9.01, 52000),
        (0.25, 8.59, 1000),
        (0.25, 11.82, 5200),
        (0.25, 16.41, 52000),
    ],
)
def test_published_run_lengths_in_control(k: float, h: float, arl: float) -> None:
    # limits are published with two decimals: that is 1 % of a long run
    assert cusum_arl(k=k, h=h) == pytest.approx(arl, rel=0.012)
    assert cusum_limit(k=k, arl=arl) == pytest.approx(h, abs=0.02)


@pytest.mark.parametrize(
    ("k", "h", "shift", "delay"),
    [
        (0.25, 11.82, 0.25, 169), (0.25, 11.82, 0.5, 44), (0.25, 11.82, 1.0, 17), (0.25, 11.82, 2.0, 7),
        (0.5, 6.71, 0.25, 370), (0.5, 6.71, 0.5, 62), (0.5, 6.71, 1.0, 14), (0.5, 6.71, 2.0, 5),
    ],
)  # fmt: skip
def test_published_delays(k: float, h: float, shift: float, delay: float) -> None:
    assert cusum_arl(k=k, h=h, shift=shift) == pytest.approx(delay, abs=max(0.6, 0.01 * delay))


@pytest.mark.parametrize(("k", "h"), [(0.25, 2.0), (0.5, 4.0), (0.5, 1.0), (1.0, 3.0)])
def test_siegmunds_approximation_is_near(k: float, h: float) -> None:
    b, delta = h + 1.166, -k
    siegmund = (np.exp(-2 * delta * b) + 2 * delta * b - 1) / (2 * delta**2)
    assert cusum_arl(k=k, h=h) == pytest.approx(siegmund, rel=0.06)


def test_simulated_charts_run_as_long_as_the_chain_says(rng: np.random.Generator) -> None:
    k, h = 0.5, 3.0
    lengths = []
    for _ in range(400):
        s, _ = cusum(rng.normal(size=2000), k=k)
        over = np.flatnonzero(s > h)
        assert len(over)
        lengths.append(over[0] + 1)
    standard_error = np.std(lengths) / np.sqrt(len(lengths))
    assert abs(np.mean(lengths) - cusum_arl(k=k, h=h)) < 3.5 * standard_error


@pytest.mark.parametrize(
    ("weight", "limit", "arl"),
    [
        (0.05, 2.831, 1000), (0.05, 3.393, 5200), (0.05, 4.034, 52_000), (0.10, 3.514, 5200),
        (0.20, 3.592, 5200), (0.02, 3.176, 5200),
    ],
)  # fmt: skip
def test_published_run_lengths_of_the_ewma(weight: float, limit: float, arl: float) -> None:
    assert ewma_arl(weight=weight, limit=limit) == pytest.approx(arl, rel=0.01)


@pytest.mark.parametrize(
    ("weight", "limit", "delays"),
    [
        (0.05, 2.831, (99, 32, 12, 6)), (0.05, 3.393, (219, 48, 16, 7)), (0.05, 4.034, (732, 83, 21, 8)),
        (0.10, 3.514, (359, 64, 15, 6)), (0.20, 3.592, (622, 116, 17, 5)), (0.02, 3.176, (147, 48, 20, 9)),
    ],
)  # fmt: skip
def test_published_delays_of_the_ewma(weight: float, limit: float, delays: tuple[float, ...]) -> None:
    for shift, delay in zip((0.25, 0.5, 1.0, 2.0), delays, strict=True):
        got = ewma_arl(weight=weight, limit=limit, shift=shift)
        assert got == pytest.approx(delay, abs=max(0.6, 0.012 * delay))


def test_the_ewma_is_the_weighted_sum_of_the_past_while_it_stays_above_zero() -> None:
    z = np.abs(np.random.default_rng(3).normal(size=30))
    got, end = ewma(z, weight=0.2, state=0.7)
    slow = [
        0.7 * 0.8 ** (i + 1) + sum(0.2 * 0.8 ** (i - j) * z[j] for j in range(i + 1)) for i in range(len(z))
    ]
    np.testing.assert_allclose(got, slow, rtol=1e-12)
    assert end == got[-1]
    assert ewma(np.array([-5.0]), weight=0.2, state=0.7)[1] == 0.0


@pytest.mark.parametrize("phi", [0.0, 0.2, 0.4])
def test_the_limit_for_autocorrelated_points_keeps_their_run_length(
    rng: np.random.Generator, phi: float
) -> None:
    """Without the correction 300 points become 100 at phi = 0.2 and fewer than 50 at 0.4."""
    k, arl = 0.25, 300.0
    h = cusum_limit(k=k, arl=arl, phi=phi)
    n_runs, lengths = 400, []
    e, s = rng.normal(size=n_runs), np.zeros(n_runs)
    running = np.ones(n_runs, dtype=bool)
    for i in range(1, 6000):
        s = np.maximum(s + e - k, 0.0)
        over = running & (s > h)
        lengths += [i] * int(over.sum())
        running &= ~over
        e = phi * e + np.sqrt(1 - phi**2) * rng.normal(size=n_runs)
    assert not running.any()
    assert 0.85 * arl < np.mean(lengths) < 1.6 * arl  # on the cautious side where neighbors are very alike


@given(cut=st.integers(0, 40))
def test_page_hinkley_goes_on_where_it_stopped_and_is_what_its_formula_says(cut: int) -> None:
    x = np.random.default_rng(4).normal(1.0, 1.0, 40)
    whole, end = page_hinkley(x, allowance=0.3)
    first, state = page_hinkley(x[:cut], allowance=0.3)
    second, again = page_hinkley(x[cut:], allowance=0.3, state=state)
    np.testing.assert_array_equal(np.concatenate([first, second]), whole)
    assert again == end
    means = np.cumsum(x) / np.arange(1, 41)
    total = np.cumsum(x - means - 0.3)
    np.testing.assert_allclose(whole, total - np.minimum(np.minimum.accumulate(total), 0.0), atol=1e-12)


def test_page_hinkley_finds_a_shift_without_a_baseline(rng: np.random.Generator) -> None:
    x = rng.normal(size=400)
    before, _ = page_hinkley(x, allowance=0.5)
    x[200:] += 2.0
    after, _ = page_hinkley(x, allowance=0.5)
    assert before.max() < 15.0 < after[230]


@given(cuts=st.lists(st.integers(0, 50), max_size=6), k=st.floats(0, 1))
def test_a_chart_goes_on_where_it_stopped(cuts: list[int], k: float) -> None:
    z = np.random.default_rng(9).normal(0.2, 1, 50)
    whole, end = cusum(z, k=k)
    state, pieces = 0.0, []
    for piece in np.split(z, sorted(cuts)):
        s, state = cusum(piece, k=k, state=state)
        pieces.append(s)
    np.testing.assert_array_equal(np.concatenate(pieces), whole)
    assert state == end
    # the sum is the random walk above its lowest point so far
    walk = np.concatenate([[0.0], np.cumsum(z - k)])
    np.testing.assert_allclose(whole, (walk - np.minimum.accumulate(walk))[1:], atol=1e-12)


def test_robust_measures_of_normal_data(rng: np.random.Generator) -> None:
    x = rng.normal(5, 3, 100_000)
    assert robust_center(x) == pytest.approx(5, abs=0.05)
    assert robust_scale(x) == pytest.approx(3, rel=0.02)


def test_a_tenth_of_nonsense_moves_them_little(rng: np.random.Generator) -> None:
    x = rng.normal(5, 3, 10_000)
    x[::10] = 1e9
    assert robust_center(x) == pytest.approx(5, abs=0.6)
    assert robust_scale(x) == pytest.approx(3, rel=0.3)


def test_missing_values_are_left_out() -> None:
    x = np.array([np.nan, 1.0, 2.0, 3.0, np.inf])
    assert robust_center(x) == 2.0
    assert robust_scale(x) == pytest.approx(1.4826)
    assert np.isnan(robust_center(np.array([np.nan])))
    assert np.isnan(robust_scale(np.array([])))
