"""CSV and TSV: a header line with names (and units), then numbers, one line per sample."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from emgsmr.errors import ArgumentError, ImportFormatError
from emgsmr.recording.importers.source import Source, choose
from emgsmr.recording.importers.timestamps import Timebase, check_rate, read_timestamps
from emgsmr.recording.importers.units import Column, read_header

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence
    from pathlib import Path
    from typing import BinaryIO

    from numpy.typing import NDArray

    from emgsmr.recording.importers.writing import Progress

TIME_NAMES = ("time", "time_s", "t", "t_s", "timestamp")
_SECONDS = {None: 1.0, "": 1.0, "s": 1.0, "sec": 1.0, "seconds": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6}
_CHUNK_BYTES = 4 << 20
_MAX_LINE = 1 << 20


def read_text_table(
    path: Path,
    *,
    fs: float | None,
    unit: str | None,
    sites: Mapping[str, str],
    progress: Progress | None = None,
) -> Source:
    """Read a CSV or TSV file.

    Raises
    ------
    ImportFormatError
        It is empty, not numeric, or its lines have different numbers of cells.
    ArgumentError, SamplingRateError
        See `emgsmr.recording.importers.import_csv`.
    """
    try:
        with path.open("rb") as file:
            columns, delimiter = _read_columns(file, path)
            time = _time_column(columns, sites)
            choices = choose(columns, sites, unit)
            if time is None and fs is None:
                raise ArgumentError(f"{path} has no time column (such as time_s): give its rate with --rate")
            if fs is not None:
                check_rate(fs)
            wanted = [choice.position for choice in choices]
            layout = _Layout(path, delimiter, len(columns), time, wanted, path.stat().st_size)
            times, values = _read_numbers(file, layout, progress)
    except OSError as error:
        raise ImportFormatError(f"{path} cannot be read: {error.strerror or error}") from error
    if not values:
        raise ImportFormatError(f"{path} holds no samples, only a header")
    base, notes = _timebase(times, columns, time, path, fs)
    check_rate(base.fs)
    return Source(path, columns, choices, time, values, base.index, base.fs, base.t0_s, notes)


@dataclass(frozen=True, slots=True)
class _Layout:
    path: Path
    delimiter: str
    n_columns: int
    time: int | None
    wanted: list[int]
    size: int


def _read_columns(file: BinaryIO, path: Path) -> tuple[tuple[Column, ...], str]:
    """The header line; leaves the file at the line after it."""
    line = file.readline(_MAX_LINE)
    if not line.strip():
        raise ImportFormatError(
            f"{path} is empty" if not line else f"{path} begins with an empty line, not with names"
        )
    if b"\0" in line or len(line) == _MAX_LINE:
        raise ImportFormatError(f"{path} is no text: a CSV or TSV file begins with a line of column names")
    try:
        text = line.decode("utf-8-sig")
    except UnicodeDecodeError:
        text = line.decode("cp1252", errors="replace")  # where spreadsheets write µ
    delimiter = max(",;\t", key=text.count)
    try:
        names = next(csv.reader([text.strip("\r\n")], delimiter=delimiter))
    except csv.Error as error:
        raise ImportFormatError(
            f"{path} has line ends that are not known: save it with LF or CRLF"
        ) from error
    if all(_is_number(name) for name in names):
        raise ImportFormatError(f"{path} begins with numbers: its first line must name the columns")
    return tuple(read_header(name) for name in names), delimiter


def _time_column(columns: Sequence[Column], sites: Mapping[str, str]) -> int | None:
    for i, column in enumerate(columns):
        if column.name.lower() in TIME_NAMES and column.header not in sites and column.name not in sites:
            return i
    return None


def _read_numbers(
    file: BinaryIO, layout: _Layout, progress: Progress | None
) -> tuple[NDArray[np.float64], list[NDArray[np.float64]]]:
    """Times and values, in pieces of whole lines."""
    times: list[NDArray[np.float64]] = []
    values: list[NDArray[np.float64]] = []
    rows = 0
    for text in _whole_lines(file, layout.path):
        table = _parse(text, layout, first_line=rows + 2)
        rows += len(table)
        if layout.time is not None:
            times.append(table[:, 0])
        values.append(table[:, 1:] if layout.time is not None else table)
        if progress is not None:
            progress(min(1.0, file.tell() / max(1, layout.size)))
    return (np.concatenate(times) if times else np.empty(0)), [piece for piece in values if len(piece)]


def _whole_lines(file: BinaryIO, path: Path) -> Iterator[bytes]:
    rest = b""
    while piece := file.read(_CHUNK_BYTES):
        head, newline, tail = piece.rpartition(b"\n")
        if newline:
            yield rest + head + newline
            rest = tail
        else:
            rest += tail
        if len(rest) > _MAX_LINE:
            raise ImportFormatError(
                f"{path} is no text table: it has a line of more than a million characters"
            )
    if rest.strip():
        yield rest + b"\n"


def _parse(text: bytes, layout: _Layout, *, first_line: int) -> NDArray[np.float64]:
    """Numbers of the wanted columns, the time first; NaN = missing."""
    import pandas as pd

    _check_cells(text, layout, first_line)
    wanted = layout.wanted if layout.time is None else [layout.time, *layout.wanted]
    first = text[: text.find(b"\n")]
    try:
        frame = pd.read_csv(
            io.BytesIO(text),
            sep=layout.delimiter,
            header=None,
            names=list(range(layout.n_columns)),
            usecols=sorted(wanted),
            dtype=np.float64,
            index_col=False,
            decimal="," if layout.delimiter != "," and b"," in first else ".",
            skipinitialspace=True,
            encoding="utf-8",
            encoding_errors="replace",
        )
    except pd.errors.EmptyDataError:
        return np.empty((0, len(wanted)))
    except (ValueError, OverflowError) as error:  # ParserError is a ValueError
        line, cell = _find_text(text, layout, wanted)
        raise ImportFormatError(f"{layout.path}, line {first_line + line}: {cell!r} is no number") from error
    table = frame[wanted].to_numpy(dtype=np.float64)
    if layout.time is not None:  # a spreadsheet leaves lines of empty cells at the end
        empty = np.all(np.isnan(table), axis=1)
        if empty.any() and empty[np.argmax(empty) :].all():
            table = table[: np.argmax(empty)]
    return table


def _check_cells(text: bytes, layout: _Layout, first_line: int) -> None:
    """Each line must have a cell for each column: pandas would fill up short ones."""
    if b"\0" in text:
        raise ImportFormatError(f"{layout.path} is no text: it holds binary data")
    data = np.frombuffer(text, dtype=np.uint8)
    ends = np.flatnonzero(data == ord("\n"))
    cells = np.diff(np.searchsorted(np.flatnonzero(data == ord(layout.delimiter)), ends), prepend=0) + 1
    lengths = np.diff(ends, prepend=-1) - 1
    blank = (lengths == 0) | ((lengths == 1) & (data[ends - 1] == ord("\r")))
    wrong = np.flatnonzero((cells != layout.n_columns) & ~blank)
    if len(wrong):
        raise ImportFormatError(
            f"{layout.path}, line {first_line + int(wrong[0])} has {int(cells[wrong[0]])} cells: "
            f"the header has {layout.n_columns}"
        )


def _find_text(text: bytes, layout: _Layout, wanted: list[int]) -> tuple[int, str]:
    """Line (from 0) and content of the first cell that is no number, for the error."""
    lines = csv.reader(text.decode("utf-8", errors="replace").splitlines(), delimiter=layout.delimiter)
    for number, cells in enumerate(lines):
        for i in wanted:
            if i < len(cells) and not _is_number(cells[i].replace(",", ".")) and cells[i].strip():
                return number, cells[i][:40]
    return 0, "something"


def _timebase(
    times: NDArray[np.float64], columns: Sequence[Column], time: int | None, path: Path, fs: float | None
) -> tuple[Timebase, tuple[str, ...]]:
    if time is None:
        assert fs is not None
        return Timebase(fs, 0.0, None), ()
    column = columns[time]
    if column.unit not in _SECONDS:
        raise ImportFormatError(f"{path}: times in {column.unit!r} are not known: use s, ms or us")
    seconds = times * _SECONDS[column.unit]
    try:
        base = read_timestamps(seconds, fs=fs)
    except ImportFormatError as error:
        if fs is None or not np.all(np.isfinite(seconds[:1])):
            raise ImportFormatError(f"{path}: {error}") from error
        note = (
            f"the times are irregular and were left aside: samples count as one after the other at {fs:g} Hz"
        )
        return Timebase(fs, float(seconds[0]), None), (note,)
    if fs is None:
        return base, ()
    own = read_timestamps(seconds).fs
    notes = (
        ()
        if abs(own / fs - 1) < 1e-3
        else (f"the times say {own:g} Hz, --rate says {fs:g} Hz: --rate was taken",)
    )
    return base, notes


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True
