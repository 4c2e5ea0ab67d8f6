"""What the window remembers."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from emgsmr.gui.memory import Memory, config_folder
from emgsmr.recording import Montage, MontageSensor


@pytest.mark.parametrize(
    ("platform", "environment", "folder"),
    [
        ("linux", {"XDG_CONFIG_HOME": "x"}, Path("x/emgsmr")),
        ("linux", {}, Path.home() / ".config" / "emgsmr"),
        ("win32", {"APPDATA": "x"}, Path("x/emgsmr")),
        ("win32", {}, Path.home() / "AppData" / "Roaming" / "emgsmr"),
        ("darwin", {}, Path.home() / "Library" / "Application Support" / "emgsmr"),
    ],
)
def test_the_folder_is_the_platforms(platform, environment, folder):
    assert config_folder(platform, environment) == folder


def test_the_default_place(monkeypatch, tmp_path):
    monkeypatch.setattr("emgsmr.gui.memory.config_folder", lambda: tmp_path)
    assert Memory().path == tmp_path / "window.json"


def test_a_montage_is_offered_when_all_its_sensors_are_in_range(scripted, tmp_path):
    path = tmp_path / "new" / "window.json"
    memory = Memory(path)
    assert (memory.montages, memory.problem) == ([], "")
    four = tuple(scripted.found(s.name, s.family) for s in scripted.MONTAGE.sensors)
    assert memory.montage_for(four) is None
    memory.remember(scripted.MONTAGE, tmp_path / "runs")
    again = Memory(path)
    assert again.montage_for(four) == scripted.MONTAGE
    assert again.montage_for(four[:3]) is None
    assert again.montage_for(()) is None
    assert again.folder == str(tmp_path / "runs")
    assert not path.with_suffix(".part").exists()


def test_the_latest_of_a_set_of_sensors_counts(scripted, tmp_path):
    memory = Memory(tmp_path / "window.json")
    first = Montage((MontageSensor("GL", channels={1: "ST_L"}),))
    later = Montage((MontageSensor("GL", channels={1: "ST_R"}),))
    for montage in (first, scripted.MONTAGE, later):
        memory.remember(montage)
    assert memory.montages == [later, scripted.MONTAGE]
    assert memory.montage_for((scripted.found("GL"),)) == later
    for i in range(30):
        memory.remember(Montage((MontageSensor(f"S{i}"),)))
    assert len(Memory(memory.path).montages) == 20


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "null",
        "{}",
        '{"folder": "", "montages": [1]}',
        '{"folder": "", "montages": [{}]}',
        "[" * 9999,
    ],
    ids=lambda text: text[:20],
)
def test_a_broken_file_is_left_out_with_a_word(tmp_path, content):
    path = tmp_path / "window.json"
    path.write_text(content)
    memory = Memory(path)
    assert memory.montages == []
    assert "cannot be read and is left out" in memory.problem
    memory.remember(Montage((MontageSensor("A"),)))
    assert Memory(path).problem == ""


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "window.json"
    path.write_bytes(b"\xff\xfe\x00")
    assert Memory(path).problem


def test_a_place_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    memory = Memory(tmp_path / "file" / "window.json")
    memory.remember(Montage((MontageSensor("A"),)))
    assert "cannot be remembered" in memory.problem
    assert len(memory.montages) == 1


def test_it_is_plain_json(scripted, tmp_path):
    memory = Memory(tmp_path / "window.json")
    memory.remember(scripted.MONTAGE, "runs")
    assert json.loads(memory.path.read_text())["montages"][0]["sensor"][0]["name"] == "GL"
