"""Standing patterns: found against the other leg where maxima were recorded, and only there."""

from __future__ import annotations

import functools
import json
from collections.abc import Mapping, Sequence
from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis import Pipeline, Settings
from emgsmr.analysis.reference import fit_reference
from emgsmr.recording import Event

FS = 500.0
TRIALS = (3.0, 8.0, 13.0)  # of three seconds; heights below
HEIGHTS = (0.97, 1.03, 1.0)
RUN_S, END_S, STRIDE_S = 18.0, 60.0, 0.7
CONTACTS = {"R": np.arange(RUN_S, END_S - 1, STRIDE_S), "L": np.arange(RUN_S + 0.35, END_S - 1, STRIDE_S)}
MVC = tuple(Event(t - 0.5, 4.0, "phase", label="mvc") for t in TRIALS)
BASELINE = Event(20.0, 30.0, "phase", label="baseline")
P1_ONLY = Settings(pairs=("P1",))
USUAL = {"GMAX": 0.4, "BFLH": 0.5, "MGAS": 0.6}  # of the maximum, in running
MAXIMUM_UV = {"GMAX": 150.0, "BFLH": 280.0, "MGAS": 250.0}


def signals(
    more: Mapping[str, float] = {},
    *,
    muscles: Sequence[str] = ("GMAX", "BFLH"),
    gain: Mapping[str, float] = {},
    trials: Sequence[float] = TRIALS,
    seed: int = 5,
) -> dict[str, np.ndarray]:
    """Noise (µV): trials, then bursts from -15 to 20 % of each stride; ``more``: factors on the bursts."""
    t = np.arange(int(END_S * FS)) / FS
    found = {}
    for number, site in enumerate(f"{muscle}_{side}" for muscle in muscles for side in "LR"):
        muscle, side = site.split("_")
        rng = np.random.default_rng([seed, number])
        phase = ((t - CONTACTS[side][0]) / STRIDE_S + 0.2) % 1 - 0.2
        running = (t >= RUN_S) & (t < END_S - 1) & (phase > -0.18) & (phase < 0.24)
        level = np.where(running, USUAL[muscle] * more.get(site, 1.0), 0.0)
        for begin, height in zip(trials, HEIGHTS, strict=False):
            level = np.where((t >= begin) & (t < begin + 3.0), height, level)
        x = np.hypot(MAXIMUM_UV[muscle] * level, 3.0) * rng.normal(size=len(t))
        found[site] = gain.get(site, 1.0) * x
    return found


def steps(make: SimpleNamespace) -> list[Event]:
    return [event for side, times in CONTACTS.items() for event in make.contacts(times, side)]


def watched(
    make: SimpleNamespace,
    x: Mapping[str, np.ndarray],
    *,
    phases: Sequence[Event] = (*MVC, BASELINE),
    settings: Settings = P1_ONLY,
    block: int | None = None,
    **options: object,
) -> Pipeline:
    pipeline = Pipeline(make.wired(list(x), fs=FS), settings, events=[*steps(make), *phases], **options)
    samples = np.column_stack(list(x.values()))
    n = block or len(samples)
    for first in range(0, len(samples), n):
        pipeline.push(make.block(samples[first : first + n], first))
    pipeline.finish()
    return pipeline


@functools.cache
def _right_more(make_id: int) -> Pipeline:
    return watched(_MAKE[0], signals({"BFLH_R": 1.6}))


_MAKE: list[SimpleNamespace] = []


@pytest.fixture
def right_more(make: SimpleNamespace) -> Pipeline:
    """The right hamstrings carry 60 % more."""
    _MAKE[:] = [make]
    return _right_more(id(make))


def says(pipeline: Pipeline) -> list[str]:
    return pipeline.standing.sentences()


# --- against the other leg --------------------------------------------------------------------------------


def test_a_leg_that_carries_more_from_the_start_is_found(right_more: Pipeline) -> None:
    (found,) = right_more.findings()
    assert (found.finding, found.pattern, found.tier, found.side) == ("P1_R_standing", "standing", 1, "R")
    assert (found.prime, found.compensator, found.overload_index) == ("GMAX", "HAM", None)
    assert found.change_pct == pytest.approx(60, abs=10)
    assert found.ci_low_pct < 60 < found.ci_high_pct
    assert found.d_compensator_pct == pytest.approx(60, abs=10)
    assert abs(found.d_prime_pct) < 8
    assert found.t_onset_s == pytest.approx(CONTACTS["R"][0])
    assert (found.t_alarm_s, found.t_tier2_s, found.t_tier3_s, found.t_end_s) == (50.0, None, None, None)
    for part in (
        "compared with the left leg",
        "own maximal contractions",
        "no norm for running exists",
        "no change",
    ):
        assert part in found.text
    assert found.text.startswith("Right hamstrings +")


