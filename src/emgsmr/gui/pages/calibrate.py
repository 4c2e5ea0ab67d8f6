"""Calibrate: rest, then a baseline run or maximal contractions, with a countdown and a clear "enough"."""

from __future__ import annotations

from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from emgsmr.gui.pages.page import Page, Panel, Words
from emgsmr.gui.screen import Screen
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.countdown import CountdownView
from emgsmr.gui.widgets.facts import FactsView
from emgsmr.gui.widgets.legs import Legs
from emgsmr.gui.widgets.lights import LightsView

TASKS = (
    ("1  Rest", "Stand still for ten seconds: how quiet is each channel?"),
    (
        "2  Baseline run",
        "Run as you always do while nothing is tired yet. Everything later is compared with this, "
        "on each leg by itself.",
    ),
    (
        "3  Maximal contraction (if you like)",
        "Push with one muscle as hard as you can, twice. Only with it, or with a reference run, can the "
        "legs be compared with each other. Not with an injury, after surgery, or with high blood pressure.",
    ),
    (
        "Or before and after a treatment",
        "Exercises or runs in bouts, as a protocol asks for them; what changed is told against the person's "
        "own scatter.",
    ),
)


class CalibratePage(Page):
    """Calibrate."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.legs, self.lights = Legs(), LightsView()
        self.countdown, self.facts = CountdownView(), FactsView()
        self._task = QStackedWidget()
        doing = Panel("Now")
        doing.rows.addWidget(self.countdown, 1)
        self._task.addWidget(self._choice())
        self._task.addWidget(doing)
        left = QWidget()
        rows = QVBoxLayout(left)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self.legs, 6)
        rows.addWidget(self.lights, 4)
        right = QWidget()
        rows = QVBoxLayout(right)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(self._task, 1)
        rows.addWidget(self.facts)
        self.body.addWidget(left, 32)
        self.body.addWidget(right, 68)

    def _choice(self) -> Panel:
        choice = Panel("The recording runs. What comes:")
        for name, text in TASKS:
            choice.rows.addWidget(Words(24, name, bold=True))
            choice.rows.addWidget(Words(theme.TEXT, text, muted=True))
            choice.rows.addSpacing(10)
        choice.rows.addStretch(1)
        return choice

    def show_body(self, screen: Screen) -> None:
        """The task and its time, or what can be done."""
        self.legs.show_values(screen.muscles)
        self.lights.show_values(screen.sensors)
        self.facts.show_values(screen.facts)
        self._task.setCurrentIndex(0 if screen.countdown is None else 1)
        self.countdown.show_values(screen.countdown)
