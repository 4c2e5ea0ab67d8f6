"""Both legs from behind, each muscle lit by how active it is; flagged and unusable ones say so."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Any

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QBrush, QColor, QPainter, QPainterPath, QPen, QPixmap, QTransform
from PySide6.QtWidgets import QWidget

from emgsmr.anatomy import GROUPS
from emgsmr.anatomy.leg_drawing import DOTS, MUSCLES, OUTLINE, SPOTS
from emgsmr.gui.screen import Muscle, Status
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import LEFT, RIGHT, Canvas, draw_text

STEPS = 16
"""Levels that are told apart: finer changes are not worth a repaint."""

GRID = QRectF(0, 0, 480, 424)
"""Both legs and a column of words on each side of them."""

ALONE = QRectF(128, 0, 224, 424)
"""The legs without words beside them, on the same grid."""

ROW = 54
"""Height of one word beside the legs, on the same grid."""


def svg_path(data: str) -> QPainterPath:
    """A path of absolute M, C, L and Z commands, as those of `emgsmr.anatomy.leg_drawing`.

    Examples
    --------
    >>> svg_path("M0 0 L10 0 L10 5 Z").boundingRect().width()
    10.0
    """
    path = QPainterPath()
    for command, rest in re.findall(r"([MCLZ])([^MCLZ]*)", data):
        numbers = [float(text) for text in re.findall(r"-?[\d.]+", rest)]
        points = [QPointF(x, y) for x, y in zip(numbers[::2], numbers[1::2], strict=True)]
        if command == "M":
            path.moveTo(points[0])
        elif command == "L":
            for point in points:
                path.lineTo(point)
        elif command == "C":
            for k in range(0, len(points), 3):
                path.cubicTo(points[k], points[k + 1], points[k + 2])
        else:
            path.closeSubpath()
    return path


SHAPES = {code: svg_path(data) for code, data in MUSCLES.items()}
LEG = svg_path(OUTLINE)
SIDES = {
    "L": QTransform(1, 0, 0, 1, 80, 0),
    "R": QTransform(-1, 0, 0, 1, 400, 0),
}


def drawn_codes(site: str) -> tuple[str, ...]:
    """Muscles of the drawing that a site stands for: one, the members of a group, or none.

    Examples
    --------
    >>> drawn_codes("HAM_R"), drawn_codes("GMAX_L"), drawn_codes("TFL_L")
    (('BFLH', 'ST'), ('GMAX',), ())
    """
    code = site.rpartition("_")[0]
    return tuple(member for member in GROUPS.get(code, (code,)) if member in MUSCLES)


class Legs(Canvas):
    """The legs of the run, or one site with its electrode spot while placing."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.muscles: tuple[Muscle, ...] = ()
        self.placing = ""
        self.placed: frozenset[str] = frozenset()
        self._drawn: Any = None
        self._ground = QPixmap()
        self._lit: dict[tuple[str, str, bool], tuple[QPoint, QPixmap]] = {}
        self.setMinimumSize(170, 160)
        self.say("Legs from behind", "No muscle is measured yet.")

    def sizeHint(self) -> QSize:  # noqa: N802
        """As large as it is drawn in the middle of a laptop's screen."""
        return QSize(400, 400)

    def show_values(self, muscles: Iterable[Muscle]) -> None:
        """Light each muscle by its level."""
        shown = tuple(
            Muscle(m.site, _level(m.level), m.status, m.word) for m in sorted(muscles, key=lambda m: m.site)
        )
        if shown == self.muscles and not self.placing:
            return
        self.muscles, self.placing = shown, ""
        told = [f"{m.site}: {m.word or theme.WORDS[m.status]}" for m in shown]
        self.say("Legs from behind", "; ".join(told) or "No muscle is measured yet.")
        self.update()

    def show_placement(self, site: str, placed: Iterable[str] = ()) -> None:
        """Highlight one site and where its electrode pair goes; ``placed`` ones are filled."""
        names = frozenset(placed)
        if (site, names) == (self.placing, self.placed):
            return
        self.placing, self.placed, self.muscles = site, names, ()
        self.say(
            f"Legs from behind: electrode spot of {site}", "Placed: " + (", ".join(sorted(names)) or "none")
        )
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw what is shown: a picture that rarely changes, and on it the lit muscles."""
        key = (self.size(), self.devicePixelRatioF(), self.colors, self.placing, self.placed, self._signs())
        if key != self._drawn:
            self._drawn, self._lit = key, {}
            self._ground = self._blank()
            ground = QPainter(self._ground)
            ground.setRenderHint(QPainter.RenderHint.Antialiasing)
            ground.setTransform(self._grid(), combine=True)
            self._draw_ground(ground)
            ground.end()
        painter.drawPixmap(0, 0, self._ground)
        for muscle in self.muscles:
            if muscle.status in (Status.GOOD, Status.WARN):
                for code in drawn_codes(muscle.site):
                    place, lit = self._lit_muscle(code, muscle)
                    painter.setOpacity(0.08 + 0.92 * muscle.level)
                    painter.drawPixmap(place, lit)

    def _signs(self) -> tuple[tuple[str, Status, str], ...]:
        """All that the ground shows of the muscles; levels of those that are not drawn are words."""
        return tuple((m.site, m.status, _word(m)) for m in self.muscles)

    def _grid(self) -> QTransform:
        grid = ALONE if self.placing else GRID
        scale = min(self.width() / grid.width(), self.height() / grid.height())
        left = self.width() / 2 - scale * grid.center().x()
        top = self.height() / 2 - scale * grid.center().y()
        return QTransform(scale, 0, 0, scale, left, top)

    def _blank(self) -> QPixmap:
        ratio = self.devicePixelRatioF()
        pixmap = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
        pixmap.setDevicePixelRatio(ratio)
        pixmap.fill(Qt.GlobalColor.transparent)
        return pixmap

    def _lit_muscle(self, code: str, muscle: Muscle) -> tuple[QPoint, QPixmap]:
        """A muscle at full light, and where it goes; kept, because filling a path is slow."""
        flagged, side = muscle.status is Status.WARN, muscle.site[-1]
        key = (code, side, flagged)
        if key not in self._lit:
            path = (SIDES[side] * self._grid()).map(SHAPES[code])
            box = path.boundingRect().toAlignedRect()
            whole = self._blank()
            painter = QPainter(whole)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.fillPath(path, QColor(self.colors.flag if flagged else self.colors.blue))
            painter.end()
            ratio = self.devicePixelRatioF()
            cut = QRectF(box.x() * ratio, box.y() * ratio, box.width() * ratio, box.height() * ratio)
            self._lit[key] = (box.topLeft(), whole.copy(cut.toRect()))
        return self._lit[key]

    def _draw_ground(self, painter: QPainter) -> None:
        for side, transform in SIDES.items():
            painter.save()
            painter.setTransform(transform, combine=True)
            self._draw_leg(painter, side)
            painter.restore()
        for side, x, align in (("L", 140.0, RIGHT), ("R", 260.0, LEFT)):
            name = {"L": "left", "R": "right"}[side]
            draw_text(painter, QRectF(x, 404, 80, 20), name, self.colors.muted, largest=15, align=align)
        if not self.placing:
            self._draw_words(painter)

    def _draw_leg(self, painter: QPainter, side: str) -> None:
        colors = self.colors
        painter.setPen(QPen(QColor(colors.line), 1.5))
        painter.setBrush(QColor(colors.skin))
        painter.drawPath(LEG)
        by_code = {
            code: m for m in self.muscles if m.site.endswith(f"_{side}") for code in drawn_codes(m.site)
        }
        for code, path in SHAPES.items():
            if self.placing:
                self._draw_place(painter, f"{code}_{side}", path)
            else:
                self._draw_muscle(painter, path, by_code.get(code))

    def _draw_muscle(self, painter: QPainter, path: QPainterPath, muscle: Muscle | None) -> None:
        colors = self.colors
        painter.setBrush(Qt.BrushStyle.NoBrush)
        if muscle is None:
            painter.setPen(QPen(QColor(colors.grid), 1, Qt.PenStyle.DashLine))
            painter.drawPath(path)
            return
        painter.fillPath(path, QColor(colors.muscle))
        if muscle.status in (Status.OFF, Status.BAD, Status.WAIT):
            style = Qt.BrushStyle.BDiagPattern
            if muscle.status is not Status.WAIT:
                painter.fillPath(path, QBrush(QColor(theme.status_color(colors, muscle.status)), style))
            painter.setPen(QPen(QColor(colors.line), 1.5, Qt.PenStyle.DashLine))
            painter.drawPath(path)
            return
        flagged = muscle.status is Status.WARN
        painter.setPen(QPen(QColor(colors.orange if flagged else colors.line), 4.5 if flagged else 1))
        painter.drawPath(path)

    def _draw_place(self, painter: QPainter, site: str, path: QPainterPath) -> None:
        colors, code = self.colors, site.rpartition("_")[0]
        here = site == self.placing or (site[-1] == self.placing[-1] and code in drawn_codes(self.placing))
        painter.fillPath(path, QColor(colors.blue if site in self.placed and not here else colors.muscle))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.setPen(QPen(QColor(colors.orange if here else colors.line), 4 if here else 1))
        painter.drawPath(path)
        if here:
            x, y = SPOTS[code]
            painter.setPen(QPen(QColor(colors.ground), 1))
            painter.setBrush(QColor(colors.ink))
            for step in (-5, 5):
                painter.drawEllipse(QPointF(x, y + step), 4.5, 4.5)

    def _draw_words(self, painter: QPainter) -> None:
        """Beside the legs: code and word of each muscle that is not as usual, with a line to it."""
        for side in "LR":
            rows = [m for m in self.muscles if m.site.endswith(f"_{side}")]
            told = [
                m
                for m in rows
                if m.status in (Status.WARN, Status.BAD, Status.OFF) or not drawn_codes(m.site)
            ]
            told.sort(key=lambda m: _height(m.site))
            last = -float(ROW)
            room = 8
            for m in told[:room]:
                level = min(max(_height(m.site), last + ROW), 400 - ROW / 2)
                last = level
                self._draw_word(painter, side, m, level)

    def _draw_word(self, painter: QPainter, side: str, muscle: Muscle, y: float) -> None:
        colors = self.colors
        left = side == "L"
        color = theme.status_color(colors, muscle.status)
        codes = drawn_codes(muscle.site)
        if codes:
            end = SIDES[side].map(QPointF(*DOTS[codes[0]]))
            painter.setPen(QPen(QColor(color), 1.5))
            painter.drawLine(QPointF(138 if left else 342, y), end)
        box = QRectF(0 if left else 344, y - ROW / 2, 136, ROW)
        shape = QRectF(box.right() - 20 if left else box.left(), box.top() + 3, 19, 19)
        theme.draw_shape(painter, shape, theme.SHAPES[muscle.status], color)
        align = RIGHT if left else LEFT
        head = QRectF(box.left() + (0 if left else 26), box.top(), 110, 25)
        draw_text(
            painter, head, muscle.site.rpartition("_")[0], colors.ink, largest=22, bold=True, align=align
        )
        word = _word(muscle)
        body = QRectF(box.left(), box.top() + 25, 136, 27)
        draw_text(painter, body, word, color, largest=24, smallest=14, bold=True, align=align)


def _level(value: float) -> float:
    return round(min(max(value, 0.0), 1.0) * STEPS) / STEPS if math.isfinite(value) else 0.0


def _word(muscle: Muscle) -> str:
    """What is written beside a muscle; one that the drawing has not got shows its level as a number."""
    if drawn_codes(muscle.site) or muscle.word or muscle.status not in (Status.GOOD, Status.WAIT):
        return muscle.word or theme.WORDS[muscle.status]
    return f"{muscle.level:.0%}"


def _height(site: str) -> float:
    codes = drawn_codes(site)
    return float(DOTS[codes[0]][1]) if codes else 24.0
