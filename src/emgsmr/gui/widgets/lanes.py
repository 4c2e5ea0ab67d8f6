"""What lies behind and beside the lines of the time line: bands, episodes, names, values; and marks above.

One item draws all lanes, so that hundreds of episodes cost one paint and no objects.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import pyqtgraph as pg
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QBrush, QColor, QFontMetricsF, QPainter, QPen, QTransform
from PySide6.QtWidgets import QStyleOptionGraphicsItem, QWidget

from emgsmr.gui.screen import Mark
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import draw_text, font_of, percent

REACH = math.log(1.5)

PHASES_PX, TAG_PX = 16, 18
"""Heights of the phases' bands, and of a row of marks' names."""

ASIDE_PX = 160
"""A name may stand so far right of its line where others are in its way."""

UNTOLD = frozenset({"pause"})
"""Phases that are no news: between two others that are shown."""


@dataclass(frozen=True, slots=True)
class Lane:
    """One lane: ``band`` and ``last`` in %, episodes as begin, end and tier."""

    title: str
    band: tuple[float, float] | None
    episodes: tuple[tuple[float, float, int], ...]
    last: float


def lane_y(number: int, height: float) -> float:
    """Place on the plot's axis: lane 0 is the highest, ``height`` from -1 to 1; its name is above."""
    return -number - 0.13 + 0.35 * height


def _height(pct: float) -> float:
    return min(max(math.log(max(1 + pct / 100, 1e-6)) / REACH, -1.0), 1.0)


class Overlay(pg.GraphicsObject):  # type: ignore[misc]
    """Something that lies over the whole plot and is drawn in pixels."""

    def __init__(self, z: float) -> None:
        super().__init__()
        self.colors = theme.LIGHT
        self.setZValue(z)

    def recolor(self, colors: theme.Colors) -> None:
        """Draw in these colors."""
        self.colors = colors
        self.update()

    def boundingRect(self) -> QRectF:  # noqa: N802
        """All that can be seen."""
        view = self.getViewBox()
        return QRectF(view.viewRect()) if view is not None else QRectF()

    def viewTransformChanged(self) -> None:  # noqa: N802
        """The part that can be seen has changed."""
        self.prepareGeometryChange()
        self.update()

    def paint(
        self, painter: QPainter, _option: QStyleOptionGraphicsItem, _widget: QWidget | None = None
    ) -> None:
        """Draw, in pixels."""
        to_pixels = painter.worldTransform()
        painter.resetTransform()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        self.draw(painter, to_pixels.mapRect(self.boundingRect()), to_pixels)

    def draw(self, painter: QPainter, box: QRectF, to_pixels: QTransform) -> None:
        """Draw into a box of pixels."""
        raise NotImplementedError  # each has its own; Qt's metaclass leaves no room for an abstract class


class Lanes(Overlay):
    """All lanes' grounds, below the lines."""

    def __init__(self) -> None:
        super().__init__(-10)
        self.lanes: tuple[Lane, ...] = ()
        self.now_s = 0.0
        self.hidden = 0

    def show_values(self, lanes: Sequence[Lane], now_s: float, *, hidden: int) -> None:
        """Draw these; ``hidden`` more had no room."""
        self.lanes, self.now_s, self.hidden = tuple(lanes), now_s, hidden
        self.update()

    def draw(self, painter: QPainter, box: QRectF, to_pixels: QTransform) -> None:
        """Draw each lane."""
        present = to_pixels.map(QPointF(self.now_s, 0.0)).x()
        for number, lane in enumerate(self.lanes):
            top = to_pixels.map(QPointF(0, lane_y(number, 1.0))).y()
            bottom = to_pixels.map(QPointF(0, lane_y(number, -1.0))).y()
            head = to_pixels.map(QPointF(0, 0.5 - number)).y()
            row = QRectF(box.left(), top, box.width(), bottom - top)
            name = QRectF(box.left() + 6, head + 1, box.width() * 0.6, top - head - 1)
            self._draw_lane(painter, row, present, lane, to_pixels)
            last = number == len(self.lanes) - 1 and self.hidden > 0
            title = f"{lane.title}  (+ {self.hidden} more in a larger window)" if last else lane.title
            draw_text(painter, name, title, self.colors.ink, largest=15, smallest=9, bold=True)

    def _draw_lane(
        self, painter: QPainter, row: QRectF, present: float, lane: Lane, to_pixels: QTransform
    ) -> None:
        colors, half, middle = self.colors, row.height() / 2, row.center().y()
        painter.setPen(QPen(QColor(colors.grid), 1))
        painter.drawLine(QPointF(row.left(), row.bottom() + 2), QPointF(row.right(), row.bottom() + 2))
        if lane.band is not None and all(map(math.isfinite, lane.band)):
            top, bottom = (middle - half * _height(pct) for pct in (max(lane.band), min(lane.band)))
            painter.fillRect(
                QRectF(row.left(), top, present - row.left(), bottom - top), QColor(colors.muscle)
            )
        painter.setPen(QPen(QColor(colors.line), 1, Qt.PenStyle.DotLine))
        painter.drawLine(QPointF(row.left(), middle), QPointF(present, middle))
        self._draw_episodes(painter, row, lane, to_pixels)
        if math.isfinite(lane.last):
            y = min(max(middle - half * _height(lane.last), row.top() + 8), row.bottom() - 8)
            value = QRectF(present + 6, y - 12, row.right() - present - 8, 24)
            draw_text(painter, value, percent(lane.last), colors.ink, largest=20, smallest=11, bold=True)

    def _draw_episodes(self, painter: QPainter, row: QRectF, lane: Lane, to_pixels: QTransform) -> None:
        color = QColor(self.colors.orange)
        tint = QColor(self.colors.flag)
        tint.setAlphaF(0.25)
        size = min(12.0, row.height() * 0.25)
        free = -math.inf  # where the next sign has room
        painted = -math.inf
        for begin, end, tier in lane.episodes:
            if not math.isfinite(begin):
                continue
            end = min(end, self.now_s) if math.isfinite(end) else self.now_s
            left, right = (to_pixels.map(QPointF(t, 0.0)).x() for t in (begin, max(end, begin)))
            if right < row.left() or left > row.right() or right < painted + 1:
                continue  # outside, or less than a pixel more than what is shaded already
            painted = right
            left = max(left, row.left())
            span = QRectF(left, row.top(), max(right - left, 2.0), row.height())
            if tier > 0:
                painter.fillRect(span, tint)
                painter.fillRect(span, QBrush(tint, Qt.BrushStyle.FDiagPattern))
            painter.fillRect(QRectF(left, row.top(), 2, row.height()), color)
            if left >= free:
                theme.draw_tier(
                    painter, QPointF(left + 4, row.bottom() - size - 2), size, tier, self.colors.orange
                )
                free = left + 8 + size * max(min(tier, 3), 1)


