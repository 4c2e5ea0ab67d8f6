"""The whole session at a glance: how strong the signal was, quality, findings, marks; below, the pairs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QColor
from PySide6.QtWidgets import QVBoxLayout, QWidget

from emgsmr.gui.review.clock_axis import ClockAxis
from emgsmr.gui.review.marks import mark_text
from emgsmr.gui.review.picture import envelope
from emgsmr.gui.widgets import theme

if TYPE_CHECKING:
    from emgsmr.gui.review.model import Review

AXIS_PX = 118
STYLES = (Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine, Qt.PenStyle.DotLine, Qt.PenStyle.DashDotLine)
PLOT_LIMIT_PCT = 200.0
ABOVE, BELOW = 1.5, 1.35
"""Room above the lines for the pairs' names, and below them for those of marks."""


class SessionView(QWidget):
    """Two plots with the whole session across: the overview bar and the time line of the pairs."""

    changed = Signal()
    baseline_drawn = Signal()

    def __init__(self, review: Review, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.review = review
        self.setAccessibleName("Whole session")
        self.bar = _Bar(axisItems={"bottom": ClockAxis("bottom")})
        self.pairs = _Bar(axisItems={"bottom": ClockAxis("bottom")})
        self.pairs.getPlotItem().addLegend(offset=(8, 1), colCount=4)
        self.pairs.getPlotItem().legend.layout.setContentsMargins(4, 0, 4, 0)
        self.bar.clicked.connect(self._go)
        self.pairs.clicked.connect(self._go)
        self.bar.setFixedHeight(112)
        self.pairs.setMinimumHeight(130)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(2)
        layout.addWidget(self.bar)
        layout.addWidget(self.pairs)
        self._items: list[tuple[pg.PlotWidget, object]] = []
        self.seen = pg.LinearRegionItem(movable=True)
        self.seen.sigRegionChanged.connect(self._dragged)
        self.baseline = pg.LinearRegionItem(movable=True)
        self.baseline.setVisible(False)
        self.baseline.sigRegionChangeFinished.connect(self._baseline_moved)
        self.cursors = [pg.InfiniteLine(angle=90) for _ in range(2)]
        self.bar.addItem(self.seen, ignoreBounds=True)
        self.bar.addItem(self.baseline, ignoreBounds=True)
        for plot, cursor in zip((self.bar, self.pairs), self.cursors, strict=True):
            plot.addItem(cursor, ignoreBounds=True)
            plot.setXRange(review.whole.start_s, review.whole.stop_s, padding=0)
        self._drawing = False
        self._color()

    def follow(self) -> None:
        """Show which part is seen, and the cursor."""
        self._drawing = True
        self.seen.setRegion((self.review.span.start_s, self.review.span.stop_s))
        for cursor in self.cursors:
            cursor.setValue(self.review.cursor_s)
        self._drawing = False

    def refresh(self) -> None:
        """Draw everything that belongs to the session."""
        for plot, item in self._items:
            plot.removeItem(item)
        self._items.clear()
        colors = theme.colors_of(self)
        self._draw_strength(colors)
        self._draw_result(colors)
        self._draw_pairs(colors)
        self._draw_marks(colors)
        chosen = self.review.baseline
        self.baseline.setVisible(chosen is not None)
        if chosen is not None:
            self._drawing = True
            self.baseline.setRegion(chosen)
            self._drawing = False
        self.follow()

    def _draw_strength(self, colors: theme.Colors) -> None:
        """Mean strength over the channels, each relative to its own strongest tenth."""
        review = self.review
        grid = np.linspace(review.whole.start_s, review.whole.stop_s, 800)
        rows: list[NDArray[np.float64]] = []
        for key, known in review.signal.sensors.items():
            t_s, half = envelope(review.pyramids[key, True], known, 800)
            for column in {c.column for c in review.signal.channels if c.sensor == key}:
                good = np.isfinite(half[:, column])
                if good.any():
                    near = np.searchsorted(t_s, grid).clip(0, len(t_s) - 1)
                    rows.append(half[near, column] / max(np.percentile(half[good, column], 90), 1e-12))
        if rows:
            counts = np.isfinite(rows).sum(axis=0)
            mean = np.nansum(rows, axis=0) / np.maximum(counts, 1)
            top = np.where(counts > 0, np.clip(mean, 0, 1.4) / 1.4, 0.0)
            curve = pg.PlotCurveItem(
                grid, top, fillLevel=0, brush=pg.mkBrush(colors.muscle), pen=pg.mkPen(colors.line)
            )
            self._add(self.bar, curve)

    def _draw_result(self, colors: theme.Colors) -> None:
        review, result = self.review, self.review.result
        self.bar.setYRange(-0.62 if result else 0.0, 1.45, padding=0)
        labels = [(0.6, "strength")]
        if result is not None:
            labels += [(1.25, "findings"), (-0.33, "quality")]
            least = review.whole.width_s / 600
            sites = sorted({channel.name for channel in review.signal.channels})
            height = 0.5 / max(len(sites), 1)
            runs = [run for run in result.quality if run.site in sites]
            tops = [-0.1 - sites.index(run.site) * height for run in runs]
            self._bars(
                [(r.start_s, max(r.stop_s, r.start_s + least)) for r in runs],
                [(top - height * 0.8, top) for top in tops],
                [colors.muted if r.state == "noisy" else colors.red for r in runs],
            )
            for finding in result.findings:
                stop = review.whole.stop_s if finding.t_end_s is None else finding.t_end_s
                color = colors.red if finding.tier else colors.muted
                self._bars(
                    [(finding.t_onset_s, max(stop, finding.t_onset_s + least))], [(1.1, 1.16)], [color]
                )
                text = pg.TextItem("▲" * finding.tier or "○", color=QColor(color), anchor=(0, 0.85))
                text.setPos(finding.t_onset_s, 1.13)
                self._add(self.bar, text)
            if result.baseline is not None:
                self._bars([result.baseline], [(1.02, 1.06)], [colors.blue])
                text = pg.TextItem("baseline", color=QColor(colors.blue), anchor=(0, 0.9))
                text.setPos(result.baseline[0], 1.05)
                self._add(self.bar, text)
        self.bar.getPlotItem().getAxis("left").setTicks([labels])

    def _draw_marks(self, colors: theme.Colors) -> None:
        """Their lines, and below the pairs as many of their names as have room beside each other."""
        free_s, second_px = -np.inf, max(self.width() - AXIS_PX, 400) / self.review.whole.width_s
        bottom = float(self.pairs.getViewBox().viewRange()[1][0])
        for event in self.review.shown_events()[:200]:
            for plot in (self.bar, self.pairs):
                pen = pg.mkPen(colors.ink, style=Qt.PenStyle.DashLine)
                self._add(plot, pg.InfiniteLine(event.t_s, angle=90, pen=pen))
            if event.t_s >= free_s and event.label != "pause":  # what begins at the same time is news
                text = pg.TextItem(
                    mark_text(event)[:24],
                    color=QColor(colors.ink),
                    anchor=(0, 1),
                    fill=pg.mkBrush(colors.paper),
                )
                text.setPos(event.t_s, bottom)
                self._add(self.pairs, text)
                free_s = event.t_s + (text.boundingRect().width() + 4) / second_px

    def _draw_pairs(self, colors: theme.Colors) -> None:
        review = self.review
        plot = self.pairs.getPlotItem()
        plot.setLabel("left", "change, %")
        plot.legend.clear()
        if review.result is None:
            text = pg.TextItem(self._why_empty(), color=QColor(colors.muted), anchor=(0.5, 0.5))
            text.setPos(review.whole.middle_s, 0)
            self._add(self.pairs, text)
            self.pairs.setYRange(-50 * BELOW, 50 * ABOVE, padding=0)
            return
        self._add(self.pairs, pg.InfiniteLine(0, angle=0, pen=pg.mkPen(colors.line)))
        reach = 30.0
        for old in review.results:
            front = old is review.result
            for place, line in enumerate(old.lines):
                color = QColor(colors.orange if line.side == "R" else colors.blue)
                color.setAlphaF(1.0 if front else 0.35)
                pen = pg.mkPen(color, width=2 if front else 1, style=STYLES[place // 2 % len(STYLES)])
                curve = pg.PlotDataItem(line.t_s, line.change_pct, pen=pen)
                self._add(self.pairs, curve)
                if front:
                    plot.legend.addItem(curve, f"{line.pair} {line.title}")
                    if len(line.change_pct):
                        reach = max(reach, float(np.percentile(np.abs(line.change_pct), 98)))
        reach = min(1.15 * reach, PLOT_LIMIT_PCT)
        self.pairs.setYRange(-BELOW * reach, ABOVE * reach, padding=0)

    def _why_empty(self) -> str:
        if "analyze" in self.review.progress:
            return "The analysis goes on in the background."
        return "Not analyzed yet: press A to see the pairs and findings."

    def _bars(
        self, spans: list[tuple[float, float]], heights: list[tuple[float, float]], fills: list[str]
    ) -> None:
        if spans:
            bars = pg.BarGraphItem(
                x0=[a for a, _ in spans],
                x1=[b for _, b in spans],
                y0=[a for a, _ in heights],
                y1=[b for _, b in heights],
                brushes=[pg.mkBrush(fill) for fill in fills],
                pens=[pg.mkPen(None)] * len(spans),
            )
            self._add(self.bar, bars)

    def _add(self, plot: pg.PlotWidget, item: object) -> None:
        plot.addItem(item, ignoreBounds=True)
        self._items.append((plot, item))

    def _go(self, t_s: float) -> None:
        self.review.go_to(t_s)
        self.changed.emit()

    def _dragged(self) -> None:
        if not self._drawing:
            low, high = self.seen.getRegion()
            self.review.go_to((low + high) / 2)
            self.changed.emit()

    def _baseline_moved(self) -> None:
        if not self._drawing:
            self.review.set_baseline(*self.baseline.getRegion())
            self.baseline_drawn.emit()

    def _color(self) -> None:
        colors = theme.colors_of(self)
        seen, chosen = QColor(colors.ink), QColor(colors.blue)
        seen.setAlphaF(0.14)
        chosen.setAlphaF(0.3)
        self.seen.setBrush(pg.mkBrush(seen))
        self.baseline.setBrush(pg.mkBrush(chosen))
        for region, color in ((self.seen, colors.ink), (self.baseline, colors.blue)):
            for line in region.lines:
                line.setPen(pg.mkPen(color, width=2))
        for cursor in self.cursors:
            cursor.setPen(pg.mkPen(colors.red, width=1))
        for plot in (self.bar, self.pairs):
            plot.color(colors)

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Take the new colors when the palette changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_drawing"):
            self._color()
            self.refresh()


class _Bar(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """A plot that does not zoom; a click tells its time."""

    clicked = Signal(float)

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        plot = self.getPlotItem()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys are the window's
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.getAxis("left").setWidth(AXIS_PX)
        self.scene().sigMouseClicked.connect(self._on_click)

    def color(self, colors: theme.Colors) -> None:
        """Take these colors."""
        self.setBackground(colors.paper)
        for name in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(colors.line))
            axis.setTextPen(pg.mkPen(colors.ink))
        legend = self.getPlotItem().legend
        if legend is not None:
            paper = QColor(colors.paper)
            paper.setAlphaF(0.8)
            legend.setBrush(pg.mkBrush(paper))
            legend.setLabelTextColor(colors.ink)

    def _on_click(self, event: Any) -> None:
        self.clicked.emit(float(self.getViewBox().mapSceneToView(event.scenePos()).x()))
