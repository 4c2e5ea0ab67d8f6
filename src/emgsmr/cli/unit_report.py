"""What `emgsmr doctor --sensor` says of one sensor."""

from __future__ import annotations

import asyncio
import json
from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from emgsmr.errors import SensorError

if TYPE_CHECKING:
    from emgsmr.radio.air import Air
    from emgsmr.radio.scan import FoundSensor
    from emgsmr.sensors.conformance import Finding


def examine_unit(air: Air, address: str, *, seconds: float, as_json: bool) -> int:
    """Try a sensor out and print what was found; gives the exit code."""
    found, findings = asyncio.run(_try(air, address, seconds))
    broken = [finding for finding in findings if finding.passed is False]
    if as_json:
        result = {
            "sensor": {"name": found.name, "address": found.address, "family": found.family.key},
            "conforms": not broken,
            "findings": [asdict(finding) for finding in findings],
        }
        click.echo(json.dumps(result, allow_nan=False))
    else:
        _show(found, findings)
    return SensorError.exit_code if broken else 0


async def _try(air: Air, address: str, seconds: float) -> tuple[FoundSensor, list[Finding]]:
    from emgsmr.cli.progress import progress_bar
    from emgsmr.radio.unit_trial import try_unit

    async with air:
        with progress_bar(f"Trying {address}") as progress:
            return await try_unit(air, address, seconds=seconds, on_progress=progress)


def _show(found: FoundSensor, findings: list[Finding]) -> None:
    from emgsmr.cli.terminal import marks, wide_console

    console = wide_console()
    mark = marks(console)
    signs = {True: mark.yes, False: "!", None: mark.open}
    console.print(f"{found.name} ({found.address}), taken for: {found.family.name}\n", markup=False)
    for finding in findings:
        console.print(f"{signs[finding.passed]} {finding.rule}: {finding.seen}", markup=False)
        if finding.passed is False and finding.advice:
            console.print(f"    {mark.arrow} {finding.advice}", markup=False)
    broken = sum(finding.passed is False for finding in findings)
    open_ = sum(finding.passed is None for finding in findings)
    unchecked = f"; {open_} could not be checked" if open_ else ""
    verdict = f"{broken} rule(s) broken" if broken else "All rules that could be checked are kept"
    console.print(f"\n{verdict}{unchecked}.", markup=False)
