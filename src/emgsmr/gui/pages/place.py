"""Name the muscles: where each electrode goes, and which channel answers when it is contracted."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize
from PySide6.QtGui import QColor, QPainter, QPen
from PySide6.QtWidgets import QComboBox, QHBoxLayout, QPushButton, QSizePolicy, QWidget

from emgsmr.gui.pages.page import Page, Panel, Words
from emgsmr.gui.pages.sites import SitesView, channel_name, sentence
from emgsmr.gui.screen import Guess, Screen, SiteRow, Status
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import Canvas, draw_lines, draw_text, font_of
from emgsmr.gui.widgets.legs import Legs

BY_HAND = "Choose the channel by hand"


class GuessView(Canvas):
    """Which channel is being contracted just now, and whether that is sure."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.guess: Guess | None = None
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(112)
        self.say("Contracted now", "No channel stands out.")

    def sizeHint(self) -> QSize:  # noqa: N802 (Qt's name)
        """Three lines."""
        return QSize(320, 112)

    def show_values(self, guess: Guess | None) -> None:
        """Show a guess; None = no channel stands out."""
        if guess == self.guess:
            return
        self.guess = guess
        self.say("Contracted now", guess.text if guess else "No channel stands out.")
        self.update()

    def draw(self, painter: QPainter) -> None:
        """Draw."""
        colors, guess = self.colors, self.guess
        status = Status.WAIT if guess is None else Status.GOOD if guess.sure else Status.WARN
        color = theme.status_color(colors, status)
        box = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.setPen(QPen(QColor(color), 3 if guess else 1))
        painter.setBrush(QColor(colors.ground))
        painter.drawRoundedRect(box, theme.RADIUS, theme.RADIUS)
        theme.draw_shape(
            painter, QRectF(box.left() + 14, box.top() + 14, 26, 26), theme.SHAPES[status], color
        )
        head = QRectF(box.left() + 52, box.top() + 8, box.width() - 62, 38)
        title = channel_name(guess.sensor, guess.channel) if guess else "No channel stands out"
        draw_text(
            painter, head, title, colors.ink if guess else colors.muted, largest=22, smallest=13, bold=True
        )
        text = "Contract one muscle for two seconds."
        if guess:
            text = f"{guess.text}. {'Is it this one? Press Return.' if guess.sure else ''}"
        draw_lines(
            painter, QRectF(head.left(), head.bottom() + 2, head.width(), 60), text, colors.muted, height=16
        )


class PlacePage(Page):
    """Name the muscles."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.legs, self.sites, self.guess = Legs(), SitesView(), GuessView()
        self.name = Words(26, bold=True)
        self.where, self.how = Words(theme.TEXT), Words(theme.TEXT)
        self.by_hand, self.remove = QComboBox(), QPushButton("Remove")
        self._selected, self._channels = "", [("", 0)]
        legs = Panel("From behind: where the two electrodes go")
        legs.rows.addWidget(self.legs, 1)
        middle = Panel()
        for widget in (
            self.name,
            Words(theme.SMALL, "Where it goes", muted=True),
            self.where,
            Words(theme.SMALL, "How to contract it", muted=True),
            self.how,
        ):
            middle.rows.addWidget(widget)
        middle.rows.addStretch(1)
        middle.rows.addWidget(self.guess)
        middle.rows.addLayout(self._hand())
        sites = Panel("Muscles (click one to place it)")
        sites.rows.addWidget(self.sites, 1)
        self.body.addWidget(legs, 30)
        self.body.addWidget(middle, 32)
        self.body.addWidget(sites, 38)
        self.sites.picked.connect(lambda site: self.asked.emit("select_site", site))

    def _hand(self) -> QHBoxLayout:
        """By hand: any channel for the selected muscle, or none."""
        row = QHBoxLayout()
        for widget in (self.by_hand, self.remove):
            widget.setFont(font_of(theme.TEXT))
            widget.setMinimumHeight(36)
        self.by_hand.setAccessibleName(BY_HAND)
        self.by_hand.activated.connect(self._chosen)
        self.remove.clicked.connect(lambda: self.asked.emit("unplace", self._selected))
        row.addWidget(self.by_hand, 1)
        row.addWidget(self.remove)
        return row

    def _chosen(self, number: int) -> None:
        sensor, channel = self._channels[number]
        if sensor:
            self.asked.emit("place", f"{sensor}/{channel}")
        self.by_hand.setCurrentIndex(0)

    def show_body(self, screen: Screen) -> None:
        """The selected muscle, the guess, and all muscles."""
        row = next((row for row in screen.sites if row.site == screen.selected_site), None)
        self._selected = screen.selected_site
        self.legs.show_placement(screen.selected_site, [r.site for r in screen.sites if r.sensor])
        self.sites.show_values(screen.sites, screen.selected_site)
        self.name.show_values(sentence(row.name) if row else "All muscles are named")
        self.where.show_values(
            _stop(row.landmarks) if row else "Click a muscle to change it, or go on to the check."
        )
        self.how.show_values(_stop(row.cue) if row else "")
        self.guess.show_values(screen.guess)
        self.remove.setEnabled(bool(row and row.sensor))
        self._offer(screen)

    def _offer(self, screen: Screen) -> None:
        """The channels that can be chosen by hand."""
        channels = [("", 0)]
        for sensor in screen.sensors:
            channels += [(sensor.name, channel) for channel in range(sensor.n_channels)]
        names = [BY_HAND, *(channel_name(*one) + _taken(one, screen.sites) for one in channels[1:])]
        if names != [self.by_hand.itemText(k) for k in range(self.by_hand.count())]:
            self._channels = channels
            self.by_hand.clear()
            self.by_hand.addItems(names)
        self.by_hand.setEnabled(bool(screen.selected_site))


def _taken(channel: tuple[str, int], sites: tuple[SiteRow, ...]) -> str:
    return next((f" ({row.site})" for row in sites if (row.sensor, row.channel) == channel), "")


def _stop(text: str) -> str:
    """As a sentence."""
    text = sentence(text.strip())
    return text if not text or text.endswith(".") else f"{text}."
