from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from emgsmr.analysis.validation import RunnerSession
from emgsmr.cli import validate
from emgsmr.cli.main import main


def session(path: Path, *, event: bool, load: bool, number: int, simulated: bool = True) -> RunnerSession:
    rng = np.random.default_rng(number)
    n = 20
    t_s = 360.0 + 60.0 * np.arange(n)
    zero = np.zeros(n)
    overload = np.linspace(0.0, 60.0, n) if load else rng.uniform(0.0, 5.0, n)
    names = ("excess", "chart", "jasa", "ratio", "above_20_pct")
    return RunnerSession(
        name=path.stem,
        runner=f"R{number // 2}",
        started=f"2026-01-{number + 1:02d}",
        start_s=360.0,
        end_s=1560.0,
        event_s=1560.0 if event else None,
        t_s=t_s,
        predictors={
            **dict.fromkeys(names, zero),
            "overload": overload,
            "rms": rng.normal(size=n),
            "elapsed": t_s / 60,
            "cadence": zero,
        },
        flags=((900.0, 1560.0),) if load else (),
        usual_cadence=170.0,
        simulated=simulated,
    )


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Sixteen recordings by name only, half of them with load and event, and a damaged one."""
    place = tmp_path / "diary"
    place.mkdir()
    for number in range(16):
        (place / f"S{number:02d}.emgsmr").touch()
    (place / "bad.emgsmr").touch()

    def read(path: Path, *, event: str) -> RunnerSession | str:
        if path.stem == "bad":
            return "it is damaged\x1b[2J"
        number = int(path.stem[1:])
        return session(path, event=number % 2 == 0, load=number % 2 == 0, number=number)

    monkeypatch.setattr(validate, "read_session", read)
    return place


def test_a_table_and_a_verdict(folder, capsys):
    assert main(["validate", str(folder), "--workers", "1"]) == 0
    out = capsys.readouterr().out
    assert "16 of 8 runners, 8 with an event" in out
    assert "8 of 8" in out
    assert "overload index" in out
    assert "fixed 20 % rule" in out
    assert "PPV" in out
    assert "uncalibrated research index" in out
    assert "says nothing about cramps" in out
    assert "it is damaged" in " ".join(out.split())
    assert "\x1b" not in out
    assert "probability" not in out.replace("It is no probability.", "")


def test_json_is_one_object(folder, capsys):
    assert main(["validate", str(folder), "--workers", "1", "--json", "--horizon", "5"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n_sessions"], found["n_runners"], found["n_events"], found["n_refused"]) == (16, 8, 8, 1)
    assert found["horizon_min"] == 5.0
    assert found["flags"]["sensitivity"] == 1.0
    assert found["flags"]["lead_min_quartiles"] == [11.0, 11.0, 11.0]
    assert found["risk"]["calibrated"] is False
    assert found["risk"]["slope"] is None
    assert found["windows"]["predictors"][0]["name"] == "overload index"
    assert found["simulated"] is True
    assert len(found["sessions"]) == 16


def test_files_and_a_picture(folder, tmp_path, capsys):
    out = tmp_path / "out"
    assert main(["validate", str(folder), "--workers", "1", "-o", str(out)]) == 0
    assert sorted(path.name for path in out.iterdir()) == [
        "predictors.csv", "sessions.csv", "validation.json", "validation.svg",
    ]  # fmt: skip
    lines = (out / "sessions.csv").read_text("utf-8").splitlines()
    assert len(lines) == 18
    assert lines[-1].startswith("bad,")
    assert "<svg" in (out / "validation.svg").read_text("utf-8")
    assert "Written" in capsys.readouterr().out
    assert main(["validate", str(folder), "--workers", "1", "-o", str(out)]) == 2
    assert "not overwritten" in capsys.readouterr().err


def test_without_events_it_says_what_can_be_said(folder, monkeypatch, capsys):
    monkeypatch.setattr(
        validate,
        "read_session",
        lambda path, *, event: session(path, event=False, load=False, number=1, simulated=False),
    )
    assert main(["validate", str(folder), "--workers", "1"]) == 0
    out = capsys.readouterr().out
    assert "No cramp or fatigue is marked" in out
    assert "0 flags in 5.7 h, 0.00 per hour (95 % CI 0.00 to 0.65)" in out
    assert "simulated" not in out
    assert main(["validate", str(folder), "--workers", "1", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["windows"]["predictors"] == []


def test_nothing_to_judge(tmp_path, capsys):
    assert main(["validate", str(tmp_path / "absent")]) == 2
    assert main(["validate", str(tmp_path)]) == 6
    assert "no recordings" in capsys.readouterr().err
    (tmp_path / "bad.emgsmr").write_text("no recording")
    assert main(["validate", str(tmp_path)]) == 6
    assert "not a recording" in capsys.readouterr().err
    assert main(["validate", str(tmp_path), "--horizon", "0"]) == 2


def test_a_simulated_diary_is_a_folder_that_validate_reads(tmp_path, capsys):
    out = tmp_path / "diary"
    arguments = ["simulate", "--diary", "load", "--sessions", "1", "--minutes", "10", "-o", str(out)]
    assert main([*arguments, "--json"]) == 0
    made = json.loads(capsys.readouterr().out)
    assert (made["sessions"], made["runners"], made["world"]) == (1, 1, "load")
    assert sorted(path.name for path in out.iterdir()) == ["R01-1.emgsmr", "truths.json"]
    (truth,) = json.loads((out / "truths.json").read_text("utf-8"))
    assert truth["diary"]["runner"] == "R01"
    assert main(arguments) == 2
    assert "not an empty folder" in capsys.readouterr().err
    assert main(["validate", str(out), "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert (found["n_sessions"], found["n_runners"], found["simulated"]) == (1, 1, True)
    assert found["sessions"][0]["runner"] == "R01"
    assert found["sessions"][0]["started_utc"] == "2026-01-05T07:00:00.000Z"


def test_several_processes_read_a_folder(tmp_path, capsys):
    for name in ("one", "two"):
        (tmp_path / f"{name}.emgsmr").write_text("no recording")
    assert main(["validate", str(tmp_path), "--workers", "2"]) == 6
    assert "none of the 2 recordings" in capsys.readouterr().err


def test_options_of_a_diary_and_of_a_scenario_do_not_mix(tmp_path, capsys):
    assert main(["simulate", "--sessions", "3", "-o", str(tmp_path / "x.emgsmr")]) == 2
    truth = ["--truth", str(tmp_path / "t.json")]
    assert main(["simulate", "--diary", "load", *truth, "-o", str(tmp_path / "x")]) == 2
    assert main(["simulate", "--diary", "load", "-o", str(tmp_path / "x.emgsmr")]) == 2
    assert list(tmp_path.iterdir()) == []
    assert "--diary" in capsys.readouterr().err
