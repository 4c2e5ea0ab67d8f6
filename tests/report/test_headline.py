from __future__ import annotations

from types import ModuleType

import pandas as pd
import pytest

from emgsmr.report.headline import headline, lights, smallest_shift


def test_the_strongest_of_several_findings_leads(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis()
    first = analysis.findings.iloc[[0]]
    weaker = first.assign(finding=3, side="L", tier=1, pattern="prime_down", text="The weaker one.")
    analysis.findings = pd.concat([weaker, analysis.findings], ignore_index=True)
    said = headline(analysis)
    assert said.title == "Right leg: pattern consistent with compensation"
    assert "1 more finding is described below." in said.sentences
    states = {(light.pair, light.side): light.state for light in lights(analysis)}
    assert states == {
        ("P1", "L"): "alarm",
        ("P1", "R"): "alarm",
        ("P2", "L"): "notice",
        ("P2", "R"): "steady",
    }


@pytest.mark.parametrize(("by", "state"), [(-0.3, "notice"), (0.1, "steady")])
def test_a_ratio_that_another_finding_explains_is_not_called_unchanged(
    synthetic: ModuleType, by: float, state: str
) -> None:
    analysis = synthetic.analysis()
    alarm_s = analysis.findings["t_alarm_s"].iloc[0]
    moved = (analysis.ratios["pair"] == "P2") & (analysis.ratios["side"] == "R")
    moved &= analysis.ratios["t_s"] >= alarm_s
    analysis.ratios.loc[moved, "log_ratio"] += by
    (light,) = (light for light in lights(analysis) if (light.pair, light.side) == ("P2", "R"))
    assert light.state == state
    assert ("shares with P1" in light.detail) == (state == "notice")


def test_a_notice_alone_is_no_shift(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis()
    analysis.findings = analysis.findings[analysis.findings.tier == 0]
    said = headline(analysis)
    assert said.tone == "quiet"
    assert said.title == "No lasting shift was detected"
    assert any("1 notice says" in sentence for sentence in said.sentences)


def test_a_pair_that_was_not_tested_says_why(synthetic: ModuleType) -> None:
    analysis = synthetic.analysis(minutes=9, flagged=False)
    charts = [
        {**chart, "reason": "only 30 valid strides in the baseline"} for chart in analysis.session["charts"]
    ]
    analysis.session = {**analysis.session, "charts": charts}
    assert headline(analysis).title == "Nothing could be tested"
    assert {light.detail for light in lights(analysis)} == {"only 30 valid strides in the baseline"}
    assert smallest_shift(analysis) is None


@pytest.mark.parametrize(("sizes", "wanted"), [((5.0, 12.0), 20.0), ((5.0, 31.0), 31.0)])
def test_the_smallest_shift_is_never_below_the_floor(
    synthetic: ModuleType, sizes: tuple[float, float], wanted: float
) -> None:
    analysis = synthetic.analysis(minutes=9, flagged=False)
    charts = [
        {"pair": "P1", "side": side, "reason": "", "sdc_pct": size}
        for side, size in zip("LR", sizes, strict=True)
    ]
    analysis.session = {**analysis.session, "charts": charts}
    assert smallest_shift(analysis) == wanted


def test_each_lack_has_its_own_headline(synthetic: ModuleType) -> None:
    assert headline(synthetic.without_rows()).title == "No strides were found"
    assert headline(synthetic.one_channel()).title == "No pair of muscles was measured"
    analysis = synthetic.analysis(minutes=9, flagged=False)
    analysis.baseline = None
    assert headline(analysis).title == "No baseline, so nothing was compared"
    analysis.strides = analysis.strides.assign(valid=False)
    assert headline(analysis).title == "No stride could be used"
