"""One path: however a stream is cut and sensors take turns, not a bit of the result changes."""

from __future__ import annotations

import functools
from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from emgsmr.analysis import COLUMNS, Pipeline, Settings, analyze, detector
from emgsmr.recording import (
    Event,
    Placement,
    Recorder,
    SampleBlock,
    SensorInfo,
    TimedReading,
    Wiring,
    open_recording,
)

SITES = {1: ("GMAX_R",), 2: ("BFLH_R", "ST_R"), 3: ("MGAS_R", "GMAX_L")}
RATES = {1: 1116.0, 2: 500.0, 3: 500.0}
SECONDS = 40.0
STRIDE_S = 0.7


@functools.cache
def streams() -> dict[int, list[SampleBlock]]:
    """Three sensors with gaps; notifications of ten samples, late by up to 30 ms; bursts as in running."""
    rng = np.random.default_rng(7)
    found = {}
    for sensor, sites in SITES.items():
        fs = RATES[sensor] * (1 + sensor * 2e-5)
        n = int(SECONDS * fs)
        phase = (np.arange(n) / fs / STRIDE_S)[:, np.newaxis] - np.array([0.04, 0.95])[: len(sites)]
        gain = 10 + 150 * np.exp(8 * (np.cos(2 * np.pi * phase) - 1))
        gain[int(23 * fs) :] *= 0.5 if sensor == 1 else 1.5  # the hamstrings take over
        counts = np.round(2048 + gain * rng.normal(size=(n, len(sites)))).astype("<i2")
        blocks: list[SampleBlock] = []
        arrival = 0
        for first in range(0, n - 10, 10):
            late = rng.uniform(0, 0.03)  # bunched, but never out of order
            arrival = max(arrival + 1, int(1e9 * ((first + 10) / fs + 0.2 * sensor + late)))
            arrivals = np.array([[first + 10, arrival]])
            blocks.append(SampleBlock(sensor, first, counts[first : first + 10], arrivals))
        lost = slice(*{1: (900, 960), 2: (1200, 1201), 3: (400, 403)}[sensor])
        del blocks[lost]
        found[sensor] = blocks
    return found


WIRING = Wiring(
    tuple(
        SensorInfo(i, "file", "", f"sensor {i}", "", RATES[i], len(s), "<i2", 1.0, "known")
        for i, s in SITES.items()
    ),
    tuple(Placement(i, c, site) for i, sites in SITES.items() for c, site in enumerate(sites)),
)
EVENTS = (Event(5.0, 15.0, "phase", label="baseline"), Event(22.0, kind="note", note="drank"))

READINGS = tuple(
    TimedReading(source, None, quantity, int(1e9 * (second + late_s)), (value + rise * second,))
    for second in range(40)
    for source, quantity, late_s, value, rise in (
        ("pod", "speed_mps", 0.1, 3.0, 0.002),
        ("strap", "heart_rate_bpm", 0.3, 120.0, 1.0),
        ("strap", "rr_interval_ms", 0.3, 500.0, 1.0),
        ("strap", "rr_interval_ms", 0.3, 490.0, 1.0),
    )
)
HOW = Settings(block_strides=3, hours_per_false_alarm=0.01)
"""Few points and a short baseline: without a small budget nothing would be found in half a minute."""


@functools.cache
def motion() -> tuple[TimedReading, ...]:
    """What the thigh sensor (2) tells of its motion 25 times a second; gaps where its samples have one."""
    rng = np.random.default_rng(3)
    found = []
    for block in streams()[2][2::2]:
        since = block.end_index / RATES[2] / STRIDE_S % 1
        swing = 300 * np.exp(8 * (np.cos(2 * np.pi * (since - 0.6)) - 1))
        shock = 2.0 * np.exp(-since / 0.04)
        arrival = int(block.arrivals[-1, 1])
        for quantity, values in (
            ("acceleration_g", (shock, 0.2 * np.cos(2 * np.pi * since), 1.0)),
            ("rotation_dps", (0.0, swing, -0.3 * swing)),
            ("orientation", (1.0, 0.0, 0.0, 0.0)),
        ):
            noisy = tuple(np.asarray(values) + rng.normal(0, 0.02, len(values)))
            found.append(TimedReading("thigh", 2, quantity, arrival, noisy, block.end_index))
    return tuple(found)


