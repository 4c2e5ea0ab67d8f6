"""What Bluetooth itself defines for every maker: short UUIDs, and the battery service."""

from __future__ import annotations

from emgsmr.sensors.conversation import Notification
from emgsmr.sensors.family import Characteristic


def uuid16(short: str) -> str:
    """Write out a UUID that Bluetooth abbreviates to 16 bits.

    Examples
    --------
    >>> uuid16("180f")
    '0000180f-0000-1000-8000-00805f9b34fb'
    """
    return f"0000{short}-0000-1000-8000-00805f9b34fb"


BATTERY = uuid16("180f")
BATTERY_LEVEL = uuid16("2a19")
BATTERY_TABLE = (Characteristic(BATTERY_LEVEL, ("read", "notify"), b"\x64"),)
"""The battery service of a twin."""


def battery_level(value: bytes) -> int | None:
    """Read a battery level, % (0-100); None for bytes that are none.

    Examples
    --------
    >>> battery_level(bytes([85])), battery_level(bytes([255])), battery_level(b"")
    (85, None, None)
    """
    return value[0] if len(value) == 1 and value[0] <= 100 else None


def encode_battery_level(level_pct: float) -> Notification:
    """Make the notification of a battery level; the inverse of `battery_level`."""
    return BATTERY_LEVEL, bytes([max(0, min(255, round(level_pct)))])
