"""The main job, end to end, through the command line: bytes to recording to findings to page."""

from __future__ import annotations

import csv
import json
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

from emgsmr.analysis import analyze
from emgsmr.cli.main import main
from emgsmr.radio.cast import cast_recording
from emgsmr.recording import Event, Recorder, SampleBlock, open_recording

WALK_SITES = {
    "GMAX_R": "GMAX_R",
    "BF_R": "BFLH_R",
    "ST_R": "ST_R",
    "GM_R": "MGAS_R",
    "GL_R": "LGAS_R",
    "SOL_R": "SOL_R",
}
TEXTBOOK_PCT = {
    "GMAX_R": (90, 115),
    "BFLH_R": (80, 110),
    "ST_R": (80, 110),
    "MGAS_R": (30, 55),
    "LGAS_R": (30, 55),
    "SOL_R": (30, 55),
}
UMYO_STEP_UV = 2.75


def run_json(capsys: pytest.CaptureFixture[str], *arguments: str | Path) -> dict[str, Any]:
    assert main([str(argument) for argument in arguments]) == 0
    found = json.loads(capsys.readouterr().out)
    assert isinstance(found, dict)
    return found


@pytest.fixture
def real_walk(real_data: Path, tmp_path: Path) -> Path:
    """The treadmill walk, imported as a user would."""
    folder = real_data / "santuz_walk_13muscle"
    events = tmp_path / "events.csv"
    with (folder / "ID0012_TW_01_gait_cycles.csv").open() as source, events.open("w", newline="") as target:
        writer = csv.writer(target)
        writer.writerow(["t_s", "kind", "side"])
        for row in csv.DictReader(source):
            writer.writerow([row["touchdown_s"], "foot_contact", "R"])
            writer.writerow([row["liftoff_s"], "toe_off", "R"])
    out = tmp_path / "walk.emgsmr"
    maps = [part for column, site in WALK_SITES.items() for part in ("--map", f"{column}={site}")]
    source = folder / "ID0012_TW_01.csv"
    assert main(["import", str(source), "-o", str(out), "--unit", "uV", *maps, "--events", str(events)]) == 0
    return out


@pytest.fixture
def synthetic_walk(tmp_path: Path) -> Path:
    """The same kind where no real one is at hand: bursts of noise locked to given foot contacts."""
    rng = np.random.default_rng(3)
    fs, stride_s, n = 1000, 1.04, 9000
    phase = np.arange(n)[:, np.newaxis] / fs / stride_s - np.array([0.04, 0.95, 0.94, 0.40, 0.41, 0.45])
    uv = rng.normal(size=phase.shape) * (3 + 90 * np.exp(10 * (np.cos(2 * np.pi * phase) - 1)))
    path = tmp_path / "synthetic.emgsmr"
    with Recorder(path, session={"source": "synthetic"}, started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="file",
            address="",
            name="synthetic",
            firmware="",
            rate_hz=float(fs),
            channels=6,
            dtype="<i4",
            scale_uv=0.01,
            scale_known="known",
            placements=list(enumerate(WALK_SITES.values())),
        )
        recorder.set_clock(info.id, 0, 0.0, float(fs), 0.0, "file")
        recorder.write(SampleBlock(info.id, 0, np.round(uv * 100).astype("<i4")))
        for k in range(9):
            recorder.add_event(Event(k * stride_s, kind="foot_contact", side="R"))
            recorder.add_event(Event((k + 0.63) * stride_s, kind="toe_off", side="R"))
    return path


def assert_textbook(activation: pd.DataFrame) -> None:
    for site, (low, high) in TEXTBOOK_PCT.items():
        centers = activation.loc[activation["site"] == site, "burst_center_pct"].dropna().to_numpy()
        assert len(centers) >= 5
        middle = np.angle(np.mean(np.exp(2j * np.pi * centers / 100))) / (2 * np.pi) * 100 % 100
        assert low <= middle <= high or low <= middle + 100 <= high, (site, middle)


