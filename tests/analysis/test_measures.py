"""Statistics of periods: against closed forms, slow loops, and the tables of single strides."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from emgsmr.analysis import Analysis, Settings
from emgsmr.analysis.baseline import Members, fit_baseline
from emgsmr.analysis.facts import N_BINS, SiteFacts
from emgsmr.analysis.measures import measures_table
from emgsmr.analysis.reference import Level, Reference
from emgsmr.anatomy import load_catalog
from emgsmr.recording import Event

CATALOG = load_catalog()
BASE, LATE = 100, 200
"""Strides 0 to 99 are the baseline, 100 to 199 the phase "late"; 0.7 s each."""
PHASE = (Event(BASE * 0.7 - 0.1, 200.0, "phase", label="late"),)

Amplitude = Callable[[str, int], float]
GMAX, HAM = Members(("GMAX",), ("BFLH", "ST")), ("GMAX", "BFLH", "ST")


def one_leg(
    make: SimpleNamespace,
    amplitude: Amplitude,
    *,
    side: str = "R",
    codes: tuple[str, ...] = HAM,
    n: int = LATE,
    facts: Callable[[SiteFacts, str, int], SiteFacts] = lambda facts, _site, _k: facts,
    t1_s: float = BASE * 0.7 - 0.1,
    source: str = "events",
    noise_uv: float = 1e-6,
) -> Any:
    strides = [
        make.stride(
            k,
            {f"{code}_{side}": facts(make.facts(amplitude(code, k)), f"{code}_{side}", k) for code in codes},
            side=side,
            t_start_s=0.7 * k + (0.35 if side == "L" else 0.0),
        )
        for k in range(n)
    ]
    silence = {f"{code}_{side}": noise_uv**2 for code in codes}
    baseline = fit_baseline(strides, t0_s=0.0, t1_s=t1_s, source=source, rest=silence)
    members = Members(*(tuple(f"{code}_{side}" for code in part) for part in GMAX))
    monitors = [SimpleNamespace(pair=CATALOG.pairs["P1"], members=members)] if "BFLH" in codes else []
    return SimpleNamespace(side=side, strides=strides, baseline=baseline, monitors=monitors)


def table(
    *legs: Any,
    events: tuple[Event, ...] = PHASE,
    reference: Reference | None = None,
    scale_known: str = "known",
) -> pd.DataFrame:
    info = SimpleNamespace(scale_known=scale_known)
    pipeline: Any = SimpleNamespace(
        legs={leg.side: leg for leg in legs},
        events=events,
        catalog=CATALOG,
        settings=Settings(),
        sites={"GMAX_R": (SimpleNamespace(info=info), 0)},
    )
    return measures_table(pipeline, (), reference or Reference("baseline"))


def row(found: pd.DataFrame, quantity: str, subject: str, period: str = "late", **where: Any) -> Any:
    rows = found[
        (found["quantity"] == quantity) & (found["subject"] == subject) & (found["period"] == period)
    ]
    for column, value in where.items():
        rows = rows[rows[column].isna() if value is None else rows[column] == value]
    assert len(rows) == 1, rows
    return rows.iloc[0]


def steady(factors: Mapping[str, float]) -> Amplitude:
    """Ten µV, from stride 100 on times a factor."""
    return lambda code, k: 10.0 * (factors.get(code, 1.0) if k >= BASE else 1.0)


def flat(facts: SiteFacts, _site: str, _k: int) -> SiteFacts:
    return replace(facts, bins=np.full(N_BINS, facts.power["main"]))


def noisy(seed: int, sd: float = 0.2, shared: float = 0.0) -> Amplitude:
    rng = np.random.default_rng(seed)
    common = shared * np.random.default_rng(99).normal(size=1000).cumsum()
    values: dict[str, np.ndarray] = {}

    def amplitude(code: str, k: int) -> float:
        if code not in values:
            values[code] = 10.0 * np.exp(sd * rng.normal(size=1000) + common)
        return float(values[code][k])

    return amplitude


def test_what_does_not_vary_is_exact(make: SimpleNamespace) -> None:
    found = table(one_leg(make, steady({"GMAX": 0.5, "BFLH": 1.5, "ST": 1.5})))
    for quantity, value in (("log_ratio", np.log(3)), ("share", 0.75), ("change_pct", 200.0)):
        late = row(found, quantity, "P1")
        assert [late["value"], late["ci_low"], late["ci_high"]] == pytest.approx([value] * 3)
        assert (late["n"], late["reference"], late["side"]) == (LATE - BASE, "own baseline", "R")
    assert row(found, "log_ratio", "P1", "baseline")["value"] == pytest.approx(0.0, abs=1e-12)
    assert row(found, "rel", "GMAX_R")["value"] == pytest.approx(0.5)
    assert row(found, "rms_uV", "GMAX_R")["value"] == pytest.approx(5.0)
    assert row(found, "cv_pct", "GMAX_R")["value"] == pytest.approx(0.0, abs=1e-4)
    late = row(found, "share", "P1")
    assert late["t_start_s"] == pytest.approx(BASE * 0.7)
    assert late["t_end_s"] == pytest.approx(LATE * 0.7)


def test_shares_in_a_sling_add_up_and_say_of_how_many(make: SimpleNamespace) -> None:
    codes = (*HAM, "MGAS", "ES")
    found = table(one_leg(make, steady({"BFLH": 2.0, "MGAS": 3.0}), codes=codes))
    shares = found[(found["quantity"] == "sling_share") & (found["period"] == "late")]
    for sling, rows in shares.groupby(shares["subject"].str.split(":").str[0]):
        n_members = len(next(s for s in CATALOG.slings if s.id == sling).members)
        assert rows["value"].sum() == pytest.approx(1.0)
        assert set(rows["note"]) == {f"{len(rows)} of {n_members} members measured; share among those"}
    assert row(found, "sling_share", "SBL:BFLH_R")["value"] == pytest.approx(2 / 7)


def test_left_against_right_in_microvolts_and_against_the_own_baseline(make: SimpleNamespace) -> None:
    left = one_leg(make, steady({}), side="L")
    right = one_leg(make, lambda code, k: 3.0 * steady({"BFLH": 2.0})(code, k))
    found = table(left, right)
    for subject, raw, change in (("GMAX", 3.0, 1.0), ("BFLH", 6.0, 2.0), ("HAM", 3 * 2**0.5, 2**0.5)):
        for reference, ratio in ((None, raw), ("own baseline", change)):
            log = row(found, "log_asymmetry", subject, reference=reference)
            assert log["value"] == pytest.approx(np.log(ratio), abs=1e-12)
            index = row(found, "symmetry_index_pct", subject, reference=reference)["value"]
            assert index == pytest.approx(100 * (ratio - 1) / ((ratio + 1) / 2), abs=1e-9)
            angle = row(found, "symmetry_angle_pct", subject, reference=reference)["value"]
            assert angle == pytest.approx((45 - np.degrees(np.arctan(1 / ratio))) / 0.9, abs=1e-9)
            assert pd.isna(log["side"])
            assert ("skin and fat" in log["note"]) == (reference is None)


def test_what_moves_both_legs_alike_is_no_uncertainty_of_their_difference(make: SimpleNamespace) -> None:
    legs = [one_leg(make, noisy(side, 0.01, shared=0.05), side="LR"[side]) for side in (0, 1)]
    found = table(*legs)
    both = row(found, "log_asymmetry", "GMAX", "all", reference=None)
    one = row(found, "rms_uV", "GMAX_R", "all")
    assert both["ci_high"] - both["ci_low"] < 0.2 * np.log(one["ci_high"] / one["ci_low"])


def test_a_sign_that_is_not_sure_gives_a_symmetry_index_down_to_zero(make: SimpleNamespace) -> None:
    found = table(*(one_leg(make, noisy(side), side="LR"[side]) for side in (0, 1)))
    log = row(found, "log_asymmetry", "GMAX", "all", reference=None)
    assert log["ci_low"] < 0 < log["ci_high"]
    assert row(found, "symmetry_index_pct", "GMAX", "all", reference=None)["ci_low"] == 0.0


def test_the_same_profile_is_full_cocontraction(make: SimpleNamespace) -> None:
    bump = np.square(1 + np.cos(np.linspace(0, 2 * np.pi, N_BINS, endpoint=False)))

    def facts(facts: SiteFacts, site: str, k: int) -> SiteFacts:
        return replace(facts, bins=(2.0 if site.startswith("GMAX") else 1.0) * bump)

    found = table(one_leg(make, steady({}), facts=facts))
    assert row(found, "cocontraction_falconer_winter", "P1")["value"] == pytest.approx(100.0, abs=0.01)
    smooth = np.convolve(np.tile(bump, 3), np.array([1, 2, 3, 2, 1]) / 9, "same")[N_BINS : 2 * N_BINS]
    expected = 2 * np.mean(np.sqrt(smooth / smooth.max()))
    assert row(found, "cocontraction_rudolph", "P1")["value"] == pytest.approx(expected, rel=1e-4)
    assert "peak in the baseline" in row(found, "cocontraction_rudolph", "P1")["note"]


def test_antagonists_are_compared_where_they_are_measured(make: SimpleNamespace) -> None:
    """A shin muscle in the half of the stride in which the calf rests: nothing in common but the edges."""

    def facts(facts: SiteFacts, site: str, k: int) -> SiteFacts:
        first = np.arange(N_BINS) < N_BINS // 2
        return replace(facts, bins=np.where(first == site.startswith("TA"), 100.0, 1e-9))

    found = table(one_leg(make, steady({}), codes=("TA", "MGAS", "SOL"), facts=facts))
    assert set(found[found["quantity"] == "cocontraction_rudolph"]["subject"]) == {"TA:CALF", "TA:SOL"}
    both = row(found, "cocontraction_falconer_winter", "TA:CALF")
    # smoothing lets four bins around each of the two edges overlap: 1, 3, 6 and 8 ninths of the power
    edge = np.sqrt(np.array([1, 3, 6, 8]) / 9)
    expected = 200 * 2 * np.minimum(edge, edge[::-1]).sum() / (2 * (21 + 2 * edge.sum()))
    assert both["value"] == pytest.approx(expected, rel=1e-3)


def test_variability_is_that_of_the_strides(make: SimpleNamespace, rng: np.random.Generator) -> None:
    bins = rng.gamma(3.0, size=(LATE, N_BINS)) * np.linspace(1, 5, N_BINS)
    gains = rng.lognormal(0, 0.2, size=LATE)
    found = table(
        one_leg(
            make,
            lambda code, k: 10.0 * float(gains[k]),
            facts=lambda facts, site, k: replace(facts, bins=bins[k]),
        )
    )
    late = gains[BASE:]
    cv = row(found, "cv_pct", "GMAX_R")
    assert cv["value"] == pytest.approx(100 * late.std(ddof=1) / late.mean())
    assert cv["ci_low"] < 20.0 < cv["ci_high"]
    x = np.zeros((LATE - BASE, N_BINS))
    for j in range(LATE - BASE):
        for i in range(N_BINS):
            around = [bins[BASE + j, (i + step) % N_BINS] for step in (-2, -1, 0, 1, 2)]
            x[j, i] = np.sqrt(np.dot([1, 2, 3, 2, 1], around) / 9)
    n, k = x.shape
    expected = np.sum((x - x.mean(axis=0)) ** 2) / (k * (n - 1)) / (np.sum((x - x.mean()) ** 2) / (k * n - 1))
    ratio = row(found, "variance_ratio", "GMAX_R")
    assert ratio["value"] == pytest.approx(expected)
    assert ratio["ci_low"] < expected < ratio["ci_high"]


def test_centers_around_foot_contact_are_averaged_on_the_circle(
    make: SimpleNamespace, rng: np.random.Generator
) -> None:
    centers = (99.0 + rng.normal(0, 3.0, LATE)) % 100
    leg = one_leg(make, steady({}), facts=lambda f, _site, k: replace(f, center_pct=float(centers[k])))
    rows = table(leg)
    found = row(rows, "burst_center_pct", "GMAX_R")
    expected = stats.circmean(centers[BASE:], high=100, low=0)
    assert found["value"] == pytest.approx(expected)
    assert found["ci_high"] - found["ci_low"] == pytest.approx(2 * 1.96 * 3.0 / 10, rel=0.3)
    assert found["ci_low"] < found["value"] < found["ci_high"]
    spread = row(rows, "burst_center_sd_pct", "GMAX_R")["value"]
    assert spread == pytest.approx(stats.circstd(centers[BASE:], high=100, low=0))


def test_the_interval_has_the_error_of_the_baseline_in_it(make: SimpleNamespace) -> None:
    """The standard error of a median of normal values is 1.25 sd / sqrt(n); a ratio has several of them."""
    sd, widths = 0.2, []
    expected = 1.2533 * sd * np.sqrt(1 + 1 / 2)  # the prime mover, and two hamstrings
    for seed in range(3):
        rows = table(one_leg(make, noisy(10 * seed, sd)))
        widths.append(
            [(r["ci_high"] - r["ci_low"]) / 3.92 for p in ("baseline", "late")
             for r in [row(rows, "log_ratio", "P1", p)]]
        )  # fmt: skip
    own, late = np.median(widths, axis=0)
    # the mean of two medians scatters a little less than the median of the mean
    assert own == pytest.approx(expected / 10, rel=0.25)
    assert late == pytest.approx(expected / 10 * np.sqrt(2), rel=0.25)


def test_long_periods_are_resampled_in_runs_of_strides(make: SimpleNamespace) -> None:
    found = table(one_leg(make, noisy(3), n=900, codes=("GMAX",)), events=())
    everything = row(found, "rms_uV", "GMAX_R", "all")
    assert everything["n"] == 900
    width = np.log(everything["ci_high"] / everything["ci_low"]) / 3.92
    assert width == pytest.approx(1.2533 * 0.2 / 30, rel=0.25)


def test_too_few_strides_are_said_not_guessed(make: SimpleNamespace) -> None:
    leg = one_leg(
        make, steady({}),
        facts=lambda f, site, k: make.BAD if site == "ST_R" and k >= BASE + 9 else f,
    )  # fmt: skip
    found = table(
        leg, events=(*PHASE, Event(20.0, 0.5, "phase", label="hop"), Event(900, 9, "phase", label="x"))
    )
    late = row(found, "log_ratio", "P1")
    assert late[["ci_low", "ci_high"]].isna().all()
    assert np.isfinite(late["value"])
    assert (late["n"], late["note"]) == (9, "too few for an interval: 10 are needed")
    assert row(found, "rel", "GMAX_R")["value"] == pytest.approx(1.0)
    hop = found[found["period"] == "hop"]
    assert hop["value"].isna().all()
    assert set(hop["note"].str[:13]) == {"only 1 stride"}
    assert "x" not in set(found["period"])  # no stride at all: nothing to say


def test_a_baseline_of_a_few_strides_is_no_reference(make: SimpleNamespace) -> None:
    found = table(one_leg(make, noisy(1), t1_s=4.0))
    assert row(found, "rel", "GMAX_R")["note"] == "only 6 strides in the baseline, 10 are needed"
    assert np.isnan(row(found, "log_ratio", "P1")["value"])
    assert np.isfinite(row(found, "rms_uV", "GMAX_R")["value"])


def test_without_a_baseline_the_whole_recording_is_the_reference(make: SimpleNamespace) -> None:
    found = table(one_leg(make, noisy(1), t1_s=1e3, source="whole recording"), events=())
    assert set(found["period"]) == {"all"}
    assert row(found, "log_ratio", "P1", "all")["reference"] == "whole recording"


def test_a_maximal_contraction_stands_beside_the_own_baseline(make: SimpleNamespace) -> None:
    levels = {"GMAX_R": Level(40.0), "BFLH_R": Level(20.0), "ST_R": Level(20.0)}
    mvc = "maximal contraction (MVC)"
    leg = one_leg(make, steady({}), facts=flat)
    found = table(leg, reference=Reference("mvc", levels=levels))
    assert row(found, "log_ratio", "P1", reference=mvc)["value"] == pytest.approx(np.log(2))
    assert row(found, "log_ratio", "P1", reference="own baseline")["value"] == pytest.approx(0, abs=1e-9)
    assert row(found, "rel", "GMAX_R", "baseline")["value"] == pytest.approx(0.25)
    # all profiles are flat: 10 of 40 and 10 of 20 µV
    rudolph = row(found, "cocontraction_rudolph", "P1")
    assert rudolph["value"] == pytest.approx(0.5 * 0.75)
    assert rudolph["reference"] == mvc

    levels["ST_R"] = Level(float("nan"), note="no phase is labeled mvc")
    found = table(leg, reference=Reference("mvc", levels=levels))
    for quantity, subject in (("log_ratio", "P1"), ("rel", "ST_R"), ("cocontraction_rudolph", "P1")):
        unknown = row(found, quantity, subject, reference=mvc)
        assert np.isnan(unknown["value"])
        assert unknown["note"] == "no phase is labeled mvc"
    assert row(found, "rel", "GMAX_R")["value"] == pytest.approx(0.25)


def test_without_a_reference_nothing_is_relative_but_ratios(make: SimpleNamespace) -> None:
    found = table(one_leg(make, steady({"GMAX": 0.5})), reference=Reference("none"))
    assert np.isnan(row(found, "rel", "GMAX_R")["value"])
    assert row(found, "rel", "GMAX_R")["note"] == "no reference: amplitudes stay in µV"
    assert row(found, "log_ratio", "P1")["value"] == pytest.approx(np.log(2))
    assert row(found, "rms_uV", "GMAX_R")["value"] == pytest.approx(5.0)


def test_a_center_needs_bursts_that_stand_out_of_the_noise(make: SimpleNamespace) -> None:
    for noise_uv, below in ((1.7, 0), (1.8, LATE - BASE)):  # 15.3 and 14.8 dB, 15 are needed
        leg = one_leg(make, steady({}), facts=flat, noise_uv=noise_uv)
        center = row(table(leg), "burst_center_pct", "GMAX_R")
        assert center["n"] == LATE - BASE - below
        if below:
            assert np.isnan(center["value"])
            assert center["note"] == "only 0 strides whose burst stands out of the noise, 3 are needed"


def test_a_held_contraction_has_levels_but_no_profile(make: SimpleNamespace) -> None:
    leg = one_leg(make, noisy(1), facts=flat)
    leg.strides = [replace(stride, gait="hold") for stride in leg.strides]
    leg.baseline = replace(leg.baseline, gait="hold")
    found = table(leg)
    assert np.isfinite(row(found, "log_ratio", "P1")["value"])
    assert np.isfinite(row(found, "cv_pct", "GMAX_R")["value"])
    for quantity, subject in (
        ("variance_ratio", "GMAX_R"), ("burst_center_pct", "GMAX_R"), ("cocontraction_rudolph", "P1")
    ):  # fmt: skip
        held = row(found, quantity, subject)
        assert np.isnan(held["value"])
        assert held["note"].startswith("a held contraction has no cycle")


def test_a_gain_that_is_not_known_claims_no_microvolts(make: SimpleNamespace) -> None:
    found = table(one_leg(make, steady({})), scale_known="unknown")
    assert pd.isna(row(found, "rms_uV", "GMAX_R")["unit"])
    assert "gain is not known" in row(found, "rms_uV", "GMAX_R")["note"]
    assert row(found, "rms_uV", "ST_R")["unit"] == "uV"


def test_nothing_measured_is_an_empty_table(make: SimpleNamespace) -> None:
    assert len(table(SimpleNamespace(side="R", strides=[], baseline=None, monitors=[]))) == 0


@pytest.fixture(scope="module")
def run(make: SimpleNamespace) -> Analysis:
    """A minute of both legs through the whole pipeline; a phase in the second half."""
    centers = {f"{m}_{s}": c for s in "LR" for m, c in (("GMAX", 4.0), ("BFLH", 95.0), ("MGAS", 6.0))}
    signals = make.runner(centers, fs=500.0, seconds=65.0, first_s=0.3)
    times = np.arange(0.3, 64.5, 0.7)
    events = [*make.contacts(times), *make.contacts(times, "L"), Event(5.0, 25.0, "phase", label="baseline"),
              Event(40.0, 20.0, "phase", label="late")]  # fmt: skip
    pipeline = make.analyzed(signals, fs=500.0, events=events, lost=[(18_000, 18_400)], settings=Settings())
    return pipeline.analysis()  # type: ignore[no-any-return]


def test_a_level_is_the_median_of_the_strides_in_the_other_tables(run: Analysis) -> None:
    inside = {"late": (40.0, 60.0), "all": (0.0, 1e9), "baseline": (5.0, 30.0)}
    assert set(run.measures["period"]) == set(inside)
    for period, (begin, end) in inside.items():
        ratios = run.ratios[(run.ratios["t_s"] >= begin) & (run.ratios["t_s"] < end) & run.ratios["valid"]]
        for side in "LR":
            values = ratios[(ratios["pair"] == "P1") & (ratios["side"] == side)]["log_ratio"]
            found = row(run.measures, "log_ratio", "P1", period, side=side)
            assert found["value"] == pytest.approx(values.median(), abs=1e-9)
            assert found["n"] == len(values)
        active = run.activation[
            (run.activation["t_s"] >= begin) & (run.activation["t_s"] < end) & run.activation["valid"]
        ]
        rms = active[active["site"] == "MGAS_L"]["rms_uV"]
        assert row(run.measures, "rms_uV", "MGAS_L", period)["value"] == pytest.approx(rms.median(), rel=1e-3)


def test_every_row_is_complete_or_says_why_not(run: Analysis) -> None:
    m = run.measures
    missing = m["value"].isna()
    assert m[missing]["note"].notna().all()
    there = m[~missing]
    assert (there["ci_low"] <= there["ci_high"]).all()
    assert (there["n"] >= 10).all()
    assert not m.duplicated(["period", "quantity", "side", "subject", "reference"]).any()
    near = there["value"].between(there["ci_low"] - 1e-9, there["ci_high"] + 1e-9)
    assert near.mean() > 0.99
