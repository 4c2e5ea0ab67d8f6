"""One session, whose right P1 changed by 40 %, compared in many ways."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from emgsmr.analysis import Pipeline
from emgsmr.analysis.comparison import COMPARISON_COLUMNS, Comparison, ComparisonPlan, compare
from emgsmr.errors import ArgumentError, NotEnoughDataError, SettingsError
from emgsmr.export import load_dictionary
from emgsmr.recording import Event, Recording

Judged = Callable[..., Comparison]


def row(comparison: Comparison, pair: str = "P1", side: str = "R") -> pd.Series:
    table = comparison.table
    return table[(table["pair"] == pair) & (table["side"] == side)].iloc[0]


def bout_values(comparison: Comparison, condition: str, side: str = "R") -> np.ndarray:
    bouts = comparison.bouts
    chosen = (bouts["pair"] == "P1") & (bouts["side"] == side) & (bouts["condition"] == condition)
    return bouts[chosen]["log_ratio"].to_numpy()


def test_a_recording_with_sets_is_compared_as_the_plan_says(changed_session: Recording) -> None:
    comparison = compare(changed_session)
    found = row(comparison)
    assert found["verdict"] == "changed"
    assert found["ci_low_pct"] < 40 < found["ci_high_pct"]
    assert (found["n_before"], found["n_after"]) == (6, 3)
    assert abs(found["before"]) < 0.1
    assert row(comparison, side="L")["verdict"] == "no_detectable_change"
    assert comparison.session["electrodes"] == {"state": "kept", "why": "one recording"}
    assert comparison.session["family"] == ["P1 L", "P1 R", "P2 L", "P2 R"]
    assert "the own bouts A1 and A2" in found["text"]
    assert "changed beyond measurement error" in found["text"]


def test_the_numbers_are_those_of_the_bouts_by_scipy(changed_pipeline: Pipeline, judged: Judged) -> None:
    comparison = judged(changed_pipeline)
    before, after = bout_values(comparison, "before"), bout_values(comparison, "after")
    scipys = stats.ttest_ind(after, before, equal_var=False)
    found = row(comparison)
    assert found["p"] == pytest.approx(scipys.pvalue)
    interval = scipys.confidence_interval(0.95)
    ends = 100 * np.expm1([after.mean() - before.mean(), interval.low, interval.high])
    assert found[["change_pct", "ci_low_pct", "ci_high_pct"]].tolist() == pytest.approx(ends.tolist())
    sdc = stats.t.ppf(0.975, 5) * np.std(before, ddof=1) * np.sqrt(1 / 6 + 1 / 3)
    assert found["sdc_pct"] == pytest.approx(100 * np.expm1(sdc), rel=1e-6)
    p = comparison.table["p"].to_numpy()
    assert found["p_holm"] >= max(found["p"], 4 * p.min())


def test_a_bout_is_the_median_of_its_strides(changed_pipeline: Pipeline, judged: Judged) -> None:
    found = judged(changed_pipeline).bouts
    bouts = found[(found["pair"] == "P1") & (found["side"] == "R")]
    leg = changed_pipeline.legs["R"]
    assert leg.baseline is not None
    (monitor,) = (m for m in leg.monitors if m.pair.id == "P1")
    medians = []
    for _, bout in bouts.iterrows():
        inside = [s for s in leg.strides if bout["t_start_s"] <= s.t_start_s and s.t_end_s <= bout["t_end_s"]]
        ratios = [leg.baseline.log_ratio(s, monitor.pair, monitor.members) for s in inside if s.valid]
        known = [ratio.y for ratio in ratios if ratio is not None]
        assert len(known) == bout["n"]
        medians.append(np.median(known))
    # the analysis' own baseline is another one: levels and noise floors differ a little
    apart = bouts["log_ratio"].to_numpy() - np.array(medians)
    np.testing.assert_allclose(apart, apart.mean(), atol=0.02)


def test_exchanging_before_and_after_changes_the_sign(changed_pipeline: Pipeline, judged: Judged) -> None:
    one = row(judged(changed_pipeline, ComparisonPlan(before=("A1",), after=("B",))))
    other = row(judged(changed_pipeline, ComparisonPlan(before=("B",), after=("A1",))))
    assert np.log1p(one["change_pct"] / 100) == pytest.approx(-np.log1p(other["change_pct"] / 100), abs=0.02)
    assert one["p"] == pytest.approx(other["p"], rel=0.2)
    assert one["sdc_pct"] == other["sdc_pct"]


def test_one_set_before_has_the_published_error(changed_pipeline: Pipeline, judged: Judged) -> None:
    found = row(judged(changed_pipeline, ComparisonPlan(before=("A2",))))
    assert found["sdc_pct"] == pytest.approx(37.0, abs=0.1)
    assert "Colyer and McGuigan 2018" in found["text"]
    assert (found["n_before"], found["n_after"]) == (3, 3)


def test_the_other_leg_is_the_control(changed_pipeline: Pipeline, judged: Judged) -> None:
    comparison = judged(changed_pipeline, ComparisonPlan(treated="R"))
    tests = comparison.tests
    rows = tests[(tests["pair"] == "P1") & (tests["test"] == "other_leg")].set_index("side")
    difference = np.log1p(rows["value"] / 100)
    assert difference["R"] == pytest.approx(-difference["L"])
    own = {side: np.log1p(row(comparison, side=side)["change_pct"] / 100) for side in "LR"}
    assert difference["R"] == pytest.approx(own["R"] - own["L"])
    assert "Beyond the change of the other leg" in row(comparison)["text"]
    assert "Beyond" not in row(comparison, side="L")["text"]
    within = [bout_values(comparison, c, "R") - bout_values(comparison, c, "L") for c in ("before", "after")]
    assert rows["p"]["R"] == pytest.approx(stats.ttest_ind(*within, equal_var=False).pvalue)


def test_permutation_says_how_small_it_can_be(changed_pipeline: Pipeline, judged: Judged) -> None:
    comparison = judged(changed_pipeline)
    tests = comparison.tests[comparison.tests["test"] == "permutation"].set_index(["pair", "side"])
    assert tests.loc[("P1", "R"), "p"] == pytest.approx(1 / 84)
    assert "cannot be below 0.0119" in tests.loc[("P1", "R"), "note"]
    assert any("cannot be below 0.0119" in line for line in comparison.summary())


def test_equivalence_is_claimed_only_where_it_was_asked_for(
    changed_pipeline: Pipeline, judged: Judged
) -> None:
    wide = judged(changed_pipeline, ComparisonPlan(margin_pct=90.0))
    assert row(wide)["verdict"] == "changed"
    assert row(wide, side="L")["verdict"] == "equivalent"
    assert "margin of 90 % that was stated before" in row(wide, side="L")["text"]
    narrow = judged(changed_pipeline, ComparisonPlan(margin_pct=1.0))
    assert row(narrow, side="L")["verdict"] == "no_detectable_change"
    assert row(judged(changed_pipeline), side="L")["verdict"] == "no_detectable_change"


def test_pairs_that_were_not_declared_are_exploratory(changed_pipeline: Pipeline, judged: Judged) -> None:
    comparison = judged(changed_pipeline, ComparisonPlan(primary=("P1",)))
    assert comparison.session["family"] == ["P1 L", "P1 R"]
    assert np.isnan(row(comparison, "P2")["p_holm"])
    assert "(exploratory)" in row(comparison, "P2")["text"]
    assert row(comparison)["p_holm"] <= row(judged(changed_pipeline))["p_holm"]


def test_bouts_can_be_paired(changed_pipeline: Pipeline, judged: Judged) -> None:
    plan = ComparisonPlan(before=("A2",), paired=True)
    comparison = judged(changed_pipeline, plan)
    scipys = stats.ttest_rel(bout_values(comparison, "after"), bout_values(comparison, "before"))
    assert row(comparison)["p"] == pytest.approx(scipys.pvalue)
    uneven = judged(changed_pipeline, ComparisonPlan(paired=True))
    assert "could not be paired" in row(uneven)["text"]


def test_tables_have_the_columns_of_the_data_dictionary(changed_pipeline: Pipeline, judged: Judged) -> None:
    comparison = judged(changed_pipeline)
    frames = {"comparison": comparison.table, "comparison_bouts": comparison.bouts}
    frames["comparison_tests"] = comparison.tests
    for name, columns in COMPARISON_COLUMNS.items():
        assert tuple(frames[name].columns) == columns == load_dictionary()[name].column_names


def test_two_of_one_kind_cannot_be_compared(changed_session: Recording) -> None:
    with pytest.raises(ArgumentError, match="different labels"):
        compare(changed_session, plan=ComparisonPlan(before=("A1",), after=("a1",)))
    with pytest.raises(NotEnoughDataError, match=r"no bout labeled C .*A1, A2, B"):
        compare(changed_session, plan=ComparisonPlan(after=("C",)))
    with pytest.raises(ArgumentError, match="placed anew within one recording"):
        compare(changed_session, plan=ComparisonPlan(electrodes="replaced"))


def test_a_plan_must_make_sense(changed_pipeline: Pipeline, judged: Judged) -> None:
    with pytest.raises(SettingsError, match="no pair 'P77'"):
        judged(changed_pipeline, ComparisonPlan(primary=("P77",)))
    with pytest.raises(SettingsError, match="is watched"):
        judged(changed_pipeline, ComparisonPlan(primary=("P5",)))
    for wrong in ({"margin_pct": 0.0}, {"margin_pct": float("nan")}, {"treated": "both"}, {"primary": ()}):
        with pytest.raises(SettingsError):
            ComparisonPlan(**wrong)  # type: ignore[arg-type]


def test_too_few_bouts_are_refused_with_how_many_there_are(
    changed_pipeline: Pipeline, judged: Judged
) -> None:
    events = list(changed_pipeline.events)
    try:
        changed_pipeline.events = [e for e in events if not (e.label == "B" and e.t_s > 130.0)]
        comparison = judged(changed_pipeline)
    finally:
        changed_pipeline.events = events
    for _, found in comparison.table.iterrows():
        assert found["verdict"] == "not_comparable"
        assert "not comparable because only" in found["text"]
        assert "3 are needed" in found["text"]
        assert pd.isna(found["change_pct"])
        assert pd.isna(found["p"])
    assert len(comparison.tests) == 0


def test_events_without_bouts_say_how_to_make_them(changed_session: Recording) -> None:
    from emgsmr.analysis.comparison.bouts import DEFAULT_BEFORE, find_bouts

    with pytest.raises(NotEnoughDataError, match="emgsmr mark"):
        find_bouts([], (), default=DEFAULT_BEFORE, exercise=None)
    mixed = [
        Event(60.0 * k, 30.0, "phase", label="before", note=note)
        for k, note in enumerate(["bridge", "squat"])
    ]
    with pytest.raises(ArgumentError, match=r"several tasks \(bridge, squat\)"):
        find_bouts(mixed, (), default=DEFAULT_BEFORE, exercise=None)
    assert len(find_bouts(mixed, (), default=DEFAULT_BEFORE, exercise="Bridge").bouts) == 1
    with pytest.raises(NotEnoughDataError, match="names the exercise curl"):
        find_bouts(mixed, (), default=DEFAULT_BEFORE, exercise="curl")
    twice = [Event(60.0 * k, 90.0, "phase", label="before") for k in range(3)]
    with pytest.raises(ArgumentError, match="overlap at 1:00"):
        find_bouts(twice, (), default=DEFAULT_BEFORE, exercise=None)
    legs = [Event(60.0, 90.0, "phase", side=side, label="before") for side in "LR"]
    assert len(find_bouts(legs, (), default=DEFAULT_BEFORE, exercise=None).bouts) == 2
