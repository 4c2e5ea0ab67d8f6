from __future__ import annotations

import json

import pytest

from emgsmr.cli.main import main
from emgsmr.radio.write_cast import write_cast


@pytest.fixture
def radio(tmp_path, make_cast):
    write_cast(make_cast("umyo", "umyo", seconds=20.0), tmp_path / "small.emgsmr").close()
    return f"virtual:{tmp_path / 'small.emgsmr'}"


def test_links_are_tried_and_told(radio, capsys):
    assert main(["doctor", "--radio", radio, "--seconds", "5"]) == 0
    out = capsys.readouterr().out
    assert "uMyo-01" in out
    assert "All links are good." in out


def test_json_is_one_object(radio, capsys):
    assert main(["doctor", "--radio", radio, "--seconds", "5", "--json"]) == 0
    result = json.loads(capsys.readouterr().out)
    assert [link["sensor"] for link in result["links"]] == ["uMyo-01", "uMyo-02"]
    assert result["problem"] is None
    assert result["links"][0]["loss_pct"] == 0


def test_no_bluetooth_is_a_finding_with_its_exit_code(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-such-bus")
    assert main(["doctor"]) == 3
    out = capsys.readouterr().out
    assert "This computer" in out
    assert "No link could be tried." in out