def test_the_difference_is_that_of_medians_over_means_of_trials(right_more: Pipeline) -> None:
    """The same number by another way: the tables' own amplitudes, and each trial's best half second."""
    result = right_more.analysis()
    rms = result.activation[result.activation["valid"]]
    rms = rms[(rms["t_s"] >= 20) & (rms["t_s"] < 50)]
    y = {}
    for site, rows in rms.groupby("site"):
        best = [fit_reference(_only(right_more, event), "mvc").levels[site].uv for event in MVC]
        y[site] = np.log(rows["rms_uV"]).median() - np.log(best).mean()
    difference = (y["BFLH_R"] - y["GMAX_R"]) - (y["BFLH_L"] - y["GMAX_L"])
    (found,) = result.findings["change_pct"]
    assert found == pytest.approx(100 * np.expm1(difference), abs=0.2)


def _only(pipeline: Pipeline, trial: Event) -> Pipeline:
    """The same pipeline with one trial."""
    events = [event for event in pipeline.events if event.label != "mvc"] + [trial]
    return SimpleNamespace(  # type: ignore[return-value]
        settings=pipeline.settings, sites=pipeline.sites, legs=pipeline.legs, events=events,
        rest_power=pipeline.rest_power,
    )  # fmt: skip


def test_it_is_in_the_summary_and_no_shift(right_more: Pipeline) -> None:
    result = right_more.analysis()
    assert [line[:12] for line in result.summary() if line.startswith("Tier")] == ["Tier 1: Righ"]
    assert "flagged" not in set(result.measures["period"])  # it is there all the time
    json.dumps(result.session, allow_nan=False)


@pytest.mark.parametrize("gain", [{"GMAX_R": 0.5, "BFLH_L": 1.5}, {"BFLH_R": 0.85, "GMAX_L": 1.15}])
def test_the_gain_of_electrodes_cancels(
    make: SimpleNamespace, right_more: Pipeline, gain: dict[str, float]
) -> None:
    other = watched(make, signals({"BFLH_R": 1.6}, gain=gain))
    assert other.findings()[0].change_pct == pytest.approx(right_more.findings()[0].change_pct, abs=0.1)


def test_legs_that_are_alike_are_not_found_under_unequal_electrodes(make: SimpleNamespace) -> None:
    pipeline = watched(make, signals(gain={"BFLH_R": 1.4, "GMAX_R": 0.7}))
    assert pipeline.findings() == []
    (line,) = says(pipeline)
    assert "would have counted" in line


def test_left_and_right_are_treated_alike(make: SimpleNamespace) -> None:
    x = signals({"BFLH_R": 1.6})
    mirrored = {f"{site[:-1]}{'L' if site.endswith('R') else 'R'}": x[site] for site in x}
    events = [
        Event(e.t_s, e.duration_s, e.kind, side={"L": "R", "R": "L", None: None}[e.side], label=e.label)
        for e in [*steps(make), *MVC, BASELINE]
    ]
    pipeline = Pipeline(make.wired(list(mirrored), fs=FS), P1_ONLY, events=events)
    pipeline.run([make.block(np.column_stack(list(mirrored.values())))])
    (found,) = pipeline.findings()
    assert found.side == "L"
    assert found.change_pct == pytest.approx(60, abs=10)
    assert "compared with the right leg" in found.text


def test_a_prime_mover_that_does_less_is_named(make: SimpleNamespace) -> None:
    (found,) = watched(make, signals({"GMAX_L": 0.6})).findings()
    assert (found.side, found.pattern) == ("L", "standing")
    assert found.d_prime_pct == pytest.approx(-40, abs=8)
    assert "mostly because the gluteus maximus did less" in found.text


def test_one_difference_is_said_once(make: SimpleNamespace) -> None:
    """More of the right hamstrings is less of the left calf relative to its hamstrings, but no news."""
    x = signals({"BFLH_R": 1.6}, muscles=("GMAX", "BFLH", "MGAS"))
    pipeline = watched(make, x, settings=Settings(pairs=("P1", "P2")))
    assert [f.finding for f in pipeline.findings()] == ["P1_R_standing"]
    assert any("hamstrings differ, as said of P1" in line for line in says(pipeline))
    calf = watched(
        make,
        signals({"BFLH_R": 1.6, "MGAS_L": 1.7}, muscles=("GMAX", "BFLH", "MGAS")),
        settings=Settings(pairs=("P1", "P2")),
    )
    assert [f.finding for f in calf.findings()] == ["P1_R_standing", "P2_L_standing"]


# --- what there must be -----------------------------------------------------------------------------------


def test_without_a_maximum_nothing_is_compared_and_it_says_why(make: SimpleNamespace) -> None:
    pipeline = watched(make, signals({"BFLH_R": 1.6}), phases=[BASELINE])
    assert pipeline.findings() == []
    assert any("neither a maximal contraction" in line for line in pipeline.analysis().summary())


def test_one_trial_does_not_tell_how_well_it_repeats(make: SimpleNamespace) -> None:
    pipeline = watched(make, signals({"BFLH_R": 1.6}), phases=[MVC[0], BASELINE])
    assert pipeline.findings() == []
    assert any("fewer than two maximal contractions" in line for line in says(pipeline))


def test_trials_of_other_muscles_do_not_count(make: SimpleNamespace) -> None:
    """The third trial is at rest, and the first two are enough."""
    (found,) = watched(make, signals({"BFLH_R": 1.6}, trials=TRIALS[:2])).findings()
    assert found.change_pct == pytest.approx(60, abs=12)


