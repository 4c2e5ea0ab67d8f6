"""A small recording of two sensors, as a radio would bring it, for all tests of this room."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emgsmr.recording import Event, Recorder, SampleBlock, SensorInfo, TimedReading

START_NS = 5_000_000_000


def enter(recorder: Recorder, **changes: Any) -> SensorInfo:
    """A sensor with sensible facts."""
    facts: dict[str, Any] = {
        "family": "npg_lite",
        "address": "AA:BB:CC:DD:EE:01",
        "name": "NPG-THL",
        "firmware": "1.0",
        "rate_hz": 500.0,
        "channels": 2,
        "dtype": "<i2",
        "scale_uv": 0.8,
        "scale_known": "known",
        "placements": [(0, "BFLH_L"), (1, "ST_L")],
    }
    return recorder.add_sensor(**{**facts, **changes})


def notification(
    sensor: int, first: int, n: int = 10, channels: int = 2, rate_hz: float = 500.0
) -> SampleBlock:
    """Samples of one notification; every count tells its place."""
    counts = (np.arange(first, first + n)[:, None] * 3 + np.arange(channels) + sensor).astype(np.int16)
    arrival = START_NS + round((first + n) / rate_hz * 1e9) + 7_000_000
    return SampleBlock(sensor, first, counts, np.array([[first + n, arrival]], dtype=np.int64))


def told(recorder: Recorder, sensor: int, k: int) -> None:
    """What comes beside a notification: motion of a sensor, and now and then the strap's heart rate."""
    came = START_NS + 20_000_000 * k + 9_000_000
    recorder.add_reading(
        TimedReading("uMyo-GML", sensor, "acceleration_g", came, (0.5, -1.0 + k / 1024, 0.0), 10 * k)
    )
    if k % 10 == 0:
        recorder.add_reading(TimedReading("Polar H10 7E2A", None, "heart_rate_bpm", came, (120 + k % 7,)))


@pytest.fixture
def make(tmp_path: Path) -> Callable[..., Path]:
    """Make a recording; ``lost`` are numbers of notifications of sensor 1 that never came."""

    def build(name: str = "run.emgsmr", *, n: int = 200, lost: Sequence[int] = ()) -> Path:
        path = tmp_path / name
        with Recorder(path, session={"scenario": "test"}, started_ns=START_NS) as recorder:
            one = enter(recorder)
            two = enter(recorder, name="uMyo-GML", family="umyo", channels=1, placements=[(0, "GMAX_L")])
            for k in range(n):
                told(recorder, two.id, k)
                if k not in lost:
                    recorder.write(notification(one.id, 10 * k))
                recorder.write(notification(two.id, 10 * k, channels=1))
            recorder.add_event(Event(1.5, None, "cramp", side="L", note="left calf"))
            recorder.add_event(Event(0.5, 1.0, "phase", label="baseline"))
        return path

    return build
