"""How everything looks: colors for dark and light, sizes, and a shape for each status, in one place.

Widgets ask for the colors of their own palette (`colors_of`), so that nothing has to be told when the system
goes dark: Qt sends every widget a palette change, and it draws itself again.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Slot
from PySide6.QtGui import QBrush, QColor, QPainter, QPalette, QPen, QPolygonF
from PySide6.QtWidgets import QApplication, QWidget

from emgsmr.gui.screen import Status

Mode = Literal["system", "dark", "light"]
Shape = Literal["circle", "hourglass", "triangle", "cross", "square"]


@dataclass(frozen=True, slots=True)
class Colors:
    """One palette, as ``#rrggbb``.

    ``blue``, ``orange`` and ``red`` are text colors (WCAG AA, 4.5 : 1 on ``ground`` and ``paper``); people
    who confuse red and green tell them apart, and a shape and a word stand beside each.
    """

    dark: bool
    ground: str
    paper: str
    ink: str
    muted: str
    line: str
    grid: str
    blue: str
    orange: str
    red: str
    flag: str
    """Fill of what is flagged, with ``on_flag`` on it: brighter than ``orange`` where the ground is light."""
    on_flag: str
    on_color: str
    """Text on a fill of ``blue``, ``red`` or ``muted``."""
    skin: str
    muscle: str


DARK = Colors(
    dark=True,
    ground="#0f1418",
    paper="#171d22",
    ink="#e7ebee",
    muted="#9aa7b1",
    line="#71808c",
    grid="#2f3a43",
    blue="#5ab4e8",
    orange="#f0b429",
    red="#ff8a4c",
    flag="#f0b429",
    on_flag="#0f1418",
    on_color="#0f1418",
    skin="#1d252b",
    muscle="#2b353d",
)
LIGHT = Colors(
    dark=False,
    ground="#f4f6f8",
    paper="#ffffff",
    ink="#1f2933",
    muted="#5b6771",
    line="#7d8994",
    grid="#e1e6ea",
    blue="#0068a8",
    orange="#8f5f00",
    red="#b84300",
    flag="#f2a900",
    on_flag="#1f2933",
    on_color="#ffffff",
    skin="#f6f7f8",
    muscle="#e9edf0",
)

SHAPES: dict[Status, Shape] = {
    Status.GOOD: "circle",
    Status.WAIT: "hourglass",
    Status.WARN: "triangle",
    Status.BAD: "cross",
    Status.OFF: "square",
}
WORDS: dict[Status, str] = {
    Status.GOOD: "good",
    Status.WAIT: "wait",
    Status.WARN: "look",
    Status.BAD: "bad",
    Status.OFF: "off",
}
"""Said where a value comes without a word of its own."""

SMALL, TEXT, LARGE, HUGE = 13, 16, 28, 72
"""Text heights in pixels: notes, sentences, words to be read from a meter, numbers to be read from two.

At two meters a capital of 12 mm stands at 20 minutes of arc, which is comfortable; on a laptop of 0.25 mm per
pixel that is a font of 70 pixels. Half of it can still be read.
"""

MARGIN = 8
RADIUS = 8.0


def status_color(colors: Colors, status: Status) -> str:
    """The color of a status."""
    return {
        Status.GOOD: colors.blue,
        Status.WAIT: colors.muted,
        Status.WARN: colors.orange,
        Status.BAD: colors.red,
        Status.OFF: colors.muted,
    }[status]


def status_fill(colors: Colors, status: Status) -> tuple[str, str]:
    """Fill of a large area with a status, and the color of text on it."""
    if status is Status.WARN:
        return colors.flag, colors.on_flag
    return status_color(colors, status), colors.on_color


def colors_of(widget: QWidget) -> Colors:
    """The colors that go with a widget's palette."""
    return DARK if widget.palette().color(QPalette.ColorRole.Window).lightness() < 128 else LIGHT


