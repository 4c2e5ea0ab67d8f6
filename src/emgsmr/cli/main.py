"""The command ``emgsmr``: finds the verb, and turns errors into one sentence and an exit code."""

from __future__ import annotations

import importlib
import sys

import click

from emgsmr.errors import EmgsmrError, RecordingError

VERBS = {
    # verb: what it does (kept here, so that --help imports no verb's module)
    "analyze": "Tables of activation, ratios and findings from a recording.",
    "clients": "A folder of recordings as clients; one client's ratios over weeks.",
    "compare": "Before and after: what changed, against the smallest change that could be told.",
    "demo": "See it work without hardware: virtual sensors, recording, report.",
    "doctor": "Check adapter, permissions and links.",
    "export": "Write a recording and its tables for other programs.",
    "import": "Turn a CSV, TSV or NPZ file into a recording.",
    "live": "The live window: set-up, run, alerts, summary.",
    "list": "What recordings are in a folder.",
    "mark": "Add an event to a recording: cramp, fatigue, phase, lap, note.",
    "protocol": "Guided protocols: what to do in which bout, before and after.",
    "record": "Stream sensors into a recording; print flags as they come.",
    "recover": "Salvage what a damaged recording still holds.",
    "replay": "Run a recording through the live pipeline.",
    "report": "One self-contained page about a recording, or about before and after.",
    "scan": "Sensors in range.",
    "sensors": "Supported sensors, and what each can and cannot measure.",
    "simulate": "A simulated runner as a recording, with its ground truth.",
    "slings": "The 15 slings: members, evidence, what a montage measures.",
    "validate": "How well the flags forecast marked events, against chance and naive rules.",
}

# What a missing package was wanted for: the extra that brings it.
EXTRAS = {
    "PySide6": "gui",
    "bleak": "ble",
    "bumble": "virtual",
    "jinja2": "report",
    "matplotlib": "report",
    "pylsl": "lsl",
    "pyqtgraph": "gui",
    "shiboken6": "gui",
}


class LazyGroup(click.Group):
    """A group that imports a verb's module (its ``command``) only when that verb is called."""

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002
        return sorted(VERBS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:  # noqa: ARG002
        if cmd_name not in VERBS:
            return None
        module_name = "import_" if cmd_name == "import" else cmd_name  # a keyword cannot be a module
        module = importlib.import_module(f"emgsmr.cli.{module_name}")
        command = module.command
        assert isinstance(command, click.Command)
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(sorted(VERBS.items()))


def print_version(ctx: click.Context, _param: click.Parameter, value: bool) -> None:
    """Print the version and leave; what finds it is imported only here."""
    if not value or ctx.resilient_parsing:
        return
    from importlib import metadata

    try:
        version = metadata.version("emgsmr")
    except metadata.PackageNotFoundError:
        version = "(not installed)"
    click.echo(f"emgsmr {version}")
    ctx.exit()


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--version",
    is_flag=True,
    is_eager=True,
    expose_value=False,
    callback=print_version,
    help="Show the version.",
)
@click.option("--debug", is_flag=True, help="Show the traceback of an error.")
def cli(debug: bool) -> None:
    """Which muscle is doing another's work: surface EMG as activation ratios per sling.

    For education, training and research; not a medical device.
    """
    del debug  # main() takes it from anywhere on the line; it stands here for --help


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return (and, as a program, exit with) the code of the error's class.

    An error of emgsmr, of the file system, or of a package that is not installed ends in one sentence on
    standard error. ``--debug``, anywhere on the line, shows the traceback instead.
    """
    arguments = sys.argv[1:] if argv is None else list(argv)
    debug = "--debug" in arguments
    try:
        result = _run([argument for argument in arguments if argument != "--debug"])
    except (EmgsmrError, OSError, ModuleNotFoundError) as error:
        if debug:
            raise
        sentence, result = explain(error)
        click.echo(f"Error: {sentence}", err=True)
    if argv is None:
        sys.exit(result)
    return result


def _run(arguments: list[str]) -> int:
    try:
        code = cli.main(args=arguments, prog_name="emgsmr", standalone_mode=False)
    except click.ClickException as error:
        error.show()
        return error.exit_code
    except click.Abort:
        click.echo("Stopped.", err=True)
        return 130
    return code if isinstance(code, int) else 0


def explain(error: EmgsmrError | OSError | ModuleNotFoundError) -> tuple[str, int]:
    """Say an error in one sentence, and with which code the program ends."""
    if isinstance(error, EmgsmrError):
        return str(error), error.exit_code
    if isinstance(error, OSError):
        if error.filename is None or error.strerror is None:
            raise error  # not about a file, so a fault of the program
        advice = "check the path, its permissions and the room left there"
        return f"{error.filename}: {error.strerror}; {advice}.", RecordingError.exit_code
    package = (error.name or "").partition(".")[0]
    if package in EXTRAS:
        return (
            f"this needs the package {package}; install it with: pip install 'emgsmr[{EXTRAS[package]}]'",
            2,
        )
    raise error
