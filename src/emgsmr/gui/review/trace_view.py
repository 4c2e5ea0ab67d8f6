"""The traces: one row for each channel with its name and scale, gaps, marks, findings and the cursor."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent, QPointF, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QWheelEvent

from emgsmr.gui.review.clock_axis import ClockAxis
from emgsmr.gui.review.marks import mark_text
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import short

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from emgsmr.gui.review.model import Review
    from emgsmr.gui.review.picture import Trace

MOST_LABELS = 24
DRAG_PX = 4
STRIP, MARKS = 0.45, 0.5
"""Heights of the strip for findings above the first row, and of the words of marks above it, in rows."""


class TraceView(pg.PlotWidget):  # type: ignore[misc]  # pyqtgraph has no types
    """Draws what `Review.traces` gives; a click sets the cursor, dragging moves, the wheel moves or zooms."""

    changed = Signal()

    def __init__(self, review: Review, parent: QWidget | None = None) -> None:
        super().__init__(parent, axisItems={"bottom": ClockAxis("bottom")})
        self.review = review
        self.shown: tuple[Trace, ...] = ()
        self.setAccessibleName("Traces")
        self.setMinimumHeight(200)
        plot = self.getPlotItem()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # keys are the window's
        plot.hideButtons()
        plot.setMenuEnabled(False)
        plot.setMouseEnabled(x=False, y=False)
        plot.getAxis("left").setWidth(118)
        plot.getAxis("left").setStyle(hideOverlappingLabels=False)
        self._curves = [
            pg.PlotCurveItem(connect="finite", skipFiniteCheck=True) for _ in review.signal.channels
        ]
        self._missing = pg.PlotCurveItem(connect="finite")
        self._lines = pg.PlotCurveItem(connect="pairs")
        self._cursor = pg.InfiniteLine(angle=90)
        self._strip = pg.BarGraphItem(x0=[], x1=[], y0=[], y1=[])
        for item in (*self._curves, self._missing, self._lines, self._strip, self._cursor):
            plot.addItem(item, ignoreBounds=True)
        self._labels: list[pg.TextItem] = []
        self._press: tuple[QPointF, float] | None = None
        self._dragged = False
        self._color()

    @property
    def columns(self) -> int:
        """Pixels across the traces."""
        return max(int(self.getViewBox().width()), 200)

    def refresh(self) -> None:
        """Draw what is seen now."""
        review = self.review
        self.shown = review.traces(self.columns)
        span = review.span
        n = len(self.shown)
        gaps: list[tuple[float, float, int]] = []
        ticks = []
        for row, (trace, curve) in enumerate(zip(self.shown, self._curves, strict=True)):
            half, center = review.rows.half(trace), review.rows.center(trace)
            y = np.clip((trace.values - np.float32(center)) * np.float32(0.47 / half), -0.95, 0.95)
            curve.setData(trace.t_s, y - np.float32(row))
            gaps += [(start, stop, row) for start, stop in missing_runs(trace.t_s, trace.values)]
            name = trace.channel.name.replace("_", " ")
            ticks.append((-row, f"{name}\n±{short(half)} {trace.channel.unit.partition(' (')[0]}"))
        self._draw_missing(gaps)
        plot = self.getPlotItem()
        plot.getAxis("left").setTicks([ticks])
        plot.setXRange(span.start_s, span.stop_s, padding=0)
        plot.setYRange(-n + 0.5, 0.5 + STRIP + MARKS, padding=0)
        self._cursor.setValue(review.cursor_s)
        self._draw_marks(-n + 0.5)

    def _draw_missing(self, gaps: list[tuple[float, float, int]]) -> None:
        x = [value for start, stop, _ in gaps for value in (start, stop, stop)]
        y = [value for _, _, row in gaps for value in (-row, -row, np.nan)]
        self._missing.setData(np.array(x, dtype=float), np.array(y, dtype=float))

    def _draw_marks(self, bottom: float) -> None:
        review, span = self.review, self.review.span
        said: list[tuple[float, float, str]] = []
        events = [e for e in review.shown_events() if span.start_s <= e.t_s <= span.stop_s]
        self._lines.setData(
            np.repeat([event.t_s for event in events], 2), np.tile([bottom, 0.5 + STRIP + MARKS], len(events))
        )
        said += [(event.t_s, 0.5 + STRIP + MARKS, mark_text(event)) for event in events]
        strips = []
        for finding in review.result.findings if review.result else ():
            stop = review.whole.stop_s if finding.t_end_s is None else finding.t_end_s
            low, high = max(finding.t_onset_s, span.start_s), min(stop, span.stop_s)
            if low < high:
                strips.append((low, high))
                said.append((low, 0.5 + STRIP, f"{'▲' * finding.tier or '○'} {finding.pair} {finding.side}"))
        self._strip.setOpts(
            x0=[low for low, _ in strips],
            x1=[high for _, high in strips],
            y0=[0.5] * len(strips),
            y1=[0.5 + STRIP] * len(strips),
        )
        for start, stop, row in self._gap_labels():
            said.append(((start + stop) / 2, -row, "missing"))
        self._label(said[:MOST_LABELS])

    def _gap_labels(self) -> list[tuple[float, float, int]]:
        """Gaps that are wide enough for the word."""
        x, y = self._missing.getData()
        if x is None:
            return []
        least = self.review.span.width_s * 0.04
        return [(x[k], x[k + 1], round(-y[k])) for k in range(0, len(x), 3) if x[k + 1] - x[k] >= least]

    def _label(self, said: list[tuple[float, float, str]]) -> None:
        while len(self._labels) < len(said):
            item = pg.TextItem("", anchor=(0, 0))
            self._labels.append(item)
            self.addItem(item, ignoreBounds=True)
        colors = theme.colors_of(self)
        for place, item in enumerate(self._labels):
            item.setVisible(place < len(said))
            if place < len(said):
                t_s, y, text = said[place]
                item.setColor(QColor(colors.ink if text != "missing" else colors.muted))
                item.fill = pg.mkBrush(colors.paper)
                item.setAnchor((0.5, 0.5) if text == "missing" else (0, 0))
                item.setText(text[:40])
                item.setPos(t_s, y)

    def _color(self) -> None:
        colors = theme.colors_of(self)
        self.setBackground(colors.paper)
        for curve, channel in zip(self._curves, self.review.signal.channels, strict=True):
            curve.setPen(pg.mkPen(colors.orange if channel.name.endswith("_R") else colors.blue, width=1))
        self._missing.setPen(pg.mkPen(colors.muted, width=2, style=Qt.PenStyle.DotLine))
        self._lines.setPen(pg.mkPen(colors.ink, width=1, style=Qt.PenStyle.DashLine))
        self._cursor.setPen(pg.mkPen(colors.red, width=2))
        self._strip.setOpts(brush=pg.mkBrush(colors.muscle), pen=pg.mkPen(colors.line))
        for name in ("left", "bottom"):
            axis = self.getPlotItem().getAxis(name)
            axis.setPen(pg.mkPen(colors.line))
            axis.setTextPen(pg.mkPen(colors.ink))

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802 (Qt's name)
        """Take the new colors when the palette changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "_press"):
            self._color()
            self.refresh()

    def time_at(self, x: float) -> float:
        """Time (s) at a horizontal place of the widget."""
        return float(self.getViewBox().mapSceneToView(self.mapToScene(int(x), 0)).x())

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Begin a click or a drag."""
        self._press, self._dragged = (event.position(), self.review.span.start_s), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """Drag the traces along."""
        if self._press is None or not event.buttons() & Qt.MouseButton.LeftButton:
            return
        by_px = event.position().x() - self._press[0].x()
        self._dragged = self._dragged or abs(by_px) > DRAG_PX
        if self._dragged:
            review = self.review
            wanted_s = self._press[1] - by_px / self.columns * review.span.width_s
            review.move((wanted_s - review.span.start_s) / review.span.width_s)
            self.changed.emit()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 (Qt's name)
        """A click sets the cursor."""
        if self._press is not None and not self._dragged:
            self.review.set_cursor(self.time_at(event.position().x()))
            self.changed.emit()
        self._press = None

    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 (Qt's name)
        """Move; with Ctrl, zoom around the pointer."""
        turn = event.angleDelta().y() or event.angleDelta().x()
        if event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            self.review.zoom(-1 if turn > 0 else 1, at_s=self.time_at(event.position().x()))
        else:
            self.review.move(-turn / 120 * 0.1)
        self.changed.emit()
        event.accept()


def missing_runs(t_s: NDArray[np.float64], values: NDArray[Any]) -> list[tuple[float, float]]:
    """Begin and end of what is NaN.

    Examples
    --------
    >>> missing_runs(np.arange(5.0), np.array([1.0, np.nan, np.nan, 1.0, np.nan]))
    [(1.0, 2.0), (4.0, 4.0)]
    """
    edges = np.flatnonzero(np.diff(np.concatenate([[False], np.isnan(values), [False]]).astype(np.int8)))
    return [(float(t_s[a]), float(t_s[b - 1])) for a, b in zip(edges[0::2], edges[1::2], strict=True)]
