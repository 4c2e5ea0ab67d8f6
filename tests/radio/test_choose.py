from __future__ import annotations

import pytest

from emgsmr.errors import ArgumentError, NotARecordingError
from emgsmr.radio.air import BluetoothAir
from emgsmr.radio.choose import choose_air


def test_bluetooth():
    air = choose_air("bluetooth")
    assert isinstance(air, BluetoothAir)
    assert (air.name, air.montage) == ("bluetooth", None)


def test_a_scenario_brings_its_montage():
    air = choose_air("virtual", speed=None, seed=3, minutes=0.1)
    assert air.name == "virtual:demo"
    assert len([sensor for sensor in air.montage.sensors if sensor.channels]) == 6
    assert [sensor.family for sensor in air.montage.sensors if not sensor.required] == [
        "heart_rate",
        "foot_pod",
    ]
    assert (air.facts["scenario"], air.facts["seed"]) == ("demo", 3)


def test_progress_is_told():
    parts = []
    choose_air("virtual:healthy", minutes=0.05, progress=parts.append)
    assert parts == sorted(parts)
    assert parts[-1] == 1.0


@pytest.mark.parametrize(
    ("radio", "message"),
    [
        ("wifi", "use bluetooth, virtual"),
        ("bluetooth:hci0", "use bluetooth, virtual"),
        ("virtual:demp", "did you mean 'demo'"),
        ("virtual:no/such/file.emgsmr", "neither a recording nor a scenario"),
    ],
)
def test_a_radio_that_does_not_exist(radio, message):
    with pytest.raises(ArgumentError, match=message):
        choose_air(radio)


def test_a_file_that_is_no_recording(tmp_path):
    path = tmp_path / "notes.txt"
    path.write_text("no recording")
    with pytest.raises(NotARecordingError):
        choose_air(f"virtual:{path}")
