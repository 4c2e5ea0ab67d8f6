"""One path, for phases that are marked live: what is found is what an analysis finds later."""

from __future__ import annotations

from itertools import pairwise
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from emgsmr.analysis import COLUMNS, Pipeline, Settings, detector, long_list, pool
from emgsmr.recording import Event

FS = 250.0
HOW = Settings(warmup_s=5, baseline_s=15, block_strides=3, hours_per_false_alarm=0.01)
"""The automatic baseline is over after 20 s."""

PLANS = {
    "rest, then a baseline that a run ends": (
        Event(0.0, None, "phase", label="rest"),
        Event(10.0, None, "phase", label="baseline"),
        Event(35.0, None, "phase", label="run"),
    ),
    "a baseline after the automatic one": (
        Event(3.0, 4.0, "phase", label="rest"),
        Event(55.0, None, "phase", label="baseline"),
        Event(70.0, None, "phase", label="run"),
    ),
    "a baseline with a duration after the automatic one": (Event(30.0, 14.0, "phase", label="baseline"),),
    "a second baseline": (
        Event(2.0, 14.0, "phase", label="baseline"),
        Event(40.0, 3.0, "phase", label="mvc", site="GMAX_R"),
        Event(52.0, None, "phase", label="baseline"),
        Event(60.0, 2.0, "phase", label="rest"),
    ),
    "a baseline that nothing ends": (Event(30.0, None, "phase", label="baseline"),),
    "phases that are no baseline": (
        Event(30.0, None, "phase", label="hill"),
        Event(40.0, 3.0, "phase", label="mvc", site="BFLH_R"),
        Event(60.0, None, "phase", label="rest"),
    ),
}


ALL_TABLES = ("a baseline after the automatic one", "a second baseline")
"""With the others it is enough to compare what the detector says."""


@pytest.fixture(autouse=True)
def _short_baseline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(detector, "MIN_STRIDES", 15)


@pytest.fixture(scope="module")
def signals(make: SimpleNamespace) -> SimpleNamespace:
    """A minute and a half of strides; after 25 s the hamstrings take over, after 75 s still more."""
    times = np.arange(0.5, 89, 0.7)
    rng = np.random.default_rng(5)
    gmax, ham = (make.bursting(times, FS, [(0.0, 20.0, 80.0)]) for _ in range(2))
    ham[int(25 * FS) :] *= 1.6
    ham[int(75 * FS) :] *= 1.6
    x = np.column_stack([gmax, ham]) + rng.normal(0, 3, (len(gmax), 2))
    x *= np.repeat(rng.normal(1, 0.03, (len(x) // 250 + 1, 2)), 250, axis=0)[: len(x)]
    wiring = make.wired(["GMAX_R", "BFLH_R"], fs=FS)
    return SimpleNamespace(x=x, wiring=wiring, contacts=make.contacts(times))


def analyzed(signals: SimpleNamespace, make: SimpleNamespace, phases, *, live: bool) -> Pipeline:
    every = signals.contacts if live else sorted([*signals.contacts, *phases])
    pipeline = Pipeline(signals.wiring, HOW, events=every)
    waiting = list(phases) if live else []
    for first in range(0, len(signals.x), 50):
        while waiting and waiting[0].t_s <= first / FS:
            pipeline.push_event(waiting.pop(0))
        pipeline.push(make.block(signals.x[first : first + 50], first))
    pipeline.finish()
    return pipeline


@pytest.mark.parametrize("plan", PLANS)
def test_told_as_they_happen_or_known_beforehand(signals, make, monkeypatch, plan: str) -> None:
    later = analyzed(signals, make, PLANS[plan], live=False)
    monkeypatch.setattr(long_list, "PAGE", 7)  # a new baseline is made of strides that lie in a file by then
    monkeypatch.setattr(pool, "PAGE", 1)
    live = analyzed(signals, make, PLANS[plan], live=True)
    assert live.findings() == later.findings()
    assert live.legs["R"].baseline == later.legs["R"].baseline
    assert repr(live.standing.as_dict()) == repr(later.standing.as_dict())  # NaN equals no NaN
    for one, other in zip(live.status(), later.status(), strict=True):
        assert (one.band_pct, one.state) == (other.band_pct, other.state)
        assert np.array_equal(one.points_pct, other.points_pct)
    if plan not in ALL_TABLES:
        return
    got, wanted = live.analysis(), later.analysis()
    for name in COLUMNS:
        if name != "events":
            pd.testing.assert_frame_equal(
                getattr(got, name), getattr(wanted, name), check_exact=True, obj=name
            )
    assert sorted(live.events) == sorted(later.events)


def test_a_new_baseline_begins_the_charts_anew(signals, make) -> None:
    """What the automatic baseline found is gone when another one is marked; what comes after it is found."""
    assert analyzed(signals, make, (), live=True).findings()[0].t_onset_s < 30
    phases = PLANS["a baseline after the automatic one"]
    pipeline = analyzed(signals, make, phases, live=True)
    assert pipeline.legs["R"].baseline.source == "events"
    onsets = [finding.t_onset_s for finding in pipeline.findings()]
    assert onsets
    assert min(onsets) > 70
    points = pipeline.status()[0]
    assert points.t_s[0] > 70
    assert len(points.t_s) == len(points.points_pct)
    assert points.change_pct == points.points_pct[-1]


def test_a_phase_that_is_marked_late_counts_as_well(signals, make) -> None:
    """Its end had passed when it was told: the strides after it are looked at again."""
    phase = Event(30.0, 14.0, "phase", label="baseline")
    pipeline = Pipeline(signals.wiring, HOW, events=signals.contacts)
    pipeline.push(make.block(signals.x[: int(60 * FS)], 0))
    pipeline.push_event(phase)
    pipeline.push(make.block(signals.x[int(60 * FS) :], int(60 * FS)))
    pipeline.finish()
    assert pipeline.findings() == analyzed(signals, make, (phase,), live=False).findings()


def test_strides_of_the_baseline_are_counted_as_they_come(signals, make) -> None:
    pipeline = Pipeline(signals.wiring, HOW, events=signals.contacts)
    leg = pipeline.legs["R"]
    counts = []
    for first in range(0, len(signals.x), 250):
        if first == 10 * 250:
            pipeline.push_event(Event(10.0, None, "phase", label="baseline"))
        if first == 40 * 250:
            pipeline.push_event(Event(40.0, None, "phase", label="run"))
        pipeline.push(make.block(signals.x[first : first + 250], first))
        counts.append(leg.baseline_strides)
    assert counts[9] is None or counts[9] < 10  # of the automatic one
    assert counts[10] == 0
    assert counts[39] == pytest.approx(30 / 0.7, abs=5)
    assert all(b >= a for a, b in pairwise(counts[10:]))
    assert counts[-1] == leg.baseline.n_strides


def test_the_band_is_what_points_leave_in_one_of_twenty(signals, make) -> None:
    pipeline = analyzed(signals, make, PLANS["a second baseline"], live=False)
    monitor = pipeline.legs["R"].monitors[0]
    low, high = pipeline.status()[0].band_pct
    assert low < 0 < high
    assert np.log1p(high / 100) == pytest.approx(1.96 * monitor.chart.sigma)
    assert np.log1p(low / 100) == pytest.approx(-1.96 * monitor.chart.sigma)
    without = Pipeline(signals.wiring, HOW, events=signals.contacts).status()[0]
    assert (without.band_pct, without.change_pct, len(without.t_s)) == (None, None, 0)
