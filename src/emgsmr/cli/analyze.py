"""``emgsmr analyze``: tables of activation, ratios and findings from a recording."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from emgsmr.cli.analysis_options import analysis_options, chosen, earlier_option, opened


def print_result(analysis: Any, *, as_json: bool, extra: dict[str, Any] | None = None) -> None:
    """The summary for people, or the tables as one JSON object."""
    if as_json:
        import json

        from emgsmr.export import tables_as_records

        content = {**tables_as_records(analysis), "summary": analysis.summary(), "session": analysis.session}
        click.echo(json.dumps({**content, **(extra or {})}, allow_nan=False, default=str))
        return
    for line in analysis.summary():
        click.echo(line)


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), help="Write the tables here as CSV."
)
@analysis_options
@earlier_option
@click.option("--json", "as_json", is_flag=True, help="Print the tables as one JSON object.")
def command(file: Path, out: Path | None, as_json: bool, earlier: tuple[Path, ...], **options: Any) -> None:
    """Tables of activation, ratios and findings from a recording."""
    from emgsmr.analysis import analyze
    from emgsmr.cli.progress import with_progress
    from emgsmr.recording import open_recording

    with (
        chosen(**options) as (settings, reference),
        opened(earlier) as sessions,
        open_recording(file) as recording,
        with_progress("Analyzing"),
    ):
        analysis = analyze(recording, settings, reference=reference, earlier=sessions)
    written = []
    if out is not None:
        from emgsmr.export import write_tables

        written = write_tables(analysis, out)
    print_result(analysis, as_json=as_json, extra={"files": [str(path) for path in written]})
    if written and not as_json:
        click.echo(f"Tables written to {out}{'' if str(out).endswith('/') else '/'}")
