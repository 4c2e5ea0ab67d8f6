"""The tables: exactly the columns that are promised, and missing where nothing is known."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from emgsmr.analysis import COLUMNS, TABLES, Analysis, Pipeline, Settings
from emgsmr.recording import Event

CONTRACT = {
    "strides": "stride, side, t_start_s, t_end_s, cadence_spm, source, valid, reject_reason",
    "activation": "stride, site, t_s, rms_uV, rel, mnf_hz, mdf_hz, ln_fi, burst_center_pct, valid, "
    "reject_reason",
    "ratios": "stride, side, pair, prime, compensator, t_s, log_ratio, ratio, share, z, valid",
    "slings": "block, t_s, side, sling, site, share, n_measured, n_members",
    "fatigue": "t_s, site, d_ln_rms_per_min, d_ln_mnf_per_min, d_ln_rms_ci_low, d_ln_rms_ci_high, "
    "d_ln_mnf_ci_low, d_ln_mnf_ci_high, jasa, reason",
    "findings": "finding, pair, side, prime, compensator, t_onset_s, t_alarm_s, t_tier2_s, t_tier3_s, "
    "t_end_s, tier, change_pct, ci_low_pct, ci_high_pct, d_prime_pct, d_compensator_pct, z, pattern, "
    "overload_index, n_strides, text",
    "quality": "t_s, site, state, reason, mains_db, clipped_pct, motion_ratio",
    "gaps": "sensor, t_start_s, t_end_s, n_missing, cause",
    "events": "t_s, duration_s, kind, side, site, label, note",
    "readings": "t_s, source, quantity, value",
    "covariates": "stride, side, t_s, heart_rate_bpm, speed_mps, pod_cadence_spm",
    "bursts": "stride, site, t_on_s, t_off_s, on_pct, off_pct, duration_s, snr_db, valid, reject_reason",
    "spectra": "t_s, t_end_s, site, n_bursts, rms_uV, snr_db, mnf_hz, mnf_ci_low_hz, mnf_ci_high_hz, mdf_hz, "
    "mdf_ci_low_hz, mdf_ci_high_hz, ln_fi, ln_fi_ci_low, ln_fi_ci_high, cadence_spm, state, reason",
    "measures": "period, t_start_s, t_end_s, quantity, side, subject, value, ci_low, ci_high, unit, n, "
    "reference, note",
    "profiles": "site, period, pct, mean_uV, sd_uV, n",
    "references": "site, normalization, reference_uV, noise_uV, noise_source, t_start_s, t_end_s, n, source, "
    "note",
    "excess": "stride, side, pair, t_s, excess",
    "hints": "t_s, t_end_s, site, other_site, kind, text",
    "watch": "t_start_s, t_end_s, t_said_s, site, level_uV, level_pct, rest_uV, n_strides, kind, reason, "
    "text",
    "rest": "t_start_s, t_end_s, site, source, n_seconds, rms_uV, n_spikes, spikes_per_min, state, reason",
}
FS = 500.0
TIMES = np.arange(1.0, 300.0, 0.7)
CENTERS = {"GMAX_R": 4.0, "BFLH_R": 95.0, "ST_R": 94.0, "MGAS_R": 6.0}


@pytest.fixture(scope="module")
def pipeline(make: SimpleNamespace) -> Pipeline:
    """Five minutes; the glute falls to a half and the hamstrings double after three."""

    def gain(site: str, t: np.ndarray) -> np.ndarray:
        late = t > 180
        return np.where(late, {"GMAX_R": 0.5, "BFLH_R": 2.0, "ST_R": 2.0}.get(site, 1.0), 1.0)

    signals = make.runner(CENTERS, fs=FS, seconds=300.0, first_s=1.0, gain=gain)
    events = [*make.contacts(TIMES, stance=0.35), Event(30.0, 100.0, "phase", label="baseline"), Event(99.5)]
    return make.analyzed(signals, fs=FS, events=events, lost=[(75_000, 75_400)])  # type: ignore[no-any-return]


@pytest.fixture(scope="module")
def result(pipeline: Pipeline) -> Analysis:
    return pipeline.analysis()


def test_every_table_has_exactly_the_promised_columns(result: Analysis) -> None:
    assert set(TABLES) == set(CONTRACT) == set(COLUMNS)
    for name, columns in CONTRACT.items():
        assert list(getattr(result, name).columns) == columns.split(", ")


def test_tables_without_anything_have_their_columns_too(make: SimpleNamespace) -> None:
    empty = make.analyzed({"GMAX_R": np.zeros(10)}, fs=FS).analysis()
    for name, columns in CONTRACT.items():
        assert list(getattr(empty, name).columns) == columns.split(", ")
        assert len(getattr(empty, name)) == (1 if name in ("references", "hints") else 0)  # they say why
    assert empty.summary()[0].startswith("No strides were found")


def test_strides(result: Analysis) -> None:
    assert len(result.strides) == len(TIMES) - 1
    np.testing.assert_allclose(result.strides["t_start_s"], TIMES[:-1])
    np.testing.assert_allclose(result.strides["cadence_spm"], 120 / 0.7)
    assert set(result.strides["source"]) == {"events"}
    assert result.strides["reject_reason"].isna().all()
    assert result.strides["stride"].is_unique


def test_activation_is_relative_to_the_baseline_and_missing_in_the_gap(result: Analysis) -> None:
    a = result.activation
    assert len(a) == 4 * len(result.strides)
    bad = a[~a["valid"]]
    assert len(bad)
    assert bad["reject_reason"].str.startswith("gap").all()
    assert bad[["rms_uV", "rel", "mnf_hz", "mdf_hz", "ln_fi", "burst_center_pct"]].isna().all(axis=None)
    assert bad["t_s"].between(149, 152).all()
    good = a[a["valid"]]
    assert good["reject_reason"].isna().all()
    early = good[good["t_s"].between(30, 130)].groupby("site")["rel"].median()
    np.testing.assert_allclose(early, 1.0, rtol=0.02)
    late = good[good["t_s"] > 185].groupby("site")["rel"].median()
    assert late["GMAX_R"] == pytest.approx(0.5, rel=0.08)
    assert late["ST_R"] == pytest.approx(2.0, rel=0.08)
    assert late["MGAS_R"] == pytest.approx(1.0, rel=0.08)
    center = good.groupby("site")["burst_center_pct"].apply(
        lambda c: np.angle(np.mean(np.exp(2j * np.pi * c / 100))) / (2 * np.pi) * 100 % 100
    )
    for site, expected in CENTERS.items():
        assert abs((center[site] - expected + 50) % 100 - 50) < 1.5


def test_the_columns_of_a_ratio_agree_with_each_other(result: Analysis) -> None:
    r = result.ratios
    assert set(r["pair"]) == {"P1", "P2"}
    good = r[r["valid"]]
    np.testing.assert_allclose(np.log(good["ratio"]), good["log_ratio"], atol=1e-12)
    np.testing.assert_allclose(good["ratio"] / (1 + good["ratio"]), good["share"], atol=1e-12)
    bad = r[~r["valid"]]
    assert len(bad)
    assert bad[["log_ratio", "ratio", "share", "z"]].isna().all(axis=None)
    inside = good[good["t_s"].between(30, 130) & (good["pair"] == "P1")]
    assert inside["z"].median() == pytest.approx(0, abs=1e-9)
    assert inside["z"].std() == pytest.approx(1, abs=0.25)
    late = good[(good["t_s"] > 185) & (good["pair"] == "P1")]
    assert late["ratio"].median() == pytest.approx(4.0, rel=0.1)


def test_ratios_follow_from_the_activation_of_the_same_stride(result: Analysis, pipeline: Pipeline) -> None:
    """P1 and "main" have the same window for the glute and the hamstrings."""
    rel = result.activation.pivot_table(index="t_s", columns="site", values="rel")
    p1 = result.ratios[(result.ratios["pair"] == "P1") & result.ratios["valid"]].set_index("t_s")["ratio"]
    expected = np.sqrt(rel["BFLH_R"] * rel["ST_R"]) / rel["GMAX_R"]
    np.testing.assert_allclose(p1, expected[p1.index], rtol=1e-9)


def test_shares_of_a_sling_add_up(result: Analysis) -> None:
    s = result.slings
    total = s[s["n_measured"] > 1].groupby(["block", "sling", "side"])["share"].sum(min_count=1).dropna()
    assert len(total)
    np.testing.assert_allclose(total, 1.0, atol=1e-12)
    assert s.loc[s["n_measured"] == 1, "share"].isna().all()
    assert (s["n_measured"] <= s["n_members"]).all()
    # the Superficial Back Line holds the hamstrings and the calf, not the glute
    assert set(s.loc[s["sling"] == "SBL", "site"]) == {"BFLH_R", "ST_R", "MGAS_R"}
    assert set(s.loc[s["sling"] == "POS", "site"]) == {"GMAX_R"}


def test_findings_are_numbered(result: Analysis) -> None:
    assert result.findings["finding"].tolist() == list(range(1, len(result.findings) + 1))
    first = result.findings.iloc[0]
    assert (first["pair"], first["side"], first["pattern"], first["tier"]) == ("P1", "R", "compensation", 2)
    assert first["t_onset_s"] == pytest.approx(180, abs=15)
    assert result.findings["t_alarm_s"].is_monotonic_increasing


def test_quality_and_gaps(result: Analysis) -> None:
    q = result.quality
    gap = q[q["state"] == "gap"]
    assert gap["site"].tolist() == sorted(CENTERS)
    np.testing.assert_allclose(gap["t_s"], 150.0)
    assert gap["mains_db"].isna().all()
    assert (q["state"] == "good").mean() > 0.98
    assert q[q["state"] == "good"]["reason"].isna().all()
    assert result.gaps.to_dict("records") == [
        {
            "sensor": "sensor 1",
            "t_start_s": 150.0,
            "t_end_s": 150.8,
            "n_missing": 400,
            "cause": "missing in the file",
        }
    ]


def test_events_come_back_in_order(result: Analysis) -> None:
    assert result.events["t_s"].is_monotonic_increasing
    assert (result.events["kind"] == "phase").sum() == 1
    note = result.events[result.events["kind"] == "note"].iloc[0]
    assert note["t_s"] == 99.5
    assert pd.isna(note["label"])


def test_profiles_have_their_periods(result: Analysis) -> None:
    p = result.profiles
    assert set(p["period"]) == {"baseline", "flagged", "all"}
    assert p.groupby(["site", "period"]).size().eq(50).all()
    flagged = p[(p["site"] == "ST_R") & (p["period"] == "flagged")]["mean_uV"].max()
    before = p[(p["site"] == "ST_R") & (p["period"] == "baseline")]["mean_uV"].max()
    assert flagged / before == pytest.approx(2.0, rel=0.1)
    peak = p[(p["site"] == "MGAS_R") & (p["period"] == "all")].set_index("pct")["mean_uV"].idxmax()
    assert 0 <= peak <= 14


def test_the_session_says_what_was_done(result: Analysis) -> None:
    session = result.session
    assert session["settings_sha256"] == Settings().fingerprint()
    assert session["sensors"][0]["n_missing"] == 400
    assert session["sensors"][0]["band_hz"] == [30.0, 225.0]
    assert session["normalization"]["R"]["source"] == "events"
    assert session["normalization"]["R"]["n_strides"] == pytest.approx(100 / 0.7, abs=1)
    assert session["exclusions"]["n_valid"] == len(result.strides)
    assert session["exclusions"]["sites"]["GMAX_R"]["gap"] >= 1
    assert {(c["pair"], c["side"], c["reason"]) for c in session["charts"]} == {
        ("P1", "R", ""),
        ("P2", "R", ""),
    }
    assert result.baseline == (30.0, 130.0)
    assert result.duration_s == pytest.approx(300.0, abs=0.01)
    assert result.summary()[1] == "Baseline: 0:30 to 2:10."
    assert result.summary()[2].startswith("Tier 2: Right hamstrings")
