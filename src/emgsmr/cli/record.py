"""``emgsmr record``: stream sensors into a recording, and print flags as they come."""

from __future__ import annotations

import json
import subprocess
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.errors import EmgsmrError, RecordingExistsError

if TYPE_CHECKING:
    from contextlib import AbstractContextManager

    from rich.console import Console

    from emgsmr.analysis import Finding
    from emgsmr.session import Session, Update

_ALERT_WAIT_S = 2.0  # for commands of --on-alert that still run at the end
_STANDARD_ERROR = 2  # file descriptor


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
@click.option(
    "--radio", default="bluetooth", show_default=True, help="bluetooth or virtual[:SCENARIO|:FILE]."
)
@click.option(
    "--speed",
    type=click.FloatRange(min=0, min_open=True),
    default=1.0,
    show_default=True,
    help="Virtual radio: times life's pace.",
)
@click.option(
    "--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Virtual radio: another runner."
)
@click.option(
    "--on-alert", metavar="CMD", help="Command to run with each flag; its text is in $EMGSMR_ALERT."
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
    session = Session(montage, air=air, out=out, seconds=seconds)
    journal = Journal(session, on_alert=on_alert, lines_to_stderr=as_json)
    try:
        journal.run()
    except KeyboardInterrupt:
        raise click.Abort from None
    except EmgsmrError:
        if out.exists():
            click.echo(f"What came before is kept: {out}", err=True)
        raise
    summary = journal.summary()
    click.echo(json.dumps(summary, allow_nan=False) if as_json else "\n".join(_sentences(summary)))


class Journal:
    """What a person at the console sees of a session."""

    def __init__(self, session: Session, *, on_alert: str | None, lines_to_stderr: bool) -> None:
        from rich.console import Console

        self.session = session
        self._on_alert = on_alert
        self._lines_to_stderr = lines_to_stderr
        self._console: Console = Console(stderr=True, highlight=False, markup=False)
        self._findings: dict[str, Finding] = {}
        self._alerts: list[subprocess.Popen[bytes]] = []
        self._lost: set[str] = set()

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
        for alert in self._alerts:
            with suppress(subprocess.TimeoutExpired):
                alert.wait(_ALERT_WAIT_S)

    def take(self, update: Update) -> None:
        """Print what is worth it."""
        from emgsmr.radio.link import LinkState

        if update.finding is not None:
            self._take_finding(update.finding)
        change = update.change
        if change is None:
            return
        at = _clock(update.t_s)
        if change.state is LinkState.ABSENT:
            self._say(f"{change.sensor}: {change.reason}; recording goes on without it")
        elif change.state is LinkState.LOST:
            self._lost.add(change.sensor)
            self._say(f"{at} {change.sensor} lost ({change.reason}); trying to bring it back")
        elif change.state is LinkState.STREAMING and change.sensor in self._lost:
            self._lost.remove(change.sensor)
            self._say(f"{at} {change.sensor} is back")

    def summary(self) -> dict[str, Any]:
        """The session as one JSON object."""
        from dataclasses import asdict

        session = self.session
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
                    "battery_pct": sensor.battery_pct,
                }
                for sensor in session.status()
            ],
            "absent": list(session.absent),
            "findings": [asdict(finding) for finding in self._findings.values()],
        }

    def _take_finding(self, finding: Finding) -> None:
        before = self._findings.get(finding.finding)
        self._findings[finding.finding] = finding
        if before is not None and before.tier >= finding.tier:
            return
        kind = f"tier {finding.tier}" if finding.tier else "notice"
        click.echo(f"{_clock(finding.t_alarm_s)} {kind}: {finding.text}", err=self._lines_to_stderr)
        if finding.tier and self._on_alert is not None:
            self._alert(finding.text)

    def _alert(self, text: str) -> None:
        """Start the user's command and go on; what it prints is not our result."""
        import os

        environment = {**os.environ, "EMGSMR_ALERT": text}
        self._alerts.append(
            subprocess.Popen(str(self._on_alert), shell=True, env=environment, stdout=_STANDARD_ERROR)
        )

    def _say(self, line: str) -> None:
        self._console.print(line, soft_wrap=True)

    def _live(self) -> AbstractContextManager[object]:
        """A table of the sensors that keeps up, for people at a terminal."""
        if not self._console.is_terminal:
            return nullcontext()
        from rich.live import Live

        return Live(get_renderable=self._table, console=self._console, refresh_per_second=4, transient=True)

    def _table(self) -> Any:
        from rich.box import SIMPLE_HEAD
        from rich.table import Table

        table = Table(box=SIMPLE_HEAD, title=f"{self.session.out}  {_clock(self.session.elapsed_s)}")
        for heading in ("sensor", "site", "state", "samples", "missing", "battery"):
            table.add_column(
                heading, justify="right" if heading in ("samples", "missing", "battery") else "left"
            )
        for sensor in self.session.status():
            battery = "?" if sensor.battery_pct is None else f"{sensor.battery_pct} %"
            table.add_row(
                sensor.name,
                ", ".join(sensor.sites),
                sensor.state.value,
                f"{sensor.samples}",
                f"{sensor.missing}",
                battery,
            )
        return table


def _sentences(summary: dict[str, Any]) -> list[str]:
    sensors = summary["sensors"]
    lines = [
        f"Recorded {_clock(summary['duration_s'])} from {len(sensors)} sensors: {summary['recording']}",
    ]
    for sensor in sensors:
        if sensor["missing"]:
            part = 100 * sensor["missing"] / (sensor["missing"] + sensor["samples"])
            lines.append(f"{sensor['name']}: {sensor['missing']} samples are missing ({part:.2g} %)")
    alarms = [finding for finding in summary["findings"] if finding["tier"]]
    lines.append(f"Flags: {len(alarms)}" if alarms else "No flags.")
    return lines


def _clock(t_s: float) -> str:
    """Seconds as people read them: 12:40."""
    hours, rest = divmod(max(0, round(t_s)), 3600)
    minutes, seconds = divmod(rest, 60)
    return f"{hours}:{minutes:02}:{seconds:02}" if hours else f"{minutes}:{seconds:02}"
