"""Banner, facts, countdown, lights and buttons."""

from __future__ import annotations

import math
import weakref

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from PySide6.QtCore import QEvent, QRectF, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtTest import QTest

from emgsmr.gui.protocol_rows import BoutSet
from emgsmr.gui.screen import Action, Banner, Countdown, Fact, Light, SensorRow, Status
from emgsmr.gui.widgets import theme
from emgsmr.gui.widgets.actions import HEIGHT, ActionsRow
from emgsmr.gui.widgets.banner import STATUS, BannerView
from emgsmr.gui.widgets.bout_sets import BoutSetsView
from emgsmr.gui.widgets.canvas import clock, draw_lines, draw_text, fitted, percent
from emgsmr.gui.widgets.countdown import CountdownView
from emgsmr.gui.widgets.facts import FactsView
from emgsmr.gui.widgets.lights import LightsView, second_line, shown_name

GOOD, BAD = Light(Status.GOOD, "good"), Light(Status.BAD, "off skin", "Press the electrode on.")
LONG = "a very long name " * 40


def sensor(name="uMyo-01", light=GOOD, **more):
    return SensorRow(name, "umyo", "aa:bb", light, 1, **more)


def test_numbers_in_words():
    assert percent(-0.4) == percent(0.4) == "0 %"
    assert percent(math.inf) == percent(math.nan) == "–"
    assert clock(-0.5) == "0:00"
    assert clock(-61) == "−1:01"
    assert clock(math.inf) == "–"


def test_text_gets_smaller_until_it_fits(app):
    box = QRectF(0, 0, 200, 60)
    assert fitted("usual", box, largest=40).pixelSize() == 40
    assert 9 <= fitted("hamstrings do more", box, largest=40).pixelSize() < 40
    assert fitted(LONG, box, largest=40).pixelSize() == 9
    assert fitted("", box, largest=40).pixelSize() == 40


def test_text_stays_in_its_box(app):
    image = QImage(100, 60, QImage.Format.Format_RGB32)
    image.fill(0xFFFFFFFF)
    painter = QPainter(image)
    draw_text(painter, QRectF(10, 10, 60, 20), LONG, "#000000", largest=18)
    draw_lines(painter, QRectF(10, 30, 60, 20), LONG, "#000000", height=18)
    draw_text(painter, QRectF(0, 0, 2, 2), LONG, "#000000", largest=18)
    painter.end()
    outside = [image.pixel(x, y) for x in (5, 75, 95) for y in range(60)]
    outside += [image.pixel(x, y) for x in range(100) for y in (3, 52, 58)]
    assert set(outside) == {0xFFFFFFFF}


@pytest.mark.parametrize("kind", STATUS)
def test_a_banner_is_said_and_filled(picture, colors, has_color, kind):
    widget = BannerView()
    widget.show_values(Banner(kind, "Right hamstrings do more", "Since 12:40."), title="Run")
    assert widget.accessibleName().endswith(": Right hamstrings do more")
    assert widget.accessibleDescription() == "Since 12:40."
    image = picture(widget, 900, 84)
    fill, ink = theme.status_fill(colors, STATUS[kind])
    if kind == "notice":
        assert has_color(image, colors.paper) > 0.5 * image[:, :, 0].size
    else:
        assert has_color(image, fill) > 0.5 * image[:, :, 0].size
        assert has_color(image, ink) > 500


def test_without_a_banner_the_step_is_named(picture, colors, has_color):
    widget = BannerView()
    widget.show_values(None, title="Run", cue="C marks a cramp.")
    assert (widget.accessibleName(), widget.accessibleDescription()) == ("Run", "C marks a cramp.")
    assert has_color(picture(widget, 900, 84), colors.ink) > 100


def test_a_banner_of_any_length_fits(picture, colors):
    widget = BannerView()
    widget.show_values(Banner("flag", LONG, LONG))
    assert picture(widget, 300, 60).std(axis=(0, 1)).max() > 5
    assert picture(widget, 1900, 120).std(axis=(0, 1)).max() > 5


def test_a_sentence_that_is_too_long_for_a_line_has_two(picture, colors):
    widget = BannerView()

    def shown(end):
        widget.show_values(Banner("flag", "Flag", "It is a sentence of some words. " * 6 + end))
        return picture(widget, 900, 84)

    assert (shown("Then") != shown("When")).any()  # the end is not cut off


