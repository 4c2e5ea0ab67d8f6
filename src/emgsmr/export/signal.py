"""The signal as CSV: one wide table per nominal rate, and with ``raw`` one file of counts per sensor.

Both are written in pieces, so a recording of any length takes the same memory.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis.quality import UNUSABLE
from emgsmr.analysis.timeline import ExactTimeline, FittedTimeline, Timeline
from emgsmr.export.motion import has_motion, write_motion
from emgsmr.export.tables import (
    ANALYSIS_TABLES,
    made_folder,
    replaced,
    write_dictionary,
    write_frames,
    write_json,
)

if TYPE_CHECKING:
    import pandas as pd

    from emgsmr.analysis import Analysis
    from emgsmr.recording import Recording, SensorInfo

CHUNK_ROWS = 20_000


@dataclass(slots=True)
class _Sensor:
    """A sensor with its time line, and the samples that it has: ``first`` to ``stop``, gaps among them."""

    info: SensorInfo
    timeline: Timeline
    sites: dict[int, str]
    first: int = 0
    stop: int = 0

    def time(self, index: Any) -> NDArray[np.float64]:
        """Time of samples; at the nominal rate from 0 where a stream is too short for a fit."""
        if self.timeline.end_s == float("-inf"):
            return np.asarray(index, dtype=np.float64) / self.info.rate_hz
        return self.timeline.time(index)

    def nearest(self, t_s: NDArray[np.float64]) -> NDArray[np.int64]:
        """Index of the sample nearest to each time, whether or not there is one."""
        fitted = self.timeline.end_s != float("-inf")
        index = self.timeline.index(t_s) if fitted else t_s * self.info.rate_hz
        beyond = t_s > float(self.time(self.stop - 1)) + 0.5 / self.info.rate_hz  # a time line may end there
        return np.where(beyond, self.stop, np.rint(index)).astype(np.int64)


def export_csv(
    recording: Recording,
    analysis: Analysis,
    folder: Path | str,
    *,
    raw: bool = False,
    progress: Callable[[float], None] | None = None,
) -> list[Path]:
    """Write a recording for other programs: tables, data dictionary, ``session.json`` and the signal as CSV.

    Parameters
    ----------
    recording : Recording
    analysis : Analysis
        Of this recording.
    folder : path
        Made where it does not exist; files of the same names are replaced.
    raw : bool
        Write each sensor's counts, too, and what motion sensors told.
    progress : callable, optional
        Called with the part that is done, 0 to 1.

    Returns
    -------
    list of path

    Raises
    ------
    RecordingError
        The folder cannot be made or written, or the recording is damaged.
    """
    folder = made_folder(folder)
    report = progress or (lambda _done: None)
    written = write_frames(analysis, folder)
    sensors = _sensors(recording)
    groups: dict[float, list[_Sensor]] = {}
    for sensor in sensors:
        if sensor.sites:
            groups.setdefault(sensor.info.rate_hz, []).append(sensor)
    n_files = len(groups) + (len(sensors) if raw else 0)

    def part(done: float) -> None:
        report((n_done + done) / n_files)

    n_done = 0
    for rate_hz, group in sorted(groups.items()):
        name = "emg.csv" if len(groups) == 1 else f"emg_{rate_hz:g}hz.csv"
        written.append(_write_wide(recording, group, analysis.quality, folder / name, part))
        n_done += 1
    for sensor in sensors if raw else []:
        label = re.sub(r"[^A-Za-z0-9]+", "-", sensor.info.name).strip("-")[:40]
        written.append(_write_counts(recording, sensor, folder / f"raw_{sensor.info.id}_{label}.csv", part))
        n_done += 1
    described = [*ANALYSIS_TABLES, "emg"]
    if raw:
        described.append("raw")
        if has_motion(recording):
            described.append("motion")
            clocks = {sensor.info.id: sensor.time for sensor in sensors}
            written.append(write_motion(recording, clocks, folder / "motion.csv"))
    written.append(write_dictionary(folder, described))
    written.append(write_json(folder / "session.json", analysis.session))
    return written


def _sensors(recording: Recording) -> list[_Sensor]:
    """All sensors that have samples, their clocks fitted as the analysis fits them."""
    found: dict[int, _Sensor] = {}
    for info in recording.sensors:
        clock = recording.clock(info.id)
        timeline: Timeline = (
            ExactTimeline(clock.rate_hz, clock.index0, clock.t0_s)
            if clock is not None and clock.method == "file"
            else FittedTimeline(info.rate_hz, recording.started_ns)
        )
        sites: dict[int, str] = {}
        for placement in recording.placements:
            if placement.sensor == info.id and placement.site not in sites.values():
                sites[placement.channel] = placement.site
        found[info.id] = _Sensor(info, timeline, sites, first=-1)
    for block in recording.blocks():
        sensor = found[block.sensor]
        if sensor.first < 0:
            sensor.first = block.first_index
        sensor.stop = max(sensor.stop, block.end_index)
        sensor.timeline.advance(block.arrivals, first_index=sensor.first, end_index=block.end_index)
    return [sensor for sensor in found.values() if sensor.first >= 0]


def _write_wide(
    recording: Recording,
    group: list[_Sensor],
    quality: pd.DataFrame,
    path: Path,
    progress: Callable[[float], None],
) -> Path:
    rate_hz = group[0].info.rate_hz
    begin = min(float(sensor.time(sensor.first)) for sensor in group)
    end = max(float(sensor.time(sensor.stop - 1)) for sensor in group)
    origin = float(group[0].time(group[0].first))  # the first sensor's samples fall on the grid
    step = 1.0 / (group[0].timeline.fs if isinstance(group[0].timeline, ExactTimeline) else rate_hz)
    first_row, stop_row = (
        math.ceil((begin - origin) / step - 0.5),
        math.floor((end - origin) / step + 0.5) + 1,
    )
    states = {site: _usable(quality, site) for sensor in group for site in sensor.sites.values()}
    with replaced(path) as file:
        names = [f"{site}_{what}" for site in states for what in ("uV", "valid")]
        file.write(",".join(["t_s", *names]) + "\n")
        for row in range(first_row, stop_row, CHUNK_ROWS):
            t_s = origin + step * np.arange(row, min(row + CHUNK_ROWS, stop_row), dtype=np.float64)
            columns = [_times(t_s)]
            for sensor in group:
                columns += _fields(recording, sensor, t_s, states)
            file.writelines(map("%s\n".__mod__, map(",".join, zip(*columns, strict=True))))
            progress((row - first_row) / (stop_row - first_row))
    progress(1.0)
    return path


def _fields(
    recording: Recording,
    sensor: _Sensor,
    t_s: NDArray[np.float64],
    states: dict[str, tuple[NDArray[np.float64], NDArray[np.bool_]]],
) -> Iterator[list[str]]:
    """For each site of a sensor: value and validity at each time, as one text ``value,valid``."""
    index = sensor.nearest(t_s)
    low, high = max(int(index.min()), sensor.first), min(int(index.max()) + 1, sensor.stop)
    present = np.zeros(len(t_s), dtype=bool)
    counts = np.zeros((len(t_s), sensor.info.channels), dtype=np.int64)
    if low < high:
        for piece in recording.pieces(sensor.info.id, low, high):
            inside = (index >= piece.first_index) & (index < piece.end_index)
            counts[inside] = piece.counts[index[inside] - piece.first_index]
            present |= inside
    for channel, site in sensor.sites.items():
        starts, usable = states[site]
        good = present.copy()
        if len(starts):
            good &= usable[np.clip(np.searchsorted(starts, t_s, side="right") - 1, 0, None)]
        yield _texts(counts[:, channel], present, good, scale_uv=sensor.info.scale_uv)


def _texts(
    counts: NDArray[np.int64], present: NDArray[np.bool_], good: NDArray[np.bool_], *, scale_uv: float
) -> list[str]:
    """Texts ``value,valid``; each different count is formatted once."""
    decimals = max(0, 2 - math.floor(math.log10(scale_uv)))
    values, position = np.unique(counts, return_inverse=True)
    texts = [repr(round(float(value), decimals)) for value in values * scale_uv]
    table = np.array(
        [f"{text},{valid}" for text in texts for valid in ("false", "true")] + [",false"], dtype=object
    )
    chosen = np.where(present, 2 * position + good, len(table) - 1)
    return list(table[chosen])


def _usable(quality: pd.DataFrame, site: str) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Times at which a site's quality changes, and whether its samples can be used from then on."""
    rows = quality[quality["site"] == site].sort_values("t_s", kind="stable")
    usable = ~rows["state"].isin(UNUSABLE)
    return rows["t_s"].to_numpy(dtype=np.float64), usable.to_numpy(dtype=bool)


def _write_counts(
    recording: Recording, sensor: _Sensor, path: Path, progress: Callable[[float], None]
) -> Path:
    names = [sensor.sites.get(channel, f"ch{channel + 1}") for channel in range(sensor.info.channels)]
    with replaced(path) as file:
        file.write(",".join(["sample", "t_s", *(f"{name}_counts" for name in names)]) + "\n")
        for piece in recording.pieces(sensor.info.id):
            for begin in range(0, piece.n, CHUNK_ROWS):
                counts = piece.counts[begin : begin + CHUNK_ROWS]
                index = piece.first_index + begin + np.arange(len(counts))
                columns = [map(str, index.tolist()), _times(sensor.time(index))]
                columns += [map(str, column) for column in counts.T.tolist()]
                file.writelines(map("%s\n".__mod__, map(",".join, zip(*columns, strict=True))))
            progress((piece.end_index - sensor.first) / (sensor.stop - sensor.first))
    return path


def _times(t_s: NDArray[np.float64]) -> list[str]:
    return list(map("%.6f".__mod__, t_s.tolist()))
