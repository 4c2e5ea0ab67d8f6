"""Two small buttons for the whole window: dark or light, and full screen."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeySequence, QShortcut
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QWidget

from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import font_of

if TYPE_CHECKING:
    from emgsmr.gui.widgets.theme import Theme


class CornerButtons(QWidget):
    """Dark or light (F10), full screen (F11)."""

    full_screen = Signal()

    def __init__(self, dark_or_light: Theme | None = None, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._theme = dark_or_light
        self.mode, self.full = QPushButton("Dark / light  [F10]"), QPushButton("Full screen  [F11]")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        for button, key, act in (
            (self.mode, "F10", self.change_mode),
            (self.full, "F11", self.full_screen.emit),
        ):
            button.setFont(font_of(theme.SMALL))
            button.setFlat(True)
            button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            button.clicked.connect(act)
            QShortcut(QKeySequence(key), self).activated.connect(act)
            row.addWidget(button)
        self.mode.setVisible(dark_or_light is not None)

    def change_mode(self) -> None:
        """Dark becomes light, light becomes dark."""
        if self._theme is not None:
            self._theme.force("light" if theme.colors_of(self).dark else "dark")
