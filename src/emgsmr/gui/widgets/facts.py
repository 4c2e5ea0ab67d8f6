"""Small facts beside each other: elapsed, recorded, file size, heart rate, cadence."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QSizePolicy, QWidget

from emgsmr.gui.screen import Fact
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import Canvas, draw_text


class FactsView(Canvas):
    """A row of facts: the name small, the value large, and a light's shape where it has one."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.facts: tuple[Fact, ...] = ()
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.say("Facts")

    def sizeHint(self) -> QSize:  # noqa: N802
        """One row."""
        return QSize(500, 56)

    def show_values(self, facts: Iterable[Fact]) -> None:
        """Show these facts, in this order."""
        shown = tuple(facts)
        if shown == self.facts:
            return
        self.facts = shown
        self.say("Facts", "; ".join(_told(fact) for fact in shown))
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw what is shown."""
        if not self.facts:
            return
        width = self.width() / len(self.facts)
        for number, fact in enumerate(self.facts):
            box = QRectF(number * width + 4, 0, width - 8, self.height())
            name = QRectF(box.left(), 0, box.width(), box.height() * 0.36)
            value = QRectF(box.left(), name.bottom(), box.width(), box.height() - name.bottom())
            draw_text(painter, name, fact.name, self.colors.muted, largest=15, smallest=11)
            color = self.colors.ink
            if fact.light is not None:
                color = theme.status_color(self.colors, fact.light.status)
                side = value.height() * 0.55
                mark = QRectF(value.left(), value.center().y() - side / 2, side, side)
                theme.draw_shape(painter, mark, theme.SHAPES[fact.light.status], color)
                value.setLeft(value.left() + side + 6)
            draw_text(painter, value, fact.value, color, largest=30, smallest=12, bold=True)


def _told(fact: Fact) -> str:
    light = f" ({fact.light.word})" if fact.light else ""
    reason = f": {fact.light.reason}" if fact.light and fact.light.reason else ""
    return f"{fact.name} {fact.value}{light}{reason}"
