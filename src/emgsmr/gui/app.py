"""The program with the window: Qt, the session's thread, the presenter, and what ends them all."""

from __future__ import annotations

import signal
import sys
import time
import traceback
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Literal

from PySide6.QtWidgets import QApplication

from emgsmr.gui.autopilot import Autopilot
from emgsmr.gui.desk import RECORDING
from emgsmr.gui.garbage import collected_here
from emgsmr.gui.memory import Memory
from emgsmr.gui.presenter import Presenter
from emgsmr.gui.review import open_review
from emgsmr.gui.screen import Step
from emgsmr.gui.summary import Make, make_summary
from emgsmr.gui.virtual_runner import VirtualRunner
from emgsmr.gui.widgets.sound import Sounds
from emgsmr.gui.widgets.theme import Theme
from emgsmr.gui.window import MainWindow
from emgsmr.radio.client import change_asked_for
from emgsmr.session.thread import SessionThread

if TYPE_CHECKING:
    from emgsmr.analysis import Finding
    from emgsmr.gui.review.window import ReviewWindow
    from emgsmr.gui.screen import Screen
    from emgsmr.radio.runner_on_call import RunnerOnCall
    from emgsmr.recording import Montage

RUN_SHOWN_S = 30.0
"""A picture of the run is taken after so long, if no gauge has shown anything by then."""


@dataclass(frozen=True, slots=True)
class Options:
    """What the program with the window is told.

    Attributes
    ----------
    folder : Path
        Where recordings go.
    out : Path, optional
        The first recording; named by date and time if not given.
    radio, speed, seed, minutes :
        As of `emgsmr.radio.choose.choose_air`.
    montage : Montage, optional
    seconds : float, optional
        A recording stops by itself after so long.
    screenshot : Path, optional
        Go through all steps by itself, save a picture of the run, and end.
    by_itself : bool
        Go through all steps by itself, and let the user look and close.
    baseline : float
        Of `Autopilot`.
    theme : {"system", "dark", "light"}
    on_alert : callable, optional
        Told each finding that an alert was raised for.
    summarize : callable
        Of `Presenter`.
    protocol, lang : str
        Of `Presenter`.
    """

    folder: Path
    out: Path | None = None
    radio: str = "bluetooth"
    speed: float = 1.0
    seed: int = 1
    minutes: float | None = None
    montage: Montage | None = None
    seconds: float | None = None
    screenshot: Path | None = None
    by_itself: bool = False
    baseline: float = 0.0
    theme: Literal["system", "dark", "light"] = "system"
    on_alert: Callable[[Finding], None] | None = None
    summarize: Make = make_summary
    protocol: str = ""
    lang: str = "en"


@dataclass(frozen=True, slots=True)
class Ended:
    """What is left when the window is closed: paths (empty = none), and what went wrong."""

    recording: str = ""
    report: str = ""
    problem: str = ""


