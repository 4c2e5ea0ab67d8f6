"""Recover: what a damaged recording still holds, block by block, as a new recording."""

from __future__ import annotations

from collections import Counter
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from emgsmr.errors import (
    ArgumentError,
    DamagedRecordingError,
    MontageError,
    NotARecordingError,
    RecordingError,
)
from emgsmr.recording import rows as read
from emgsmr.recording.block import NO_ARRIVALS, SampleBlock
from emgsmr.recording.leftovers import Leftovers, look, whole_blocks, whole_readings
from emgsmr.recording.montage import Montage
from emgsmr.recording.pages import Pages, log_path
from emgsmr.recording.readings import Series, read_series
from emgsmr.recording.recorder import Recorder, utc_now
from emgsmr.recording.sensor_info import SensorInfo

if TYPE_CHECKING:
    from collections.abc import Callable

    Progress = Callable[[float], None]


@dataclass(frozen=True, slots=True)
class Recovery:
    """What was recovered.

    Attributes
    ----------
    path : Path
        The new recording.
    n_blocks, n_events : int
    samples : mapping of sensor name to int
    n_bad : int
        Blocks that were found, but broken.
    n_readings : int
    notes : tuple of str
        What else is missing.
    """

    path: Path
    n_blocks: int
    n_events: int
    samples: dict[str, int]
    n_bad: int
    notes: tuple[str, ...]
    n_readings: int = 0


def recover(path: str | Path, out: str | Path, *, progress: Progress | None = None) -> Recovery:
    """Salvage what a damaged recording still holds.

    Every page of the file is looked at, so neither its header nor its index is needed. A block or reading
    counts only with the right checksum. What is lost between blocks is a gap of the new recording.

    Parameters
    ----------
    path, out : path-like
        ``out`` must not exist; ``path`` is not touched.
    progress : callable, optional
        Called with the fraction done (0 to 1).

    Raises
    ------
    NotARecordingError
        Nothing of a recording is in there.
    """
    path, out = Path(path), Path(out)
    if not path.is_file():
        raise NotARecordingError(f"{path} is not a file: give the path of a recording")
    try:
        with ExitStack() as stack:
            file = stack.enter_context(path.open("rb"))
            log = stack.enter_context(log_path(path).open("rb")) if log_path(path).exists() else None
            pages = Pages(file, log)
            found = look(pages, progress)
            if not found.block_pages and not found.sensors and not found.series:
                raise NotARecordingError(f"{path} holds nothing of a recording: nothing was recovered")
            return _write(path, out, pages, found, progress)
    except OSError as error:
        raise RecordingError(f"{path} cannot be read: {error.strerror or error}") from error


def _write(path: Path, out: Path, pages: Pages, found: Leftovers, progress: Progress | None) -> Recovery:
    notes: list[str] = []
    facts, montage = _facts(path, found, notes)
    known = _sensors(path, found, pages, notes)
    if not known and not found.series:
        raise NotARecordingError(f"{path} holds no whole block of a recording: nothing was recovered")
    started_ns = facts.pop("started_ns", None)
    if started_ns is None:
        started_ns = _first_arrival(pages, found)
        notes.append("when it started is lost: time counts from the first block")
    samples: Counter[str] = Counter()
    tally: Counter[str] = Counter()
    ends = dict.fromkeys(known, 0)
    try:
        with Recorder(out, session=facts, montage=montage, started_ns=started_ns) as recorder:
            ids = _enter_sensors(recorder, path, found, known, notes)
            for number, (sensor, first, n, arrival, data) in enumerate(whole_blocks(pages, found, tally)):
                info = known.get(sensor)
                if info is None or len(data) != n * info.row_bytes or first < ends[sensor]:
                    tally["bad"] += 1
                    continue
                ends[sensor] = first + n
                counts = np.frombuffer(data, dtype=info.dtype).reshape(n, info.channels)
                arrivals = (
                    NO_ARRIVALS if arrival is None else np.array([[first + n, arrival]], dtype=np.int64)
                )
                recorder.write(SampleBlock(ids[sensor], first, counts, arrivals))
                samples[info.name] += n
                tally["blocks"] += 1
                if progress is not None and number % 5000 == 0:
                    progress(0.5 + 0.5 * tally["pages"] / len(found.block_pages))
            _enter_readings(recorder, pages, found, _series(path, found, ids, notes), tally)
            n_events = _enter_events(recorder, path, found, notes)
    except RecordingError:
        out.unlink(missing_ok=True)
        raise
    if tally["bad readings"]:
        notes.append(f"{tally['bad readings']} readings were broken and are left out")
    return Recovery(
        out, tally["blocks"], n_events, dict(samples), tally["bad"], tuple(notes), tally["readings"]
    )


def _first_arrival(pages: Pages, found: Leftovers) -> int:
    blocks = (block[3] for block in whole_blocks(pages, found, Counter()) if block[3] is not None)
    readings = (reading.arrival_ns for reading in whole_readings(pages, found, {}, Counter()))
    return min(blocks, default=min(readings, default=0))


