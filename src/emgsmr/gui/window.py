"""The main window: draws what the presenter says, and tells it what the user does."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, QUrl, Signal
from PySide6.QtGui import QCloseEvent, QDesktopServices, QKeySequence, QShortcut
from PySide6.QtWidgets import (
    QFileDialog,
    QHBoxLayout,
    QMainWindow,
    QMessageBox,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from emgsmr.errors import EmgsmrError
from emgsmr.gui.pages.after import AfterPage
from emgsmr.gui.pages.calibrate import CalibratePage
from emgsmr.gui.pages.check import CheckPage
from emgsmr.gui.pages.corner import CornerButtons
from emgsmr.gui.pages.find import FindPage
from emgsmr.gui.pages.note import NoteBar
from emgsmr.gui.pages.page import GAP, Page
from emgsmr.gui.pages.place import PlacePage
from emgsmr.gui.pages.protocol import ProtocolPage
from emgsmr.gui.pages.steps import StepsBar
from emgsmr.gui.screen import Step
from emgsmr.gui.widgets.run_page import RunPage

if TYPE_CHECKING:
    from emgsmr.analysis import Finding
    from emgsmr.gui.presenter import Presenter
    from emgsmr.gui.screen import Screen
    from emgsmr.gui.widgets.sound import Sound
    from emgsmr.gui.widgets.theme import Theme
    from emgsmr.recording import SampleBlock, Wiring

FILES = {
    "open_recording": ("Open a recording", "Recordings (*.emgsmr)"),
    "open_protocol": ("Open a protocol of your own", "Protocols (*.toml)"),
}
"""Actions that need a file: what it is asked for with, and which kind."""

LOOK_MS = 30
"""Between two looks: 33 a second, for what moves."""


class MainWindow(QMainWindow):
    """The live window.

    Parameters
    ----------
    presenter : Presenter
    theme : Theme, optional
        Whom the dark/light button tells.
    blocks : callable
        Samples since the last call, for the traces.
    wiring : callable
        Which channels there are.
    play : callable, optional
        Plays a sound.
    on_alert : callable, optional
        Told each finding that an alert was raised for.
    on_look : callable, optional
        Told each screen once it is shown.
    open_path : callable
        Opens a file or folder with the system's program for it.
    review : callable, optional
        Opens a recording to be scrolled through; without it, its summary is made.
    """

    closed = Signal()

    def __init__(
        self,
        presenter: Presenter,
        *,
        theme: Theme | None = None,
        blocks: Callable[[], Sequence[SampleBlock]] = tuple,
        wiring: Callable[[], Wiring | None] = lambda: None,
        play: Callable[[Sound], None] | None = None,
        on_alert: Callable[[Finding], None] | None = None,
        on_look: Callable[[Screen], None] | None = None,
        open_path: Callable[[Path], object] = lambda path: QDesktopServices.openUrl(QUrl.fromLocalFile(path)),
        review: Callable[[Path], object] | None = None,
    ) -> None:
        super().__init__()
        self.presenter = presenter
        self.screen_shown: Screen | None = None
        self.frames = 0
        self.closing_asks = True
        self._blocks, self._wiring, self._play = blocks, wiring, play
        self._on_alert, self._on_look = on_alert, on_look
        self._open_path, self._review = open_path, review
        self._shortcuts: dict[str, QShortcut] = {}
        self._build(theme)
        self.setWindowTitle("emgsmr")
        self.setMinimumSize(820, 560)
        self.resize(1280, 800)
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.look)
        self._timer.start(LOOK_MS)
        self.look()

    def _build(self, theme: Theme | None) -> None:
        self.steps, self.note = StepsBar(), NoteBar()
        self.corner_buttons = CornerButtons(theme)
        self.run_page = RunPage()
        self.pages = {
            Step.FIND: FindPage(),
            Step.PLACE: PlacePage(),
            Step.CHECK: CheckPage(),
            Step.CALIBRATE: CalibratePage(),
            Step.PROTOCOL: ProtocolPage(),
            Step.AFTER: AfterPage(),
        }
        self._stack = QStackedWidget()
        for page in self.pages.values():
            page.asked.connect(self.do)
            self._stack.addWidget(page)
        self.run_page.asked.connect(self.do)
        self._stack.addWidget(self.run_page)
        self.note.written.connect(self._write_note)
        self.note.given_up.connect(self.listen_to_keys)
        self.corner_buttons.full_screen.connect(self.toggle_full_screen)
        top = QHBoxLayout()
        top.setContentsMargins(GAP, 6, GAP, 0)
        top.addWidget(self.steps, 1)
        top.addWidget(self.corner_buttons)
        center = QWidget()
        rows = QVBoxLayout(center)
        rows.setContentsMargins(0, 0, 0, 0)
        rows.setSpacing(0)
        rows.addLayout(top)
        rows.addWidget(self._stack, 1)
        rows.addWidget(self.note)
        self.setCentralWidget(center)

    # -- what is shown ---

    def look(self) -> None:
        """Ask the presenter and show what it says."""
        screen = self.presenter.look()
        self.frames += 1
        self.show_screen(screen)
        for sound in self.presenter.sounds():
            if self._play is not None:
                self._play(sound)
        for finding in self.presenter.alerts():
            if self._on_alert is not None:
                self._on_alert(finding)
        if self._on_look is not None:
            self._on_look(screen)

    def show_screen(self, screen: Screen) -> None:
        """Show a screen."""
        blocks = self._blocks()
        self.run_page.show_channels(self._wiring())
        self.run_page.take(blocks)
        self.steps.show_values(screen.step)
        page = self.page_of(screen.step)
        page.show_values(screen)
        if self._stack.currentWidget() is not page:
            self._stack.setCurrentWidget(page)
            if self.note.isVisible():
                self.note.give_up()
        before, self.screen_shown = self.screen_shown, screen
        if before is None or before.actions != screen.actions:
            self.listen_to_keys()
        self.setWindowTitle(f"{Path(screen.recording).name} – emgsmr" if screen.recording else "emgsmr")

    def page_of(self, step: Step) -> RunPage | Page:
        """The page of a step."""
        return self.run_page if step is Step.RUN else self.pages[step]

    @property
    def page(self) -> RunPage | Page:
        """The page that is shown."""
        return self.page_of(self.screen_shown.step if self.screen_shown is not None else Step.FIND)

    # -- what the user does ---

    def do(self, name: str, value: str = "") -> None:
        """Do what a button or a key asks."""
        if name in ("note", "person") and not value:
            self.note.open(name)
            self.listen_to_keys()
            return
        if name in FILES and not value:
            value, _ = QFileDialog.getOpenFileName(self, FILES[name][0], "", f"{FILES[name][1]};;All (*)")
            if not value:
                return
        if name == "open_recording" and self._review is not None:
            self._open_review(Path(value))
            return
        if name == "open_folder":
            self._open_path(Path(value))
            return
        if name == "open_report" and self.screen_shown is not None and self.screen_shown.report:
            self._open_path(Path(self.screen_shown.report))
        self.presenter.do(name, value)

    def _open_review(self, path: Path) -> None:
        assert self._review is not None
        try:
            self._review(path)
        except EmgsmrError as error:
            self.tell(str(error))

    def listen_to_keys(self) -> None:
        """One key for each action that has one, and none of them while a note is written."""
        actions = self.screen_shown.actions if self.screen_shown is not None else ()
        keys = {action.key: action for action in actions if action.key}
        for key in set(self._shortcuts) - set(keys):
            self._shortcuts.pop(key).deleteLater()
        for key, action in keys.items():
            if key not in self._shortcuts:
                shortcut = QShortcut(QKeySequence(key), self)
                shortcut.setAutoRepeat(False)  # a key that is held marks once
                shortcut.activated.connect(self._press)  # no lambda: see ActionsRow
                self._shortcuts[key] = shortcut
            self._shortcuts[key].setEnabled(action.enabled and not self.note.isVisible())

    def _press(self) -> None:
        sender = self.sender()
        key = next((key for key, shortcut in self._shortcuts.items() if shortcut is sender), None)
        actions = self.screen_shown.actions if self.screen_shown is not None else ()
        for action in actions:
            if action.key == key and action.enabled:
                self.do(action.name)
                return

    def _write_note(self, what: str, text: str) -> None:
        self.listen_to_keys()
        self.do(what, text)

    def toggle_full_screen(self) -> None:
        """Fill the screen, or go back."""
        if self.isFullScreen():
            self.showNormal()
        else:
            self.showFullScreen()

    # -- closing ---

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 (Qt's name)
        """Ask first, where something runs."""
        question = self.presenter.closing() if self.closing_asks else ""
        if question and not self.ask(question):
            event.ignore()
            return
        self._timer.stop()
        event.accept()
        self.closed.emit()

    def tell(self, text: str) -> None:
        """Say something that is to be read before going on; nothing waits for it."""
        box = QMessageBox(self)
        box.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        box.setWindowTitle("emgsmr")
        box.setText(text)
        box.open()

    def ask(self, question: str) -> bool:
        """Ask a question that is answered with yes or no."""
        box = QMessageBox(self)
        box.setWindowTitle("emgsmr")
        box.setText(question)
        yes = box.addButton("Close", QMessageBox.ButtonRole.AcceptRole)
        box.setDefaultButton(box.addButton("Go on", QMessageBox.ButtonRole.RejectRole))
        box.exec()
        return box.clickedButton() is yes