def test_maxima_after_the_run_count_at_the_end(make: SimpleNamespace) -> None:
    x = {site: np.roll(values, int(-RUN_S * FS)) for site, values in signals({"BFLH_R": 1.6}).items()}
    moved = [Event(e.t_s + END_S - RUN_S, e.duration_s, "phase", label="mvc") for e in MVC]
    contacts = [
        Event(float(t - RUN_S), kind="foot_contact", side=side)
        for side, times in CONTACTS.items()
        for t in times
    ]
    baseline = Event(2.0, 20.0, "phase", label="baseline")
    pipeline = Pipeline(make.wired(list(x), fs=FS), P1_ONLY, events=[*contacts, *moved, baseline])
    samples = np.column_stack(list(x.values()))
    pipeline.push(make.block(samples))
    assert pipeline.findings() == []
    (found,) = pipeline.finish()
    assert found.finding == "P1_R_standing"
    assert found.t_alarm_s == pytest.approx(END_S, abs=1.1)


def test_one_leg_has_nothing_to_be_compared_with(make: SimpleNamespace) -> None:
    x = {site: values for site, values in signals({"BFLH_R": 1.6}).items() if site.endswith("R")}
    pipeline = watched(make, x)
    assert pipeline.findings() == []
    assert says(pipeline) == []
    (row,) = pipeline.standing.as_dict()["comparisons"]
    assert row["reason"] == "only one leg was measured"


@pytest.mark.parametrize("spoiled", [0.0, 1e5])
def test_a_dead_or_clipped_channel_is_a_reason(make: SimpleNamespace, spoiled: float) -> None:
    x = signals({"BFLH_R": 1.6})
    x["GMAX_L"] = np.clip(spoiled * x["GMAX_L"], -5e3, 5e3)
    pipeline = watched(make, x)
    assert pipeline.findings() == []
    assert any("not compared with the other leg" in line for line in says(pipeline))


def test_no_samples_at_all(make: SimpleNamespace) -> None:
    pipeline = Pipeline(make.wired(["GMAX_L", "GMAX_R"], fs=FS), P1_ONLY, events=list(MVC))
    assert pipeline.finish() == []
    assert pipeline.analysis().session["standing"]["comparisons"] == []


def test_a_reference_run_compares_with_a_larger_error(make: SimpleNamespace, right_more: Pipeline) -> None:
    """A first run with equal legs: two runs of a session differ by 14 % for each of the four muscles."""
    x = signals({"BFLH_R": 2.2})
    t = np.arange(int(END_S * FS)) / FS
    x["BFLH_R"] = np.where(t < 32, x["BFLH_R"] / 2.2, x["BFLH_R"])
    phases = [Event(18.0, 13.0, "phase", label="reference"), Event(33.0, 20.0, "phase", label="baseline")]
    (found,) = watched(make, x, phases=phases).findings()
    assert found.change_pct == pytest.approx(120, abs=15)
    assert found.text.count("own reference run") == 1
    by_maxima = right_more.findings()[0]
    assert found.z / np.log1p(found.change_pct / 100) < 0.5 * by_maxima.z / np.log1p(
        by_maxima.change_pct / 100
    )


def test_maxima_of_another_session_tell_next_to_nothing(make: SimpleNamespace, right_more: Pipeline) -> None:
    """Four muscles' errors of two days: a factor of 4.7, as science has it for ratios."""
    other = fit_reference(right_more, "mvc", source="yesterday.emgsmr")
    pipeline = watched(make, signals({"BFLH_R": 1.6}), phases=[BASELINE], reference=other)
    assert pipeline.findings() == []
    (row,) = pipeline.standing.as_dict()["comparisons"]
    assert 1 + row["needed_pct"] / 100 == pytest.approx(4.7, rel=0.03)


# --- one path ---------------------------------------------------------------------------------------------


@pytest.mark.parametrize("block", [37, 1000, 9999])
def test_the_cut_of_the_stream_changes_nothing(
    make: SimpleNamespace, right_more: Pipeline, block: int
) -> None:
    pipeline = watched(make, signals({"BFLH_R": 1.6}), block=block)
    assert pipeline.findings() == right_more.findings()
    assert pipeline.standing.as_dict() == right_more.standing.as_dict()


def test_live_it_comes_when_the_baseline_is_over(make: SimpleNamespace, right_more: Pipeline) -> None:
    x = np.column_stack(list(signals({"BFLH_R": 1.6}).values()))
    pipeline = Pipeline(
        make.wired(["GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R"], fs=FS), P1_ONLY, events=steps(make)
    )
    told = []
    coming = [*MVC, BASELINE]
    for first in range(0, len(x), 250):
        while coming and coming[0].t_s <= first / FS:
            pipeline.push_event(coming.pop(0))
        told += [
            (first / FS, finding) for finding in pipeline.push(make.block(x[first : first + 250], first))
        ]
    ((at_s, found),) = told
    assert 50.0 < at_s < 55.0
    assert pipeline.finish() == []
    assert [found] == pipeline.findings()
