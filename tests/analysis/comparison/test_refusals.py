"""What cannot be compared, or only within limits, is said in words and never becomes a silent number."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.analysis.comparison import ComparisonPlan, compare
from emgsmr.analysis.comparison.bouts import DEFAULT_BEFORE, find_bouts
from emgsmr.analysis.comparison.electrodes import (
    common_high_hz,
    electrodes_of,
    moved,
    rates_differ,
)
from emgsmr.analysis.comparison.swapped import sides_exchanged
from emgsmr.errors import ArgumentError, EmgsmrError
from emgsmr.recording import Event, Placement, Recording, SensorInfo, Wiring
from emgsmr.simulate import Run, simulate_runner

Record = Callable[..., Recording]


def wiring(
    rate_hz: float = 1000.0, *, address: str = "AA:01", channel: int = 0, scale_uv: float = 0.5
) -> Wiring:
    info = SensorInfo(1, "umyo", address, "uMyo 1", "", rate_hz, 2, "<i2", scale_uv, "known")
    return Wiring((info,), (Placement(1, channel, "GMAX_R"),))


def before_only(event: Event) -> bool:
    return event.label != "B"


def after_only(event: Event) -> bool:
    return event.label in (None, "B")


def only_row(comparison: object, side: str = "R") -> pd.Series:
    table = comparison.table  # type: ignore[attr-defined]
    return table[(table["pair"] == "P1") & (table["side"] == side)].iloc[0]


@pytest.fixture(scope="module")
def short_run() -> Run:
    """Nothing changes; bouts of ten strides."""
    from emgsmr.simulate import treatment_session

    script = treatment_session(0.0, bout_s=7.0, rest_s=3.0, bout_sd=0.03)
    return simulate_runner(dataclasses.replace(script, motion_uv=0.0, stride_sd=0.05, common_sd=0.05), seed=9)


def test_a_channel_that_is_another_one_is_named() -> None:
    assert moved("GMAX_R", wiring(), wiring()) == ""
    assert "another sensor" in moved("GMAX_R", wiring(), wiring(address="AA:02"))
    assert "another channel" in moved("GMAX_R", wiring(), wiring(channel=1))
    assert "another gain" in moved("GMAX_R", wiring(), wiring(scale_uv=1.0))


@pytest.mark.parametrize(
    ("before", "after", "refused", "high_hz"),
    [
        (1000.0, 1000.0, False, 450.0),
        (1000.0, 1000.5, False, 450.0),
        (1000.0, 500.0, False, 225.0),
        (2000.0, 1000.0, False, 450.0),
        (250.0, 250.0, False, 450.0),
        (1000.0, 250.0, True, 450.0),
    ],
)
def test_rates_that_differ_share_a_band_or_are_refused(
    before: float, after: float, refused: bool, high_hz: float
) -> None:
    both = wiring(before), wiring(after)
    assert bool(rates_differ(["GMAX_R"], *both)) == refused
    assert common_high_hz(*both, 450.0) == pytest.approx(high_hz)


def test_two_files_need_to_be_told_and_two_persons_are_refused(record: Record, short_run: Run) -> None:
    one = record("one", short_run, sites=("GMAX_R",), keep=before_only)
    other = record("other", short_run, sites=("GMAX_R",), keep=after_only)
    assert electrodes_of(one, other, ComparisonPlan()).state == "replaced"
    assert electrodes_of(one, other, ComparisonPlan(electrodes="kept")).state == "kept"
    radio = {"sites": ("GMAX_R",), "family": "umyo", "sensor": "uMyo 1"}
    first = record("first", short_run, **radio)
    soon = record("soon", short_run, **radio, started="2026-05-04T09:40:00Z")
    later = record("later", short_run, **radio, started="2026-05-11T09:00:00Z")
    another = record("another", short_run, **{**radio, "sensor": "uMyo 2"})
    damaged = record("damaged", short_run, **radio, started="yesterday")
    assert electrodes_of(first, soon, ComparisonPlan()) == (
        "kept",
        "the same sensors on the same muscles, 40 min apart",
    )
    assert electrodes_of(first, later, ComparisonPlan()) == ("replaced", "recorded 7 days apart")
    assert electrodes_of(first, another, ComparisonPlan()).state == "replaced"
    assert electrodes_of(first, damaged, ComparisonPlan()).why == "when they were recorded is not known"


def test_two_persons_are_refused(record: Record, short_run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    one, other = (record(name, short_run, sites=("GMAX_R",)) for name in ("one", "other"))
    for recording, code in ((one, "P01"), (other, "P02")):
        recording.__dict__["montage"] = dataclasses.replace(recording.montage, person=code)
    with pytest.raises(ArgumentError, match="two persons \\(P01 and P02\\)"):
        electrodes_of(one, other, ComparisonPlan(electrodes="kept"))


def test_two_recordings_of_one_session_say_the_same_as_one(record: Record, short_run: Run) -> None:
    """And a gain that stays through the session cancels."""
    sites = ("GMAX_R", "BFLH_R")
    whole = only_row(compare(record("whole", short_run, sites=sites)))
    files = [
        record(name, short_run, sites=sites, keep=keep, gains={"BFLH_R": 3.0})
        for name, keep in (("before", before_only), ("after", after_only))
    ]
    two = only_row(compare(*files, plan=ComparisonPlan(electrodes="kept")))
    assert two["change_pct"] == pytest.approx(whole["change_pct"], abs=1.0)
    assert two["sdc_pct"] == pytest.approx(whole["sdc_pct"], abs=1.0)
    assert two["verdict"] == whole["verdict"] == "no_detectable_change"


def test_placed_anew_without_a_reference_is_refused(record: Record, short_run: Run) -> None:
    files = [
        record(name, short_run, sites=("GMAX_R", "BFLH_R"), keep=keep)
        for name, keep in (("before", before_only), ("after", after_only))
    ]
    found = only_row(compare(*files))
    assert found["verdict"] == "not_comparable"
    assert "placed anew" in found["text"]
    assert "maximal contractions" in found["text"]
    assert pd.isna(found["p"])


def test_placed_anew_with_a_reference_is_compared_with_the_error_between_days(
    record: Record, short_run: Run
) -> None:
    reference = Event(12.0, 24.0, "phase", label="reference")
    files = [
        record(
            name, short_run, sites=("GMAX_R", "BFLH_R"), keep=keep, extra=[reference], gains={"BFLH_R": gain}
        )
        for name, keep, gain in (("before", before_only, 1.0), ("after", after_only, 2.5))
    ]
    comparison = compare(*files)
    found = only_row(comparison)
    assert found["verdict"] == "no_detectable_change"
    assert abs(found["change_pct"]) < 10  # the gain of the new electrode cancels
    assert found["sdc_pct"] == pytest.approx(370, abs=10)  # a factor of 4.7
    assert "reference run of the same day" in found["text"]
    assert "between-day CV of 41 %" in found["text"]
    assert pd.isna(found["d_prime_pct"])
    assert not (comparison.tests["test"] == "permutation").any()


def test_a_missing_muscle_is_named(record: Record, short_run: Run) -> None:
    before = record("before", short_run, sites=("GMAX_R", "BFLH_R"), keep=before_only)
    after = record("after", short_run, sites=("GMAX_R", "MGAS_R"), keep=after_only)
    comparison = compare(before, after, plan=ComparisonPlan(electrodes="kept"))
    found = only_row(comparison)
    assert found["verdict"] == "not_comparable"
    assert "not both measured after" in found["text"]
    assert comparison.table["change_pct"].isna().all()


def test_a_changed_montage_is_refused_where_electrodes_are_said_to_be_kept(
    record: Record, short_run: Run
) -> None:
    before = record("before", short_run, sites=("GMAX_R", "BFLH_R"), keep=before_only)
    after = record("after", short_run, sites=("BFLH_R", "GMAX_R"), keep=after_only)
    found = only_row(compare(before, after, plan=ComparisonPlan(electrodes="kept")))
    assert found["verdict"] == "not_comparable"
    assert "the montage was changed: GMAX_R was measured with another channel" in found["text"]


def test_exchanged_sides_are_suspected_and_can_be_overruled(record: Record, short_run: Run) -> None:
    sites = ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R")
    gains = {"GMAX_L": 0.7, "BFLH_R": 0.7}  # electrodes differ, as they do
    before = record("before", short_run, sites=sites, keep=before_only, gains=gains)
    other = {"L": "R", "R": "L"}
    exchanged = {site: site[:-1] + other[site[-1]] for site in sites}
    turned = {exchanged[site]: gain for site, gain in gains.items()}
    after = record("after", short_run, sites=exchanged, keep=after_only, gains=turned)
    plan = ComparisonPlan(electrodes="kept")
    comparison = compare(before, after, plan=plan)
    assert set(comparison.table["verdict"]) == {"not_comparable"}
    assert "left and right look exchanged" in only_row(comparison)["text"]
    assert "half a stride later" in only_row(comparison)["text"]
    checked = compare(before, after, plan=dataclasses.replace(plan, sides_checked=True))
    assert "not_comparable" not in set(checked.table["verdict"])


def test_within_one_recording_nobody_exchanges_sides(
    record: Record, short_run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("emgsmr.analysis.comparison.comparison.sides_exchanged", lambda *_: ("GMAX",))
    sites = ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R")
    one = record("one", short_run, sites=sites)
    assert "not_comparable" not in set(compare(one).table["verdict"])
    before, after = (
        record(name, short_run, sites=sites, keep=keep)
        for name, keep in (("before", before_only), ("after", after_only))
    )
    two = compare(before, after, plan=ComparisonPlan(electrodes="kept"))
    assert "left and right look exchanged" in only_row(two)["text"]


def test_sides_are_not_suspected_because_a_muscle_changed(rng: np.random.Generator) -> None:
    suspected = 0
    for _ in range(500):
        level = {
            f"{m}_{s}": rng.normal(4.0, 0.3) for m in ("GMAX", "BFLH", "ST", "MGAS", "LGAS") for s in "LR"
        }
        before = {site: x + 0.14 * rng.normal(size=3) for site, x in level.items()}
        effect = {site: np.log(1.4) * (site in ("BFLH_R", "ST_R")) for site in level}
        after = {site: x + effect[site] + 0.14 * rng.normal(size=3) for site, x in level.items()}
        suspected += bool(sides_exchanged(before, after))
    assert suspected <= 2
    found = 0
    for _ in range(100):
        level = {
            f"{m}_{s}": rng.normal(4.0, 0.3) for m in ("GMAX", "BFLH", "ST", "MGAS", "LGAS") for s in "LR"
        }
        before = {site: x + 0.14 * rng.normal(size=3) for site, x in level.items()}
        turned = {site: level[site[:-1] + {"L": "R", "R": "L"}[site[-1]]] for site in level}
        after = {site: x + 0.14 * rng.normal(size=3) for site, x in turned.items()}
        found += bool(sides_exchanged(before, after))
    assert found >= 80
    assert sides_exchanged({"GMAX_L": np.ones(3)}, {"GMAX_L": np.ones(3)}) == ()


@given(
    st.lists(
        st.builds(
            Event,
            st.floats(-1e6, 1e6),
            st.one_of(st.none(), st.floats(0, 1e6)),
            st.sampled_from(["phase", "note", "cramp"]),
            side=st.sampled_from([None, "L", "R"]),
            label=st.one_of(st.none(), st.sampled_from(["A1", "a2 ", "B", "before", "AFTER", ""]), st.text()),
            note=st.one_of(st.none(), st.sampled_from(["bridge", "Squat"]), st.text()),
        ),
        max_size=12,
    )
)
def test_whatever_events_there_are_bouts_are_found_or_refused(events: list[Event]) -> None:
    try:
        found = find_bouts(events, (), default=DEFAULT_BEFORE, exercise=None)
    except EmgsmrError:
        return
    assert found.bouts
    assert all(bout.t1_s >= bout.t0_s and bout.label in found.labels for bout in found.bouts)
    assert len(set(found.bouts)) == len(found.bouts)


def test_other_tasks_and_no_signal_are_refused(record: Record, short_run: Run) -> None:
    labels = {"A1": "bridge", "B": "walk"}
    extra = [
        dataclasses.replace(Event(**event), label="before" if event["label"] == "A1" else "after", note=note)
        for event in short_run.events
        if (note := labels.get(event["label"]))
    ]
    recording = record(
        "tasks", short_run, sites=("GMAX_R", "BFLH_R"), keep=lambda e: e.kind != "phase", extra=extra
    )
    found = only_row(compare(recording))
    assert found["verdict"] == "not_comparable"
    assert "the bouts before are bridge and those after gait" in found["text"]
    silent = record("silent", short_run, sites=("GMAX_R", "BFLH_R"), gains={"GMAX_R": 0.0}, contacts=True)
    found = only_row(compare(silent))
    assert found["verdict"] == "not_comparable"
    assert "GMAX_R" in found["text"]
    assert pd.isna(found["change_pct"])
