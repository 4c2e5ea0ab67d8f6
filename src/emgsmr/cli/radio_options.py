"""Options of a session over a radio, the same for every verb that has one."""

from __future__ import annotations

from typing import Any, TypeVar

import click

Command = TypeVar("Command", bound="Any")

OPTIONS = (
    click.option(
        "--radio", default="bluetooth", show_default=True, help="bluetooth or virtual[:SCENARIO|:FILE]."
    ),
    click.option(
        "--speed",
        type=click.FloatRange(min=0, min_open=True),
        default=1.0,
        show_default=True,
        help="Virtual radio: times life's pace.",
    ),
    click.option(
        "--seed",
        type=click.IntRange(min=0),
        default=1,
        show_default=True,
        help="Virtual radio: another runner.",
    ),
    click.option(
        "--on-alert",
        metavar="CMD",
        help="Command to run with each flag: JSON on its standard input, the text in $EMGSMR_ALERT.",
    ),
)


def radio_options(command: Command) -> Command:
    """Add them to a verb."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command
