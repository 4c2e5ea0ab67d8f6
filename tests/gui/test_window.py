"""The window: pages, buttons, keys, notes, and the question before it closes. The engine is scripted."""

from __future__ import annotations

import sys
import time

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QEventLoop, QPoint, Qt, QTimer
from PySide6.QtGui import QColor, QKeySequence
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QMessageBox

from emgsmr.errors import NotARecordingError
from emgsmr.gui import window as window_module
from emgsmr.gui.screen import Step
from emgsmr.gui.widgets.theme import Theme
from emgsmr.gui.window import LOOK_MS, MainWindow


@pytest.fixture(scope="module")
def qt():
    return QApplication.instance() or QApplication([])


@pytest.fixture
def make(qt, desk):
    """A shown window on the scripted desk; what goes wrong in a slot is raised at the end."""
    faults, windows = [], []
    before, sys.excepthook = sys.excepthook, lambda *fault: faults.append(fault)

    def build(**options):
        window = MainWindow(desk.presenter, **options)
        window._timer.stop()  # the test looks itself
        window.show()
        window.activateWindow()
        assert QTest.qWaitForWindowExposed(window)
        windows.append(window)
        return window

    yield build
    for window in windows:
        window.closing_asks = False
        window.close()
        window.deleteLater()
    qt.processEvents()
    sys.excepthook = before
    assert faults == []


def press(window, key):
    combination = QKeySequence(key)[0]
    QTest.keyClick(window, combination.key(), combination.keyboardModifiers())
    window.look()


def click(window, name):
    QTest.mouseClick(window.page.actions_row.buttons[name], Qt.MouseButton.LeftButton)
    window.look()


def pick(window, number):
    center = window.page.sites.row_box(number).center().toPoint()
    QTest.mouseClick(window.page.sites, Qt.MouseButton.LeftButton, pos=QPoint(center))
    window.look()


def ink(window):
    """How many colors the window shows: one if nothing was drawn."""
    image = window.grab().toImage()
    return len({image.pixel(x, y) for x in range(0, image.width(), 3) for y in range(0, image.height(), 3)})


def test_every_step_has_its_page_and_draws_something(make, desk):
    window = make()
    colors = {Step.FIND: ink(window)}
    for go in ((desk.to_place,), ("next",), ("next",), ("protocol",), ("back", "skip")):
        for do in go:
            do() if callable(do) else desk.do(do)
        window.look()
        colors[window.screen_shown.step] = ink(window)
    desk.do("stop")
    window.look()
    colors[window.screen_shown.step] = ink(window)
    assert list(colors) == list(Step)
    assert all(count > 10 for count in colors.values()), colors


def test_buttons_do_what_they_say(make, desk):
    window = make()
    click(window, "scan")
    assert desk.engine.called("scan")
    desk.engine.set(stage="idle")
    window.look()
    click(window, "connect")
    assert desk.engine.called("connect")


def test_keys_do_what_the_buttons_say(make, desk):
    desk.to_run()
    window = make()
    for key, kind in (("C", "cramp"), ("F", "fatigue"), ("L", "lap")):
        press(window, key)
        assert desk.engine.marks()[-1][0] == kind
    press(window, "M")
    assert window.screen_shown.muted
    press(window, "Ctrl+E")
    assert desk.engine.called("stop")


def test_a_key_of_another_step_does_nothing(make, desk):
    window = make()
    press(window, "C")
    assert desk.engine.marks() == []


def test_a_held_key_marks_once(make, desk):
    desk.to_run()
    window = make()
    assert all(not shortcut.autoRepeat() for shortcut in window._shortcuts.values())


def test_a_note_is_written_without_marking_anything_else(make, desk):
    desk.to_run()
    window = make()
    before = len(desk.engine.marks())
    press(window, "N")
    assert window.note.isVisible()
    QTest.keyClicks(window.note.text, "calf twitches, lap 3")
    QTest.keyClick(window.note.text, Qt.Key.Key_Return)
    [mark] = desk.engine.marks()[before:]
    assert (mark[0], mark[-1]) == ("note", "calf twitches, lap 3")
    assert not window.note.isVisible()
    press(window, "L")
    assert desk.engine.marks()[-1][0] == "lap"


