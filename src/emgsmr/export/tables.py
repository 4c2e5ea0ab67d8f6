"""The result tables as CSV files and as JSON records: the same columns and numbers; missing is missing."""

from __future__ import annotations

import json
import math
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import numpy as np
import pandas as pd

from emgsmr.errors import ArgumentError, DiskFullError, RecordingError
from emgsmr.export.dictionary import Column, Table, load_dictionary

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from emgsmr.analysis import Analysis
    from emgsmr.analysis.comparison import Comparison

ANALYSIS_TABLES = (
    "strides",
    "activation",
    "ratios",
    "slings",
    "fatigue",
    "findings",
    "quality",
    "gaps",
    "events",
    "readings",
    "covariates",
    "bursts",
    "spectra",
    "measures",
    "profiles",
    "references",
    "excess",
    "hints",
    "watch",
    "rest",
)


def write_tables(analysis: Analysis, folder: Path | str) -> list[Path]:
    """Write the tables of an analysis, their data dictionary and ``session.json``.

    Files of the same names are replaced: they are derived, and can be made again from the recording.

    Parameters
    ----------
    analysis : Analysis
    folder : path
        Made where it does not exist.

    Returns
    -------
    list of path
        The files, in the order in which they were written.

    Raises
    ------
    RecordingError
        The folder cannot be made or written.
    """
    folder = made_folder(folder)
    written = write_frames(analysis, folder)
    written.append(write_dictionary(folder, ANALYSIS_TABLES))
    written.append(write_json(folder / "session.json", analysis.session))
    return written


def write_comparison(comparison: Comparison, folder: Path | str) -> list[Path]:
    """Write the tables of a comparison, their data dictionary and ``session.json``.

    Parameters
    ----------
    comparison : Comparison
    folder : path
        Made where it does not exist; files of the same names are replaced.

    Returns
    -------
    list of path

    Raises
    ------
    RecordingError
        The folder cannot be made or written.
    """
    folder = made_folder(folder)
    frames = comparison_frames(comparison)
    written = _write(checked(frames), folder)
    written.append(write_dictionary(folder, frames))
    written.append(write_json(folder / "session.json", comparison.session))
    return written


def comparison_frames(comparison: Comparison) -> dict[str, pd.DataFrame]:
    """The tables of a comparison by name."""
    return {
        "comparison": comparison.table,
        "comparison_bouts": comparison.bouts,
        "comparison_tests": comparison.tests,
    }


def tables_as_records(analysis: Analysis) -> dict[str, list[dict[str, Any]]]:
    """The same tables as lists of records, for JSON: missing is None, and NaN never appears.

    Parameters
    ----------
    analysis : Analysis

    Returns
    -------
    dict of str to list of dict
        Rows by table name; each row holds every column of the table.
    """
    return as_records(_tables(analysis))


def as_records(tables: Iterable[tuple[Table, pd.DataFrame]]) -> dict[str, list[dict[str, Any]]]:
    """Tables as lists of records."""
    records = {}
    for table, frame in tables:
        columns = [_as_objects(column, frame[column.name]) for column in table.columns]
        names = table.column_names
        records[table.name] = [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]
    return records


def plain(value: Any) -> Any:
    """A value as JSON can hold it: numpy types become Python's, what is not finite becomes None.

    Examples
    --------
    >>> plain({"rate": np.float64(500.0), "slope": float("nan"), "span": (np.int64(1), 2)})
    {'rate': 500.0, 'slope': None, 'span': [1, 2]}
    """
    if isinstance(value, dict):
        return {str(key): plain(entry) for key, entry in value.items()}
    if isinstance(value, np.ndarray | list | tuple | set | frozenset):
        return [plain(entry) for entry in (sorted(value) if isinstance(value, set | frozenset) else value)]
    if isinstance(value, np.generic):
        return plain(value.item())
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if value is None or isinstance(value, str | int | bool):
        return value
    return str(value)


def write_frames(analysis: Analysis, folder: Path) -> list[Path]:
    """Write the tables alone."""
    return _write(_tables(analysis), folder)


