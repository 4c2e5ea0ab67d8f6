"""From rows of the file to what the rest of the program knows: every value is checked on the way."""

from __future__ import annotations

import json
import math
from typing import TYPE_CHECKING, Any

from emgsmr.errors import ArgumentError, DamagedRecordingError
from emgsmr.recording.event import Event, check_event
from emgsmr.recording.sensor_info import ClockRow, Placement, SensorInfo

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping
    from pathlib import Path

Row = tuple[Any, ...]
_MAX_TEXT = 10_000


def read_session(rows: Iterable[Row], path: Path) -> dict[str, Any]:
    """Facts about the session from (key, value as JSON)."""
    facts: dict[str, Any] = {}
    for key, value in rows:
        try:
            facts[str(key)] = json.loads(value)
        except (ValueError, RecursionError, TypeError) as error:
            raise damaged(path, f"the entry {str(key)[:40]!r} about the session is no JSON") from error
    started_ns = facts.get("started_ns", 0)
    if isinstance(started_ns, bool) or not isinstance(started_ns, int) or abs(started_ns) >= 1 << 63:
        raise damaged(path, "its start is no time")
    return facts


def read_sensors(rows: Iterable[Row], path: Path) -> dict[int, SensorInfo]:
    """Sensors by id."""
    sensors: dict[int, SensorInfo] = {}
    for row in rows:
        try:
            sensors[row[0]] = SensorInfo(*row)
        except (ArgumentError, TypeError) as error:
            raise damaged(path, str(error)) from error
    return sensors


def read_placements(
    rows: Iterable[Row], sensors: Mapping[int, SensorInfo], path: Path
) -> tuple[Placement, ...]:
    """Placements, ordered by sensor and channel."""
    placements: dict[tuple[int, int], Placement] = {}
    for sensor_id, channel, site, text, distance in rows:
        info = sensors.get(sensor_id)
        if info is None or not 0 <= channel < info.channels or (sensor_id, channel) in placements:
            raise damaged(
                path, f"channel {channel} of sensor {sensor_id} is placed, but not there or placed twice"
            )
        if not site or len(site) > _MAX_TEXT or (distance is not None and not math.isfinite(distance)):
            raise damaged(path, f"the placement of channel {channel} of sensor {sensor_id} makes no sense")
        placements[sensor_id, channel] = Placement(sensor_id, channel, site, text, distance)
    return tuple(placements[key] for key in sorted(placements))


def read_event(row: Row, path: Path) -> Event:
    """Read an event from the columns of its table."""
    t_s, duration_s, kind, side, site, label, note = row
    try:
        return check_event(Event(t_s, duration_s, kind, side, site, label, note))
    except (ArgumentError, TypeError) as error:
        raise damaged(path, str(error)) from error


def read_clock(row: Row, path: Path) -> ClockRow:
    """Read a clock from the columns of its table."""
    clock = ClockRow(*row)
    if not (math.isfinite(clock.t0_s) and math.isfinite(clock.rate_hz) and clock.rate_hz > 0):
        raise damaged(path, f"the clock of sensor {clock.sensor} makes no sense")
    return clock


def damaged(path: Path, why: str) -> DamagedRecordingError:
    """Make the error of a file that contradicts itself."""
    return DamagedRecordingError(f"{path} is damaged ({why}): try `emgsmr recover`")
