"""Replay gives what analyze gives, also of what is no EMG."""

from __future__ import annotations

import json
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from emgsmr.analysis.settings import Cycles
from emgsmr.cli.analysis_options import CYCLES
from emgsmr.cli.main import main
from emgsmr.recording import Event, Recorder, SampleBlock, TimedReading


@pytest.fixture
def path(tmp_path: Path) -> Path:
    """Twenty seconds of noise with foot contacts, a strap that goes on after the last sample, and motion."""
    path = tmp_path / "run.emgsmr"
    counts = np.random.default_rng(1).integers(7_500, 8_500, (10_000, 1)).astype("<i2")
    with Recorder(path, started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="umyo", address="", name="thigh", firmware="", rate_hz=500.0, channels=1, dtype="<i2",
            scale_uv=1.0, scale_known="known", placements=[(0, "BFLH_R")],
        )  # fmt: skip
        for first in range(0, 10_000, 50):
            came = (first + 50) * 2_000_000
            recorder.write(
                SampleBlock(info.id, first, counts[first : first + 50], np.array([[first + 50, came]]))
            )
            recorder.add_reading(TimedReading("thigh", 1, "acceleration_g", came, (0, 0, 1), first + 50))
        for second in range(25):
            recorder.add_reading(
                TimedReading("strap", None, "heart_rate_bpm", second * 1_000_000_000, (100 + second,))
            )
        for k in range(26):
            recorder.add_event(Event(1.0 + 0.7 * k, None, "foot_contact", side="R"))
    return path


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, list[dict[str, object]]]:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_the_same_tables_as_analyze(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    played, analyzed = said(capsys, "replay", str(path)), said(capsys, "analyze", str(path))
    for name in ("strides", "activation", "readings", "covariates", "gaps"):
        assert played[name] == analyzed[name], name
    assert [row["value"] for row in played["readings"]] == [100.0 + second for second in range(25)]
    assert played["covariates"][0] == {
        "stride": 1, "side": "R", "t_s": 1.0,
        "heart_rate_bpm": 101.0, "speed_mps": None, "pod_cadence_spm": None,
    }  # fmt: skip


def test_at_a_speed_the_same(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    fast = said(capsys, "replay", str(path), "--speed", "1000")
    assert fast["readings"] == said(capsys, "analyze", str(path))["readings"]


@pytest.mark.parametrize("cycles", ["bursts", "windows"])
def test_what_cycles_are_can_be_chosen(path: Path, capsys: pytest.CaptureFixture[str], cycles: str) -> None:
    played = said(capsys, "replay", str(path), "--cycles", cycles)
    analyzed = said(capsys, "analyze", str(path), "--cycles", cycles)
    assert played["strides"] == analyzed["strides"]
    assert {row["source"] for row in played["strides"]} <= {cycles}
    assert analyzed["session"]["settings"]["cycles"] == cycles  # type: ignore[call-overload]


def test_the_choices_are_those_of_the_settings(path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert get_args(Cycles) == CYCLES
    assert main(["analyze", str(path), "--cycles", "hops"]) == 2
    assert "bursts" in capsys.readouterr().err


@pytest.mark.parametrize("how", [["--normalize", "none"], ["--reference", "FILE"], ["--band", "20:400"]])
def test_normalization_and_band_can_be_chosen(
    path: Path, capsys: pytest.CaptureFixture[str], how: list[str]
) -> None:
    arguments = [str(path) if word == "FILE" else word for word in how]
    played = said(capsys, "replay", str(path), *arguments)
    analyzed = said(capsys, "analyze", str(path), *arguments)
    assert played == {name: value for name, value in analyzed.items() if name != "files"}
    settings = analyzed["session"]["settings"]  # type: ignore[call-overload]
    wanted = {
        "--normalize": ("normalization", "none"),
        "--reference": ("normalization", "reference"),
        "--band": ("low_hz", 20.0),
    }[how[0]]
    assert settings[wanted[0]] == wanted[1]
    if how[0] == "--reference":
        assert {row["source"] for row in analyzed["references"]} == {path.name}
        notes = [str(row["note"]) for row in analyzed["references"] if row["reference_uV"] is not None]
        assert notes
        assert all("another session" in note for note in notes)
        rels = [row["rel"] for row in analyzed["activation"] if row["rel"] is not None]
        assert 0.5 < sorted(rels)[len(rels) // 2] < 2.0  # the recording relative to itself


@pytest.mark.parametrize("wrong", [["--band", "20"], ["--band", "450:20"], ["--normalize", "peak"]])
def test_a_wrong_option_is_a_sentence(path: Path, wrong: list[str]) -> None:
    assert main(["analyze", str(path), *wrong]) == 2