def _facts(path: Path, found: Leftovers, notes: list[str]) -> tuple[dict[str, Any], Montage | None]:
    facts: dict[str, Any] = {}
    for key, value in found.session.items():
        try:
            facts |= read.read_session([(key, value)], path)
        except DamagedRecordingError:
            notes.append(f"the entry {key[:40]!r} about the session is lost")
    facts |= {"recovered_utc": utc_now(), "recovered_from": path.name}
    content = facts.pop("montage", None)
    if content is None:
        return facts, None
    try:
        return facts, Montage.from_dict(content)
    except (MontageError, AttributeError, TypeError):
        notes.append("the montage is lost")
        return facts, None


def _sensors(path: Path, found: Leftovers, pages: Pages, notes: list[str]) -> dict[int, SensorInfo]:
    known: dict[int, SensorInfo] = {}
    for rowid, row in sorted(found.sensors.items()):
        try:
            known |= read.read_sensors([row], path)
        except DamagedRecordingError:
            notes.append(f"what is known about sensor {rowid} is damaged")
    strangers: dict[int, list[tuple[int, int, int | None, int]]] = {}
    for sensor, first, n, arrival, data in whole_blocks(pages, found, Counter()):
        if sensor not in known and n:
            strangers.setdefault(sensor, []).append((first, n, arrival, len(data)))
    for sensor, blocks in sorted(strangers.items()):
        if info := _guess_sensor(sensor, blocks):
            known[sensor] = info
            notes.append(f"only blocks are left of sensor {sensor}: its scale is unknown, its rate estimated")
        else:
            notes.append(f"sensor {sensor} is lost: nothing tells its rate")
    return known


def _guess_sensor(sensor: int, blocks: list[tuple[int, int, int | None, int]]) -> SensorInfo | None:
    """Make up for a lost sensor: 16-bit samples, the rate at which they came."""
    came = [(first + n, arrival) for first, n, arrival, _ in blocks if arrival is not None]
    row_bytes = {size // n for _, n, _, size in blocks if size % n == 0}
    if len(came) < 2 or came[-1][1] <= came[0][1] or len(row_bytes) != 1:
        return None
    rate = (came[-1][0] - came[0][0]) / (came[-1][1] - came[0][1]) * 1e9
    channels = row_bytes.pop() // 2
    try:
        return SensorInfo(
            sensor, "unknown", "", f"sensor {sensor}", "", rate, channels, "<i2", 1.0, "unknown"
        )
    except ArgumentError:
        return None


def _enter_sensors(
    recorder: Recorder, path: Path, found: Leftovers, known: dict[int, SensorInfo], notes: list[str]
) -> dict[int, int]:
    """Add the sensors, their placements and clocks; gives their new numbers."""
    placed: dict[int, dict[int, tuple[str, str]]] = {key: {} for key in known}
    for row in found.placements.values():
        try:
            [place] = read.read_placements([row], known, path)
        except (DamagedRecordingError, TypeError):
            notes.append("a placement is lost")
        else:
            placed[place.sensor][place.channel] = (place.site, place.text)
    ids: dict[int, int] = {}
    for key, info in sorted(known.items()):
        ids[key] = recorder.add_sensor(
            family=info.family,
            address=info.address,
            name=info.name,
            firmware=info.firmware,
            rate_hz=info.rate_hz,
            channels=info.channels,
            dtype=info.dtype,
            scale_uv=info.scale_uv,
            scale_known=info.scale_known,
            placements=[(channel, site) for channel, (site, _) in sorted(placed[key].items())],
            texts={channel: text for channel, (_, text) in placed[key].items()},
        ).id
    for row in found.clocks.values():
        try:
            clock = read.read_clock(row, path)
        except (DamagedRecordingError, TypeError):
            notes.append("a clock is lost")
            continue
        if clock.sensor in ids:
            recorder.set_clock(
                ids[clock.sensor], clock.index0, clock.t0_s, clock.rate_hz, clock.residual_ms, clock.method
            )
    return ids


def _enter_events(recorder: Recorder, path: Path, found: Leftovers, notes: list[str]) -> int:
    n = 0
    for _, row in sorted(found.events.items()):
        try:
            recorder.add_event(read.read_event(row, path))
            n += 1
        except (DamagedRecordingError, TypeError):
            notes.append("an event is lost")
    return n


def _series(path: Path, found: Leftovers, ids: dict[int, int], notes: list[str]) -> dict[int, Series]:
    """What the readings are, with the sensors' new numbers."""
    series: dict[int, Series] = {}
    for row in found.series.values():
        number, sensor, *rest = row
        try:
            [entry] = read_series([(number, ids.get(sensor), *rest)], set(ids.values()), path).values()
        except (DamagedRecordingError, TypeError):
            notes.append("what a series of readings is was lost")
        else:
            series[number] = entry
    return series


def _enter_readings(
    recorder: Recorder, pages: Pages, found: Leftovers, series: dict[int, Series], tally: Counter[str]
) -> None:
    for reading in whole_readings(pages, found, series, tally):
        try:
            recorder.add_reading(reading)
            tally["readings"] += 1
        except ArgumentError:  # far out of order: a lie with a right checksum
            tally["bad readings"] += 1
