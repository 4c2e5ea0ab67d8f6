"""Files of ``emgsmr validate -o``: sessions and predictors as CSV, all of it as JSON, and a picture."""

from __future__ import annotations

import csv
import json
from math import isnan
from pathlib import Path
from typing import TYPE_CHECKING, Any

from emgsmr.cli.validation_record import as_record
from emgsmr.cli.validation_text import verdict
from emgsmr.errors import RecordingExistsError

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from emgsmr.analysis.validation import Validation

SESSION_COLUMNS = (
    "recording", "runner", "started_utc", "watched_min", "event_s", "n_flags", "first_flag_s",
    "overload_index", "left_out",
)  # fmt: skip
PREDICTOR_COLUMNS = (
    "predictor", "naive", "auc", "auc_ci_low", "auc_ci_high", "precision",
    "partial_sensitivity", "sensitivity_at_flags_cost", "difference",
    "difference_ci_low", "difference_ci_high",
)  # fmt: skip


def write_validation(validation: Validation, refused: Mapping[str, str], out: Path) -> list[Path]:
    """Write everything into a folder, and the picture if the report's packages are installed."""
    names = ("sessions.csv", "predictors.csv", "validation.json")
    taken = [out / name for name in names if (out / name).exists()]
    if taken:
        raise RecordingExistsError(f"{taken[0]} exists and is not overwritten: choose another folder")
    out.mkdir(parents=True, exist_ok=True)
    written = [
        _table(out / names[0], SESSION_COLUMNS, _sessions(validation, refused)),
        _table(out / names[1], PREDICTOR_COLUMNS, _predictors(validation)),
    ]
    record = json.dumps(as_record(validation, refused, verdict(validation)), allow_nan=False, indent=1)
    (out / names[2]).write_text(record + "\n", encoding="utf-8")
    written.append(out / names[2])
    try:
        from emgsmr.report.forecast import draw_validation
    except ModuleNotFoundError:  # tables need no pictures
        return written
    return [*written, draw_validation(validation, out / "validation.svg")]


def _table(path: Path, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> Path:
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(columns)
        writer.writerows([[_cell(value) for value in row] for row in rows])
    return path


def _cell(value: Any) -> Any:
    """Missing is empty; numbers to what they are worth."""
    if value is None or (isinstance(value, float) and isnan(value)):
        return ""
    return f"{value:.6g}" if isinstance(value, float) else value


def _sessions(validation: Validation, refused: Mapping[str, str]) -> list[list[Any]]:
    rows: list[list[Any]] = [
        [
            s.name, s.runner, s.started, 60.0 * s.hours, s.event_s, len(s.flags),
            s.flags[0][0] if s.flags else None, float(s.predictors["overload"][-1]), "",
        ]
        for s in validation.sessions
    ]  # fmt: skip
    return rows + [[Path(path).stem, *[None] * 7, why] for path, why in refused.items()]


def _predictors(validation: Validation) -> list[list[Any]]:
    return [
        [
            a.name, int(a.naive), a.auc, *a.auc_ci, a.precision, a.partial, a.at_flags_cost,
            a.difference, *a.difference_ci,
        ]
        for a in validation.areas
    ]  # fmt: skip
