"""One path, for cycles that are no gait: repetitions, windows, and exercises between walking."""

from __future__ import annotations

import functools
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from emgsmr.analysis import COLUMNS, Pipeline, Settings
from emgsmr.recording import Event, Placement, SampleBlock, SensorInfo, Wiring

SITES = {1: ("GMAX_R", "ES_R"), 2: ("BFLH_R", "GMAX_L")}
RATES = {1: 1116.0, 2: 500.0}
SECONDS = 36.0
LOST = {1: (14.0, 14.1), 2: (25.0, 25.3)}

PLANS = {
    "bursts": (Settings(cycles="bursts", block_strides=3), ()),
    "windows": (Settings(cycles="windows", block_strides=3), ()),
    "auto": (
        Settings(block_strides=3),
        (Event(8.3, None, "phase", label="bridge"), Event(21.7, None, "phase", label="walk")),
    ),
    "hold": (Settings(block_strides=3), (Event(13.0, 9.5, "phase", label="test", note="hold"),)),
}

WIRING = Wiring(
    tuple(
        SensorInfo(i, "file", "", f"sensor {i}", "", RATES[i], len(s), "<i2", 1.0, "known")
        for i, s in SITES.items()
    ),
    tuple(Placement(i, c, site) for i, sites in SITES.items() for c, site in enumerate(sites)),
)


@functools.cache
def streams() -> dict[int, list[SampleBlock]]:
    """Two sensors with gaps; notifications of ten samples, late by up to 30 ms; walking, bridges, walking."""
    rng = np.random.default_rng(11)
    found = {}
    for sensor, sites in SITES.items():
        fs = RATES[sensor] * (1 + sensor * 2e-5)
        t = np.arange(int(SECONDS * fs)) / fs
        walk = np.exp(6 * (np.cos(2 * np.pi * (t / 1.1 - np.array([[0.04], [0.95]]))) - 1))
        lift = np.clip(np.minimum((t - 8.5) % 3.2 / 0.2, (1.8 - (t - 8.5) % 3.2) / 0.2), 0, 1)
        gain = np.where((t > 8.5) & (t < 21.5), lift, walk)[: len(sites)].T
        counts = np.round(2048 + (8 + 150 * gain) * rng.normal(size=(len(t), len(sites)))).astype("<i2")
        blocks, arrival = [], 0
        for first in range(0, len(t) - 10, 10):
            late = 0.2 * sensor + rng.uniform(0, 0.03)
            arrival = max(arrival + 1, int(1e9 * ((first + 10) / fs + late)))
            if not LOST[sensor][0] <= first / fs < LOST[sensor][1]:
                stamp = np.array([[first + 10, arrival]])
                blocks.append(SampleBlock(sensor, first, counts[first : first + 10], stamp))
        found[sensor] = blocks
    return found


def in_order() -> list[SampleBlock]:
    return sorted((b for s in streams().values() for b in s), key=lambda b: int(b.arrivals[0, 1]))


def tables(plan: str, blocks: list[SampleBlock], *, live: bool = False) -> dict[str, pd.DataFrame]:
    """``live``: the events are told when they happen."""
    how, events = PLANS[plan]
    pipeline = Pipeline(WIRING, how, events=() if live else events)
    waiting = list(events) if live else []
    for block in blocks:
        while waiting and 1e9 * waiting[0].t_s <= int(block.arrivals[-1, 1]):
            pipeline.push_event(waiting.pop(0))
        pipeline.push(block)
    pipeline.finish()
    result: Any = pipeline.analysis()
    return {name: getattr(result, name) for name in COLUMNS}


@functools.cache
def reference(plan: str) -> dict[str, pd.DataFrame]:
    """In the order of arrival, a notification at a time: as live."""
    return tables(plan, in_order())


def assert_same(plan: str, got: dict[str, pd.DataFrame]) -> None:
    for name, frame in reference(plan).items():
        pd.testing.assert_frame_equal(got[name], frame, check_exact=True, obj=name)


def contiguous(blocks: list[SampleBlock]) -> list[SampleBlock]:
    runs: list[list[SampleBlock]] = []
    for block in blocks:
        if runs and runs[-1][-1].end_index == block.first_index:
            runs[-1].append(block)
        else:
            runs.append([block])
    return [SampleBlock.join(run) for run in runs]


def recut(block: SampleBlock, cuts: list[int]) -> list[SampleBlock]:
    pieces = []
    for cut in sorted(cuts, reverse=True):
        if block.first_index <= cut <= block.end_index:
            block, tail = block.cut(cut - block.first_index)
            pieces.append(tail)
    return [block, *reversed(pieces)]


def test_the_references_are_worth_comparing() -> None:
    found = {plan: reference(plan)["strides"] for plan in PLANS}
    assert found["bursts"]["valid"].sum() > 8
    assert found["windows"]["valid"].sum() > 8
    sources = {plan: rows.groupby("source")["valid"].sum().to_dict() for plan, rows in found.items()}
    assert sources["auto"]["bursts"] >= 6
    assert sources["auto"]["emg"] >= 8
    assert sources["hold"]["windows"] >= 6
    for rows in found.values():
        by_side = rows.groupby("side")
        assert by_side["t_start_s"].is_monotonic_increasing.all()
    inside = found["auto"]["t_start_s"].between(8.3, 21.7)
    assert set(found["auto"]["source"][inside]) == {"bursts"}
    assert set(found["auto"]["source"][~inside]) == {"emg"}


@pytest.mark.parametrize("plan", PLANS)
def test_whole_runs_give_what_single_notifications_give(plan: str) -> None:
    assert_same(plan, tables(plan, [run for blocks in streams().values() for run in contiguous(blocks)]))


@pytest.mark.parametrize("plan", ["auto", "hold"])
def test_phases_told_as_they_happen_give_the_same(plan: str) -> None:
    got = tables(plan, in_order(), live=True)
    assert_same(plan, got)


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
    print_blob=True,
)
@given(data=st.data())
def test_any_cut_and_any_interleaving_gives_the_same_bits(data: st.DataObject) -> None:
    plan = data.draw(st.sampled_from(sorted(PLANS)), label="plan")
    queues = {}
    for sensor, blocks in streams().items():
        cuts = data.draw(st.lists(st.integers(0, 40_000), max_size=30), label=f"cuts of {sensor}")
        cuts += [c + 1 for c in cuts[:3]] + cuts[:2]  # one-sample blocks, and empty ones
        queues[sensor] = [piece for run in contiguous(blocks) for piece in recut(run, cuts)]
    order = data.draw(st.permutations([s for s, queue in queues.items() for _ in queue]), label="order")
    iterators = {sensor: iter(queue) for sensor, queue in queues.items()}
    assert_same(plan, tables(plan, [next(iterators[sensor]) for sensor in order]))


@pytest.mark.parametrize("plan", ["bursts", "auto"])
def test_a_lost_sensor_delays_no_other_and_changes_nothing(plan: str) -> None:
    how, events = PLANS[plan]
    pipeline = Pipeline(WIRING, how, events=events)
    every = in_order()
    last_before = max(i for i, b in enumerate(every) if b.sensor == 2 and b.first_index < 25.0 * RATES[2])
    for i, block in enumerate(every):
        if i == last_before + 5:
            pipeline.lost(2)
        pipeline.push(block)
    pipeline.finish()
    result: Any = pipeline.analysis()
    assert_same(plan, {name: getattr(result, name) for name in COLUMNS})
