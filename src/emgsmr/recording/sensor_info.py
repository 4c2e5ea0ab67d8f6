"""What a recording says about its sensors: who they are, where their channels sat, how their clock ran."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np

from emgsmr.errors import ArgumentError

ScaleKnown = Literal["known", "estimated", "unknown"]
SCALE_KNOWN = ("known", "estimated", "unknown")
DTYPES = ("<i2", "<i4")
MAX_CHANNELS = 1024
MAX_RATE_HZ = 1e6


@dataclass(frozen=True, slots=True)
class SensorInfo:
    """One sensor of a recording.

    Attributes
    ----------
    id : int
        Number within the recording, from 1.
    family : str
        Key of `emgsmr.sensors.FAMILIES`, or ``file`` for imported data.
    address, name, firmware : str
    rate_hz : float
        Nominal samples per second and channel.
    channels : int
    dtype : {"<i2", "<i4"}
        Of the counts in the file.
    scale_uv : float, µV per count
    scale_known : {"known", "estimated", "unknown"}

    Examples
    --------
    >>> info = SensorInfo(1, "file", "", "walk.csv", "", 1000.0, 2, "<i4", 0.01, "known")
    >>> info.rails is None
    True
    >>> SensorInfo(1, "file", "", "walk.csv", "", 0.0, 2, "<i4", 0.01, "known")
    Traceback (most recent call last):
    emgsmr.errors.ArgumentError: sensor 1 claims 0.0 samples per second: it must be above 0 and below 1e+06
    """

    id: int
    family: str
    address: str
    name: str
    firmware: str
    rate_hz: float
    channels: int
    dtype: str
    scale_uv: float
    scale_known: str

    def __post_init__(self) -> None:
        if not 0 < self.rate_hz < MAX_RATE_HZ:  # also catches NaN
            raise ArgumentError(
                f"sensor {self.id} claims {self.rate_hz} samples per second: it must be above 0 and "
                f"below {MAX_RATE_HZ:g}"
            )
        if not 0 < self.channels <= MAX_CHANNELS:
            raise ArgumentError(
                f"sensor {self.id} claims {self.channels} channels: it must be 1 to {MAX_CHANNELS}"
            )
        if self.dtype not in DTYPES:
            raise ArgumentError(
                f"sensor {self.id} claims counts of type {self.dtype!r}: it must be <i2 or <i4"
            )
        if not (math.isfinite(self.scale_uv) and self.scale_uv > 0):
            raise ArgumentError(f"sensor {self.id} claims {self.scale_uv} µV per count: it must be above 0")
        if self.scale_known not in SCALE_KNOWN:
            raise ArgumentError(
                f"sensor {self.id} claims a scale that is {self.scale_known!r}: it must be one of "
                f"{', '.join(SCALE_KNOWN)}"
            )

    @property
    def row_bytes(self) -> int:
        """Bytes of one sample of all channels."""
        return self.channels * np.dtype(self.dtype).itemsize

    @property
    def rails(self) -> tuple[int, int] | None:
        """Lowest and highest count the sensor can give, None where that is not known."""
        if self.family == "file":
            return None
        from emgsmr.sensors import FAMILIES

        family = FAMILIES.get(self.family)
        return family.rails if family else None


@dataclass(frozen=True, slots=True)
class Placement:
    """Where a channel's electrodes sat; ``channel`` counts from 0, ``inter_electrode_mm`` is in mm."""

    sensor: int
    channel: int
    site: str
    text: str = ""
    inter_electrode_mm: float | None = None


@dataclass(frozen=True, slots=True)
class ClockRow:
    """A sensor's clock: sample ``index`` was taken at ``t0_s + (index - index0) / rate_hz``.

    ``residual_ms`` is the spread of the arrivals around that line (None if there were none), ``method`` says
    where it comes from. With ``file`` it holds exactly; with ``fit`` it is what a live session's fit was at
    its end, for people to read: the analysis fits again, from the arrivals.

    Examples
    --------
    >>> ClockRow(1, 0, 0.5, 1000.0, None, "file").time_s(250)
    0.75
    """

    sensor: int
    index0: int
    t0_s: float
    rate_hz: float
    residual_ms: float | None
    method: str

    def time_s(self, index: int) -> float:
        """Time of a sample (s, on the recording's clock)."""
        return self.t0_s + (index - self.index0) / self.rate_hz
