from __future__ import annotations

import os

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

import numpy as np
import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)
pytest.importorskip("pyqtgraph", exc_type=ImportError)

from PySide6.QtCore import QPoint, QPointF, Qt
from PySide6.QtGui import QWheelEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QInputDialog

from emgsmr.errors import NotARecordingError, RecordingError
from emgsmr.gui.review import open_review, run_review
from emgsmr.gui.review.clock_axis import ClockAxis
from emgsmr.gui.review.findings import PairLine, QualityRun, Result
from emgsmr.gui.review.model import Review
from emgsmr.gui.review.window import ReviewWindow
from emgsmr.gui.widgets import theme
from emgsmr.recording import Recording


@pytest.fixture(scope="module")
def app():
    return QApplication.instance() or QApplication([])


@pytest.fixture
def window(app, make, at_once):
    found = ReviewWindow(Review(make(gaps=((5000, 9000),)), start_job=at_once), analyze=False)
    found.show()
    found.listen()
    found.redraw()
    yield found
    found.close()


def press(window, *keys):
    for key in keys:
        QTest.keyClick(window, key)
    window.redraw()


def test_keys_move_zoom_and_come_back(window):
    review = window.review
    press(window, Qt.Key.Key_Right)
    assert review.span.start_s == pytest.approx(1.0)
    press(window, Qt.Key.Key_Left, Qt.Key.Key_PageDown)
    assert review.span.start_s == pytest.approx(9.0)
    press(window, Qt.Key.Key_Home)
    assert review.span.start_s == review.whole.start_s
    press(window, Qt.Key.Key_End)
    assert review.span.stop_s == review.whole.stop_s
    press(window, Qt.Key.Key_Minus)
    assert review.span.width_s == 20.0
    press(window, Qt.Key.Key_Plus, Qt.Key.Key_Plus)
    assert review.span.width_s == 5.0
    press(window, Qt.Key.Key_V)
    assert not review.filtered
    assert window.view.text() == "Raw"


def test_the_picture_shows_the_gap_and_names_the_rows(window):
    x, _ = window.traces._missing.getData()
    spans = list(zip(x[0::3], x[1::3], strict=True))
    assert any(start == pytest.approx(5.0, abs=0.02) and stop > 8.9 for start, stop in spans)
    labels = [text for _, text in window.traces.getPlotItem().getAxis("left")._tickLevels[0]]
    assert labels[0].startswith("GMAX L\n±")
    assert labels[0].endswith("µV")


def test_keys_mark_at_the_cursor(window, monkeypatch):
    window.review.go_to(12.0)
    press(window, Qt.Key.Key_C, Qt.Key.Key_F, Qt.Key.Key_L)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("hill", True))
    press(window, Qt.Key.Key_N)
    monkeypatch.setattr(QInputDialog, "getText", lambda *_: ("never", False))
    press(window, Qt.Key.Key_N)
    with Recording(window.review.path) as recording:
        assert [(e.kind, e.note) for e in recording.events()] == [
            ("cramp", None), ("fatigue", None), ("lap", None), ("note", "hill"),
        ]  # fmt: skip
    shown = [item.textItem.toPlainText() for item in window.traces._labels if item.isVisible()]
    assert "note hill" in shown


def test_a_click_sets_the_cursor_and_a_drag_moves(window):
    view = window.traces
    y = view.height() // 2
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(400, y))
    assert window.review.cursor_s == pytest.approx(view.time_at(400), abs=0.05)
    before = window.review.span.start_s
    QTest.mousePress(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(600, y))
    window.traces.mouseMoveEvent(moved(QPointF(400, y)))
    QTest.mouseRelease(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(400, y))
    assert window.review.span.start_s > before + 1.0


def moved(position):
    from PySide6.QtCore import QEvent
    from PySide6.QtGui import QMouseEvent

    left = Qt.MouseButton.LeftButton
    return QMouseEvent(QEvent.Type.MouseMove, position, position, left, left, Qt.KeyboardModifier.NoModifier)


def turned(position, turn, modifiers):
    return QWheelEvent(
        position, position, QPoint(), QPoint(0, turn), Qt.MouseButton.NoButton, modifiers,
        Qt.ScrollPhase.NoScrollPhase, False,
    )  # fmt: skip


def test_the_wheel_moves_and_zooms_at_the_pointer(window):
    view, review = window.traces, window.review
    view.wheelEvent(turned(QPointF(500, 100), -120, Qt.KeyboardModifier.NoModifier))
    assert review.span.start_s == pytest.approx(1.0)
    window.redraw()
    at_s = view.time_at(500)
    view.wheelEvent(turned(QPointF(500, 100), 120, Qt.KeyboardModifier.ControlModifier))
    window.redraw()
    assert review.span.width_s == 5.0
    assert view.time_at(500) == pytest.approx(at_s, abs=0.02)


