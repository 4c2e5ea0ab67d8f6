"""The options of a comparison, the same for every verb that makes one."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from emgsmr.cli.analysis_options import Names
from emgsmr.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from emgsmr.analysis.comparison import ComparisonPlan
    from emgsmr.recording import Recording

LABELS = Names("LABEL,LABEL", "such as A1,A2")

OPTIONS = (
    click.option(
        "--before",
        type=LABELS,
        help="Labels of the bouts before; default: A1,A2 (two sets without treatment between), else before.",
    ),
    click.option("--after", type=LABELS, help="Labels of the bouts after; default: B, else after."),
    click.option(
        "--primary",
        type=Names("PAIR,PAIR", "such as P1,P2"),
        help="Pairs that count; default: as a protocol declared, else P1,P2.",
    ),
    click.option(
        "--margin",
        type=float,
        metavar="PERCENT",
        help="Also test whether the change lies within this margin.",
    ),
    click.option(
        "--treated", type=click.Choice(["L", "R"]), help="The treated leg; the other one is the control."
    ),
    click.option(
        "--electrodes",
        type=click.Choice(["kept", "replaced"]),
        help="Whether they stayed on between two recordings; default: by time and sensors.",
    ),
    click.option("--exercise", help="Only the bouts of this exercise, such as bridge."),
    click.option(
        "--paired", is_flag=True, help="Bouts of the same number belong together (same speed or load)."
    ),
    click.option("--sides-checked", is_flag=True, help="Left and right were checked and are right."),
)

language_option = click.option(
    "--lang", type=click.Choice(["de", "en"]), default="en", show_default=True, help="Language of the page."
)


def comparison_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command the options of a comparison; it hands them on to `planned`."""
    for option in reversed(OPTIONS):
        command = option(command)
    return command


NAMES = (
    "before",
    "after",
    "primary",
    "margin",
    "treated",
    "electrodes",
    "exercise",
    "paired",
    "sides_checked",
)


def taken(options: dict[str, Any]) -> dict[str, Any]:
    """The comparison's options; takes them out of ``options``."""
    return {name: options.pop(name) for name in NAMES}


def planned(wanted: Mapping[str, Any], *recordings: Recording) -> ComparisonPlan:
    """The plan that options ask for; a protocol that the recordings were guided by has declared its pairs."""
    from emgsmr.analysis.comparison import ComparisonPlan
    from emgsmr.analysis.protocols import declared_pairs

    declared = declared_pairs(event for recording in recordings for event in recording.events())
    values = dict(wanted)
    values["margin_pct"] = values.pop("margin")
    for name, usual in (("before", ()), ("after", ()), ("primary", declared or ("P1", "P2"))):
        values[name] = values[name] or usual
    return ComparisonPlan(**values)


def asked_for(options: dict[str, Any]) -> list[str]:
    """Names of the comparison's options that were given."""
    return [f"--{name.replace('_', '-')}" for name in NAMES if options.get(name) not in (None, False)]


def check_analysis_options(options: dict[str, Any]) -> None:
    """Refuse options of an analysis that mean nothing in a comparison."""
    for name in ("baseline", "reference"):
        if options[name] is not None:
            raise ArgumentError(
                f"--{name} has no meaning here: bouts before are what the others are compared with"
            )
