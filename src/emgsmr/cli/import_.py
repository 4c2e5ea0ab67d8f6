"""``emgsmr import``: a file of another program becomes a recording."""

from __future__ import annotations

import json
from pathlib import Path

import click

from emgsmr.cli.progress import progress_bar


@click.command("import")
@click.argument("src", type=click.Path(path_type=Path))
@click.option(
    "-o", "--out", "out", type=click.Path(path_type=Path), required=True, help="The recording to write."
)
@click.option("--rate", type=float, help="Samples per second, where there is no time column.")
@click.option("--unit", type=click.Choice(["uV", "mV", "V", "au"]), help="Where the file does not say it.")
@click.option(
    "--map", "mapping", multiple=True, metavar="COLUMN=SITE", help="One column and its site; may be repeated."
)
@click.option(
    "--events", type=click.Path(path_type=Path), help="CSV with t_s, kind and others of events.csv."
)
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    src: Path,
    out: Path,
    rate: float | None,
    unit: str | None,
    mapping: tuple[str, ...],
    events: Path | None,
    as_json: bool,
) -> None:
    """Turn SRC (CSV, TSV or NPZ) into a recording.

    The first line of a CSV file names the columns, with their unit: "GMAX_R [uV]". Columns that are not
    mapped are left out.

    \b
    emgsmr import walk.csv -o walk.emgsmr --map "GMAX=GMAX_R" --map "BF=BFLH_R" --events steps.csv
    """
    from emgsmr.recording import import_file

    sites = read_mapping(mapping)
    with progress_bar(f"Importing {src.name}") as progress:
        recording = import_file(src, out, fs=rate, unit=unit, sites=sites, events=events, progress=progress)
    with recording:
        source = recording.session["source"]
        facts = {
            "recording": str(out),
            "duration_s": recording.duration_s,
            "rate_hz": source["rate_hz"],
            "t0_s": source["t0_s"],
            "mapped": source["mapped"],
            "units": source["units"],
            "left_out": source["left_out"],
            "sensors": len(recording.sensors),
            "events": len(recording.events()),
            "gaps": len(recording.gaps()),
            "notes": source["notes"],
        }
    if as_json:
        click.echo(json.dumps(facts))
        return
    click.echo(f"{out}: {facts['duration_s']:.3f} s at {facts['rate_hz']:g} Hz")
    for header, site in source["mapped"].items():
        click.echo(f"  {site:8} {header}, in {source['units'][header]}")
    if source["left_out"]:
        click.echo(f"  left out: {', '.join(source['left_out'])}")
    click.echo(f"  {facts['events']} events, {facts['gaps']} gaps")
    for note in source["notes"]:
        click.echo(f"  note: {note}")


def read_mapping(mapping: tuple[str, ...]) -> dict[str, str]:
    """``COLUMN=SITE`` of each ``--map``."""
    sites: dict[str, str] = {}
    for item in mapping:
        column, equals, site = item.rpartition("=")
        if not (equals and column.strip() and site.strip()):
            raise click.UsageError(f"--map {item!r} is not COLUMN=SITE, such as GMAX=GMAX_R.")
        if column.strip() in sites:
            raise click.UsageError(f"--map names the column {column.strip()!r} twice: map it to one site.")
        sites[column.strip()] = site.strip()
    return sites
