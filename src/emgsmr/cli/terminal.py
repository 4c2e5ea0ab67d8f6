"""What verbs share when they print for people: a console wide enough for tables, and marks beside color."""

from __future__ import annotations

import io
import sys
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from rich.console import Console

PIPED_WIDTH = 100


class Marks(NamedTuple):
    """Marks that tell by shape what color tells too; plain letters where the output has no shapes."""

    yes: str
    open: str
    no: str
    arrow: str


def wide_console() -> Console:
    """A console as wide as the terminal, and 100 columns wide where the output is piped."""
    from rich.console import Console

    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # an old terminal shows ? for a letter that it does not have
    console = Console(highlight=False)
    return console if console.is_terminal else Console(highlight=False, width=PIPED_WIDTH)


def marks(console: Console) -> Marks:
    """Marks that this console can print."""
    shapes = Marks("●", "○", "·", "→")
    try:
        "".join(shapes).encode(console.encoding)
    except (UnicodeEncodeError, LookupError):
        return Marks("*", "o", "-", "->")
    return shapes
