"""A line to write in, below the page: a note, or who is measured."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QPushButton, QWidget

from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import font_of

LONGEST = 500
WORDS = {
    "note": ("Note", "What happened? Return keeps it, Escape gives it up.", "Keep the note  [Return]"),
    "person": (
        "Code of the person",
        "Such as P01; a code rather than a name, since it is kept in the recording.",
        "Keep the code  [Return]",
    ),
}
"""What is written: its name, what stands in the empty line, and the button."""


class NoteBar(QWidget):
    """Hidden until something is written; Return keeps it, Escape gives it up."""

    written = Signal(str, str)
    """What, and the text."""
    given_up = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.text, self.keep, self.what = QLineEdit(), QPushButton(), "note"
        self.text.setMaxLength(LONGEST)
        self.text.returnPressed.connect(self._keep)
        self.keep.clicked.connect(self._keep)
        row = QHBoxLayout(self)
        row.setContentsMargins(12, 0, 12, 10)
        for widget in (self.text, self.keep):
            widget.setFont(font_of(theme.TEXT))
            widget.setMinimumHeight(44)
        row.addWidget(self.text, 1)
        row.addWidget(self.keep)
        self.hide()

    def open(self, what: str = "note") -> None:
        """Begin to write."""
        self.what = what
        name, hint, button = WORDS[what]
        self.text.setAccessibleName(name)
        self.text.setPlaceholderText(hint)
        self.keep.setText(button)
        self.text.clear()
        self.show()
        self.text.setFocus()

    def give_up(self) -> None:
        """End without it."""
        self.hide()
        self.given_up.emit()

    def _keep(self) -> None:
        text = self.text.text().strip()
        self.hide()
        if text:
            self.written.emit(self.what, text)
        else:
            self.given_up.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Escape gives it up."""
        if event.key() == Qt.Key.Key_Escape:
            self.give_up()
        else:
            super().keyPressEvent(event)
