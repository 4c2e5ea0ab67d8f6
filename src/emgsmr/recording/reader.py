"""The reader: a recording as the rest of the program sees it, lazy and read-only."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from emgsmr.errors import ArgumentError, MontageError
from emgsmr.recording import rows as read
from emgsmr.recording import schema
from emgsmr.recording.block import SampleBlock
from emgsmr.recording.gaps import Gap, find_jumps
from emgsmr.recording.joining import join_rows
from emgsmr.recording.montage import Montage, MontageSensor
from emgsmr.recording.readings import merged, read_series, sources
from emgsmr.recording.tables import MAX_INDEX, Tables
from emgsmr.recording.wiring import Wiring

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from numpy.typing import NDArray

    from emgsmr.recording.event import Event
    from emgsmr.recording.reading import ReadingSource, TimedReading
    from emgsmr.recording.sensor_info import ClockRow, Placement, SensorInfo

_NEIGHBORS = 32


class Recording:
    """A recording, opened for reading.

    Opening reads only what is said about the session; samples come in blocks. A file that is being recorded,
    or was left behind by a program that was killed, opens too.

    Parameters
    ----------
    path : path-like

    Raises
    ------
    NotARecordingError, DamagedRecordingError
        On opening, or later when a damaged part is reached.
    """

    def __init__(self, path: str | Path) -> None:
        self.path = Path(path)
        self._tables = Tables(self.path)
        try:
            facts = read.read_session(self._tables.rows("session"), self.path)
            self._montage_content = facts.pop("montage", None)
            self.session: dict[str, Any] = facts
            self._sensors = read.read_sensors(self._tables.rows("sensor"), self.path)
            self.placements: tuple[Placement, ...] = read.read_placements(
                self._tables.rows("placement"), self._sensors, self.path
            )
            series = self._tables.rows("series") if self._tables.has_readings else ()
            self._series = read_series(series, self._sensors, self.path)
        except BaseException:
            self._tables.close()
            raise

    @property
    def sensors(self) -> tuple[SensorInfo, ...]:
        """All sensors, by id."""
        return tuple(self._sensors[key] for key in sorted(self._sensors))

    @property
    def sites(self) -> tuple[str, ...]:
        """All placed sites, by sensor and channel."""
        return tuple(placement.site for placement in self.placements)

    @property
    def started_ns(self) -> int:
        """The host's monotonic clock at t_s = 0."""
        return int(self.session.get("started_ns", 0))

    @property
    def wiring(self) -> Wiring:
        """Sensors, placements and the clocks of imported samples: what a pipeline starts from."""
        found = {sensor.id: self.clock(sensor.id) for sensor in self.sensors}
        clocks = {key: clock for key, clock in found.items() if clock is not None and clock.method == "file"}
        return Wiring(self.sensors, self.placements, clocks, self.started_ns)

    @cached_property
    def montage(self) -> Montage:
        """The montage it was recorded with, wired; made from the placements where there was none."""
        montage = self._plain_montage()
        return replace(montage, wiring=replace(self.wiring, mains_hz=montage.mains_hz))

    def _plain_montage(self) -> Montage:
        if self._montage_content is not None:
            try:
                return Montage.from_dict(self._montage_content, source=f"the montage in {self.path}")
            except (MontageError, AttributeError, TypeError) as error:
                raise read.damaged(self.path, str(error)) from error
        return Montage(
            tuple(
                MontageSensor(
                    sensor.name or None,
                    sensor.address or None,
                    sensor.family,
                    channels={p.channel + 1: p.site for p in self.placements if p.sensor == sensor.id},
                )
                for sensor in self.sensors
            )
        )

    def events(self) -> tuple[Event, ...]:
        """All events, by time."""
        events = [read.read_event(row, self.path) for row in self._tables.rows("event")]
        return tuple(sorted(events, key=lambda event: event.t_s))

    def clock(self, sensor_id: int) -> ClockRow | None:
        """Give a sensor's clock as recorded, None if there is none."""
        self._sensor(sensor_id)
        for row in self._tables.rows("clock"):
            if row[0] == sensor_id:
                return read.read_clock(row, self.path)
        return None

    def end_index(self, sensor_id: int) -> int:
        """Sample index after a sensor's last sample; 0 if it has none."""
        last = self._tables.last_block(self._sensor(sensor_id).id)
        return 0 if last is None else last[0]

    @property
    def start_s(self) -> float:
        """Time of the first sample of an imported file (s, on its own clock); else 0."""
        clocks = [clock for sensor in self.sensors if (clock := self.clock(sensor.id))]
        if clocks and all(clock.method == "file" for clock in clocks):
            return min(clock.time_s(0) for clock in clocks)
        return 0.0

    @property
    def end_s(self) -> float:
        """Time after the last sample (s, on the recording's clock)."""
        return max((self._end_s(sensor) for sensor in self.sensors), default=self.start_s)

    @property
    def duration_s(self) -> float:
        """From `start_s` to `end_s` (s)."""
        return max(0.0, self.end_s - self.start_s)

    def gaps(self) -> tuple[Gap, ...]:
        """All gaps, by sensor and time."""
        return tuple(gap for sensor in self.sensors for gap in self._gaps_of(sensor))

    def blocks(self, *, seconds: float = 10.0) -> Iterator[SampleBlock]:
        """All samples in recorded order.

        Parameters
        ----------
        seconds : float, s
            Neighboring blocks of a sensor are joined as long as no sensor has more than this in hand. 0 gives
            the blocks as they were recorded, one for each radio notification.

        Yields
        ------
        SampleBlock
            Without a gap inside. The same for every reading of the file.
        """
        yield from join_rows(self._tables.block_chunks(), self._sensors, seconds, self.started_ns, self.path)

    def pieces(self, sensor_id: int, first: int = 0, stop: int | None = None) -> Iterator[SampleBlock]:
        """Read samples ``first`` to ``stop`` of one sensor, in blocks that end at gaps or when large."""
        info = self._sensor(sensor_id)
        stop = MAX_INDEX if stop is None else stop
        chunks = self._tables.sensor_chunks(sensor_id, first, stop)
        for block in join_rows(chunks, {sensor_id: info}, 60.0, self.started_ns, self.path):
            if block.first_index < first:
                block = block.cut(first - block.first_index)[1]
            if block.end_index > stop:
                block = block.cut(stop - block.first_index)[0]
            yield block

    def counts(self, sensor_id: int, first: int, stop: int) -> NDArray[np.integer[Any]]:
        """Read the counts of samples ``first`` to ``stop`` of one sensor, shape (stop - first, n_channels).

        Raises
        ------
        ArgumentError
            Some of these samples are missing: see `gaps`, or ask for `pieces`.
        """
        info = self._sensor(sensor_id)
        found = [block for block in self.pieces(sensor_id, first, stop) if block.n]
        have = sum(block.n for block in found)
        if have != stop - first:
            raise ArgumentError(
                f"only {have} of the samples {first} to {stop} of {info.name} are in the file: see its gaps"
            )
        if not found:
            return np.empty((0, info.channels), dtype=info.dtype)
        return SampleBlock.join(found).counts

    def readings(
        self, quantity: str | None = None, source: str | None = None, *, vectors: bool = True
    ) -> Iterator[tuple[float, TimedReading]]:
        """Read what is no EMG, by time.

        Parameters
        ----------
        quantity, source : str, optional
            Only this quantity (see `QUANTITIES`), only this device.
        vectors : bool
            False leaves out quantities of several numbers, such as acceleration, which are many.

        Yields
        ------
        t_s : float, s
            Time of arrival on the recording's clock: late by what radio and device take.
        reading : TimedReading
        """
        wanted = [
            series
            for series in self._series.values()
            if (quantity in (None, series.quantity) and source in (None, series.source))
            and (vectors or series.n == 1)
        ]
        for reading in merged(self._tables.reading_chunks, self._series, wanted, self.started_ns, self.path):
            yield reading.time_s(self.started_ns), reading

    def reading_sources(self) -> tuple[ReadingSource, ...]:
        """Which readings there are: every quantity of every device, by source and quantity."""
        return sources(self._series, self._tables.reading_counts, self.path)

    def close(self) -> None:
        """Let go of the file; safe to call again."""
        self._tables.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"Recording({str(self.path)!r})"

    def _sensor(self, sensor_id: int) -> SensorInfo:
        if sensor_id not in self._sensors:
            raise ArgumentError(f"{self.path.name} has no sensor {sensor_id}: it has {sorted(self._sensors)}")
        return self._sensors[sensor_id]

    def _gaps_of(self, sensor: SensorInfo) -> Iterator[Gap]:
        try:
            jumps = find_jumps(self._tables.index_pieces(sensor.id))
        except ValueError as error:
            raise read.damaged(self.path, f"blocks of sensor {sensor.id} overlap") from error
        clock = self.clock(sensor.id)
        cause = "missing in the source file" if sensor.family == "file" else "not received"
        for start, stop in jumps:
            if clock is not None and clock.method == "file":
                times = clock.time_s(start), clock.time_s(stop)
            else:
                before, after = (
                    self._offset_s(sensor, start, before=True),
                    self._offset_s(sensor, stop, before=False),
                )
                before = after if before is None else before
                after = before if after is None else after
                times = start / sensor.rate_hz + (before or 0.0), stop / sensor.rate_hz + (after or 0.0)
            yield Gap(sensor.id, *times, start, stop - start, cause)

    def _offset_s(self, sensor: SensorInfo, index: int, *, before: bool) -> float | None:
        """How far arrivals near a sample lie behind index / rate: the least, since a delay only adds."""
        near = self._tables.arrivals_near(sensor.id, index, before=before, limit=_NEIGHBORS)
        return min(((ns - self.started_ns) / 1e9 - end / sensor.rate_hz for end, ns in near), default=None)

    def _end_s(self, sensor: SensorInfo) -> float:
        last = self._tables.last_block(sensor.id)
        clock = self.clock(sensor.id)
        origin_s = clock.t0_s if clock else 0.0
        if last is None:
            return clock.time_s(0) if clock else 0.0
        end, arrival = last
        if arrival is not None and not (clock and clock.method == "file"):
            time_s = (arrival - self.started_ns) / 1e9
        else:
            time_s = clock.time_s(end) if clock else end / sensor.rate_hz
        if abs(time_s - origin_s) > schema.MAX_DURATION_S:
            raise read.damaged(self.path, "it claims to last longer than a year")
        return time_s


def open_recording(path: str | Path) -> Recording:
    """Open a recording for reading (see `Recording`)."""
    return Recording(path)
