"""``emgsmr sensors``: which sensors can be streamed from, and what each can and cannot measure."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import click

if TYPE_CHECKING:
    from collections.abc import Mapping

    from rich.table import Table

    from emgsmr.cli.terminal import Marks


@click.command()
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")
def command(as_json: bool) -> None:
    """Supported sensors and devices, and what each can and cannot measure."""
    report = sensors_report()
    if as_json:
        click.echo(json.dumps(report, indent=2))
    else:
        _show(report)


def sensors_report() -> dict[str, Any]:
    """What is said about sensors, as the JSON object has it."""
    from emgsmr.sensors import COMPANIONS, FAMILIES
    from emgsmr.sensors.unsupported import UNSUPPORTED

    return {
        "sensors": [
            {
                "family": family.key,
                "name": family.name,
                "maker": family.maker,
                "rate_hz": family.rate_hz,
                "channels": list(family.channel_counts),
                "bits": family.bits,
                "loss_detection": family.loss_detection,
                "loss_known": family.loss_known,
                "scale_uv": family.scale_uv,
                "scale_known": family.scale_known,
                "scale_note": family.scale_note,
                "can": list(family.can),
                "cannot": list(family.cannot),
                "notes": family.notes,
            }
            for family in FAMILIES.values()
        ],
        "companions": [
            {
                "family": device.key,
                "name": device.name,
                "maker": device.maker,
                "can": list(device.can),
                "cannot": list(device.cannot),
                "notes": device.notes,
            }
            for device in COMPANIONS.values()
        ],
        "unsupported": [
            {"name": other.name, "reason": other.reason, "instead": other.instead} for other in UNSUPPORTED
        ],
    }


def _show(report: dict[str, Any]) -> None:
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    from emgsmr.cli.terminal import marks, wide_console

    console = wide_console()
    mark = marks(console)
    console.print("[bold]Sensors that emgsmr streams from over Bluetooth[/bold]\n")
    console.print(_overview(report))
    for sensor in report["sensors"]:
        channels = " or ".join(map(str, sensor["channels"]))
        facts = {
            "signal": f"{sensor['rate_hz']:g} Hz, {channels} channel(s), {sensor['bits']} bit",
            "loss": sensor["loss_detection"],
            "scale": f"{sensor['scale_known']}: {sensor['scale_note']}",
        }
        console.print(_card(sensor, mark, facts))
        console.print()
    console.print("[bold]Devices without EMG that are recorded beside them[/bold]\n")
    for device in report["companions"]:
        console.print(_card(device, mark, {}))
        console.print()
    console.print("[bold]Well known, and not possible over Bluetooth[/bold]\n")
    other = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("sensor", "why not", "files"):
        other.add_column(heading)
    for entry in report["unsupported"]:
        files = f"{mark.yes} {entry['instead']}" if entry["instead"] else mark.no
        other.add_row(entry["name"], entry["reason"], files)
    console.print(other)
    console.print(
        f"{mark.yes} import: record with the maker's software, export the samples, use 'emgsmr import'."
    )


def _overview(report: Mapping[str, Any]) -> Table:
    """All of them at a glance."""
    from rich.box import SIMPLE_HEAD
    from rich.table import Table

    table = Table(box=SIMPLE_HEAD, pad_edge=False)
    for heading in ("family", "sensor", "channels", "rate", "bits", "loss is", "µV are"):
        table.add_column(heading, justify="right" if heading in ("rate", "bits") else "left")
    for sensor in report["sensors"]:
        low, high = min(sensor["channels"]), max(sensor["channels"])
        table.add_row(
            sensor["family"],
            sensor["name"],
            f"{low}" if low == high else f"{low}-{high}",
            f"{sensor['rate_hz']:g} Hz",
            f"{sensor['bits']}",
            "counted" if sensor["loss_known"] == "exact" else "suspected",
            sensor["scale_known"],
        )
    return table


def _card(device: Mapping[str, Any], mark: Marks, facts: Mapping[str, str]) -> Table:
    """What is said about one of them."""
    from rich.table import Table
    from rich.text import Text

    table = Table.grid(padding=(0, 2))
    table.add_column(style="dim", width=11)
    table.add_column()
    table.add_row("", Text(f"{device['name']} ({device['maker']})", style="bold"))
    table.add_row("family", device["family"])
    for label, fact in facts.items():
        table.add_row(label, fact)
    for label, sign in (("can", mark.yes), ("cannot", mark.no)):
        for number, line in enumerate(device[label]):
            table.add_row("" if number else label, f"{sign} {line}")
    table.add_row("first use", device["notes"])
    return table
