"""Lines between known points, with bits that depend on the two neighbors alone."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.dsp import interpolate

steps = st.lists(st.floats(0.01, 10), min_size=2, max_size=20)


@given(steps=steps, at=st.lists(st.floats(0, 1), min_size=1, max_size=20))
def test_between_the_points_it_is_the_line_of_numpy(steps: list[float], at: list[float]) -> None:
    known_x = np.cumsum(steps)
    known_y = np.sin(known_x) * 100
    x = known_x[0] + np.array(at) * (known_x[-1] - known_x[0])
    np.testing.assert_allclose(interpolate(x, known_x, known_y), np.interp(x, known_x, known_y), atol=1e-9)


@given(steps=steps, k=st.integers(0, 18), part=st.floats(0, 1, exclude_max=True))
def test_points_further_away_change_no_bit(steps: list[float], k: int, part: float) -> None:
    known_x = np.cumsum(steps)
    known_y = np.cos(known_x) * 1e3
    k = min(k, len(steps) - 2)
    x = np.array([known_x[k] + part * (known_x[k + 1] - known_x[k])])
    two = interpolate(x, known_x[k : k + 2], known_y[k : k + 2])
    many = np.concatenate([x, np.linspace(known_x[0], known_x[-1], 50)])
    assert interpolate(many, known_x, known_y)[0] == two[0] or x[0] >= known_x[k + 1]


def test_the_outer_lines_go_on_outside() -> None:
    known_x, known_y = np.array([0.0, 1.0, 3.0]), np.array([5.0, 7.0, 1.0])
    np.testing.assert_allclose(interpolate(np.array([-2.0, 4.0]), known_x, known_y), [1.0, -2.0])


def test_known_points_are_met_exactly() -> None:
    known_x, known_y = np.array([0.1, 0.7, 0.9]), np.array([0.3, 0.1, 0.2])
    np.testing.assert_array_equal(interpolate(known_x[:2], known_x, known_y), known_y[:2])


def test_the_shape_is_that_of_what_is_asked() -> None:
    assert interpolate(np.zeros((2, 3)), np.array([0.0, 1.0]), np.array([0.0, 1.0])).shape == (2, 3)
    assert interpolate(np.array(0.5), np.array([0.0, 1.0]), np.array([0.0, 4.0])) == 2.0
