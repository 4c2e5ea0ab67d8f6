"""The hazard model against a general optimizer, on worlds in which its answer is known."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import optimize
from scipy.special import expit

from emgsmr import dsp
from emgsmr.analysis.validation import UNCALIBRATED, with_history
from emgsmr.analysis.validation.hazard import calibration, fit_hazard, left_out, within_horizon
from emgsmr.analysis.validation.outcomes import outcomes
from emgsmr.analysis.validation.risk import assess_risk, minutes_at_risk, reliability


def test_the_fit_is_that_of_a_general_optimizer():
    rng = np.random.default_rng(1)
    x = rng.normal(size=(400, 3)) * [1.0, 5.0, 0.2] + [0.0, 10.0, 0.0]
    event = rng.random(400) < expit(-2.0 + x[:, 0])
    z = (x - x.mean(axis=0)) / x.std(axis=0)

    def cost(b):
        eta = b[0] + z @ b[1:]
        return np.logaddexp(0, eta).sum() - eta[event].sum() + 0.5 * (b[1:] @ b[1:])

    best = optimize.minimize(cost, np.zeros(4), method="BFGS", options={"gtol": 1e-8})
    found = fit_hazard(x, event)
    assert [found.intercept, *found.coefficients] == pytest.approx(best.x.tolist(), abs=1e-4)


def test_without_covariates_that_vary_it_is_the_rate():
    event = np.arange(200) % 20 == 0
    found = fit_hazard(np.ones((200, 2)), event)
    assert found.per_minute(np.ones((3, 2))) == pytest.approx([0.05] * 3)
    assert found.coefficients == pytest.approx([0.0, 0.0])


def test_perfect_separation_stays_finite():
    x = np.r_[np.zeros(50), np.ones(50)][:, None]
    found = fit_hazard(x, x[:, 0] > 0.5)
    assert np.isfinite(found.coefficients).all()
    assert 0.0 < found.per_minute(np.array([[0.0]]))[0] < found.per_minute(np.array([[1.0]]))[0] < 1.0


def test_what_is_not_known_counts_as_average():
    rng = np.random.default_rng(2)
    x = rng.normal(size=(300, 1))
    x[::7] = np.nan
    found = fit_hazard(x, rng.random(300) < 0.1)
    middle = found.per_minute(found.center[None, :])
    assert found.per_minute(np.array([[np.nan]])) == pytest.approx(middle)
    assert np.isfinite(fit_hazard(np.full((10, 1), np.nan), np.arange(10) < 3).intercept)


def test_nobody_is_judged_by_a_fit_to_themselves():
    rng = np.random.default_rng(3)
    x, event, group = rng.normal(size=(90, 2)), rng.random(90) < 0.2, np.repeat([4, 7, 9], 30)
    found = left_out(x, event, group)
    other = event.copy()
    other[30:60] = ~other[30:60]  # what happened to runner 7 changes nothing for runner 7
    again = left_out(x, other, group)
    assert again[30:60] == pytest.approx(found[30:60])
    assert again[:30] != pytest.approx(found[:30])
    alone = left_out(x[:30], event[:30], group[:30])
    assert np.isnan(alone).all()


def test_the_risk_within_a_horizon_adds_up():
    assert within_horizon(np.array([0.0, 0.1, 1.0]), 2.0) == pytest.approx([0.0, 0.19, 1.0])


def test_calibration_of_the_truth_is_zero_and_one_and_of_too_bold_words_a_half():
    rng = np.random.default_rng(5)
    eta = rng.normal(-3.0, 1.0, 40_000)
    event = rng.random(40_000) < expit(eta)
    assert calibration(expit(eta), event) == pytest.approx((0.0, 1.0), abs=0.1)
    bold = expit(-3.0 + 2.0 * (eta + 3.0))
    assert calibration(bold, event)[1] == pytest.approx(0.5, abs=0.05)
    high = expit(eta + 1.0)
    assert calibration(high, event)[0] == pytest.approx(-1.0, abs=0.1)
    assert calibration(expit(eta), event, np.ones(40_000)) == pytest.approx(calibration(expit(eta), event))


def test_calibration_of_nothing_is_not_known():
    for hazard, event in (([0.1, 0.2], [False, False]), ([0.1, 0.1], [True, False]), ([], [])):
        found = calibration(np.array(hazard), np.array(event, dtype=bool))
        assert np.isnan(found[1])


def test_reliability_groups_add_up():
    risk = np.linspace(0.0, 1.0, 100)
    rows = reliability(risk, risk > 0.5, np.ones(100), bins=4)
    assert [n for n, _, _ in rows] == [25] * 4
    assert [part for _, _, part in rows] == pytest.approx([0.0, 0.0, 1.0, 1.0])
    assert rows[0][1] == pytest.approx(risk[:25].mean())


def test_events_are_in_their_minute(made_up):
    rows = minutes_at_risk([made_up(minutes=3.5, event=True), made_up(minutes=4.0)], ("elapsed",))
    assert rows.event.tolist() == [False, False, False, True, *[False] * 4]
    assert rows.x[:, 0].tolist() == [5.0, 6.0, 7.0, 8.0, 5.0, 6.0, 7.0, 8.0]
    assert minutes_at_risk([made_up(minutes=4.0, event=True)], ("elapsed",)).event.tolist() == [0, 0, 0, 1]


def risk_of(folder, *, n_resamples=100):
    """As `assess` does it, without everything else."""
    folder = with_history(folder)
    runners, runner = np.unique([s.runner for s in folder], return_inverse=True)
    drawn = dsp.resample_counts(len(runners), block=1.0, n_resamples=n_resamples)
    known = outcomes(folder, horizon_s=600.0)
    return assess_risk(folder, known, drawn[runner], runner, horizon_s=600.0)


def test_a_probability_needs_a_hundred_events_and_their_calibration(sessions):
    many = risk_of(sessions.folder_of(n_runners=60, per_runner=4, seed=2, depends=True))
    assert many.n_events >= 100
    assert many.slope_ci[0] <= 1.0 <= many.slope_ci[1]
    assert many.skill_ci[0] > 0
    assert many.calibrated
    assert many.label.startswith("probability")
    few = risk_of(sessions.folder_of(n_runners=20, per_runner=4, seed=2, depends=True))
    assert few.n_events < 100
    assert few.label == UNCALIBRATED
    assert "events" in few.why_not


def test_a_hazard_that_knows_nothing_is_no_probability(sessions):
    found = risk_of(sessions.folder_of(n_runners=60, per_runner=4, seed=3, depends=False))
    assert found.n_events >= 80
    assert found.label == UNCALIBRATED
    assert found.model is not None
    assert found.why_not
