"""The last minutes of every pair: its change on each side, the baseline band, what was flagged, and marks.

One lane per pair and side, one below the other on one time axis; each is named where it is drawn.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pyqtgraph as pg
from numpy.typing import NDArray
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QPushButton, QVBoxLayout, QWidget

from emgsmr.gui.screen import Gauge, Line, Mark
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import clock, font_of, percent
from emgsmr.gui.widgets.lanes import PHASES_PX, REACH, TAG_PX, Lane, Lanes, Marks, lane_y

WINDOW_S = 600.0
LEAST = 28
"""Pixels; a lower lane cannot be read."""
HIGH = 44
"""Pixels; in a lane that is as high its own name is easily read, too."""
FOOT = 40
"""Pixels of the axis below the lanes."""
PAUSE_S = 60.0
"""Points further apart are not joined: nothing was measured between them."""
AHEAD = 0.1
"""Room right of the present for each lane's value, as a share of the window."""


class ClockAxis(pg.AxisItem):  # type: ignore[misc]
    """Seconds as minutes and seconds."""

    def tickStrings(self, values: Sequence[float], _scale: float, _spacing: float) -> list[str]:  # noqa: N802
        """What stands at the ticks."""
        return [clock(value) if value >= 0 else "" for value in values]

    def tickSpacing(self, low: float, high: float, size: float) -> list[tuple[float, float]]:  # noqa: N802
        """Whole minutes, or parts of one that people count in."""
        wanted = (high - low) * 90 / max(size, 1)
        steps = (1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400)
        return [(next((step for step in steps if step >= wanted), steps[-1]), 0)]


@dataclass(frozen=True, slots=True)
class _Key:
    """What a lane looked like when it was drawn."""

    pair: str
    side: str
    title: str
    n: int
    last: tuple[float, float]
    episodes: tuple[tuple[float, float, int], ...]
    band: tuple[float, float] | None


class Timeline(QWidget):
    """Lanes of the last ten minutes, or of the whole session (`show_whole`)."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.whole = False
        self.lines: tuple[Line, ...] = ()
        self._seen: Any = None
        self._given: tuple[tuple[Line, ...], tuple[Gauge, ...], tuple[Mark, ...], float] = ((), (), (), 0.0)
        self._curves: list[pg.PlotCurveItem] = []
        self.plot = pg.PlotWidget(axisItems={"bottom": ClockAxis("bottom")})
        self.plot.setMouseEnabled(x=False, y=False)
        self.plot.setMenuEnabled(False)
        self.plot.hideButtons()
        self.plot.setFrameShape(self.plot.Shape.NoFrame)
        self.lanes = Lanes()
        self.marks = Marks()
        for item in (self.lanes, self.marks):
            self.plot.addItem(item, ignoreBounds=True)
        self.button = QPushButton("Whole session", self)
        self.button.setCheckable(True)
        self.button.setAccessibleName("Show the whole session in the time line")
        self.button.toggled.connect(self.show_whole)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self.plot)
        self.button.raise_()
        self.setMinimumSize(280, 90)
        self.setAccessibleName("Time line")
        self.recolor()

    def show_values(
        self,
        lines: Iterable[Line],
        gauges: Iterable[Gauge] = (),
        marks: Iterable[Mark] = (),
        now_s: float = 0.0,
    ) -> None:
        """Show lines, with the bands of the gauges of the same pair and side; drawn once a second at most."""
        now_s = now_s if math.isfinite(now_s) else 0.0
        self._given = tuple(lines), tuple(gauges), tuple(marks), now_s
        self._draw()

    def show_whole(self, whole: bool) -> None:  # noqa: FBT001 (a signal's argument)
        """The whole session, or the last ten minutes."""
        self.whole = whole
        self.button.setChecked(whole)
        self._draw()

    def _draw(self) -> None:
        lines, gauges, marks, now_s = self._given
        bands = {(gauge.pair, gauge.side): gauge.band_pct for gauge in gauges}
        rows = self._mark_rows(marks, len(lines))
        strip = PHASES_PX + rows * TAG_PX if marks else 0
        height = max(self.height() - FOOT - strip, LEAST)
        self.lines = most_telling(lines, height // LEAST)
        keys = tuple(_key(line, bands.get((line.pair, line.side))) for line in self.lines)
        seen = (keys, marks, int(now_s), self.whole, len(lines))
        if seen == self._seen:
            return
        self._seen = seen
        self.lanes.show_values(
            [Lane(k.title or f"{k.pair} {k.side}", k.band, k.episodes, k.last[1]) for k in keys],
            now_s,
            hidden=len(lines) - len(keys),
        )
        self.marks.show_values(marks, now_s, rows=rows)
        begin, end = self.span()
        ahead = (end - begin) * AHEAD
        self.plot.setXRange(begin, end + ahead, padding=0)
        n = max(len(keys), 1)
        self.plot.setYRange(0.5 - n, 0.5 + n * strip / height, padding=0)
        self._draw_curves()
        self._draw_ticks(len(keys))
        told = [f"{k.title or k.pair}: {percent(k.last[1])}, {_flags(len(k.episodes))}" for k in keys]
        told += [f"{mark.text or mark.kind} at {clock(mark.t_s)}" for mark in marks]
        self.setAccessibleDescription("; ".join(told))

    def _mark_rows(self, marks: Sequence[Mark], n_lines: int) -> int:
        """One row of marks' names where there are any, two where the lanes stay high."""
        if all(mark.kind == "phase" for mark in marks):
            return 0
        left = self.height() - FOOT - PHASES_PX - 2 * TAG_PX
        return 2 if left >= max(n_lines, 2) * HIGH else 1

    def span(self) -> tuple[float, float]:
        """Begin and end of what is shown, s."""
        now_s = self._given[3]
        if self.whole:
            return 0.0, max(now_s, 60.0)
        return max(now_s, WINDOW_S) - WINDOW_S, max(now_s, WINDOW_S)

    def _draw_curves(self) -> None:
        while len(self._curves) < len(self.lines):
            curve = pg.PlotCurveItem(antialias=True, connect="finite")
            self.plot.addItem(curve, ignoreBounds=True)
            self._curves.append(curve)
        pen = pg.mkPen(theme.colors_of(self).ink, width=2)
        begin = self.span()[0]
        for number, curve in enumerate(self._curves):
            curve.setVisible(number < len(self.lines))
            if number < len(self.lines):
                t_s, y = points(self.lines[number], number, begin_s=begin)
                curve.setData(t_s, y, pen=pen)

    def _draw_ticks(self, n_lanes: int) -> None:
        shown = (-33, 0, 50) if n_lanes and self.height() / n_lanes > 66 else (0,)
        ticks = [
            (lane_y(number, lane_height(pct)), percent(pct)) for number in range(n_lanes) for pct in shown
        ]
        self.plot.getAxis("left").setTicks([ticks])

    def resizeEvent(self, event: Any) -> None:  # noqa: N802
        """As many lanes as fit, and the button in its corner."""
        super().resizeEvent(event)
        self.button.move(self.width() - self.button.width() - 4, self.height() - self.button.height())
        self._seen = None
        self._draw()

    def changeEvent(self, event: QEvent) -> None:  # noqa: N802
        """Take the new colors when the palette changes."""
        super().changeEvent(event)
        if event.type() == QEvent.Type.PaletteChange and hasattr(self, "lanes"):
            self.recolor()

    def recolor(self) -> None:
        """Draw with the palette's colors."""
        colors = theme.colors_of(self)
        self.plot.setBackground(colors.paper)
        for name, label in (
            ("left", "change of the ratio"),
            ("bottom", "time since the recording began (min:s)"),
        ):
            axis = self.plot.getAxis(name)
            axis.setPen(colors.line)
            axis.setTextPen(colors.muted)
            axis.setStyle(tickFont=font_of(12))
            axis.setLabel(label, **{"font-size": "12px", "color": colors.muted})
        self.plot.getAxis("left").setWidth(66)
        self.button.setFont(font_of(12))
        self.button.adjustSize()
        self.lanes.recolor(colors)
        self.marks.recolor(colors)
        self._seen = None
        self._draw()