def test_facts_are_said_with_their_lights(picture, colors, has_color):
    widget = FactsView()
    widget.show_values(
        (Fact("elapsed", "12:40"), Fact("lost", "4 %", Light(Status.WARN, "look", "Come closer.")))
    )
    assert widget.accessibleDescription() == "elapsed 12:40; lost 4 % (look): Come closer."
    image = picture(widget, 600, 56)
    assert has_color(image[:, :300], colors.ink) > 50
    assert has_color(image[:, 300:], colors.orange) > 50


@pytest.mark.parametrize("facts", [(), (Fact("", ""),), tuple(Fact(LONG, LONG, BAD) for _ in range(12))])
def test_any_facts_can_be_drawn(picture, colors, facts):
    widget = FactsView()
    widget.show_values(facts)
    picture(widget, 400, 40)


def test_a_countdown_says_what_is_left_and_when_it_is_enough(picture, colors, has_color):
    widget = CountdownView()
    widget.show_values(Countdown("Stand still", "Muscles loose.", 7.2, 10, 0.28, False, ""))
    assert widget.left == "8"
    assert widget.accessibleDescription() == "8 s left. Muscles loose."
    assert has_color(picture(widget, 700, 260), colors.orange) > 500
    widget.show_values(Countdown("Run easy", "", 0, 120, 1, True, "120 of 120 strides"))
    assert widget.accessibleDescription().startswith("Enough.")
    image = picture(widget, 700, 260)
    assert has_color(image, colors.orange) == 0
    assert has_color(image[180:, 300:], colors.blue) > 200  # the word, not only the ring


@pytest.mark.parametrize(
    ("left_s", "progress", "told", "filled"),
    [(math.nan, math.nan, "–", 0), (math.inf, 2, "–", 1), (-5, -1, "0", 0), (754, 0.5, "12:34", 0.5)],
)
def test_a_countdown_of_any_time(picture, colors, left_s, progress, told, filled):
    widget = CountdownView()
    widget.show_values(Countdown(LONG, LONG, left_s, 0, progress, progress == 2, LONG))
    assert (widget.left, widget.progress) == (told, filled)
    assert picture(widget, 240, 100).std(axis=(0, 1)).max() > 3
    widget.show_values(None)
    assert (widget.left, widget.progress) == ("", 0)
    assert picture(widget, 240, 100).std(axis=(0, 1)).max() == 0


def test_lights_say_everything_of_a_sensor(app):
    widget = LightsView()
    widget.show_values(
        (
            sensor(light=BAD, sites=("GMAX_R",), battery_pct=12, loss_text="0.2 % lost"),
            sensor("HRM", said="152 bpm"),
        )
    )
    first, second = widget.accessibleDescription().splitlines()
    assert first == "GMAX R, off skin, Press the electrode on., 0.2 % lost, battery 12 %"
    assert second == "HRM, good, 152 bpm"


def test_names_and_reasons_of_lights():
    assert shown_name(sensor(sites=("", "BFLH_L"))) == "BFLH L"
    assert shown_name(sensor(sites=("",))) == "uMyo-01"
    assert second_line(sensor(light=BAD)) == "Press the electrode on."
    row = sensor(sites=("SOL_L",), battery_pct=80, loss_text="1 gap")
    assert second_line(row) == "uMyo-01 · 1 gap · battery 80 %"


def test_where_not_all_lights_fit_those_that_need_a_look_stay(picture, colors, has_color):
    rows = [sensor(f"s{k}") for k in range(12)]
    rows[9] = sensor("s9", BAD)
    widget = LightsView()
    widget.show_values(rows)
    widget.resize(300, 100)
    seen = [row.name for row in widget.visible_rows()]
    assert seen == ["s0", "s1", "s2", "s9"]
    assert has_color(picture(widget), colors.red) > 20
    widget.resize(300, 700)
    assert len(widget.visible_rows()) == 12


@pytest.mark.parametrize("status", Status)
def test_any_light_can_be_drawn(picture, colors, has_color, status):
    widget = LightsView()
    light = Light(status, LONG, LONG)
    widget.show_values([sensor(LONG, light, said=LONG, battery_pct=pct) for pct in (None, -5, 0, 100, 900)])
    image = picture(widget, 240, 260)
    assert has_color(image, theme.status_color(colors, status)) > 50
    widget.show_values(())
    assert widget.accessibleDescription() == "No sensor yet."


