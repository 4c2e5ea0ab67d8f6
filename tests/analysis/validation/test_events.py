"""Flags event by event, on sessions whose answer can be counted by hand."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.analysis.validation.events import (
    Counts,
    best_within,
    counts_by_threshold,
    free_time_under,
    partial_area,
    poisson_rate_interval,
    score_flags,
    shifted_sensitivity,
    spans_above,
)
from emgsmr.analysis.validation.session import merged, with_history

HORIZON = 600.0


def score(*sessions):
    return score_flags(sessions, [s.flags for s in sessions], horizon_s=HORIZON)


def test_a_flag_before_the_event_catches_it_with_its_lead(made_up):
    found = score(made_up(minutes=20.0, event=True, flags=[(1200.0, 1500.0)]))
    assert (found.n_events, found.n_caught, found.n_false, found.lead_s) == (1, 1, 0, (300.0,))
    assert found.n_began_within == 1
    assert found.hours == pytest.approx(10 / 60)  # twenty minutes, less the horizon
    assert found.ppv == 1.0


def test_a_flag_that_lasts_counts_from_its_beginning_and_one_long_over_is_false(made_up):
    session = made_up(minutes=40.0, event=True, flags=[(400.0, 500.0), (1500.0, 2400.0)])
    found = score(session)
    assert (found.n_caught, found.n_began_within, found.lead_s, found.n_false) == (1, 0, (1200.0,), 1)
    assert found.ppv == 0.5
    # on from 1500 s to the horizon's beginning at 2100 s, and for 100 s
    assert found.false_on == pytest.approx(700.0 / (30 * 60))


def test_flags_without_an_event_are_false_even_if_the_recording_ended_soon(made_up):
    found = score(made_up(minutes=20.0, flags=[(1450.0, 1500.0)]))
    assert (found.n_events, found.n_false) == (0, 1)
    assert found.false_per_hour == pytest.approx(3.0)
    assert np.isnan(found.sensitivity)
    assert np.isnan(found.p_shifted)


def test_a_flag_at_or_after_the_event_is_no_forecast(made_up):
    session = made_up(minutes=20.0, event=True)
    assert score_flags([session], [[(1500.0, 1600.0)]], horizon_s=HORIZON).n_caught == 0


def test_no_alarm_in_t_hours_has_the_rule_of_three():
    low, high = poisson_rate_interval(0, 30.0)
    assert low == 0.0
    assert high == pytest.approx(3.69 / 30, rel=0.01)  # two-sided 95 %; one-sided it is 3 / T
    assert poisson_rate_interval(0, 30.0, level=0.9)[1] == pytest.approx(3.0 / 30, rel=0.01)
    # Garwood's table: 10 events have 4.80 to 18.39
    assert poisson_rate_interval(10, 1.0) == pytest.approx((4.795, 18.39), abs=0.01)
    assert poisson_rate_interval(3, 0.0) == (0.0, float("inf"))


def test_chance_is_that_of_a_random_process(made_up):
    sessions = [made_up(minutes=60.0, flags=[(600.0, 700.0)]), made_up(minutes=60.0)]
    found = score(*sessions)
    assert found.false_per_hour == pytest.approx(0.5)
    assert found.chance == pytest.approx(0.08, abs=0.001)  # 8 % for 0.5/h and ten minutes


def test_shifted_flags_catch_what_a_loop_over_a_circle_catches(made_up):
    sessions = [
        made_up(minutes=30.0, event=True, flags=[(1500.0, 1700.0)]),
        made_up(minutes=50.0, flags=[(400.0, 1000.0)]),
        made_up(minutes=7.0, event=True),
    ]
    found = shifted_sensitivity(sessions, [s.flags for s in sessions], horizon_s=HORIZON, n_shifts=300)
    lengths = [1800.0, 3000.0, 420.0]
    total, begins = sum(lengths), [0.0, 1800.0, 4800.0]
    shifts = np.random.default_rng(20110415).uniform(0.0, total, size=(300, 1))[:, 0]
    expected = []
    for shift in shifts:
        on = np.zeros(int(total), dtype=bool)
        for begin, session in zip(begins, sessions, strict=True):
            for a, b in session.flags:
                at = np.arange(begin + a - 300.0 + shift, begin + b - 300.0 + shift, 0.5)
                on[np.floor(at % total).astype(int)] = True
        caught = 0
        for end, watched in ((1800.0, 1800.0), (total, 420.0)):
            reach = min(HORIZON, watched)
            caught += on[int(end - reach) : int(end)].any()
        expected.append(caught / 2)
    assert np.mean(found) == pytest.approx(np.mean(expected), abs=0.01)
    assert np.mean(np.abs(found - np.array(expected)) > 1e-9) < 0.02  # but for half seconds at edges


def test_scores_become_flags_at_a_threshold(made_up):
    session = made_up(minutes=8.0, ratio=[0, 1, np.nan, 1, 0, 0, 1, 0])
    assert spans_above(session, session.predictors["ratio"], 1.0) == ((360.0, 540.0), (660.0, 720.0))
    assert spans_above(session, np.full(8, np.nan), 0.0) == ()
    assert spans_above(session, np.ones(8), 1.0) == ((300.0, 780.0),)
    assert free_time_under(session, ((360.0, 540.0),), HORIZON) == pytest.approx(0.05)


def test_counts_go_from_strict_to_lax(made_up):
    event = made_up(minutes=20.0, event=True, ratio=np.linspace(0.0, 1.0, 20))
    none = made_up(minutes=20.0, ratio=np.full(20, 0.5))
    counts = counts_by_threshold(
        [event, none], [s.predictors["ratio"] for s in (event, none)], horizon_s=HORIZON
    )
    assert counts.caught[:, 0].all()
    assert counts.false[0].tolist() == [0.0, 0.0]
    assert counts.false[-1].tolist() == [0.0, 1.0]
    assert (np.diff(counts.on_h.sum(axis=1)) >= 0).all()
    hours = (20 + 10) / 60
    assert best_within(counts, hours=hours, n_events=1, most_on=0.0) == 1.0


def test_the_partial_area_is_that_of_the_steps():
    counts = Counts(
        caught=np.array([[1.0, 0.0], [1.0, 0.0], [1.0, 1.0]]),
        false=np.array([[0.0, 0.0], [1.0, 0.0], [1.0, 1.0]]),
        on_h=np.zeros((3, 2)),
    )
    # half caught without a false flag; all of them at 2 in 10 h, below 0.5/h
    assert partial_area(counts, hours=10.0, n_events=2) == pytest.approx((0.5 * 0.2 + 1.0 * 0.3) / 0.5)
    # in 2 h the first false flag is already at the limit
    assert partial_area(counts, hours=2.0, n_events=2) == pytest.approx(0.5)
    assert np.isnan(partial_area(counts, hours=2.0, n_events=0))
    never = Counts(np.zeros((0, 2)), np.zeros((0, 2)), np.zeros((0, 2)))
    assert partial_area(never, hours=2.0, n_events=2) == 0.0
    assert best_within(never, hours=2.0, n_events=2, most_on=1.0) == 0.0


def test_flags_are_cut_and_those_near_each_other_are_one():
    assert merged([(0, 10), (129, 140), (300, 310)], within=(5, 305)) == ((5, 140), (300, 305))
    assert merged([(0, 10), (130, 140)], within=(0, 200)) == ((0, 10), (130, 140))
    assert merged([(0, 10)], within=(20, 30)) == ()
    assert merged([(0, float("inf"))], within=(20, 30)) == ((20, 30),)


def test_history_counts_earlier_events_of_the_same_runner_only(made_up):
    second = made_up(name="b", started="2026-02", usual_cadence=180.0)
    first = made_up(name="a", started="2026-01", event=True, usual_cadence=170.0)
    other = made_up(name="c", runner="R2", started="2026-03")
    found = with_history([second, first, other])
    assert [s.name for s in found] == ["b", "a", "c"]
    assert [s.predictors["history"][0] for s in found] == [1.0, 0.0, 0.0]
    assert found[0].predictors["pace"][0] == pytest.approx(np.log(180 / 170))
    assert found[1].predictors["pace"][0] == 0.0
