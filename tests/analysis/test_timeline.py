"""Sample index to seconds and back."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.analysis.timeline import ExactTimeline, FittedTimeline


def test_a_file_states_its_time() -> None:
    timeline = ExactTimeline(fs=1000.0, index0=200, t0_s=5.0)
    timeline.advance(np.empty((0, 2), dtype=np.int64), first_index=0, end_index=10)
    assert timeline.time(1200) == 6.0
    np.testing.assert_allclose(timeline.index([5.0, 6.5]), [200, 1700])
    assert timeline.end_s == float("inf")


def test_the_time_of_a_radio_counts_from_the_start_of_the_recording() -> None:
    end = np.arange(10, 30_001, 10)
    arrivals = np.column_stack([end, 7_000_000_000 + (end - 1) * 2_000_000])  # 500 Hz, sent at once
    timeline = FittedTimeline(fs=500.0, started_ns=5_000_000_000)
    assert timeline.end_s == float("-inf")
    assert np.isnan(timeline.residual_ms)
    timeline.advance(arrivals, first_index=0, end_index=30_000)
    index = np.array([0, 777, 15_000, 30_000])
    np.testing.assert_allclose(timeline.time(index), 2 + index / 500, atol=1e-6)
    np.testing.assert_allclose(timeline.index(timeline.time(index)), index, atol=1e-3)
    assert timeline.end_s == pytest.approx(2 + 61)
    assert timeline.residual_ms == pytest.approx(0, abs=1e-3)


def test_what_was_told_stays_when_more_comes(rng: np.random.Generator) -> None:
    end = np.arange(10, 20_001, 10)
    came = (1e9 * (end / 500 * 1.01 + rng.uniform(0, 0.05, len(end)))).astype(np.int64)
    arrivals = np.column_stack([end, np.maximum.accumulate(came)])
    timeline = FittedTimeline(fs=500.0)
    told: dict[int, float] = {}
    for start in range(0, 2000, 37):
        piece = arrivals[start : start + 37]
        timeline.advance(piece, first_index=0, end_index=int(piece[-1, 0]))
        if not np.isfinite(timeline.end_s):
            continue
        for index, t_s in told.items():
            assert timeline.time(index) == t_s
        last = int(piece[-1, 0])
        told[last] = float(timeline.time(last))
