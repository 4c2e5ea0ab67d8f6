"""A review as a program of its own: until its window is closed, or a picture of it is taken."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, cast

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from emgsmr.errors import RecordingError
from emgsmr.gui.garbage import collected_here
from emgsmr.gui.review.model import Review
from emgsmr.gui.review.window import ReviewWindow
from emgsmr.gui.widgets.theme import Theme

if TYPE_CHECKING:
    from emgsmr.gui.widgets.theme import Mode

LOOK_MS = 100


def run(path: str | Path, *, screenshot: str | Path | None = None, mode: Mode = "system") -> int:
    """Show a recording; see `emgsmr.gui.review.run_review`."""
    app = cast("QApplication", QApplication.instance() or QApplication([]))
    Theme(app, mode)
    window = ReviewWindow(Review(path))
    window.show()
    if screenshot is None:
        with collected_here():
            return app.exec()
    target = Path(screenshot)
    written: list[bool] = []

    def look() -> None:
        if not window.review.progress:
            window.redraw()
            written.append(window.grab().save(str(target)))
            timer.stop()
            window.close()
            app.quit()

    timer = QTimer(interval=LOOK_MS)
    timer.timeout.connect(look)
    timer.start()
    with collected_here():
        app.exec()
    if written != [True]:
        raise RecordingError(f"{target} could not be written: name a picture (.png) in a folder that exists")
    return 0
