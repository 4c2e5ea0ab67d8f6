"""What shares are compared with: how well maxima repeat, earlier sessions, published values of exercises."""

from __future__ import annotations

import json
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from emgsmr.analysis import Pipeline, Settings
from emgsmr.analysis.earlier import (
    EarlierSession,
    Levels,
    between_days,
    compare_with_earlier,
)
from emgsmr.analysis.maxima import MIN_TRIAL_SD, maximum_errors, mean_maximum
from emgsmr.analysis.published import PUBLISHED
from emgsmr.analysis.reference import Reference, Trial
from emgsmr.analysis.shares import Share, Shares
from emgsmr.analysis.standard_error import Error, combined, log_sd, pooled
from emgsmr.analysis.standing_difference import Difference
from emgsmr.export import tables_as_records
from emgsmr.recording import Event


def trials(*uv: float, start_s: float = 0.0) -> list[Trial]:
    return [Trial(start_s + 60.0 * k, start_s + 60.0 * k + 4.0, value) for k, value in enumerate(uv)]


# --- errors -----------------------------------------------------------------------------------------------


def test_welch_and_satterthwaite_agree_with_the_two_sample_test() -> None:
    rng = np.random.default_rng(1)
    a, b = rng.normal(0, 1, 5), rng.normal(0, 3, 9)
    both = combined(Error(a.std(ddof=1) / np.sqrt(5), 4), Error(b.std(ddof=1) / 3, 8))
    test = stats.ttest_ind(a, b, equal_var=False)
    assert both.df == pytest.approx(test.df)
    low, high = test.confidence_interval(0.95)
    assert both.times(0.05) == pytest.approx((high - low) / 2)


def test_errors_estimated_together_gain_no_certainty() -> None:
    assert pooled([Error(3.0, 8.0), Error(4.0, 8.0)]) == Error(5.0, 8.0)


def test_published_days_differ_as_the_literature_has_it() -> None:
    """41 % within one muscle: a factor of 3.0 between two days, of 4.7 for a ratio of two muscles."""
    sd = log_sd(0.41)
    assert np.exp(1.96 * np.sqrt(2) * sd) == pytest.approx(3.0, abs=0.05)
    assert np.exp(1.96 * 2 * sd) == pytest.approx(4.7, abs=0.05)
    error, source = between_days([0.3], 0.05)
    assert np.exp(error.times(0.05)) == pytest.approx(4.7, abs=0.05)
    assert "Colyer" in source


def test_own_days_count_from_three_on() -> None:
    values = [0.1, 0.25, -0.05, 0.2]
    error, source = between_days(values, 0.01)
    # a further day against the mean of these: the usual prediction interval
    assert error.times(0.05) == pytest.approx(stats.t.ppf(0.975, 3) * np.std(values, ddof=1) * np.sqrt(1.25))
    assert source == "the spread of these 4 sessions"
    steady, _ = between_days([0.1, 0.1, 0.1], 0.08)
    assert steady.sd == pytest.approx(0.08 * np.sqrt(4 / 3))  # two days do not differ by less than one


# --- maxima -----------------------------------------------------------------------------------------------


def test_the_spread_of_trials_is_pooled_over_muscles() -> None:
    given = {"GMAX_L": trials(100.0, 120.0, 110.0), "GMAX_R": trials(90.0, 80.0)}
    found = maximum_errors(given, [("GMAX_L",), ("GMAX_R",)])
    squares = sum(np.var(np.log([t.uv for t in of])) * len(of) for of in given.values())
    sd = np.sqrt(squares / 3)
    assert found[("GMAX_L",)] == pytest.approx(Error(sd / np.sqrt(3), 3.0))
    assert found[("GMAX_R",)] == pytest.approx(Error(sd / np.sqrt(2), 3.0))


