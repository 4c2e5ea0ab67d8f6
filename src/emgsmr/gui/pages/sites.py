"""The muscles of the plan as rows: light, name, channel, and how strongly each is contracted."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter, QPen
from PySide6.QtWidgets import QWidget

from emgsmr.gui.screen import SiteRow
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import RIGHT, Canvas, draw_text

ROW, LEAST = 54.0, 24.0
"""Heights of a row in pixels: with its second line, and the least that can be read."""
STEPS = 40
"""Levels that are told apart: finer changes are not worth a repaint."""


class SitesView(Canvas):
    """A list of muscles; a click or the arrow keys tell by ``picked`` which one is meant."""

    picked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[SiteRow, ...] = ()
        self.selected = ""
        self._drawn: object = None
        self.setMinimumSize(260, 120)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.say("Muscles", "No muscle yet.")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """All rows with their second lines."""
        return QSize(420, round(ROW * max(len(self.rows), 1)))

    def show_values(self, rows: Iterable[SiteRow], selected: str) -> None:
        """Show these muscles, one of them selected (none if empty)."""
        shown = tuple(rows)
        drawn = (
            selected,
            tuple((r.site, r.sensor, r.channel, r.light, _bar(r), r.contracted) for r in shown),
        )
        if drawn == self._drawn:
            return
        if len(shown) != len(self.rows):
            self.updateGeometry()
        self.rows, self.selected, self._drawn = shown, selected, drawn
        self.say("Muscles", "\n".join(_told(row) for row in shown) or "No muscle yet.")
        self.update()

    def row_box(self, number: int) -> QRectF:
        """Where a row is drawn."""
        height = min(max(self.height() / max(len(self.rows), 1), LEAST), ROW)
        return QRectF(0, number * height, self.width(), height)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802
        """Pick the row that was clicked."""
        number = int(event.position().y() // self.row_box(0).height())
        if number < len(self.rows):
            self.picked.emit(self.rows[number].site)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802
        """Pick the row above or below."""
        step = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}.get(Qt.Key(event.key()), 0)
        if not step or not self.rows:
            super().keyPressEvent(event)
            return
        sites = [row.site for row in self.rows]
        at = sites.index(self.selected) + step if self.selected in sites else 0
        self.picked.emit(sites[min(max(at, 0), len(sites) - 1)])

    def draw(self, painter: QPainter) -> None:
        """Draw."""
        for number, row in enumerate(self.rows):
            self._draw_row(painter, self.row_box(number), row)

    def _draw_row(self, painter: QPainter, box: QRectF, row: SiteRow) -> None:
        colors, two = self.colors, box.height() >= 40
        if row.site == self.selected:
            painter.setPen(QPen(QColor(colors.blue), 4 if self.hasFocus() else 2))
            painter.setBrush(QColor(colors.muscle))
            painter.drawRoundedRect(box.adjusted(1, 2, -1, -2), theme.RADIUS, theme.RADIUS)
        color = theme.status_color(colors, row.light.status)
        inner = box.adjusted(8, 4, -8, -4)
        first = QRectF(inner.left(), inner.top(), inner.width(), inner.height() * (0.55 if two else 1))
        side = min(first.height() * 0.75, 18)
        mark = QRectF(first.left(), first.center().y() - side / 2, side, side)
        theme.draw_shape(painter, mark, theme.SHAPES[row.light.status], color)
        left, width = first.left() + side + 10, first.width() - side - 10
        name = QRectF(left, first.top(), width * 0.68, first.height())
        draw_text(painter, name, sentence(row.name), colors.ink, largest=17, smallest=12, bold=True)
        word = QRectF(name.right() + 8, first.top(), width * 0.32 - 8, first.height())
        draw_text(painter, word, row.light.word, color, largest=16, smallest=12, bold=True, align=RIGHT)
        if two:
            low = QRectF(left, first.bottom(), width, inner.bottom() - first.bottom())
            text = QRectF(low.left(), low.top(), low.width() - (150 if row.sensor else 0), low.height())
            draw_text(painter, text, second_line(row), colors.muted, largest=14, smallest=11)
            if row.sensor:
                self._draw_bar(painter, QRectF(low.right() - 140, low.center().y() - 5, 140, 10), row)
        painter.setPen(QPen(QColor(colors.grid), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())

    def _draw_bar(self, painter: QPainter, box: QRectF, row: SiteRow) -> None:
        """How strongly it is contracted now; filled to its frame's end and ticked once the test is passed."""
        colors = self.colors
        painter.setPen(QPen(QColor(colors.line), 1))
        painter.setBrush(QColor(colors.ground))
        bar = box.adjusted(0, 0, -18, 0)
        painter.drawRoundedRect(bar, 4, 4)
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(QColor(colors.blue))
        painter.drawRoundedRect(QRectF(bar.left(), bar.top(), bar.width() * _bar(row), bar.height()), 4, 4)
        if row.contracted:
            painter.setPen(QPen(QColor(colors.blue), 2.5))
            x, y = bar.right() + 5, box.center().y()
            painter.drawPolyline(
                [
                    QRectF(x, y, 0, 0).topLeft(),
                    QRectF(x + 4, y + 4, 0, 0).topLeft(),
                    QRectF(x + 12, y - 5, 0, 0).topLeft(),
                ]
            )


def sentence(name: str) -> str:
    """With a capital at its beginning.

    Examples
    --------
    >>> sentence("right gluteus maximus")
    'Right gluteus maximus'
    """
    return name[:1].upper() + name[1:]


def channel_name(sensor: str, channel: int) -> str:
    """A channel for people, who count from 1; nothing without a sensor.

    Examples
    --------
    >>> channel_name("NPG-THL", 1), channel_name("", 0)
    ('NPG-THL, channel 2', '')
    """
    return f"{sensor}, channel {channel + 1}" if sensor else ""


def second_line(row: SiteRow) -> str:
    """Why its light is as it is; without a reason which channel it has, and how strong it was."""
    if row.light.reason:
        return row.light.reason
    strong = f"{row.times_rest:.0f} times its rest" if row.times_rest else ""
    return " · ".join(part for part in (channel_name(row.sensor, row.channel), strong) if part)


def _bar(row: SiteRow) -> float:
    return round(min(max(row.level, 0.0), 1.0) * STEPS) / STEPS if row.level == row.level else 0.0


def _told(row: SiteRow) -> str:
    channel = channel_name(row.sensor, row.channel) or "not placed"
    parts = (row.name, channel, row.light.word, row.light.reason, "contracted" if row.contracted else "")
    return ", ".join(part for part in parts if part)
