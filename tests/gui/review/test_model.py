from __future__ import annotations

import math

import numpy as np
import pytest

from emgsmr.errors import ArgumentError, EmgsmrError, NotARecordingError, NotEnoughDataError
from emgsmr.gui.review.findings import QualityRun, Result, neighbor, words_at
from emgsmr.gui.review.marks import add_mark, mark_text
from emgsmr.gui.review.model import Review
from emgsmr.gui.review.rows import SCALES
from emgsmr.gui.review.worker import Task
from emgsmr.recording import Event, Recorder, Recording, add_event


@pytest.fixture
def review(make, at_once):
    found = Review(make(), start_job=at_once)
    yield found
    found.close()


class Quiet:
    """A job that says what it is told to say."""

    def __init__(self, *messages):
        self.messages, self.stopped = list(messages), False

    def news(self, most=64):
        found, self.messages = self.messages, []
        return found

    def stop(self):
        self.stopped = True


def result(name="a", fingerprint="1", findings=(), quality=()):
    return Result(name, None, tuple(findings), (), tuple(quality), ("said",), fingerprint)


def test_opening_reads_what_is_seen_and_analyzes_nothing(make):
    started = []
    review = Review(make(), start_job=lambda task: started.append(task) or Quiet())
    assert review.title == "run.emgsmr: 0:40, 4 channels at 1000 Hz"
    assert review.notice == ""
    assert review.span.width_s == 10.0
    assert started == []
    assert all(np.isfinite(trace.values).any() for trace in review.traces(800))
    review.start()
    assert started == [Task("overview", review.path)]
    assert review.progress == {"overview": 0.0}
    review.close()
    review.close()


def test_the_overview_comes_and_the_whole_session_is_seen(review):
    assert not review.hear()
    review.start()
    assert review.hear()
    assert review.complete
    assert review.progress == {}
    review.zoom(99)
    assert review.span == review.whole
    [trace, *_] = review.traces(200)
    assert trace.binned >= 64
    assert np.isfinite(trace.values).mean() > 0.95


def test_moves_and_the_cursor(review):
    review.move(0.5)
    assert (review.span.start_s, review.cursor_s) == (pytest.approx(5), pytest.approx(10))
    review.go_to_end()
    assert review.span.stop_s == review.whole.stop_s == review.cursor_s
    review.go_to_start()
    assert review.span.start_s == review.whole.start_s == review.cursor_s
    review.go_to(1e9)
    assert review.cursor_s == review.whole.stop_s
    review.set_cursor(0.0)
    assert review.cursor_s == review.span.start_s
    review.go_to(20.0)
    review.zoom(-1)
    assert review.span.middle_s == pytest.approx(20.0)
    review.cursor_s = 0.0  # out of sight: the middle stays
    review.zoom(-1)
    assert review.span.middle_s == pytest.approx(20.0)
    review.zoom(1, at_s=review.span.start_s)


def test_rows_fit_and_can_be_made_larger(review):
    traces = review.traces(800)
    halves = [review.rows.half(trace) for trace in traces]
    assert all(half in SCALES for half in halves)
    assert halves == sorted(halves)
    assert halves[0] < halves[-1]  # the fixture's channels are stronger one by one
    review.rows.magnify(1)
    assert all(review.rows.half(t) < half for t, half in zip(traces, halves, strict=True))
    review.rows.magnify(-99)
    assert {review.rows.half(trace) for trace in traces} == {SCALES[-1]}
    review.fit(800)
    assert [review.rows.half(trace) for trace in traces] == halves


def test_rows_fit_the_whole_session_once_it_is_known(make, at_once):
    path = make(gaps=((0, 15_000),))  # what is seen first is empty
    review, touched = Review(path, start_job=at_once), Review(path, start_job=at_once)
    for one in (review, touched):
        [trace, *_] = one.traces(800)
        one.start()
    touched.rows.magnify(1)
    assert review.rows.half(trace) == touched.rows.half(trace) == 100.0
    for one in (review, touched):
        while one.progress:
            one.hear()
    assert review.rows.half(trace) != 100.0
    assert touched.rows.half(trace) == 100.0
    for one in (review, touched):
        one.close()


def test_raw_samples_are_drawn_around_their_offset(make, at_once):
    review = Review(make(offset=2000), start_job=at_once)
    review.filtered = False
    [trace, *_] = review.traces(800)
    assert review.rows.center(trace) == pytest.approx(1000.0, abs=20)
    review.filtered = True
    [trace, *_] = review.traces(800)
    assert review.rows.center(trace) == 0.0
    review.close()


def test_rows_of_nothing_wait(make, at_once):
    review = Review(make(gaps=((0, 15_000),)), start_job=at_once)
    trace = review.traces(800)[0]
    assert review.rows.half(trace) == 100.0
    review.go_to_end()
    assert review.rows.half(review.traces(800)[0]) != 100.0
    review.close()


def test_a_mark_is_in_the_file(review):
    review.go_to(12.0)
    review.mark("cramp")
    assert review.said == "Cramp marked at 0:12; it is in the file."
    review.mark("note", "  stumbled ")
    with Recording(review.path) as recording:
        assert [(e.kind, e.t_s, e.note) for e in recording.events()] == [
            ("cramp", 12.0, None),
            ("note", 12.0, "stumbled"),
        ]
    assert review.shown_events() == review.events


def test_marks_that_make_no_sense_are_refused_in_words(review):
    review.mark("note", " ")
    assert review.said.startswith("A note needs some words")
    review.mark("party")
    assert "no mark" in review.said
    with pytest.raises(ArgumentError, match="not within the recording"):
        add_mark(review.path, review.whole, "lap", 1e6)
    with pytest.raises(ArgumentError, match="not within"):
        add_mark(review.path, review.whole, "lap", math.nan)
    assert review.events == ()


