"""``emgsmr report``: one self-contained page about a recording."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import click

from emgsmr.cli.analysis_options import analysis_options, chosen, earlier_option, opened
from emgsmr.errors import ArgumentError


@click.command("report")
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", "path", type=click.Path(path_type=Path), help="Page to write; FILE.html, if not given."
)
@analysis_options
@earlier_option
@click.option("--json", "as_json", is_flag=True, help="Say what was found and written as one JSON object.")
def command(file: Path, path: Path | None, as_json: bool, earlier: tuple[Path, ...], **options: Any) -> None:
    """Write one page about FILE: what changed when, how sure that is, and what it rests on.

    The page needs nothing else: it can be mailed, printed and opened without a network.
    """
    from emgsmr.report import write_report  # isort: skip - says at once if its packages are not installed
    from emgsmr.analysis import analyze
    from emgsmr.cli.progress import with_progress
    from emgsmr.recording import open_recording

    path = path or file.with_suffix(".html")
    if path.suffix == ".emgsmr":
        raise ArgumentError(
            f"{path} is the name of a recording: choose another name for the page, such as run.html"
        )
    with (
        chosen(**options) as (settings, reference),
        opened(earlier) as sessions,
        open_recording(file) as recording,
        with_progress("Analyzing"),
    ):
        analysis = analyze(recording, settings, reference=reference, earlier=sessions)
        written = write_report(analysis, path, recording)
    summary = analysis.summary()
    if as_json:
        click.echo(json.dumps({"report": str(written), "summary": summary}, ensure_ascii=False))
        return
    for sentence in summary:
        click.echo(sentence)
    click.echo(f"Report: {written}")
