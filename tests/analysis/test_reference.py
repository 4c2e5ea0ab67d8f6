"""What an activation of 1 is: maximal contractions, reference runs, rest, and what is missing."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from scipy import signal

from emgsmr.analysis import Analysis, Pipeline, Settings
from emgsmr.analysis.reference import HERE, fit_reference
from emgsmr.recording import Event

FS = 1000.0
REST = Event(1.0, 9.0, "phase", label="rest")
TRIALS = [
    Event(12.0, 5.0, "phase", label="mvc", site="GMAX_R"),
    Event(19.0, 5.0, "phase", label="mvc", site="GMAX_R"),
    Event(26.0, 5.0, "phase", label="mvc"),
]
RUN_S = 40.0
CONTACTS = np.arange(RUN_S, 99.0, 0.7)
BASELINE = Event(RUN_S, 30.0, "phase", label="baseline")


def level(t: np.ndarray) -> dict[str, np.ndarray]:
    """RMS (µV) over time: rest, three trials that ramp up, and a run of square bursts (0 to 20 %)."""
    phase = ((t - RUN_S) / 0.7) % 1
    burst = (t >= RUN_S) & (t < 99.0) & (phase < 0.2)
    found = {}
    for site, tops, run in (
        ("GMAX_R", (200.0, 300.0, 100.0), 60.0),
        ("BFLH_R", (80.0, 80.0, 400.0), 160.0),
    ):
        amplitude = np.where(burst, run, 0.0)
        for event, top in zip(TRIALS, tops, strict=True):
            after = t - event.t_s
            ramp = np.clip(np.minimum(after / 2.0, (4.5 - after) / 0.5), 0.0, 1.0)
            amplitude = np.maximum(amplitude, top * ramp)
        found[site] = amplitude
    return found


def signals(noise_uv: float = 5.0, seconds: float = 100.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(3)
    t = np.arange(int(seconds * FS)) / FS
    # a band that the filter passes whole, so that what goes in comes out
    freqs = np.fft.rfftfreq(len(t), 1 / FS)
    found = {}
    for site, amplitude in level(t).items():
        spectrum = np.fft.rfft(rng.normal(size=len(t)))
        spectrum[(freqs < 60) | (freqs > 350)] = 0
        noise = np.fft.irfft(spectrum, n=len(t))
        found[site] = np.hypot(amplitude, noise_uv) * noise / noise.std()
    return found


def slow_best(x: np.ndarray, spans: list[tuple[float, float]]) -> float:
    """Highest RMS of any half second within spans that ends on a grid of 20 ms, by scipy and a loop."""
    sos = signal.butter(4, [30, 450], btype="bandpass", fs=FS, output="sos")
    filtered = signal.sosfilt(sos, x)
    best = 0.0
    for start_s, stop_s in spans:
        for end in range(int((start_s + 0.5) * FS), int(stop_s * FS) + 1, 20):
            best = max(best, float(np.sqrt(np.mean(filtered[end - 500 : end] ** 2))))
    return best


def result(make: SimpleNamespace, normalization: str, events: list[Event] | None = None) -> Analysis:
    every = [REST, *TRIALS, BASELINE] if events is None else events
    pipeline = make.analyzed(
        signals(),
        fs=FS,
        events=[*make.contacts(CONTACTS), *every],
        settings=Settings(normalization=normalization),
    )
    return pipeline.analysis()  # type: ignore[no-any-return]


def rows(found: Analysis) -> dict[str, dict[str, object]]:
    return {str(row["site"]): row for row in found.references.to_dict("records")}


def test_a_maximal_contraction_is_the_best_half_second_of_all_trials(make: SimpleNamespace) -> None:
    found = result(make, "mvc")
    got = rows(found)
    for site, top in (("GMAX_R", 300.0), ("BFLH_R", 400.0)):  # one trial names no site: it is about both
        best = slow_best(signals()[site], [(e.t_s, e.t_s + 5.0) for e in TRIALS if e.site in (None, site)])
        noise = float(got[site]["noise_uV"])  # type: ignore[arg-type]
        assert got[site]["reference_uV"] == pytest.approx(np.sqrt(best**2 - noise**2), rel=1e-3)
        # the best of many half seconds of noise lies a little above its RMS
        assert 1.0 < best / top < 1.15
    assert (got["GMAX_R"]["n"], got["BFLH_R"]["n"]) == (3, 1)
    assert "differ by" in str(got["GMAX_R"]["note"])
    assert "one trial only" in str(got["BFLH_R"]["note"])
    assert (got["GMAX_R"]["t_start_s"], got["GMAX_R"]["t_end_s"]) == (12.0, 31.0)
    rel = found.activation[found.activation["valid"]].groupby("site")["rel"].median()
    rms = found.activation[found.activation["valid"]].groupby("site")["rms_uV"].median()
    for site in got:
        assert rel[site] == pytest.approx(rms[site] / got[site]["reference_uV"], rel=1e-9)
    assert found.summary()[2] == "Activations are relative to: maximal contraction (MVC)."
    assert found.session["reference"] == {
        "normalization": "mvc", "source": HERE, "name": "maximal contraction (MVC)",
    }  # fmt: skip


def test_a_value_above_the_reference_stays(make: SimpleNamespace) -> None:
    """Running beyond a timid maximum is legal: nothing is capped."""
    timid = Event(36.0, 3.0, "phase", label="mvc")  # rest, in truth
    found = result(make, "mvc", [timid, BASELINE])
    assert found.activation["rel"].median() > 3


def test_ratios_and_findings_do_not_depend_on_the_normalization(make: SimpleNamespace) -> None:
    mvc, baseline = result(make, "mvc"), result(make, "baseline")
    assert mvc.ratios.equals(baseline.ratios)
    assert mvc.findings.equals(baseline.findings)
    assert not mvc.activation["rel"].equals(baseline.activation["rel"])


def test_a_reference_run_counts_as_one(make: SimpleNamespace) -> None:
    run = Event(75.0, 20.0, "phase", label="reference")
    found = result(make, "reference", [REST, BASELINE, run])
    inside = found.activation[(found.activation["t_s"] >= 75) & (found.activation["t_s"] < 95)]
    assert inside.groupby("site")["rel"].median().to_numpy() == pytest.approx([1, 1], abs=0.05)
    assert rows(found)["GMAX_R"]["n"] == len(CONTACTS[(CONTACTS >= 75) & (CONTACTS < 95)])


def test_without_a_normalization_there_are_microvolts_and_no_shares(make: SimpleNamespace) -> None:
    found = result(make, "none")
    assert found.activation["rms_uV"].notna().any()
    assert found.activation["rel"].isna().all()
    assert found.slings["share"].isna().all()
    assert set(found.references["note"]) == {"amplitudes stay in µV"}


@pytest.mark.parametrize(
    ("normalization", "says"),
    [("mvc", "no phase is labeled mvc"), ("reference", "no phase is labeled reference")],
)
def test_a_missing_reference_gives_no_numbers_and_says_why(
    make: SimpleNamespace, normalization: str, says: str
) -> None:
    found = result(make, normalization, [BASELINE])
    assert found.activation["rel"].isna().all()
    assert found.references["reference_uV"].isna().all()
    assert set(found.references["note"]) == {says}
    assert any(says in line for line in found.summary())


def test_the_noise_floor_is_that_of_rest_or_of_the_quiet_phase(make: SimpleNamespace) -> None:
    with_rest, without = rows(result(make, "baseline")), rows(result(make, "baseline", [BASELINE]))
    assert {row["noise_source"] for row in without.values()} == {"quiet phase"}
    for row in (*with_rest.values(), *without.values()):
        assert row["noise_uV"] == pytest.approx(5.0, rel=0.05)


def test_a_noisy_rest_does_not_raise_the_floor(make: SimpleNamespace) -> None:
    """Who tenses at rest would otherwise lose amplitude: the quieter one of both counts."""
    tense = Event(14.0, 2.0, "phase", label="rest")
    found = rows(result(make, "baseline", [tense, BASELINE]))
    assert found["GMAX_R"]["noise_source"] == "quiet phase"


def test_a_bad_second_is_no_maximum(make: SimpleNamespace) -> None:
    """The trial with the highest amplitude is movement: the next best counts."""
    x = signals()
    t = np.arange(len(x["GMAX_R"])) / FS
    knock = (t >= 19) & (t < 24)
    x["GMAX_R"] = x["GMAX_R"] + np.where(knock, 60_000 * np.sin(2 * np.pi * 2 * t), 0.0)
    pipeline = make.analyzed(x, fs=FS, events=[*make.contacts(CONTACTS), *TRIALS, BASELINE])
    level = fit_reference(pipeline, "mvc").levels["GMAX_R"]
    assert level.uv == pytest.approx(200, rel=0.08)
    assert level.n == 2


@pytest.mark.parametrize("n", [1, 977, 5000])
def test_references_do_not_depend_on_the_cut(make: SimpleNamespace, n: int) -> None:
    x = np.column_stack(list(signals(seconds=50.0).values()))[: 40 * n]
    events = [REST, *TRIALS, BASELINE, *make.contacts(CONTACTS[CONTACTS < 50])]
    found = []
    for step in (n, len(x)):
        pipeline = Pipeline(
            make.wired(["GMAX_R", "BFLH_R"], fs=FS), Settings(normalization="mvc"), events=events
        )
        for first in range(0, len(x), step):
            pipeline.push(make.block(x[first : first + step], first))
        pipeline.finish()
        found.append(pipeline.analysis())
    assert found[0].references.equals(found[1].references)
    assert found[0].activation.equals(found[1].activation)
