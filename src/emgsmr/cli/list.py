"""``emgsmr list``: what recordings are in a folder."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from emgsmr.recording import Summary


@click.command("list")
@click.argument("folder", type=click.Path(path_type=Path), default="recordings")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(folder: Path, as_json: bool) -> None:
    """Show the recordings below FOLDER (by default: recordings)."""
    from emgsmr.recording import list_recordings

    found = list_recordings(folder)
    if as_json:
        click.echo(json.dumps({"folder": str(folder), "recordings": [record(item) for item in found]}))
    elif not found:
        click.echo(f"No recordings in {folder}.")
    else:
        print_table(found, folder)


def record(item: Summary) -> dict[str, object]:
    """One recording, as it stands in the JSON."""
    return {
        "path": str(item.path),
        "started_utc": item.started_utc,
        "duration_s": item.duration_s,
        "sensors": list(item.sensors),
        "sites": list(item.sites),
        "events": item.n_events,
        "gaps": item.n_gaps,
        "closed": item.closed,
        "error": item.error,
    }


def print_table(found: tuple[Summary, ...], folder: Path) -> None:
    """One line for each recording; "open" where it was not closed (yet)."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(box=None, pad_edge=False)
    table.add_column("Recording", overflow="fold", min_width=12)
    for heading in ("Date (UTC)", "Duration"):
        table.add_column(heading, no_wrap=True)
    table.add_column("Sensors", justify="right")
    table.add_column("Sites")
    for heading in ("Events", "Gaps"):
        table.add_column(heading, justify="right")
    for item in found:
        name = str(item.path.relative_to(folder))
        cells = [
            name,
            (item.started_utc or "")[:16].replace("T", " "),
            clock(item.duration_s) + ("" if item.closed else " open"),
            str(len(item.sensors)),
            " ".join(item.sites),
            str(item.n_events),
            str(item.n_gaps),
        ]
        if item.error is not None:
            cells = [name, "", "", "", item.error, "", ""]
        table.add_row(*(Text(visible(cell)) for cell in cells))
    Console().print(table)


def clock(seconds: float | None) -> str:
    """A duration as h:mm:ss."""
    whole = round(seconds or 0.0)
    return f"{whole // 3600}:{whole // 60 % 60:02}:{whole % 60:02}"


def visible(text: str) -> str:
    """Text of a file without what would command a terminal."""
    return "".join(character if character.isprintable() else "�" for character in text)
