"""What pace does to a ratio: learned where the baseline shows it, distrusted where it does not."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.analysis.adjustment import SLOPE_SD, Adjustment, Parts, fit_adjustment
from emgsmr.analysis.pace import Pace

LN_SPM = float(np.log(171.0))


def fitted(
    seed: int = 0, *, n: int = 400, cadence_sd: float = 0.03, slope: float = 0.8, speed: bool = False
) -> Adjustment:
    """A baseline whose log-ratio follows cadence (and whose speed follows nothing)."""
    rng = np.random.default_rng(seed)
    away = np.repeat(cadence_sd * rng.normal(size=n // 20), 20)
    y = slope * away + 0.2 * rng.normal(size=n)
    common = 3.0 * away + 0.15 * rng.normal(size=n)
    ln_speed = 1.1 + 0.01 * rng.normal(size=n) if speed else np.full(n, np.nan)
    paces = [Pace(LN_SPM + a, s) for a, s in zip(away, ln_speed, strict=True)]
    return fit_adjustment([Parts(*row) for row in zip(y, common, strict=True)], paces, size=10)


def test_a_slope_that_the_baseline_shows_is_taken_out() -> None:
    got = fitted()
    assert got.slopes[0] == pytest.approx(0.8, abs=0.5)
    assert got.part_slopes[0] == pytest.approx(3.0, abs=0.6)
    assert got.used == (True, False, False)
    d = got.high[0]
    there = got.adjusted(Parts(0.8 * d, 3.0 * d), Pace(got.center[0] + d))
    assert there.y == pytest.approx(0, abs=0.03)
    assert there.common == pytest.approx(0, abs=0.05)


def test_a_steady_baseline_keeps_slopes_near_zero_and_says_how_little_it_knows() -> None:
    got = fitted(cadence_sd=1e-4, slope=50.0)
    assert abs(got.slopes[0]) < 0.2
    assert got.doubt(Pace(got.center[0] + 0.04)) == pytest.approx(0.04 * SLOPE_SD[0], rel=0.02)
    assert got.doubt(Pace(got.center[0])) == 0.0


def test_doubt_grows_beyond_what_the_baseline_showed() -> None:
    got = fitted()
    inside, outside = got.high[0], got.high[0] + 0.05
    assert got.doubt(Pace(got.center[0] + inside)) < 0.05
    assert got.doubt(Pace(got.center[0] + outside)) > 0.05 * SLOPE_SD[0]


def test_natural_jitter_is_no_proof_for_another_pace() -> None:
    """Two percent of jitter tell a slope precisely, and yet ten percent more is not believed."""
    rng = np.random.default_rng(5)
    jitter = 0.02 * rng.normal(size=3000)
    parts = [Parts(float(0.05 * e), 0.0) for e in rng.normal(size=3000)]
    got = fit_adjustment(parts, [Pace(LN_SPM + j) for j in jitter], size=10)
    assert np.sqrt(got.covariance[0, 0]) < 0.1
    assert got.doubt(Pace(LN_SPM + 0.1)) > 0.08 * SLOPE_SD[0]


def test_a_covariate_that_most_strides_lack_is_left_out_and_a_missing_value_is_none() -> None:
    got = fitted(speed=True)
    assert got.used == (True, True, False)
    assert got.away(Pace(got.center[0] + 0.01)) == pytest.approx((0.01, 0.0, 0.0))
    assert got.doubt(Pace(got.center[0], np.nan, 12.0)) == 0.0


def test_repetitions_have_nothing_to_adjust() -> None:
    nan = float("nan")
    got = fit_adjustment([Parts(0.1 * k, 0.0) for k in range(30)], [Pace(nan)] * 30, size=10)
    assert got.used == (False, False, False)
    assert got.adjusted(Parts(0.3, 0.1), Pace(nan)) == Parts(0.3, 0.1)
    assert got.doubt(Pace(nan)) == 0.0
    assert got.as_record().keys() == {"excess_slope"}


def test_parts_and_ratio_stay_consistent() -> None:
    parts = Parts(0.5, -0.1)
    assert (parts.compensator - parts.prime, parts.compensator + parts.prime) == pytest.approx((0.5, -0.2))


def test_the_excess_is_what_the_prime_mover_does_not_let_expect() -> None:
    """Two muscles that share a slope of 0.6: what follows it is no excess, what does not is."""
    rng = np.random.default_rng(2)
    prime = 0.3 * rng.normal(size=1000)
    compensator = 0.6 * prime + 0.1 * rng.normal(size=1000)
    parts = [Parts(c - p, (c + p) / 2) for c, p in zip(compensator, prime, strict=True)]
    got = fit_adjustment(parts, [Pace(LN_SPM)] * 1000, size=10)
    assert got.excess_slope == pytest.approx(0.6, abs=0.03)

    def excess(prime: float, compensator: float) -> float:
        return got.excess(Parts(compensator - prime, (compensator + prime) / 2), Pace(LN_SPM))

    assert excess(0.4, 0.24) == pytest.approx(0, abs=0.03)
    assert excess(0.0, 0.2) == pytest.approx(0.2, abs=0.03)
