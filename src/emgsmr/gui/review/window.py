"""The window of a review: traces, the whole session, what can be done, and keys for all of it."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Self

from PySide6.QtCore import Qt, QTimer
from PySide6.QtGui import QCloseEvent, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QInputDialog,
    QLabel,
    QMainWindow,
    QProgressBar,
    QPushButton,
    QSizePolicy,
    QSplitter,
    QVBoxLayout,
    QWidget,
)

from emgsmr.gui.review.choices import PairsButton, ResultChoice
from emgsmr.gui.review.marks import KINDS
from emgsmr.gui.review.model import Review
from emgsmr.gui.review.session_view import SessionView
from emgsmr.gui.review.trace_view import TraceView

LISTEN_MS = 60
REDRAW_EVERY = 5
"""The session is drawn anew at every fifth look while the overview grows."""

_KEY = Qt.Key
KEYS: dict[int, str] = {
    _KEY.Key_Right: "later", _KEY.Key_Left: "earlier", _KEY.Key_PageDown: "page_later",
    _KEY.Key_PageUp: "page_earlier", _KEY.Key_Plus: "closer", _KEY.Key_Equal: "closer",
    _KEY.Key_Minus: "wider",
    _KEY.Key_Home: "start", _KEY.Key_End: "end", _KEY.Key_Up: "larger", _KEY.Key_Down: "smaller",
    _KEY.Key_0: "fit", _KEY.Key_Period: "next_finding", _KEY.Key_P: "last_finding", _KEY.Key_V: "view",
    _KEY.Key_B: "baseline", _KEY.Key_A: "analyze",
} | {getattr(_KEY, f"Key_{key}"): kind for kind, key in KINDS.items()}  # fmt: skip


class ReviewWindow(QMainWindow):
    """A recording that is looked at.

    Parameters
    ----------
    review : Review
        The window closes it.
    analyze : bool
        Analyze in the background once the overview is there.
    """

    def __init__(self, review: Review, *, analyze: bool = True) -> None:
        super().__init__()
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.review = review
        self._analyze_later = analyze
        self._looks = 0
        self.setWindowTitle(f"{review.path.name} - emgsmr")
        self.resize(1280, 860)
        self.traces = TraceView(review)
        self.session = SessionView(review)
        self._build()
        self._paint = QTimer(self, singleShot=True, interval=0)
        self._paint.timeout.connect(self.redraw)
        self._listen = QTimer(self, interval=LISTEN_MS)
        self._listen.timeout.connect(self.listen)
        self.traces.changed.connect(self.look)
        self.session.changed.connect(self.look)
        self.session.baseline_drawn.connect(self.look)
        review.start()
        self._listen.start()
        self.session.refresh()
        self.look()

    @classmethod
    def of(cls, path: str | Path) -> Self:
        """The window of a file."""
        return cls(Review(path))

    def look(self) -> None:
        """Something changed: draw once when all that waits is done."""
        self._paint.start()

    def redraw(self) -> None:
        """Draw the traces and all words now."""
        self.traces.refresh()
        self.session.follow()
        review = self.review
        self.words.setText(review.said or review.at_cursor())
        self.notice.setText(review.notice)
        self.notice.setVisible(bool(review.notice))
        self.view.setText("Band-passed 30 to 450 Hz" if review.filtered else "Raw")
        chosen = review.baseline is not None
        self.draw_baseline.setText("Drop baseline  [B]" if chosen else "Draw baseline  [B]")
        first = "Analyze again  [A]" if review.results else "Analyze  [A]"
        self.again.setText("Stop analysis" if "analyze" in review.progress else first)
        self._show_progress()

    def listen(self) -> None:
        """Take in what the jobs have done."""
        review = self.review
        if not review.hear():
            return
        self._looks += 1
        if review.complete and self._analyze_later:
            self._analyze_later = False
            review.analyze()
        if "overview" not in review.progress or self._looks % REDRAW_EVERY == 0:
            self.session.refresh()
        self.choice.show_values(review)
        self.look()

    def do(self, name: str) -> None:
        """Do something by its name, as a key or button does."""
        review = self.review
        review.said = ""
        simple: dict[str, Callable[[], None]] = {
            "later": partial(review.move, 0.1),
            "earlier": partial(review.move, -0.1),
            "page_later": partial(review.move, 0.9),
            "page_earlier": partial(review.move, -0.9),
            "closer": partial(review.zoom, -1),
            "wider": partial(review.zoom, 1),
            "start": review.go_to_start,
            "end": review.go_to_end,
            "larger": partial(review.rows.magnify, 1),
            "smaller": partial(review.rows.magnify, -1),
            "fit": partial(review.fit, self.traces.columns),
            "next_finding": partial(review.next_finding, 1),
            "last_finding": partial(review.next_finding, -1),
            "view": self._other_view,
            "baseline": self._baseline,
            "analyze": self._analyze,
        }
        if name in KINDS:
            self._mark(name)
        else:
            simple[name]()
        if name in ("baseline", "analyze") or name in KINDS:
            self.session.refresh()
        self.look()

    # -- making ---

    def _build(self) -> None:
        self.title = QLabel(self.review.title)
        self.title.setStyleSheet("font-size: 18px; font-weight: 600")
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.view = self._button("Band-passed 30 to 450 Hz", "view", "Band-passed as analyzed, or raw [V]")
        self.choice = ResultChoice()
        self.choice.activated.connect(self._choose)
        top = QHBoxLayout()
        for widget in (self.title, self.view, self.choice):
            top.addWidget(widget, 1 if widget is self.title else 0)
        self.notice = QLabel()
        self.notice.setWordWrap(True)
        self.notice.setVisible(False)
        split = QSplitter(Qt.Orientation.Vertical)
        split.addWidget(self.traces)
        split.addWidget(self.session)
        split.setSizes([540, 270])
        split.setStretchFactor(0, 1)
        self.words = QLabel()
        self.words.setWordWrap(True)
        self.words.setMinimumHeight(24)
        self.words.setAccessibleName("What is at the cursor")
        body = QWidget()
        layout = QVBoxLayout(body)
        layout.setContentsMargins(10, 8, 10, 8)
        layout.addLayout(top)
        layout.addWidget(self.notice)
        layout.addWidget(split, 1)
        layout.addWidget(self.words)
        layout.addLayout(self._bottom())
        self.setCentralWidget(body)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _bottom(self) -> QHBoxLayout:
        row = QHBoxLayout()
        for kind, key in KINDS.items():
            row.addWidget(self._button(f"{kind.capitalize()}  [{key}]", kind, f"Mark {kind} at the cursor"))
        row.addSpacing(16)
        row.addWidget(self._button("◀ finding", "last_finding", "Go to the finding before [P]"))
        row.addWidget(self._button("finding ▶", "next_finding", "Go to the next finding [.]"))
        row.addStretch(1)
        self.progress = QProgressBar()
        self.progress.setMaximumWidth(260)
        self.progress.setVisible(False)
        row.addWidget(self.progress)
        self.draw_baseline = self._button(
            "Draw baseline  [B]", "baseline", "Take a stretch as baseline of the next analysis"
        )
        row.addWidget(self.draw_baseline)
        self.pairs = PairsButton(self.review)
        row.addWidget(self.pairs)
        self.again = self._button(
            "Analyze again  [A]", "analyze", "Analyze in the background; earlier results stay"
        )
        row.addWidget(self.again)
        return row

    def _button(self, text: str, name: str, tip: str) -> QPushButton:
        button = QPushButton(text)
        button.setToolTip(tip)
        button.setAccessibleName(text or tip)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        button.setMinimumSize(button.sizeHint().width(), 32)
        button.clicked.connect(partial(self.do, name))
        return button

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 (Qt's name)
        """Do what a key stands for."""
        name = KEYS.get(event.key())
        if name is None or event.modifiers() & Qt.KeyboardModifier.ControlModifier:
            super().keyPressEvent(event)
        else:
            self.do(name)

    # -- what actions need of the window ---

    def _other_view(self) -> None:
        self.review.filtered = not self.review.filtered

    def _mark(self, kind: str) -> None:
        note = ""
        if kind == "note":
            note, ok = QInputDialog.getText(self, "Note", "What shall be remembered at the cursor?")
            if not ok:
                return
        self.review.mark(kind, note)

    def _baseline(self) -> None:
        review = self.review
        if review.baseline is not None:
            review.baseline = None
            return
        width_s = max(review.span.width_s, min(300.0, review.whole.width_s / 8))
        span = review.whole.around(review.cursor_s, width_s)
        review.set_baseline(span.start_s, span.stop_s)
        review.said = "Move the blue stretch and its ends in the overview, then press A."

    def _analyze(self) -> None:
        if "analyze" in self.review.progress:
            self.review.stop_analysis()
        else:
            self._analyze_later = False
            self.review.analyze()

    def _choose(self, place: int) -> None:
        if self.review.results:
            self.review.choose(place)
            self.session.refresh()
            self.look()

    def _show_progress(self) -> None:
        going = self.review.progress
        self.progress.setVisible(bool(going))
        if going:
            kind = "analyze" if "analyze" in going else "overview"
            said = "Analyzing" if kind == "analyze" else "Overview"
            self.progress.setValue(round(100 * going[kind]))
            self.progress.setFormat(f"{said} %p %")

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """End what goes on."""
        self._listen.stop()
        self._paint.stop()
        self.review.close()
        super().closeEvent(event)
