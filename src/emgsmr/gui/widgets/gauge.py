"""One pair on one side against its own baseline band: number, word and needle, read in half a second.

The axis is logarithmic (twice as much and half as much are equally far from the middle) and stands still, so
that the same place means the same change at every glance; what lies beyond is an arrow at its end.
"""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPen, QPolygonF
from PySide6.QtWidgets import QWidget

from emgsmr.gui.screen import Gauge, Status
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import LEFT, RIGHT, Canvas, draw_lines, draw_text, finite, percent

REACH = math.log(1.6)
"""The axis ends at +60 % and -37.5 %: twice the 25 % that the detector is judged by, and a little more."""

LOW = 80.0
"""Pixels below which number and word do not fit below each other so that both can be read."""


def position(change_pct: float, reach: float = REACH) -> float:
    """Place on the axis, -1 to 1; beyond it is cut.

    Examples
    --------
    >>> position(0), position(60), position(-100), round(position(25), 2) == -round(position(-20), 2)
    (0.0, 1.0, -1.0, True)
    """
    ratio = max(1 + change_pct / 100, 1e-9)
    return min(max(math.log(ratio) / reach, -1.0), 1.0)


def reach_of(band: tuple[float, float] | None) -> float:
    """Half-width of the axis: `REACH`, or as much as a wide band needs."""
    if band is None:
        return REACH
    ends = [abs(math.log(max(1 + end / 100, 1e-3))) for end in band]
    return max(REACH, 1.4 * max(ends))


