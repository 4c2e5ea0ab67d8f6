"""What the detector is judged with: long walks of real strides, copies of a pipeline, exact intervals."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from emgsmr.analysis.facts import SiteFacts
from emgsmr.analysis.strides import Stride
from emgsmr.simulate import Scenario
from emgsmr.simulate.scenario import MuscleChange

sys.path.insert(0, str(Path(__file__).parents[1] / "benchmarks"))

real_strides = importlib.import_module("real_strides")
changes = importlib.import_module("validation.detector_changes")
engines = importlib.import_module("validation.detector_engines")
direct = importlib.import_module("validation.detector_direct")
naive = importlib.import_module("validation.detector_naive")
strides = importlib.import_module("validation.detector_strides")
statistics = importlib.import_module("validation.detector_statistics")

FS = 1000.0
STRIDES_S = (1.00, 1.03, 0.98, 1.02, 1.01)


def made_up_walk():
    """A burst of 300 ms around each contact on noise of 3 µV, in all muscles alike."""
    rng = np.random.default_rng(1)
    contacts = 1.4 + np.concatenate([[0.0], np.cumsum(STRIDES_S)])
    t = np.arange(0.0, contacts[-1] + 1.2, 1.0 / FS)
    near = np.abs(t[:, None] - contacts).min(axis=1) < 0.15
    emg = {
        muscle: 3.0 * rng.standard_normal(len(t)) + 100.0 * near * rng.standard_normal(len(t))
        for muscle in real_strides.COLUMNS
    }
    return real_strides.as_walk(emg, contacts, fs=FS)


def drawn(walk, *changed, seed=1):
    return real_strides.draw_walk(walk, Scenario("", "", minutes=2.0, changes=changed), seed=seed)


def powers(run, site):
    """Power of each stride's burst and of its quiet part, µV²."""
    x = run.emg(site, fs=FS)
    contacts = run.contacts[site[-1]][3:-3]
    burst = [np.mean(x[int((t - 0.1) * FS) : int((t + 0.1) * FS)] ** 2) for t in contacts]
    quiet = [np.mean(x[int((t + 0.3) * FS) : int((t + 0.6) * FS)] ** 2) for t in contacts]
    return contacts, np.array(burst), np.array(quiet)


def test_a_scripted_gain_acts_on_the_bursts_and_leaves_the_noise():
    walk = made_up_walk()
    half = MuscleChange("GMAX_R", ((60.0, 1.0), (60.1, 0.5)))
    t, burst, quiet = powers(drawn(walk, half), "GMAX_R")
    _, usual, _ = powers(drawn(walk), "GMAX_R")
    ratio = burst / usual
    assert ratio[t < 59.5] == pytest.approx(1.0, abs=1e-12)
    assert ratio[t > 61.0] == pytest.approx(0.25, abs=0.01)
    # its floor is estimated from few samples, a little low: a tenth of it counts as muscle
    assert quiet[t > 61.0].mean() == pytest.approx(quiet[t < 59.0].mean(), rel=0.15)
    assert quiet.mean() == pytest.approx(9.0, rel=0.15)


def test_legs_are_half_a_stride_apart_and_strides_as_long_as_recorded():
    run = drawn(made_up_walk())
    right, left = run.contacts["R"], run.contacts["L"]
    assert len(right) == pytest.approx(120 / 1.008, abs=2)
    lengths = np.diff(run.starts["R"])
    assert set(lengths) <= set(np.diff(run.walk.cuts))
    assert len(set(lengths)) > 3
    after = left[np.searchsorted(left, right[1:-1])] - right[1:-1]
    assert after == pytest.approx(0.5, abs=0.06)


def test_the_bursts_are_where_the_contacts_are():
    run = drawn(made_up_walk())
    for side in "LR":
        _, burst, quiet = powers(run, f"MGAS_{side}")
        assert (burst > 100.0 * quiet).all()


def test_strides_vary_by_what_is_added():
    walk = made_up_walk()
    ln = [0.5 * np.log(powers(drawn(walk, seed=seed), "ST_R")[1]) for seed in range(5)]
    added = np.hypot(real_strides.OWN_SD, real_strides.COMMON_SD)
    own = 1.0 / np.sqrt(2 * 200)  # of the power of 200 samples of noise
    assert np.std(np.concatenate(ln)) == pytest.approx(np.hypot(added, own), rel=0.15)


