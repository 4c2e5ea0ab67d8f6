"""What was known each minute, from tables made by hand."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from emgsmr.analysis import Settings
from emgsmr.analysis.columns import COLUMNS
from emgsmr.analysis.validation import RunnerSession, runner_session
from emgsmr.analysis.validation.overload import (
    accumulated_excess,
    block_medians,
    overload_index,
    smallest_detectable_change,
)

STRIDE_S = 0.7
BASE = (60.0, 360.0)


def analysis(*, minutes=20.0, change=0.0, from_s=600.0, until_s=1e9, rms=0.0, seed=1, events=(), findings=()):
    """Strides every 0.7 s; the ratio changes by ``change`` and the compensator by ``rms`` at a time."""
    rng = np.random.default_rng(seed)
    t = np.arange(20.0, 60.0 * minutes, STRIDE_S)
    on = (t >= from_s) & (t < until_s)
    y = 0.15 * rng.standard_normal(len(t)) + 0.3 + np.where(on, change, 0.0)
    number = np.arange(1, len(t) + 1)
    strides = pd.DataFrame(
        {
            "stride": number,
            "side": "R",
            "t_start_s": t,
            "t_end_s": t + STRIDE_S,
            "cadence_spm": 171.4,
            "valid": True,
        }
    )
    ratios = pd.DataFrame(
        {
            "stride": number, "side": "R", "pair": "P1", "prime": "GMAX", "compensator": "HAM", "t_s": t,
            "log_ratio": y, "valid": True,
        }
    )  # fmt: skip
    level = 50.0 * np.exp(np.where(on, rms, 0.0) + 0.1 * rng.standard_normal(len(t)))
    activation = pd.DataFrame({"stride": number, "site": "BFLH_R", "t_s": t, "rms_uV": level, "valid": True})
    fatigue = pd.DataFrame({"t_s": [900.0], "site": ["BFLH_R"], "jasa": ["fatigue"]})
    return SimpleNamespace(
        baseline=BASE,
        duration_s=60.0 * minutes,
        settings=Settings(),
        strides=strides,
        ratios=ratios,
        activation=activation,
        fatigue=fatigue,
        events=pd.DataFrame(list(events), columns=["t_s", "kind"]),
        findings=pd.DataFrame(list(findings), columns=["t_alarm_s", "t_end_s", "tier", "pattern"]),
    )


def read(found, **options) -> RunnerSession:
    session = runner_session(found, name="run", runner="R1", **options)
    assert isinstance(session, RunnerSession), session
    return session


def test_the_tables_used_are_those_of_the_contract():
    made = analysis()
    for name in ("strides", "ratios", "activation", "fatigue", "events", "findings"):
        assert set(getattr(made, name).columns) <= set(COLUMNS[name])


def test_a_steady_run_accumulates_next_to_nothing():
    session = read(analysis(minutes=60.0))
    assert (session.start_s, session.end_s, session.event_s) == (360.0, 3600.0, None)
    assert session.predictors["overload"][-1] < 10.0
    assert np.abs(session.predictors["ratio"]).max() < 0.12
    assert session.predictors["above_20_pct"].max() == 0.0


def test_a_change_accumulates_its_size_in_smallest_detectable_changes():
    session = read(analysis(change=0.4, rms=0.2))
    at = session.t_s
    excess = session.predictors["excess"]
    per_minute = np.diff(excess[at > 720.0])
    sdc = 0.4 / per_minute.mean()
    inside = 0.15 * np.random.default_rng(9).standard_normal(4000)
    assert sdc == pytest.approx(smallest_detectable_change(inside, per_minute=85.7), rel=0.4)
    assert excess[at <= 600.0].max() < 3.0
    assert session.predictors["overload"] == pytest.approx(overload_index(excess))
    assert session.predictors["ratio"][at > 720.0] == pytest.approx(0.4, abs=0.1)
    assert session.predictors["rms"][at > 720.0] == pytest.approx(0.2, abs=0.06)
    assert session.predictors["above_20_pct"][at > 720.0].all()
    assert session.predictors["chart"][-1] > session.predictors["chart"][at < 600.0].max() + 1.0
    assert session.predictors["jasa"].sum() == 2.0


def test_what_is_over_stays_in_the_index_and_leaves_the_ratio():
    session = read(analysis(change=0.4, until_s=900.0))
    late = session.t_s > 1000.0
    assert np.ptp(session.predictors["excess"][late]) < 2.0
    assert session.predictors["excess"][late].min() > 5.0
    assert np.abs(session.predictors["ratio"][late]).max() < 0.12


def test_nothing_is_known_before_it_happened():
    whole, cut = analysis(change=0.4), analysis(change=0.4)
    for name in ("strides", "ratios", "activation"):
        table = getattr(cut, name)
        time = "t_start_s" if name == "strides" else "t_s"
        setattr(cut, name, table[table[time] < 800.0])
    cut.duration_s = 800.0
    early, later = read(cut), read(whole)
    n = len(early.t_s)
    for name, values in early.predictors.items():
        assert values == pytest.approx(later.predictors[name][:n], nan_ok=True), name


def test_the_first_event_ends_what_is_watched():
    session = read(analysis(events=[(1000.0, "cramp"), (700.0, "fatigue"), (500.0, "lap")]))
    assert (session.event_s, session.end_s) == (700.0, 700.0)
    assert session.t_s.tolist() == [360.0, 420.0, 480.0, 540.0, 600.0, 660.0]
    cramp = read(analysis(events=[(1000.0, "cramp"), (700.0, "fatigue")]), event="cramp")
    assert cramp.event_s == 1000.0


def test_alarms_are_flags_and_notices_are_not():
    rows = [
        (640.0, np.nan, 2, "compensation"),
        (500.0, 560.0, 1, "prime_down"),
        (900.0, 1000.0, 0, "gain_drift"),
    ]
    session = read(analysis(minutes=15.0, findings=rows))
    assert session.flags == ((500.0, 900.0),)  # less than two minutes apart, and on to the end
    assert read(analysis(findings=[(900.0, 1000.0, 0, "gain_drift")])).flags == ()


def test_a_standing_difference_flags_no_minute():
    assert read(analysis(findings=[(500.0, np.nan, 1, "standing")])).flags == ()


def test_what_cannot_be_judged_says_why():
    def why(found, **options):
        reason = runner_session(found, name="run", runner="R1", **options)
        assert isinstance(reason, str)
        return reason

    without = analysis()
    without.baseline = None
    assert "baseline" in why(without)
    assert "before the end of the baseline" in why(analysis(events=[(100.0, "cramp")]))
    assert "less than a minute" in why(analysis(events=[(370.0, "cramp")]))
    none = analysis()
    none.strides["valid"] = False
    assert "strides" in why(none)
    few = analysis()
    few.ratios = few.ratios[few.ratios["t_s"] > 340.0]
    assert "sixty" in why(few)
    nan = analysis()
    nan.ratios["log_ratio"] = np.nan
    nan.ratios["valid"] = False
    assert "sixty" in why(nan)


def test_smallest_detectable_change_of_what_is_no_baseline():
    assert np.isnan(smallest_detectable_change(np.zeros(10), per_minute=86.0))
    assert not smallest_detectable_change(np.zeros(100), per_minute=86.0) > 0
    assert np.isnan(smallest_detectable_change(np.ones(100), per_minute=0.0))
    assert np.isnan(accumulated_excess(np.ones(3), float("nan"))).all()
    assert block_medians(np.arange(25.0)).tolist() == [4.5, 14.5]
    assert block_medians(np.empty(0)).tolist() == []


def test_the_smallest_detectable_change_is_what_chance_exceeds_in_one_of_twenty_minutes():
    """Minutes of nothing: their medians lie beyond it, on either side, in about 5 % (medians: a bit more)."""
    rng = np.random.default_rng(11)
    beyond = []
    for _ in range(300):
        inside = 0.2 * rng.standard_normal(860)
        sdc = smallest_detectable_change(inside, per_minute=86.0)
        minute = np.median(0.2 * rng.standard_normal(86))
        beyond.append(abs(minute - np.median(inside)) > sdc)
    assert np.mean(beyond) < 0.12