def test_who_is_measured_is_written_below_the_page(make, desk):
    desk.to_check()
    window = make()
    press(window, "Ctrl+P")
    assert window.note.text.accessibleName() == "Code of the person"
    QTest.keyClicks(window.note.text, "P07")
    QTest.keyClick(window.note.text, Qt.Key.Key_Return)
    window.look()
    assert window.page.actions_row.buttons["person"].text() == "Measured: P07  [Ctrl+P]"
    assert desk.engine.marks() == []


def test_a_protocol_is_chosen_with_the_mouse_or_the_arrow_keys_and_led_through(
    make, desk, monkeypatch, tmp_path
):
    desk.to_calibrate()
    window = make()
    press(window, "P")
    page = window.page
    place = page.list.visualItemRect(page.list.item(2)).center()
    QTest.mouseClick(page.list.viewport(), Qt.MouseButton.LeftButton, pos=place)
    window.look()
    assert window.screen_shown.title == "Easy walk"
    QTest.keyClick(page.list, Qt.Key.Key_Up)
    window.look()
    assert window.screen_shown.title == "Easy run"
    assert page.list.currentRow() == 1
    chosen = tmp_path / "mine.toml"
    chosen.write_text('title = "Mine"\nbouts = 3\nbout_s = 20\nrest_s = 10\n')
    asked = []
    monkeypatch.setattr(
        window_module.QFileDialog,
        "getOpenFileName",
        lambda *words: asked.append(words) or (asked[1:] and str(chosen), ""),
    )
    press(window, "O")  # given up
    assert page.list.count() == 6
    press(window, "O")
    assert asked[0][1] == "Open a protocol of your own"
    assert page.list.currentItem().text().startswith("Mine (mine.toml)")
    press(window, "Space")
    assert page.countdown.countdown.title == "Prepare"
    assert [row.label for row in page.sets.sets] == ["A1", "A2", "", "B"]
    assert ink(window) > 10


@pytest.mark.parametrize("how", ["escape", "empty"])
def test_a_note_that_is_given_up_leaves_nothing(make, desk, how):
    desk.to_run()
    window = make()
    before = len(desk.engine.marks())
    press(window, "N")
    if how == "escape":
        QTest.keyClicks(window.note.text, "no")
    QTest.keyClick(window.note.text, Qt.Key.Key_Escape if how == "escape" else Qt.Key.Key_Return)
    assert not window.note.isVisible()
    assert len(desk.engine.marks()) == before
    press(window, "C")
    assert desk.engine.marks()[-1][0] == "cramp"


def test_a_muscle_is_picked_and_placed_by_hand(make, desk):
    desk.engine.own = None
    desk.to_place()
    window = make()
    pick(window, 1)
    page = window.page
    site = window.screen_shown.selected_site
    assert site == window.screen_shown.sites[1].site
    names = [page.by_hand.itemText(k) for k in range(page.by_hand.count())]
    number = names.index("TR, channel 2")
    page.by_hand.setCurrentIndex(number)
    page.by_hand.activated.emit(number)
    window.look()
    placed = {row.site: (row.sensor, row.channel) for row in window.screen_shown.sites if row.sensor}
    assert placed == {site: ("TR", 1)}
    pick(window, 1)
    QTest.mouseClick(page.remove, Qt.MouseButton.LeftButton)
    window.look()
    assert not any(row.sensor for row in window.screen_shown.sites)


def test_arrows_go_through_the_muscles(make, desk):
    desk.to_place()
    window = make()
    pick(window, 0)
    QTest.keyClick(window.page.sites, Qt.Key.Key_Down)
    window.look()
    assert window.screen_shown.selected_site == window.screen_shown.sites[1].site


