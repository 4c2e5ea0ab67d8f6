"""Progress on standard error, for people at a terminal; nothing for programs."""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator


@contextmanager
def with_progress(what: str) -> Iterator[None]:
    """Show that something is going on while it is."""
    if not sys.stderr.isatty():
        yield
        return
    from rich.console import Console
    from rich.markup import escape

    with Console(stderr=True).status(f"{escape(what)} …"):
        yield


@contextmanager
def progress_bar(what: str) -> Iterator[Callable[[float], None] | None]:
    """Give a function that takes the fraction done; None where standard error is no terminal."""
    if not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.markup import escape
    from rich.progress import Progress

    with Progress(console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(escape(what), total=1.0)
        yield lambda fraction: bar.update(task, completed=fraction)
