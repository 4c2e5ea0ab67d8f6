"""The summary is made beside the window, and its errors are sentences."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from emgsmr.errors import NotARecordingError
from emgsmr.gui.summary import Summary, SummaryMaker, make_summary


def done(make, path=Path("run.emgsmr")):
    maker = SummaryMaker(path, make)
    maker.wait(10.0)
    return maker.summary


def test_it_is_made_in_a_thread_of_its_own():
    gate, seen = threading.Event(), []

    def make(path):
        seen.append((path, threading.current_thread()))
        gate.wait(10.0)
        return Summary(("Quiet.",), "run.html")

    maker = SummaryMaker(Path("run.emgsmr"), make)
    assert maker.summary is None
    gate.set()
    maker.wait(10.0)
    assert maker.summary == Summary(("Quiet.",), "run.html")
    assert seen[0][0] == Path("run.emgsmr")
    assert seen[0][1] is not threading.main_thread()


@pytest.mark.parametrize(
    ("error", "said"),
    [
        (NotARecordingError("run.emgsmr is no recording."), "is no recording"),
        (ImportError("no jinja2", name="jinja2"), "pip install 'emgsmr[report]'"),
        (RuntimeError("odd"), "could not be made (RuntimeError('odd'))"),
    ],
)
def test_errors_are_sentences_that_say_the_recording_is_whole(error, said):
    def make(path):
        raise error

    summary = done(make)
    assert said in summary.error
    assert "make the page later with: emgsmr report run.emgsmr" in summary.error
    assert (summary.sentences, summary.report) == ((), "")


def test_a_real_recording_gets_its_page_beside_it(tmp_path):
    import emgsmr

    path = tmp_path / "run.emgsmr"
    recording, _ = emgsmr.simulate("healthy", minutes=0.2, path=path)
    recording.close()
    before = path.read_bytes()
    summary = make_summary(path)
    assert Path(summary.report) == tmp_path / "run.html"
    assert "<html" in Path(summary.report).read_text(encoding="utf-8")
    assert len(summary.sentences) >= 2
    assert all(text.endswith(".") for text in summary.sentences)
    assert path.read_bytes() == before


def test_what_is_no_recording_is_said(tmp_path):
    path = tmp_path / "no.emgsmr"
    path.write_text("no")
    assert "report" in done(make_summary, path).error


def test_where_a_protocol_was_kept_to_the_page_is_about_before_and_after(tmp_path):
    import emgsmr
    from emgsmr.analysis.protocols import load_protocol, opening_event
    from emgsmr.recording import add_event

    path = tmp_path / "treated.emgsmr"
    recording, _ = emgsmr.simulate("treatment_40", minutes=3.5, path=path)
    recording.close()
    add_event(path, opening_event(load_protocol("easy_run"), 1.0))
    summary = make_summary(path, lang="de")
    page = Path(summary.report).read_text(encoding="utf-8")
    assert '<html lang="de"' in page
    assert summary.sentences[0] in page
    assert sum(text[0] in "▲▼○=–" for text in summary.sentences) == 4
