"""What a session adds to a trend: its task is a gait, or the exercises of its baseline."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pandas as pd
import pytest

from emgsmr.analysis.columns import COLUMNS
from emgsmr.analysis.trend import trend_session


def session(gait: str | None, *phases: tuple[float, float | None, str, str | None]) -> Any:
    events = [dict(zip(("t_s", "duration_s", "label", "note"), phase, strict=True)) for phase in phases]
    return SimpleNamespace(
        events=pd.DataFrame(
            [{**event, "kind": "phase"} for event in events], columns=list(COLUMNS["events"])
        ),
        session={
            "normalization": {"L": None, "R": gait and {"gait": gait, "t0_s": 60.0, "t1_s": 120.0}},
            "standing": {
                "normalization": "mvc",
                "shares": [{"pair": "P1", "side": "R", "log_ratio": 0.1, "sd": 0.05, "n": 20}],
            },
        },
    )


@pytest.mark.parametrize(
    ("gait", "phases", "task"),
    [
        ("run", [(60.0, 30.0, "A1", "bridge")], "run"),
        ("rep", [(60.0, 30.0, "A1", "bridge"), (95.0, None, "note", None)], "bridge"),
        ("rep", [(0.0, 70.0, "squat", None), (80.0, 30.0, "B", "bridge")], "bridge + squat"),
        ("rep", [(130.0, 30.0, "B", "bridge")], "rep"),
        (None, [], ""),
    ],
)
def test_the_task_is_that_of_the_baseline(gait: str | None, phases: list[Any], task: str) -> None:
    found = trend_session(session(gait, *phases), "a.emgsmr", None)
    assert found.task == task
    assert found.shares == {("P1", "R"): (0.1, 0.05, 20)}
