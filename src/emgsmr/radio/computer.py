"""Whether this computer can talk to sensors: its adapter, its switches, its Bluetooth service."""

from __future__ import annotations

import os
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Literal, TypeAlias

Verdict: TypeAlias = Literal["good", "attention", "bad"]


@dataclass(frozen=True, slots=True)
class Check:
    """Something that was looked at: what was found, and what to do about it."""

    name: str
    verdict: Verdict
    found: str
    advice: str = ""


def examine_computer(root: Path = Path("/"), *, platform: str = sys.platform) -> list[Check]:
    """Look at what the system tells without a radio.

    Parameters
    ----------
    root : Path
        Of the file system (another one in tests).
    platform : str

    Returns
    -------
    list of Check
        Only on Linux more than one: elsewhere the system asks for permission at the first scan.
    """
    if platform != "linux":
        advice = "allow it when the system asks, or in its privacy settings under Bluetooth"
        return [Check("permission", "good", "this system asks at the first scan", advice)]
    return [_adapter(root), *_switches(root), _service(root)]


def _adapter(root: Path) -> Check:
    adapters = sorted(entry.name for entry in _entries(root / "sys/class/bluetooth") if ":" not in entry.name)
    if not adapters:
        return Check(
            "adapter",
            "bad",
            "the kernel knows no Bluetooth adapter",
            "plug in a USB adapter (Bluetooth 4.2 or newer), or switch Bluetooth on in the BIOS",
        )
    return Check("adapter", "good", ", ".join(adapters))


def _switches(root: Path) -> list[Check]:
    """Soft and hard switches of the adapters, as ``rfkill list`` shows them."""
    checks = []
    for entry in _entries(root / "sys/class/rfkill"):
        if _text(entry / "type") != "bluetooth":
            continue
        name = _text(entry / "name") or entry.name
        if _text(entry / "hard") == "1":
            advice = "use the switch or key of this computer that turns radios on"
            checks.append(Check("switch", "bad", f"{name} is off by a hardware switch", advice))
        elif _text(entry / "soft") == "1":
            checks.append(Check("switch", "bad", f"{name} is switched off", "run: rfkill unblock bluetooth"))
        else:
            checks.append(Check("switch", "good", f"{name} is on"))
    return checks


def _service(root: Path) -> Check:
    if not (root / "run/dbus/system_bus_socket").exists() and "DBUS_SYSTEM_BUS_ADDRESS" not in os.environ:
        return Check(
            "service",
            "bad",
            "there is no system D-Bus here",
            "start it (systemctl start dbus); in a container, mount the host's /run/dbus",
        )
    running = any(
        _text(entry / "comm") == "bluetoothd" for entry in _entries(root / "proc") if entry.name.isdigit()
    )
    if not running:
        return Check(
            "service",
            "attention",
            "no bluetoothd among the processes that can be seen",
            "run: systemctl enable --now bluetooth (package bluez)",
        )
    return Check("service", "good", "bluetoothd is running")


def _entries(folder: Path) -> list[Path]:
    try:
        return sorted(folder.iterdir())
    except OSError:
        return []


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8", errors="replace").strip()
    except OSError:
        return ""
