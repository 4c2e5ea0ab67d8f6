"""Contacts from motion: simulated sensors, hostile readings, a sensor that is lost, and bounded memory."""

from __future__ import annotations

import dataclasses
import functools
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis import Pipeline, Settings, analyze
from emgsmr.analysis.contacts import WindowContacts
from emgsmr.analysis.exercises import ExerciseContacts
from emgsmr.analysis.motion_track import MotionTrack
from emgsmr.analysis.stride_source import check_sources
from emgsmr.errors import NotEnoughDataError
from emgsmr.recording import (
    ClockRow,
    Event,
    Placement,
    Recorder,
    SampleBlock,
    TimedReading,
    Wiring,
    open_recording,
)
from emgsmr.simulate import SCENARIOS, Motion, Run, sensor_motion, simulate_runner

FS = 500.0
SECONDS = 60.0
SITES = ("BFLH_R", "MGAS_R")
"""One sensor on each: number 1 on the thigh, 2 on the calf."""


@functools.cache
def moving(gait: str = "run") -> Run:
    base = SCENARIOS["healthy" if gait == "run" else "walk"]
    return simulate_runner(dataclasses.replace(base, minutes=SECONDS / 60, start_s=3.0, phases=()), seed=5)


@functools.cache
def emg(site: str, gait: str = "run") -> np.ndarray:
    return np.round(moving(gait).emg(site, fs=FS) / 0.05).astype("<i4")[:, np.newaxis]


@functools.cache
def told(
    sensor: int,
    *,
    gait: str = "run",
    rate_hz: float = 50.0,
    quantities: tuple[str, ...] = ("acceleration_g", "rotation_dps"),
) -> tuple[TimedReading, ...]:
    """What a sensor tells of its motion, with packets of ten samples."""
    motion = sensor_motion(moving(gait), SITES[sensor - 1], rate_hz=rate_hz, range_g=16.0, range_dps=2000.0)
    return as_told(motion, sensor, quantities)


def as_told(
    motion: Motion, sensor: int, quantities: tuple[str, ...] = ("acceleration_g", "rotation_dps")
) -> tuple[TimedReading, ...]:
    """Readings that name the packet of ten samples before them."""
    found = []
    for k, t in enumerate(motion.t_s):
        index = int(t * FS) // 10 * 10
        for name in quantities:
            values = tuple(getattr(motion, name)[k].tolist())
            found.append(TimedReading(f"sensor {sensor}", sensor, name, int(1e9 * index / FS), values, index))
    return tuple(found)


def ran(
    make: SimpleNamespace,
    readings: list[TimedReading] | tuple[TimedReading, ...],
    *,
    gait: str = "run",
    settings: Settings | None = None,
    events: list[Event] | None = None,
    lost: tuple[int, int] | None = None,
    until_s: float = SECONDS,
) -> Pipeline:
    """Both sensors, ten seconds at a time; ``lost``: sensor 2 sends nothing from sample to sample."""
    wiring = Wiring(
        tuple(make.sensor(k, 1, fs=FS, scale_uv=0.05) for k in (1, 2)),
        tuple(Placement(k, 0, site) for k, site in enumerate(SITES, start=1)),
        {k: ClockRow(k, 0, 0.0, FS, 0.0, "file") for k in (1, 2)},
    )
    pipeline = Pipeline(wiring, settings, events=events or [])
    for reading in readings:
        pipeline.push_reading(reading)
    step = int(10 * FS)
    for first in range(0, int(until_s * FS), step):
        for sensor, site in enumerate(SITES, start=1):
            x = emg(site, gait)[first : first + step]
            block = SampleBlock(sensor, first, x)
            if sensor == 2 and lost is not None:
                kept = [(first, min(first + len(x), lost[0])), (max(first, lost[1]), first + len(x))]
                for a, b in kept:
                    if b > a:
                        pipeline.push(SampleBlock(2, a, x[a - first : b - first]))
                if not any(b > a for a, b in kept):
                    pipeline.lost(2)
                continue
            pipeline.push(block)
    pipeline.finish()
    return pipeline


