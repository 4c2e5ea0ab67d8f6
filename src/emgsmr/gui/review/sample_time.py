"""When a sensor's samples were taken, found at a few places instead of in all blocks.

Opening a recording must not read it. A file's samples state their time. Those of a radio are timed here by
the earliest arrival of a second, every minute or so: an analysis, which reads everything, knows it better (by
some milliseconds), and its results are drawn on its own times.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from emgsmr.recording import Recording, SensorInfo

FloatArray = NDArray[np.float64]
EVERY_S = 60.0
LOOK_S = 1.0
MOST_PLACES = 256


@dataclass(frozen=True, slots=True, eq=False)
class SampleTime:
    """Time of a sample: ``index / rate_hz`` and an offset, known at some indices and linear in between.

    Examples
    --------
    >>> times = SampleTime(1000.0, np.array([0.0, 60000.0]), np.array([0.5, 0.506]))
    >>> float(times.time(30000)), float(times.index(30.503))
    (30.503, 30000.0)
    """

    rate_hz: float
    indices: FloatArray
    offsets_s: FloatArray

    def time(self, index: Any) -> FloatArray:
        """Time (s) of a sample."""
        index = np.asarray(index, dtype=np.float64)
        return np.asarray(index / self.rate_hz + np.interp(index, self.indices, self.offsets_s))

    def index(self, t_s: Any) -> FloatArray:
        """Sample index, with its fraction, at a time."""
        t_s = np.asarray(t_s, dtype=np.float64)
        index = t_s * self.rate_hz
        for _ in range(6):  # the offset changes little within what the last step moved
            index = (t_s - np.interp(index, self.indices, self.offsets_s)) * self.rate_hz
        return np.asarray(np.round(index, 6))


def sample_time(recording: Recording, sensor: SensorInfo) -> SampleTime:
    """How a sensor's index maps to the recording's clock, from a few looks into the file."""
    clock = recording.clock(sensor.id)
    if clock is not None and clock.method == "file":
        at = np.array([float(clock.index0)])
        return SampleTime(clock.rate_hz, at, clock.t0_s - at / clock.rate_hz)
    end = recording.end_index(sensor.id)
    step = max(round(EVERY_S * sensor.rate_hz), end // MOST_PLACES, 1)
    look = max(1, round(LOOK_S * sensor.rate_hz))
    found: list[tuple[float, float]] = []
    for first in range(0, end, step):
        for block in recording.pieces(sensor.id, first, min(first + look, end)):
            if len(block.arrivals):
                late_s = (block.arrivals[:, 1] - recording.started_ns) / 1e9
                offsets = late_s - block.arrivals[:, 0] / sensor.rate_hz
                found.append((float(block.first_index), float(offsets.min())))
                break
    if not found:
        found = [(0.0, clock.t0_s - clock.index0 / sensor.rate_hz if clock is not None else 0.0)]
    indices, offsets_s = np.array(found).T
    return SampleTime(sensor.rate_hz, indices, offsets_s)
