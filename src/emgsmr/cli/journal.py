"""What a person at the console sees of a session: its sensors, its pairs, and the flags as they come."""

from __future__ import annotations

import sys
from contextlib import nullcontext
from typing import TYPE_CHECKING, Any

import click

from emgsmr.recording.event import clock

if TYPE_CHECKING:
    from collections.abc import Mapping
    from contextlib import AbstractContextManager

    from rich.console import Console

    from emgsmr.analysis import Finding
    from emgsmr.session import Session, Update


class Journal:
    """What a person at the console sees of a session."""

    def __init__(
        self, session: Session, *, on_alert: str | None, lines_to_stderr: bool, live: bool = True
    ) -> None:
        from rich.console import Console

        from emgsmr.session.alert import AlertCommand
        from emgsmr.session.messages import Messages

        self.session = session
        self._alert = AlertCommand(on_alert, say=self._say) if on_alert is not None else None
        self._messages = Messages()
        self._lines_to_stderr = lines_to_stderr
        self._live_wanted = live
        self._console: Console = Console(stderr=True, highlight=False, markup=False)
        self._findings: dict[str, Finding] = {}

    def run(self) -> None:
        """Run the session to its end."""
        from emgsmr.session import run_session

        try:
            with self._live():
                run_session(self.session, on_update=self.take)
        finally:
            self.close()

    def close(self) -> None:
        """Give the commands of --on-alert a moment to end."""
        if self._alert is not None:
            self._alert.close()

    def take(self, update: Update) -> None:
        """Print what is worth it."""
        if update.finding is not None:
            self._take_finding(update.finding)
        if (message := self._messages.take(update)) is not None:
            at = "" if message.kind == "absent" else f"{clock(message.t_s)} "
            self._say(f"{at}{message.text}")

    def summary(self) -> dict[str, Any]:
        """The session as one JSON object."""
        from dataclasses import asdict

        session = self.session
        clocks = session.clocks()
        status = session.status()
        return {
            "recording": str(session.out),
            "radio": session.air.name,
            "duration_s": round(session.elapsed_s, 3),
            "sensors": [
                {
                    "name": sensor.name,
                    "family": sensor.family,
                    "sites": list(sensor.sites),
                    "samples": sensor.samples,
                    "missing": sensor.missing,
                    "loss_known": sensor.loss_known,
                    "battery_pct": sensor.battery_pct,
                    "clock": clocks.get(sensor.name),
                }
                for sensor in status
                if sensor.latest is None
            ],
            "companions": [
                {
                    "name": device.name,
                    "family": device.family,
                    "readings": device.samples,
                    "battery_pct": device.battery_pct,
                }
                for device in status
                if device.latest is not None
            ],
            "absent": list(session.absent),
            # as they stand at the end, not as they were when they were told
            "findings": [asdict(f) for f in (session.pipeline.findings() if session.pipeline else ())],
        }

    def _take_finding(self, finding: Finding) -> None:
        before = self._findings.get(finding.finding)
        self._findings[finding.finding] = finding
        if before is not None and before.tier >= finding.tier:
            return
        kind = f"tier {finding.tier}" if finding.tier else "notice"
        reached = finding.t_tier2_s if finding.t_tier2_s is not None else finding.t_alarm_s
        reached = finding.t_tier3_s if finding.t_tier3_s is not None else reached
        line = f"{clock(reached)} {kind}: {finding.text}"
        if self._is_live() and sys.stdout.isatty():
            self._console.print(line)  # above the table; written past it, the table would be drawn over it
        else:
            click.echo(line, err=self._lines_to_stderr)
        if self._alert is not None:
            self._alert.run(finding)

    def _say(self, line: str) -> None:
        self._console.print(line, soft_wrap=True)

    def _is_live(self) -> bool:
        return self._live_wanted and self._console.is_terminal

    def _live(self) -> AbstractContextManager[object]:
        """A table of the sensors that keeps up, for people at a terminal."""
        if not self._is_live():
            return nullcontext()
        from rich.live import Live

        return Live(get_renderable=self._view, console=self._console, refresh_per_second=4, transient=True)

    def _view(self) -> Any:
        """Sensors and pairs, now."""
        from rich.console import Group

        return Group(self._table(), self._pairs())

    def _pairs(self) -> Any:
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        table = Table(box=SIMPLE_HEAD)
        for heading in ("pair", "side", "change of the ratio", "state"):
            table.add_column(heading, justify="right" if heading.startswith("change") else "left")
        pipeline = self.session.pipeline
        for pair in pipeline.status() if pipeline is not None else ():
            change = "" if pair.change_pct is None else f"{pair.change_pct:+.0f} %"
            table.add_row(f"{pair.pair} {pair.prime} → {pair.compensator}", pair.side, change, pair.state)
        return table

    def _table(self) -> Any:
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        table = Table(box=SIMPLE_HEAD, title=f"{self.session.out}  {clock(self.session.elapsed_s)}")
        for heading in ("sensor", "site", "state", "samples", "missing", "battery"):
            table.add_column(
                heading, justify="right" if heading in ("samples", "missing", "battery") else "left"
            )
        for sensor in self.session.status():
            battery = "?" if sensor.battery_pct is None else f"{sensor.battery_pct} %"
            counts = (f"{sensor.samples}", f"{sensor.missing}")
            if sensor.latest is not None:
                counts = (said(sensor.latest), "")
            table.add_row(sensor.name, ", ".join(sensor.sites), sensor.state.value, *counts, battery)
        return table


_UNITS = {"heart_rate_bpm": "{:.0f} bpm", "speed_mps": "{:.1f} m/s", "cadence_spm": "{:.0f}/min"}


def said(latest: Mapping[str, tuple[float, ...]]) -> str:
    """What a device without EMG said last, for people.

    Examples
    --------
    >>> said({"rr_interval_ms": (395.0,), "heart_rate_bpm": (152.0,)}), said({"contact": (0.0,)})
    ('152 bpm', 'no contact')
    >>> said({"cadence_spm": (172.0,), "speed_mps": (3.06,)})
    '3.1 m/s, 172/min'
    """
    if latest.get("contact") == (0.0,):
        return "no contact"
    return ", ".join(
        form.format(*latest[quantity]) for quantity, form in _UNITS.items() if quantity in latest
    )
