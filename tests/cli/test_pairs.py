"""Which pairs are watched: those asked for, and a user's own."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from emgsmr.cli.main import main
from emgsmr.recording import Event, Recorder, SampleBlock

OWN = """
[[pair]]
id = "X1"
prime = ["VM"]
compensator = ["RF"]
prime_name = "VM"
compensator_name = "RF"
status = "on"
enabled = true
shared_task = "knee extension"
run_window_pct = [-10, 30]
level = "D"
evidence = "the user's own question"
"""
SITES = ("GMAX_R", "BFLH_R", "GMED_R", "TFL_R", "VM_R", "RF_R")


@pytest.fixture(scope="module")
def path(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Twelve seconds of noise on six muscles with foot contacts."""
    path = tmp_path_factory.mktemp("pairs") / "run.emgsmr"
    counts = np.random.default_rng(1).normal(8_000, 300, (6_000, len(SITES))).astype("<i2")
    with Recorder(path, started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="umyo", address="", name="all", firmware="", rate_hz=500.0, channels=len(SITES),
            dtype="<i2", scale_uv=1.0, scale_known="known", placements=list(enumerate(SITES)),
        )  # fmt: skip
        for first in range(0, 6_000, 50):
            came = np.array([[first + 50, (first + 50) * 2_000_000]])
            recorder.write(SampleBlock(info.id, first, counts[first : first + 50], came))
        for k in range(15):
            recorder.add_event(Event(1.0 + 0.7 * k, None, "foot_contact", side="R"))
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, Any]:
    assert main([*arguments, "--json"]) == 0
    found: dict[str, Any] = json.loads(capsys.readouterr().out)
    return found


def watched(result: dict[str, Any]) -> set[str]:
    charts = {chart["pair"] for chart in result["session"]["charts"]}
    assert charts == {row["pair"] for row in result["ratios"] if row["valid"]}
    return charts


@pytest.mark.parametrize("verb", ["analyze", "replay"])
def test_pairs_that_are_on_or_asked_for(path: Path, capsys: pytest.CaptureFixture[str], verb: str) -> None:
    assert watched(said(capsys, verb, str(path))) == {"P1"}
    assert watched(said(capsys, verb, str(path), "--pairs", "P1, P5")) == {"P1", "P5"}


@pytest.mark.parametrize("verb", ["analyze", "replay"])
def test_a_pair_of_ones_own(
    path: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], verb: str
) -> None:
    own = tmp_path / "own.toml"
    own.write_text(OWN)
    result = said(capsys, verb, str(path), "--catalog", str(own))
    assert watched(result) == {"P1", "X1"}
    row = next(row for row in result["ratios"] if row["pair"] == "X1")
    assert (row["prime"], row["compensator"]) == ("VM", "RF")
    assert result["session"]["settings"]["catalog"] == str(own)
    assert watched(said(capsys, verb, str(path), "--catalog", str(own), "--pairs", "X1")) == {"X1"}


@pytest.mark.parametrize(
    ("options", "code", "says"),
    [
        (["--pairs", "P77"], 2, "There is no pair 'P77'; the pairs are P1, P2"),
        (["--pairs", "P1,,P2"], 2, "has an empty name"),
        (["--catalog", "nowhere.toml"], 2, "nowhere.toml cannot be read"),
    ],
)
def test_what_there_is_not_is_said(
    path: Path, capsys: pytest.CaptureFixture[str], options: list[str], code: int, says: str
) -> None:
    assert main(["analyze", str(path), *options]) == code
    assert says in capsys.readouterr().err
