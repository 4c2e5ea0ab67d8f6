"""A recording looked at again: scroll, zoom, mark and analyze with other settings."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

    from emgsmr.gui.review.window import ReviewWindow
    from emgsmr.gui.widgets.theme import Mode

__all__ = ["open_review", "run_review"]


def open_review(path: str | Path) -> ReviewWindow:
    """Open a recording in a window of its own; a Qt application must exist.

    Raises
    ------
    RecordingError, NotEnoughDataError
        It is no recording, is damaged, or holds no samples.
    """
    from emgsmr.gui.review.window import ReviewWindow

    return ReviewWindow.of(path)


def run_review(path: str | Path, *, screenshot: str | Path | None = None, mode: Mode = "system") -> int:
    """Show a recording until its window is closed; the exit code.

    Parameters
    ----------
    path : path-like
    screenshot : path-like, optional
        Write a picture of the window here once the overview and the analysis are done, and end.
    mode : {"system", "dark", "light"}

    Raises
    ------
    RecordingError, NotEnoughDataError
        It is no recording, is damaged, or holds no samples.
    """
    from emgsmr.gui.review.run import run

    return run(path, screenshot=screenshot, mode=mode)
