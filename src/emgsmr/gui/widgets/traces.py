"""The last ten seconds of every channel, stacked, in µV; a gap is drawn as a gap.

Each frame is one image of 8-bit colors made with numpy from the lowest and highest value per pixel column
(`emgsmr.gui.trace_image`): what it costs depends on the pixels, and hardly on channels and rates.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QWidget

from emgsmr.gui.trace_buffer import TraceBuffer
from emgsmr.gui.trace_image import draw_trace, nice_scale
from emgsmr.gui.widgets.canvas import LEFT, RIGHT, Canvas, draw_text, fitted, font_of, short
from emgsmr.recording import SampleBlock, Wiring

SECONDS = 10.0
UNSEEN = 500
"""Samples per sensor that may wait while the traces are not seen."""
LABELS, FOOT = 156, 22
"""Pixels left of and below the traces."""


@dataclass(slots=True)
class Trace:
    """One channel in the picture."""

    sensor: int
    channel: int
    label: str
    unit: str
    scale: float = 50.0


class Traces(Canvas):
    """Feed with `take`, once per frame, shown or not."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.traces: list[Trace] = []
        self._buffers: dict[int, TraceBuffer] = {}
        self._wiring: Wiring | None = None
        self._placed_only = True
        self._waiting: dict[int, list[SampleBlock]] = {}
        self._n_waiting = 0
        self._labeled: Any = None
        self._frame = QPixmap()
        self.frames = 0
        """How often the traces were drawn."""
        self.setMinimumSize(300, 120)
        self.say("Traces", "No sensor streams yet.")

    def sizeHint(self) -> QSize:  # noqa: N802
        """Wide."""
        return QSize(800, 360)

    @property
    def n_bytes(self) -> int:
        """Memory of all ring buffers."""
        return sum(buffer.n_bytes for buffer in self._buffers.values())

    def show_channels(self, wiring: Wiring | None, *, placed_only: bool = True) -> None:
        """Draw these sensors' channels: all, or those that are placed; begins anew where sensors changed."""
        if wiring is self._wiring and placed_only == self._placed_only:
            return
        self.catch_up()
        known = {info.id: info for info in self._wiring.sensors} if self._wiring else {}
        self._wiring, self._placed_only = wiring, placed_only
        infos = wiring.sensors if wiring else ()
        self._buffers = {
            info.id: self._buffers[info.id]
            if known.get(info.id) == info
            else TraceBuffer(info, seconds=SECONDS)
            for info in infos
            if info.channels
        }
        scales = {(trace.sensor, trace.channel): trace.scale for trace in self.traces}
        self.traces = []
        sites = {(p.sensor, p.channel): p.site for p in wiring.placements} if wiring else {}
        for info in infos:
            unit = "µV" if info.scale_known != "unknown" else "units"
            for channel in range(info.channels):
                key = (info.id, channel)
                if placed_only and key not in sites:
                    continue
                name = sites.get(key) or f"{info.name or info.id}/{channel + 1}"
                self.traces.append(Trace(*key, name.replace("_", " "), unit, scales.get(key, 50.0)))
        names = ", ".join(trace.label for trace in self.traces)
        self.say(
            "Traces", f"Last {SECONDS:g} seconds of {names}; {self.filter_name}." if names else "No channel."
        )
        self.update()

    @property
    def filter_name(self) -> str:
        """What was done to the signal before it was drawn."""
        return filter_name([buffer.band_hz for buffer in self._buffers.values()])

    def take(self, blocks: Iterable[SampleBlock]) -> None:
        """Go on with new blocks; while nobody sees the traces, they are filtered some at a time."""
        for block in blocks:
            if block.sensor in self._buffers:
                self._waiting.setdefault(block.sensor, []).append(block)
                self._n_waiting += block.n
        seen = self.isVisible()
        if self._n_waiting and (seen or self._n_waiting > UNSEEN * len(self._buffers)):
            self.catch_up()
            if seen:
                self.update(0, 0, self.width(), self.height() - FOOT)

    def catch_up(self) -> None:
        """Filter what has come: one call per sensor, which costs more than its samples."""
        for sensor, parts in self._waiting.items():
            for block in _joined(parts):
                self._buffers[sensor].take(block)
        self._waiting, self._n_waiting = {}, 0

    def edges(self, columns: int) -> NDArray[np.float64]:
        """Borders of the pixel columns in seconds, the newest sample in the last; they stand still."""
        end_s = max((buffer.end_s for buffer in self._buffers.values()), default=0.0)
        step = SECONDS / columns
        last = int(np.ceil(end_s / step))
        return np.arange(last - columns, last + 1, dtype=np.float64) * step

    def draw(self, painter: QPainter) -> None:
        """Draw what is shown."""
        ratio = self.devicePixelRatioF()
        width, height = self.width() - LABELS - 8, self.height() - FOOT
        if not self.traces or width < 10:
            draw_text(painter, QRectF(self.rect()), "no channel to draw", self.colors.muted, largest=18)
            return
        columns, lines = int(width * ratio), max(int(height * ratio), len(self.traces))
        c = self.colors
        table = np.array([QColor(x).rgba() for x in (c.paper, c.blue, c.orange, c.grid)], np.uint32)
        pixels = table[self._pixels(columns, lines)]
        image = QImage(pixels.data, columns, lines, pixels.strides[0], QImage.Format.Format_RGB32)
        image.setDevicePixelRatio(ratio)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing, on=False)
        painter.drawImage(QPointF(LABELS, 0), image)
        painter.drawPixmap(0, 0, self._labels(width, height))

    def _pixels(self, columns: int, lines: int) -> NDArray[np.uint8]:
        pixels = np.zeros((lines, columns), np.uint8)
        edges = self.edges(columns)
        drawn = {sensor: buffer.columns(edges) for sensor, buffer in self._buffers.items()}
        self.frames += 1
        for number, trace in enumerate(self.traces):
            low, high = (values[:, trace.channel] for values in drawn[trace.sensor])
            if self.frames % 8 == 1:
                trace.scale = nice_scale(_peak(low, high), trace.scale)
            begin, end = (k * lines // len(self.traces) for k in (number, number + 1))
            draw_trace(pixels[begin:end], low, high, trace.scale)
        return pixels

    def _labels(self, width: float, height: float) -> QPixmap:
        """Everything around the traces; kept, because text costs more than traces."""
        texts = tuple((trace.label, trace.scale, trace.unit) for trace in self.traces)
        ratio = self.devicePixelRatioF()
        key = (width, height, ratio, self.colors, texts)
        if key != self._labeled:
            self._labeled = key
            self._frame = QPixmap(round(self.width() * ratio), round(self.height() * ratio))
            self._frame.setDevicePixelRatio(ratio)
            self._frame.fill(Qt.GlobalColor.transparent)
            painter = QPainter(self._frame)
            self._draw_labels(painter, height)
            self._draw_foot(painter, QRectF(LABELS, height, width, FOOT))
            painter.end()
        return self._frame

    def _draw_labels(self, painter: QPainter, height: float) -> None:
        row = height / len(self.traces)
        longest = max((trace.label for trace in self.traces), key=len)
        size = fitted(longest, QRectF(0, 0, 62, row), largest=15, bold=True).pixelSize()
        for number, trace in enumerate(self.traces):
            box = QRectF(4, number * row, LABELS - 14, row)
            name = QRectF(box.left(), box.top(), 62, row)
            draw_text(painter, name, trace.label, self.colors.ink, largest=size, bold=True, align=LEFT)
            value = QRectF(name.right() + 2, box.top(), box.right() - name.right() - 2, row)
            text = f"±{short(trace.scale)} {trace.unit}"
            draw_text(painter, value, text, self.colors.muted, largest=min(size, 11), align=RIGHT)
            painter.setPen(QPen(QColor(self.colors.ink), 2))
            x, gap = LABELS - 5, min(2.0, row * 0.1)
            painter.drawLine(QPointF(x, box.top() + gap), QPointF(x, box.bottom() - gap))  # the scale bar

    def _draw_foot(self, painter: QPainter, box: QRectF) -> None:
        painter.setPen(QPen(QColor(self.colors.line), 1))
        painter.drawLine(box.topLeft(), box.topRight())
        for seconds in range(0, int(SECONDS), 2):
            x = box.left() + box.width() * (1 - seconds / SECONDS)
            painter.drawLine(QPointF(x, box.top()), QPointF(x, box.top() + 4))
            text = f"−{seconds} s" if seconds else "now"
            label = QRectF(x - 40, box.top() + 3, 38, box.height() - 3)
            draw_text(painter, label, text, self.colors.muted, largest=13, align=RIGHT)
        left = QRectF(4, box.top() + 2, LABELS + box.width() * 0.2 - 70, box.height() - 2)
        long, brief = self.filter_name, self.filter_name.removeprefix("band-pass ")
        fits = QFontMetricsF(font_of(11)).horizontalAdvance(long) <= left.width()
        draw_text(painter, left, long if fits else brief, self.colors.muted, largest=13)


def filter_name(bands_hz: Iterable[tuple[float, float] | None]) -> str:
    """Name the filters of all sensors in one.

    Examples
    --------
    >>> filter_name([(30.0, 225.0), (30.0, 450.0), (30.0, 450.0)]), filter_name([(30.0, 225.0), None])
    ('band-pass 30 to 225 or 450 Hz', 'band-pass 30 to 225 Hz or no filter')
    >>> filter_name([])
    ''
    """
    known = list(bands_hz)
    names = []
    for low in sorted({band[0] for band in known if band is not None}):
        highs = sorted({band[1] for band in known if band is not None and band[0] == low})
        names.append(f"band-pass {low:g} to {' or '.join(f'{high:g}' for high in highs)} Hz")
    if None in known:
        names.append("no filter")
    return " or ".join(names)


def _peak(low: NDArray[np.floating[Any]], high: NDArray[np.floating[Any]]) -> float:
    """What one column in a hundred exceeds."""
    size = np.maximum(np.abs(low), np.abs(high))
    size = size[np.isfinite(size)]
    return float(np.percentile(size, 99.5)) if len(size) else float("nan")


def _joined(blocks: Sequence[SampleBlock]) -> list[SampleBlock]:
    """Blocks of one sensor, with neighbors put together: a filter call costs more than its samples."""
    runs: list[list[SampleBlock]] = []
    for block in blocks:
        if runs and runs[-1][-1].end_index == block.first_index:
            runs[-1].append(block)
        else:
            runs.append([block])
    return [run[0] if len(run) == 1 else SampleBlock.join(run) for run in runs]
