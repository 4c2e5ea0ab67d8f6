"""Simulated diaries: the link to the load is in one world and not in the other, and nothing else differs."""

from __future__ import annotations

import dataclasses

import numpy as np
import pytest

from emgsmr.errors import ArgumentError
from emgsmr.simulate.diary import BASELINE, COMPENSATIONS, draw_diary, log_ratio


def plan(session):
    """What was scripted, but for when the session ended."""
    return dataclasses.replace(session.scenario, minutes=0.5), session.seed, session.runner


def test_the_same_seed_is_the_same_diary_and_worlds_share_the_sessions():
    one, other = (draw_diary("load", sessions=30, seed=4) for _ in range(2))
    assert one == other
    independent = draw_diary("independent", sessions=30, seed=4)
    assert [plan(s) for s in one] == [plan(s) for s in independent]
    assert [s.event_s for s in one] != [s.event_s for s in independent]
    assert one[:12] == draw_diary("load", sessions=12, seed=4)


def test_as_many_cramps_are_drawn_in_both_worlds():
    worlds = {
        world: sum(
            s.event_s is not None for seed in range(8) for s in draw_diary(world, sessions=60, seed=seed)
        )
        for world in ("load", "independent")
    }
    n, m = worlds["load"], worlds["independent"]
    assert abs(n - m) < 4 * np.sqrt(n + m)
    assert 0.25 < n / 480 < 0.7


def test_cramps_follow_lasting_compensation_in_one_world_only():
    def share(world: str, kind: str) -> float:
        found = [s for seed in range(8) for s in draw_diary(world, sessions=60, seed=seed)]
        own = [s.event_s is not None for s in found if s.compensation == kind]
        return float(np.mean(own))

    assert share("load", "lasting") > 0.6
    assert share("load", "none") < 0.15
    assert abs(share("independent", "lasting") - share("independent", "none")) < 0.12


def test_a_cramp_ends_the_session_after_the_baseline():
    for session in draw_diary("load", sessions=60, seed=2):
        if session.event_s is None:
            assert session.scenario.minutes == 36.0
        else:
            assert session.event_s > BASELINE.stop_s
            assert session.event_s <= 60 * session.scenario.minutes <= session.event_s + 30.001


def test_the_scripted_ratio_is_that_of_the_changes():
    session = next(s for s in draw_diary("load", sessions=60, seed=1) if s.compensation == "lasting")
    prime, compensator = session.scenario.changes
    size = compensator.points[-1][1] - 1.0
    assert prime.points[-1][1] == pytest.approx(1.0 - size)
    t_s = np.array([0.0, 1e4])
    assert log_ratio(session.scenario, t_s) == pytest.approx([0.0, np.log((1 + size) / (1 - size))])
    for other in draw_diary("load", sessions=60, seed=1):
        end = log_ratio(other.scenario, np.array([1e4]))[0]
        assert (end > 0.1) == (other.compensation == "lasting")
    assert sum(COMPENSATIONS.values()) == pytest.approx(1.0)


def test_runners_keep_their_code_and_cadence():
    diary = draw_diary("load", sessions=9, seed=3)
    assert [s.name for s in diary[:4]] == ["R01-1", "R01-2", "R01-3", "R02-1"]
    assert len({s.scenario.cadence for s in diary}) == 3
    assert len({s.seed for s in diary}) == 9


@pytest.mark.parametrize("bad", [{"sessions": 0}, {"seed": -1}, {"minutes": 5.0}, {"minutes": float("nan")}])
def test_what_cannot_be_is_said(bad):
    with pytest.raises(ArgumentError):
        draw_diary("load", **{"sessions": 3, "seed": 1, **bad})
    with pytest.raises(ArgumentError, match="load, independent"):
        draw_diary("other", sessions=3, seed=1)  # type: ignore[arg-type]