def _write(tables: Iterable[tuple[Table, pd.DataFrame]], folder: Path) -> list[Path]:
    written = []
    for table, frame in tables:
        path = folder / f"{table.name}.csv"
        with replaced(path) as file:
            _as_text(table, frame).to_csv(file, index=False, lineterminator="\n")
        written.append(path)
    return written


def write_dictionary(folder: Path, tables: Iterable[str]) -> Path:
    """Write ``data_dictionary.json`` for the named tables."""
    dictionary = load_dictionary()
    return write_json(
        folder / "data_dictionary.json", {name: dictionary[name].as_record() for name in tables}
    )


def write_json(path: Path, content: Any) -> Path:
    """Write a JSON file that a person can read."""
    with replaced(path) as file:
        json.dump(plain(content), file, indent=2, ensure_ascii=False, allow_nan=False)
        file.write("\n")
    return path


def made_folder(folder: Path | str) -> Path:
    """The folder, made where it does not exist."""
    folder = Path(folder)
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:
        raise ArgumentError(f"{folder} is a file; name a folder for the tables") from None
    except OSError as error:
        raise RecordingError(
            f"the folder {folder} cannot be made ({error.strerror}); choose another"
        ) from error
    return folder


@contextmanager
def replaced(path: Path) -> Iterator[TextIO]:
    """A text file that takes its name when it is complete: an interrupted export leaves no half table."""
    partial = path.with_name(path.name + ".part")
    try:
        try:
            with partial.open("w", encoding="utf-8", newline="") as file:
                yield file
            partial.replace(path)
        finally:
            partial.unlink(missing_ok=True)
    except OSError as error:
        kind = DiskFullError if error.errno == 28 else RecordingError  # ENOSPC
        raise kind(f"{path} cannot be written ({error.strerror}); choose another folder") from error


def _tables(analysis: Analysis) -> Iterator[tuple[Table, pd.DataFrame]]:
    return checked({name: getattr(analysis, name) for name in ANALYSIS_TABLES})


def checked(frames: Mapping[str, pd.DataFrame]) -> Iterator[tuple[Table, pd.DataFrame]]:
    """Tables with what the data dictionary says of them; refuses other columns."""
    dictionary = load_dictionary()
    for name, frame in frames.items():
        table = dictionary[name]
        if tuple(frame.columns) != table.column_names:
            raise ArgumentError(
                f"the table {name} has the columns {', '.join(map(str, frame.columns)) or 'none'} "
                f"where the data dictionary says {', '.join(table.column_names)}"
            )
        yield table, frame


def _as_text(table: Table, frame: pd.DataFrame) -> pd.DataFrame:
    """A frame whose every field is written as the dictionary says; None is an empty field.

    Numbers keep Python's shortest text that reads back to the same double.
    """
    return pd.DataFrame(
        {c.name: pd.Series(_written(_as_objects(c, frame[c.name])), dtype=object) for c in table.columns},
        columns=list(table.column_names),
    )


def _written(values: list[Any]) -> list[Any]:
    return [("true" if value else "false") if isinstance(value, bool) else value for value in values]


def _as_objects(column: Column, values: pd.Series[Any]) -> list[Any]:
    """Python values of the column's type; None where there is no value, or no finite one."""
    if column.type == "number":
        numbers = pd.to_numeric(values).to_numpy(dtype=float, na_value=np.nan)
        finite = np.isfinite(numbers)
        if finite.all():
            return list(numbers.tolist())
        return [
            number if good else None for number, good in zip(numbers.tolist(), finite.tolist(), strict=True)
        ]
    missing = values.isna().to_numpy().tolist()
    convert = {"integer": int, "boolean": bool, "text": str}[column.type]
    empty = column.type == "text"  # an empty text is a missing one: a CSV cannot tell them apart
    return [
        None if absent or (empty and value == "") else convert(value)
        for value, absent in zip(values.tolist(), missing, strict=True)
    ]
