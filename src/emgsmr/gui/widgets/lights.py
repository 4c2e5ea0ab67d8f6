"""Sensors as rows: light with shape and word, battery, what is lost, and what a strap or a pod says."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from emgsmr.gui.screen import SensorRow, Status
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import RIGHT, Canvas, draw_text

LOW_BATTERY_PCT = 20
ROW = 44.0
LEAST = 19.0
"""Heights of a row in pixels: with its second line, and the least that can be read from a chair."""

ORDER = {Status.BAD: 0, Status.WARN: 1, Status.OFF: 2, Status.WAIT: 3, Status.GOOD: 4}


class LightsView(Canvas):
    """A list of sensors; where it is too low for all of them, those that need a look stay."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[SensorRow, ...] = ()
        self.setMinimumSize(170, 40)
        self.say("Sensors", "No sensor yet.")

    def sizeHint(self) -> QSize:  # noqa: N802
        """All rows with their second lines."""
        return QSize(320, round(ROW * max(len(self.rows), 1)))

    def show_values(self, rows: Iterable[SensorRow]) -> None:
        """Show these sensors."""
        shown = tuple(rows)
        if shown == self.rows:
            return
        if len(shown) != len(self.rows):
            self.updateGeometry()
        self.rows = shown
        self.say("Sensors", "\n".join(told(row) for row in shown) or "No sensor yet.")
        self.update()

    def visible_rows(self) -> tuple[SensorRow, ...]:
        """The rows that fit, in the order given."""
        room = max(int(self.height() / LEAST), 1)
        if len(self.rows) <= room:
            return self.rows
        first = sorted(range(len(self.rows)), key=lambda k: (ORDER[self.rows[k].light.status], k))[: room - 1]
        return tuple(self.rows[k] for k in sorted(first))

    def draw(self, painter: QPainter) -> None:
        """Draw what is shown."""
        rows = self.visible_rows()
        hidden = len(self.rows) - len(rows)
        height = min(max(self.height() / max(len(rows) + (hidden > 0), 1), LEAST), ROW)
        for number, row in enumerate(rows):
            self._draw_row(painter, QRectF(0, number * height, self.width(), height), row)
        if hidden:
            box = QRectF(4, len(rows) * height, self.width() - 8, height)
            draw_text(painter, box, f"and {hidden} more", self.colors.muted, largest=14)

    def _draw_row(self, painter: QPainter, box: QRectF, row: SensorRow) -> None:
        colors = self.colors
        color = theme.status_color(colors, row.light.status)
        two = box.height() >= 36
        first = QRectF(box.left(), box.top(), box.width(), box.height() * (0.56 if two else 1))
        side = min(first.height() * 0.7, 20)
        mark = QRectF(box.left() + 2, first.center().y() - side / 2, side, side)
        theme.draw_shape(painter, mark, theme.SHAPES[row.light.status], color)
        left, width = box.left() + side + 10, box.width() - side - 12
        battery = row.battery_pct is not None
        cell = QRectF(box.right() - 32, first.center().y() - 6, 26, 12)
        words = width - (38 if battery else 0)
        name = QRectF(left, first.top(), words * 0.56, first.height())
        draw_text(painter, name, shown_name(row), colors.ink, largest=16, smallest=11, bold=True)
        said = row.said if row.said and row.light.status is Status.GOOD else row.light.word
        word = QRectF(name.right() + 4, first.top(), words * 0.44 - 8, first.height())
        draw_text(painter, word, said, color, largest=16, smallest=11, bold=True, align=RIGHT)
        if battery:
            self._draw_battery(painter, cell, row.battery_pct or 0)
        if two:
            low = QRectF(left, first.bottom(), width, box.bottom() - first.bottom())
            draw_text(painter, low, second_line(row), colors.muted, largest=13, smallest=11)
        painter.setPen(QPen(QColor(colors.grid), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())

    def _draw_battery(self, painter: QPainter, cell: QRectF, pct: int) -> None:
        colors, share = self.colors, min(max(pct, 0), 100) / 100
        low = pct <= LOW_BATTERY_PCT
        color = QColor(colors.red if low else colors.muted)
        painter.setPen(QPen(color, 1.5))
        painter.setBrush(QColor(colors.paper))
        painter.drawRect(cell)
        painter.fillRect(QRectF(cell.right(), cell.top() + 3, 3, cell.height() - 6), color)
        painter.fillRect(cell.adjusted(2, 2, -2 - (cell.width() - 4) * (1 - share), -2), color)


def shown_name(row: SensorRow) -> str:
    """Where it sits, or its own name.

    Examples
    --------
    >>> from emgsmr.gui.screen import Light, Status
    >>> shown_name(SensorRow("uMyo-07", "umyo", "", Light(Status.GOOD, "good"), 1, sites=("GMAX_R",)))
    'GMAX R'
    """
    sites = [site.replace("_", " ") for site in row.sites if site]
    return " · ".join(sites) or row.name


def second_line(row: SensorRow) -> str:
    """Why it is as it is; without a reason its name, what is lost, and its battery."""
    if row.light.reason:
        return row.light.reason
    battery = f"battery {row.battery_pct} %" if row.battery_pct is not None else ""
    parts = [row.name if shown_name(row) != row.name else "", row.loss_text, battery]
    return " · ".join(part for part in parts if part)


def told(row: SensorRow) -> str:
    """A row in words, for screen readers."""
    battery = f"battery {row.battery_pct} %" if row.battery_pct is not None else ""
    parts = (shown_name(row), row.light.word, row.said, row.light.reason, row.loss_text, battery)
    return ", ".join(part for part in parts if part)
