"""``emgsmr record``: stream sensors into a recording, and print flags as they come."""

from __future__ import annotations

import json
from contextlib import AbstractContextManager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.cli.journal import Journal
from emgsmr.cli.question import asker
from emgsmr.cli.radio_options import radio_options
from emgsmr.errors import EmgsmrError, RecordingExistsError
from emgsmr.recording.event import clock

if TYPE_CHECKING:
    from emgsmr.session.lsl import LslOutlets


@click.command()
@click.option(
    "-o", "--output", "out", type=click.Path(path_type=Path), required=True, help="Recording to make."
)
@click.option(
    "--montage",
    "montage_path",
    type=click.Path(path_type=Path),
    help="Which sensor sits where (TOML; `emgsmr scan --write-montage`).",
)
@click.option(
    "--seconds", type=click.FloatRange(min=0, min_open=True), help="Stop after so long; default: on Ctrl-C."
)
@radio_options
@click.option(
    "--lsl", is_flag=True, help="Publish the sensors on Lab Streaming Layer, readable in this network."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def command(
    out: Path,
    montage_path: Path | None,
    seconds: float | None,
    radio: str,
    speed: float,
    seed: int,
    on_alert: str | None,
    lsl: bool,
    as_json: bool,
) -> None:
    """Stream sensors into a recording without a window; Ctrl-C ends it cleanly.

    A virtual radio brings its own sensors and montage: virtual sensors that play a simulated runner, or any
    recording (virtual:FILE.emgsmr).
    """
    from emgsmr.radio.choose import choose_air
    from emgsmr.recording import load_montage
    from emgsmr.session import Session

    if out.exists():
        raise RecordingExistsError(f"{out} exists and is never overwritten: choose another name")
    montage = load_montage(montage_path) if montage_path is not None else None
    air = choose_air(radio, speed=speed, seed=seed)
    if montage is None and air.montage is None:
        click.echo(
            "No montage: every sensor in range is recorded, but no muscle is known, so nothing is analyzed; "
            "`emgsmr scan --write-montage` makes one.",
            err=True,
        )
    with _outlets(wanted=lsl) as outlets:
        listeners = [outlets] if outlets is not None else []
        session = Session(montage, air=air, out=out, seconds=seconds, ask=asker(), listeners=listeners)
        journal = Journal(session, on_alert=on_alert, lines_to_stderr=as_json)
        try:
            journal.run()
        except KeyboardInterrupt:
            raise click.Abort from None
        except EmgsmrError:
            if out.exists():
                click.echo(f"What came before is kept: {out}", err=True)
            raise
        # before the streams close, which may take seconds
        summary = journal.summary()
        click.echo(json.dumps(summary, allow_nan=False) if as_json else "\n".join(_sentences(summary)))


def _outlets(*, wanted: bool) -> AbstractContextManager[LslOutlets | None]:
    """Streams for Lab Streaming Layer, and a word on who can read them."""
    if not wanted:
        return nullcontext()
    from emgsmr.session.lsl import LslOutlets

    outlets = LslOutlets()
    click.echo(
        "Each sensor becomes a Lab Streaming Layer stream, which every computer in this network can read.",
        err=True,
    )
    return outlets


def _sentences(summary: dict[str, Any]) -> list[str]:
    sensors = summary["sensors"]
    lines = [
        f"Recorded {clock(summary['duration_s'])} from {len(sensors)} sensors: {summary['recording']}",
    ]
    for sensor in sensors:
        if sensor["missing"]:
            part = 100 * sensor["missing"] / (sensor["missing"] + sensor["samples"])
            word = "are" if sensor["loss_known"] == "exact" else "seem to be"
            lines.append(f"{sensor['name']}: {sensor['missing']} samples {word} missing ({part:.2g} %)")
    lines += [_clock_line(sensor["name"], sensor["clock"]) for sensor in sensors if sensor["clock"]]
    alarms = [finding for finding in summary["findings"] if finding["tier"]]
    lines.append(f"Flags: {len(alarms)}" if alarms else "No flags.")
    return lines


def _clock_line(name: str, facts: dict[str, float | None]) -> str:
    rate_hz, drift_ppm, residual_ms = facts["rate_hz"], facts["drift_ppm"], facts["residual_ms"]
    if rate_hz is None or drift_ppm is None or residual_ms is None:
        return f"{name}: too short to fit its clock"
    return (
        f"{name}: {rate_hz:.3f} samples per second ({drift_ppm:+.0f} ppm of nominal), "
        f"arrivals within {residual_ms:.1f} ms of the fit"
    )
