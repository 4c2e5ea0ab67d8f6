from __future__ import annotations

import json
from pathlib import Path

import pytest

from emgsmr.cli.main import main
from emgsmr.recording import Recording


@pytest.fixture
def walk(tmp_path: Path) -> Path:
    path = tmp_path / "walk.csv"
    path.write_text(
        "time_s,GMAX [uV],BF [uV],SOL [uV?]\n" + "".join(f"{i / 1000},{i},1,2\n" for i in range(500))
    )
    (tmp_path / "steps.csv").write_text("t_s,kind,side\n0.1,foot_contact,R\n")
    return path


def run(walk: Path, *options: str) -> int:
    return main(["import", str(walk), "-o", str(walk.with_suffix(".emgsmr")), *options])


def test_it_says_where_and_what(walk, capsys):
    assert (
        run(
            walk,
            "--map",
            "GMAX=GMAX_R",
            "--map",
            "BF [uV]=BFLH_R",
            "--events",
            str(walk.with_name("steps.csv")),
        )
        == 0
    )
    out = capsys.readouterr().out
    assert "walk.emgsmr: 0.500 s at 1000 Hz" in out
    assert "GMAX_R   GMAX [uV], in uV" in out
    assert "left out: SOL [uV?]" in out
    assert "1 events, 0 gaps" in out
    with Recording(walk.with_suffix(".emgsmr")) as recording:
        assert recording.sites == ("GMAX_R", "BFLH_R")


def test_json_is_one_object(walk, capsys):
    assert run(walk, "--map", "GMAX=GMAX_R", "--json") == 0
    facts = json.loads(capsys.readouterr().out)
    assert facts["recording"].endswith("walk.emgsmr")
    assert facts["mapped"] == {"GMAX [uV]": "GMAX_R"}
    assert facts["left_out"] == ["BF [uV]", "SOL [uV?]"]
    assert (facts["rate_hz"], facts["duration_s"], facts["gaps"]) == (1000.0, 0.5, 0)


@pytest.mark.parametrize(
    ("options", "code", "message"),
    [
        ([], 2, "--map COLUMN=SITE; the columns are time_s, GMAX [uV], BF [uV], SOL [uV?]"),
        (["--map", "GMAX"], 2, "not COLUMN=SITE"),
        (["--map", "=GMAX_R"], 2, "not COLUMN=SITE"),
        (["--map", "GMAX=GMAX_R", "--map", "GMAX=GMAX_L"], 2, "twice"),
        (["--map", "NONE=GMAX_R"], 2, "no column 'NONE'"),
        (["--map", "GMAX=GMAXX_R"], 2, "GMAX_R"),
        (["--map", "SOL=SOL_R"], 2, "--unit"),
        (["--map", "GMAX=GMAX_R", "--unit", "mV"], 2, "--unit says mV"),
        (["--map", "GMAX=GMAX_R", "--unit", "kg"], 2, "--unit"),
        (["--map", "GMAX=GMAX_R", "--rate", "150"], 6, "150 samples per second"),
        (["--map", "GMAX=GMAX_R", "--rate", "fast"], 2, "--rate"),
        (["--map", "GMAX=GMAX_R", "--events", "absent.csv"], 5, "absent.csv"),
    ],
)
def test_mistakes_end_in_one_sentence(walk, capsys, options, code, message):
    assert run(walk, *options) == code
    captured = capsys.readouterr()
    assert message in captured.err
    assert "Traceback" not in captured.err
    assert captured.out == ""
    assert not walk.with_suffix(".emgsmr").exists()


@pytest.mark.parametrize(
    "content", [b"", b"\x7fELF\0\0", b"t,GMAX [uV]\n0,a\n", b"t,GMAX [uV]\n0,1\n0.001\n"]
)
def test_files_that_cannot_be_imported(walk, capsys, content):
    walk.write_bytes(content)
    assert run(walk, "--map", "GMAX=GMAX_R") == 5
    assert capsys.readouterr().err.count("\n") == 1


def test_a_recording_is_never_overwritten(walk, capsys):
    assert run(walk, "--map", "GMAX=GMAX_R") == 0
    before = walk.with_suffix(".emgsmr").read_bytes()
    assert run(walk, "--map", "BF=BFLH_R") == 2
    assert "never overwritten" in capsys.readouterr().err
    assert walk.with_suffix(".emgsmr").read_bytes() == before


def test_a_bar_shows_only_on_a_terminal(walk, capsys, monkeypatch):
    import sys

    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    assert run(walk, "--map", "GMAX=GMAX_R", "--json") == 0
    json.loads(capsys.readouterr().out)


def test_without_a_terminal_standard_error_stays_empty(walk, capsys):
    assert run(walk, "--map", "GMAX=GMAX_R") == 0
    assert capsys.readouterr().err == ""