class Program:
    """Builds everything, and runs until the window is closed.

    Parameters
    ----------
    options : Options
    runner : RunnerOnCall, optional
        Of a virtual radio: who does what the window asks for.
    """

    def __init__(self, options: Options, runner: RunnerOnCall | None = None) -> None:
        self.options = options
        app = QApplication.instance() or QApplication(sys.argv[:1])
        assert isinstance(app, QApplication)
        self.app = app
        app.setApplicationName("emgsmr")
        self.theme = Theme(app, options.theme)
        self.engine = SessionThread(
            options.radio,
            speed=options.speed,
            seed=options.seed,
            minutes=options.minutes,
            seconds=options.seconds,
            air_factory=runner.new_air if runner is not None else None,
        )
        self.presenter = Presenter(
            self.engine,
            folder=options.folder,
            out=options.out,
            montage=options.montage,
            memory=Memory(),
            now=self.now,
            make_summary=options.summarize,
            protocol=options.protocol,
            lang=options.lang,
        )
        self.autopilot: Autopilot | None = None
        if options.by_itself or options.screenshot is not None:
            self.autopilot = Autopilot(self.presenter.do, self.now, baseline=options.baseline)
        self._followers = list(self._follow_screens(runner))
        self._pictured = False
        self._run_since_s: float | None = None
        self._said: set[str] = set()
        self.reviews: list[ReviewWindow] = []
        self.sounds = Sounds()
        self.window = MainWindow(
            self.presenter,
            theme=self.theme,
            blocks=self.engine.blocks,
            wiring=lambda: self.presenter.desk.snapshot.wiring,
            play=self.sounds.play,
            on_alert=options.on_alert,
            on_look=self._follow,
            review=self.review,
        )
        self.window.closed.connect(app.quit)

    def now(self) -> float:
        """The window's clock: as fast as a virtual radio's."""
        return time.monotonic() * self.options.speed

    def run(self) -> Ended:
        """Show the window until it is closed; the file is closed, too, when this returns."""
        before = sys.excepthook
        sys.excepthook = self._fault
        handlers = {
            number: signal.signal(number, self._on_signal) for number in (signal.SIGINT, signal.SIGTERM)
        }
        with collected_here():
            try:
                self.window.show()
                self.app.exec()
            finally:
                for number, handler in handlers.items():
                    signal.signal(number, handler)
                sys.excepthook = before
                for review in tuple(self.reviews):
                    review.close()
                self.engine.close()
        return self.ended()

    def ended(self) -> Ended:
        """What is left."""
        desk = self.presenter.desk
        screen = self.window.screen_shown
        problem = self.autopilot.problem if self.autopilot is not None else ""
        recording = self.engine.snapshot().recording or str(desk.state.out or "")
        return Ended(recording, screen.report if screen is not None else "", problem)

    def end(self) -> None:
        """Close the window without a question; what runs is ended cleanly."""
        self.window.closing_asks = False
        self.window.close()

    def review(self, path: Path) -> None:
        """Open a recording in a window of its own, beside this one.

        Raises
        ------
        RecordingError, NotEnoughDataError
            It is no recording, is damaged, or holds no samples.
        """
        window = open_review(path)
        self.reviews.append(window)
        window.destroyed.connect(lambda: self.reviews.remove(window))
        window.show()

    # -- while it runs ---

    def _follow_screens(self, runner: RunnerOnCall | None) -> Iterator[Callable[[Screen], None]]:
        """Who is told each screen once it is shown."""
        if runner is not None:
            asked = change_asked_for(self.options.radio)
            change = {} if asked is None else {"change_pct": asked}
            yield VirtualRunner(runner, self.presenter.desk, self.now, **change).follow
        if self.autopilot is not None:
            yield self.autopilot.follow
        if self.options.screenshot is not None:
            yield self._take_picture

    def _follow(self, screen: Screen) -> None:
        for follower in self._followers:
            follower(screen)
        if self.autopilot is not None and self.options.screenshot is not None:
            over = screen.step is Step.AFTER and not screen.busy
            if self.autopilot.problem or (over and self._pictured):
                self.end()

    def _take_picture(self, screen: Screen) -> None:
        """Of the run when there is something to see; of the summary where the run was too short for that."""
        assert self.options.screenshot is not None
        if self._pictured:
            return
        if screen.step is Step.RUN:
            if self._run_since_s is None:
                self._run_since_s = screen.now_s
            shown = any(gauge.value_pct is not None for gauge in screen.gauges)
            if not (shown or screen.now_s - self._run_since_s >= RUN_SHOWN_S):
                return
        elif screen.step is Step.PROTOCOL:
            if screen.countdown is None or not any(row.done for row in screen.sets):
                return
        elif screen.step is not Step.AFTER or screen.busy:
            return
        self._pictured = save_picture(self.window, self.options.screenshot)
        if not self._pictured and self.autopilot is not None:
            self.autopilot.problem = f"{self.options.screenshot} cannot be written: check the folder"
        if screen.step in RECORDING:
            self.presenter.do("stop")

    def _on_signal(self, number: int, _frame: object) -> None:
        del number
        self.end()

    def _fault(self, kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        """A fault of the window ends no recording: say it once, and go on."""
        told = "".join(traceback.format_exception(kind, error, trace))
        if told not in self._said:
            self._said.add(told)
            sys.stderr.write(f"{told}The window has a fault; what is recorded is not touched by it.\n")


def save_picture(window: MainWindow, path: Path) -> bool:
    """Save what the window shows, in few colors where that is enough."""
    path.parent.mkdir(parents=True, exist_ok=True)
    return window.grab().save(str(path), "PNG")