def test_what_two_muscles_have_in_common_counts_in_full() -> None:
    alike = {"BFLH_R": trials(100.0, 150.0, 120.0), "ST_R": trials(50.0, 75.0, 60.0)}
    single = maximum_errors({"BFLH_R": alike["BFLH_R"]}, [("BFLH_R",)])
    assert maximum_errors(alike, [("BFLH_R", "ST_R")])[("BFLH_R", "ST_R")] == pytest.approx(
        single[("BFLH_R",)]
    )
    apart = {"BFLH_R": trials(100.0, 150.0, 120.0), "ST_R": trials(50.0, 75.0, 60.0, start_s=500.0)}
    both = maximum_errors(apart, [("BFLH_R", "ST_R")])[("BFLH_R", "ST_R")]
    assert both.sd == pytest.approx(single[("BFLH_R",)].sd / np.sqrt(2))


def test_trials_far_below_the_best_are_none() -> None:
    given = {"GMAX_L": [*trials(100.0, 95.0), *trials(40.0, 0.3, start_s=300.0)]}
    assert mean_maximum(given["GMAX_L"]) == pytest.approx(np.sqrt(9500.0))
    error = maximum_errors(given, [("GMAX_L",)])[("GMAX_L",)]
    assert error == Error(MIN_TRIAL_SD / np.sqrt(2), 1.0)


@pytest.mark.parametrize("uv", [(), (100.0,), (100.0, 50.0)])
def test_too_few_trials_give_a_reason(uv: tuple[float, ...]) -> None:
    found = maximum_errors({"GMAX_L": trials(*uv)}, [("GMAX_L",)])
    assert "GMAX_L has fewer than two" in str(found[("GMAX_L",)])
    assert np.isnan(mean_maximum([]))
    assert mean_maximum(trials(5.0)) == pytest.approx(5.0)


@given(
    st.lists(st.floats(80.0, 110.0), min_size=2, max_size=6),
    st.lists(st.floats(80.0, 110.0), min_size=2, max_size=6),
    st.floats(0.01, 100.0),
)
def test_a_gain_changes_no_error(first: list[float], second: list[float], gain: float) -> None:
    plain = maximum_errors({"A_L": trials(*first), "B_L": trials(*second)}, [("A_L",), ("B_L",)])
    scaled = {"A_L": trials(*(gain * uv for uv in first)), "B_L": trials(*second)}
    for group, error in maximum_errors(scaled, [("A_L",), ("B_L",)]).items():
        assert error == pytest.approx(plain[group])


def test_the_error_tells_how_often_alike_legs_are_called_unequal() -> None:
    """Four sites whose trials scatter by 8 %, a thousand times: one in twenty is beyond the bound."""
    rng = np.random.default_rng(2)
    sites = [(f"{muscle}_{side}",) for muscle in ("GMAX", "BFLH") for side in "LR"]
    said = 0
    for _ in range(1000):
        given = {site: trials(*(100 * np.exp(0.08 * rng.standard_normal(3)))) for (site,) in sites}
        errors = maximum_errors(given, sites)
        level = {site: np.log(mean_maximum(given[site])) for (site,) in sites}
        y = abs((level["BFLH_R"] - level["GMAX_R"]) - (level["BFLH_L"] - level["GMAX_L"]))
        known = [error for site in sites if isinstance(error := errors[site], Error)]
        assert len(known) == 4
        difference = Difference("other leg", "P1", "R", y)
        said += difference.judged(pooled(known), n_comparisons=1, floor_pct=0.0).found
    assert 25 < said < 70


# --- earlier sessions -------------------------------------------------------------------------------------


def shares(y: float, sd: float = 0.08) -> Shares:
    share = Share(y, -0.5, y - 0.5, Error(sd, 8.0), Error(sd, 8.0), 300)
    return Shares(Reference("mvc"), {("P1", "R"): share}, {}, {"P1": "only one leg was measured"})


def session(y: float, normalization: str | None = "mvc") -> EarlierSession:
    return EarlierSession(normalization, {("P1", "R"): Levels(-0.5, y - 0.5)})


def test_more_than_the_own_days_differ_is_found() -> None:
    days = [session(y) for y in (0.02, -0.05, 0.06, 0.0, -0.03)]
    (found,) = compare_with_earlier(shares(0.5), days, floor_pct=20.0)
    assert found.found
    assert found.y == pytest.approx(0.5)
    assert (found.prime, found.compensator) == pytest.approx((0.0, 0.5))
    assert found.against == "the mean of 5 earlier sessions"
    (less,) = compare_with_earlier(shares(-0.5), days, floor_pct=20.0)
    assert not less.found  # away from the compensator
    (small,) = compare_with_earlier(shares(0.15), days, floor_pct=20.0)
    assert not small.found


