"""After the run: the summary in words, and where recording and page are."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtWidgets import QGridLayout, QPushButton, QScrollArea, QVBoxLayout, QWidget

from emgsmr.gui.pages.page import GAP, Page, Panel, Words
from emgsmr.gui.screen import Screen
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.canvas import font_of
from emgsmr.gui.widgets.facts import FactsView


class AfterPage(Page):
    """The summary."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.sentences: tuple[str, ...] = ()
        self.facts = FactsView()
        self.recording, self.report = Words(theme.TEXT, copied=True), Words(theme.TEXT, copied=True)
        self.look, self.folder = QPushButton("Look at the recording"), QPushButton("Open the folder")
        for button in (self.look, self.folder):
            button.setFont(font_of(theme.TEXT))
            button.setMinimumHeight(40)
        self.look.clicked.connect(lambda: self.asked.emit("open_recording", self.recording.text()))
        self.folder.clicked.connect(
            lambda: self.asked.emit("open_folder", str(Path(self.recording.text()).parent))
        )
        self._text = QWidget()
        self._lines = QVBoxLayout(self._text)
        self._lines.setContentsMargins(0, 0, 8, 0)
        self._lines.setSpacing(GAP)
        scroll = QScrollArea()
        scroll.setWidgetResizable(True)
        scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        scroll.setWidget(self._text)
        scroll.viewport().setAutoFillBackground(False)
        self._text.setAutoFillBackground(False)
        summary = Panel("What was found")
        summary.rows.addWidget(scroll, 1)
        where = Panel("Where it is")
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * GAP)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        for row, (name, path, button) in enumerate(
            (
                ("Recording: every count of every sensor", self.recording, self.look),
                ("Page: one file, to be opened in a browser and to be sent", self.report, self.folder),
            )
        ):
            grid.addWidget(Words(theme.SMALL, name, muted=True, wraps=False), row, 0)
            grid.addWidget(path, row, 1)
            grid.addWidget(button, row, 2)
        where.rows.addLayout(grid)
        column = QVBoxLayout()
        column.addWidget(self.facts)
        column.addWidget(summary, 1)
        column.addWidget(where)
        self.body.addLayout(column, 1)

    def show_body(self, screen: Screen) -> None:
        """Sentences and paths."""
        self.facts.show_values([fact for fact in screen.facts if fact.value != screen.recording])
        self.recording.show_values(screen.recording)
        self.report.show_values(
            screen.report or ("It is being written …" if screen.busy else "There is none.")
        )
        for button in (self.look, self.folder):
            button.setEnabled(bool(screen.recording))
        if screen.summary == self.sentences and self._lines.count():
            return
        self.sentences = screen.summary
        while (item := self._lines.takeAt(0)) is not None:
            if (old := item.widget()) is not None:
                old.deleteLater()
        first, *others = screen.summary or ("The summary is being written …" if screen.busy else "",)
        self._lines.addWidget(Words(26, first, bold=True, copied=True))
        for sentence in others:
            self._lines.addWidget(Words(18, sentence, copied=True))
        self._lines.addStretch(1)