def errors(pipeline: Pipeline, gait: str = "run", start_s: float = 8.0) -> tuple[np.ndarray, int]:
    """Of each true contact from ``start_s`` on, and the number of contacts found from there on."""
    strides = pipeline.analysis().strides
    found = strides["t_start_s"].to_numpy(np.float64)
    truth = moving(gait).contacts["R"]
    truth = truth[(truth > start_s) & (truth < SECONDS - 2.0)]
    assert len(found)
    near = np.array([found[np.argmin(np.abs(found - t))] - t for t in truth])
    return near, int(((found > start_s - 0.3) & (found < SECONDS - 1.7)).sum()) - len(truth)


@pytest.mark.parametrize("gait", ["run", "walk"])
@pytest.mark.parametrize("sensor", [1, 2])
@pytest.mark.parametrize("rate_hz", [23.0, 50.0, 100.0])
def test_a_sensor_tells_contacts_by_its_motion(
    make: SimpleNamespace, gait: str, sensor: int, rate_hz: float
) -> None:
    pipeline = ran(make, told(sensor, gait=gait, rate_hz=rate_hz), gait=gait)
    near, extra = errors(pipeline, gait)
    assert abs(near.mean()) < 0.035
    assert near.std() < 0.03
    assert np.abs(near - near.mean()).max() < 0.08
    assert abs(extra) <= 1
    strides = pipeline.analysis().strides
    assert set(strides["source"]) == {"imu"}
    assert {stride.gait for stride in pipeline.legs["R"].strides} == {gait}


def spoiled(motion: Motion, contacts: np.ndarray, seed: int) -> Motion:
    """A knock (0.2 s) or a foot that drags in a fifth of the strides."""
    rng = np.random.default_rng(seed)
    force, turn = motion.acceleration_g.copy(), motion.rotation_dps.copy()
    since = (motion.t_s[:, np.newaxis] - contacts[:-1]) / np.diff(contacts)  # strides
    for k in np.flatnonzero(rng.random(len(contacts) - 1) < 0.2):
        if rng.random() < 0.5:
            at = contacts[k] + rng.uniform() * (contacts[k + 1] - contacts[k])
            inside = (motion.t_s >= at) & (motion.t_s < at + 0.2)
            force[inside] += rng.normal(0, 1.0, (int(inside.sum()), 3))
            turn[inside] += rng.normal(0, 200.0, (int(inside.sum()), 3))
        else:
            inside = (since[:, k] >= -0.3) & (since[:, k] < 0.4)
            force[inside] = force.mean(axis=0) + 0.3 * (force[inside] - force.mean(axis=0))
            turn[inside] *= 0.3
    return Motion(motion.t_s, np.clip(force, -2.0, 2.0), np.clip(turn, -500.0, 500.0))


def contacts_from(make: SimpleNamespace, motion: Motion, site: str) -> np.ndarray:
    """From one sensor whose EMG is silent."""
    pipeline = Pipeline(make.wired((site,), fs=FS), Settings(cycles="imu"))
    for reading in as_told(motion, 1):
        pipeline.push_reading(reading)
    n = int(motion.t_s[-1] * FS)
    pipeline.streams[1].feed(SampleBlock(1, 0, np.zeros((n, 1), dtype="<i4")))
    contacts = pipeline.legs[site[-1]].builder.contacts
    return np.array([c.t_s for c in [*contacts.until(motion.t_s[-1] - 1.0), *contacts.finish()]])


@pytest.mark.parametrize("seed", [1, 2])
def test_spoiled_strides_do_not_move_the_contact_of_a_slow_sensor_on_the_thigh(
    make: SimpleNamespace, seed: int
) -> None:
    """23 Hz and 2 g show a shock in some strides only, and what knocks leave over is no contact."""
    script = dataclasses.replace(
        SCENARIOS["healthy"], minutes=1.5, start_s=3.0, phases=(), speed=((20.0, 1.0), (60.0, 1.25))
    )
    run = simulate_runner(script, seed=3)
    truth = run.contacts["L"]
    motion = sensor_motion(run, "BFLH_L", rate_hz=23.0, range_g=2.0, range_dps=500.0)
    found = contacts_from(make, spoiled(motion, truth, seed), "BFLH_L")
    truth = truth[(truth > 12.0) & (truth < 86.0)]
    near = np.array([found[np.argmin(np.abs(found - t))] - t for t in truth])
    assert np.abs(near).max() < 0.1
    assert near.std() < 0.03
    assert int(((found > truth[0] - 0.2) & (found < truth[-1] + 0.2)).sum()) == len(truth)


