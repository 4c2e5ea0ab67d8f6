"""``emgsmr recover``: salvage what a damaged recording still holds."""

from __future__ import annotations

import json
from pathlib import Path

import click

from emgsmr.cli.progress import progress_bar


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", type=click.Path(path_type=Path), help="The new recording; by default FILE with -recovered."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(file: Path, out: Path | None, as_json: bool) -> None:
    """Write what the damaged recording FILE still holds into a new one; FILE stays as it is."""
    from emgsmr.recording import recover

    target = file.with_name(f"{file.stem}-recovered.emgsmr") if out is None else out
    with progress_bar(f"Recovering {file.name}") as progress:
        result = recover(file, target, progress=progress)
    if as_json:
        facts = {
            "recording": str(target),
            "blocks": result.n_blocks,
            "samples": result.samples,
            "events": result.n_events,
            "readings": result.n_readings,
            "bad_blocks": result.n_bad,
            "notes": list(result.notes),
        }
        click.echo(json.dumps(facts))
        return
    click.echo(f"{target}: {result.n_blocks} blocks and {result.n_events} events recovered")
    if result.n_readings:
        click.echo(f"  {result.n_readings} readings beside the EMG")
    for name, n in result.samples.items():
        click.echo(f"  {name}: {n} samples")
    if result.n_bad:
        click.echo(f"  {result.n_bad} blocks were broken and are left out")
    for note in result.notes:
        click.echo(f"  note: {note}")
