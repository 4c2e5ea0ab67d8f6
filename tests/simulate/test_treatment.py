"""Sessions with bouts before and after a treatment: what was put in is what comes out."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pytest

from emgsmr.errors import ArgumentError
from emgsmr.simulate import SCENARIOS, TREATMENTS, simulate_runner, treatment_session
from emgsmr.simulate.treatment import BOUT_SD


def test_four_sessions_come_by_name() -> None:
    assert list(TREATMENTS) == ["treatment_0", "treatment_10", "treatment_20", "treatment_40"]
    assert not set(TREATMENTS) & set(SCENARIOS)
    run = simulate_runner("treatment_20", seed=1)
    assert [event["label"] for event in run.events] == ["rest", *["A1"] * 3, *["A2"] * 3, *["B"] * 3]
    assert run.truth["shifts"][0]["change_pct"] == pytest.approx(20.0)
    assert json.loads(json.dumps(run.truth)) == run.truth
    assert TREATMENTS["treatment_0"].shifts == ()


def test_the_runner_rests_between_bouts() -> None:
    run = simulate_runner(treatment_session(0.0, bout_s=10.0, rest_s=5.0), seed=2)
    bouts = [(e["t_s"], e["t_s"] + e["duration_s"]) for e in run.events if e["label"] != "rest"]
    for contacts in run.contacts.values():
        assert all(any(begin <= t <= end for begin, end in bouts) for t in contacts)


def test_bouts_scatter_as_was_put_in_and_the_truth_knows_how() -> None:
    logs = []
    for seed in range(200):
        truth = simulate_runner(treatment_session(0.0, bout_s=1.0, rest_s=1.0), seed=seed).truth
        logs += [np.log(truth["sites"][site]["bouts"]) for site in ("GMAX_L", "BFLH_R")]
    assert np.std(logs) == pytest.approx(BOUT_SD, rel=0.05)
    assert np.corrcoef(np.array(logs[::2]).ravel(), np.array(logs[1::2]).ravel())[0, 1] == pytest.approx(
        0, abs=0.1
    )


def test_a_bouts_factor_is_in_the_signal() -> None:
    script = dataclasses.replace(
        treatment_session(0.0, bout_s=20.0, rest_s=4.0, bout_sd=0.4),
        motion_uv=0.0,
        stride_sd=0.0,
        common_sd=0.0,
    )
    run, same = (simulate_runner(dataclasses.replace(script, bout_sd=sd), seed=3) for sd in (0.4, 0.0))
    one, other = (r.emg("GMAX_L", fs=500.0) for r in (run, same))
    for event, factor in zip(run.events[1:], run.truth["sites"]["GMAX_L"]["bouts"][1:], strict=True):
        inside = slice(int((event["t_s"] + 1) * 500), int((event["t_s"] + event["duration_s"] - 1) * 500))
        assert np.std(one[inside]) / np.std(other[inside]) == pytest.approx(factor, rel=0.1)  # and noise


def test_other_scenarios_are_as_they_were() -> None:
    assert simulate_runner("healthy", seed=1, minutes=0.1).truth["sites"]["GMAX_L"]["bouts"] == [1.0, 1.0]


@pytest.mark.parametrize(
    "wrong",
    [{"change_pct": -95.0}, {"change_pct": float("nan")}, {"n_bouts": 0}, {"bout_s": 0.0}, {"rest_s": -1.0}],
)
def test_nonsense_is_refused(wrong: dict[str, float]) -> None:
    with pytest.raises(ArgumentError):
        treatment_session(**{"change_pct": 10.0, **wrong})  # type: ignore[arg-type]
