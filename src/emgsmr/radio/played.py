"""What a virtual radio plays: emulated sensors, and the counts that each of them sends."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.recording import Event, Montage, MontageSensor
from emgsmr.sensors import Device, Family, Reading

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

FloatArray = NDArray[np.float64]
Ranges = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True, eq=False)
class PlayedSensor:
    """One emulated sensor and all that it will send.

    Attributes
    ----------
    family : Device
        An EMG family, or a companion that has readings only.
    address, name : str
    battery_pct : int
    sites : mapping of int (channel, from 0) to str
    rate_hz : float
        True samples per second: the nominal rate and the error of this unit's oscillator.
    counts : ndarray of int, shape (n_samples, n_channels)
        Read-only; (0, 0) for a companion.
    lost : tuple of (first, stop)
        Samples that are never sent; each range is whole packets.
    t0_s : float, s
        When sample 0 is taken.
    readings : tuple of (float, Reading)
        What it notifies besides EMG, and when (s on the play's clock), in order of time.
    information : mapping of str (UUID) to str
        Of its device information service; empty for a sensor without it.
    """

    family: Device
    address: str
    name: str
    battery_pct: int
    sites: Mapping[int, str]
    rate_hz: float
    counts: NDArray[np.integer[Any]]
    lost: Ranges = ()
    t0_s: float = 0.0
    readings: tuple[tuple[float, Reading], ...] = ()
    information: Mapping[str, str] = field(default_factory=dict)

    @property
    def emg(self) -> Family:
        """The EMG family; a companion has none."""
        assert isinstance(self.family, Family)
        return self.family

    def __post_init__(self) -> None:
        view = self.counts.view()
        view.flags.writeable = False
        object.__setattr__(self, "counts", view)


@dataclass(frozen=True, slots=True, eq=False)
class Cast:
    """All that a virtual radio plays.

    Attributes
    ----------
    sensors : tuple of PlayedSensor
    montage : Montage
        That fits them.
    events : tuple of Event
    duration_s : float, s
    truth : dict
        Of a scenario: `emgsmr.simulate.truth.ground_truth`, and the sensors' clocks. Of a recording: where
        it came from.
    description : str
    """

    sensors: tuple[PlayedSensor, ...]
    montage: Montage
    events: tuple[Event, ...]
    duration_s: float
    truth: dict[str, Any]
    description: str


def quantized(emg: FloatArray, *, uv_per_count: float, family: Family) -> NDArray[np.integer[Any]]:
    """Turn µV into counts around mid-scale, clipped at the rails.

    Examples
    --------
    >>> from emgsmr.sensors import FAMILIES
    >>> quantized(np.array([0.0, 5.4, -1e9]), uv_per_count=2.7, family=FAMILIES["umyo"]).tolist()
    [8192, 8194, 0]
    """
    low, high = family.rails
    counts = np.rint(emg / uv_per_count)
    counts += (low + high + 1) // 2
    return np.clip(counts, low, high).astype(family.dtype)


def whole_packets(ranges: Iterable[tuple[float, float]], *, n_samples: int, packet: int) -> Ranges:
    """Widen sample ranges to whole packets and merge those that touch.

    Examples
    --------
    >>> whole_packets([(30.0, 31.5), (45.0, 50.0), (-5.0, 3.0)], n_samples=48, packet=10)
    ((0, 10), (30, 48))
    """
    merged: list[tuple[int, int]] = []
    for first, stop in sorted(ranges):
        a = max(0, int(first // packet) * packet)
        b = min(n_samples, int(-(-stop // packet)) * packet)
        if a >= b:
            continue
        if merged and a <= merged[-1][1]:
            merged[-1] = (merged[-1][0], max(b, merged[-1][1]))
        else:
            merged.append((a, b))
    return tuple(merged)


def sent_ranges(sensor: PlayedSensor) -> Ranges:
    """Sample ranges that are sent: between what is lost, as whole packets; none for a companion."""
    if not isinstance(sensor.family, Family):
        return ()
    packet = sensor.emg.samples_per_packet
    ranges, start = [], 0
    for first, stop in (*sensor.lost, (len(sensor.counts), len(sensor.counts))):
        end = start + (first - start) // packet * packet
        if end > start:
            ranges.append((start, end))
        start = stop
    return tuple(ranges)


def montage_of(sensors: Sequence[PlayedSensor]) -> Montage:
    """Make the montage that fits played sensors; one without EMG may be absent."""
    return Montage(
        tuple(
            MontageSensor(
                name=sensor.name,
                address=sensor.address,
                family=sensor.family.key,
                required=isinstance(sensor.family, Family),
                channels={channel + 1: site for channel, site in sorted(sensor.sites.items())},
            )
            for sensor in sensors
        )
    )


def address(number: int) -> str:
    """Make a random static address (its two highest bits are set) from the number of a sensor.

    Examples
    --------
    >>> address(258)
    'E1:00:00:00:01:02'
    """
    return f"E1:00:00:00:{number >> 8 & 255:02X}:{number & 255:02X}"
