"""``emgsmr scan``: sensors in range."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.errors import ArgumentError, SensorNotFoundError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emgsmr.radio.air import Air
    from emgsmr.radio.scan import FoundSensor

_VIRTUAL_MINUTES = 0.5  # of a scenario: it is not played, only advertised


@click.command()
@click.option(
    "--seconds",
    type=click.FloatRange(min=0, min_open=True),
    default=5.0,
    show_default=True,
    help="How long to listen.",
)
@click.option(
    "--write-montage",
    "montage_path",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write a montage to fill in.",
)
@click.option(
    "--radio", default="bluetooth", show_default=True, help="bluetooth or virtual[:SCENARIO|:FILE]."
)
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(seconds: float, montage_path: Path | None, radio: str, as_json: bool) -> None:
    """List the sensors in range; devices of other kinds are left out."""
    from emgsmr.radio.choose import choose_air

    if montage_path is not None and montage_path.exists():
        raise ArgumentError(f"{montage_path} exists and is not overwritten: choose another name")
    air = choose_air(radio, speed=None, minutes=_VIRTUAL_MINUTES)
    found = asyncio.run(_scan(air, seconds))
    if montage_path is not None:
        _write_montage(montage_path, air, found)
    if as_json:
        result: dict[str, Any] = {"sensors": [_entry(sensor) for sensor in found]}
        if montage_path is not None:
            result["montage"] = str(montage_path)
        click.echo(json.dumps(result))
        return
    if found:
        _show(found)
    else:
        click.echo(
            "No sensor that emgsmr knows is in range; `emgsmr sensors` lists them and how to wake them."
        )
    if montage_path is not None:
        click.echo(f"Montage to fill in: {montage_path}")


async def _scan(air: Air, seconds: float) -> list[FoundSensor]:
    from emgsmr.radio.scan import scan

    async with air:
        return await scan(air, seconds)


def _entry(sensor: FoundSensor) -> dict[str, Any]:
    return {
        "name": sensor.name,
        "address": sensor.address,
        "family": sensor.family.key,
        "rssi": sensor.rssi,
        "battery_pct": sensor.battery_pct,
    }


def _show(found: Sequence[FoundSensor]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.console import Console
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD)
    for heading in ("name", "address", "family", "signal", "battery"):
        table.add_column(
            heading, justify="right" if heading in ("signal", "battery") else "left", no_wrap=True
        )
    for sensor in found:
        battery = "?" if sensor.battery_pct is None else f"{sensor.battery_pct} %"
        table.add_row(sensor.name, sensor.address, sensor.family.name, f"{sensor.rssi} dBm", battery)
    Console(highlight=False, markup=False).print(table)


def _write_montage(path: Path, air: Air, found: Sequence[FoundSensor]) -> None:
    from emgsmr.radio.scan import is_wanted
    from emgsmr.recording import MontageSensor, montage_template
    from emgsmr.sensors import COMPANIONS, FAMILIES

    if not found:
        raise SensorNotFoundError(
            "no sensor is in range, so there is no montage to write: switch them on first"
        )
    known = air.montage.sensors if air.montage is not None else ()
    entries = []
    for sensor in sorted(found, key=lambda entry: entry.name):
        wanted = next((entry for entry in known if is_wanted(entry, sensor)), None)
        channels = wanted.channels if wanted is not None else {}
        key = sensor.family.key
        entries.append(
            MontageSensor(sensor.name, sensor.address, key, required=key in FAMILIES, channels=channels)
        )
    counts = {key: min(family.channel_counts) for key, family in FAMILIES.items()} | dict.fromkeys(
        COMPANIONS, 0
    )
    path.write_text(montage_template(entries, channel_counts=counts), encoding="utf-8")