@pytest.mark.parametrize(("answer", "closes"), [("Close", True), ("Go on", False)])
def test_closing_asks_while_something_runs(make, desk, answer, closes):
    desk.to_run()
    window = make()
    asked = []

    def reply():
        box = QApplication.activeModalWidget()
        assert isinstance(box, QMessageBox)
        asked.append(box.text())
        [button] = [b for b in box.buttons() if b.text() == answer]
        QTest.mouseClick(button, Qt.MouseButton.LeftButton)

    QTimer.singleShot(0, reply)
    assert window.close() == closes
    assert window.isVisible() != closes
    [question] = asked
    assert "recording" in question


def test_closing_asks_nothing_before_anything_is_recorded(make, desk):
    window = make()
    window.ask = lambda question: pytest.fail(question)
    assert window.close()


def test_sounds_and_alerts_reach_who_is_to_hear_them(make, desk, scripted):
    heard, told = [], []
    desk.to_run()
    window = make(play=heard.append, on_alert=told.append)
    heard.clear()  # the steps so far
    desk.presenter.desk.sounds.append("no_data")
    desk.presenter.desk.alerts.append(scripted.finding())
    window.look()
    assert heard == ["no_data"]
    assert [finding.finding for finding in told] == ["F1"]


def test_report_folder_and_recording_are_opened(make, desk):
    opened = []
    desk.to_run()
    window = make(open_path=opened.append)
    desk.do("stop")
    window.look()
    desk.presenter.desk.state.summary.wait(20)
    window.look()
    click(window, "open_report")
    QTest.mouseClick(window.page.folder, Qt.MouseButton.LeftButton)
    assert [path.name for path in opened] == ["2026-03-01_0705.html", "runs"]
    assert window.page.sentences == ("Quiet.",)


def test_a_recording_to_open_goes_to_the_review(make, desk, tmp_path):
    reviewed = []
    window = make(review=reviewed.append)
    window.do("open_recording", str(tmp_path / "run.emgsmr"))
    assert reviewed == [tmp_path / "run.emgsmr"]
    assert window.screen_shown.step is Step.FIND


def test_what_cannot_be_opened_is_said(make, desk, tmp_path):
    def review(path):
        raise NotARecordingError(f"{path.name} is no recording: choose another file")

    window = make(review=review)
    window.do("open_recording", str(tmp_path / "x.emgsmr"))
    [box] = window.findChildren(QMessageBox)
    assert box.text() == "x.emgsmr is no recording: choose another file"
    box.close()


def test_dark_and_light_change_every_page(make, desk, qt):
    theme = Theme(qt, "light")
    window = make(theme=theme)
    ground = [QColor(window.grab().toImage().pixel(4, 300)).lightness()]
    press(window, "F10")
    qt.processEvents()
    ground.append(QColor(window.grab().toImage().pixel(4, 300)).lightness())
    theme.force("system")
    assert ground[0] > 200
    assert ground[1] < 60


def test_full_screen_and_back(make, desk):
    window = make()
    press(window, "F11")
    assert window.isFullScreen()
    press(window, "F11")
    assert not window.isFullScreen()


def test_it_looks_more_than_thirty_times_a_second():
    assert 1000 / LOOK_MS > 30


def test_it_looks_by_itself(make, desk, qt):
    window = make()
    window._timer.start(LOOK_MS)
    before = window.frames
    end = time.monotonic() + 20
    while window.frames < before + 3:
        assert time.monotonic() < end
        qt.processEvents(QEventLoop.ProcessEventsFlag.WaitForMoreEvents)


def test_names_of_strangers_are_shown_as_they_are(make, desk, scripted):
    desk.engine.in_range = (scripted.found("<b>bold</b> & " + "x" * 300),)
    window = make()
    click(window, "scan")
    assert window.screen_shown.sensors[0].name.startswith("<b>bold</b>")
    assert "<b>bold</b>" in window.page.found.accessibleDescription()
    assert ink(window) > 10


def test_smallest_window_still_shows_every_button(make, desk):
    desk.to_run()
    window = make()
    window.resize(window.minimumSize())
    window.look()
    QApplication.processEvents()
    for button in window.page.actions_row.buttons.values():
        corner = button.mapTo(window, button.rect().bottomRight())
        assert window.rect().contains(corner)