def test_buttons_come_from_actions_and_tell_what_is_asked(app):
    row, told = ActionsRow(), []
    row.asked.connect(told.append)
    row.show_values((Action("cramp", "Cramp", "C"), Action("stop", "Stop && go", main=True)))
    row.resize(400, 60)
    row.show()
    cramp = row.buttons["cramp"]
    assert cramp.text() == "Cramp  [C]"
    assert cramp.height() >= HEIGHT
    QTest.mouseClick(cramp, Qt.MouseButton.LeftButton)
    assert told == ["cramp"]
    row.hide()


def test_a_button_that_may_not_be_pressed_says_why(app):
    row, told = ActionsRow(), []
    row.asked.connect(told.append)
    row.show_values((Action("next", "Next", enabled=False, why_not="No sensor is connected."),))
    button = row.buttons["next"]
    button.click()
    assert told == []
    assert button.toolTip() == button.accessibleDescription() == "No sensor is connected."
    row.show_values((Action("next", "Next"),))
    assert row.buttons["next"] is button
    assert (button.isEnabled(), button.toolTip()) == (True, "")


def test_buttons_keep_their_order_when_some_go(app):
    row = ActionsRow()
    row.show_values([Action(name, name) for name in "abc"])
    row.show_values([Action(name, name) for name in "cxa"])
    places = [row.layout().itemAt(k).widget().text() for k in range(row.layout().count())]
    assert places == ["c", "x", "a"]
    row.show_values(())
    assert row.buttons == {}


def test_bouts_are_dots_and_words(picture, colors, has_color):
    view = BoutSetsView()
    view.show_values(
        (
            BoutSet("A1", "Before, first set", 4, 4, now=False),
            BoutSet("A2", "Before, second set", 4, 1, now=True),
            BoutSet("", "Treatment", 0, 0, now=False),
            BoutSet("B", "After", 4, 0, now=False),
        )
    )
    assert view.accessibleDescription().split("\n") == [
        "Before, first set: done",
        "Before, second set: 1 of 4 done",
        "Treatment: ",
        "After: 0 of 4 done",
    ]
    filled = [has_color(picture(view, 600, 180)[k * 44 : (k + 1) * 44], colors.blue) for k in range(4)]
    assert filled[0] > filled[3] > filled[2] == 0
    assert filled[1] > filled[3]  # a dot, and the band of what is now


@pytest.mark.parametrize(("bouts", "done"), [(0, 0), (1, 5), (40, 3), (3, -1)])
def test_any_number_of_bouts_can_be_drawn(picture, colors, bouts, done):
    view = BoutSetsView()
    view.show_values((BoutSet(LONG, LONG, bouts, done, now=True),) * 5)
    for size in ((60, 20), (240, 104), (2000, 40)):
        picture(view, *size)


def test_a_row_goes_while_its_buttons_wait_to_be_deleted(app):
    row = ActionsRow()
    row.show_values([Action(name, name) for name in "abc"])
    row.show_values(())
    held = weakref.ref(row)
    del row
    assert held() is None, "a button holds the row: it would go with it, and delete it twice"
    app.sendPostedEvents(None, QEvent.Type.DeferredDelete)


def test_buttons_follow_the_theme(app):
    row = ActionsRow()
    app.setPalette(theme.qt_palette(theme.DARK))
    row.show_values((Action("stop", "Stop", main=True),))
    app.processEvents()
    assert theme.DARK.blue in row.buttons["stop"].styleSheet()
    app.setPalette(theme.qt_palette(theme.LIGHT))
    app.processEvents()
    assert theme.LIGHT.blue in row.buttons["stop"].styleSheet()


@pytest.mark.parametrize(
    ("widget", "values", "others"),
    [
        (BannerView, (Banner("flag", "a", "b"),), (None,)),
        (FactsView, ((Fact("a", "1"),),), ((Fact("a", "2"),),)),
        (
            CountdownView,
            (Countdown("a", "", 3, 9, 0.1, False, ""),),
            (Countdown("a", "", 2, 9, 0.1, False, ""),),
        ),
        (LightsView, ((sensor(),),), ((sensor(light=BAD),),)),
        (BoutSetsView, ((BoutSet("A1", "Before", 4, 1, True),),), ((BoutSet("A1", "Before", 4, 2, True),),)),
    ],
)
def test_drawn_only_when_something_changed(app, paints, widget, values, others):
    made = widget()
    made.show_values(*values)
    assert paints(made, lambda: made.show_values(*values)) == 0
    assert paints(made, lambda: made.show_values(*others)) == 1
