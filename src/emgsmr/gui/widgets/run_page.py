"""The page of the run: banner, legs, gauges, time line or traces, sensors, facts and buttons."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QSizePolicy, QStackedWidget, QVBoxLayout, QWidget

from emgsmr.gui.screen import Gauge, Screen
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.actions import ActionsRow
from emgsmr.gui.widgets.banner import BannerView
from emgsmr.gui.widgets.facts import FactsView
from emgsmr.gui.widgets.gauge import ShareGauge
from emgsmr.gui.widgets.legs import Legs
from emgsmr.gui.widgets.lights import LightsView
from emgsmr.gui.widgets.timeline import Timeline
from emgsmr.gui.widgets.traces import Traces
from emgsmr.recording import SampleBlock, Wiring


class GaugeGrid(QWidget):
    """A row per pair, the left leg on the left."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.gauges: dict[tuple[str, str], ShareGauge] = {}
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.MARGIN)

    def show_values(self, gauges: Iterable[Gauge]) -> None:
        """Show each gauge in its place."""
        shown = tuple(gauges)
        keys = [(gauge.pair, gauge.side) for gauge in shown]
        if keys != list(self.gauges):
            for widget in self.gauges.values():
                self._grid.removeWidget(widget)
                widget.deleteLater()
            pairs = list(dict.fromkeys(pair for pair, _ in keys))
            sides = sorted({side for _, side in keys})
            self._grid.setSpacing(theme.MARGIN if len(pairs) < 4 else theme.MARGIN // 2)
            self.gauges = {key: ShareGauge(self) for key in keys}
            for (pair, side), widget in self.gauges.items():
                self._grid.addWidget(widget, pairs.index(pair), sides.index(side))
        for gauge in shown:
            self.gauges[gauge.pair, gauge.side].show_values(gauge)


class RunPage(QWidget):
    """Everything of the step RUN; a button that is pressed is told by ``asked``."""

    asked = Signal(str)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.banner = BannerView()
        self.legs, self.lights = Legs(), LightsView()
        self.gauges = GaugeGrid()
        self.timeline, self.traces = Timeline(), Traces()
        self.facts, self.actions_row = FactsView(), ActionsRow()
        self.actions_row.asked.connect(self.asked)
        self._below = QStackedWidget()
        self._below.addWidget(self.timeline)
        self._below.addWidget(self.traces)
        self._left = QVBoxLayout()
        self._left.addWidget(self.legs, 3)
        self._left.addWidget(self.lights, 2)
        self._right = QVBoxLayout()
        self._right.addWidget(self.gauges, 3)
        self._right.addWidget(self._below, 2)
        middle = QHBoxLayout()
        middle.setSpacing(12)
        middle.addLayout(self._left, 30)
        middle.addLayout(self._right, 70)
        page = QVBoxLayout(self)
        page.setContentsMargins(12, 8, 12, 8)
        page.setSpacing(theme.MARGIN)
        page.addWidget(self.banner)
        page.addLayout(middle, 1)
        page.addWidget(self.facts)
        page.addWidget(self.actions_row)
        for widget in (self.legs, self.lights, self.gauges, self._below):
            widget.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Ignored)

    def show_values(self, screen: Screen) -> None:
        """Show a screen; each part draws itself only where it has changed."""
        self.banner.show_values(screen.banner, title=screen.title, cue=screen.cue)
        self.legs.show_values(screen.muscles)
        self.lights.show_values(screen.sensors)
        self.gauges.show_values(screen.gauges)
        self._share_height(len({gauge.pair for gauge in screen.gauges}))
        if screen.traces:
            self._below.setCurrentWidget(self.traces)
        else:
            self._below.setCurrentWidget(self.timeline)
            self.timeline.show_values(screen.lines, screen.gauges, screen.marks, screen.now_s)
        self.facts.show_values(screen.facts)
        self.actions_row.show_values(screen.actions)

    def _share_height(self, n_pairs: int) -> None:
        """The more pairs, the more of the height is the gauges'; they are what is read from afar."""
        above, below = (3, 2) if n_pairs <= 2 else (2, 1) if n_pairs == 3 else (3, 1)
        self._right.setStretch(0, above)
        self._right.setStretch(1, below)

    def show_channels(self, wiring: Wiring | None, *, placed_only: bool = True) -> None:
        """Say which channels the traces draw."""
        self.traces.show_channels(wiring, placed_only=placed_only)

    def take(self, blocks: Iterable[SampleBlock]) -> None:
        """Samples for the traces."""
        self.traces.take(blocks)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802
        """Larger banner and facts where there is room for them."""
        super().resizeEvent(event)
        self.banner.setFixedHeight(min(max(round(self.height() * 0.11), 60), 120))
        self.facts.setFixedHeight(min(max(round(self.height() * 0.07), 40), 72))
