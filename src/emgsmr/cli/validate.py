"""``emgsmr validate``: how well the flags forecast what was marked in the diary."""

from __future__ import annotations

import json
import multiprocessing
import os
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.errors import ArgumentError, EmgsmrError, NotEnoughDataError

if TYPE_CHECKING:
    from emgsmr.analysis.validation import RunnerSession

HORIZON_MIN = 10.0


@click.command("validate")
@click.argument("folder", type=click.Path(path_type=Path))
@click.option(
    "--horizon",
    type=click.FloatRange(min=1.0, max=240.0),
    default=HORIZON_MIN,
    show_default=True,
    help="Minutes before an event in which a flag counts.",
)
@click.option(
    "--event",
    type=click.Choice(["any", "cramp", "fatigue"]),
    default="any",
    show_default=True,
    help="Which marked events count; the first of a session does.",
)
@click.option("--workers", type=click.IntRange(min=1), help="Processes; default: one for each core.")
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), help="Write tables and a picture here."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    folder: Path, horizon: float, event: str, workers: int | None, out: Path | None, as_json: bool
) -> None:
    """Measure how well the flags forecast the events that are marked in the recordings below FOLDER.

    Against chance and naive rules, on the same minutes and events; runners are resampled for the intervals.
    Mark events with `emgsmr mark FILE cramp`; give each person a code in the montage, or every recording
    counts as another runner.
    """
    from emgsmr.analysis.validation import assess
    from emgsmr.cli.validation_record import as_record
    from emgsmr.cli.validation_text import print_validation, verdict

    rows = list(read_folder(folder, event=event, workers=workers))
    sessions = [row for _, row in rows if not isinstance(row, str)]
    refused = {str(path): row for path, row in rows if isinstance(row, str)}
    if not sessions:
        why = f" ({next(iter(refused.values()))})" if refused else ""
        raise NotEnoughDataError(f"none of the {len(rows)} recordings in {folder} can be judged{why}")
    validation = assess(sessions, horizon_s=60.0 * horizon)
    written: list[Path] = []
    if out is not None:
        from emgsmr.cli.validation_files import write_validation

        written = write_validation(validation, refused, out)
    if as_json:
        content = {
            "folder": str(folder),
            "event": event,
            **as_record(validation, refused, verdict(validation)),
        }
        content["files"] = [str(path) for path in written]
        click.echo(json.dumps(content, allow_nan=False))
        return
    print_validation(validation, refused)
    for path in written:
        click.echo(f"Written: {path}")


def read_folder(
    folder: Path, *, event: str, workers: int | None
) -> Iterator[tuple[Path, RunnerSession | str]]:
    """Analyze every recording below a folder: what validation needs of it, or why it cannot be judged."""
    from functools import partial

    from emgsmr.cli.progress import progress_bar
    from emgsmr.recording.schema import SUFFIX

    if not folder.is_dir():
        raise ArgumentError(f"{folder} is not a folder: give the folder that holds the recordings")
    paths = sorted(folder.rglob(f"*{SUFFIX}"))
    if not paths:
        raise NotEnoughDataError(
            f"there are no recordings in {folder}: give the folder that holds the {SUFFIX} files"
        )
    read = partial(read_session, event=event)
    with progress_bar(f"Analyzing {len(paths)} recordings") as bar:
        if len(paths) == 1 or workers == 1:
            found: Iterator[RunnerSession | str] = map(read, paths)
            yield from _counted(paths, found, bar)
            return
        with processes(min(n_workers(workers), len(paths))) as pool:
            yield from _counted(paths, pool.map(read, paths), bar)


def _counted(
    paths: list[Path], found: Iterator[RunnerSession | str], bar: Any
) -> Iterator[tuple[Path, RunnerSession | str]]:
    for number, (path, row) in enumerate(zip(paths, found, strict=True), start=1):
        if bar is not None:
            bar(number / len(paths))
        yield path, row


def processes(n: int) -> ProcessPoolExecutor:
    """A pool of fresh processes: those that are forked would take locks and threads along."""
    return ProcessPoolExecutor(n, mp_context=multiprocessing.get_context("spawn"))


def n_workers(asked: int | None) -> int:
    """As many processes as asked for, or one for each core that this program may use."""
    if asked is not None:
        return asked
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def read_session(path: Path, *, event: str) -> RunnerSession | str:
    """Analyze one recording; what is wrong with it is a sentence, and stops nobody."""
    from emgsmr.analysis import analyze
    from emgsmr.analysis.validation import runner_session
    from emgsmr.recording import open_recording

    try:
        with open_recording(path) as recording:
            facts = recording.session
            started = facts.get("started_utc")
            person = recording.montage.person
            return runner_session(
                analyze(recording),
                name=path.stem,
                runner=person or f"{path.stem} (no code)",
                started=started if isinstance(started, str) else "",
                event=event,
                simulated=facts.get("source") == "simulated",
            )
    except (EmgsmrError, OSError) as error:
        return str(error)
