"""Repetitions and windows of held contractions through the whole pipeline, and garbage in."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from emgsmr.analysis import Pipeline, Settings
from emgsmr.recording import Event

FS = 1000.0
SITES = ("GMAX_R", "BFLH_R", "ES_R")
BURSTS = Settings(cycles="bursts")
WINDOWS = Settings(cycles="windows")


def exercise(
    spans: list[tuple[float, float]],
    seconds: float,
    *,
    level_uv: float = 40.0,
    noise_uv: float = 3.0,
    ramp_s: float = 0.3,
    seed: int = 0,
) -> dict[str, np.ndarray]:
    """Noise of a muscle within spans of time, with ramps, and noise of the sensor always; µV."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * FS)) / FS
    gate = np.zeros(len(t))
    for begin, end in spans:
        gate = np.maximum(gate, np.clip(np.minimum((t - begin) / ramp_s, (end - t) / ramp_s), 0, 1))
    return {
        site: (k + 1) * level_uv * gate * rng.normal(size=len(t)) + noise_uv * rng.normal(size=len(t))
        for k, site in enumerate(SITES)
    }


SET = [(3.0 + 6.0 * k, 6.0 + 6.0 * k) for k in range(8)]


def strides(pipeline: Pipeline) -> pd.DataFrame:
    return pipeline.analysis().strides


@pytest.fixture(scope="module")
def done(make: SimpleNamespace) -> Any:
    return make.analyzed(exercise(SET, 52.0), fs=FS, settings=BURSTS).analysis()


def test_each_burst_is_a_repetition(done: Any) -> None:
    found = done.strides
    assert found["valid"].all()
    assert (found["source"] == "bursts").all()
    assert found["cadence_spm"].isna().all()
    assert found["stride"].tolist() == list(range(1, 9))
    begin, end = np.array(SET).T
    assert np.abs(found["t_start_s"] - begin).max() < 0.2
    assert np.abs(found["t_end_s"] - end).max() < 0.2


def test_amplitudes_are_those_of_the_burst_less_the_noise_of_the_pauses(done: Any) -> None:
    """The ramps take a little: two of 0.3 s in 3 s."""
    rms = done.activation.groupby("site")["rms_uV"].median()
    for k, site in enumerate(SITES):
        assert 0.8 * 40 * (k + 1) < rms[site] < 1.0 * 40 * (k + 1)
    noise = done.session["normalization"]["R"]["noise_uv"]
    assert all(2.5 < uv < 3.3 for uv in noise.values())
    assert done.activation["burst_center_pct"].between(40, 60).all()


def test_ratios_are_relative_to_the_whole_recording(done: Any) -> None:
    assert done.ratios["valid"].all()
    assert set(done.ratios["pair"]) == {"P1"}
    assert abs(done.ratios["log_ratio"].median()) < 0.05
    assert done.summary() == [
        "8 of 8 repetitions could be used.",
        "No baseline was recorded, so nothing was tested for change; values are relative to the whole "
        "recording.",
    ]


def test_a_change_shows_against_a_marked_baseline(make: SimpleNamespace) -> None:
    signals = exercise(SET, 52.0)
    t = np.arange(len(signals["GMAX_R"])) / FS
    signals["GMAX_R"] = signals["GMAX_R"] * np.where(t > 26, 0.5, 1.0)
    result = make.analyzed(
        signals, fs=FS, settings=BURSTS, events=[Event(0.0, 26.0, "phase", label="baseline")]
    ).analysis()
    ratio = result.ratios["ratio"].to_numpy()
    np.testing.assert_allclose(ratio, [1.0] * 4 + [2.0] * 4, rtol=0.12)
    assert result.summary() == [
        "8 of 8 repetitions could be used.",
        "Baseline: 0:00 to 0:26.",
        "P1 R was not tested: only 4 usable baseline repetitions, 60 are needed.",
    ]


