from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import ArgumentError, ImportFormatError
from emgsmr.recording import Event, Recording, add_event, read_events


def table(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "events.csv"
    path.write_text(text, encoding="utf-8")
    return path


def test_events_of_a_file(tmp_path):
    path = table(
        tmp_path,
        "\ufeffkind, t_s,duration_s,side,site,label,note\r\n"
        "phase,2.5,60,,,baseline,\r\n"
        '\r\nfoot_contact,1,,R,,,"one, two"\r\n',
    )
    assert read_events(path) == (
        Event(1.0, None, "foot_contact", "R", None, None, "one, two"),
        Event(2.5, 60.0, "phase", None, None, "baseline", None),
    )


def test_semicolons_and_tabs(tmp_path):
    for delimiter in ";\t":
        path = table(tmp_path, f"t_s{delimiter}kind\n1.5{delimiter}lap\n")
        assert read_events(path) == (Event(1.5, None, "lap"),)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "no column t_s"),
        ("t_s\n1\n", "no column kind"),
        ("time,kind\n1,lap\n", "no column t_s"),
        ("t_s,kind,leg\n1,lap,R\n", "'leg' too many"),
        ("t_s,kind,t_s\n1,lap,2\n", "too many"),
        ("t_s,kind\n1\n", "line 2 has 1 cells"),
        ("t_s,kind\nsoon,lap\n", "'soon' is no time"),
        ("t_s,kind\nnan,lap\n", "is no time"),
        ("t_s,kind\n1,lap\n2,jump\n", "line 3: 'jump' is no kind"),
        ("t_s,kind\n1,foot_contact\n", "give its side"),
        ("t_s,kind,side\n1,cramp,right\n", "use L or R"),
        ("t_s,kind,site\n1,cramp,GMAXX_L\n", "GMAX_L"),
        ("t_s,kind,duration_s\n1,phase,-4\n", "cannot last"),
        ("t_s,kind\n\0,lap\n", "no text"),
    ],
)
def test_mistakes_are_said_clearly(tmp_path, text, message):
    with pytest.raises(ImportFormatError, match=message):
        read_events(table(tmp_path, text))


def test_no_file(tmp_path):
    with pytest.raises(ImportFormatError, match="cannot be read"):
        read_events(tmp_path / "absent.csv")


@given(st.binary(max_size=300))
def test_garbage_is_an_import_error(tmp_path, raw):
    path = tmp_path / "garbage.csv"
    path.write_bytes(raw)
    with pytest.raises(ImportFormatError):
        read_events(path)


events = st.builds(
    Event,
    t_s=st.floats(-1e6, 1e6),
    duration_s=st.none() | st.floats(0, 1e6),
    kind=st.sampled_from(["phase", "cramp", "fatigue", "lap", "note", "gap", "flag"]),
    side=st.sampled_from([None, "L", "R"]),
    site=st.sampled_from([None, "GMAX_L", "HAM_R"]),
    label=st.none() | st.text("abc ä,;\"'", min_size=1).map(str.strip).filter(bool),
)


@given(st.lists(events, max_size=5))
def test_what_was_listed_or_marked_is_read(make, tmp_path, listed):
    path = tmp_path / "events.csv"
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["t_s", "duration_s", "kind", "side", "site", "label"])
        for e in listed:
            writer.writerow([repr(e.t_s), e.duration_s, e.kind, e.side, e.site, e.label])
    expected = sorted(listed, key=lambda event: event.t_s)
    assert list(read_events(path)) == expected
    recording = tmp_path / "run.emgsmr"
    recording.unlink(missing_ok=True)
    before = 2
    make(n=1)
    for event in listed:
        add_event(recording, event)
    with Recording(recording) as opened:
        assert len(opened.events()) == before + len(listed)
        assert set(listed) <= set(opened.events())


def test_events_that_cannot_be(make):
    path = make(n=1)
    with pytest.raises(ArgumentError, match="no kind"):
        add_event(path, Event(1.0, None, "party"))
    with pytest.raises(ArgumentError, match="no time"):
        add_event(path, Event(float("nan"), None, "note"))
