"""Points: which strides they are made of, and when there are none."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis.adjustment import Adjustment, Parts
from emgsmr.analysis.baseline import Members, fit_baseline
from emgsmr.analysis.pace import Pace
from emgsmr.analysis.points import Point, PointMaker, parts_of
from emgsmr.analysis.strides import Stride
from emgsmr.anatomy import load_catalog

P1 = load_catalog().pairs["P1"]
MEMBERS = Members(("GMAX_R",), ("BFLH_R", "ST_R"))
ADJUSTMENT = Adjustment(
    (0.0,) * 3, (-0.02, 0, 0), (0.02, 0, 0), (1.0, 0, 0), (0.0,) * 3, np.zeros((3, 3)), (True,) * 3, 1.0, 0.0
)
HERE = Pace(0.0)


def sites(make: SimpleNamespace, gmax: float, ham: float, *, quiet: float = 1.0) -> dict[str, object]:
    return {
        "GMAX_R": make.facts(gmax, noise_uv=1.0, quiet_uv=quiet),
        "BFLH_R": make.facts(ham, noise_uv=1.0),
        "ST_R": make.facts(ham, noise_uv=1.0),
    }


@pytest.fixture
def maker(make: SimpleNamespace) -> PointMaker:
    learned = [make.stride(k, sites(make, 50, 80)) for k in range(20)]
    baseline = fit_baseline(learned, t0_s=0, t1_s=14, source="settings")
    assert baseline is not None
    return PointMaker(P1, MEMBERS, baseline, ADJUSTMENT, size=5)


def take(maker: PointMaker, strides: list[Stride], pace: Pace = HERE) -> list[Point]:
    found = [maker.take(s, pace, most_doubt=0.06, tolerance=0.03) for s in strides]
    return [point for point in found if point is not None]


def test_a_point_is_the_median_of_its_strides(make: SimpleNamespace, maker: PointMaker) -> None:
    factors = [1.0, 1.1, 5.0, 0.9, 1.2]
    (point,) = take(
        maker, [make.stride(k, sites(make, 50, 80 * f, quiet=2.0)) for k, f in enumerate(factors)]
    )
    assert point.y == pytest.approx(np.log(1.1), abs=0.01)
    assert point.levels == pytest.approx((0.0, np.log(1.1), np.log(1.1)), abs=0.01)
    assert point.quiets == pytest.approx((np.log(2.0), 0.0, 0.0), abs=1e-9)
    assert (point.t_start_s, point.t_end_s) == (0.0, pytest.approx(3.5))


def test_pace_is_taken_out_and_its_doubt_kept(make: SimpleNamespace, maker: PointMaker) -> None:
    strides = [make.stride(k, sites(make, 50, 80)) for k in range(5)]
    (point,) = take(maker, strides, Pace(0.04))
    assert point.y == pytest.approx(-0.04, abs=1e-6)
    assert point.doubt == pytest.approx(0.02 * 1.5)


@pytest.mark.parametrize(("away", "counts"), [(0.029, True), (0.05, True), (0.07, False), (-0.07, False)])
def test_a_pace_beyond_what_is_known_does_not_count(
    make: SimpleNamespace, maker: PointMaker, *, away: float, counts: bool
) -> None:
    found = take(maker, [make.stride(k, sites(make, 50, 80)) for k in range(5)], Pace(away))
    assert bool(found) == counts
    assert maker.missed == ("" if counts else "pace")


@pytest.mark.parametrize(("n_bad", "counts"), [(1, True), (2, False)])
def test_four_of_five_strides_must_be_good(
    make: SimpleNamespace, maker: PointMaker, *, n_bad: int, counts: bool
) -> None:
    good = [make.stride(k, sites(make, 50, 80)) for k in range(5)]
    bad = [make.stride(k + 2, {**sites(make, 50, 80), "ST_R": make.BAD}) for k in range(n_bad)]
    assert bool(take(maker, [*good[:2], *bad, *good[2:]])) == counts
    take(maker, bad)
    assert maker.missed == "signal"


def test_strides_a_minute_apart_share_no_point(make: SimpleNamespace, maker: PointMaker) -> None:
    early = [make.stride(k, sites(make, 50, 800)) for k in range(4)]
    late = [make.stride(k, sites(make, 50, 80)) for k in range(200, 205)]
    (point,) = take(maker, early + late)
    assert point.t_start_s == pytest.approx(140.0)


def test_another_gait_and_invalid_strides_do_not_count(make: SimpleNamespace, maker: PointMaker) -> None:
    walk = [make.stride(k, sites(make, 50, 80), gait="walk") for k in range(9)]
    stumbles = [make.stride(k, sites(make, 50, 80), valid=False) for k in range(9)]
    assert take(maker, walk + stumbles) == []


def test_the_ratio_is_that_of_means() -> None:
    assert parts_of((0.1, 0.4, 0.2), MEMBERS) == Parts(pytest.approx(0.2), pytest.approx(0.2))
