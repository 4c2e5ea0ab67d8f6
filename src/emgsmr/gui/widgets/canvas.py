"""What the drawn widgets share: colors that follow the palette, text that fits, numbers in words."""

from __future__ import annotations

import math

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from emgsmr.gui.widgets import theme

LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
CENTER = Qt.AlignmentFlag.AlignCenter


class Canvas(QWidget):
    """A widget that draws itself with the colors of its palette."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.colors = theme.colors_of(self)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Take the new colors when the palette changes."""
        if event.type() in (QEvent.Type.PaletteChange, QEvent.Type.ApplicationPaletteChange):
            self.colors = theme.colors_of(self)
            self.recolor()
        super().changeEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802
        """Draw with a painter that is closed whatever happens."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        try:
            self.draw(painter)
        finally:
            painter.end()

    def draw(self, painter: QPainter) -> None:
        """Draw what is shown."""
        raise NotImplementedError  # each has its own; Qt's metaclass leaves no room for an abstract class

    def recolor(self) -> None:
        """Draw again with ``self.colors``."""
        self.update()

    def say(self, name: str, description: str = "") -> None:
        """Tell screen readers, where it is something new."""
        if name != self.accessibleName():
            self.setAccessibleName(name)
        if description != self.accessibleDescription():
            self.setAccessibleDescription(description)
            self.setToolTip(description)


def font_of(height: float, *, bold: bool = False) -> QFont:
    """The application's font in pixels, with figures that do not dance."""
    font = QFont()
    font.setPixelSize(max(int(height), 1))
    font.setBold(bold)
    return font


def fitted(text: str, box: QRectF, *, largest: float, smallest: float = 9, bold: bool = False) -> QFont:
    """The largest font in which a line of text fits a box, between two heights."""
    width = QFontMetricsF(font_of(100, bold=bold)).horizontalAdvance(text) / 100
    height = min(largest, box.height() * 0.85, box.width() / width if width else largest)
    return font_of(max(height, smallest), bold=bold)


def draw_text(
    painter: QPainter,
    box: QRectF,
    text: str,
    color: str,
    *,
    largest: float,
    smallest: float = 9,
    bold: bool = False,
    align: Qt.AlignmentFlag = LEFT,
) -> None:
    """A line of text, made smaller until it fits, cut with an ellipsis where even that is too long."""
    if box.width() < 4 or box.height() < 4 or not text:
        return
    font = fitted(text, box, largest=largest, smallest=smallest, bold=bold)
    painter.setFont(font)
    painter.setPen(QColor(color))
    cut = QFontMetricsF(font).elidedText(text, Qt.TextElideMode.ElideRight, box.width() + 1)
    painter.drawText(box, align | Qt.TextFlag.TextDontClip, cut)


def draw_lines(painter: QPainter, box: QRectF, text: str, color: str, *, height: float) -> None:
    """Text over several lines, made smaller until it fits, and cut where even that is too long."""
    if box.width() < 4 or not text:
        return
    flags = Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignTop
    for size in range(int(height), 10, -1):
        painter.setFont(font_of(size))
        if painter.boundingRect(box, flags, text).height() <= box.height():
            break
    painter.save()
    painter.setPen(QColor(color))
    painter.setClipRect(box)
    painter.drawText(box, flags, text)
    painter.restore()


def clock(seconds: float) -> str:
    """Minutes and seconds, with hours where there are any.

    Examples
    --------
    >>> clock(62.7), clock(3723), clock(float("nan"))
    ('1:02', '1:02:03', '–')
    """
    if not math.isfinite(seconds):
        return "–"
    sign, whole = ("−" if seconds <= -1 else ""), int(abs(seconds))
    hours, minutes = whole // 3600, whole // 60 % 60
    return f"{sign}{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{sign}{minutes}:{whole % 60:02d}"


def short(value: float) -> str:
    """A size in few letters.

    Examples
    --------
    >>> short(0.5), short(200), short(50_000), short(1e6)
    ('0.5', '200', '50 k', '1 M')
    """
    for size, letter in ((1e6, "M"), (1e3, "k")):
        if abs(value) >= 10 * size or (abs(value) >= size and size > 1e3):
            return f"{value / size:g} {letter}"
    return f"{value:g}"


def percent(value: float | None) -> str:
    """A change with its sign; what is not a number is a dash.

    Examples
    --------
    >>> percent(18.4), percent(-7), percent(0.2), percent(None), percent(5000)
    ('+18 %', '−7 %', '0 %', '–', '> +999 %')
    """
    if value is None or not math.isfinite(value):
        return "–"
    whole = round(value)
    if whole > 999:
        return "> +999 %"
    return f"{'+' if whole > 0 else '−' if whole < 0 else ''}{abs(whole)} %"


def finite(value: float | None) -> float | None:
    """The value, or None where it is not a finite number."""
    return value if value is not None and math.isfinite(value) else None
