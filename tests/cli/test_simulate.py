from __future__ import annotations

import json
from pathlib import Path

import pytest

from emgsmr.cli.main import main
from emgsmr.recording import Recording


def test_a_recording_and_its_truth(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out, truth = tmp_path / "run.emgsmr", tmp_path / "deep" / "truth.json"
    arguments = ["simulate", "-o", str(out), "--scenario", "demo", "--minutes", "0.5", "--seed", "4"]
    assert main([*arguments, "--truth", str(truth)]) == 0
    said = capsys.readouterr()
    assert str(out) in said.out
    assert str(truth) in said.out
    assert said.err == ""
    with Recording(out) as recording:
        assert recording.session["scenario"] == "demo"
        assert recording.session["seed"] == 4
        assert len(recording.sites) == 10
        assert any(event.label == "baseline" for event in recording.events())
    content = json.loads(truth.read_text(encoding="utf-8"))
    assert content["seed"] == 4
    assert content["expected"][0]["pair"] == "P1"


def test_json_is_one_object_and_nothing_else(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    out = tmp_path / "run.emgsmr"
    assert main(["simulate", "-o", str(out), "--scenario", "healthy", "--minutes", "0.2", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert (result["recording"], result["truth"], result["seed"]) == (str(out), None, 1)
    assert result["duration_s"] == pytest.approx(12.0)
    assert result["expected"] == []


def test_the_engine_can_be_chosen(tmp_path: Path) -> None:
    out, truth = tmp_path / "pool.emgsmr", tmp_path / "truth.json"
    arguments = ["simulate", "-o", str(out), "--scenario", "demo", "--minutes", "0.2", "--engine", "pool"]
    assert main([*arguments, "--truth", str(truth)]) == 0
    content = json.loads(truth.read_text(encoding="utf-8"))
    assert content["engine"] == "pool"
    assert content["sites"]["BFLH_R"]["force_capacity"][0] == [0.0, 1.0]
    with Recording(out) as recording:
        assert recording.session["engine"] == "pool"
    assert main(["simulate", "-o", str(tmp_path / "x.emgsmr"), "--engine", "steam"]) == 2


def test_an_unknown_scenario_lists_them_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["simulate", "-o", str(tmp_path / "x.emgsmr"), "--scenario", "glutes"]) == 2
    error = capsys.readouterr().err
    assert "'glutes'" in error
    assert "hamstring_inhibition" in error
    assert "sweat" in error
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_overwritten(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    taken = tmp_path / "taken.emgsmr"
    taken.write_bytes(b"precious")
    arguments = ["--scenario", "demo", "--minutes", "0.1"]
    assert main(["simulate", "-o", str(taken), *arguments]) == 2
    assert main(["simulate", "-o", str(tmp_path / "new.emgsmr"), "--truth", str(taken), *arguments]) == 2
    assert capsys.readouterr().err.count("never overwritten") == 2
    assert (
        main(["simulate", "-o", str(tmp_path / "same"), "--truth", str(tmp_path / "same"), *arguments]) == 2
    )
    assert taken.read_bytes() == b"precious"
    assert [path.name for path in tmp_path.iterdir()] == ["taken.emgsmr"]


def test_a_truth_that_cannot_be_written_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "file").write_text("no folder")
    out, truth = tmp_path / "run.emgsmr", tmp_path / "file" / "truth.json"
    assert main(["simulate", "-o", str(out), "--minutes", "0.1", "--truth", str(truth)]) == 5
    assert "truth" in capsys.readouterr().err


@pytest.mark.parametrize(
    "bad", [["--minutes", "0"], ["--minutes", "-3"], ["--seed", "-1"], ["--minutes", "x"]]
)
def test_impossible_numbers_are_a_usage_error(tmp_path: Path, bad: list[str]) -> None:
    assert main(["simulate", "-o", str(tmp_path / "x.emgsmr"), *bad]) == 2


def test_a_bar_shows_on_a_terminal(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.stderr.isatty", lambda: True, raising=False)
    assert main(["simulate", "-o", str(tmp_path / "x.emgsmr"), "--minutes", "0.1", "--json"]) == 0
    json.loads(capsys.readouterr().out)
