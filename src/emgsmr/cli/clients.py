"""``emgsmr clients``: a folder of recordings as clients, and one client's ratios over weeks."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from emgsmr.cli.analysis_options import analysis_options, chosen
from emgsmr.cli.comparison_options import language_option
from emgsmr.cli.list import clock, visible
from emgsmr.errors import ArgumentError, EmgsmrError

if TYPE_CHECKING:
    from collections.abc import Sequence

    import pandas as pd

    from emgsmr.recording.library import ClientSession


@click.command("clients")
@click.argument("folder", type=click.Path(path_type=Path))
@click.argument("code", required=False)
@click.option(
    "-o",
    "--out",
    type=click.Path(file_okay=False, path_type=Path),
    help="Write the client's trend.csv and trend.html here.",
)
@language_option
@analysis_options
@click.option("--json", "as_json", is_flag=True, help="One JSON object on standard output.")
def command(
    folder: Path, code: str | None, out: Path | None, lang: str, as_json: bool, **options: Any
) -> None:
    """Show the clients below FOLDER with their sessions; with CODE, one client's ratios over weeks.

    A client's code is that of the montage ([person] code). Ratios of different days are compared only where
    each session has maximal contractions or a reference run of its own, and with the error between days.
    """
    from emgsmr.recording.library import client_sessions

    found = client_sessions(folder)
    if code is None:
        if out is not None:
            raise ArgumentError("-o is for one client: give the code as well")
        _show_clients(found, folder, as_json=as_json)
        return
    if code not in found:
        known = ", ".join(visible(name) for name in found if name) or "none"
        raise ArgumentError(f"There is no client {code!r} below {folder} (there are: {known}).")
    table = _trend(found[code], options)
    files = [] if out is None else _write(code, found[code], table, out, lang)
    if as_json:
        rows = json.loads(table.to_json(orient="records"))
        sessions = [_record(session) for session in found[code]]
        said = {"client": code, "sessions": sessions, "trend": rows, "files": [str(file) for file in files]}
        click.echo(json.dumps(said, ensure_ascii=False))
        return
    _show_sessions(found[code], folder)
    _show_trend(table)
    for file in files:
        click.echo(f"Written: {file}")


def _trend(sessions: Sequence[ClientSession], options: dict[str, Any]) -> pd.DataFrame:
    """Analyze each session; one that cannot be analyzed is a row with the reason."""
    from emgsmr.analysis import analyze
    from emgsmr.analysis.trend import TrendSession, trend_session, trend_table
    from emgsmr.cli.progress import with_progress
    from emgsmr.recording import open_recording

    found = []
    with chosen(**options) as (settings, reference), with_progress("Analyzing"):
        if reference is not None:
            raise ArgumentError("--reference has no meaning here: each day has its own")
        for session in sessions:
            name = session.path.name
            try:
                with open_recording(session.path) as recording:
                    found.append(trend_session(analyze(recording, settings), name, session.started_utc))
            except EmgsmrError as error:
                found.append(TrendSession(name, session.started_utc, None, {}, str(error)))
    return trend_table(found)


def _write(
    code: str, sessions: Sequence[ClientSession], table: pd.DataFrame, out: Path, lang: str
) -> list[Path]:
    from emgsmr.export.tables import write_dictionary
    from emgsmr.report.template import write_file
    from emgsmr.report.trend_page import write_trend_page

    text = table.to_csv(index=False, lineterminator="\n")
    return [
        write_file(out / "trend.csv", text),
        write_dictionary(out, ["trend"]),
        write_trend_page(code, sessions, table, out / "trend.html", lang=lang),
    ]


def _show_clients(found: dict[str, list[ClientSession]], folder: Path, *, as_json: bool) -> None:
    if as_json:
        content = [{"code": code, "sessions": [_record(s) for s in own]} for code, own in found.items()]
        click.echo(json.dumps({"folder": str(folder), "clients": content}, ensure_ascii=False))
        return
    if not found:
        click.echo(f"No recordings in {folder}.")
        return
    rows = []
    for code, own in found.items():
        days = [session.day for session in own if session.started_utc]
        phases = dict.fromkeys(label for session in own for label in session.phases)
        errors = sum(session.error is not None for session in own)
        note = f"{errors} cannot be read" if errors else ""
        rows.append((code or "(no code)", str(len(own)), days[0] if days else "?", days[-1] if days else "?",
                     ", ".join(phases), note))  # fmt: skip
    _print(("Client", "Sessions", "First", "Last", "Phases", ""), rows)


def _show_sessions(sessions: Sequence[ClientSession], folder: Path) -> None:
    rows = [
        (s.day, str(s.path.relative_to(folder)), clock(s.duration_s), s.error or ", ".join(s.phases))
        for s in sessions
    ]
    _print(("Date (UTC)", "Recording", "Duration", "Phases"), rows)


def _show_trend(table: pd.DataFrame) -> None:
    rows = []
    for row in table.to_dict("records"):
        day = str(row["started_utc"] or "?")[:10]
        if row["log_ratio"] != row["log_ratio"]:  # NaN: nothing to compare
            rows.append((day, "", "", "", f"not comparable: {row['reason']}"))
            continue
        ratio = f"{row['ratio']:.2f} ({row['ci_low']:.2f} to {row['ci_high']:.2f})"
        expected, verdict = "", "first session"
        if row["n_earlier"]:
            expected = f"{row['expected_low']:.2f} to {row['expected_high']:.2f}"
            verdict = "beyond" if row["beyond_days"] else "within"
            verdict = f"{verdict} what days differ by ({row['error_from']})"
        rows.append((day, f"{row['pair']} {row['side']} {row['task']}".strip(), ratio, expected, verdict))
    _print(("Date", "Pair", "Ratio (95 % CI)", "Expected by days before", ""), rows)


def _print(headings: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
    from rich.table import Table
    from rich.text import Text

    from emgsmr.cli.terminal import wide_console

    table = Table(box=None, pad_edge=False)
    for heading in headings:
        table.add_column(heading, overflow="fold")
    for row in rows:
        table.add_row(*(Text(visible(cell)) for cell in row))
    wide_console().print(table)


def _record(session: ClientSession) -> dict[str, object]:
    return {
        "path": str(session.path),
        "started_utc": session.started_utc,
        "duration_s": session.duration_s,
        "phases": list(session.phases),
        "error": session.error,
    }