def test_foot_contacts_do_not_hide_the_marks(make, at_once):
    path = make()
    add_event(path, Event(1.0, kind="foot_contact", side="L"))
    add_event(path, Event(2.0, kind="phase", label="rest"))
    review = Review(path, start_job=at_once)
    assert [mark_text(event) for event in review.shown_events()] == ["rest"]
    review.close()


def test_a_recording_that_was_not_closed_says_so(make, at_once):
    review = Review(make(close=False), start_job=at_once)
    assert "still being recorded" in review.notice
    review.close()


def test_damage_beyond_the_opening_is_said_and_the_rest_shown(make, at_once):
    import sqlite3

    path = make()
    with sqlite3.connect(path) as connection:
        connection.execute("UPDATE block SET crc = crc + 1 WHERE sensor_id = 1 AND first_index = 5000")
    connection.close()
    review = Review(path, start_job=at_once)
    found = review.traces(800)
    assert "emgsmr recover" in review.notice
    assert np.isfinite(found[1].values).any()
    review.start()
    review.hear()
    assert review.said.startswith("No overview: ")
    assert not review.complete
    review.close()


@pytest.mark.parametrize(
    ("content", "message"),
    [(b"", "not a recording"), (b"garbage" * 100, "not a recording"), (None, "does not exist")],
)
def test_what_is_no_recording_is_refused_in_words(tmp_path, content, message):
    path = tmp_path / "x.emgsmr"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(NotARecordingError, match=message):
        Review(path)


@pytest.mark.parametrize("keep", [0.1, 0.5, 0.9])
def test_half_a_file_opens_or_says_what_is_wrong(make, at_once, keep):
    path = make(seconds=5.0)
    data = path.read_bytes()
    path.write_bytes(data[: int(keep * len(data))])
    try:
        review = Review(path, start_job=at_once)
    except EmgsmrError as error:
        said = str(error)
    else:
        review.traces(400)
        said = review.notice
        review.close()
    assert "recover" in said or "samples" in said


def test_an_empty_recording_is_refused_in_words(tmp_path):
    Recorder(tmp_path / "empty.emgsmr").close()
    with pytest.raises(NotEnoughDataError, match="holds no samples"):
        Review(tmp_path / "empty.emgsmr")


def test_the_baseline_is_put_in_order_and_within_the_session(review):
    review.set_baseline(30.0, 10.0)
    assert review.baseline == (10.0, 30.0)
    review.set_baseline(-5.0, 1e9)
    assert review.baseline == (review.whole.start_s, review.whole.stop_s)
    review.set_baseline(7.0, 7.0)
    assert review.baseline is None


def test_an_analysis_gets_what_was_chosen_and_results_stand_side_by_side(make):
    tasks, answers = [], [Quiet(("progress", 0.5))]
    review = Review(make(), start_job=lambda task: tasks.append(task) or answers[-1])
    assert review.result is None
    review.set_baseline(5.0, 20.0)
    review.pairs = ("P1",)
    review.analyze()
    assert tasks == [Task("analyze", review.path, {"baseline": (5.0, 20.0), "pairs": ("P1",)})]
    review.analyze()
    assert "still going on" in review.said
    review.hear()
    assert review.progress == {"analyze": 0.5}
    answers[-1].messages = [("result", result("a", "1")), ("done", None)]
    review.hear()
    assert review.progress == {}
    for name, mark in (("b", "2"), ("again", "1")):
        answers.append(Quiet(("result", result(name, mark)), ("done", None)))
        review.analyze()
        review.hear()
    assert [r.name for r in review.results] == ["again", "b"]
    assert review.result.name == "again"
    review.choose(1)
    assert review.result.name == "b"
    with pytest.raises(ArgumentError, match="no result 2"):
        review.choose(2)
    review.close()


def test_an_analysis_can_be_stopped_or_fail_and_says_so(make):
    job = Quiet()
    review = Review(make(), start_job=lambda task: job)
    review.stop_analysis()
    assert review.said == ""
    review.analyze()
    review.stop_analysis()
    assert job.stopped
    assert (review.said, review.progress) == ("The analysis was stopped.", {})
    job.messages = [("error", "too short")]
    review.analyze()
    review.hear()
    assert review.said == "No analysis: too short"
    review.analyze()
    review.close()
    assert review.progress == {}


def test_from_finding_to_finding(review, finding):
    review.next_finding(1)
    assert review.said == "There is no finding after 0:05."
    review.results, review.shown = [result(findings=[finding(20.0, 25.0), finding(30.0)])], 0
    review.next_finding(1)
    assert (review.cursor_s, review.said) == (20.0, "")
    review.next_finding(1)
    assert review.cursor_s == 30.0
    review.next_finding(-1)
    assert review.cursor_s == 20.0
    review.next_finding(-1)
    assert review.said == "There is no finding before 0:20."
    assert review.at_cursor() == "0:20  ·  tier 2 P1 R"


def test_words_at_a_time(finding):
    runs = [QualityRun("GMAX_R", 5.0, 8.0, "off", "nothing but hum"), QualityRun("ST_R", 5.0, 6.0, "gap", "")]
    found = result(findings=[finding(4.0)], quality=runs)
    assert words_at(None, 5.0) == []
    assert words_at(found, 5.5) == ["tier 2 P1 R", "GMAX_R off (nothing but hum)", "ST_R gap"]
    assert words_at(found, 3.0) == []
    assert neighbor(None, 0.0, 1) is None


def test_two_rates_are_both_said_and_one_channel_is_one(make, at_once):
    review = Review(make(sites=("GMAX_L",)), start_job=at_once)
    assert "1 channel at" in review.title
    review.close()
