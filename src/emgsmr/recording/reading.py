"""Readings: what devices tell beside the EMG, such as heart rate, speed, battery and motion."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from emgsmr.errors import ArgumentError

MAX_VALUES = 16
MAX_NAME = 200  # characters of a source or quantity
MAX_NS = 1 << 62


@dataclass(frozen=True, slots=True)
class Quantity:
    """What a reading tells.

    Attributes
    ----------
    name : str
        With the unit at its end.
    axes : tuple of str
        Name of each value; one quantity is one number, or a vector of some.
    description : str
    """

    name: str
    axes: tuple[str, ...]
    description: str


_UNWRITABLE = re.compile("[\0\ud800-\udfff]")
_XYZ = ("x", "y", "z")
_KNOWN = (
    Quantity("heart_rate_bpm", ("value",), "Heart rate (1/min)."),
    Quantity("rr_interval_ms", ("value",), "Time between two heart beats (ms)."),
    Quantity("contact", ("value",), "Whether a strap touches the skin: 0 or 1."),
    Quantity("speed_mps", ("value",), "Speed over ground (m/s)."),
    Quantity("cadence_spm", ("value",), "Steps of both feet per minute."),
    Quantity("stride_length_m", ("value",), "Length of a stride (m), as the device says."),
    Quantity("distance_m", ("value",), "Distance since the device began to count (m)."),
    Quantity("battery_pct", ("value",), "Charge of the battery (%)."),
    Quantity("acceleration_g", _XYZ, "Acceleration with gravity (g), in the sensor's axes."),
    Quantity("rotation_dps", _XYZ, "Rate of rotation (degrees per second), in the sensor's axes."),
    Quantity("orientation", ("w", *_XYZ), "Orientation as a unit quaternion."),
    Quantity("magnetic_au", _XYZ, "Magnetic field in arbitrary units, in the sensor's axes."),
)
QUANTITIES: Mapping[str, Quantity] = MappingProxyType({quantity.name: quantity for quantity in _KNOWN})
"""Quantities that this version knows, by name. Others are recorded and read all the same."""


@dataclass(frozen=True, slots=True)
class TimedReading:
    """Something that a device told at a time and that is no EMG.

    Attributes
    ----------
    source : str
        The device, as people know it: ``Polar H10 7E2A``, or the name of an EMG sensor.
    sensor : int or None
        Id of the EMG sensor that it comes from, if it does.
    quantity : str
        One of `QUANTITIES`, or another one with its unit at the end.
    arrival_ns : int, ns
        The host's monotonic clock when it came. That is late by the time on the radio and in the device.
    values : tuple of float
        Finite; as many as the quantity has.
    sample_index : int or None
        Of a reading from an EMG sensor: the index after the last EMG sample that came before it, so that the
        sensor's own clock can time it.

    Raises
    ------
    ArgumentError
        If no file could hold it, or a known quantity has another number of values.

    Examples
    --------
    >>> reading = TimedReading("Polar H10 7E2A", None, "heart_rate_bpm", 5_250_000_000, (62,))
    >>> reading.time_s(started_ns=5_000_000_000), reading.values
    (0.25, (62.0,))
    """

    source: str
    sensor: int | None
    quantity: str
    arrival_ns: int
    values: tuple[float, ...]
    sample_index: int | None = None

    def __post_init__(self) -> None:
        for what, text in (("source", self.source), ("quantity", self.quantity)):
            if not 0 < len(text) <= MAX_NAME or _UNWRITABLE.search(text):
                raise ArgumentError(
                    f"a reading has the {what} {text[:40]!r}: give 1 to {MAX_NAME} characters"
                )
        # SQLite knows no negative zero, so there is none here either
        values = tuple(float(value) + 0.0 for value in self.values)
        known = QUANTITIES.get(self.quantity)
        if len(values) > MAX_VALUES or not values or (known is not None and len(values) != len(known.axes)):
            needed = f"1 to {MAX_VALUES}" if known is None else str(len(known.axes))
            raise ArgumentError(f"a reading of {self.quantity} has {len(values)} values: it must be {needed}")
        if not all(map(math.isfinite, values)):
            raise ArgumentError(f"a reading of {self.quantity} is not finite: leave out what is missing")
        if not -MAX_NS < self.arrival_ns < MAX_NS:
            raise ArgumentError(f"a reading that came at {self.arrival_ns} ns is beyond all times")
        if self.sample_index is not None and not 0 <= self.sample_index < MAX_NS:
            raise ArgumentError(f"a reading after sample {self.sample_index} cannot be: count from 0")
        object.__setattr__(self, "values", values)
        object.__setattr__(self, "arrival_ns", int(self.arrival_ns))  # may be numpy's, which no file takes
        if self.sample_index is not None:
            object.__setattr__(self, "sample_index", int(self.sample_index))

    def time_s(self, started_ns: int) -> float:
        """Time of arrival (s) on the clock of a recording that began at ``started_ns``."""
        return (self.arrival_ns - started_ns) / 1e9


@dataclass(frozen=True, slots=True)
class ReadingSource:
    """One quantity of one device in a recording.

    Attributes
    ----------
    source : str
    sensor : int or None
    quantity : str
    n_values : int
        Numbers per reading.
    n : int
        How many readings there are.
    """

    source: str
    sensor: int | None
    quantity: str
    n_values: int
    n: int
