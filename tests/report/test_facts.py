from __future__ import annotations

from types import ModuleType

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.report import facts
from emgsmr.report.facts import Run


@given(st.lists(st.floats(-3, 3), max_size=60))
def test_block_medians_are_medians_of_ten(values: list[float]) -> None:
    t_s = np.arange(len(values), dtype=float)
    got_t, got = facts.block_medians(pd.DataFrame({"t_s": t_s, "log_ratio": values}))
    wanted = [sorted(values[i : i + 10])[4:6] for i in range(0, len(values) - 9, 10)]
    np.testing.assert_allclose(got, [sum(pair) / 2 for pair in wanted])
    np.testing.assert_allclose(got_t, [i + 4.5 for i in range(0, len(values) - 9, 10)])


def test_quality_runs_join_equal_seconds_and_reach_the_end() -> None:
    quality = pd.DataFrame(
        {"t_s": [0.0, 1.0, 2.0, 3.0, 0.0], "site": ["A_L"] * 4 + ["B_L"],
         "state": ["good", "good", "gap", "good", "off"]}
    )  # fmt: skip
    runs = facts.quality_runs(quality, "A_L", 10.0)
    assert runs == [Run(0.0, 2.0, "good"), Run(2.0, 3.0, "gap"), Run(3.0, 10.0, "good")]
    assert facts.good_share(runs) == pytest.approx(90.0)
    assert facts.quality_runs(quality, "C_L", 10.0) == []
    assert facts.good_share([]) is None


def test_muscle_changes_compare_flagged_strides_with_the_baseline(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis()
    changes = facts.muscle_changes(analysis)
    right = analysis.activation[(analysis.activation.site == "GMAX_R") & analysis.activation.valid]
    flagged = right[(right.t_s >= 486.4) & (right.t_s < 900)]
    assert changes["GMAX_R"].change_pct == pytest.approx(100 * (flagged.rel.median() - 1))
    assert changes["GMAX_R"].n == len(flagged)
    assert changes["GMAX_R"].flagged
    left = analysis.activation[(analysis.activation.site == "GMAX_L") & analysis.activation.valid]
    assert changes["GMAX_L"].n == (left.t_s >= 420).sum()
    assert not changes["GMAX_L"].flagged


def test_exclusions_add_up(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis()
    for row in facts.exclusions(analysis.activation, "site"):
        assert row["n"] == row["used"] + sum(count for _, count in row["reasons"])
    assert sum(row["n"] for row in facts.exclusions(analysis.strides, "side")) == len(analysis.strides)


def test_shares_of_a_sling_add_up_and_a_lone_member_has_none(synthetic: ModuleType) -> None:
    rows = {row["id"]: row for row in facts.sling_rows(synthetic.analysis())}
    shares = rows["SBL"]["sides"]["R"]["shares"]
    assert sum(share["then"] for share in shares) == pytest.approx(100, abs=1)
    assert rows["BFL"]["sides"]["R"]["shares"] == [{"site": "GMAX_R", "then": None, "now": None}]
    assert len(rows) + len(facts.unmeasured_slings(synthetic.analysis())) == 15