class Marks(Overlay):
    """A strip above the lanes: phases as named bands, and below them the names of marks, with their lines."""

    def __init__(self) -> None:
        super().__init__(10)
        self.marks: tuple[Mark, ...] = ()
        self.phases: tuple[Mark, ...] = ()
        self.now_s = 0.0
        self.rows = 1

    def show_values(self, marks: Sequence[Mark], now_s: float, *, rows: int = 1) -> None:
        """Draw these; names of marks that are close together have ``rows`` rows."""
        known = sorted((m for m in marks if math.isfinite(m.t_s)), key=lambda m: m.t_s)
        self.phases = tuple(m for m in known if m.kind == "phase")
        self.marks = tuple(m for m in known if m.kind != "phase")
        self.now_s, self.rows = now_s, rows
        self.update()

    def draw(self, painter: QPainter, box: QRectF, to_pixels: QTransform) -> None:
        """Draw what can be seen."""
        self._draw_phases(painter, QRectF(box.left(), box.top(), box.width(), PHASES_PX - 2), to_pixels)
        colors, free = self.colors, [-math.inf] * max(self.rows, 1)
        font = QFontMetricsF(font_of(12, bold=True))
        top = box.top() + PHASES_PX
        for mark in self.marks:
            x = to_pixels.map(QPointF(mark.t_s, 0.0)).x()
            if not box.left() <= x <= box.right():
                continue
            text = mark.text or mark.kind
            width = min(font.horizontalAdvance(text) + 10, 170.0)
            row = min(range(len(free)), key=lambda row: (max(free[row], x), row))
            left = min(max(x, free[row]), box.right() - width)
            begin = top + row * TAG_PX
            painter.setPen(QPen(QColor(colors.blue), 1, Qt.PenStyle.DashLine))
            painter.drawLine(QPointF(x, begin), QPointF(x, box.bottom()))
            if left < free[row] or left - x > ASIDE_PX:
                continue  # its line is there; a name over another name would be read by nobody
            tag = QRectF(left, begin, width, TAG_PX - 2)
            painter.setPen(QPen(QColor(colors.blue), 1))
            painter.drawLine(QPointF(x, tag.bottom()), tag.bottomLeft())
            painter.fillRect(tag, QColor(colors.blue))
            draw_text(painter, tag.adjusted(5, 0, -3, 0), text, colors.on_color, largest=12, bold=True)
            free[row] = left + width + 3

    def _draw_phases(self, painter: QPainter, strip: QRectF, to_pixels: QTransform) -> None:
        """Each phase until the next one; its name where that fits."""
        font = QFontMetricsF(font_of(11))
        ends = (*(phase.t_s for phase in self.phases[1:]), self.now_s)
        for phase, end in zip(self.phases, ends, strict=False):  # without phases one end is left over
            if phase.text in UNTOLD:
                continue
            left, right = (to_pixels.map(QPointF(t, 0.0)).x() for t in (phase.t_s, end))
            left, right = max(left, strip.left()), min(right, strip.right())
            if right - left < 2:
                continue
            band = QRectF(left, strip.top(), right - left - 1, strip.height())
            painter.fillRect(band, QColor(self.colors.muscle))
            if font.horizontalAdvance(phase.text) + 8 <= band.width():
                draw_text(painter, band.adjusted(5, 0, 0, 0), phase.text, self.colors.ink, largest=11)
