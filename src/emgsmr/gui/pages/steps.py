"""Where the user is on the way from sensors to summary."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from emgsmr.gui.screen import Step
from emgsmr.gui.widgets.canvas import CENTER, Canvas, draw_text

NAMES = {
    Step.FIND: "Find",
    Step.PLACE: "Place",
    Step.CHECK: "Check",
    Step.CALIBRATE: "Calibrate",
    Step.RUN: "Run",
    Step.PROTOCOL: "Compare",
    Step.AFTER: "Summary",
}
TASKS = (Step.RUN, Step.PROTOCOL)


class StepsBar(Canvas):
    """All steps: done ones are ticked, the present one is filled."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.step: Step | None = None
        self.task = Step.RUN
        """What is recorded: a run, or before and after."""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(40)

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """One row."""
        return QSize(600, 40)

    def show_values(self, step: Step) -> None:
        """Show where the user is."""
        if step is self.step:
            return
        self.step = step
        if step in TASKS:
            self.task = step
        order = self.order
        self.say(f"Step {order.index(step) + 1} of {len(order)}: {NAMES[step]}")
        self.update()

    @property
    def order(self) -> list[Step]:
        """The steps of this way."""
        return [step for step in NAMES if step is self.task or step not in TASKS]

    def draw(self, painter: QPainter) -> None:
        """Draw."""
        if self.step is None:
            return
        order = self.order
        now, width = order.index(self.step), self.width() / len(order)
        for number, step in enumerate(order):
            box = QRectF(number * width, 0, width, self.height())
            self._draw_step(painter, box, number, NAMES[step], now)

    def _draw_step(self, painter: QPainter, box: QRectF, number: int, name: str, now: int) -> None:
        colors = self.colors
        center, r = QPointF(box.left() + 20, box.center().y()), 13.0
        ring = QRectF(center.x() - r, center.y() - r, 2 * r, 2 * r)
        present, done = number == now, number < now
        painter.setPen(QPen(QColor(colors.blue if present or done else colors.line), 2))
        painter.setBrush(QColor(colors.blue if present else colors.ground))
        painter.drawEllipse(ring)
        if done:
            x, y = center.x(), center.y()
            painter.drawPolyline([QPointF(x - 5, y), QPointF(x - 1, y + 4), QPointF(x + 6, y - 5)])
        else:
            ink = colors.on_color if present else colors.muted
            draw_text(painter, ring, f"{number + 1}", ink, largest=15, bold=True, align=CENTER)
        text = QRectF(ring.right() + 8, box.top(), box.width() - 2 * r - 32, box.height())
        draw_text(
            painter,
            text,
            name,
            colors.ink if present else colors.muted,
            largest=17,
            smallest=11,
            bold=present,
        )
