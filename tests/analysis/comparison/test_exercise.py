"""A practitioner's session: a protocol guides single-leg bridges before and after, and they are compared."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import numpy as np
import pytest

from emgsmr.analysis.comparison import compare
from emgsmr.analysis.protocols import load_protocol, schedule_events, session_schedule
from emgsmr.recording import Event, Recorder, Recording, SampleBlock

FS = 500.0
SITES = ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R")


def signals(events: list[Event], seconds: float, change: float) -> dict[str, np.ndarray]:
    """Repetitions of four seconds (one of them rest) by the leg that works; right hamstrings change in B."""
    rng = np.random.default_rng(4)
    t = np.arange(int(seconds * FS)) / FS
    level = {site: np.full(len(t), 3.0) for site in SITES}
    for event in events:
        if event.label not in ("A1", "A2", "B"):
            continue
        assert event.duration_s is not None
        after = t - event.t_s
        shape = np.clip(np.minimum(after % 4.0, 3.0 - after % 4.0) / 0.4, 0.0, 1.0)
        shape[(after < 0) | (after >= event.duration_s)] = 0.0
        for site in SITES:
            if event.side in (None, site[-1]):
                top = 60.0 if site.startswith("GMAX") else 90.0
                if site == "BFLH_R" and event.label == "B":
                    top *= change
                level[site] += top * shape
    return {site: rng.normal(size=len(t)) * x for site, x in level.items()}


@pytest.fixture
def guided(tmp_path: Path) -> Recording:
    protocol = dataclasses.replace(load_protocol("single_leg_bridge"), bouts=3, rest_s=6.0, change_s=3.0)
    events: list[Event] = []
    t_s = 2.0
    for part in session_schedule(protocol):
        events += schedule_events(protocol, part, t_s)
        t_s += part[-1].end_s + 5.0
    emg = signals(events, t_s, 1.8)
    path = tmp_path / "guided.emgsmr"
    with Recorder(path, started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="guided.csv", firmware="", rate_hz=FS, channels=len(emg),
            dtype="<i4", scale_uv=0.01, scale_known="known", placements=list(enumerate(emg)),
        )  # fmt: skip
        recorder.set_clock(info.id, 0, 0.0, FS, None, "file")
        counts = np.column_stack([np.round(100 * x) for x in emg.values()]).astype("<i4")
        recorder.write(SampleBlock(info.id, 0, counts))
        for event in events:
            recorder.add_event(event)
    return Recording(path)


def test_a_guided_session_of_exercises_is_compared(guided: Recording) -> None:
    comparison = compare(guided)
    table = comparison.table.set_index("side")
    assert set(comparison.bouts["n"]) <= {5, 6}
    assert table["n_before"].tolist() == [6, 6]
    assert table["n_after"].tolist() == [3, 3]
    assert table.loc["R", "verdict"] == "changed"
    assert table.loc["R", "ci_low_pct"] < 77.4 < table.loc["R", "ci_high_pct"]  # (162 + 3) / (90 + 3)
    assert table.loc["R", "d_prime_pct"] == pytest.approx(0, abs=10)
    assert abs(table.loc["L", "change_pct"]) < 5
    assert comparison.session["looks"]["before"]["exercise"] == "single_leg_bridge"
