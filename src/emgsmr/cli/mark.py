"""``emgsmr mark``: add an event to a recording."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from pathlib import Path

import click


def read_time(text: str) -> float:
    """Seconds, mm:ss or hh:mm:ss; the last part may have decimals."""
    text = text.strip()
    if re.fullmatch(r"-?(\d+(\.\d*)?|\.\d+)", text):
        return float(text)
    if re.fullmatch(r"\d+(:[0-5]?\d){1,2}(\.\d*)?", text):
        parts = [float(part) for part in text.split(":")]
        return sum(part * 60.0**power for power, part in enumerate(reversed(parts)))
    raise click.BadParameter(f"{text!r} is no time: use seconds, mm:ss or hh:mm:ss.")


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.argument("kind")
@click.option(
    "--at", type=read_time, metavar="T", help="Seconds, mm:ss or hh:mm:ss; by default the end of the file."
)
@click.option("--duration", type=read_time, metavar="D", help="How long it lasted, in the same forms.")
@click.option("--label", help="Of a phase: baseline, before, after, mvc, rest, ...")
@click.option("--side", type=click.Choice(["L", "R"]))
@click.option("--site", help="Such as GMAX_L.")
@click.option("--note", metavar="TEXT")
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    file: Path,
    kind: str,
    at: float | None,
    duration: float | None,
    label: str | None,
    side: str | None,
    site: str | None,
    note: str | None,
    as_json: bool,
) -> None:
    """Add an event to the recording FILE, also while it is being recorded.

    KIND is cramp, fatigue, phase, lap, note, foot_contact or toe_off.

    \b
    emgsmr mark run.emgsmr cramp --at 41:20 --site MGAS_R
    emgsmr mark run.emgsmr phase --label baseline --at 2:00 --duration 6:00
    """
    from emgsmr.anatomy import parse_site
    from emgsmr.errors import ArgumentError
    from emgsmr.recording import Event, Recording, add_event

    with Recording(file) as recording:
        start_s = recording.start_s
        t_s = recording.end_s if at is None else at
    if t_s < start_s:
        raise ArgumentError(
            f"{t_s:g} s is before the recording, which starts at {start_s:g} s: give a later --at"
        )
    event = Event(t_s, duration, kind, side, None if site is None else str(parse_site(site)), label, note)
    add_event(file, event)
    if as_json:
        click.echo(json.dumps({"recording": str(file), "event": asdict(event)}))
    else:
        click.echo(f"{file}: {kind} marked at {t_s:.3f} s")
