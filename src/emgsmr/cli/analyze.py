"""``emgsmr analyze``: tables of activation, ratios and findings from a recording."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Callable
if TYPE_CHECKING:
    ParamType = click.ParamType[Any]
else:  # generic for type checkers only: click before 8.2 does not know it
    ParamType = click.ParamType


CYCLES = ("auto", "events", "imu", "emg", "bursts", "windows")


class Span(ParamType):
    """``T0:T1`` in seconds."""

    name = "T0:T1"

    def convert(
        self, value: Any, param: click.Parameter | None, ctx: click.Context | None
    ) -> tuple[float, float]:
        if isinstance(value, tuple):
            return value
        try:
            start, end = (float(part) for part in str(value).split(":"))
        except ValueError:
            self.fail(
                f"{value!r} is no span of time; write seconds from start to end, such as 120:420.", param, ctx
            )
        return start, end


def analysis_options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of an analysis, the same for every verb that makes one."""
    options = (
        click.option(
            "--baseline",
            type=Span(),
            help="Baseline in seconds, such as 120:420; default: the phase marked so.",
        ),
        click.option(
            "--cycles",
            type=click.Choice(CYCLES),
            default="auto",
            show_default=True,
            help="Where strides come from: foot contacts among the events, the motion of a sensor (imu), the "
            "EMG's rhythm (emg), or the best of these that there is (auto). For exercises bursts: each "
            "contraction is a repetition; for held contractions windows of half a second.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def settings_for(baseline: tuple[float, float] | None, cycles: str) -> Any:
    """The settings that the options ask for."""
    from emgsmr.analysis import Settings

    return Settings(baseline=baseline, cycles=cycles)  # type: ignore[arg-type]  # click allows no other


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
@click.option("--json", "as_json", is_flag=True, help="Print the tables as one JSON object.")
def command(
    file: Path, out: Path | None, baseline: tuple[float, float] | None, cycles: str, as_json: bool
) -> None:
    """Tables of activation, ratios and findings from a recording."""
    from emgsmr.analysis import analyze
    from emgsmr.cli.progress import with_progress
    from emgsmr.recording import open_recording

    with open_recording(file) as recording, with_progress("Analyzing"):
        analysis = analyze(recording, settings_for(baseline, cycles))
    written = []
    if out is not None:
        from emgsmr.export import write_tables

        written = write_tables(analysis, out)
    print_result(analysis, as_json=as_json, extra={"files": [str(path) for path in written]})
    if written and not as_json:
        click.echo(f"Tables written to {out}{'' if str(out).endswith('/') else '/'}")
