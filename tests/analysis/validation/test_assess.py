"""The whole assessment on made-up folders: skill where there is some, none where there is none."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr import dsp
from emgsmr.analysis.validation import INDEX, NAIVE, assess
from emgsmr.analysis.validation.outcomes import outcomes
from emgsmr.analysis.validation.scores import interval, roc_auc


def test_an_index_that_foretells_beats_chance_and_noise(sessions):
    found = assess(
        sessions.folder_of(n_runners=25, per_runner=4, seed=1, depends=True), horizon_s=600.0, n_resamples=100
    )
    index, *others = found.areas
    assert index.name == INDEX
    assert {area.name for area in others if area.naive} == set(NAIVE)
    assert index.auc_ci[0] > 0.5
    assert index.precision > found.prevalence
    by_name = {area.name: area for area in others}
    assert by_name["compensator RMS"].difference_ci[0] > 0
    assert by_name["compensator RMS"].auc_ci[0] < 0.5 < by_name["compensator RMS"].auc_ci[1]
    assert found.events.sensitivity > found.events.shifted_range[1]
    assert found.events.p_shifted < 0.05


def test_without_a_link_the_interval_includes_chance_as_often_as_it_says(sessions):
    covered = []
    for seed in range(20):
        folder = sessions.folder_of(n_runners=20, per_runner=3, seed=100 + seed, depends=False)
        known = outcomes(folder, horizon_s=600.0)
        _, runner = np.unique([s.runner for s in folder], return_inverse=True)
        drawn = dsp.resample_counts(20, block=1.0, n_resamples=100)[runner]
        score = known.of([s.predictors["overload"] for s in folder])
        areas = roc_auc(score, known.positive, weight=known.weight[:, None] * drawn[known.session])
        low, high = interval(areas, n_groups=20)
        covered.append(low <= 0.5 <= high)
    assert np.mean(covered) >= 0.8  # of 20; intervals that cover 95 % miss that once in 400 such tests


def test_the_order_of_the_sessions_is_nothing(sessions):
    folder = sessions.folder_of(n_runners=8, per_runner=3, seed=5, depends=True)
    one = assess(folder, horizon_s=600.0, n_resamples=50)
    other = assess(folder[::-1], horizon_s=600.0, n_resamples=50)
    assert [a.auc for a in one.areas] == pytest.approx([a.auc for a in other.areas])
    assert one.events.n_false == other.events.n_false
    assert one.areas[0].auc_ci == pytest.approx(other.areas[0].auc_ci)


def test_without_events_there_are_false_alarms_and_nothing_else(sessions, made_up):
    found = assess([made_up(minutes=60.0, flags=[(600.0, 900.0)])], horizon_s=600.0, n_resamples=50)
    assert found.areas == ()
    assert (found.events.n_events, found.events.n_false) == (0, 1)
    assert found.events.false_per_hour_ci == pytest.approx((0.0253, 5.572), abs=0.001)
    assert not found.risk.calibrated


def test_predictors_that_are_not_known_spoil_nothing(made_up):
    rng = np.random.default_rng(6)
    folder = [
        made_up(
            name=str(k), runner=f"R{k % 5}", minutes=30.0, event=k % 2 == 0, rms=np.full(30, np.nan),
            overload=rng.random(30) * 100,
        )
        for k in range(20)
    ]  # fmt: skip
    found = assess(folder, horizon_s=600.0, n_resamples=50)
    rms = next(area for area in found.areas if area.name == "compensator RMS")
    assert np.isnan(rms.auc)
    assert np.isnan(rms.difference)
    assert 0.0 <= found.areas[0].auc <= 1.0
