"""``emgsmr doctor``: can this computer talk to sensors, and how good are the links?"""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.errors import BluetoothUnavailableError, EmgsmrError, SensorError

if TYPE_CHECKING:
    from rich.console import Console

    from emgsmr.radio.air import Air
    from emgsmr.radio.computer import Check
    from emgsmr.radio.link_trial import LinkReport
    from emgsmr.recording import Montage

_VIRTUAL_MINUTES = 2.0


@click.command()
@click.option(
    "--montage", "montage_path", type=click.Path(path_type=Path), help="Try the sensors of this montage only."
)
@click.option(
    "--sensor",
    "sensor",
    metavar="ADDRESS",
    help="Does this one sensor (address or name) keep the rules of its protocol?",
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=3),
    default=10.0,
    show_default=True,
    help="How long to stream from all sensors at once.",
)
@click.option(
    "--radio", default="bluetooth", show_default=True, help="bluetooth or virtual[:SCENARIO|:FILE]."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(montage_path: Path | None, sensor: str | None, seconds: float, radio: str, as_json: bool) -> None:
    """Check adapter, permissions and links, and say in plain words what to do.

    Every sensor in range streams for some seconds; nothing is recorded. With --sensor one sensor is examined:
    for those who build or flash one.
    """
    from emgsmr.radio.choose import choose_air
    from emgsmr.radio.computer import examine_computer
    from emgsmr.recording import load_montage

    montage = load_montage(montage_path) if montage_path is not None else None
    air = choose_air(radio, speed=None, minutes=_VIRTUAL_MINUTES)
    if sensor is not None:
        from emgsmr.cli.unit_report import examine_unit

        click.get_current_context().exit(examine_unit(air, sensor, seconds=seconds, as_json=as_json))
    checks = examine_computer() if radio == "bluetooth" else []
    reports: list[LinkReport] = []
    problem: EmgsmrError | None = None
    try:
        reports = _try(air, montage, seconds)
    except SensorError as error:
        problem = error
    if as_json:
        click.echo(json.dumps(_result(checks, reports, problem), allow_nan=False))
    else:
        _show(checks, reports, problem)
    code = problem.exit_code if problem is not None else 0
    click.get_current_context().exit(code)


def _try(air: Air, montage: Montage | None, seconds: float) -> list[LinkReport]:
    from emgsmr.cli.progress import progress_bar
    from emgsmr.radio.link_trial import try_links

    async def run() -> list[LinkReport]:
        async with air:
            with progress_bar("Streaming from all sensors in range") as progress:
                return await try_links(air, montage, seconds=seconds, on_progress=progress)

    return asyncio.run(run())


def _result(checks: list[Check], reports: list[LinkReport], problem: EmgsmrError | None) -> dict[str, Any]:
    def finite(value: Any) -> Any:
        return None if isinstance(value, float) and value != value else value  # only NaN differs from itself

    return {
        "checks": [asdict(check) for check in checks],
        "links": [
            {key: finite(value) for key, value in asdict(report).items()} | {"loss_pct": report.loss_pct}
            for report in reports
        ],
        "problem": str(problem) if problem is not None else None,
        "advice": _advice(reports),
    }


def _advice(reports: list[LinkReport]) -> list[str]:
    """What concerns all links together."""
    from emgsmr.radio.link_trial import MANY_LINKS

    if len(reports) <= MANY_LINKS:
        return []
    troubled = [report.sensor for report in reports if report.advice]
    if troubled:
        return [
            f"{len(reports)} sensors share one adapter, and {len(troubled)} of them had trouble: try "
            f"{MANY_LINKS}, or a second USB adapter with a second program for the rest"
        ]
    return [f"{len(reports)} sensors at once went well, for as long as this took"]


def _show(checks: list[Check], reports: list[LinkReport], problem: EmgsmrError | None) -> None:
    from emgsmr.cli.terminal import marks, wide_console

    console = wide_console()
    mark = marks(console)
    signs = {"good": mark.yes, "attention": mark.open, "bad": "!"}
    if checks:
        console.print("[bold]This computer[/bold]")
        for check in checks:
            console.print(f"{signs[check.verdict]} {check.name}: {check.found}", markup=False)
            if check.advice and check.verdict != "good":
                console.print(f"    {mark.arrow} {check.advice}", markup=False)
        console.print()
    if problem is not None:
        console.print(f"! {problem}", markup=False)
        if isinstance(problem, BluetoothUnavailableError):
            console.print("    No link could be tried.", markup=False)
        return
    _show_links(console, reports)
    for report in reports:
        for line in report.advice:
            console.print(f"! {report.sensor}: {line}", markup=False)
    for line in _advice(reports):
        console.print(f"{mark.arrow} {line}", markup=False)
    if not any(report.advice for report in reports):
        console.print(f"{mark.yes} All links are good.", markup=False)


def _show_links(console: Console, reports: list[LinkReport]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table
    from rich.text import Text

    table = Table(box=SIMPLE_HEAD, pad_edge=False, title=f"Links, {reports[0].seconds:g} s")
    for heading in ("sensor", "family", "signal", "battery", "rate", "lost", "late", "longest pause"):
        table.add_column(heading, justify="left" if heading in ("sensor", "family") else "right")
    for report in reports:
        lost = f"{report.loss_pct:.2g} %"
        table.add_row(
            Text(report.sensor),
            report.family,
            f"{report.rssi_dbm} dBm",
            "?" if report.battery_pct is None else f"{report.battery_pct} %",
            _number(report.rate_hz, "Hz", 1),
            lost if report.loss_known == "exact" else f"{lost} (cannot count)",
            _number(report.late_ms, "ms", 0),
            _number(report.longest_pause_s, "s", 2),
        )
    console.print(table)


def _number(value: float, unit: str, digits: int) -> str:
    return "?" if value != value else f"{value:.{digits}f} {unit}"  # only NaN differs from itself
