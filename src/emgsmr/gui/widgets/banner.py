"""What has to be seen at once: a flag, no data, an error; and while there is none, what to do now.

Its place is always the same and never empty, so that nothing jumps and the eye knows where to look.
"""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from emgsmr.gui.screen import Banner, Status
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import Canvas, draw_lines, draw_text, font_of

STATUS = {"flag": Status.WARN, "no_data": Status.OFF, "notice": Status.WAIT, "error": Status.BAD}
WORDS = {"flag": "Flag", "no_data": "No data", "notice": "Notice", "error": "Error"}
SMALLEST = 13
"""Pixels; a sentence that is too long for a line of this height has two."""


class BannerView(Canvas):
    """One banner at a time: a filled bar for what needs a look, a plain one for the rest."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner: Banner | None = None
        self.title = self.cue = ""
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def sizeHint(self) -> QSize:  # noqa: N802
        """As high as two lines, one of them large."""
        return QSize(600, 84)

    def show_values(self, banner: Banner | None, *, title: str = "", cue: str = "") -> None:
        """Show a banner; without one, the step's title and cue."""
        if (banner, title, cue) == (self.banner, self.title, self.cue):
            return
        self.banner, self.title, self.cue = banner, title, cue
        if banner is None:
            self.say(title, cue)
        else:
            self.say(f"{WORDS[banner.kind]}: {banner.title}", banner.text)
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw what is shown."""
        colors, box = self.colors, QRectF(self.rect()).adjusted(1, 1, -1, -1)
        if self.banner is None:
            self._draw_lines(
                painter, box.adjusted(6, 0, -6, 0), self.title, self.cue, colors.ink, colors.muted
            )
            return
        status = STATUS[self.banner.kind]
        color = theme.status_color(colors, status)
        filled = self.banner.kind != "notice"
        painter.setPen(QPen(QColor(color), 3))
        fill, ink = theme.status_fill(colors, status) if filled else (colors.paper, colors.ink)
        painter.setBrush(QColor(fill))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        side = box.height() * 0.6
        mark = QRectF(box.left() + 16, box.center().y() - side / 2, side, side)
        theme.draw_shape(painter, mark, theme.SHAPES[status], ink if filled else color)
        inner = box.adjusted(side + 32, 4, -16, -4)
        self._draw_lines(painter, inner, self.banner.title, self.banner.text, ink, ink)

    def _draw_lines(
        self, painter: QPainter, box: QRectF, title: str, text: str, ink: str, second: str
    ) -> None:
        one_line = QFontMetricsF(font_of(SMALLEST)).horizontalAdvance(text) <= box.width()
        two_lines = not one_line and box.height() * 0.5 >= 2.5 * SMALLEST
        cut = 1.0 if not text else 0.5 if two_lines else 0.58
        top = QRectF(box.left(), box.top(), box.width(), box.height() * cut)
        draw_text(painter, top, title, ink, largest=52, smallest=18, bold=True)
        if text:
            low = QRectF(box.left(), top.bottom(), box.width(), box.bottom() - top.bottom())
            if low.height() >= 48 or two_lines:
                draw_lines(painter, low, text, second, height=18)
            else:
                draw_text(painter, low, text, second, largest=20, smallest=SMALLEST)
