"""From the samples of a source to a recording: quantized, grouped by what is missing, written in step."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from emgsmr.errors import ImportFormatError
from emgsmr.recording import schema
from emgsmr.recording.block import SampleBlock
from emgsmr.recording.importers.units import UV_PER_UNIT
from emgsmr.recording.reader import Recording
from emgsmr.recording.recorder import Recorder, utc_now

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

    from numpy.typing import NDArray

    from emgsmr.recording.event import Event
    from emgsmr.recording.importers.source import Source

    Progress = Callable[[float], None]

STEP_UV = 0.01
MISSING = np.iinfo(np.int32).min
_LARGEST = np.iinfo(np.int32).max
_SMALLEST = 5  # counts (0.05 µV): below it nothing would be left but zeros
_AU_LARGEST = (1 << 23) - 1  # 24 bits
_ROW_S = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class _Group:
    """Channels with one scale, of which the same samples are missing: they make one sensor."""

    channels: list[int]
    present: NDArray[np.bool_] | None
    scale_uv: float
    scale_known: str


def write_recording(
    source: Source, out: Path, events: Sequence[Event] = (), progress: Progress | None = None
) -> Recording:
    """Write a source as a recording; nothing is left behind where that fails."""
    counts, scales = _quantize(source)
    groups = _groups(source, counts, scales)
    last = len(counts) - 1 if source.index is None else int(source.index[-1])
    if last / source.fs > schema.MAX_DURATION_S:
        raise ImportFormatError(f"{source.path} lasts longer than a year: check its times")
    recorder = Recorder(out, session=_facts(source), started_ns=0)
    try:
        with recorder:
            _write(recorder, source, counts, groups, progress)
            for event in events:
                recorder.add_event(event)
    except BaseException:
        out.unlink(missing_ok=True)
        for suffix in ("-wal", "-shm"):
            out.with_name(out.name + suffix).unlink(missing_ok=True)
        raise
    return Recording(out)


def _quantize(source: Source) -> tuple[NDArray[np.int32], list[tuple[float, str]]]:
    """Counts of all channels, and each channel's (scale, how well it is known)."""
    scales: list[tuple[float, str]] = []
    largest = np.zeros(len(source.choices))
    for piece in source.values:
        if np.any(np.isinf(piece)):
            raise ImportFormatError(f"{source.path} holds values that are infinite: correct them")
        if len(piece):
            largest = np.fmax(largest, np.nanmax(np.abs(np.nan_to_num(piece)), axis=0))
    in_au = [choice.unit == "au" for choice in source.choices]
    for choice, reached in zip(source.choices, largest, strict=True):
        if choice.unit == "au" and reached > 0 and not 1e-30 < reached < 1e30:
            raise ImportFormatError(
                f"{choice.column.name!r} reaches {reached:g}: bring it to a size that can be squared"
            )
    au_scale = float(max(largest[in_au], default=0.0)) / _AU_LARGEST or 1.0
    per_count = np.empty(len(source.choices))
    for k, choice in enumerate(source.choices):
        if choice.unit == "au":
            scales.append((au_scale, "unknown"))
            per_count[k] = au_scale
        else:
            scales.append((STEP_UV, "known"))
            per_count[k] = STEP_UV / UV_PER_UNIT[choice.unit]
            if largest[k] > 0 and not _SMALLEST < float(largest[k]) / float(per_count[k]) < _LARGEST:
                raise ImportFormatError(
                    f"{choice.column.name!r} reaches {largest[k]:g} {choice.unit}: check --unit"
                )
    total = sum(len(piece) for piece in source.values)
    counts = np.empty((total, len(source.choices)), dtype=np.int32)
    row = 0
    while source.values:  # emptied on the way: floats and counts need not be there together
        piece = source.values.pop(0)
        part = counts[row : row + len(piece)]
        missing = np.isnan(piece)
        np.rint(np.where(missing, 0.0, piece) / per_count, out=part, casting="unsafe")
        part[missing] = MISSING
        row += len(piece)
    return counts, scales


def _groups(source: Source, counts: NDArray[np.int32], scales: list[tuple[float, str]]) -> list[_Group]:
    groups: dict[tuple[bytes, float, str], _Group] = {}
    for k, choice in enumerate(source.choices):
        present = counts[:, k] != MISSING
        if not present.any():
            raise ImportFormatError(f"{choice.column.name!r} of {source.path} holds no sample: leave it out")
        whole = bool(present.all())
        pattern = b"" if whole else hashlib.sha256(np.packbits(present).tobytes()).digest()
        key = (pattern, *scales[k])
        if key not in groups:
            groups[key] = _Group([], None if whole else present, *scales[k])
        groups[key].channels.append(k)
    return list(groups.values())


def _write(
    recorder: Recorder,
    source: Source,
    counts: NDArray[np.int32],
    groups: list[_Group],
    progress: Progress | None,
) -> None:
    sensors = []
    for number, group in enumerate(groups, start=1):
        choices = [source.choices[k] for k in group.channels]
        info = recorder.add_sensor(
            family="file",
            address="",
            name=source.path.name + (f" ({number})" if len(groups) > 1 else ""),
            firmware="",
            rate_hz=source.fs,
            channels=len(choices),
            dtype="<i4",
            scale_uv=group.scale_uv,
            scale_known=group.scale_known,
            placements=[(c, choice.site) for c, choice in enumerate(choices)],
            texts={c: choice.column.header for c, choice in enumerate(choices)},
        )
        recorder.set_clock(info.id, 0, source.t0_s, source.fs, None, "file")
        sensors.append((info.id, group))
    step = max(1, round(_ROW_S * source.fs))
    for start in range(0, len(counts), step):
        rows = slice(start, min(start + step, len(counts)))
        index = (
            np.arange(rows.start, rows.stop, dtype=np.int64) if source.index is None else source.index[rows]
        )
        for sensor, group in sensors:
            for block in _blocks(sensor, index, counts[rows], group, rows):
                recorder.write(block)
        if progress is not None:
            progress(rows.stop / len(counts))
    end = len(counts) if source.index is None else int(source.index[-1]) + 1
    for sensor, group in sensors:
        if group.present is not None and not group.present[-1]:
            # An empty block says how far it should go, so that what is missing at the end is a gap too.
            recorder.write(SampleBlock(sensor, end, np.empty((0, len(group.channels)), dtype=np.int32)))


def _blocks(
    sensor: int, index: NDArray[np.int64], counts: NDArray[np.int32], group: _Group, rows: slice
) -> Iterator[SampleBlock]:
    """Blocks without a gap from some rows."""
    counts = counts[:, group.channels]
    if group.present is not None:
        there = group.present[rows]
        index, counts = index[there], counts[there]
    if not len(index):
        return
    breaks = np.flatnonzero(np.diff(index) != 1) + 1
    for part, first in zip(np.split(counts, breaks), index[np.concatenate([[0], breaks])], strict=True):
        yield SampleBlock(sensor, int(first), part)


def _facts(source: Source) -> dict[str, Any]:
    taken = {source.time, *(choice.position for choice in source.choices)}
    return {
        "started_utc": None,  # the file does not say when
        "imported_utc": utc_now(),
        "source": {
            "file": source.path.name,
            "rate_hz": source.fs,
            "t0_s": source.t0_s,
            "mapped": {choice.column.header: choice.site for choice in source.choices},
            "units": {choice.column.header: choice.unit for choice in source.choices},
            "left_out": [column.header for i, column in enumerate(source.columns) if i not in taken],
            "notes": list(source.notes),
        },
    }