def assert_plays_count_for_count(source: Path, folder: Path) -> None:
    """Virtual sensors play a recording; what Bleak brings is, in the file, what they sent."""
    out = folder / "played.emgsmr"
    assert main(["record", "-o", str(out), "--radio", f"virtual:{source}", "--speed", "1000"]) == 0
    cast = cast_recording(source)
    with open_recording(out) as played, open_recording(source) as original:
        assert [sensor.name for sensor in played.sensors] == [sensor.name for sensor in cast.sensors]
        for info, sent in zip(played.sensors, cast.sensors, strict=True):
            whole = len(sent.counts) // sent.family.samples_per_packet * sent.family.samples_per_packet
            np.testing.assert_array_equal(played.counts(info.id, 0, whole), sent.counts[:whole])
        got, wanted = analyze(played), analyze(original)
    assert len(got.strides) == len(wanted.strides)
    shift = (got.strides["t_start_s"] - wanted.strides["t_start_s"]).to_numpy()
    assert np.ptp(shift) < 0.005
    keys = ["stride", "site"]
    both = got.activation.merge(wanted.activation, on=keys, suffixes=("", "_wanted"))
    assert len(both) == len(wanted.activation)
    assert both["valid"].equals(both["valid_wanted"])
    both = both[both["valid"]]
    # rounding to a step adds step²/12 to the power; the rest: window edges fall on other samples
    error = np.abs(both["rms_uV"] - both["rms_uV_wanted"])
    assert (error < UMYO_STEP_UV / np.sqrt(12) + 0.03 * both["rms_uV_wanted"]).all()
    center = (both["burst_center_pct"] - both["burst_center_pct_wanted"] + 50) % 100 - 50
    assert np.abs(center).max() < 1.5


def test_a_real_walk_has_textbook_timing(real_walk: Path, capsys: pytest.CaptureFixture[str]) -> None:
    capsys.readouterr()
    found = run_json(capsys, "analyze", real_walk, "--json")
    strides = pd.DataFrame(found["strides"])
    assert strides["valid"].sum() >= 5
    assert set(strides["source"]) == {"events"}
    assert_textbook(pd.DataFrame(found["activation"]))


def test_a_real_walk_is_played_count_for_count(real_walk: Path, tmp_path: Path) -> None:
    assert_plays_count_for_count(real_walk, tmp_path)


def test_a_synthetic_walk_has_the_timing_that_was_put_in(
    synthetic_walk: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    found = run_json(capsys, "analyze", synthetic_walk, "--json")
    assert_textbook(pd.DataFrame(found["activation"]))


def test_a_synthetic_walk_is_played_count_for_count(synthetic_walk: Path, tmp_path: Path) -> None:
    assert_plays_count_for_count(synthetic_walk, tmp_path)


@pytest.mark.timeout(300)  # four minutes through the virtual radio and three analyses: slow on a busy machine
def test_the_demo_flags_what_was_put_in_and_nothing_else(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    said = run_json(capsys, "demo", "-o", tmp_path, "--headless", "--seconds", "240", "--json")
    recording = Path(said["recording"])
    live = said["findings"]
    found = run_json(capsys, "analyze", recording, "--json")
    flags = [row for row in found["findings"] if row["tier"] > 0]
    assert [(row["pair"], row["side"], row["pattern"], row["tier"]) for row in flags] == [
        ("P1", "R", "compensation", 2)
    ]
    assert [row["text"] for row in live if row["tier"] > 0] == [row["text"] for row in flags]
    assert run_json(capsys, "replay", recording, "--json")["findings"] == found["findings"]
    with open_recording(recording) as opened:
        assert len(opened.sensors) == 6
        assert len(opened.placements) == 10
    assert (Path(said["tables"]) / "findings.csv").exists()
    page = Path(said["report"]).read_text("utf-8")
    assert flags[0]["text"].split(";")[0] in page
