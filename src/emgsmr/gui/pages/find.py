"""Find sensors: what is in range, and what to do when nothing is."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QWidget

from emgsmr.gui.pages.page import Page, Panel, Words
from emgsmr.gui.screen import Screen, SensorRow
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import RIGHT, Canvas, draw_text

ROW, LEAST = 60.0, 28.0
STEPS = (
    ("Switch them on", "All sensors; a heart rate strap and a foot pod come along if you say so (H)."),
    ("Look for them", "Each shows up with its signal and its battery. Nearer is better."),
    ("Connect", "They begin to send. Nothing is recorded yet."),
    ("Then", "name the muscles, check the signals, stand, run. The recording begins after the check."),
)


class FoundView(Canvas):
    """Sensors in range: name, family, channels, strength of the radio signal, battery."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.rows: tuple[SensorRow, ...] = ()
        self.setMinimumSize(300, 120)
        self.say("Sensors in range", "None yet.")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """All rows."""
        return QSize(560, round(ROW * max(len(self.rows), 1)))

    def show_values(self, rows: tuple[SensorRow, ...]) -> None:
        """Show these sensors."""
        if rows == self.rows:
            return
        self.rows = rows
        self.say(
            "Sensors in range", "\n".join(f"{row.name}, {second_line(row)}" for row in rows) or "None yet."
        )
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw."""
        if not self.rows:
            draw_text(painter, QRectF(0, 0, self.width(), 40), "No sensor yet", self.colors.muted, largest=18)
        height = min(max(self.height() / max(len(self.rows), 1), LEAST), ROW)
        for number, row in enumerate(self.rows):
            self._draw_row(painter, QRectF(0, number * height, self.width(), height), row)

    def _draw_row(self, painter: QPainter, box: QRectF, row: SensorRow) -> None:
        colors, two = self.colors, box.height() >= 44
        color = theme.status_color(colors, row.light.status)
        inner = box.adjusted(4, 4, -4, -4)
        first = QRectF(inner.left(), inner.top(), inner.width(), inner.height() * (0.56 if two else 1))
        side = min(first.height() * 0.75, 20)
        mark = QRectF(first.left(), first.center().y() - side / 2, side, side)
        theme.draw_shape(painter, mark, theme.SHAPES[row.light.status], color)
        left, width = first.left() + side + 10, first.width() - side - 10
        name = QRectF(left, first.top(), width * 0.55, first.height())
        draw_text(painter, name, row.name, colors.ink, largest=19, smallest=12, bold=True)
        word = QRectF(name.right(), first.top(), width * 0.45, first.height())
        draw_text(painter, word, row.light.word, color, largest=17, smallest=12, bold=True, align=RIGHT)
        if two:
            low = QRectF(left, first.bottom(), width, inner.bottom() - first.bottom())
            draw_text(painter, low, second_line(row), colors.muted, largest=14, smallest=11)
        painter.setPen(QPen(QColor(colors.grid), 1))
        painter.drawLine(box.bottomLeft(), box.bottomRight())


def second_line(row: SensorRow) -> str:
    """What it is, how strong its radio signal and its battery are, and what to do about it."""
    channels = "no EMG" if not row.n_channels else "1 channel"
    if row.n_channels > 1:
        channels = f"up to {row.n_channels} channels"
    battery = f"battery {row.battery_pct} %" if row.battery_pct is not None else ""
    signal = f"{row.rssi_dbm} dBm".replace("-", "−") if row.rssi_dbm is not None else ""
    parts = (row.family, channels, signal, battery, row.light.reason)
    return " · ".join(part for part in parts if part)


class FindPage(Page):
    """Find sensors."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.found = FoundView()
        found = Panel("Sensors in range")
        found.rows.addWidget(self.found, 1)
        steps = Panel("How it goes")
        for number, (name, text) in enumerate(STEPS, start=1):
            steps.rows.addWidget(Words(20, f"{number}  {name}", bold=True))
            steps.rows.addWidget(Words(theme.TEXT, text, muted=True))
            steps.rows.addSpacing(6)
        steps.rows.addStretch(1)
        steps.rows.addWidget(
            Words(
                theme.SMALL,
                "For education, training and research; not a medical device. Sensors on intact skin only, "
                "and never while they charge. Stop when something hurts.",
                muted=True,
            )
        )
        self.body.addWidget(found, 62)
        self.body.addWidget(steps, 38)

    def show_body(self, screen: Screen) -> None:
        """The sensors."""
        self.found.show_values(screen.sensors)