@pytest.mark.parametrize("quantity", ["acceleration_g", "rotation_dps"])
def test_at_the_calf_one_quantity_is_enough(make: SimpleNamespace, quantity: str) -> None:
    near, extra = errors(ran(make, told(2, quantities=(quantity,))))
    assert near.std() < 0.03
    assert abs(near.mean()) < 0.06
    assert abs(extra) <= 1


def test_rotation_of_the_thigh_alone_is_left_to_the_emg(make: SimpleNamespace) -> None:
    strides = ran(make, told(1, quantities=("rotation_dps",))).analysis().strides
    assert set(strides["source"]) == {"emg"}


def test_the_calf_counts_before_the_thigh(make: SimpleNamespace) -> None:
    both = ran(make, [*told(1), *told(2)]).analysis().strides
    calf = ran(make, told(2)).analysis().strides
    assert both["t_start_s"].tolist() == calf["t_start_s"].tolist()


def test_settings_choose_the_source(make: SimpleNamespace) -> None:
    truth = [Event(float(t), kind="foot_contact", side="R") for t in moving().contacts["R"]]

    def sources(cycles: str, events: list[Event]) -> set[str]:
        settings = Settings(cycles=cycles)  # type: ignore[arg-type]
        return set(ran(make, told(2), settings=settings, events=events).analysis().strides["source"])

    assert sources("auto", truth) == sources("events", truth) == {"events"}
    assert sources("auto", []) == sources("imu", truth) == {"imu"}
    assert sources("emg", truth) == {"emg"}
    assert sources("events", []) == set()


def test_a_source_that_cannot_be_is_said_in_a_sentence(make: SimpleNamespace) -> None:
    both_legs = make.wired(("GMAX_R", "GMAX_L"), fs=FS)
    with pytest.raises(NotEnoughDataError, match="No sensor sits on the left leg"):
        Pipeline(both_legs, Settings(cycles="imu"))
    with pytest.raises(NotEnoughDataError, match="no foot contacts"):
        check_sources(Settings(cycles="events"), kinds={"lap"}, quantities=set())
    with pytest.raises(NotEnoughDataError, match="tells its motion"):
        check_sources(Settings(cycles="imu"), kinds=set(), quantities={"heart_rate_bpm"})
    check_sources(Settings(), kinds=set(), quantities=set())


def test_a_lost_motion_sensor_hands_over_to_the_emg_and_takes_over_again(make: SimpleNamespace) -> None:
    away = (int(20 * FS), int(40 * FS))
    kept = [r for r in told(2) if not away[0] < (r.sample_index or 0) <= away[1]]
    pipeline = ran(make, kept, lost=away)
    strides = pipeline.analysis().strides
    source = strides.set_index("t_start_s")["source"]
    assert set(source[(source.index > 10) & (source.index < 17)]) == {"imu"}
    assert set(source[(source.index > 24) & (source.index < 36)]) == {"emg"}
    assert set(source[(source.index > 44) & (source.index < 57)]) == {"imu"}
    near, extra = errors(pipeline)
    assert np.abs(near).max() < 0.12
    assert abs(extra) <= 1


def test_without_the_emg_a_lost_motion_sensor_leaves_a_hole_and_no_hang(make: SimpleNamespace) -> None:
    kept = [r for r in told(2) if (r.sample_index or 0) < 20 * FS]
    strides = ran(make, kept, settings=Settings(cycles="imu")).analysis().strides
    assert set(strides["source"]) == {"imu"}
    assert 16 < strides["t_end_s"].max() < 21


def hostile(make: SimpleNamespace, values: np.ndarray, index: np.ndarray) -> Pipeline:
    readings = [
        TimedReading("x", 2, "acceleration_g", 0, tuple(row), int(at))
        for row, at in zip(values.tolist(), index.tolist(), strict=True)
    ]
    return ran(make, readings, settings=Settings(cycles="imu"), until_s=30.0)


