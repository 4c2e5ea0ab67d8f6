"""What the pages before and after the run share: title and cue, a body, buttons, panels and words."""

from __future__ import annotations

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QPainter, QPalette, QPen
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QSizePolicy, QVBoxLayout, QWidget

from emgsmr.gui.screen import Screen
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.actions import ActionsRow
from emgsmr.gui.widgets.banner import BannerView
from emgsmr.gui.widgets.canvas import Canvas, font_of

GAP = 12
MOST = 6
"""Buttons in a row; where there are more, what is pressed at any time has a row of its own."""
MARKS = frozenset({"cramp", "fatigue", "lap", "note", "mute", "traces", "stop"})


class Page(QWidget):
    """A page; what the user asks for is told by ``asked``: the name of an action, and its value."""

    asked = Signal(str, str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner, self.actions_row, self.marks_row = BannerView(), ActionsRow(), ActionsRow()
        self.banner.setFixedHeight(76)
        for row in (self.actions_row, self.marks_row):
            row.asked.connect(lambda name: self.asked.emit(name, ""))
        self.waiting, self.waited_for = _waiting(), Words(theme.TEXT, muted=True, wraps=False)
        self.body = QHBoxLayout()
        self.body.setSpacing(GAP)
        below = QHBoxLayout()
        below.addWidget(self.waited_for)
        below.addWidget(self.waiting, 1)
        page = QVBoxLayout(self)
        page.setContentsMargins(GAP, 8, GAP, 8)
        page.setSpacing(theme.MARGIN)
        page.addWidget(self.banner)
        page.addLayout(self.body, 1)
        page.addLayout(below)
        page.addWidget(self.actions_row)
        page.addWidget(self.marks_row)

    def show_values(self, screen: Screen) -> None:
        """Show a screen; each part draws itself only where it has changed."""
        self.banner.show_values(screen.banner, title=screen.title, cue=screen.cue)
        marks = tuple(a for a in screen.actions if a.name in MARKS) if len(screen.actions) > MOST else ()
        self.actions_row.show_values([action for action in screen.actions if action not in marks])
        self.marks_row.show_values(marks)
        self.marks_row.setVisible(bool(marks))
        self.waited_for.show_values(f"{screen.busy} …" if screen.busy else "")
        self.waited_for.setVisible(bool(screen.busy))
        self.waiting.setVisible(bool(screen.busy))
        self.show_body(screen)

    def show_body(self, screen: Screen) -> None:
        """What only this page has."""
        raise NotImplementedError  # each has its own; Qt's metaclass leaves no room for an abstract class


class Panel(Canvas):
    """A sheet of paper on the ground, with a heading; what is added stands below each other."""

    def __init__(self, heading: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows = QVBoxLayout(self)
        self.rows.setContentsMargins(16, 12, 16, 12)
        self.rows.setSpacing(theme.MARGIN)
        self.say(heading)
        if heading:
            self.rows.addWidget(Words(theme.SMALL, heading, muted=True, wraps=False))

    def draw(self, painter: QPainter) -> None:
        """Draw."""
        painter.setPen(QPen(QColor(self.colors.grid), 1))
        painter.setBrush(QColor(self.colors.paper))
        painter.drawRoundedRect(
            QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5), theme.RADIUS, theme.RADIUS
        )


class Words(QLabel):
    """Sentences that wrap; they can be selected and copied where ``copied``."""

    def __init__(
        self,
        height: int,
        text: str = "",
        *,
        bold: bool = False,
        muted: bool = False,
        copied: bool = False,
        wraps: bool = True,
    ) -> None:
        super().__init__(text)
        self.setTextFormat(Qt.TextFormat.PlainText)  # file names and sensors' names come from strangers
        self.setFont(font_of(height, bold=bold))
        self.setWordWrap(wraps)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Maximum)
        policy.setHeightForWidth(wraps)
        self.setSizePolicy(policy)
        if muted:
            self.setForegroundRole(QPalette.ColorRole.PlaceholderText)
        if copied:
            self.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)

    def show_values(self, text: str) -> None:
        """Show a text, if it is another one."""
        if text != self.text():
            self.setText(text)


def _waiting() -> QProgressBar:
    """A bar that moves while something is waited for."""
    bar = QProgressBar()
    bar.setRange(0, 0)
    bar.setTextVisible(False)
    bar.setFixedHeight(6)
    bar.setAccessibleName("Waiting")
    bar.hide()
    return bar
