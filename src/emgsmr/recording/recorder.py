"""The recorder: what the radio brings is checked here and handed to the writer's thread."""

from __future__ import annotations

import json
import threading
import time
from contextlib import suppress
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

import numpy as np

from emgsmr.errors import ArgumentError, RecordingError
from emgsmr.recording.event import check_event
from emgsmr.recording.inserts import (
    INSERT_BLOCK,
    INSERT_EVENT,
    INSERT_PLACEMENT,
    INSERT_SENSOR,
    PUT_CLOCK,
    PUT_SESSION,
    as_dtype,
    block_rows,
    event_row,
)
from emgsmr.recording.reading_log import ReadingLog
from emgsmr.recording.sensor_info import SensorInfo
from emgsmr.recording.writer import Writer

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence
    from types import TracebackType

    from emgsmr.recording.block import SampleBlock
    from emgsmr.recording.event import Event
    from emgsmr.recording.inbox import Rows
    from emgsmr.recording.montage import Montage
    from emgsmr.recording.reading import TimedReading

RESERVE_BYTES = 16 << 20  # of disk, so that the file can still be closed when the rest is full


class Recorder:
    """Write a new recording.

    What is handed in is committed at least once a second, so ``kill -9`` or a dead battery takes at most the
    last second. An error of the disk ends the recording: it is in `failure`, every later call raises it, and
    what was written before can be read.

    Parameters
    ----------
    path : path-like
        Must not exist; folders on the way are made.
    session : mapping, optional
        Facts about the session (JSON): scenario, person, software that recorded.
    montage : Montage, optional
    started_ns : int, optional
        The host's monotonic clock at t_s = 0; now, if not given.
    reserve_bytes : int
        Recording ends with `DiskFullError` when less than this is left on the disk.

    Raises
    ------
    RecordingExistsError
        A recording is never overwritten.

    Examples
    --------
    >>> import tempfile, numpy as np
    >>> from emgsmr.recording import Recording, SampleBlock
    >>> with tempfile.TemporaryDirectory() as folder:
    ...     with Recorder(f"{folder}/run.emgsmr") as recorder:
    ...         sensor = recorder.add_sensor(
    ...             family="file", address="", name="demo", firmware="", rate_hz=1000.0, channels=2,
    ...             dtype="<i2", scale_uv=0.5, scale_known="known", placements=[(0, "GMAX_L")],
    ...         )
    ...         recorder.write(SampleBlock(sensor.id, 0, np.zeros((100, 2), dtype=np.int16)))
    ...     with Recording(f"{folder}/run.emgsmr") as recording:
    ...         [block.counts.shape for block in recording.blocks()]
    [(100, 2)]
    """

    def __init__(
        self,
        path: str | Path,
        *,
        session: Mapping[str, Any] | None = None,
        montage: Montage | None = None,
        started_ns: int | None = None,
        reserve_bytes: int = RESERVE_BYTES,
    ) -> None:
        self.path = Path(path)
        self.started_ns = time.monotonic_ns() if started_ns is None else started_ns
        self._lock = threading.Lock()
        self._sensors: dict[int, SensorInfo] = {}
        self._ends: dict[int, int] = {}
        self._readings = ReadingLog()
        facts: dict[str, Any] = {"started_utc": utc_now(), "software": "emgsmr"}
        facts |= {"software_version": software_version(), **(session or {}), "started_ns": self.started_ns}
        if montage is not None:
            facts["montage"] = montage.to_dict()
        self._ended_known = "ended_utc" in facts
        rows: Rows = [(PUT_SESSION, (key, json.dumps(value))) for key, value in facts.items()]
        self._closed = False
        self._writer = Writer(self.path, reserve_bytes)
        self._post(rows)

    @property
    def failure(self) -> RecordingError | None:
        """What ended the recording before its time, None while all is well."""
        return self._writer.failure

    def add_sensor(
        self,
        *,
        family: str,
        address: str,
        name: str,
        firmware: str,
        rate_hz: float,
        channels: int,
        dtype: str,
        scale_uv: float,
        scale_known: str,
        placements: Sequence[tuple[int, str]],
        texts: Mapping[int, str] | None = None,
    ) -> SensorInfo:
        """Enter a sensor.

        ``placements`` are pairs of channel (from 0) and site; ``texts`` say more about some channels.
        """
        taken: set[int] = set()
        for channel, site in placements:
            if not 0 <= channel < channels:
                raise ArgumentError(f"{name} has no channel {channel + 1} for {site}: it has {channels}")
            if channel in taken:
                raise ArgumentError(
                    f"channel {channel + 1} of {name} is placed twice: give each channel one site"
                )
            taken.add(channel)
        with self._lock:
            info = SensorInfo(
                len(self._sensors) + 1, family, address, name, firmware, float(rate_hz), int(channels), dtype,
                float(scale_uv), scale_known,
            )  # fmt: skip
            self._sensors[info.id] = info
            self._ends[info.id] = 0
        row = (
            info.id,
            family,
            address,
            name,
            firmware,
            info.rate_hz,
            info.channels,
            dtype,
            info.scale_uv,
            scale_known,
        )
        places = [
            (INSERT_PLACEMENT, (info.id, int(c), str(s), (texts or {}).get(c, ""), None))
            for c, s in placements
        ]
        self._post([(INSERT_SENSOR, row), *places])
        return info

    def write(self, block: SampleBlock) -> None:
        """Record a block: one row for each of its radio notifications (one row if it has none).

        A sensor's blocks must come in order; a jump in ``first_index`` is a gap.
        """
        info = self._sensor(block.sensor)
        if block.counts.shape[1] != info.channels:
            raise ArgumentError(
                f"a block of {info.name} has {block.counts.shape[1]} channels: the sensor has {info.channels}"
            )
        counts = as_dtype(block.counts, info)
        rows = [(INSERT_BLOCK, row) for row in block_rows(block, counts, info.row_bytes)]
        with self._lock:
            if block.first_index < self._ends[info.id]:
                raise ArgumentError(
                    f"a block of {info.name} starts at sample {block.first_index}, before sample "
                    f"{self._ends[info.id]} that should be next: blocks must come in order"
                )
            self._post(rows, counts.nbytes)
            self._ends[info.id] = block.end_index

    def add_event(self, event: Event) -> None:
        """Record an event."""
        check_event(event)
        self._post([(INSERT_EVENT, event_row(event))])

    def add_reading(self, reading: TimedReading) -> None:
        """Record something that is no EMG; at most 30 s later than a reading that came after it.

        Raises
        ------
        ArgumentError
            Its sensor was not added, or it comes too late to be put in order.
        """
        if reading.sensor is not None:
            self._sensor(reading.sensor)
        with self._lock:
            self._post(self._readings.rows(reading))

    def set_clock(
        self, sensor_id: int, index0: int, t0_s: float, rate_hz: float, residual_ms: float | None, method: str
    ) -> None:
        """Record (or replace) how a sensor's sample index maps to the recording's clock."""
        self._sensor(sensor_id)
        if not (np.isfinite(t0_s) and np.isfinite(rate_hz) and rate_hz > 0):
            raise ArgumentError(
                f"a clock with t0_s={t0_s} and rate_hz={rate_hz} is none: give finite numbers"
            )
        residual = None if residual_ms is None else float(residual_ms)
        self._post([(PUT_CLOCK, (sensor_id, int(index0), float(t0_s), float(rate_hz), residual, method))])

    def set_session(self, key: str, value: Any) -> None:
        """Record (or replace) a fact about the session; ``value`` is anything that JSON can say."""
        self._post([(PUT_SESSION, (key, json.dumps(value)))])

    def close(self) -> None:
        """Write what is waiting and leave one file; safe to call again. `failure` says how it went."""
        if not self._closed and not self._ended_known and self.failure is None:
            with suppress(RecordingError):  # it is in `failure`
                self._post([(PUT_SESSION, ("ended_utc", json.dumps(utc_now())))])
        self._closed = True
        self._writer.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()
        if self.failure is not None and error is None:
            raise self.failure

    def _sensor(self, sensor_id: int) -> SensorInfo:
        try:
            return self._sensors[sensor_id]
        except KeyError:
            raise ArgumentError(
                f"sensor {sensor_id} was not added to this recording: call add_sensor"
            ) from None

    def _post(self, rows: Rows, size: int = 0) -> None:
        if self._closed:
            raise ArgumentError(f"{self.path} is closed: nothing can be added with this recorder")
        self._writer.put(rows, size)


def utc_now() -> str:
    """Now, as ``2026-01-31T12:34:56.789Z``."""
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


@cache
def software_version() -> str:
    """Version of this software (``unknown`` when run from a tree that was not installed).

    The first call loads a good part of the standard library: make it before there is a stream to follow.
    """
    from importlib.metadata import PackageNotFoundError, version

    try:
        return version("emgsmr")
    except PackageNotFoundError:
        return "unknown"
