"""Progress on standard error, for people at a terminal; nothing for programs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager


@contextmanager
def with_progress(what: str) -> Iterator[None]:
    """Show that something is going on while it is."""
    from rich.console import Console

    console = Console(stderr=True)
    if not console.is_terminal:
        yield
        return
    with console.status(f"{what} …"):
        yield
