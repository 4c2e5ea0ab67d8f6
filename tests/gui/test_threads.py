"""Qt lives in the window's thread: no other thread calls Qt, nor the modules that draw.

Every thread that begins while a session runs is watched, call by call, Python's and Qt's own.
"""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QEventLoop, QObject
from PySide6.QtWidgets import QApplication, QWidget

import emgsmr.gui
from emgsmr.gui.screen import Step
from emgsmr.gui.summary import Summary

pytestmark = pytest.mark.timeout(600)

GUI = Path(emgsmr.gui.__file__).parent
DRAWN = {str(path) for path in GUI.rglob("*.py") if "PySide6" in path.read_text("utf-8")}
QT = ("PySide6", "shiboken6", "pyqtgraph")


class Watch:
    """Notes each call into Qt or into a module that draws, in threads that begin while it is on."""

    def __init__(self) -> None:
        self.found: set[str] = set()
        self.calls: dict[str, int] = {}

    def profile(self, frame, event, arg) -> None:
        name = threading.current_thread().name
        self.calls[name] = self.calls.get(name, 0) + 1
        if event == "call" and frame.f_code.co_filename in DRAWN:
            self.found.add(f"{name}: {frame.f_code.co_filename}:{frame.f_code.co_name}")
        elif event == "c_call":
            owner = type(getattr(arg, "__self__", None))
            if owner.__module__.startswith(QT) or issubclass(owner, QObject):
                self.found.add(f"{name}: {owner.__module__}.{owner.__name__}.{arg.__name__}")

    def __enter__(self):
        threading.setprofile(self.profile)
        return self

    def __exit__(self, *error) -> None:
        threading.setprofile(None)


def test_the_watch_sees_a_call_from_another_thread():
    app = QApplication.instance() or QApplication([])
    widget = QWidget()

    def touch():
        widget.windowTitle()

    def innocent():
        sorted([2, 1])

    for target, is_found in ((innocent, False), (touch, True)):
        with Watch() as watch:
            thread = threading.Thread(target=target, name="elsewhere")
            thread.start()
            thread.join()
        assert bool(watch.found) == is_found, watch.found
        assert watch.calls["elsewhere"] > 0
    widget.deleteLater()
    app.processEvents()


def test_modules_that_draw_are_known():
    names = {Path(name).name for name in DRAWN}
    assert {"window.py", "app.py", "run_page.py", "place.py"} <= names
    assert "presenter.py" not in names


def test_a_session_touches_no_qt_outside_the_windows_thread(tmp_path, whole_session):
    from emgsmr.radio.repertoire import repertoire
    from emgsmr.radio.runner_on_call import RunnerOnCall

    learned = repertoire(whole_session.SCENARIO, seed=3, sensors=whole_session.SENSORS)  # before the watch
    runner = RunnerOnCall(lambda: learned, speed=4.0, seed=1)
    with Watch() as watch:
        user = whole_session.start(
            tmp_path, speed=4.0, runner=runner, summarize=lambda path: Summary(("Quiet.",), str(path))
        )
        try:
            user.press("scan")
            user.until(lambda: user.screen.sensors and not user.screen.busy, "sensors")
            user.press("connect")
            user.until_step(Step.PLACE)
            user.press("next")
            user.until_step(Step.CHECK)
            user.until(lambda: user.may("next") or user.may("confirm"), "a way on")
            user.press("next" if user.may("next") else "confirm")
            user.until_step(Step.CALIBRATE)
            user.press("skip")
            user.until_step(Step.RUN)
            user.press("traces")
            user.press("cramp")
            user.until(lambda: user.screen.now_s > 5, "five seconds")
            objects = [user.window, *user.window.findChildren(QObject)]
            assert {item.thread() for item in objects} == {user.program.app.thread()}
            user.press("stop")
            user.until_step(Step.AFTER)
        finally:
            user.program.end()
            user.program.engine.close()
            user.program.app.processEvents(QEventLoop.ProcessEventsFlag.AllEvents)
    assert watch.calls["session"] > 10_000
    assert watch.found == set()
