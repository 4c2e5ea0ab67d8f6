"""The cramp watch on signals made by hand whose one muscle stops resting: streams, strides and words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from emgsmr.analysis import Pipeline, Settings
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.cramp_watch import CrampWatch, watch_table
from emgsmr.analysis.timeline import ExactTimeline
from emgsmr.anatomy import load_catalog
from emgsmr.recording import Event

FS = 500.0
SECONDS = 55.0
BEGIN, END = 32.0, 47.0
CENTERS = {"GMAX_R": 4.0, "BFLH_R": 95.0, "MGAS_R": 6.0, "LGAS_R": 6.0, "MGAS_L": 56.0, "LGAS_L": 56.0}


def signals(
    make: SimpleNamespace,
    sustained: Mapping[str, float],
    *,
    begin: float = BEGIN,
    end: float = END,
    seconds: float = SECONDS,
    stands: bool = False,
) -> dict[str, np.ndarray]:
    """Bursts of all muscles, and noise of so many µV from ``begin`` to ``end`` where it is asked for."""
    t = np.arange(int(seconds * FS)) / FS

    def moves(_site: str, t: np.ndarray) -> np.ndarray:
        return np.where(stands & (t > begin - 3) & (t < end + 3), 0.0, 1.0)

    found: dict[str, np.ndarray] = make.runner(CENTERS, fs=FS, seconds=seconds, gain=moves)
    rng = np.random.default_rng(9)
    for site, level in sustained.items():
        found[site] = found[site] + level * rng.normal(size=len(t)) * ((t >= begin) & (t < end))
    return found


def watched(
    make: SimpleNamespace,
    x: Mapping[str, np.ndarray],
    *,
    stands: bool = False,
    events: Sequence[Event] = (),
    lost: Sequence[tuple[int, int]] = (),
    chosen: Settings | None = None,
) -> pd.DataFrame:
    """The table over one sensor with a channel per site; a stride of each leg every 0.7 s while it runs."""
    data = np.column_stack(list(x.values()))
    stream = SensorStream(
        make.sensor(1, len(x), fs=FS), list(range(len(x))), ExactTimeline(FS), Settings(remove_mains=False)
    )
    first = 0
    for start, stop in [*lost, (len(data), len(data))]:
        stream.feed(make.block(data[first:start], first))
        first = stop
    stream.finish()
    watch = CrampWatch({site: (stream, k) for k, site in enumerate(x)}, chosen or Settings())
    watch.until(float("inf"), last=True)
    strides = [
        make.stride(k, {}, t_start_s=t)
        for k, t in enumerate(np.arange(0.3, len(data) / FS - 1, 0.7))
        if not (stands and BEGIN - 3 < t < END + 3)
    ]
    return watch_table(watch, {"L": strides, "R": strides}, events, load_catalog())


def test_one_muscle_without_rest_is_said_with_all_about_it(make: SimpleNamespace) -> None:
    (row,) = watched(make, signals(make, {"MGAS_R": 40.0})).to_dict("records")
    assert (row["site"], row["kind"]) == ("MGAS_R", "sustained")
    assert row["t_start_s"] == pytest.approx(BEGIN, abs=1.0)
    assert row["t_end_s"] == pytest.approx(END, abs=1.0)
    assert BEGIN + 5.0 <= row["t_said_s"] <= BEGIN + 7.5
    assert 20.0 < row["level_uV"] < 41.0
    assert row["level_pct"] == pytest.approx(100 * 33 / 110, abs=12)
    assert 1.0 < row["rest_uV"] < 4.0
    assert row["n_strides"] == pytest.approx((END - BEGIN) / 0.7, abs=3)
    assert row["reason"] is None
    assert row["text"] == (
        "sustained activity outside the usual phase of the right gastrocnemius medialis for "
        f"{row['t_end_s'] - row['t_start_s']:.0f} s, without rest at {row['level_pct']:.0f} % of its burst; "
        "a cramp can look like this (research output, not a diagnosis)"
    )


def test_nothing_is_said_of_a_runner_without(make: SimpleNamespace) -> None:
    assert len(watched(make, signals(make, {}))) == 0


def test_in_standing_it_may_be_a_held_contraction(make: SimpleNamespace) -> None:
    x = signals(make, {"LGAS_L": 40.0}, stands=True)
    (row,) = watched(make, x, stands=True).to_dict("records")
    assert (row["site"], row["kind"], row["n_strides"]) == ("LGAS_L", "sustained", 0)
    assert row["text"].startswith("sustained activity of the left gastrocnemius lateralis for ")
    assert "and so can a held contraction" in row["text"]


def test_bursts_that_move_or_last_longer_are_in_another_phase_but_rest(make: SimpleNamespace) -> None:
    x = signals(make, {})
    late = make.runner({"MGAS_R": 56.0}, fs=FS, seconds=SECONDS, seed=4)["MGAS_R"]
    at = slice(int(BEGIN * FS), int(END * FS))
    x["MGAS_R"][at] = x["MGAS_R"][at] + late[at]  # twice in a stride
    assert len(watched(make, x)) == 0


def test_a_shorter_one_is_not_said(make: SimpleNamespace) -> None:
    assert len(watched(make, signals(make, {"MGAS_R": 40.0}, end=BEGIN + 4.0))) == 0


def test_several_muscles_at_once_are_left_out_with_the_reason(make: SimpleNamespace) -> None:
    rows = watched(make, signals(make, {"MGAS_R": 40.0, "LGAS_R": 40.0}))
    assert rows["kind"].tolist() == ["left_out", "left_out"]
    assert rows["reason"].str.contains("several muscles work together").all()
    assert "LGAS_R" in rows.set_index("site").loc["MGAS_R", "reason"]
    assert not rows["text"].str.contains("a cramp can look like this").any()


def test_a_fifth_of_it_in_a_neighbor_is_taken_for_cross_talk(make: SimpleNamespace) -> None:
    rows = watched(make, signals(make, {"MGAS_R": 60.0, "LGAS_R": 12.0}))
    assert rows.set_index("site")["kind"].to_dict().get("MGAS_R") == "sustained"
    assert (rows.set_index("site")["kind"].drop("MGAS_R") == "left_out").all()


def test_alone_on_its_leg_it_cannot_be_compared(make: SimpleNamespace) -> None:
    x = signals(make, {"MGAS_R": 40.0})
    (row,) = watched(make, {site: x[site] for site in ("MGAS_R", "MGAS_L")}).to_dict("records")
    assert (row["kind"], row["reason"]) == ("left_out", "no other muscle of this leg to compare with")


@pytest.mark.parametrize("label", ["single_leg_heel_raise", "hold", "mvc"])
def test_in_an_exercise_it_is_left_out(make: SimpleNamespace, label: str) -> None:
    events = [Event(BEGIN - 1, 10.0, "phase", label=label)]
    rows = watched(make, signals(make, {"MGAS_R": 40.0}), events=events)
    assert rows["kind"].tolist() == ["left_out"]
    assert rows["reason"].tolist() == ["in a phase of exercise or maximal contractions"]


@pytest.mark.parametrize("cycles", ["bursts", "windows"])
def test_where_cycles_are_contractions_nothing_is_watched(make: SimpleNamespace, cycles: Any) -> None:
    assert len(watched(make, signals(make, {"MGAS_R": 40.0}), chosen=Settings(cycles=cycles))) == 0


def test_bad_signals_are_not_taken_for_it(make: SimpleNamespace) -> None:
    """An electrode in the air, hum that begins, clipping, a swinging cable."""
    rng, t = np.random.default_rng(2), np.arange(int(SECONDS * FS)) / FS
    at = (t >= BEGIN) & (t < END)
    hum = np.sin(2 * np.pi * 50 * t)
    swing = 4000 * np.sin(2 * np.pi * 7 * t) * (1 + 0.5 * rng.normal(size=len(t)).cumsum() / 100)
    for x in (
        np.where(at, 200 * hum + 20 * rng.normal(size=len(t)), 0),
        np.where(at, 60 * hum, 0),
        np.where(at, swing, 0),
    ):
        spoiled = signals(make, {})
        spoiled["MGAS_R"] = spoiled["MGAS_R"] + x
        assert len(watched(make, spoiled)) == 0


def test_a_gain_that_jumps_is_not_taken_for_it(make: SimpleNamespace) -> None:
    x = signals(make, {})
    x["MGAS_R"][int(BEGIN * FS) :] *= 4.0
    assert len(watched(make, x)) == 0


def test_what_goes_on_at_the_end_has_no_end(make: SimpleNamespace) -> None:
    (row,) = watched(make, signals(make, {"MGAS_R": 40.0}, end=SECONDS)).to_dict("records")
    assert row["t_end_s"] is None


def test_what_lasts_is_called_so(make: SimpleNamespace) -> None:
    x = signals(make, {"MGAS_R": 40.0}, seconds=200.0, end=200.0)
    (row,) = watched(make, x).to_dict("records")
    assert row["kind"] == "lasting"
    assert row["t_end_s"] - row["t_start_s"] == pytest.approx(121, abs=2)


def test_a_gap_within_it_is_bridged_if_it_is_short(make: SimpleNamespace) -> None:
    x = signals(make, {"MGAS_R": 40.0})
    for lost_s, end_s in ((0.5, END), (5.0, 40.0)):
        rows = watched(make, x, lost=[(int(40 * FS), int((40 + lost_s) * FS))])
        assert len(rows) == 1
        assert rows["t_end_s"].iloc[0] == pytest.approx(end_s, abs=1.0)


# --- through the pipeline ---------------------------------------------------------------------------------

SLOW = 250.0


@pytest.fixture(scope="module")
def short(make: SimpleNamespace) -> tuple[list[str], np.ndarray]:
    """Two muscles of a leg at 250 Hz, 36 s; the calf does not rest from 25 s on."""
    x = make.runner({"BFLH_R": 95.0, "MGAS_R": 6.0}, fs=SLOW, seconds=36.0)
    x["MGAS_R"][int(25 * SLOW) :] += 40 * np.random.default_rng(1).normal(size=int(11 * SLOW))
    return list(x), np.column_stack(list(x.values()))


def pushed(make: SimpleNamespace, short: tuple[list[str], np.ndarray], cuts: Sequence[int]) -> Any:
    """A finished pipeline that got its blocks in pieces, and how much had been said after each."""
    sites, data = short
    pipeline = Pipeline(make.wired(sites, fs=SLOW))
    counts, first = [], 0
    for stop in [*sorted(cuts), len(data)]:
        pipeline.push(make.block(data[first:stop], first))
        counts.append(len(pipeline.watch.episodes))
        first = stop
    pipeline.finish()
    return pipeline, counts


@settings(max_examples=2, phases=(Phase.explicit, Phase.generate))
@given(cuts=st.lists(st.integers(0, int(36 * SLOW)), max_size=9))
def test_however_it_is_cut_the_same_is_said_and_no_finding(
    make: SimpleNamespace, short: tuple[list[str], np.ndarray], cuts: list[int]
) -> None:
    whole, got = (pushed(make, short, some)[0].analysis() for some in ([], cuts))
    pd.testing.assert_frame_equal(got.watch, whole.watch, check_exact=True)
    assert whole.watch["site"].tolist() == ["MGAS_R"]
    assert whole.watch["n_strides"].iloc[0] >= 10
    assert len(whole.findings) == 0
    assert not any("sustained" in line for line in whole.summary())


def test_it_is_said_while_it_goes_on(make: SimpleNamespace, short: tuple[list[str], np.ndarray]) -> None:
    _, counts = pushed(make, short, [int(second * SLOW) for second in range(1, 36)])
    assert 25.0 + 5.0 < counts.index(1) + 1 < 25.0 + 9.0
