"""``emgsmr demo``: the whole way without hardware, from virtual sensors to the report."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis

WATCH_SPEED = 5.0
"""Times life's pace where somebody watches; as fast as it goes elsewhere."""

SHORTEST_S = 240.0
"""A shorter run has no room for a baseline of sixty strides and what follows."""


@click.command()
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"), show_default=True
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=SHORTEST_S),
    default=360.0,
    show_default=True,
    help="Length of the simulated run.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Another runner.")
@click.option("--headless", is_flag=True, help="No live view; as fast as it goes.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def command(out: Path, seconds: float, seed: int, headless: bool, as_json: bool) -> None:
    """See it work without hardware: virtual sensors, recording, report.

    Six emulated Bluetooth sensors play a simulated runner whose right hamstrings begin to do the work of the
    right gluteus maximus. They are scanned, connected and recorded through Bleak like real ones.
    """
    from emgsmr.cli.journal import Journal
    from emgsmr.session import Session

    out.mkdir(parents=True, exist_ok=True)
    files = free_names(out)
    watched = not headless and sys.stderr.isatty()
    if not as_json:
        click.echo(f"A simulated run of {seconds / 60:.0f} minutes, from six virtual sensors …")
    session = Session(
        radio="virtual:demo",
        out=files["recording"],
        speed=WATCH_SPEED if watched else None,
        seed=seed,
        minutes=seconds / 60,
    )
    journal = Journal(session, on_alert=None, lines_to_stderr=as_json, live=watched)
    try:
        journal.run()
    except KeyboardInterrupt:
        raise click.Abort from None
    analysis = results(files)
    if as_json:
        import json

        click.echo(
            json.dumps({**journal.summary(), **{k: str(v) for k, v in files.items()}}, allow_nan=False)
        )
        return
    for line in analysis.summary():
        click.echo(line)
    click.echo(
        "\nSimulated data: this shows that the program finds what was put in, and nothing about people."
    )
    for what, path in files.items():
        click.echo(f"{what + ':':<11}{path}")


def results(files: dict[str, Path]) -> Analysis:
    """Analyze the file that the session left, and write its tables and its page."""
    from emgsmr.analysis import analyze
    from emgsmr.cli.progress import with_progress
    from emgsmr.export import write_tables
    from emgsmr.recording import open_recording
    from emgsmr.report import write_report

    with with_progress("Analyzing"), open_recording(files["recording"]) as opened:
        analysis = analyze(opened)
        write_tables(analysis, files["tables"])
        write_report(analysis, files["report"], recording=opened)
    return analysis


def free_names(folder: Path) -> dict[str, Path]:
    """Where things go: a number is added where an earlier demo left its own, for nothing is overwritten."""
    for number in count(1):
        tail = "" if number == 1 else f"-{number}"
        names = {
            "recording": folder / f"demo{tail}.emgsmr",
            "tables": folder / f"tables{tail}",
            "report": folder / f"report{tail}.html",
        }
        if not any(path.exists() for path in names.values()):
            return names
    raise AssertionError("numbers do not end")