def test_many_repetitions_are_charted(make: SimpleNamespace, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("emgsmr.analysis.detector.MIN_STRIDES", 12)
    spans = [(1.0 + 1.5 * k, 1.9 + 1.5 * k) for k in range(40)]
    signals = exercise(spans, 62.0, ramp_s=0.1)
    t = np.arange(len(signals["GMAX_R"])) / FS
    signals["GMAX_R"] = signals["GMAX_R"] * np.where(t > 31, 0.4, 1.0)
    result = make.analyzed(
        signals,
        fs=FS,
        settings=Settings(cycles="bursts", block_strides=3, hours_per_false_alarm=1.0),
        events=[Event(0.0, 31.0, "phase", label="baseline")],
    ).analysis()
    assert result.findings["pair"].tolist() == ["P1"]
    assert result.findings["t_onset_s"][0] == pytest.approx(31, abs=5)


def test_a_gap_drops_the_repetition_it_touches_and_no_other(make: SimpleNamespace) -> None:
    found = strides(
        make.analyzed(exercise(SET, 52.0), fs=FS, settings=BURSTS, lost=[(22_500, 22_600), (37_500, 37_510)])
    )
    assert found.loc[found["valid"], "t_start_s"].tolist() == pytest.approx(
        [begin for begin, _ in SET if begin != 21.0], abs=0.2
    )
    reasons = found.loc[~found["valid"], "reject_reason"]
    assert reasons.str.startswith("cut off").all()


@pytest.mark.parametrize("fs", [200.0, 1116.0])
def test_a_rate_whose_hops_do_not_fill_seconds_loses_none(make: SimpleNamespace, fs: float) -> None:
    """The same samples, told to be slower or faster; 1116 Hz has hops that lie in two seconds."""
    step = round(FS / fs) or 1
    signals = {site: x[::step] for site, x in exercise(SET, 52.0).items()}
    found = strides(make.analyzed(signals, fs=fs, settings=BURSTS))
    assert found["valid"].tolist() == [True] * 8
    scale = FS / step / fs
    np.testing.assert_allclose(found["t_start_s"], scale * np.array(SET)[:, 0], atol=0.2)


def test_what_the_recording_cuts_is_no_repetition(make: SimpleNamespace) -> None:
    signals = {site: x[4000:50_000] for site, x in exercise(SET, 52.0).items()}
    found = strides(make.analyzed(signals, fs=FS, settings=BURSTS))
    assert found["valid"].tolist() == [False, *[True] * 7]
    signals = {site: x[:47_000] for site, x in exercise(SET, 52.0).items()}
    assert strides(make.analyzed(signals, fs=FS, settings=BURSTS))["valid"].tolist() == [True] * 7 + [False]


def test_a_gap_of_hours_begins_anew(make: SimpleNamespace) -> None:
    signals = exercise(SET, 52.0)
    pipeline = Pipeline(make.wired(SITES, fs=FS), BURSTS)
    x = np.column_stack(list(signals.values()))
    for first in (0, 30 * 3600 * 1000):
        pipeline.push(make.block(x, first))
    assert pipeline.legs["R"].builder.needed_from_s > 30 * 3600  # nothing of before the gap is kept
    pipeline.finish()
    begin = strides(pipeline)["t_start_s"].to_numpy()
    np.testing.assert_allclose(begin[8:] - begin[:8], 30 * 3600, atol=0.1)


def test_a_burst_of_more_than_half_a_minute_is_no_repetition(make: SimpleNamespace) -> None:
    found = strides(make.analyzed(exercise([(4, 7), (10, 45), (50, 53)], 58.0), fs=FS, settings=BURSTS))
    assert found["valid"].tolist() == [True, False, True]
    assert found["reject_reason"][1] == "longer than 30 s: no repetition"


GARBAGE = {
    "noise": lambda rng, n: 3.0 * rng.normal(size=n),
    "constant": lambda rng, n: np.full(n, 5.0),
    "zero": lambda rng, n: np.zeros(n),
    "hum": lambda rng, n: 50 * np.sin(2 * np.pi * 50 * np.arange(n) / FS),
    "saturated": lambda rng, n: np.full(n, 2.0**31 / 100 - 1),
    "one knock": lambda rng, n: rng.normal(size=n) + 1e5 * (np.abs(np.arange(n) - 20_000) < 100),
    "one sample": lambda rng, n: np.ones(1),
    "little": lambda rng, n: rng.normal(size=180),
}


@pytest.mark.parametrize("kind", GARBAGE)
def test_garbage_is_no_repetition(make: SimpleNamespace, rng: np.random.Generator, kind: str) -> None:
    signals = {site: GARBAGE[kind](rng, 30_000) for site in SITES}
    result = make.analyzed(signals, fs=FS, settings=BURSTS).analysis()
    assert not result.strides["valid"].any()
    assert kind == "hum" or len(result.strides) == 0  # hum is gone after the first second: it looks cut off
    assert result.summary()[0].startswith("0 of 1" if kind == "hum" else "No repetitions were found")


@pytest.mark.parametrize("kind", ["one sample", "little"])
def test_too_little_for_a_window(make: SimpleNamespace, rng: np.random.Generator, kind: str) -> None:
    result = make.analyzed({"ES_R": GARBAGE[kind](rng, 0)}, fs=FS, settings=WINDOWS).analysis()
    assert result.summary()[0].startswith("No held contractions were found")


@pytest.mark.parametrize("gain", [0.25, 8.0])
def test_the_scale_does_not_matter(make: SimpleNamespace, done: Any, gain: float) -> None:
    signals = {site: gain * x for site, x in exercise(SET, 52.0).items()}
    found = strides(make.analyzed(signals, fs=FS, settings=BURSTS))
    # counts are rounded to 0.01 µV, so a threshold may be crossed a frame earlier
    np.testing.assert_allclose(found["t_start_s"], done.strides["t_start_s"], atol=0.041)


def test_a_held_contraction_is_cut_into_half_seconds(make: SimpleNamespace) -> None:
    found = strides(make.analyzed(exercise([(12.2, 22.7)], 30.0), fs=FS, settings=WINDOWS))
    assert found["valid"].all()
    assert set(found["source"]) == {"windows"}
    np.testing.assert_allclose(found["t_start_s"], np.arange(12.5, 22.5, 0.5))
    np.testing.assert_allclose(found["t_end_s"] - found["t_start_s"], 0.5)


def test_without_quiet_all_of_it_counts_and_no_noise_is_taken_off(make: SimpleNamespace) -> None:
    result = make.analyzed(exercise([(-5, 15)], 10.0), fs=FS, settings=WINDOWS).analysis()
    np.testing.assert_allclose(result.strides["t_start_s"], np.arange(0.5, 10.0, 0.5))
    rms = result.activation.groupby("site")["rms_uV"].median()
    band = np.sqrt(420 / 500)  # what the band-pass leaves of white noise
    for k, site in enumerate(SITES):
        assert rms[site] == pytest.approx(band * np.hypot(40 * (k + 1), 3), rel=0.05)
    assert result.activation["burst_center_pct"].isna().all()
    assert result.summary()[0] == "19 of 19 windows of held contractions could be used."


def test_a_hold_is_measured_less_the_noise_of_the_quiet_before_it(make: SimpleNamespace) -> None:
    result = make.analyzed(
        exercise([(12, 24)], 30.0, level_uv=10.0, noise_uv=5.0), fs=FS, settings=WINDOWS
    ).analysis()
    rms = result.activation.groupby("site")["rms_uV"].median()
    assert rms["ES_R"] == pytest.approx(30 * np.sqrt(420 / 500), rel=0.05)
