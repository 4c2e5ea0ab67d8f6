from __future__ import annotations

import json

import pytest

from emgsmr.cli.main import main
from emgsmr.radio.write_cast import write_cast
from emgsmr.recording import load_montage


@pytest.fixture
def radio(tmp_path, make_cast):
    """A virtual radio of two uMyo, which play a small recording."""
    path = tmp_path / "small.emgsmr"
    write_cast(make_cast("umyo", "npg_lite", seconds=1.0), path).close()
    return f"virtual:{path}"


def test_a_table(radio, capsys):
    assert main(["scan", "--radio", radio, "--seconds", "1"]) == 0
    out = capsys.readouterr().out
    for word in ("uMyo-01", "E1:00:00:00:00:02", "uMyo", "dBm", "100 %"):
        assert word in out


def test_json_is_one_object_and_nothing_else(radio, capsys):
    assert main(["scan", "--radio", radio, "--seconds", "1", "--json"]) == 0
    sensors = json.loads(capsys.readouterr().out)["sensors"]
    assert {(s["name"], s["family"], s["battery_pct"]) for s in sensors} == {
        ("uMyo-01", "umyo", 100),
        ("uMyo-02", "umyo", 100),
    }
    assert all(s["rssi"] < 0 for s in sensors)


def test_a_montage_to_fill_in(radio, tmp_path, capsys):
    path = tmp_path / "montage.toml"
    arguments = ["scan", "--radio", radio, "--seconds", "1", "--write-montage", str(path), "--json"]
    assert main(arguments) == 0
    assert json.loads(capsys.readouterr().out)["montage"] == str(path)
    montage = load_montage(path)
    assert [sensor.name for sensor in montage.sensors] == ["uMyo-01", "uMyo-02"]
    assert main(arguments) == 2
    assert "not overwritten" in capsys.readouterr().err


def test_strap_and_pod_are_listed_and_go_into_the_montage_without_channels(tmp_path, capsys):
    path = tmp_path / "montage.toml"
    assert main(["scan", "--radio", "virtual:demo", "--seconds", "1", "--write-montage", str(path)]) == 0
    out = capsys.readouterr().out
    assert "Heart rate strap" in out
    assert "Foot pod" in out
    text = path.read_text("utf-8")
    assert text.count("required = false\n") == 2
    assert text.count("[sensor.channels]") == 6
    montage = load_montage(path)
    optional = {s.family: dict(s.channels) for s in montage.sensors if not s.required}
    assert optional == {"heart_rate": {}, "foot_pod": {}}
    assert len(montage.sites) == 10


def test_no_bluetooth_here(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-such-bus")
    assert main(["scan", "--seconds", "1"]) == 3
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith("Error: ")
    assert captured.err.count("\n") == 1
    assert "--radio virtual" in captured.err


def test_a_radio_that_does_not_exist(capsys):
    assert main(["scan", "--radio", "wifi"]) == 2
    assert "use bluetooth, virtual" in capsys.readouterr().err
