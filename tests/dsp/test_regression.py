"""Robust regression with a prior: against least squares, ridge regression and the exact posterior."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.dsp import robust_fit


def test_clean_data_give_least_squares(rng: np.random.Generator) -> None:
    x = rng.normal(size=(2000, 2))
    y = 1.5 + x @ np.array([0.4, -0.7]) + 0.2 * rng.normal(size=2000)
    fit = robust_fit(y, x, slope_sd=np.array([100.0, 100.0]))
    wanted = np.linalg.lstsq(np.column_stack([np.ones(2000), x]), y, rcond=None)[0]
    assert [fit.level, *fit.slopes] == pytest.approx(wanted.tolist(), abs=0.01)
    assert fit.scale == pytest.approx(0.2, rel=0.08)
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance)), 0.2 / np.sqrt(2000), rtol=0.15)


def test_a_fifth_of_nonsense_moves_it_little(rng: np.random.Generator) -> None:
    x = rng.normal(size=(1000, 1))
    y = 0.5 * x[:, 0] + 0.1 * rng.normal(size=1000)
    y[::5] = 30.0
    fit = robust_fit(y, x, slope_sd=np.array([10.0]))
    assert fit.slopes[0] == pytest.approx(0.5, abs=0.05)
    assert abs(np.linalg.lstsq(np.column_stack([np.ones(1000), x]), y, rcond=None)[0][0]) > 5


def test_what_did_not_vary_keeps_the_prior(rng: np.random.Generator) -> None:
    x = np.column_stack([rng.normal(size=500), 1e-4 * rng.normal(size=500), np.zeros(500)])
    y = 0.3 * x[:, 0] + 0.2 * rng.normal(size=500)
    fit = robust_fit(y, x, slope_sd=np.array([1.0, 1.5, 0.7]))
    assert fit.slopes[0] == pytest.approx(0.3, abs=0.05)
    assert np.abs(fit.slopes[1:]).max() < 0.1
    np.testing.assert_allclose(np.sqrt(np.diag(fit.covariance))[1:], [1.5, 0.7], rtol=0.01)


def test_the_uncertainty_holds_the_true_slope(rng: np.random.Generator) -> None:
    """Slopes from the prior, sixty values each: 95 % lie within 1.96 standard deviations."""
    inside = 0
    for _ in range(300):
        true = 0.5 * rng.normal()
        x = 0.3 * rng.normal(size=(60, 1))
        fit = robust_fit(true * x[:, 0] + 0.5 * rng.normal(size=60), x, slope_sd=np.array([0.5]))
        inside += abs(fit.slopes[0] - true) < 1.96 * np.sqrt(fit.covariance[0, 0])
    assert 0.9 < inside / 300 < 0.98


def test_values_that_tell_less_widen_it(rng: np.random.Generator) -> None:
    x = rng.normal(size=(100, 1))
    y = x[:, 0] + rng.normal(size=100)
    one, four = (
        robust_fit(y, x, slope_sd=np.array([100.0]), n_per_independent=n).covariance[0, 0] for n in (1, 4)
    )
    assert four == pytest.approx(4 * one, rel=0.05)


def test_no_covariate_is_a_robust_mean() -> None:
    fit = robust_fit(np.array([1.0, 1.1, 0.9, 1.0, 50.0]), np.zeros((5, 0)), slope_sd=np.zeros(0))
    assert fit.level == pytest.approx(1.0, abs=0.1)
    assert fit.slopes.shape == (0,)


def test_values_without_spread() -> None:
    fit = robust_fit(np.full(10, 2.0), np.arange(10.0)[:, np.newaxis], slope_sd=np.array([1.0]))
    assert (fit.level, fit.slopes.tolist(), fit.scale) == (2.0, [0.0], 0.0)
