from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest

from emgsmr.cli.main import main
from emgsmr.recording import Recorder, SampleBlock


@pytest.fixture
def recording(tmp_path: Path) -> Path:
    """Twelve seconds of noise on two muscles: a recording, without a stride in it."""
    path = tmp_path / "short.emgsmr"
    counts = np.random.default_rng(3).integers(-300, 300, (6000, 2)).astype("<i2")
    with Recorder(path, started_ns=0) as recorder:
        info = recorder.add_sensor(
            family="file", address="", name="short.csv", firmware="", rate_hz=500.0, channels=2, dtype="<i2",
            scale_uv=0.5, scale_known="known", placements=[(0, "GMAX_R"), (1, "BFLH_R")],
        )  # fmt: skip
        recorder.set_clock(info.id, 0, 0.0, 500.0, None, "file")
        recorder.write(SampleBlock(info.id, 0, counts))
    return path


def test_a_page_even_without_a_stride_beside_the_recording(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(recording)]) == 0
    page = recording.with_suffix(".html")
    assert str(page) in capsys.readouterr().out
    text = page.read_text(encoding="utf-8")
    assert "short.emgsmr" in text
    assert "Signal quality" in text


def test_json_is_one_object_and_nothing_else(
    recording: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    page = tmp_path / "pages" / "page.html"
    assert main(["report", str(recording), "-o", str(page), "--json"]) == 0
    said = json.loads(capsys.readouterr().out)
    assert said["report"] == str(page)
    assert said["summary"]
    assert page.exists()


def test_what_is_no_recording_is_exit_code_5(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "notes.txt").write_text("hello")
    assert main(["report", str(tmp_path / "notes.txt")]) == 5
    assert capsys.readouterr().err.count("\n") == 1
    assert not (tmp_path / "notes.html").exists()


def test_a_recording_is_never_overwritten_by_its_page(
    recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = recording.read_bytes()
    assert main(["report", str(recording), "-o", str(recording)]) == 2
    assert recording.read_bytes() == before
    assert "another name" in capsys.readouterr().err


@pytest.mark.parametrize("package", ["jinja2", "matplotlib"])
def test_a_missing_package_is_one_sentence_that_names_the_extra(
    recording: Path, package: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in [name for name in sys.modules if name.startswith("emgsmr.report")]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, package, None)
    assert main(["report", str(recording)]) == 2
    error = capsys.readouterr().err
    assert "emgsmr[report]" in error
    assert error.count("\n") == 1


def test_before_and_after_of_one_recording_in_german_and_as_pdf(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from emgsmr.cli import report

    asked: dict[str, object] = {}

    def compared(file: Path, after: Path | None, path: Path, **rest: object) -> tuple[list[Path], list[str]]:
        asked.update(file=file, after=after, **rest)
        return [path, path.with_suffix(".pdf")], ["Compared."]

    monkeypatch.setattr(report, "_before_and_after", compared)
    arguments = ["report", "s.emgsmr", "--before", "A1,A2", "--after", "B", "--lang", "de", "--pdf"]
    assert main(arguments) == 0
    assert (asked["after"], asked["lang"], asked["pdf"]) == (None, "de", True)
    assert "Report: s.pdf" in capsys.readouterr().out
    assert main(["report", "a.emgsmr", "b.emgsmr", "-o", str(tmp_path / "x.html"), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["files"][0].endswith("x.html")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--treated", "R"], "--treated is for before and after"),
        (["--pdf"], "--pdf is for before and after"),
        (["--before", "A1", "--earlier", "x.emgsmr"], "--earlier has no meaning"),
        (["--before", "A1", "--baseline", "1:2"], "--baseline has no meaning"),
        (["--lang", "fr"], "'fr' is not one of"),
    ],
)
def test_options_that_mean_nothing_are_one_sentence(
    arguments: list[str], said: str, recording: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["report", str(recording), *arguments]) == 2
    assert said in capsys.readouterr().err
