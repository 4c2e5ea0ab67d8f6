"""A task with its time: a ring that fills, the seconds in it, what to do beside it, and a clear "enough"."""

from __future__ import annotations

import math

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from emgsmr.gui.screen import Countdown
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import CENTER, Canvas, clock, draw_lines, draw_text


class CountdownView(Canvas):
    """The countdown of rest, baseline or a maximal contraction."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.countdown: Countdown | None = None
        self.setMinimumSize(240, 100)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Ring and words."""
        return QSize(700, 260)

    @property
    def left(self) -> str:
        """What stands in the ring."""
        if self.countdown is None:
            return ""
        left = self.countdown.left_s
        if not math.isfinite(left):
            return "–"
        return f"{max(math.ceil(left), 0)}" if left < 100 else clock(left)

    @property
    def progress(self) -> float:
        """How much of the ring is filled, 0 to 1."""
        value = self.countdown.progress if self.countdown else 0.0
        return min(max(value, 0.0), 1.0) if math.isfinite(value) else 0.0

    def show_values(self, countdown: Countdown | None) -> None:
        """Show a countdown; None clears it."""
        if countdown == self.countdown:
            return
        self.countdown = countdown
        if countdown is None:
            self.say("")
        else:
            enough = "Enough. " if countdown.enough else f"{self.left} s left. "
            self.say(countdown.title, f"{enough}{countdown.cue} {countdown.text}".strip())
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw what is shown."""
        task = self.countdown
        if task is None:
            return
        colors = self.colors
        side = min(self.height() - 8.0, self.width() * 0.36)
        ring = QRectF(4, (self.height() - side) / 2, side, side)
        width = side * 0.09
        arc = ring.adjusted(width, width, -width, -width)
        painter.setPen(QPen(QColor(colors.grid), width))
        painter.drawEllipse(arc)
        color = colors.blue if task.enough else colors.orange
        painter.setPen(QPen(QColor(color), width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawArc(arc, 90 * 16, -round(self.progress * 360 * 16))
        number = arc.adjusted(width, arc.height() * 0.24, -width, -arc.height() * 0.3)
        draw_text(painter, number, self.left, colors.ink, largest=140, smallest=18, bold=True, align=CENTER)
        unit = QRectF(arc.left(), number.bottom(), arc.width(), arc.height() * 0.14)
        draw_text(
            painter, unit, "seconds" if self.left.isdigit() else "", colors.muted, largest=20, align=CENTER
        )
        self._draw_words(
            painter, QRectF(ring.right() + 20, ring.top(), self.width() - ring.right() - 28, side), task
        )

    def _draw_words(self, painter: QPainter, box: QRectF, task: Countdown) -> None:
        colors, height = self.colors, box.height()
        title = QRectF(box.left(), box.top(), box.width(), height * 0.26)
        draw_text(painter, title, task.title, colors.ink, largest=56, smallest=18, bold=True)
        cue = QRectF(box.left(), title.bottom(), box.width(), height * 0.28)
        draw_lines(painter, cue, task.cue, colors.ink, height=min(max(height * 0.11, 15), 28))
        text = QRectF(box.left(), cue.bottom(), box.width(), height * 0.24)
        draw_lines(painter, text, task.text, colors.muted, height=min(max(height * 0.09, 13), 22))
        if task.enough:
            low = QRectF(box.left(), text.bottom(), box.width(), height * 0.22)
            side = min(low.height() * 0.7, 40)
            mark = QRectF(low.left(), low.center().y() - side / 2, side, side)
            theme.draw_shape(painter, mark, "circle", colors.blue)
            draw_text(
                painter,
                low.adjusted(side + 10, 0, 0, 0),
                "enough",
                colors.blue,
                largest=48,
                smallest=16,
                bold=True,
            )