def test_a_walk_is_a_function_of_its_seed():
    walk = made_up_walk()
    first = drawn(walk).emg("BFLH_L", fs=FS)
    assert np.array_equal(first, drawn(walk).emg("BFLH_L", fs=FS))
    assert not np.array_equal(first, drawn(walk, seed=2).emg("BFLH_L", fs=FS))


def test_only_the_recorded_rate():
    with pytest.raises(ValueError, match="1000 Hz"):
        drawn(made_up_walk()).emg("BFLH_L", fs=500.0)


def test_no_folder_no_walk(tmp_path):
    assert real_strides.load_walk(None) is None
    assert real_strides.load_walk(tmp_path) is None


def test_the_real_walk_has_six_strides_with_its_muscles_quiet_at_the_joints(real_data):
    walk = real_strides.load_walk(real_data)
    if walk is None:
        pytest.skip("no walk among the real recordings")
    assert len(walk.contacts) == 6
    assert np.diff(walk.cuts) / walk.fs == pytest.approx(1.036, abs=0.01)
    for muscle, part in walk.muscle_part.items():
        assert part.max() > 0.95, muscle
        joint = int(real_strides.CUT * real_strides.N_PHASES)
        assert part[joint - 2 : joint + 3].min() < 0.35, muscle


# --- the pipeline's copy -------------------------------------------------------------------------------


@pytest.mark.timeout(300)
def test_copies_and_strides_say_what_the_whole_signals_say():
    plan, engine = engines.QUICK, engines.engines(None)[0]
    (both,) = changes.changes_of(1, sizes=(30.0,), one_sided=())
    run = engine.runner(changes.scripted(both, plan), 1)
    x = engines.counts(engines.volts(run, fs=engine.fs))
    whole = engines.pipeline_for(run, fs=engine.fs, contacts=True)
    engines.feed(whole, x, 0, len(x), fs=engine.fs)
    said = engines.said_by(whole, after_s=plan.learned_s)
    assert said.alarms, "nothing to compare"

    how = {"contacts": True, "plan": plan}
    begun, usual = changes.begun_with(engine, 1, **how)
    found = changes.outcomes(engine, 1, begun, usual, sizes=(30.0,), one_sided=(), **how)
    assert {o.finding for o in found if o.found} == set(said.alarms)

    over = strides.walked(whole, fs=engine.fs, learned_s=plan.learned_s)
    assert strides.replayed(over, after_s=plan.learned_s) == said


@pytest.mark.timeout(300)
def test_strides_measured_directly_have_the_power_that_the_pipeline_measures():
    plan, engine = engines.QUICK, engines.engines(None)[0]
    run = engine.runner(engines.script(plan, until_s=40.0), 1)
    pipeline = engines.pipeline_for(run, fs=engine.fs, contacts=True)
    x = engines.counts(engines.volts(run, fs=engine.fs))
    engines.feed(pipeline, x, 0, len(x), fs=engine.fs)
    pipeline.finish()
    ours = {s.t_start_s: s for s in direct.measured(run, fs=engine.fs, gait="run", plan=plan).strides["R"]}
    theirs = pipeline.legs["R"].strides[1:]  # the first has no stride before it
    assert len(theirs) > 40
    assert set(ours) <= {s.t_start_s for s in theirs}
    assert len(ours) >= len(theirs) - 1
    for stride in theirs:
        for site, facts in stride.sites.items():
            if stride.t_start_s in ours and facts.valid:
                own = ours[stride.t_start_s].sites[site]
                assert own.power == pytest.approx(facts.power, rel=1e-9)
                assert own.quiet == pytest.approx(facts.quiet, rel=1e-6)
                assert own.bins == pytest.approx(facts.bins, rel=1e-6)
    with_rest = pipeline.rest_power("GMAX_R", plan.learned_s)
    assert direct.measured(run, fs=engine.fs, gait="run", plan=plan).rest["GMAX_R"] == pytest.approx(
        with_rest, rel=0.1
    )


