from __future__ import annotations

import io
import json

import pytest

from emgsmr.analysis.protocols import load_protocol, set_schedule
from emgsmr.cli import guided
from emgsmr.cli.guided import cue_panel
from emgsmr.cli.main import main
from emgsmr.radio import client as client_module
from emgsmr.radio.client import change_asked_for
from emgsmr.radio.virtual import VirtualAir
from emgsmr.recording import open_recording
from emgsmr.session.guide import Cue

SHORT = 'title = "Short"\nbouts = 3\nbout_s = 5\nrest_s = 0\nquiet_s = 0\nprimary = ["P1"]\n'


def test_protocols_are_listed_shown_and_copied(tmp_path, capsys):
    assert main(["protocol", "list"]) == 0
    assert "single_leg_bridge" in capsys.readouterr().out
    assert main(["protocol", "list", "--json"]) == 0
    listed = json.loads(capsys.readouterr().out)["protocols"]
    assert {entry["name"] for entry in listed} >= {"bridge", "easy_run"}
    assert main(["protocol", "show", "easy_run"]) == 0
    shown = capsys.readouterr().out
    assert "Bout 1 of 4 (120 s)" in shown
    assert "A1, A2, treatment, B" in shown
    own = tmp_path / "own.toml"
    assert main(["protocol", "copy", "bridge", str(own)]) == 0
    assert load_protocol(own).exercise == "bridge"
    capsys.readouterr()
    assert main(["protocol", "copy", "bridge", str(own)]) == 2
    assert "exists already" in capsys.readouterr().err


def test_protocols_speak_german(client, tmp_path, capsys):
    assert main(["protocol", "list", "--lang", "de"]) == 0
    listed = capsys.readouterr().out
    assert "Einbeinige Brücke" in listed
    assert "je Bein" in listed
    assert main(["protocol", "show", "single_leg_bridge", "--lang", "de"]) == 0
    shown = capsys.readouterr().out
    assert "Durchgang 1 von 8, rechtes Bein (24 s): Heben Sie das Becken, nur das rechte Bein trägt" in shown
    assert "Reihenfolge A1, A2, Behandlung, B" in shown
    assert main(["protocol", "list", "--json", "--lang", "de"]) == 0
    assert "Brücke" in [entry["title"] for entry in json.loads(capsys.readouterr().out)["protocols"]]
    protocol, out = tmp_path / "kurz.toml", tmp_path / "a.emgsmr"
    protocol.write_text(SHORT)
    arguments = ["protocol", "run", str(protocol), "-o", str(out), "--radio", "virtual", "--speed", "10000"]
    assert main([*arguments, "--lang", "de"]) == 0
    said = capsys.readouterr().out
    assert "Durchgang 3 von 3 (5 s): Los." in said
    assert "Behandlung: Jetzt die Behandlung." in said
    assert f"Jetzt: emgsmr report {out} --lang de" in said


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["show", "squat"], "no protocol 'squat'"),
        (["copy", "bridge", "own.txt"], "must end in .toml"),
        (["run", "squat", "-o", "x.emgsmr"], "no protocol 'squat'"),
        (["run", "easy_run", "-o", "x.emgsmr", "--radio", "virtual:treatment_much"], "names no change"),
        (["run", "easy_run", "-o", "x.emgsmr", "--radio", "telepathy"], "no radio 'telepathy'"),
        (["run", "easy_run", "-o", "x.emgsmr", "--phase", "c"], "is not one of"),
    ],
)
def test_what_cannot_be_done_is_one_sentence(arguments, said, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["protocol", *arguments]) == 2
    assert said in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []


@pytest.fixture
def client(make_cast, monkeypatch):
    """A virtual client of two sensors, who says what it was asked for."""
    asked = {}

    def air(protocol, sets, *, change_pct, treatment_s, speed, seed):
        asked.update(sets=sets, change_pct=change_pct, treatment_s=treatment_s)
        return VirtualAir(make_cast("umyo", seconds=120.0), speed=speed, seed=seed)

    monkeypatch.setattr(client_module, "virtual_client", air)
    return asked


def test_a_guided_set_is_recorded_and_says_what_comes_next(client, tmp_path, capsys):
    protocol, out = tmp_path / "short.toml", tmp_path / "a.emgsmr"
    protocol.write_text(SHORT)
    arguments = ["protocol", "run", str(protocol), "-o", str(out), "--radio", "virtual:treatment_20"]
    assert main([*arguments, "--phase", "before", "--speed", "10000"]) == 0
    said = capsys.readouterr().out
    assert client["change_pct"] == 20.0
    assert "Bout 3 of 3 (5 s): Go." in said
    assert "After the treatment: emgsmr protocol run" in said
    with open_recording(out) as recording:
        bouts = [event for event in recording.events() if event.label == "before"]
    assert [event.duration_s for event in bouts] == pytest.approx([5.0] * 3, abs=0.1)
    assert main([*arguments, "--phase", "after"]) == 2  # a recording is never overwritten
    assert "never overwritten" in capsys.readouterr().err


def test_json_is_one_object_and_nothing_else(client, tmp_path, capsys):
    protocol, out = tmp_path / "short.toml", tmp_path / "b.emgsmr"
    protocol.write_text(SHORT)
    arguments = ["protocol", "run", str(protocol), "-o", str(out), "--radio", "virtual", "--phase", "B"]
    assert main([*arguments, "--speed", "10000", "--json"]) == 0
    captured = capsys.readouterr()
    said = json.loads(captured.out)
    assert (said["protocol"], said["sets"]) == ("short", ["B"])
    assert "Bout 1 of 3" in captured.err


def test_the_panel_says_what_to_do_and_how_much_is_left():
    from rich.console import Console

    bout = next(s for s in set_schedule(load_protocol("single_leg_bridge"), "A1") if s.kind == "bout")
    assert bout.title == "Bout 1 of 8, right leg"
    console = Console(width=80, file=io.StringIO())
    console.print(cue_panel(Cue(bout, 10.0, 6.0)))
    text = console.file.getvalue()
    assert "Bout 1 of 8, right leg" in text
    assert "6 s" in text
    assert text.count("█") == 30


def test_the_virtual_client_stands_between_bouts_and_is_changed_by_the_treatment():
    from emgsmr.cli.protocol import _sets

    protocol = load_protocol("easy_run")
    assert [steps[0].label for steps in _sets(protocol, ("before", "after"), "R")] == ["before", "", "after"]
    assert change_asked_for("virtual:demo") is None
    assert guided.VIRTUAL_TREATMENT_S > 0
