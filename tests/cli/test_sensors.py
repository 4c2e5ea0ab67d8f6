"""``emgsmr sensors``."""

from __future__ import annotations

import json

from emgsmr.cli.main import main
from emgsmr.sensors import COMPANIONS, DEVICES, FAMILIES


def test_json_has_what_each_family_declares(capsys):
    assert main(["sensors", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    sensors = {sensor["family"]: sensor for sensor in content["sensors"]}
    assert set(sensors) == set(FAMILIES)
    npg, umyo = sensors["npg_lite"], sensors["umyo"]
    assert (npg["rate_hz"], npg["channels"], npg["bits"], npg["scale_known"]) == (500, [3, 6], 12, "unknown")
    assert (umyo["rate_hz"], umyo["channels"], umyo["bits"], umyo["scale_known"]) == (
        1116,
        [1],
        14,
        "estimated",
    )
    assert any("spectral fatigue" in line for line in npg["cannot"])
    assert all(sensor["can"] and sensor["cannot"] and sensor["loss_detection"] for sensor in sensors.values())


def test_devices_without_emg_have_their_own_section(capsys):
    assert main(["sensors", "--json"]) == 0
    companions = {entry["family"]: entry for entry in json.loads(capsys.readouterr().out)["companions"]}
    assert set(companions) == set(COMPANIONS)
    assert all(
        "EMG" in entry["cannot"][0] and entry["can"] and entry["notes"] for entry in companions.values()
    )
    assert main(["sensors"]) == 0
    out = capsys.readouterr().out
    assert out.index("uMyo (") < out.index("Devices without EMG") < out.index("Foot pod (")


def test_what_cannot_be_supported_has_a_reason_and_is_not_claimed(capsys):
    assert main(["sensors", "--json"]) == 0
    content = json.loads(capsys.readouterr().out)
    assert all(entry["reason"] for entry in content["unsupported"])
    names = " ".join(entry["name"] for entry in content["unsupported"])
    assert "Delsys Trigno" in names
    assert not any(family.name in names for family in FAMILIES.values())


def test_people_get_at_most_100_columns(capsys):
    assert main(["sensors"]) == 0
    out = capsys.readouterr().out
    assert max(map(len, out.splitlines())) <= 100
    overview = out[: out.index("uMyo (Ultimate")]
    for family in FAMILIES.values():
        [line] = [line for line in overview.splitlines() if line.split()[:1] == [family.key]]
        assert ("counted" if family.loss_known == "exact" else "suspected") in line
    for device in DEVICES.values():
        assert device.name in out
    assert "Delsys Trigno" in out
