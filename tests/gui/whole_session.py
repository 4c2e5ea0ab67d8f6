"""A user who drives a whole session with clicks and keys on a real window; tests and docs share it.

``drive(user)`` does everything; the user is called back with the name of each step while the window shows it.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtCore import QEventLoop, QPoint, Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtTest import QTest

from emgsmr.gui import app as program_module
from emgsmr.gui import window as window_module
from emgsmr.gui.app import Options, Program
from emgsmr.gui.garbage import collect_what_is_due
from emgsmr.gui.memory import Memory
from emgsmr.gui.screen import Screen, Step
from emgsmr.radio.repertoire import repertoire
from emgsmr.radio.runner_on_call import RunnerOnCall
from emgsmr.simulate.scenario import Scenario, Shift

SENSORS = (
    ("umyo", "uMyo-GL", ("GMAX_L",)),
    ("umyo", "uMyo-GR", ("GMAX_R",)),
    ("npg_lite", "NPG-HAM", ("BFLH_L", "BFLH_R")),
)
SCENARIO = Scenario(
    "session",
    "The right hamstrings take over for the right glute soon after a short baseline.",
    minutes=5.0,
    start_s=3.0,
    shifts=(Shift("P1", "R", 0.4, onset_s=75.0, ramp_s=10.0),),
)
DEADLINE_S = 240.0
"""For one step, on the wall clock: a busy computer is slow, a fault waits for ever."""


def sits_on(sensors, site):
    """The channel that really sits on a site."""
    return next((name, on.index(site)) for _, name, on in sensors if site in on)


@dataclass
class User:
    """Looks at the window, and clicks and presses keys on it."""

    program: Program
    sensors: tuple[tuple[str, str, tuple[str, ...]], ...] = SENSORS
    on_step: Callable[[str], None] = lambda _: None
    sounds: list[str] = field(default_factory=list)
    alerts: list[object] = field(default_factory=list)
    reviewed: list[str] = field(default_factory=list)
    runner: RunnerOnCall | None = None

    @property
    def window(self):
        return self.program.window

    @property
    def screen(self) -> Screen:
        return self.window.screen_shown

    @property
    def sites(self):
        """Where electrodes are."""
        return [site for _, _, on in self.sensors for site in on]

    def until(self, condition, what):
        """Let the window live until a condition holds."""
        end = time.monotonic() + DEADLINE_S
        while not condition():
            assert time.monotonic() < end, f"waited too long for: {what}; the window shows {self.screen}"
            self.program.app.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
            collect_what_is_due()

    def until_step(self, step):
        self.until(lambda: self.screen.step is step and not self.screen.busy, step)

    def may(self, name):
        return any(action.name == name and action.enabled for action in self.screen.actions)

    def until_may(self, name):
        self.until(lambda: self.may(name), f"the button {name}")

    def click(self, name):
        """Click an action's button."""
        self.until_may(name)
        page = self.window.page
        rows = [page.actions_row, *([page.marks_row] if hasattr(page, "marks_row") else [])]
        [button] = [row.buttons[name] for row in rows if name in row.buttons]
        assert button.isVisible()
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    def press(self, name):
        """Press an action's key."""
        self.until_may(name)
        [key] = [action.key for action in self.screen.actions if action.name == name]
        assert key, f"{name} has no key"
        combination = QKeySequence(key)[0]
        QTest.keyClick(self.window, combination.key(), combination.keyboardModifiers())

    def write(self, text):
        """Write into the note and keep it."""
        QTest.keyClicks(self.window.note.text, text)
        QTest.keyClick(self.window.note.text, Qt.Key.Key_Return)

    def pick(self, view, site):
        """Click a muscle in a list."""
        self.until(lambda: any(row.site == site for row in view.rows), f"{site} in the list")
        number = [row.site for row in view.rows].index(site)
        center = view.row_box(number).center()
        QTest.mouseClick(view, Qt.MouseButton.LeftButton, pos=QPoint(round(center.x()), round(center.y())))


def start(
    folder: Path, *, speed: float = 10.0, theme="light", runner=None, sensors=SENSORS, **options
) -> User:
    """A program whose window is shown, with virtual sensors that know nothing of muscles."""
    if runner is None:
        runner = RunnerOnCall(
            lambda: repertoire(SCENARIO, seed=3, sensors=sensors, with_companions=True),
            knows_montage=False,
            speed=speed,
            seed=1,
        )
    program_module.Memory = lambda: Memory(folder / "memory" / "window.json")
    alerts: list[object] = []
    program = Program(
        Options(folder / "recordings", speed=speed, theme=theme, on_alert=alerts.append, **options), runner
    )
    user = User(program, sensors, alerts=alerts, runner=runner)
    program.sounds.play = user.sounds.append
    program.window._play = user.sounds.append
    program.window._open_path = lambda path: user.sounds.append(f"open {path.name}")
    program.window.show()
    assert QTest.qWaitForWindowExposed(program.window)
    program.window.activateWindow()
    return user


