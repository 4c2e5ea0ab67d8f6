"""A cast written straight into a recording: the same counts, without a radio between."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np

from emgsmr.radio.played import Cast, PlayedSensor, sent_ranges
from emgsmr.recording import Recorder, Recording, SampleBlock
from emgsmr.sensors import Family

LATENCY_S = 0.010
"""How long after the end of its last sample each notification arrives."""

_STARTED_NS = 1_000_000_000
_CHUNK_S = 1.0


def write_cast(
    cast: Cast,
    path: str | Path,
    *,
    session: Mapping[str, Any] | None = None,
    progress: Callable[[float], None] | None = None,
) -> Recording:
    """Write what a cast would send into a recording.

    Parameters
    ----------
    cast : Cast
        Of which the EMG sensors are written.
    path : path-like
        Must not exist.
    session : mapping, optional
        More facts for the recording's session table; scenario and seed are there anyway.
    progress : callable, optional
        Called with the part that is done (0 to 1).

    Returns
    -------
    Recording
        Opened for reading. Notifications are those of the radio (24 samples of a uMyo, 10 of an NPG Lite),
        each arriving `LATENCY_S` after its end, so that the clocks are fitted from arrivals as after a
        radio session.

    Raises
    ------
    RecordingExistsError
        A recording is never overwritten. One that could not be finished is taken away.
    """
    path = Path(path)
    facts = {"source": "simulated", "description": cast.description}
    facts |= {key: cast.truth[key] for key in ("scenario", "seed", "engine") if key in cast.truth}
    facts |= session or {}
    recorder = Recorder(path, session=facts, montage=cast.montage, started_ns=_STARTED_NS)
    try:
        with recorder:
            sensors = [sensor for sensor in cast.sensors if isinstance(sensor.family, Family)]
            ids = [_add(recorder, sensor) for sensor in sensors]
            for event in cast.events:
                recorder.add_event(event)
            streams = [_blocks(sensor, id_) for sensor, id_ in zip(sensors, ids, strict=True)]
            n_chunks = int(np.ceil(cast.duration_s / _CHUNK_S)) + 1
            for chunk in range(n_chunks):
                for stream in streams:
                    for block in next(stream, ()):
                        recorder.write(block)
                if progress is not None:
                    progress((chunk + 1) / n_chunks)
    except BaseException:
        recorder.close()
        path.unlink(missing_ok=True)
        raise
    return Recording(path)


def _add(recorder: Recorder, sensor: PlayedSensor) -> int:
    family = sensor.emg
    return recorder.add_sensor(
        family=family.key,
        address=sensor.address,
        name=sensor.name,
        firmware="emulated",
        rate_hz=family.rate_hz,
        channels=sensor.counts.shape[1],
        dtype=family.dtype,
        scale_uv=family.scale_uv,
        scale_known=family.scale_known,
        placements=sorted(sensor.sites.items()),
    ).id


def _blocks(sensor: PlayedSensor, sensor_id: int) -> Iterator[list[SampleBlock]]:
    """Yield for each second of the play the blocks that were complete in it; the last yield has the rest."""
    packet = sensor.emg.samples_per_packet
    starts = np.concatenate(
        [np.empty(0, dtype=np.int64), *(np.arange(a, b, packet) for a, b in sent_ranges(sensor))]
    )
    ends = starts + packet
    arrival_s = sensor.t0_s + (ends - 1) / sensor.rate_hz + LATENCY_S
    arrivals = np.column_stack([ends, _STARTED_NS + np.rint(arrival_s * 1e9).astype(np.int64)])
    second = np.floor(arrival_s / _CHUNK_S).astype(np.int64)
    cuts = np.flatnonzero((np.diff(starts) != packet) | (np.diff(second) != 0)) + 1
    now = 0
    ready: list[SampleBlock] = []
    for part in np.split(np.arange(len(starts)), cuts):
        if not len(part):
            continue
        while second[part[0]] > now:
            yield ready
            ready, now = [], now + 1
        first, last = part[0], part[-1]
        counts = sensor.counts[starts[first] : ends[last]]
        ready.append(SampleBlock(sensor_id, int(starts[first]), counts, arrivals[first : last + 1]))
    yield ready