def test_the_overview_moves_what_is_seen(window):
    window.session.bar.clicked.emit(30.0)
    assert window.review.cursor_s == 30.0
    window.session.seen.setRegion((10.0, 20.0))
    assert window.review.span.middle_s == pytest.approx(15.0)


def test_a_baseline_is_drawn_moved_and_used(window, at_once):
    press(window, Qt.Key.Key_B)
    assert window.review.baseline is not None
    assert window.session.baseline.isVisible()
    window.session.baseline.setRegion((5.0, 25.0))
    assert window.review.baseline == (5.0, 25.0)
    press(window, Qt.Key.Key_B)
    assert window.review.baseline is None
    assert not window.session.baseline.isVisible()


def test_an_analysis_without_strides_says_so(window):
    press(window, Qt.Key.Key_A)
    assert window.again.text() == "Stop analysis"
    window.listen()
    window.redraw()
    assert window.review.results  # noise has no strides, and the summary says so
    assert "No strides were found" in window.choice.toolTip()
    assert window.again.text().startswith("Analyze again")


def shown_result(finding):
    t_s = np.arange(1.0, 40.0)
    lines = (
        PairLine("P1", "R", "Right hamstrings : gluteus maximus", t_s, 2 * t_s, ((20.0, 30.0, 2),)),
        PairLine("P2", "R", "Right calf : hamstrings", t_s[:0], t_s[:0]),
    )
    runs = (QualityRun("GMAX_L", 5.0, 9.0, "gap", "missing"), QualityRun("GMAX_R", 3.0, 4.0, "noisy", ""))
    return Result(
        "usual settings", (2.0, 8.0), (finding(20.0, 30.0), finding(33.0)), lines, runs, ("said",), "x"
    )


def test_findings_are_drawn_and_found_by_key(window, finding):
    window.review.results, window.review.shown = [shown_result(finding)], 0
    window.session.refresh()
    window.choice.activated.emit(0)
    press(window, Qt.Key.Key_Period)
    assert window.review.cursor_s == 20.0
    assert "tier 2 P1 R" in window.words.text()
    shown = [item.textItem.toPlainText() for item in window.traces._labels if item.isVisible()]
    assert "▲▲ P1 R" in shown
    press(window, Qt.Key.Key_P)
    assert "no finding before" in window.words.text()


def test_pairs_that_are_chosen_go_into_the_next_analysis(window):
    assert window.review.pairs is None
    window.pairs.pairs["P2"].setChecked(False)
    assert window.review.pairs == ("P1",)
    window.pairs.pairs["P2"].setChecked(True)
    assert window.review.pairs is None


def test_dark_and_light(window):
    for colors in (theme.DARK, theme.LIGHT):
        window.setPalette(theme.qt_palette(colors))
        QApplication.processEvents()
        window.redraw()
        picture = window.grab().toImage()
        assert picture.pixelColor(picture.width() // 2, 5).lightness() < 128 if colors.dark else True
        assert window.traces.backgroundBrush().color().name() == colors.paper


def test_a_window_of_a_growing_recording_says_so(app, make, at_once):
    window = ReviewWindow(Review(make(close=False), start_job=at_once), analyze=False)
    window.redraw()
    assert "still being recorded" in window.notice.text()
    window.close()


def test_it_analyzes_by_itself_once_the_overview_is_there(app, make, at_once):
    window = ReviewWindow(Review(make(seconds=3.0), start_job=at_once))
    window.listen()
    assert window.review.complete
    window.listen()
    assert [r.summary[0][:21] for r in window.review.results] == ["No strides were found"]
    window.close()


def test_labels_of_the_time_axis_do_not_crowd():
    [(step, _)] = ClockAxis("bottom").tickSpacing(0.0, 3600.0, 1000.0)
    assert step == 600
    assert ClockAxis("bottom").tickSpacing(0.0, 1e9, 100.0)[0][0] == 86400.0


def test_a_picture_of_the_whole_can_be_taken(app, make, tmp_path, monkeypatch, at_once):
    from emgsmr.gui.review import run

    class Quick(Review):
        def __init__(self, path):
            super().__init__(path, start_job=at_once)

    monkeypatch.setattr(run, "Review", Quick)
    monkeypatch.setattr(run, "LOOK_MS", 1)
    assert run_review(make(), screenshot=tmp_path / "x.png") == 0
    assert (tmp_path / "x.png").read_bytes().startswith(b"\x89PNG")
    with pytest.raises(RecordingError, match="could not be written"):
        run_review(tmp_path / "run.emgsmr", screenshot=tmp_path / "none" / "x.png")


def test_garbage_opens_no_window(app, tmp_path):
    (tmp_path / "x.emgsmr").write_bytes(b"no recording")
    with pytest.raises(NotARecordingError):
        open_review(tmp_path / "x.emgsmr")


def test_a_window_opens_and_closes(app, make):
    window = open_review(make(seconds=3.0))
    assert window.windowTitle() == "run.emgsmr - emgsmr"
    window.close()
