"""``emgsmr replay``: a recording through the live pipeline, notification by notification."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.cli.analysis_options import (
    analysis_options,
    chosen,
    earlier_option,
    normalized,
    opened,
)
from emgsmr.cli.analyze import print_result

if TYPE_CHECKING:
    from emgsmr.analysis import Pipeline
    from emgsmr.recording import Recording


@click.command()
@click.argument("file", type=click.Path(path_type=Path))
@click.option(
    "--speed", type=click.FloatRange(min=0, min_open=True), help="Times real time; default: no waiting."
)
@analysis_options
@earlier_option
@click.option("--json", "as_json", is_flag=True, help="Print the tables as one JSON object.")
def command(
    file: Path, speed: float | None, as_json: bool, earlier: tuple[Path, ...], **options: Any
) -> None:
    """Run a recording through the live pipeline; its findings equal those of analyze."""
    from emgsmr.analysis import Pipeline
    from emgsmr.analysis.earlier import earlier_session
    from emgsmr.recording import open_recording

    with (
        chosen(**options) as (wanted, other),
        opened(earlier) as before,
        open_recording(file) as recording,
    ):
        settings, reference = normalized(wanted, other)
        sessions = [earlier_session(session, settings) for session in before]
        events = recording.events()
        pipeline = Pipeline(recording.montage, settings, events=events, reference=reference, earlier=sessions)
        try:
            _play(recording, pipeline, speed)
        except KeyboardInterrupt:
            click.echo("Stopped; what follows is about the part that was played.", err=True)
        for finding in pipeline.finish():
            _say(finding)
        print_result(pipeline.analysis(), as_json=as_json)


def _play(recording: Recording, pipeline: Pipeline, speed: float | None) -> None:
    """Push blocks and readings as they were recorded, at their pace if a speed is given."""
    from emgsmr.analysis.motion_track import in_turn
    from emgsmr.recording import TimedReading

    begin = time.monotonic()
    for item in in_turn(recording, motion=bool(pipeline.motion), seconds=0.0):
        if isinstance(item, TimedReading):
            pipeline.push_reading(item)
            continue
        if speed is not None and len(item.arrivals):
            came_s = (int(item.arrivals[-1, 1]) - recording.started_ns) / 1e9
            time.sleep(max(0.0, came_s / speed - (time.monotonic() - begin)))
        for finding in pipeline.push(item):
            _say(finding)


def _say(finding: Any) -> None:
    click.echo(f"tier {finding.tier}: {finding.text}", err=True)
