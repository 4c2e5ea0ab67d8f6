"""Widgets that nobody holds are destroyed by the window's thread, whoever else allocates."""

from __future__ import annotations

import gc
import threading
import weakref

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QEventLoop
from PySide6.QtWidgets import QApplication, QWidget

from emgsmr.gui import garbage


@pytest.fixture(scope="module")
def qt():
    return QApplication.instance() or QApplication([])


class Held(QWidget):
    """A widget in a cycle: only the collector can end it."""

    def __init__(self):
        super().__init__()
        self.own = self


def cycles(n):
    for _ in range(n):
        loop = []
        loop.append(loop)


def test_a_widget_in_a_cycle_goes_in_this_thread(qt, monkeypatch):
    monkeypatch.setattr(garbage, "EVERY_MS", 1)
    gc.enable()
    ended_by = []
    with garbage.collected_here():
        assert not gc.isenabled()
        held = weakref.ref(Held(), lambda _: ended_by.append(threading.current_thread()))
        other = threading.Thread(target=cycles, args=(5000,))
        other.start()
        other.join()
        assert held() is not None, "another thread collected it"
        while held() is not None:
            qt.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)
    assert ended_by == [threading.main_thread()]
    assert gc.isenabled()
    assert gc.get_freeze_count() == 0


@pytest.mark.parametrize(
    ("counts", "collected"),
    [((10, 0, 0), []), ((900, 5, 5), [0]), ((900, 11, 5), [1]), ((900, 11, 11), [2]), ((1, 11, 11), [])],
)
def test_the_generation_that_is_due_is_collected(monkeypatch, counts, collected):
    done = []
    monkeypatch.setattr(garbage.gc, "get_count", lambda: counts)
    monkeypatch.setattr(garbage.gc, "get_threshold", lambda: (700, 10, 10))
    monkeypatch.setattr(garbage.gc, "collect", done.append)
    garbage.collect_what_is_due()
    assert done == collected
