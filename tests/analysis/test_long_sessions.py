"""What a session keeps in memory does not grow with its strides, seconds and readings."""

from __future__ import annotations

import gc
import sys
import types
from collections import Counter
from functools import reduce
from operator import and_
from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis import Pipeline, Settings, detector, long_list, pool
from emgsmr.recording import SampleBlock, TimedReading, Wiring

FS = 500.0
CENTERS = {"GMAX_R": 5.0, "BFLH_R": 95.0, "GMAX_L": 55.0, "BFLH_L": 45.0}
HOW = Settings(warmup_s=5, baseline_s=15, block_strides=3, spectrum_bursts=8)
FIRST_S, LAST_S, PAGE = 60, 120, 8
MOST_BYTES_PER_HOUR = 3e6
"""What may stay: the clock's knots (some 60 kB an hour and sensor), when each stride began, each point of a
pair, and where each page lies; and as much again, since a minute stands for the hour."""

NO_DATA = (type, types.ModuleType, types.FunctionType, types.BuiltinFunctionType, types.CodeType)


def held(root: object) -> tuple[Counter[str], int]:
    """The objects of this package's own types that can be reached from one, and the bytes of all."""
    seen: set[int] = set()
    counts: Counter[str] = Counter()
    size, waiting = 0, [root]
    while waiting:
        found = waiting.pop()
        if id(found) in seen or isinstance(found, NO_DATA):
            continue
        seen.add(id(found))
        size += sys.getsizeof(found)
        if type(found).__module__.startswith("emgsmr"):
            counts[type(found).__name__] += 1
        if isinstance(found, np.ndarray) and found.base is not None:
            waiting.append(found.base)
        waiting += gc.get_referents(found)
    return counts, size


@pytest.fixture(scope="module")
def grown(make: SimpleNamespace) -> SimpleNamespace:
    """Two moments of a live session of four muscles, with pages so small that they are full by the first.

    Each is the least that was held in the time in which a page fills.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(detector, "MIN_STRIDES", 15)
        patch.setattr(long_list, "PAGE", PAGE)
        patch.setattr(pool, "PAGE", 1)
        signals = make.runner(CENTERS, fs=FS, seconds=LAST_S)
        wired = make.wired(list(signals), fs=FS)
        pipeline = Pipeline(Wiring(wired.sensors, wired.placements), HOW)
        counts = make.block(np.column_stack(list(signals.values()))).counts
        moments: dict[int, list[tuple[Counter[str], int]]] = {FIRST_S: [], LAST_S: []}
        n_strides = {}
        for second in range(LAST_S):
            first, stop = int(second * FS), int((second + 1) * FS)
            for k in range(3):
                arrival_ns = second * 10**9 + k
                pipeline.push_reading(TimedReading("belt", None, "heart_rate_bpm", arrival_ns, (150.0,)))
            arrivals = np.array([[stop, (second + 1) * 10**9]])
            pipeline.push(SampleBlock(1, first, counts[first:stop], arrivals))
            for moment, found in moments.items():
                if moment - PAGE < second + 1 <= moment:
                    found.append(held(pipeline))
                    n_strides[moment] = sum(len(leg.strides) for leg in pipeline.legs.values())
    before, after = (
        (reduce(and_, (counts for counts, _ in found)), min(size for _, size in found))
        for found in moments.values()
    )
    return SimpleNamespace(
        pipeline=pipeline, before=before, after=after, new_strides=n_strides[LAST_S] - n_strides[FIRST_S]
    )


def test_there_was_something_that_could_have_grown(grown) -> None:
    pipeline = grown.pipeline
    assert grown.new_strides > 150
    assert len(pipeline.streams[1].seconds) == LAST_S
    assert len(pipeline.readings) == 3 * LAST_S
    assert all(leg.baseline is not None for leg in pipeline.legs.values())
    assert all(len(blocks) > 10 for leg in pipeline.legs.values() for blocks in leg.spectra.blocks.values())
    assert all(len(status.t_s) > 40 for status in pipeline.status())


def test_no_object_is_kept_for_each_stride_second_point_or_reading(grown) -> None:
    (before, _), (after, _) = grown.before, grown.after
    more = {name: after[name] - before[name] for name in after if after[name] > before[name] + 10}
    assert not more
    assert before["Stride"] < 40  # and it is looked at what it should
    assert before["Second"] > 0


def test_an_hour_adds_little(grown) -> None:
    (_, before), (_, after) = grown.before, grown.after
    assert (after - before) * 3600 / (LAST_S - FIRST_S) < MOST_BYTES_PER_HOUR


def test_a_recalled_session_has_all_of_it(grown) -> None:
    pipeline = grown.pipeline
    assert pipeline.legs["R"].strides.n_in_memory <= 16
    pipeline.recall()
    counts, _ = held(pipeline)
    assert counts["Stride"] >= grown.new_strides
    assert counts["Second"] == LAST_S
    assert counts["TimedReading"] == 3 * LAST_S