def name_muscles(user: User) -> None:
    """Contract each muscle that the window asks for, and take the channel that answers."""
    for number in range(len(user.sites)):
        user.until(lambda: user.screen.selected_site, "a muscle to be asked for")
        site = user.screen.selected_site
        if number == 0:
            user.pick(user.window.page.sites, site)
        user.until(lambda: new_and_sure(user.screen), f"{site} to answer")
        if number == 1:
            user.on_step("place")
            user.until(lambda: new_and_sure(user.screen), f"{site} to answer")
        user.press("confirm")
        user.until(lambda site=site: _channel(user.screen, site) is not None, f"{site} named")


def new_and_sure(screen: Screen) -> bool:
    """Whether a channel answers that has no muscle yet; the last one may not have let go."""
    guess = screen.guess
    taken = {(row.sensor, row.channel) for row in screen.sites if row.sensor}
    return guess is not None and guess.sure and (guess.sensor, guess.channel) not in taken


def _channel(screen: Screen, site: str):
    return next(((r.sensor, r.channel) for r in screen.sites if r.site == site and r.sensor), None)


def to_check(user: User) -> None:
    """From sensors to a channel for each muscle that answers."""
    user.until_may("scan")
    user.click("scan")
    user.until(lambda: user.screen.sensors and not user.screen.busy, "sensors in range")
    user.on_step("find")
    user.press("connect")
    user.until_step(Step.PLACE)
    name_muscles(user)
    user.press("next")
    user.until_step(Step.CHECK)
    placed = set(user.sites)
    user.until(
        lambda: all(row.contracted for row in user.screen.sites if row.site in placed),
        "all muscles to answer",
    )


def keep_to_protocol(user: User, path: Path | None = None) -> None:
    """Before, a treatment, and after: with the bridge, or a protocol of one's own; and who is measured."""
    to_check(user)
    user.press("person")
    user.until(lambda: user.window.note.isVisible(), "the line for the code")
    user.write("P07")
    user.click("next" if user.may("next") else "confirm")
    user.until_step(Step.CALIBRATE)
    user.press("protocol")
    user.until_step(Step.PROTOCOL)
    page = user.window.page
    QTest.mouseClick(
        page.list.viewport(),
        Qt.MouseButton.LeftButton,
        pos=page.list.visualItemRect(page.list.item(0)).center(),
    )
    user.until(lambda: user.screen.choices[0].chosen, "the first protocol to be chosen")
    user.on_step("protocol")
    if path is not None:
        window_module.QFileDialog = _dialog(path)
        user.press("open_protocol")
        user.until(lambda: user.screen.choices[-1].chosen, "the own protocol to be chosen")
    user.until(lambda: not user.runner.is_rehearsing, "the runner to know it")
    user.press("begin_protocol")
    user.until(lambda: any(row.done for row in user.screen.sets), "a bout to be over")
    user.until(lambda: user.screen.countdown.title.startswith("Bout"), "the next bout")
    user.on_step("bout")
    user.until_may("treated")
    user.on_step("treatment")
    user.press("treated")
    user.until_step(Step.AFTER)
    user.until(lambda: user.screen.summary, "the comparison")
    user.on_step("compared")


def _dialog(path: Path):
    """A dialog in which a file is chosen."""
    return SimpleNamespace(getOpenFileName=lambda *_: (str(path), ""))


def drive(user: User) -> None:
    """From sensors to summary."""
    to_check(user)
    user.on_step("check")
    user.click("next" if user.may("next") else "confirm")
    user.until_step(Step.CALIBRATE)
    user.on_step("calibrate")
    user.press("start_rest")
    user.until(lambda: user.screen.countdown is not None, "the countdown of rest")
    user.on_step("rest")
    user.until_may("start_baseline")
    user.click("start_baseline")
    user.until_may("next")
    user.on_step("baseline")
    user.press("next")
    user.until_step(Step.RUN)
    user.until(
        lambda: any(g.value_pct is not None for g in user.screen.gauges), "a gauge that shows something"
    )
    user.on_step("run")
    user.press("traces")
    user.until(lambda: user.screen.traces, "the traces")
    user.on_step("traces")
    user.press("traces")
    user.press("cramp")
    user.press("note")
    user.until(lambda: user.window.note.isVisible(), "the note")
    user.write("Left calf, short")
    user.until(lambda: user.alerts and user.screen.banner is not None, "the flag")
    user.on_step("flag")
    user.click("stop")
    user.until_step(Step.AFTER)
    user.until(lambda: user.screen.summary, "the summary")
    user.on_step("after")
