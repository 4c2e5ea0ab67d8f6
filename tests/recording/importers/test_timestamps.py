from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import ImportFormatError
from emgsmr.recording.importers.timestamps import read_timestamps


@given(
    fs=st.sampled_from([200.0, 500.0, 1000.0, 1111.111, 1925.926, 2000.0, 2148.1481, 4370.6]),
    t0=st.floats(-10, 1e6),
    runs=st.lists(st.tuples(st.integers(2, 400), st.integers(1, 3000)), min_size=1, max_size=6),
)
def test_indices_and_rate_of_exact_times(fs, t0, runs):
    index = np.concatenate([np.arange(n) + start for n, start in starts(runs)])
    base = read_timestamps(t0 + index / fs)
    assert base.fs == pytest.approx(fs, rel=1e-5)
    assert base.t0_s == pytest.approx(t0)
    found = np.arange(len(index)) if base.index is None else base.index
    np.testing.assert_array_equal(found, index)


def starts(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Length and first index of runs, each followed by some missing samples."""
    found, at = [], 0
    for n, missing in runs:
        found.append((n, at))
        at += n + missing
    return found


@pytest.mark.parametrize(
    ("fs", "digits"), [(1000, 3), (2000, 4), (1259.259, 4), (2148.148, 4), (1925.926, 4)]
)
def test_rounded_times(fs, digits):
    index = np.concatenate([np.arange(5000), np.arange(5200, 9000)])
    base = read_timestamps(np.round(3.25 + index / fs, digits))
    assert base.fs == pytest.approx(fs, rel=2e-4)
    assert base.index is not None
    assert abs(int(base.index[-1]) - 8999) <= 1


def test_a_whole_rate_is_found_exactly():
    assert read_timestamps(np.round(np.arange(10_000) / 1500, 5)).fs == 1500.0
    assert read_timestamps(np.arange(100) / 999.3).fs == pytest.approx(999.3, rel=1e-9)


def test_small_jitter_is_no_gap(rng):
    times = np.arange(5000) / 1000 + rng.uniform(-0.0002, 0.0002, 5000)
    base = read_timestamps(times)
    assert base.index is None
    assert base.fs == pytest.approx(1000, rel=1e-3)


@pytest.mark.parametrize(
    "times",
    [
        [0.0, 0.001, 0.001],
        [0.0, 0.001, 0.0005],
        [0.0, np.nan, 0.002],
        [0.0, np.inf],
        [0.0],
        [],
        [0.0, 1e-9, 1e300],
    ],
)
def test_times_that_cannot_be(times):
    with pytest.raises(ImportFormatError):
        read_timestamps(np.array(times, dtype=float))


def test_drifting_times_are_refused():
    with pytest.raises(ImportFormatError, match="irregular"):
        read_timestamps(np.cumsum(np.linspace(0.001, 0.0012, 5000)))


@given(st.lists(st.floats(allow_nan=True, allow_infinity=True), max_size=30))
def test_any_times_end_in_indices_or_an_error(times):
    try:
        base = read_timestamps(np.array(times, dtype=float))
    except ImportFormatError:
        return
    assert base.index is None or np.all(np.diff(base.index) > 0)