def lane_height(change_pct: float) -> float:
    """Place in a lane, -1 to 1, of a change: logarithmic, cut at its ends."""
    return float(lane_heights(np.array([change_pct]))[0])


def lane_heights(change_pct: NDArray[np.float64]) -> NDArray[np.float64]:
    """As `lane_height`, of many; what is not finite stays out as NaN."""
    ratio = 1 + np.asarray(change_pct, dtype=np.float64) / 100
    fine = np.isfinite(ratio)
    logs = np.log(np.where(fine, np.maximum(ratio, 1e-6), 1.0)) / REACH
    return np.where(fine, np.clip(logs, -1.0, 1.0), np.nan)


def points(line: Line, number: int, *, begin_s: float) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Where a line goes in lane ``number``: from shortly before ``begin_s`` on, broken at pauses."""
    t_s = np.asarray(line.t_s, dtype=np.float64)
    n = min(len(t_s), len(line.change_pct))
    fine = np.isfinite(t_s[:n])
    t_s, change = t_s[:n][fine], np.asarray(line.change_pct, dtype=np.float64)[:n][fine]
    first = max(int(np.searchsorted(t_s, begin_s)) - 1, 0)
    t_s, change = t_s[first:], change[first:]
    breaks = np.flatnonzero(np.diff(t_s) > PAUSE_S) + 1
    y = np.array([lane_y(number, height) for height in lane_heights(change)], dtype=np.float64)
    return np.insert(t_s, breaks, t_s[breaks - 1] if len(breaks) else []), np.insert(y, breaks, np.nan)


def most_telling(lines: Sequence[Line], room: int) -> tuple[Line, ...]:
    """As many lines as there is room for: those flagged last first, in the order given."""
    if len(lines) <= room:
        return tuple(lines)
    ends = [max((end for _, end, _ in line.episodes), default=-math.inf) for line in lines]
    best = sorted(range(len(lines)), key=lambda k: (-ends[k], k))[:room]
    return tuple(lines[k] for k in sorted(best))


def _key(line: Line, band: tuple[float, float] | None) -> _Key:
    n = min(len(line.t_s), len(line.change_pct))
    last = (float(line.t_s[n - 1]), float(line.change_pct[n - 1])) if n else (math.inf, math.inf)
    if math.isnan(last[0]) or math.isnan(last[1]):  # NaN never equals itself
        last = (math.inf, math.inf)
    return _Key(line.pair, line.side, line.title, n, last, line.episodes, band)


def _flags(n: int) -> str:
    return "not flagged" if n == 0 else "flagged once" if n == 1 else f"flagged {n} times"