def test_a_gain_in_a_stride_leaves_its_noise_and_its_neighbors():
    facts = SiteFacts(True, "", power={"main": 104.0, "P1": 3.0}, bins=np.array([2.0, 4.0, 104.0]), quiet=2.0)
    sites = {"GMAX_R": facts, "ST_R": facts}
    stride = Stride("R", 1, 10.0, 11.0, 1.0, "run", "emg", valid=True, reason="", sites=sites)
    changed = strides.with_gains(stride, {"GMAX_R": ((0.0, 0.5), (20.0, 0.5))}, {"GMAX_R": 4.0}).sites
    assert changed["ST_R"] is facts
    assert changed["GMAX_R"].power == {"main": 29.0, "P1": 3.0}
    assert changed["GMAX_R"].bins.tolist() == [2.0, 4.0, 29.0]
    assert changed["GMAX_R"].quiet == 2.0
    assert facts.power["main"] == 104.0


def test_the_true_change_is_the_mean_from_the_alarm_on():
    plan = engines.FULL
    change = changes.Change("compensation", 20.0, "P1", "R")
    pairs = changes.load_catalog().pairs
    scenario = engines.script(plan, until_s=plan.full_s + plan.horizon_s, **change.scripted(plan, pairs))
    late = type("Finding", (), {"t_alarm_s": plan.full_s + 1.0, "t_end_s": None})
    assert changes.true_change_pct(scenario, pairs["P1"], "R", late) == pytest.approx(50.0)
    assert change.ratio_pct == pytest.approx(50.0)
    early = type("Finding", (), {"t_alarm_s": plan.onset_s, "t_end_s": plan.full_s})
    s = np.linspace(0.0, 0.2, 2001)
    mean = 100.0 * np.expm1(np.mean(np.log((1 + s) / (1 - s))))
    assert changes.true_change_pct(scenario, pairs["P1"], "R", early) == pytest.approx(mean, abs=0.05)


def test_the_story_counts_leads_and_what_only_tires():
    story = importlib.import_module("validation.detector_story").Story
    tables = importlib.import_module("validation.detector_silent_tables")
    told = [story(1, 420.0, 900.0, 1020.0, None, 880.0, 0), story(2, None, None, 1000.0, None, None, 0)]
    section = tables.story_section(told, [(1, 0), (0, 0)])
    assert told[0].lead_s == 600.0
    assert told[1].lead_s is None
    assert "reached in 1 of 2 runs" in section.text
    assert "+600 (+600 to +600) s" in section.text
    assert "1 alarms, 0 of tier 2" in section.text
    assert section.met is True
    assert tables.story_section(told, [(1, 1)]).met is False


# --- statistics ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("k", "n"), [(0, 7), (3, 20), (19, 20), (20, 20)])
def test_proportions_have_the_interval_of_clopper_and_pearson(k, n):
    exact = stats.binomtest(k, n).proportion_ci(method="exact")
    assert statistics.share(k, n) == pytest.approx((100 * k / n, 100 * exact.low, 100 * exact.high))


def test_rates_have_the_exact_interval():
    at, low, high = statistics.rate(3, 10.0)
    assert at == pytest.approx(0.3)
    assert stats.poisson.sf(2, 10 * low) == pytest.approx(0.025)
    assert stats.poisson.cdf(3, 10 * high) == pytest.approx(0.025)
    assert statistics.rate(0, 20.0) == pytest.approx((0.0, 0.0, -np.log(0.025) / 20.0))


def test_the_naive_rule_takes_medians_of_ten_and_merges_alarms():
    y = np.concatenate([np.zeros(100), np.full(20, 0.3), np.zeros(200), np.full(10, 0.3)])
    y[55:59] = 5.0  # four of ten do not move a median
    table = pd.DataFrame({"t_s": np.arange(len(y)) * 0.7, "log_ratio": y, "valid": True})
    table["pair"], table["side"] = "P1", "R"
    assert naive.fixed_rule(table, after_s=0.0) == {
        ("P1", "R"): (pytest.approx(109 * 0.7), pytest.approx(329 * 0.7))
    }
    table.loc[table["t_s"] > 100.0, "valid"] = False
    assert naive.fixed_rule(table, after_s=0.0)["P1", "R"] == (pytest.approx(109 * 0.7),)
    assert naive.fixed_rule(table, after_s=90.0) == {("P1", "R"): ()}
