"""``emgsmr demo``: the whole way without hardware, from virtual sensors to the report."""

from __future__ import annotations

import sys
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING

import click

if TYPE_CHECKING:
    from emgsmr.analysis import Analysis

WATCH_SPEED = 5.0
"""Times life's pace where somebody watches; as fast as it goes elsewhere."""

WATCHED_BASELINE = 0.4
"""Of a full baseline of 240 strides, where the window goes on by itself: a minute and a half of running."""

SHORTEST_S = 240.0
"""A shorter run has no room for a baseline of sixty strides and what follows."""


@click.command()
@click.option(
    "-o", "--out", type=click.Path(file_okay=False, path_type=Path), default=Path("demo"), show_default=True
)
@click.option(
    "--seconds",
    type=click.FloatRange(min=SHORTEST_S),
    default=360.0,
    show_default=True,
    help="Length of the simulated run.",
)
@click.option("--seed", type=click.IntRange(min=0), default=1, show_default=True, help="Another runner.")
@click.option("--headless", is_flag=True, help="No window and no live view; as fast as it goes.")
@click.option("--json", "as_json", is_flag=True, help="Print one JSON object at the end.")
def command(out: Path, seconds: float, seed: int, headless: bool, as_json: bool) -> None:
    """See it work without hardware: virtual sensors, recording, report.

    Six emulated Bluetooth sensors play a simulated runner whose right hamstrings begin to do the work of the
    right gluteus maximus. They are scanned, connected and recorded through Bleak like real ones.
    """
    out.mkdir(parents=True, exist_ok=True)
    files = free_names(out)
    if not headless and not as_json and window_is_possible():
        in_window(files, seconds=seconds, seed=seed)
        return
    from emgsmr.cli.journal import Journal
    from emgsmr.session import Session

    watched = not headless and sys.stderr.isatty()
    if not as_json:
        click.echo(f"A simulated run of {seconds / 60:.0f} minutes, from six virtual sensors …")
    session = Session(
        radio="virtual:demo",
        out=files["recording"],
        speed=WATCH_SPEED if watched else None,
        seed=seed,
        minutes=seconds / 60,
    )
    journal = Journal(session, on_alert=None, lines_to_stderr=as_json, live=watched)
    try:
        journal.run()
    except KeyboardInterrupt:
        raise click.Abort from None
    analysis = results(files)
    if as_json:
        import json

        click.echo(
            json.dumps({**journal.summary(), **{k: str(v) for k, v in files.items()}}, allow_nan=False)
        )
        return
    tell(analysis, files)


def tell(analysis: Analysis, files: dict[str, Path]) -> None:
    """Print what was found, and where everything is."""
    for line in analysis.summary():
        click.echo(line)
    click.echo(
        "\nSimulated data: this shows that the program finds what was put in, and nothing about people."
    )
    for what, path in files.items():
        click.echo(f"{what + ':':<11}{path}")


def window_is_possible() -> bool:
    """Whether somebody may look at a window here: Qt is installed, and there is a display."""
    from importlib.util import find_spec

    from emgsmr.gui.display import display_is_there

    return find_spec("PySide6") is not None and display_is_there()


def in_window(files: dict[str, Path], *, seconds: float, seed: int) -> None:
    """The same with the live window, which walks by itself; its user looks, and closes it."""
    from emgsmr.cli.live import need_window, runner_of, show_window

    need_window()
    from emgsmr.gui.app import Options
    from emgsmr.gui.summary import Summary
    from emgsmr.report.headline import headline

    found: list[Analysis] = []

    def summarize(_recording: Path) -> Summary:
        found.append(results(files, quiet=True))
        said = headline(found[0])
        return Summary((f"{said.title}.", *said.sentences), str(files["report"]))

    click.echo(
        f"A simulated run of {seconds / 60:.0f} minutes in the live window, five times as fast as life; it "
        "goes through its steps by itself. Close it when you have seen enough."
    )
    runner = runner_of("virtual:demo", speed=WATCH_SPEED, seed=seed, minutes=seconds / 60)
    options = Options(
        folder=files["recording"].parent,
        out=files["recording"],
        radio="virtual:demo",
        speed=WATCH_SPEED,
        seed=seed,
        minutes=seconds / 60,
        by_itself=True,
        baseline=WATCHED_BASELINE,
        summarize=summarize,
    )
    show_window(options, runner)
    if not files["recording"].exists():
        click.echo("The window was closed before anything was recorded.", err=True)
        return
    tell(found[0] if found else results(files), files)


def results(files: dict[str, Path], *, quiet: bool = False) -> Analysis:
    """Analyze the file that the session left, and write its tables and its page."""
    from contextlib import nullcontext

    from emgsmr.analysis import analyze
    from emgsmr.cli.progress import with_progress
    from emgsmr.export import write_tables
    from emgsmr.recording import open_recording
    from emgsmr.report import write_report

    progress = nullcontext() if quiet else with_progress("Analyzing")
    with progress, open_recording(files["recording"]) as opened:
        analysis = analyze(opened)
        write_tables(analysis, files["tables"])
        write_report(analysis, files["report"], recording=opened)
    return analysis


def free_names(folder: Path) -> dict[str, Path]:
    """Where things go: a number is added where an earlier demo left its own, for nothing is overwritten."""
    for number in count(1):
        tail = "" if number == 1 else f"-{number}"
        names = {
            "recording": folder / f"demo{tail}.emgsmr",
            "tables": folder / f"tables{tail}",
            "report": folder / f"report{tail}.html",
        }
        if not any(path.exists() for path in names.values()):
            return names
    raise AssertionError("numbers do not end")
