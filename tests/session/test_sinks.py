from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace

import pytest

from emgsmr.recording import TimedReading, open_recording
from emgsmr.session.sinks import Sinks

READING = TimedReading("Polar H10 7E2A", None, "heart_rate_bpm", 1_500_000_000, (132,))


@pytest.fixture
def pipeline() -> SimpleNamespace:
    told: list[TimedReading] = []
    return SimpleNamespace(told=told, push_reading=told.append, finish=list)


@pytest.fixture
def open_sinks(pipeline: SimpleNamespace):
    """``open_sinks(out, analyzed=...)`` of a session without EMG sensors."""

    def build(out: Path | None, *, analyzed: bool = True) -> Sinks:
        return Sinks(
            (),
            SimpleNamespace(name="none", facts={}, first_contacts=lambda _since_ns: []),
            out=out,
            montage=None,
            started_ns=1_000_000_000,
            facts={},
            settings=None,
            pipeline_factory=lambda *_: pipeline if analyzed else None,
        )

    return build


def test_a_reading_is_recorded_and_analyzed(open_sinks, pipeline: SimpleNamespace, tmp_path: Path) -> None:
    sinks = open_sinks(tmp_path / "run.emgsmr")
    sinks.take_reading(READING)
    sinks.finish()
    assert pipeline.told == [READING]
    with open_recording(tmp_path / "run.emgsmr") as recording:
        assert list(recording.readings()) == [(0.5, READING)]


def test_a_reading_needs_neither_file_nor_pipeline(open_sinks, pipeline: SimpleNamespace) -> None:
    sinks = open_sinks(None, analyzed=False)
    sinks.take_reading(READING)
    sinks.finish()
    assert pipeline.told == []
