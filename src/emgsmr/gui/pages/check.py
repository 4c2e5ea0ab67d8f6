"""Check the signals: each muscle's light with its reason, the contraction test, and the sensors."""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from emgsmr.gui.pages.page import Page, Panel, Words
from emgsmr.gui.pages.sites import SitesView, sentence
from emgsmr.gui.screen import Screen, SensorRow, SiteRow, Status
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.lights import LightsView


class CheckPage(Page):
    """Check the signals."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sites, self.lights = SitesView(), LightsView()
        self.name, self.how, self.why = Words(26, bold=True), Words(theme.TEXT), Words(theme.TEXT)
        self.required = Words(theme.SMALL, muted=True)
        sites = Panel("Muscles: contract each once; its bar has to reach the end")
        sites.rows.addWidget(self.sites, 1)
        now = Panel("Contract now")
        for widget in (self.name, self.how):
            now.rows.addWidget(widget)
        now.rows.addStretch(1)
        now.rows.addWidget(self.why)
        sensors = Panel("Sensors")
        sensors.rows.addWidget(self.required)
        sensors.rows.addWidget(self.lights, 1)
        right = QWidget()
        rows = QVBoxLayout(right)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.addWidget(now, 4)
        rows.addWidget(sensors, 6)
        self.body.addWidget(sites, 60)
        self.body.addWidget(right, 40)
        self.sites.picked.connect(lambda site: self.asked.emit("select_site", site))

    def show_body(self, screen: Screen) -> None:
        """Muscles, what to contract now, sensors."""
        row = _next(screen)
        self.sites.show_values(screen.sites, row.site if row else screen.selected_site)
        self.name.show_values(sentence(row.name) if row else "Every muscle answered")
        self.how.show_values(sentence(row.cue) if row else "Go on, or click a muscle to test it again.")
        self.why.show_values(next((a.why_not for a in screen.actions if a.why_not), ""))
        self.lights.show_values(screen.sensors)
        self.required.show_values(required_words(screen.sensors))


def _next(screen: Screen) -> SiteRow | None:
    """The muscle that is selected, or the first whose test is not passed."""
    chosen = [row for row in screen.sites if row.site == screen.selected_site]
    return next(iter([*chosen, *(row for row in screen.sites if row.sensor and not row.contracted)]), None)


def required_words(rows: tuple[SensorRow, ...]) -> str:
    """How many of the sensors that the session needs are sending.

    Examples
    --------
    >>> from emgsmr.gui.screen import Light
    >>> rows = (SensorRow("A", "umyo", "", Light(Status.GOOD, "sends"), 1),)
    >>> required_words(rows), required_words(())
    ('1 of 1 required sensors sends', '')
    """
    required = [row for row in rows if row.required]
    there = sum(row.light.status in (Status.GOOD, Status.WARN) for row in required)
    if not required:
        return ""
    return f"{there} of {len(required)} required sensors {'sends' if there == 1 else 'send'}"
