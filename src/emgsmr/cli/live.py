"""``emgsmr live``: the live window, from finding sensors to the summary."""

from __future__ import annotations

import os
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from emgsmr.cli.comparison_options import language_option
from emgsmr.cli.radio_options import radio_options
from emgsmr.errors import ArgumentError, RecordingExistsError, SensorError

if TYPE_CHECKING:
    from emgsmr.analysis import Finding
    from emgsmr.gui.app import Ended, Options
    from emgsmr.gui.widgets.theme import Mode
    from emgsmr.radio.runner_on_call import RunnerOnCall


@click.command()
@click.option(
    "-o",
    "--output",
    "out",
    type=click.Path(path_type=Path),
    default=Path("recordings"),
    show_default=True,
    help="Folder for recordings, or the recording to make (NAME.emgsmr).",
)
@click.option(
    "--montage",
    "montage_path",
    type=click.Path(path_type=Path),
    help="Which sensor sits where (TOML); default: named in the window.",
)
@click.option(
    "--seconds", type=click.FloatRange(min=0, min_open=True), help="Stop recording after so long by itself."
)
@radio_options
@click.option(
    "--screenshot",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Go through all steps by itself, save a picture of the run, and end; needs no display.",
)
@click.option(
    "--open",
    "opened",
    metavar="FILE",
    type=click.Path(path_type=Path),
    help="Look at a recording instead: scroll, zoom, mark, and analyze with other settings.",
)
@click.option(
    "--protocol",
    metavar="NAME",
    help="Lead through before and after: a protocol of emgsmr protocol list, or your own file (.toml).",
)
@language_option
@click.option("--theme", type=click.Choice(["system", "dark", "light"]), default="system", show_default=True)
def command(
    out: Path,
    montage_path: Path | None,
    seconds: float | None,
    radio: str,
    speed: float,
    seed: int,
    on_alert: str | None,
    screenshot: Path | None,
    opened: Path | None,
    protocol: str | None,
    lang: str,
    theme: Mode,
) -> None:
    """Open the live window: find sensors, name muscles, check, calibrate, run, and read the summary.

    Without sensors: --radio virtual. Its runner does what the window asks for: contracts the muscle that is
    named, and runs when it is time to.
    """
    if opened is not None:
        review(opened, screenshot=screenshot, theme=theme)
        return
    is_file = out.suffix == ".emgsmr"
    if is_file and out.exists():
        raise RecordingExistsError(f"{out} exists and is never overwritten: choose another name")
    need_window(unseen=screenshot is not None)
    from emgsmr.analysis.protocols import load_protocol
    from emgsmr.gui.app import Options
    from emgsmr.gui.summary import make_summary
    from emgsmr.recording import load_montage

    if protocol is not None:
        load_protocol(protocol)  # says what is wrong with it
    runner = runner_of(radio, speed=speed, seed=seed)
    if speed != 1.0 and radio.partition(":")[0] != "virtual":
        raise ArgumentError("--speed is for a virtual radio: real sensors keep life's pace")
    options = Options(
        folder=out.parent if is_file else out,
        out=out if is_file else None,
        radio=radio,
        speed=speed,
        seed=seed,
        montage=load_montage(montage_path) if montage_path is not None else None,
        seconds=seconds,
        screenshot=screenshot,
        theme=theme,
        summarize=partial(make_summary, lang=lang),
        protocol=protocol or "",
    )
    _tell(show_window(options, runner, on_alert=on_alert), screenshot)


def _tell(ended: Ended, screenshot: Path | None) -> None:
    """What is left when the window is closed."""
    for what, path in (("Recording", ended.recording), ("Page", ended.report)):
        if path:
            click.echo(f"{what}: {path}")
    if screenshot is not None and not ended.problem:
        click.echo(f"Picture: {screenshot}")
    if not ended.recording:
        click.echo("Nothing was recorded.", err=True)


ALONE = ("opened", "screenshot", "theme")
"""Options that may stand beside ``--open``: all others are about sensors and a new recording."""


def review(path: Path, *, screenshot: Path | None, theme: Mode) -> None:
    """Show a recording until its window is closed.

    Raises
    ------
    ArgumentError
        An option for sensors was given, too.
    """
    context = click.get_current_context()
    given = [
        max(option.opts, key=len)
        for option in context.command.params
        if option.name not in ALONE
        and context.get_parameter_source(option.name or "") is ParameterSource.COMMANDLINE
    ]
    if given:
        raise ArgumentError(f"--open looks at a recording and needs no sensors: leave out {', '.join(given)}")
    need_window(unseen=screenshot is not None)
    from emgsmr.gui.review import run_review

    run_review(path, screenshot=screenshot, mode=theme)
    if screenshot is not None:
        click.echo(f"Picture: {screenshot}")


def need_window(*, unseen: bool = False) -> None:
    """Make sure that Qt can be started; ``unseen`` = nobody has to see the window.

    Raises
    ------
    EmgsmrError
        There is no display, Qt's own libraries are missing, or the binding is one that crashes.
    """
    from emgsmr.gui.display import APT, is_drawable

    if not is_drawable():
        if not unseen:
            raise ArgumentError(
                "there is no display for a window: log in at a screen, or use `emgsmr record` "
                "(--screenshot needs no display)"
            )
        os.environ["QT_QPA_PLATFORM"] = "offscreen"
    try:
        import PySide6.QtWidgets  # noqa: F401
    except ModuleNotFoundError:
        raise
    except ImportError as error:
        raise ArgumentError(
            f"Qt cannot be started ({error}): on Debian and Ubuntu, sudo apt install {APT}"
        ) from error
    from emgsmr.gui.binding import require_sound_binding

    require_sound_binding()


def runner_of(radio: str, *, speed: float, seed: int, minutes: float | None = None) -> RunnerOnCall | None:
    """The runner of a virtual radio's scenario, who does what the window asks for; None for other radios.

    Raises
    ------
    ArgumentError
        There is no such radio.
    """
    from emgsmr.radio.choose import DEFAULT_SCENARIO
    from emgsmr.simulate import SCENARIOS

    kind, _, what = radio.partition(":")
    scenario = what or DEFAULT_SCENARIO
    if kind != "virtual" or scenario not in SCENARIOS:
        if radio != "bluetooth" and not (kind == "virtual" and Path(scenario).exists()):
            from emgsmr.radio.choose import choose_air

            choose_air(radio)  # says what is wrong with it
        return None
    from emgsmr.radio.repertoire import repertoire
    from emgsmr.radio.runner_on_call import RunnerOnCall

    return RunnerOnCall(
        lambda: repertoire(scenario, seed=seed, minutes=minutes),
        speed=speed,
        seed=seed,
        name=f"virtual:{scenario}",
    )


def show_window(options: Options, runner: RunnerOnCall | None, *, on_alert: str | None = None) -> Ended:
    """Show the window until it is closed.

    Raises
    ------
    SensorError
        It was to go on by itself, and could not.
    """
    import dataclasses

    from emgsmr.gui.app import Program
    from emgsmr.session.alert import AlertCommand

    alert = AlertCommand(on_alert, say=lambda line: click.echo(line, err=True)) if on_alert else None
    run: Callable[[Finding], None] | None = alert.run if alert is not None else None
    try:
        ended = Program(dataclasses.replace(options, on_alert=run), runner).run()
    finally:
        if alert is not None:
            alert.close()
    if ended.problem:
        raise SensorError(ended.problem)
    return ended
