"""How a recording is wired: its sensors, the sites of their channels and their clocks."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emgsmr.recording.sensor_info import ClockRow, Placement, SensorInfo


@dataclass(frozen=True, slots=True)
class Wiring:
    """Sensors as they were found, with the montage applied.

    Attributes
    ----------
    sensors : tuple of SensorInfo
    placements : tuple of Placement
        Which channel lies on which site.
    clocks : mapping of sensor id to ClockRow
        Of sensors whose samples come from a file and state their own time; others are fitted to the arrivals.
    started_ns : int, ns
        The host's monotonic clock at time 0 of the recording.
    mains_hz : float, optional
        50 or 60, where the montage says so.
    """

    sensors: tuple[SensorInfo, ...]
    placements: tuple[Placement, ...]
    clocks: Mapping[int, ClockRow] = field(default_factory=dict)
    started_ns: int = 0
    mains_hz: float | None = None

    @property
    def sites(self) -> tuple[str, ...]:
        """Sites that are measured, sorted."""
        return tuple(sorted(placement.site for placement in self.placements))
