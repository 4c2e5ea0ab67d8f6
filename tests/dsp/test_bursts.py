"""Where activation rises and falls."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr import dsp

FS = 50.0


def found(values: list[float], **how: float) -> list[tuple[int, int, str]]:
    bursts, _ = dsp.find_bursts(np.array(values), fs=FS, last=True, **how)  # type: ignore[arg-type]
    return [tuple(burst) for burst in bursts]


QUIET = [0.0] * 20


def test_short_bursts_are_none_and_short_dips_do_not_divide() -> None:
    assert found([*QUIET, *[1.0] * 24, *QUIET]) == []
    assert found([*QUIET, *[1.0] * 25, *QUIET]) == [(20, 45, "")]
    assert found([*QUIET, *[1.0] * 25, *[0.0] * 14, *[1.0] * 25, *QUIET]) == [(20, 84, "")]
    assert found([*QUIET, *[1.0] * 25, *[0.0] * 15, *[1.0] * 25, *QUIET]) == [(20, 45, ""), (60, 85, "")]


def test_what_never_reaches_the_upper_threshold_is_no_burst() -> None:
    assert found([*QUIET, *[0.6] * 100, *QUIET]) == []
    assert found([*QUIET, *[0.5] * 10, 0.61, *[0.41] * 60, *QUIET]) == [(20, 91, "")]


def test_a_slow_rise_counts_from_half_a_second_before_it_is_strong() -> None:
    assert found([*QUIET, *[0.5] * 100, *[0.9] * 50, *QUIET]) == [(95, 170, "")]


def test_ends_of_the_signal_and_gaps_cut() -> None:
    nan = float("nan")
    assert found([*[1.0] * 30, *QUIET]) == [(0, 30, "cut")]
    assert found([*QUIET, *[1.0] * 30]) == [(20, 50, "cut")]
    assert found([*QUIET, *[1.0] * 30, nan, *[1.0] * 40, *QUIET]) == [(20, 50, "cut"), (51, 91, "cut")]
    assert found([*QUIET, *[1.0] * 30, *[0.0] * 5, nan, *QUIET]) == [(20, 56 - 1, "cut")]
    assert found([nan] * 50) == found([]) == []


def test_what_is_too_long_is_given_out_once() -> None:
    assert found([*QUIET, *[1.0] * 4000, *QUIET, *[1.0] * 50, *QUIET]) == [
        (20, 1520, "long"),
        (4040, 4090, ""),
    ]


@given(
    runs=st.lists(st.tuples(st.sampled_from([0.0, 0.3, 0.5, 0.7, 1.0, float("nan")]), st.integers(1, 60))),
    cuts=st.lists(st.integers(0, 2000), max_size=10),
)
def test_pieces_give_what_the_whole_gives(runs: list[tuple[float, int]], cuts: list[int]) -> None:
    values = np.array([value for value, n in runs for _ in range(n)], dtype=np.float64)
    expected, _ = dsp.find_bursts(values, fs=FS, max_burst_s=2.0, last=True)
    state, got = None, []
    edges = [0, *sorted(cuts), len(values)]
    for begin, end in pairwise(edges):
        needed = 0 if state is None else state.needed_from
        bursts, state = dsp.find_bursts(values[begin:end], fs=FS, max_burst_s=2.0, state=state)
        assert all(burst.start >= needed for burst in bursts)
        got += bursts
    bursts, _ = dsp.find_bursts(values[:0], fs=FS, max_burst_s=2.0, state=state, last=True)
    assert got + bursts == expected
    assert all(b.end > b.start for b in expected)
    assert all(before.end <= after.start for before, after in pairwise(expected))


@pytest.mark.parametrize("n", [0, 1])
def test_nothing_in_nothing_out(n: int) -> None:
    assert found([0.0] * n) == []