def test_readings_that_say_nothing_give_no_strides(make: SimpleNamespace) -> None:
    index = np.arange(0, 15_000, 10)
    rng = np.random.default_rng(0)
    for values in (
        np.tile([0.0, 0.0, 1.0], (1500, 1)),  # constant
        np.full((1500, 3), 2.0),  # saturated
        rng.normal(0, 1, (1500, 3)),  # noise
        np.where(rng.random((1500, 1)) < 0.5, -2.0, 2.0) * np.ones(3),  # between the rails
        np.full((1500, 3), 1e300),
    ):
        assert len(hostile(make, values, index).analysis().strides) == 0
    assert len(hostile(make, np.ones((1, 3)), np.array([700])).analysis().strides) == 0
    assert len(hostile(make, np.ones((900, 3)), np.full(900, 700)).analysis().strides) == 0


def test_readings_without_a_place_or_out_of_order_are_left_out(make: SimpleNamespace) -> None:
    plain = ran(make, told(2)).analysis().strides
    spoiled: list[TimedReading] = []
    for k, reading in enumerate(told(2)):
        spoiled.append(reading)
        if k % 10 == 9:
            spoiled.append(dataclasses.replace(reading, sample_index=None))
            spoiled.append(
                dataclasses.replace(reading, sample_index=max((reading.sample_index or 0) - 400, 0))
            )
    strides = ran(make, spoiled).analysis().strides
    assert strides["t_start_s"].tolist() == plain["t_start_s"].tolist()


def test_a_rate_that_changes_costs_no_strides(make: SimpleNamespace) -> None:
    mixed = [r for r in told(2) if (r.sample_index or 0) < 30 * FS]
    mixed += [r for r in told(2, rate_hz=100.0) if (r.sample_index or 0) >= 30 * FS]
    near, extra = errors(ran(make, mixed))
    assert np.abs(near - near.mean()).max() < 0.08
    assert abs(extra) <= 1


def test_readings_do_not_pile_up(make: SimpleNamespace) -> None:
    pipeline = ran(make, told(2))
    assert len(told(2)) > 5000
    assert pipeline.motion[2].n_kept < 1200
    assert MotionTrack(pipeline.streams[2]).n_kept == 0


def test_a_recording_gives_the_strides_that_its_sensors_told_live(
    make: SimpleNamespace, tmp_path: Path
) -> None:
    """Through the file and through `analyze`, which reads blocks and readings in turn."""
    with Recorder(tmp_path / "run.emgsmr", started_ns=0) as recorder:
        for site in SITES:
            info = make.sensor(1, 1, fs=FS, scale_uv=0.05)
            entry = {key: value for key, value in dataclasses.asdict(info).items() if key != "id"}
            recorder.add_sensor(**entry, placements=[(0, site)])
        queue = list(told(2))
        for first in range(0, int(SECONDS * FS), 10):
            while queue and (queue[0].sample_index or 0) <= first:
                recorder.add_reading(queue.pop(0))
            for sensor, site in enumerate(SITES, start=1):
                arrivals = np.array([[first + 10, int(1e9 * (first + 10) / FS)]])
                recorder.write(SampleBlock(sensor, first, emg(site)[first : first + 10], arrivals))
    live: Pipeline | None = None
    with open_recording(recorder.path) as recording:
        offline = analyze(recording).strides
        live = Pipeline(recording.montage)
        readings = [reading for _, reading in recording.readings()]
        for block in recording.blocks(seconds=0.0):
            while readings and readings[0].arrival_ns <= block.arrivals[-1, 1]:
                live.push_reading(readings.pop(0))
            live.push(block)
    live.finish()
    assert len(offline) > 60
    assert set(offline["source"]) == {"imu"}
    assert live.analysis().strides.equals(offline)
    combined = live.legs["R"].builder.contacts
    assert isinstance(combined, ExerciseContacts)
    contacts = combined.steps
    assert isinstance(contacts, WindowContacts)