@pytest.fixture(autouse=True)
def _short_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fifteen seconds are enough for a chart here."""
    monkeypatch.setattr(detector, "MIN_STRIDES", 15)


def tell(pipeline: Pipeline, waiting: list[TimedReading], *, came_ns: int) -> list[TimedReading]:
    """Push the readings that have come by then, and those that stand before them; return the others."""
    last = max((k for k, reading in enumerate(waiting) if reading.arrival_ns <= came_ns), default=-1)
    for reading in waiting[: last + 1]:
        pipeline.push_reading(reading)
    return waiting[last + 1 :]


def tables(blocks: list[SampleBlock], readings: Sequence[TimedReading] = READINGS) -> dict[str, pd.DataFrame]:
    pipeline = Pipeline(WIRING, HOW, events=EVENTS)
    waiting = list(readings)
    for block in blocks:
        waiting = tell(pipeline, waiting, came_ns=int(block.arrivals[-1, 1]) if len(block.arrivals) else -1)
        pipeline.push(block)
    tell(pipeline, waiting, came_ns=1 << 60)
    pipeline.finish()
    result = pipeline.analysis()
    return {name: getattr(result, name) for name in COLUMNS}


@functools.cache
def reference() -> dict[str, pd.DataFrame]:
    """In the order of arrival, a notification at a time: as live."""
    every = sorted((b for s in streams().values() for b in s), key=lambda b: int(b.arrivals[0, 1]))
    return tables(every)


def moved(blocks: Sequence[SampleBlock], early: int = 0) -> dict[str, pd.DataFrame]:
    """With motion: each reading comes before a block that ends later, and ``early`` samples ahead of that."""
    pipeline = Pipeline(WIRING, HOW, events=EVENTS)
    queue = iter(motion())
    waiting = next(queue, None)
    told = list(READINGS)
    for block in blocks:
        told = tell(pipeline, told, came_ns=int(block.arrivals[-1, 1]) if len(block.arrivals) else -1)
        while waiting is not None and block.sensor == 2 and waiting.sample_index < block.end_index + early:
            pipeline.push_reading(waiting)
            waiting = next(queue, None)
        pipeline.push(block)
    for reading in (*((waiting,) if waiting is not None else ()), *queue, *told):
        pipeline.push_reading(reading)
    pipeline.finish()
    result = pipeline.analysis()
    return {name: getattr(result, name) for name in COLUMNS}


@functools.cache
def moved_reference() -> dict[str, pd.DataFrame]:
    return moved(sorted((b for s in streams().values() for b in s), key=lambda b: int(b.arrivals[0, 1])))


def contiguous(blocks: list[SampleBlock]) -> list[SampleBlock]:
    """The runs between gaps."""
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


def assert_same(got: dict[str, pd.DataFrame], wanted: dict[str, pd.DataFrame] | None = None) -> None:
    for name, frame in (reference() if wanted is None else wanted).items():
        pd.testing.assert_frame_equal(got[name], frame, check_exact=True, obj=name)


def test_the_reference_is_worth_comparing() -> None:
    found = reference()
    assert found["strides"]["valid"].sum() > 60
    assert len(found["gaps"]) == 3
    assert found["ratios"]["valid"].sum() > 30
    assert found["activation"]["reject_reason"].notna().any()
    assert found["findings"]["side"].tolist() == ["R"]
    assert found["bursts"]["valid"].sum() > 60
    assert found["bursts"]["reject_reason"].notna().any()
    assert found["spectra"]["mnf_ci_low_hz"].notna().sum() >= 8
    assert len(found["readings"]) == len(READINGS)
    assert found["covariates"]["speed_mps"].notna().sum() > 60
    assert set(found["measures"]["period"]) == {"baseline", "all", "flagged"}
    assert found["measures"]["ci_low"].notna().sum() > 60


def test_whole_runs_give_what_single_notifications_give() -> None:
    assert_same(tables([run for blocks in streams().values() for run in contiguous(blocks)]))


@settings(
    max_examples=15,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
    print_blob=True,
)
@given(data=st.data())
def test_any_cut_and_any_interleaving_gives_the_same_bits(data: st.DataObject) -> None:
    blocks = cut_and_interleaved(data)
    turns = iter(data.draw(st.permutations([reading.source for reading in READINGS]), label="devices"))
    told = {name: iter([r for r in READINGS if r.source == name]) for name in ("pod", "strap")}
    readings = [next(told[source]) for source in turns]
    assert_same(tables(blocks, readings))


def cut_and_interleaved(data: st.DataObject) -> list[SampleBlock]:
    queues = {}
    for sensor, blocks in streams().items():
        cuts = data.draw(st.lists(st.integers(0, 45000), max_size=30), label=f"cuts of {sensor}")
        # a cut next to each other gives one-sample blocks, the same one twice an empty block
        cuts += [c + 1 for c in cuts[:3]] + cuts[:2]
        queues[sensor] = [piece for run in contiguous(blocks) for piece in recut(run, cuts)]
    order = data.draw(st.permutations([s for s, queue in queues.items() for _ in queue]), label="order")
    iterators = {sensor: iter(queue) for sensor, queue in queues.items()}
    return [next(iterators[sensor]) for sensor in order]


def test_strides_come_from_motion_where_it_is_told() -> None:
    strides = moved_reference()["strides"]
    assert set(strides.loc[strides["side"] == "R", "source"]) == {"imu"}
    assert set(strides.loc[strides["side"] == "L", "source"]) == {"emg"}
    assert strides.loc[strides["side"] == "R", "valid"].sum() > 40


@settings(
    max_examples=8,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.generate),
    print_blob=True,
)
@given(data=st.data(), early=st.sampled_from([0, 7, 5000, 10**6]))
def test_strides_from_motion_have_the_same_bits_however_they_come(data: st.DataObject, early: int) -> None:
    assert_same(moved(cut_and_interleaved(data), early), moved_reference())


@pytest.mark.parametrize("when", [0, 3, 17])
def test_a_lost_sensor_delays_no_other_and_changes_nothing(when: int) -> None:
    """Telling the pipeline not to wait for a silent sensor changes when strides come, not what they are."""
    pipeline = Pipeline(WIRING, HOW, events=EVENTS)
    every = sorted((b for s in streams().values() for b in s), key=lambda b: int(b.arrivals[0, 1]))
    gap_at = next(i for i, b in enumerate(every) if b.sensor == 1 and b.first_index >= 9600)
    told = list(READINGS)
    for i, block in enumerate(every):
        if i == gap_at - 20 - when:
            pipeline.lost(1)
        told = tell(pipeline, told, came_ns=int(block.arrivals[-1, 1]))
        pipeline.push(block)
    tell(pipeline, told, came_ns=1 << 60)
    pipeline.finish()
    result = pipeline.analysis()
    assert_same({name: getattr(result, name) for name in COLUMNS})


def test_a_block_recorded_twice_counts_once() -> None:
    every = sorted((b for s in streams().values() for b in s), key=lambda b: int(b.arrivals[0, 1]))
    assert_same(tables([block for b in every for block in ((b, b) if b.first_index % 700 == 0 else (b,))]))


def test_a_recording_gives_what_the_live_pipeline_gave(tmp_path: Path) -> None:
    """Through the file, and through `analyze`: the same readings, covariates and all other tables."""
    every = sorted((b for s in streams().values() for b in s), key=lambda b: int(b.arrivals[0, 1]))
    with Recorder(tmp_path / "run.emgsmr", started_ns=0) as recorder:
        for info in WIRING.sensors:
            entry = asdict(info)
            number = entry.pop("id")
            recorder.add_sensor(
                **entry, placements=[(p.channel, p.site) for p in WIRING.placements if p.sensor == number]
            )
        for event in EVENTS:
            recorder.add_event(event)
        for reading in READINGS:
            recorder.add_reading(reading)
        for block in every:
            recorder.write(block)
    with open_recording(recorder.path) as recording:
        result = analyze(recording, HOW)
    assert_same({name: getattr(result, name) for name in COLUMNS})
