"""End to end on simulated runners whose truth is known: from sensors to findings."""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

import emgsmr
from emgsmr.analysis import Analysis


@pytest.fixture(scope="module")
def analyzed(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], tuple[Analysis, dict[str, Any]]]:
    """The analysis of a scenario in six minutes, and its truth."""

    @functools.cache
    def run(scenario: str) -> tuple[Analysis, dict[str, Any]]:
        path = tmp_path_factory.mktemp("runs") / "run.emgsmr"
        recording, truth = emgsmr.simulate(scenario, minutes=6.0, seed=3, path=path)
        with recording:
            return emgsmr.analyze(recording), truth

    return run


Analyzed = Callable[[str], tuple[Analysis, dict[str, Any]]]


def test_the_right_pair_and_side_and_nothing_else(analyzed: Analyzed) -> None:
    result, truth = analyzed("glute_inhibition")
    (expected,) = truth["expected"]
    (found,) = result.findings.to_dict("records")
    assert (found["pair"], found["side"]) == (expected["pair"], expected["side"]) == ("P1", "R")
    assert found["pattern"] == "compensation"
    assert found["tier"] == 2
    assert found["t_onset_s"] == pytest.approx(expected["t_onset_s"], abs=30)
    assert found["t_alarm_s"] < expected["t_full_s"] + 60
    assert found["change_pct"] == pytest.approx(expected["change_pct"], abs=12)
    assert found["d_prime_pct"] == pytest.approx(expected["d_prime_pct"], abs=8)
    assert found["d_compensator_pct"] == pytest.approx(expected["d_compensator_pct"], abs=8)


@pytest.mark.parametrize("scenario", ["glute_inhibition", "gain_step"])
def test_contacts_from_the_emg_lie_near_the_true_ones(analyzed: Analyzed, scenario: str) -> None:
    result, truth = analyzed(scenario)
    for side in "LR":
        true = np.array(truth["contacts"][side])
        got = result.strides.query("side == @side and valid")["t_start_s"].to_numpy()
        error = got[:, np.newaxis] - true
        nearest = error[np.arange(len(got)), np.abs(error).argmin(axis=1)]
        assert np.percentile(np.abs(nearest), 95) < 0.05
        assert len(got) > 0.97 * len(true)


def test_a_gain_step_is_a_notice_and_no_alarm(analyzed: Analyzed) -> None:
    result, truth = analyzed("gain_step")
    assert truth["expected"][0]["pattern"] == "gain_drift"
    assert (result.findings["tier"] == 0).all()
    assert (result.findings["pattern"] == "gain_drift").all()


def test_a_healthy_runner_is_left_in_peace(analyzed: Analyzed) -> None:
    result, truth = analyzed("healthy")
    assert truth["expected"] == []
    assert len(result.findings) == 0
    assert any(line.startswith("No lasting shift was detected") for line in result.summary())
    assert result.baseline == (
        pytest.approx(truth["phases"][1]["t0_s"]),
        pytest.approx(truth["phases"][1]["t1_s"]),
    )
    assert result.strides["valid"].mean() > 0.98
