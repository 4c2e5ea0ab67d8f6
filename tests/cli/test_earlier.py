"""``--earlier``: what stands from the first stride, against the person's earlier sessions."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from emgsmr.cli.main import main
from emgsmr.recording import Event, Recorder, SampleBlock

FS, SECONDS = 500, 40


def recorded(path: Path, ratio: float, seed: int) -> Path:
    """Two maximal contractions, then a run in which the right hamstrings carry ``ratio`` times the glute."""
    rng = np.random.default_rng(seed)
    t = np.arange(SECONDS * FS) / FS
    trial = ((t >= 2) & (t < 5)) | ((t >= 7) & (t < 10))
    burst = (t >= 12) & (((t - 12) / 0.7 + 0.2) % 1 < 0.42)
    columns = []
    for maximum, part in ((300.0, 0.3), (600.0, 0.3 * ratio)):
        level = np.where(trial, 1.0, np.where(burst, part, 0.0))
        columns.append(np.hypot(maximum * level, 4.0) * rng.normal(size=len(t)))
    counts = np.round(8192 + np.column_stack(columns)).astype("<i2")
    with Recorder(path, started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="umyo", address="", name="thigh", firmware="", rate_hz=float(FS), channels=2, dtype="<i2",
            scale_uv=1.0, scale_known="known", placements=[(0, "GMAX_R"), (1, "BFLH_R")],
        )  # fmt: skip
        for first in range(0, len(counts), 50):
            came = np.array([[first + 50, (first + 50) * 2_000_000]])
            recorder.write(SampleBlock(info.id, first, counts[first : first + 50], came))
        for event in (
            Event(1.5, 4.0, "phase", label="mvc"),
            Event(6.5, 4.0, "phase", label="mvc"),
            Event(13.0, 20.0, "phase", label="baseline"),
            *(Event(12.0 + 0.7 * k, None, "foot_contact", side="R") for k in range(39)),
        ):
            recorder.add_event(event)
    return path


@pytest.fixture(scope="module")
def sessions(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    folder = tmp_path_factory.mktemp("sessions")
    ratios = {"today": 2.8, "monday": 1.0, "tuesday": 1.05, "friday": 0.97}
    return [
        recorded(folder / f"{name}.emgsmr", ratio, seed) for seed, (name, ratio) in enumerate(ratios.items())
    ]


def said(capsys: pytest.CaptureFixture[str], *arguments: str) -> dict[str, list[dict[str, object]]]:
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)  # type: ignore[no-any-return]


def test_one_earlier_session_is_too_few_and_three_are_enough(
    sessions: list[Path], capsys: pytest.CaptureFixture[str]
) -> None:
    today, *earlier = map(str, sessions)
    alone = said(capsys, "analyze", today)
    assert alone["findings"] == []
    one = said(capsys, "analyze", today, "--earlier", earlier[0])
    assert one["findings"] == []
    assert any("earlier session" in line and "would have counted" in str(line) for line in one["summary"])
    options = [word for path in earlier for word in ("--earlier", path)]
    found = said(capsys, "analyze", today, *options)
    (row,) = found["findings"]
    assert (row["pattern"], row["tier"], row["side"]) == ("standing", 1, "R")
    assert row["change_pct"] == pytest.approx(180, abs=40)
    assert "the mean of 3 earlier sessions" in str(row["text"])
    assert "the spread of these 3 sessions" in str(row["text"])
    assert said(capsys, "replay", today, *options)["findings"] == found["findings"]


def test_a_file_that_is_none_is_named(sessions: list[Path], tmp_path: Path) -> None:
    wrong = tmp_path / "notes.txt"
    wrong.write_text("nothing")
    assert main(["analyze", str(sessions[0]), "--earlier", str(wrong)]) == 5


def test_the_page_names_the_comparator(sessions: list[Path], tmp_path: Path) -> None:
    today, *earlier = map(str, sessions)
    options = [word for path in earlier for word in ("--earlier", path)]
    assert main(["report", today, "-o", str(tmp_path / "page.html"), *options]) == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert "standing difference" in page
    assert "compared with the mean of 3 earlier sessions" in page
    assert "It shows a difference, and neither why nor whether it matters." in page
