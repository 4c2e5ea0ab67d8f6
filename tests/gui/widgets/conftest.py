"""A Qt application without a screen, and how pictures are looked at."""

from __future__ import annotations

import os

import numpy as np
import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")


@pytest.fixture(scope="session")
def app():
    """The one application of the test process."""
    widgets = pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
    return widgets.QApplication.instance() or widgets.QApplication([])


@pytest.fixture(params=["dark", "light"])
def colors(app, request):
    """Dark and light, for the whole application; light afterwards."""
    from emgsmr.gui.widgets import theme

    chosen = {"dark": theme.DARK, "light": theme.LIGHT}[request.param]
    app.setPalette(theme.qt_palette(chosen))
    yield chosen
    app.setPalette(theme.qt_palette(theme.LIGHT))


@pytest.fixture
def picture(app):
    """``picture(widget, 300, 200)``: how it looks, as an array (height, width, 3)."""

    def grab(widget, width: int = 0, height: int = 0) -> np.ndarray:
        from PySide6.QtGui import QImage

        app.processEvents()  # a new palette is told by an event
        if width:
            widget.resize(width, height)
        image = widget.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
        lines = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.bytesPerLine())
        return lines[:, : 4 * image.width()].reshape(image.height(), image.width(), 4)[:, :, 2::-1].copy()

    return grab


@pytest.fixture
def has_color():
    """``has_color(picture, "#0072b2")``: number of pixels of exactly that color."""

    def count(image: np.ndarray, color: str) -> int:
        wanted = [int(color[k : k + 2], 16) for k in (1, 3, 5)]
        return int((image == wanted).all(axis=2).sum())

    return count


@pytest.fixture
def paints(app):
    """``paints(widget, act)``: how often the widget paints itself because of ``act()``."""

    def count(widget, act) -> int:
        from PySide6.QtCore import QEvent, QObject

        class Counter(QObject):
            n = 0

            def eventFilter(self, watched, event):
                self.n += event.type() == QEvent.Type.Paint
                return False

        counter = Counter()
        widget.window().show()
        app.processEvents()
        widget.installEventFilter(counter)
        act()
        app.processEvents()
        widget.removeEventFilter(counter)
        widget.window().hide()
        return counter.n

    return count