def test_one_earlier_session_needs_much() -> None:
    (found,) = compare_with_earlier(shares(1.0), [session(0.0)], floor_pct=20.0)
    assert not found.found
    (found,) = compare_with_earlier(shares(1.7), [session(0.0)], floor_pct=20.0)
    assert found.found


def test_an_earlier_session_without_maxima_is_no_comparator() -> None:
    (found,) = compare_with_earlier(shares(1.7), [session(0.0, None)], floor_pct=20.0)
    assert not found.found
    assert "no earlier session" in found.reason
    assert compare_with_earlier(shares(1.7), [], floor_pct=20.0) == []


# --- exercises --------------------------------------------------------------------------------------------


def test_published_ratios_are_those_of_the_publication() -> None:
    """Contreras 2015: science.md has 1.70 / 2.13 and 1.97 / 3.05."""
    assert {row.exercise: tuple(round(r, 2) for r in row.ratio) for row in PUBLISHED} == {
        "hip_thrust": (1.70, 2.13),
        "squat": (1.97, 3.05),
    }


def exercise(make: SimpleNamespace, ratio: float, *, label: str = "hip thrust") -> Pipeline:
    """Three trials, then ten repetitions of two seconds with that ratio of GMAX to BFLH on the right."""
    fs, seconds = 500.0, 66.0
    t = np.arange(int(seconds * fs)) / fs
    x = {}
    for number, (site, maximum, part) in enumerate((("GMAX_R", 150.0, 0.8), ("BFLH_R", 300.0, 0.8 / ratio))):
        rng = np.random.default_rng(number)
        level = np.zeros(len(t))
        for begin in (3.0, 8.0, 13.0):
            level[(t >= begin) & (t < begin + 3)] = 1.0
        level[(t >= 20) & (t < 64) & ((t - 20) % 4.4 > 2.0) & ((t - 20) % 4.4 < 4.0)] = part
        x[site] = np.hypot(maximum * level, 3.0) * rng.normal(size=len(t))
    events = [Event(begin - 0.5, 4.0, "phase", label="mvc") for begin in (3.0, 8.0, 13.0)]
    events.append(Event(18.0, 47.0, "phase", label=label))
    return make.analyzed(x, fs=fs, events=events, settings=Settings(pairs=("P1",)))  # type: ignore[no-any-return]


def test_a_ratio_below_what_was_published_is_a_notice_with_its_source(make: SimpleNamespace) -> None:
    pipeline = exercise(make, 1.0)
    (found,) = pipeline.findings()
    assert (found.finding, found.tier, found.pattern) == ("P1_R_standing_published", 0, "standing")
    assert found.compensator == "BFLH"
    assert found.change_pct == pytest.approx(70, abs=12)  # 1.70 : 1.0
    assert found.n_strides >= 8
    for part in ("1.70 to 2.13", "13 trained women", "Contreras 2015", "no norm"):
        assert part in found.text
    tables = tables_as_records(pipeline.analysis())
    assert tables["findings"][0]["d_prime_pct"] is None  # which muscle makes it is not known
    json.dumps(tables, allow_nan=False, default=str)


@pytest.mark.parametrize("ratio", [1.9, 3.0])
def test_a_ratio_within_or_above_it_is_none(make: SimpleNamespace, ratio: float) -> None:
    pipeline = exercise(make, ratio)
    assert pipeline.findings() == []
    assert any(row.comparator == "published" for row in pipeline.standing.differences)


@pytest.mark.parametrize("label", ["bridge", "before"])
def test_other_exercises_and_running_have_no_published_value(make: SimpleNamespace, label: str) -> None:
    pipeline = exercise(make, 1.0, label=label)
    assert pipeline.findings() == []
    assert not any(row.comparator == "published" for row in pipeline.standing.differences)
