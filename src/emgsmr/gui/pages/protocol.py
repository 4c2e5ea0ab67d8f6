"""Before and after: choose a protocol, then be led through its bouts."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QStackedWidget, QVBoxLayout, QWidget

from emgsmr.gui.pages.page import Page, Panel, Words
from emgsmr.gui.protocol_rows import Choice
from emgsmr.gui.screen import Screen
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.bout_sets import BoutSetsView
from emgsmr.gui.widgets.canvas import font_of
from emgsmr.gui.widgets.countdown import CountdownView
from emgsmr.gui.widgets.facts import FactsView
from emgsmr.gui.widgets.legs import Legs
from emgsmr.gui.widgets.lights import LightsView

WHY = (
    "Two sets before the treatment tell how much the person differs from bout to bout with nothing done; "
    "only a change beyond that counts. Electrodes stay where they are from the first bout to the last."
)


class ProtocolPage(Page):
    """Choose, or be led."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.legs, self.lights = Legs(), LightsView()
        self.countdown, self.facts = CountdownView(), FactsView()
        self.sets, self.list = BoutSetsView(), QListWidget()
        self._choices: tuple[Choice, ...] = ()
        self.list.setFont(font_of(theme.TEXT))
        self.list.setSpacing(3)
        self.list.setAccessibleName("Protocols")
        self.list.currentItemChanged.connect(self._choose)
        choice = Panel("Protocols")
        choice.rows.addWidget(self.list, 1)
        choice.rows.addWidget(Words(theme.TEXT, WHY, muted=True))
        now = Panel("Now")
        now.rows.addWidget(self.countdown, 1)
        self._task = QStackedWidget()
        self._task.addWidget(choice)
        self._task.addWidget(now)
        self._plan = Panel("The session")
        self._plan.rows.addWidget(self.sets, 1)
        self.body.addWidget(_column((self.legs, 6), (self.lights, 4)), 32)
        self.body.addWidget(_column((self._task, 6), (self._plan, 4), (self.facts, 0)), 68)

    def show_body(self, screen: Screen) -> None:
        """Protocols, or the task and how far it is."""
        self.legs.show_values(screen.muscles)
        self.lights.show_values(screen.sensors)
        self.facts.show_values(screen.facts)
        self.sets.show_values(screen.sets)
        self._plan.setVisible(bool(screen.sets))
        self.countdown.show_values(screen.countdown)
        self._task.setCurrentIndex(0 if screen.choices else 1)
        if screen.choices and screen.choices != self._choices:
            self._show_choices(screen.choices)

    def _show_choices(self, choices: tuple[Choice, ...]) -> None:
        self._choices = choices
        with QSignalBlocker(self.list):
            self.list.clear()
            for choice in choices:
                item = QListWidgetItem(f"{choice.title}\n{choice.text}")
                item.setData(Qt.ItemDataRole.UserRole, choice.name)
                self.list.addItem(item)
                if choice.chosen:
                    self.list.setCurrentItem(item)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.asked.emit("choose", item.data(Qt.ItemDataRole.UserRole))


def _column(*parts: tuple[QWidget, int]) -> QWidget:
    """Widgets below each other, with their shares of the height."""
    column = QWidget()
    rows = QVBoxLayout(column)
    rows.setContentsMargins(0, 0, 0, 0)
    for widget, share in parts:
        rows.addWidget(widget, share)
    return column