def qt_palette(colors: Colors) -> QPalette:
    """For Qt's own widgets: buttons, fields, lists."""
    palette = QPalette()
    role = QPalette.ColorRole
    for name, color in (
        (role.Window, colors.ground),
        (role.WindowText, colors.ink),
        (role.Base, colors.paper),
        (role.AlternateBase, colors.ground),
        (role.Text, colors.ink),
        (role.Button, colors.muscle),
        (role.ButtonText, colors.ink),
        (role.ToolTipBase, colors.paper),
        (role.ToolTipText, colors.ink),
        (role.PlaceholderText, colors.muted),
        (role.Highlight, colors.blue),
        (role.HighlightedText, colors.on_color),
        (role.Link, colors.blue),
    ):
        palette.setColor(name, QColor(color))
    for name in (role.ButtonText, role.WindowText, role.Text):
        palette.setColor(QPalette.ColorGroup.Disabled, name, QColor(colors.muted))
    return palette


class Theme(QObject):
    """Dark or light for the whole application: as the system says, or as asked for."""

    def __init__(self, app: QApplication, mode: Mode = "system") -> None:
        super().__init__(app)
        self._app = app
        self._mode: Mode = mode
        app.setStyle("Fusion")  # the only style that takes its colors from the palette on every system
        app.styleHints().colorSchemeChanged.connect(self._apply)
        self._apply()

    @property
    def mode(self) -> Mode:
        """What was asked for."""
        return self._mode

    def force(self, mode: Mode) -> None:
        """Dark or light whatever the system says; ``system`` follows it again."""
        self._mode = mode
        self._apply()

    @Slot()
    def _apply(self) -> None:
        dark = self._app.styleHints().colorScheme() == Qt.ColorScheme.Dark
        if self._mode != "system":
            dark = self._mode == "dark"
        self._app.setPalette(qt_palette(DARK if dark else LIGHT))


def draw_shape(painter: QPainter, box: QRectF, shape: Shape, color: str) -> None:
    """One of the shapes, as large as the box allows."""
    size = min(box.width(), box.height())
    center, r = box.center(), size / 2
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    pen = QPen(QColor(color), max(size * 0.16, 1.5), Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap)
    painter.setPen(Qt.PenStyle.NoPen)
    painter.setBrush(QBrush(QColor(color)))

    def at(x: float, y: float) -> QPointF:
        return QPointF(center.x() + x * r, center.y() + y * r)

    if shape == "circle":
        painter.drawEllipse(center, r * 0.9, r * 0.9)
    elif shape == "triangle":
        painter.drawPolygon(QPolygonF([at(0, -0.95), at(0.98, 0.8), at(-0.98, 0.8)]))
    elif shape == "hourglass":
        painter.drawPolygon(QPolygonF([at(-0.75, -0.9), at(0.75, -0.9), at(0, 0)]))
        painter.drawPolygon(QPolygonF([at(-0.75, 0.9), at(0.75, 0.9), at(0, 0)]))
    elif shape == "cross":
        pen.setWidthF(max(size * 0.24, 2))
        painter.setPen(pen)
        painter.drawLine(at(-0.7, -0.7), at(0.7, 0.7))
        painter.drawLine(at(-0.7, 0.7), at(0.7, -0.7))
    else:
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawRect(QRectF(at(-0.72, -0.72), at(0.72, 0.72)))
    painter.restore()


def draw_tier(painter: QPainter, left: QPointF, size: float, tier: int, color: str) -> None:
    """As many triangles as the tier, from ``left`` to the right; a notice (tier 0) is a ring."""
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if tier <= 0:
        painter.setPen(QPen(QColor(color), 1.5))
        painter.setBrush(Qt.BrushStyle.NoBrush)
        painter.drawEllipse(QRectF(left.x() + 1, left.y() + 1, size - 2, size - 2))
    for number in range(min(tier, 3)):
        draw_shape(painter, QRectF(left.x() + number * (size + 1), left.y(), size, size), "triangle", color)
    painter.restore()
