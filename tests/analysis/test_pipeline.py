"""The pipeline's edges: what it refuses, and sensors that say nothing."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis import Pipeline, Settings
from emgsmr.errors import ArgumentError, NotEnoughDataError, SamplingRateError, SettingsError
from emgsmr.recording import Event, Placement, SampleBlock, SensorInfo, Wiring, default_montage

FS = 500.0
CENTERS = {"GMAX_R": 4.0, "BFLH_R": 95.0, "MGAS_R": 6.0}


@pytest.mark.parametrize("fs", [199.9, 100.0, 50.0])
def test_a_slow_sensor_is_refused(make: SimpleNamespace, fs: float) -> None:
    with pytest.raises(SamplingRateError, match="at least 200 Hz"):
        Pipeline(make.wired(["GMAX_R"], fs=fs))


def test_200_hz_is_enough(make: SimpleNamespace) -> None:
    signals = make.runner(CENTERS, fs=200.0, seconds=30)
    result = make.analyzed(signals, fs=200.0).analysis()
    assert result.strides["valid"].sum() > 30
    assert result.activation["mnf_hz"].isna().all()


def test_without_a_site_there_is_nothing_to_analyze(make: SimpleNamespace) -> None:
    with pytest.raises(NotEnoughDataError, match="--map"):
        Pipeline(replace(make.wired(["GMAX_R"], fs=FS), placements=()))


def test_a_montage_without_sensors_is_refused() -> None:
    with pytest.raises(ArgumentError, match="not wired"):
        Pipeline(default_montage())


def test_an_unknown_pair_is_refused(make: SimpleNamespace) -> None:
    with pytest.raises(SettingsError, match="P42"):
        Pipeline(make.wired(["GMAX_R"], fs=FS), Settings(pairs=("P42",)))


def test_the_mains_of_the_montage_hold_unless_the_settings_say_otherwise(make: SimpleNamespace) -> None:
    wiring = replace(make.wired(["GMAX_R"], fs=FS), mains_hz=60.0)
    assert Pipeline(wiring).settings.mains_hz == 60.0
    assert Pipeline(wiring, Settings(mains_hz=50.0)).settings.mains_hz == 50.0


def two_radio_sensors(make: SimpleNamespace) -> Wiring:
    sensors = (make.sensor(1, 2, fs=FS, family="npg_lite"), make.sensor(2, 1, fs=FS, family="npg_lite"))
    placements = (Placement(1, 0, "GMAX_R"), Placement(1, 1, "BFLH_R"), Placement(2, 0, "GMAX_L"))
    return Wiring(sensors, placements)


def notified(x: np.ndarray, sensor: int, *, arrivals: bool = True) -> list[SampleBlock]:
    blocks = []
    for first in range(0, len(x) - 9, 10):
        came = np.array([[first + 10, 1_000_000_000 + round((first + 10) / FS * 1e9)]])
        counts = np.round(x[first : first + 10] / 0.01).astype("<i4")
        blocks.append(SampleBlock(sensor, first, counts, *([came] if arrivals else [])))
    return blocks


@pytest.mark.parametrize("sent_s", [0.0, 0.04, 0.6, 1.5])
@pytest.mark.parametrize("arrivals", [True, False])
def test_a_sensor_that_falls_silent_at_once_ends_nothing(
    make: SimpleNamespace, sent_s: float, arrivals: bool
) -> None:
    signals = make.runner({"GMAX_R": 4.0, "BFLH_R": 95.0}, fs=FS, seconds=30)
    pipeline = Pipeline(two_radio_sensors(make))
    silent = notified(np.random.default_rng(0).normal(0, 50, (int(sent_s * FS), 1)), 2, arrivals=arrivals)
    if len(silent) > 3:
        del silent[1]  # and what it sent had a gap
    for block in [*silent, *notified(np.column_stack(list(signals.values())), 1)]:
        pipeline.push(block)
    pipeline.finish()
    result = pipeline.analysis()
    assert result.strides.groupby("side")["valid"].sum()["R"] > 35
    assert not result.activation.query("site == 'GMAX_L'")["valid"].any()
    assert result.gaps["n_missing"].sum() == (10 if len(silent) > 3 else 0)


def test_nothing_at_all(make: SimpleNamespace) -> None:
    pipeline = Pipeline(two_radio_sensors(make))
    assert pipeline.finish() == []
    assert pipeline.finish() == []
    result = pipeline.analysis()
    assert result.duration_s == 0
    assert result.baseline is None
    assert len(result.strides) == 0


def test_unplaced_sensors_are_passed_over(make: SimpleNamespace) -> None:
    pipeline = Pipeline(make.wired(["GMAX_R"], fs=FS))
    assert pipeline.push(SampleBlock(77, 0, np.zeros((500, 1), dtype="<i2"))) == []
    assert list(pipeline.streams) == [1]


def test_findings_come_while_it_runs(make: SimpleNamespace) -> None:
    """What push() returns is what the table holds in the end."""

    def gain(site: str, t: np.ndarray) -> np.ndarray:
        return np.where(t > 100, {"GMAX_R": 0.4, "BFLH_R": 2.5}.get(site, 1.0), 1.0)

    signals = make.runner(CENTERS, fs=FS, seconds=160, first_s=1.0, gain=gain)
    events = [
        *make.contacts(np.arange(1.0, 159, 0.7), stance=0.35),
        Event(10.0, 80.0, "phase", label="baseline"),
    ]
    pipeline = Pipeline(make.wired(list(signals), fs=FS), events=events)
    x = np.column_stack(list(signals.values()))
    first_heard = None
    for first in range(0, len(x), 50):
        heard = pipeline.push(make.block(x[first : first + 50], first))
        if heard and first_heard is None:
            first_heard = heard[0], (first + 50) / FS
    pipeline.finish()
    assert first_heard is not None
    finding, now_s = first_heard
    assert (
        finding.t_alarm_s <= now_s < finding.t_alarm_s + 2 * 0.7 + 1.0
    )  # two strides and the second being judged
    assert [f.finding for f in pipeline.findings()] == [finding.finding]


def test_memory_does_not_grow_with_the_length(make: SimpleNamespace) -> None:
    signals = make.runner(CENTERS, fs=FS, seconds=120)
    pipeline = Pipeline(make.wired(list(signals), fs=FS))
    x = np.column_stack(list(signals.values()))
    held = []
    for first in range(0, len(x), 500):
        pipeline.push(make.block(x[first : first + 500], first))
        held.append(sum(len(segment.x) for segment in pipeline.streams[1].segments))
    assert max(held[20:]) < 15 * FS
    assert max(held[60:]) <= max(held[20:60]) + FS


def test_an_absurd_jump_of_the_sample_index_costs_no_time() -> None:
    """A hostile file may claim that a sensor was away for half a year; that is a gap like any other."""
    fs, away = 500, 180 * 86400
    rng = np.random.default_rng(5)
    info = SensorInfo(1, "npg_lite", "", "NPG", "", float(fs), 1, "<i2", 1.0, "unknown")
    pipeline = Pipeline(Wiring((info,), (Placement(1, 0, "GMAX_R"),)))
    for start in (0, away * fs):
        for first in range(start, start + 20 * fs, 10):
            phase = np.arange(first, first + 10) / fs / 0.7
            counts = rng.normal(size=10) * (5 + 300 * np.exp(6 * (np.cos(2 * np.pi * phase) - 1)))
            arrival = int(1e9 * (first + 10) / fs)
            block = np.round(counts + 2000).astype("<i2")[:, np.newaxis]
            pipeline.push(SampleBlock(1, first, block, np.array([[first + 10, arrival]])))
    pipeline.finish()
    result = pipeline.analysis()
    assert result.gaps["n_missing"].tolist() == [(away - 20) * fs]
    assert (result.strides["t_start_s"] > away).sum() > 10
    assert (result.strides["t_start_s"] < 20).sum() > 10
