"""Power in bins and hops against slow loops and against what Gaussian noise must give."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.dsp import arv, binned_power, hop_power, moving_rms, noise_corrected, rms
from emgsmr.errors import ArgumentError


@given(edges=st.lists(st.integers(0, 80), min_size=2, max_size=12).map(sorted), n_channels=st.integers(1, 3))
def test_binned_power_is_that_of_a_loop(edges: list[int], n_channels: int) -> None:
    x = np.random.default_rng(1).normal(0, 9, (80, n_channels))
    got = binned_power(x, edges=np.array(edges))
    assert got.shape == (len(edges) - 1, n_channels)
    for row, start, stop in zip(got, edges[:-1], edges[1:], strict=True):
        for channel, value in enumerate(row):
            samples = [float(v) ** 2 for v in x[start:stop, channel]]
            if samples:
                assert value == pytest.approx(sum(samples) / len(samples), rel=1e-12)
            else:
                assert np.isnan(value)


def test_gaussian_noise_has_the_power_of_its_variance(rng: np.random.Generator) -> None:
    x = rng.normal(0, 7.0, (200_000, 1))
    power = binned_power(x, edges=np.array([0, 100_000, 200_000]))
    np.testing.assert_allclose(np.sqrt(power), 7.0, rtol=0.02)
    # the average rectified value of the same noise is sqrt(2 / pi) of that
    assert np.mean(np.abs(x)) / np.sqrt(np.mean(power)) == pytest.approx(np.sqrt(2 / np.pi), abs=0.005)


def loop_of_hops(x: np.ndarray, first_index: int, hop: int) -> dict[int, list[float]]:
    """Hops that are complete, by number."""
    found: dict[int, list[float]] = {}
    for number in range(first_index // hop, (first_index + len(x)) // hop + 1):
        rows = [number * hop + k - first_index for k in range(hop)]
        if min(rows) >= 0 and max(rows) < len(x):
            found[number] = [sum(float(x[r, c]) ** 2 for r in rows) / hop for c in range(x.shape[1])]
    return found


@given(
    n=st.integers(0, 60),
    first_index=st.integers(0, 100),
    hop=st.integers(1, 12),
    cuts=st.lists(st.integers(0, 60), max_size=8),
)
def test_hops_lie_on_the_grid_of_the_index_and_no_cut_changes_a_bit(
    n: int, first_index: int, hop: int, cuts: list[int]
) -> None:
    x = np.random.default_rng(2).normal(0, 9, (n, 2))
    expected = loop_of_hops(x, first_index, hop)
    power, first_hop, left = hop_power(x, first_index=first_index, hop=hop)
    assert list(range(first_hop, first_hop + len(power))) == list(expected)
    np.testing.assert_allclose(power, np.array(list(expected.values())).reshape(-1, 2), rtol=1e-12)

    state, index, found = None, first_index, {}
    for piece in np.split(x, sorted(min(c, n) for c in [*cuts, *(c + 1 for c in cuts)])):
        part, number, state = hop_power(piece, first_index=index, hop=hop, state=state)
        found.update(enumerate(part.tolist(), number))
        index += len(piece)
    assert found == dict(enumerate(power.tolist(), first_hop))
    np.testing.assert_array_equal(state, left)


def test_a_gap_leaves_out_the_hops_it_touches() -> None:
    x = np.arange(40.0)[:, np.newaxis]
    before, first, left = hop_power(x[:13], first_index=0, hop=5)
    assert (first, len(before), len(left)) == (0, 2, 3)
    # samples 13..16 are lost: a fresh start at 17 gives hop 4 (from sample 20) first
    after, first, _ = hop_power(x[17:], first_index=17, hop=5)
    assert (first, len(after)) == (4, 4)
    assert after[0, 0] == np.mean(np.arange(20, 25) ** 2)


def test_the_noise_is_taken_off_the_power(rng: np.random.Generator) -> None:
    signal, noise = rng.normal(0, 30.0, 400_000), rng.normal(0, 20.0, 400_000)
    power = np.mean(np.square(signal + noise))
    assert noise_corrected(np.array(power), noise_power=np.array(400.0)) == pytest.approx(30.0, rel=0.01)


def test_a_silent_muscle_has_a_finite_logarithm() -> None:
    power = np.array([0.0, 3.9, 4.0, np.nan])
    got = noise_corrected(power, noise_power=np.array(4.0))
    np.testing.assert_allclose(got[:3], 0.2)  # a tenth of the noise's own 2 µV
    assert np.isnan(got[3])


@pytest.mark.parametrize("sd", [0.5, 80.0])
def test_the_arv_of_gaussian_noise_is_0798_of_its_rms(rng: np.random.Generator, sd: float) -> None:
    x = rng.normal(0, [sd, 3 * sd], (400_000, 2))
    np.testing.assert_allclose(rms(x), [sd, 3 * sd], rtol=0.005)
    np.testing.assert_allclose(arv(x) / rms(x), np.sqrt(2 / np.pi), rtol=0.003)


def test_amplitudes_of_a_sine() -> None:
    x = 10 * np.sin(2 * np.pi * np.arange(1000) / 100)[:, np.newaxis]
    assert rms(x)[0] == pytest.approx(10 / np.sqrt(2))
    assert arv(x)[0] == pytest.approx(20 / np.pi, rel=1e-3)


@pytest.mark.parametrize("measure", [rms, arv])
def test_an_amplitude_of_nothing_or_of_missing_values_is_missing(measure) -> None:
    assert np.isnan(measure(np.empty((0, 3)))).all()
    np.testing.assert_array_equal(np.isnan(measure(np.array([[1.0, np.nan], [2.0, 3.0]]))), [False, True])
    assert measure(np.array([[-4]]))[0] == 4.0
    assert measure(np.full((3, 1), 30000, dtype="<i2"))[0] == 30000.0


@given(n=st.integers(0, 70), n_window=st.integers(1, 40), cuts=st.lists(st.integers(0, 70), max_size=6))
def test_the_moving_rms_is_that_of_a_loop_and_no_cut_changes_a_bit(
    n: int, n_window: int, cuts: list[int]
) -> None:
    x = np.random.default_rng(4).normal(0, 9, (n, 2))
    whole, _ = moving_rms(x, n_window=n_window)
    padded = np.concatenate([np.zeros((n_window - 1, 2)), x])
    loop = [np.sqrt(np.sum(np.square(padded[k : k + n_window]), axis=0) / n_window) for k in range(n)]
    np.testing.assert_allclose(whole, np.array(loop).reshape(-1, 2), rtol=1e-12)
    state, pieces = None, [np.empty((0, 2))]
    for piece in np.split(x, sorted(min(c, n) for c in [*cuts, *(c + 1 for c in cuts)])):
        y, state = moving_rms(piece, n_window=n_window, state=state)
        pieces.append(y)
    np.testing.assert_array_equal(np.concatenate(pieces), whole)


def test_a_loud_start_leaves_no_trace_in_the_moving_rms() -> None:
    """A running total would keep the rounding error of 1e9 for ever."""
    x = np.full((300, 1), 1e-3)
    x[0] = 1e9
    y, _ = moving_rms(x, n_window=50)
    np.testing.assert_allclose(y[50:], 1e-3, rtol=1e-12)


def test_a_window_without_samples_is_refused() -> None:
    with pytest.raises(ArgumentError, match="n_window"):
        moving_rms(np.ones((3, 1)), n_window=0)
