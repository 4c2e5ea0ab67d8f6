"""``emgsmr export``: a recording and its tables for other programs."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from emgsmr.cli.analysis_options import analysis_options, chosen


@click.command("export")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--format",
    "format_",
    type=click.Choice(["csv"]),
    default="csv",
    show_default=True,
    help="csv: one table per kind of result, and the signal.",
)
@click.option(
    "-o", "--out", "folder", type=click.Path(path_type=Path), required=True, help="Folder to write to."
)
@click.option("--raw", is_flag=True, help="Write each sensor's counts, too, on its own clock, and motion.")
@analysis_options
@click.option("--json", "as_json", is_flag=True, help="Say what was written as one JSON object.")
def command(file: Path, format_: str, folder: Path, raw: bool, as_json: bool, **options: Any) -> None:
    """Write FILE and its tables for other programs.

    Tables that an earlier export left in the folder are replaced: they can be made again from FILE.
    """
    from emgsmr.analysis import analyze
    from emgsmr.cli.progress import progress_bar, with_progress
    from emgsmr.export import export_csv
    from emgsmr.recording import open_recording

    with chosen(**options) as (settings, reference), open_recording(file) as recording:
        with with_progress("Analyzing"):
            analysis = analyze(recording, settings, reference=reference)
        with progress_bar("Exporting") as progress:
            written = export_csv(recording, analysis, folder, raw=raw, progress=progress)
    if as_json:
        click.echo(
            json.dumps({"format": format_, "folder": str(folder), "files": [path.name for path in written]})
        )
    else:
        click.echo(f"Wrote {len(written)} files to {folder}:")
        for path in written:
            click.echo(f"  {path.name}")
