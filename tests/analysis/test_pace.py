"""Which speed and grade count for a stride: what had been told by its beginning."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis.pace import PaceLog
from emgsmr.recording import TimedReading


def told(quantity: str, t_s: float, value: float, source: str = "pod") -> TimedReading:
    return TimedReading(source, None, quantity, round(1e9 * (100 + t_s)), (value,))


@pytest.fixture
def log() -> PaceLog:
    log = PaceLog(started_ns=100_000_000_000)
    for reading in (
        told("speed_mps", 1.0, 3.0),
        told("speed_mps", 1.5, 4.0, "other pod"),
        told("heart_rate_bpm", 1.6, 150.0, "strap"),
        told("grade_pct", 2.0, 5.0, "treadmill"),
        told("speed_mps", 2.0, 3.2),
        told("speed_mps", 9.0, 0.0),
    ):
        log.add(reading)
    return log


@pytest.mark.parametrize(
    ("t_s", "speed", "grade"),
    [
        (0.9, None, None),
        (1.0, 3.0, None),
        (1.9, 3.0, None),
        (2.0, 3.2, 5.0),
        (5.0, 3.2, 5.0),
        (5.1, None, 5.0),
        (9.5, None, 5.0),
        (32.1, None, None),
    ],
)
def test_the_last_that_is_not_too_old(
    make: SimpleNamespace, log: PaceLog, t_s: float, speed: float | None, grade: float | None
) -> None:
    pace = log.at(make.stride(1, {}, t_start_s=t_s))
    assert pace.ln_cadence == pytest.approx(np.log(120 / 0.7))
    assert pace.ln_speed == pytest.approx(np.nan if speed is None else np.log(speed), nan_ok=True)
    assert pace.grade_pct == pytest.approx(np.nan if grade is None else grade, nan_ok=True)


def test_repetitions_have_no_pace(make: SimpleNamespace) -> None:
    assert np.isnan(PaceLog().at(make.stride(1, {}, gait="rep"))).all()


@pytest.mark.parametrize("value", [1e300, -1e300, 1e-300, 0.0, -3.0, 90.0])
@pytest.mark.parametrize("quantity", ["speed_mps", "grade_pct"])
def test_what_cannot_be_is_not_told(make: SimpleNamespace, quantity: str, value: float) -> None:
    log = PaceLog(started_ns=100_000_000_000)
    log.add(told(quantity, 1.0, value))
    pace = log.at(make.stride(1, {}, t_start_s=1.5))
    assert np.isnan(pace.ln_speed)
    assert np.isnan(pace.grade_pct) == (quantity == "speed_mps" or abs(value) > 60)


def test_what_is_told_later_changes_nothing(make: SimpleNamespace, log: PaceLog) -> None:
    stride = make.stride(1, {}, t_start_s=2.5)
    before = log.at(stride)
    log.add(told("speed_mps", 10.0, 9.0))
    assert log.at(stride)[:2] == before[:2]
