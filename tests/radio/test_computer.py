"""What a computer's files tell about its Bluetooth, on a file system made up for the test."""

from __future__ import annotations

import pytest

from emgsmr.radio.computer import examine_computer


@pytest.fixture
def make_root(tmp_path, monkeypatch):
    monkeypatch.delenv("DBUS_SYSTEM_BUS_ADDRESS", raising=False)

    def make(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text)
        return tmp_path

    return make


GOOD = {
    "sys/class/bluetooth/hci0/uevent": "",
    "sys/class/rfkill/rfkill0/type": "wlan\n",
    "sys/class/rfkill/rfkill0/soft": "1\n",
    "sys/class/rfkill/rfkill1/type": "bluetooth\n",
    "sys/class/rfkill/rfkill1/name": "hci0\n",
    "sys/class/rfkill/rfkill1/soft": "0\n",
    "sys/class/rfkill/rfkill1/hard": "0\n",
    "run/dbus/system_bus_socket": "",
    "proc/812/comm": "bluetoothd\n",
}


def verdicts(checks):
    return {(check.name, check.verdict) for check in checks}


def test_a_computer_that_is_ready(make_root):
    checks = examine_computer(make_root(GOOD), platform="linux")
    assert verdicts(checks) == {("adapter", "good"), ("switch", "good"), ("service", "good")}
    assert checks[0].found == "hci0"


@pytest.mark.parametrize(
    ("change", "expected", "advice"),
    [
        ({"sys/class/rfkill/rfkill1/soft": "1"}, ("switch", "bad"), "rfkill unblock bluetooth"),
        ({"sys/class/rfkill/rfkill1/hard": "1"}, ("switch", "bad"), "switch or key"),
        ({"proc/812/comm": "bash\n"}, ("service", "attention"), "systemctl"),
    ],
)
def test_what_is_wrong_is_said_with_what_to_do(make_root, change, expected, advice):
    checks = examine_computer(make_root(GOOD | change), platform="linux")
    [check] = [check for check in checks if (check.name, check.verdict) == expected]
    assert advice in check.advice


def test_an_empty_computer(tmp_path, monkeypatch):
    monkeypatch.delenv("DBUS_SYSTEM_BUS_ADDRESS", raising=False)
    checks = examine_computer(tmp_path, platform="linux")
    assert verdicts(checks) == {("adapter", "bad"), ("service", "bad")}
    assert all(check.advice for check in checks)


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_other_systems_ask_by_themselves(tmp_path, platform):
    assert verdicts(examine_computer(tmp_path, platform=platform)) == {("permission", "good")}