class ShareGauge(Canvas):
    """The gauge of one pair on one side."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gauge: Gauge | None = None
        self.setMinimumSize(180, 34)

    def sizeHint(self) -> QSize:  # noqa: N802
        """Two beside each other on a laptop."""
        return QSize(420, 180)

    @property
    def value(self) -> float | None:
        """What is shown as a number; None where there is none."""
        return finite(self.gauge.value_pct) if self.gauge else None

    @property
    def band(self) -> tuple[float, float] | None:
        """The band that is shown."""
        band = self.gauge.band_pct if self.gauge else None
        if band is None or finite(band[0]) is None or finite(band[1]) is None:
            return None
        return (min(band), max(band))

    @property
    def number(self) -> str:
        """The large text."""
        return percent(self.value)

    def show_values(self, gauge: Gauge | None) -> None:
        """Show a gauge; nothing happens where it looks as it did."""
        before, self.gauge = self.gauge, gauge
        if before is not None and gauge is not None and self._looks(before) == self._looks(gauge):
            return
        if gauge == before:
            return
        if gauge is None:
            self.say("")
        else:
            self.say(f"{gauge.title}: {self.number}, {gauge.word}", gauge.text)
        self.update()

    def _looks(self, gauge: Gauge) -> tuple[object, ...]:
        """What can be seen of a gauge: the number whole, the needle to the pixel."""
        value = finite(gauge.value_pct)
        place = None if value is None else round(position(value) * self.width() / 2)
        return percent(value), place, gauge.band_pct, gauge.status, gauge.title, gauge.word, gauge.text

    def draw(self, painter: QPainter) -> None:
        """Draw what is shown."""
        gauge = self.gauge
        if gauge is None:
            return
        colors = self.colors
        color = theme.status_color(colors, gauge.status)
        card = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        alarm = gauge.status in (Status.WARN, Status.BAD)
        ground = QColor(theme.status_fill(colors, gauge.status)[0])
        ground.setAlphaF(0.18 if alarm else 0.0)
        painter.setPen(QPen(QColor(color if alarm else colors.grid), 3 if alarm else 1))
        painter.setBrush(QColor(colors.paper))
        painter.drawRoundedRect(card, theme.RADIUS, theme.RADIUS)
        painter.setBrush(ground)
        painter.drawRoundedRect(card, theme.RADIUS, theme.RADIUS)
        inner = card.adjusted(12, 6, -12, -6)
        self._draw_parts(painter, inner, gauge, color)

    def _draw_parts(self, painter: QPainter, inner: QRectF, gauge: Gauge, color: str) -> None:
        colors, height, low_card = self.colors, inner.height(), inner.height() < LOW
        side = height * 0.55 if low_card else min(height * 0.4, inner.width() * 0.16, 84.0)
        words = inner.adjusted(side + 12, 0, 0, 0)
        if low_card:  # the number over the whole height, all else beside it
            number = QRectF(words.left(), words.top(), words.width() * 0.34, height)
            words.setLeft(number.right() + 8)
            title = QRectF(words.left(), words.top(), words.width(), max(height * 0.28, 11.0))
            axis = QRectF(words.left(), inner.bottom() - height * 0.28, words.width(), height * 0.28)
            word = QRectF(words.left(), title.bottom(), words.width(), axis.top() - title.bottom())
            mark = QRectF(inner.left(), inner.center().y() - side / 2, side, side)
        else:
            title = QRectF(inner.left(), inner.top(), inner.width(), min(max(height * 0.13, 13.0), 26.0))
            axis_height = min(max(height * 0.18, 12.0), 44.0)
            axis = QRectF(inner.left(), inner.bottom() - axis_height, inner.width(), axis_height)
            room = axis.top() - 2 - title.bottom()
            number = QRectF(words.left(), title.bottom(), words.width(), room * 0.58)
            word = QRectF(words.left(), number.bottom(), words.width(), room * 0.42)
            mark = QRectF(inner.left(), title.bottom() + (room - side) / 2, side, side)
        draw_text(painter, title, gauge.title, colors.muted, largest=20, smallest=11)
        theme.draw_shape(painter, mark, theme.SHAPES[gauge.status], color)
        said = gauge.word or theme.WORDS[gauge.status]
        if self.value is not None:
            draw_text(painter, number, self.number, colors.ink, largest=120, smallest=16, bold=True)
            draw_text(
                painter, word, said, color, largest=min(44, number.height() * 0.7), smallest=13, bold=True
            )
            self._draw_axis(painter, axis, self.value, color)
        elif low_card:
            both = QRectF(
                number.left(), title.bottom(), inner.right() - number.left(), inner.bottom() - title.bottom()
            )
            draw_text(painter, both, said, color, largest=36, smallest=13, bold=True)
        else:
            draw_text(painter, number, said, color, largest=48, smallest=14, bold=True)
            why = QRectF(word.left(), word.top(), word.width(), axis.bottom() - word.top())
            draw_lines(painter, why, gauge.text, colors.ink, height=theme.TEXT)

    def _draw_axis(self, painter: QPainter, box: QRectF, value: float, color: str) -> None:
        colors, band = self.colors, self.band
        reach = reach_of(band)
        half, center = box.width() / 2 - 8, box.center().x()
        bar = QRectF(box.left(), box.bottom() - box.height() * 0.6, box.width(), box.height() * 0.5)

        def x_of(pct: float) -> float:
            return center + half * position(pct, reach)

        painter.setPen(QPen(QColor(colors.line), 1))
        painter.setBrush(QColor(colors.muscle))
        painter.drawRoundedRect(bar, bar.height() / 2, bar.height() / 2)
        if band is not None:
            usual = QRectF(QPointF(x_of(band[0]), bar.top()), QPointF(x_of(band[1]), bar.bottom()))
            painter.setBrush(QBrush(QColor(colors.line)))
            painter.setPen(Qt.PenStyle.NoPen)
            painter.drawRect(usual)
        painter.setPen(QPen(QColor(colors.ink), 2))
        painter.drawLine(QPointF(center, bar.top() - 3), QPointF(center, bar.bottom() + 3))
        if band is None:
            draw_text(painter, bar.adjusted(10, 0, 0, 0), "less", colors.muted, largest=14, align=LEFT)
            draw_text(painter, bar.adjusted(0, 0, -10, 0), "more", colors.muted, largest=14, align=RIGHT)
        self._draw_needle(painter, bar, box.top(), x_of(value), _beyond(value, reach), color)

    def _draw_needle(
        self, painter: QPainter, bar: QRectF, top: float, x: float, beyond: int, color: str
    ) -> None:
        painter.setPen(QPen(QColor(self.colors.paper), 1.5))
        painter.setBrush(QColor(color))
        width = max(bar.height() * 0.55, 7.0)
        if beyond:  # an arrow that points out of the axis
            y, tip = bar.center().y(), x + beyond * width
            height = bar.height() * 0.95
            shape = [
                QPointF(tip, y),
                QPointF(x - beyond * width, y - height),
                QPointF(x - beyond * width, y + height),
            ]
        else:
            shape = [
                QPointF(x - width, top - 2),
                QPointF(x + width, top - 2),
                QPointF(x + width * 0.35, bar.bottom() + 3),
                QPointF(x - width * 0.35, bar.bottom() + 3),
            ]
        painter.drawPolygon(QPolygonF(shape))


def _beyond(value: float, reach: float) -> int:
    at = position(value, reach)
    return 1 if at >= 1 else -1 if at <= -1 else 0
