"""A row of buttons made from actions: what can be done now, its key, and why not where it cannot."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QEvent, QSize, Qt, Signal
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QHBoxLayout, QPushButton, QSizePolicy, QWidget

from emgsmr.gui.screen import Action
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import font_of

HEIGHT = 48
"""Pixels: a target that a finger hits on a treadmill's tablet."""


class ActionsRow(QWidget):
    """Buttons; a press is told by ``asked`` with the action's name. Keys are the main window's."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.actions_shown: tuple[Action, ...] = ()
        self.buttons: dict[str, QPushButton] = {}
        self._row = QHBoxLayout(self)
        self._row.setContentsMargins(0, 0, 0, 0)
        self._row.setSpacing(theme.MARGIN)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName("Actions")

    def sizeHint(self) -> QSize:  # noqa: N802
        """One row of buttons."""
        return QSize(300, HEIGHT)

    def show_values(self, actions: Iterable[Action]) -> None:
        """Make the buttons these actions, in this order; a button that stays keeps its focus."""
        shown = tuple(actions)
        if shown == self.actions_shown:
            return
        self.actions_shown = shown
        names = [action.name for action in shown]
        for name in set(self.buttons) - set(names):
            button = self.buttons.pop(name)
            self._row.removeWidget(button)
            button.hide()
            button.deleteLater()
        for place, action in enumerate(shown):
            button = self.buttons.get(action.name) or self._made(action.name)
            if self._row.indexOf(button) != place:
                self._row.insertWidget(place, button)
            _dress(button, action, theme.colors_of(self))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the new colors when the palette changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange:
            for action in self.actions_shown:
                _dress(self.buttons[action.name], action, theme.colors_of(self))

    def _made(self, name: str) -> QPushButton:
        button = QPushButton(self)
        button.setMinimumHeight(HEIGHT)
        button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)  # a click must not take the space bar from the window
        button.setObjectName(name)
        # No lambda with self in it: the row would live by its buttons, and go while one is being deleted.
        button.clicked.connect(self._tell)
        self.buttons[name] = button
        return button

    def _tell(self) -> None:
        self.asked.emit(self.sender().objectName())


def _dress(button: QPushButton, action: Action, colors: theme.Colors) -> None:
    key = QKeySequence(action.key).toString(QKeySequence.SequenceFormat.NativeText) if action.key else ""
    label = action.label.replace("&", "&&")
    button.setText(f"{label}  [{key}]" if key else label)
    button.setEnabled(action.enabled)
    told = "" if action.enabled else action.why_not
    button.setToolTip(told)
    button.setAccessibleName(action.label)
    button.setAccessibleDescription(told)
    button.setFont(font_of(17, bold=action.main))
    face, ink = (
        (colors.blue, colors.on_color) if action.main and action.enabled else (colors.muscle, colors.ink)
    )
    if not action.enabled:
        ink = colors.muted
    button.setStyleSheet(
        f"QPushButton {{ background: {face}; color: {ink}; border: 1px solid {colors.line};"
        f" border-radius: 8px; padding: 4px 10px; }} QPushButton:focus {{ border: 3px solid {colors.ink}; }}"
        f" QPushButton:pressed {{ background: {colors.line}; }}"
    )
