"""Which strides belong to which period."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from emgsmr.analysis.periods import EVER, inside, session_periods
from emgsmr.recording import Event


def leg(side: str, source: str = "events", t0_s: float = 10.0, t1_s: float = 60.0) -> Any:
    return SimpleNamespace(side=side, baseline=SimpleNamespace(t0_s=t0_s, t1_s=t1_s, source=source))


def episode(side: str, onset: float, end: float | None, tier: int = 1, pattern: str = "compensation") -> Any:
    return SimpleNamespace(side=side, t_onset_s=onset, t_end_s=end, tier=tier, pattern=pattern)


def phase(t_s: float, duration_s: float | None, label: str, **where: str) -> Event:
    return Event(t_s, duration_s, "phase", label=label, **where)  # type: ignore[arg-type]


def test_a_session_without_anything_is_one_period() -> None:
    assert session_periods([]) == [("all", {}, (), False)]
    (only,) = session_periods([leg("R", "whole recording")])
    assert only == ("all", {"R": EVER}, ("R",), False)
    assert session_periods([SimpleNamespace(side="L", baseline=None)])[0].sides == ()  # type: ignore[list-item]


def test_each_leg_has_its_own_baseline() -> None:
    baseline, everything = session_periods([leg("L", t0_s=10), leg("R", t0_s=11)])
    assert baseline.spans == {"L": ((10, 60.0),), "R": ((11, 60.0),)}
    assert baseline.both
    assert everything.name == "all"
    one = session_periods([leg("L"), leg("R", "whole recording")])[0]
    assert (one.name, one.sides, one.both) == ("baseline", ("L",), False)


def test_flagged_strides_are_those_of_the_sides_own_episodes() -> None:
    found = session_periods(
        [leg("L"), leg("R")],
        [
            episode("R", 100, 150),
            episode("R", 200, None),
            episode("L", 90, 95),
            episode("L", 300, 400, 0),
            episode("L", 0, None, pattern="standing"),  # all the time, so no period of its own
        ],
    )
    left, right, both = (p for p in found if p.name == "flagged")
    assert (left.sides, left.spans["L"]) == (("L",), ((90, 95),))
    assert (right.sides, right.spans["R"]) == (("R",), ((100, 150), (200, np.inf)))
    assert right.spans["L"] == right.spans["R"]  # a sling's member on the other side: in the same time
    assert (both.sides, both.both) == ((), True)
    assert both.spans["L"] == both.spans["R"] == ((90, 95), (100, 150), (200, np.inf))


def test_phases_of_one_label_are_one_period_and_an_open_one_lasts_until_the_next() -> None:
    events = [
        phase(300, None, "hill"), phase(100, 50, "easy"), phase(10, 50, "baseline"), phase(400, 20, "easy"),
        phase(500, 5, "all"), phase(600, 5, "mvc", site="GMAX_L"), phase(700, 5, "hop", side="R"),
    ]  # fmt: skip
    found = {p.name: p for p in session_periods([leg("L"), leg("R")], (), events)}
    assert list(found) == ["baseline", "all", "easy", "hill", "all (phase)", "mvc", "hop"]
    assert found["easy"].spans["R"] == ((100, 150), (400, 420))
    assert found["hill"].spans["L"] == ((300, 400),)
    assert (found["mvc"].sides, found["mvc"].both) == (("L",), False)
    assert found["hop"].sides == ("R",)


@pytest.mark.parametrize("spans", [(), ((1.0, 2.0),), ((1.0, 2.0), (1.5, 4.0))])
def test_a_time_is_inside_from_the_start_to_before_the_end(spans: tuple[tuple[float, float], ...]) -> None:
    t = np.arange(0, 5, 0.25)
    slow = [any(a <= x < b for a, b in spans) for x in t]
    assert inside(t, spans).tolist() == slow
