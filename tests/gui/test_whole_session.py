"""A whole session on a real window with clicks and keys, over Bleak; and what is in the file afterwards."""

from __future__ import annotations

import os
import sys
import threading

import pytest

pytest.importorskip("PySide6.QtWidgets", exc_type=ImportError)

from emgsmr.analysis import analyze
from emgsmr.gui.screen import Step
from emgsmr.recording import open_recording

pytestmark = pytest.mark.timeout(600)  # 20 s of processor time, on a computer that may be busy

STEPS = [
    "find",
    "place",
    "check",
    "calibrate",
    "rest",
    "baseline",
    "run",
    "traces",
    "flag",
    "after",
]


@pytest.fixture(scope="module")
def session(tmp_path_factory, whole_session):
    """The user after the session, the steps seen, and what went wrong in the window's slots."""
    user = whole_session.start(tmp_path_factory.mktemp("session"))
    seen, faults = [], []
    user.on_step = lambda step: seen.append((step, user.screen))
    before, sys.excepthook = sys.excepthook, lambda *fault: faults.append(fault)
    try:
        whole_session.drive(user)
        user.window.page.look.click()
        user.reviewed = [review.windowTitle() for review in user.program.reviews]
        for review in tuple(user.program.reviews):
            review.close()
        user.until(lambda: not user.program.reviews, "the review to be gone")
    finally:
        sys.excepthook = before
        user.program.end()
        user.program.engine.close()
    return user, seen, faults


@pytest.fixture(scope="module")
def recorded(session):
    user, _, _ = session
    with open_recording(user.program.ended().recording) as recording:
        yield recording


def test_every_step_was_walked_and_nothing_failed(session):
    _, seen, faults = session
    assert [name for name, _ in seen] == STEPS
    assert faults == []


def test_each_muscle_was_named_by_contracting_it(session, whole_session):
    user, _, _ = session
    placed = user.program.presenter.desk.state.placed
    assert placed == {
        site: whole_session.sits_on(whole_session.SENSORS, site)
        for site in ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R")
    }


def test_the_file_has_phases_and_marks_in_their_order(recorded):
    told = [event for event in recorded.events() if event.kind in ("phase", "cramp", "note")]
    assert [(e.kind, e.label or e.note) for e in told] == [
        ("phase", "rest"),
        ("phase", "pause"),
        ("phase", "baseline"),
        ("phase", "run"),
        ("cramp", None),
        ("note", "Left calf, short"),
    ]
    times = [event.t_s for event in told]
    assert times == sorted(times)
    assert times[1] - times[0] == pytest.approx(10.0, abs=1.5)


def test_the_flag_is_what_analyze_finds_in_the_file_bit_for_bit(session, recorded):
    user, _, _ = session
    live = user.program.presenter.desk.snapshot.findings
    result = analyze(recorded)
    assert [repr(finding) for finding in live] == [repr(finding) for finding in result.episodes]
    [flag] = [finding for finding in live if finding.tier]
    assert (flag.pair, flag.side, flag.pattern) == ("P1", "R", "compensation")
    assert flag.finding in {alert.finding for alert in user.alerts}


def test_every_sample_that_was_sent_after_the_beginning_is_in_the_file(recorded):
    assert not list(recorded.gaps())
    assert len(recorded.sensors) == 3
    assert recorded.duration_s > 80


def test_the_flag_was_seen_heard_and_summarized(session):
    user, seen, _ = session
    flagged = dict(seen)["flag"]
    assert flagged.banner.kind == "flag"
    assert "flag" in user.sounds
    assert user.screen.step is Step.AFTER
    assert any("hamstrings" in sentence for sentence in user.screen.summary)
    assert user.program.ended().report.endswith(".html")


def test_the_recording_was_opened_from_the_summary(session):
    user, _, _ = session
    name = user.program.presenter.desk.state.out.name
    assert user.reviewed == [f"{name} - emgsmr"]


def test_no_thread_but_the_windows_is_left(session):
    del session
    names = {thread.name for thread in threading.enumerate()}
    assert "session" not in names
    assert os.environ["QT_QPA_PLATFORM"] == "offscreen"
