"""How far a protocol is: its sets below each other, a dot for each bout."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from emgsmr.gui.protocol_rows import BoutSet
from emgsmr.gui.widgets.canvas import RIGHT, Canvas, draw_text

ROW = 44.0


class BoutSetsView(Canvas):
    """Sets with their bouts; the set that is under way stands on a band."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sets: tuple[BoutSet, ...] = ()
        self.setMinimumSize(240, 4 * 26)

    def sizeHint(self) -> QSize:  # noqa: N802
        """All rows."""
        return QSize(500, round(ROW * max(len(self.sets), 1)))

    def show_values(self, sets: tuple[BoutSet, ...]) -> None:
        """Show these sets."""
        if sets == self.sets:
            return
        self.sets = sets
        self.say("Sets", "\n".join(f"{row.title}: {said(row)}" for row in sets))
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw what is shown."""
        height = min(self.height() / max(len(self.sets), 1), ROW)
        for number, row in enumerate(self.sets):
            self._draw_row(painter, QRectF(0, number * height, self.width(), height), row)

    def _draw_row(self, painter: QPainter, box: QRectF, row: BoutSet) -> None:
        colors = self.colors
        if row.now:
            painter.setPen(QPen(QColor(colors.blue), 2))
            painter.setBrush(QColor(colors.ground))
            painter.drawRoundedRect(box.adjusted(1, 2, -1, -2), 6, 6)
        ink = colors.ink if row.now else colors.muted
        name = QRectF(box.left() + 12, box.top(), box.width() * 0.36 - 12, box.height())
        title = f"{row.label}  {row.title}" if row.label else row.title
        draw_text(painter, name, title, ink, largest=17, smallest=11, bold=row.now)
        dots = QRectF(name.right(), box.top(), box.width() * 0.42, box.height())
        self._draw_dots(painter, dots, row)
        word = QRectF(dots.right(), box.top(), box.right() - dots.right() - 12, box.height())
        draw_text(painter, word, said(row), ink, largest=16, smallest=11, align=RIGHT)

    def _draw_dots(self, painter: QPainter, box: QRectF, row: BoutSet) -> None:
        colors = self.colors
        step = min(box.width() / max(row.bouts, 1), 28.0)
        r = min(step * 0.34, box.height() * 0.25)
        for number in range(row.bouts):
            painter.setPen(QPen(QColor(colors.blue), 2))
            painter.setBrush(QColor(colors.blue if number < row.done else colors.paper))
            painter.drawEllipse(QPointF(box.left() + (number + 0.5) * step, box.center().y()), r, r)


def said(row: BoutSet) -> str:
    """How far a set is, in words.

    Examples
    --------
    >>> said(BoutSet("A1", "Before", 4, 1, True)), said(BoutSet("", "Treatment", 0, 0, False))
    ('1 of 4 done', '')
    """
    if not row.bouts:
        return "now" if row.now else ""
    return "done" if row.done == row.bouts and not row.now else f"{row.done} of {row.bouts} done"
