"""Which minutes count, and that recordings which end early make nothing look like a forecast."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.analysis.validation.outcomes import outcomes, still_followed
from emgsmr.analysis.validation.scores import roc_auc

HORIZON = 600.0


def test_minutes_within_the_horizon_are_before_the_event(made_up):
    sessions = [made_up(minutes=15.5, event=True), made_up(minutes=20.0)]
    known = outcomes(sessions, horizon_s=HORIZON)
    first = known.minute[known.session == 0]
    assert first.tolist() == list(range(11))  # later ones reach beyond what anybody was watched
    assert known.positive[known.session == 0].tolist() == [False] * 6 + [True] * 5
    assert known.minute[known.session == 1].tolist() == list(range(11))
    assert not known.positive[known.session == 1].any()
    assert known.weight.tolist() == [1.0] * len(known.weight)


def test_an_early_end_hands_its_weight_to_those_still_watched(made_up):
    sessions = [made_up(minutes=12.0), made_up(minutes=30.0), made_up(minutes=30.0)]
    known = outcomes(sessions, horizon_s=HORIZON)
    assert known.minute[known.session == 0].tolist() == [0, 1, 2]
    late = known.weight[(known.session == 1) & (known.minute > 2)]
    assert late.tolist() == pytest.approx([1.5] * len(late))


def test_still_followed_is_kaplan_meier():
    rng = np.random.default_rng(2)
    followed, event = rng.integers(1, 12, 40).astype(float), rng.random(40) < 0.4
    at = np.arange(0.0, 14.0, 0.5)
    slow = []
    for t in at:
        level = 1.0
        for u in np.unique(followed):
            if u < t:
                ended = np.sum((followed == u) & ~event)
                at_risk = np.sum(followed > u) + ended  # an event at u comes before the recording's end
                level *= 1.0 - ended / at_risk if at_risk else 1.0
        slow.append(level)
    assert still_followed(followed, event, at) == pytest.approx(slow)


def test_elapsed_time_foretells_nothing_where_the_hazard_is_constant(made_up):
    """Recordings of different lengths: without the weights, late minutes would be those before an event."""
    rng = np.random.default_rng(7)
    sessions = []
    for _ in range(4000):
        length, at = rng.choice([15.0, 20.0, 25.0]), rng.exponential(30.0)
        sessions.append(made_up(minutes=min(length, max(at, 0.1)), event=bool(at < length)))
    known = outcomes(sessions, horizon_s=HORIZON)
    elapsed = known.of([s.predictors["elapsed"] for s in sessions])
    assert roc_auc(elapsed, known.positive, weight=known.weight)[0] == pytest.approx(0.5, abs=0.025)
    naive_positive, naive_elapsed = [], []
    for s in sessions:
        for t in s.t_s:
            hit = s.event_s is not None and s.event_s <= t + HORIZON
            if hit or t + HORIZON <= s.end_s:
                naive_positive.append(hit)
                naive_elapsed.append(t)
    assert roc_auc(np.array(naive_elapsed), np.array(naive_positive))[0] > 0.55


def test_nothing_watched_is_nothing_known(made_up):
    known = outcomes([], horizon_s=HORIZON)
    assert len(known.positive) == 0
    known = outcomes([made_up(minutes=3.0)], horizon_s=HORIZON)
    assert len(known.positive) == 0
    assert known.of([np.zeros(3)]).shape == (0,)
