from __future__ import annotations

import shutil
import sqlite3
from pathlib import Path

import numpy as np
import pytest

from emgsmr.errors import ArgumentError, RecordingError
from emgsmr.recording import Recorder, Recording, SampleBlock, open_recording, schema

from .conftest import START_NS, enter, notification


def test_facts(make):
    with open_recording(make()) as recording:
        assert [sensor.name for sensor in recording.sensors] == ["NPG-THL", "uMyo-GML"]
        assert recording.sites == ("BFLH_L", "ST_L", "GMAX_L")
        assert recording.session["scenario"] == "test"
        assert recording.session["started_ns"] == recording.started_ns == START_NS
        assert recording.placements[2].sensor == 2
        assert recording.sensors[0].rails is not None
        assert recording.clock(1) is None
        with pytest.raises(ArgumentError, match="no sensor 7"):
            recording.clock(7)


def test_events_come_by_time(make):
    with Recording(make()) as recording:
        assert [(event.t_s, event.kind) for event in recording.events()] == [(0.5, "phase"), (1.5, "cramp")]


def test_duration_is_when_the_last_samples_came(make):
    with Recording(make(n=200)) as recording:
        assert recording.duration_s == pytest.approx(2000 / 500 + 0.007)
        assert recording.start_s == 0.0


def test_gaps_are_jumps_of_the_index_and_lie_where_the_arrivals_say(make):
    with Recording(make(n=200, lost=[50, 51, 52, 199])) as recording:
        [gap] = recording.gaps()
        assert (gap.sensor, gap.first_missing, gap.n_missing, gap.cause) == (1, 500, 30, "not received")
        assert gap.t_start_s == pytest.approx(1.0 + 0.007)
        assert gap.t_end_s == pytest.approx(1.06 + 0.007)


def test_blocks_are_joined_up_to_the_asked_length(make):
    with Recording(make(n=200, lost=[30])) as recording:
        blocks = list(recording.blocks(seconds=1.0))
    assert max(block.n for block in blocks) == 500
    assert len(blocks) == 4 * 2 + 1
    assert [block.sensor for block in blocks[:3]] == [1, 2, 1]  # as they began; the gap starts a new one
    np.testing.assert_array_equal(
        blocks[0].counts, np.concatenate([notification(1, 10 * k).counts for k in range(30)])
    )


def test_no_joining_gives_the_notifications(make):
    with Recording(make(n=20)) as recording:
        blocks = list(recording.blocks(seconds=0))
    assert [(block.sensor, block.first_index, block.n) for block in blocks[:3]] == [
        (1, 0, 10),
        (2, 0, 10),
        (1, 10, 10),
    ]
    assert all(len(block.arrivals) == 1 for block in blocks)


def test_a_long_row_is_cut_to_the_asked_length(tmp_path):
    with Recorder(tmp_path / "a.emgsmr") as recorder:
        sensor = enter(recorder)
        recorder.write(SampleBlock(sensor.id, 0, np.arange(2000, dtype=np.int16).reshape(1000, 2)))
    with Recording(recorder.path) as recording:
        blocks = list(recording.blocks(seconds=0.5))
    assert [block.n for block in blocks] == [250] * 4
    np.testing.assert_array_equal(np.concatenate([b.counts for b in blocks]).ravel(), np.arange(2000))


def test_counts_of_a_range(make):
    with Recording(make(n=50, lost=[10])) as recording:
        np.testing.assert_array_equal(recording.counts(1, 13, 77), notification(1, 13, 64).counts)
        assert recording.counts(1, 20, 20).shape == (0, 2)
        with pytest.raises(ArgumentError, match="only 15 of the samples 95 to 120"):
            recording.counts(1, 95, 120)
        with pytest.raises(ArgumentError, match="only 0 of the samples"):
            recording.counts(1, 5000, 5001)
        pieces = [(block.first_index, block.n) for block in recording.pieces(1, 95, 120) if block.n]
        assert pieces == [(95, 5), (110, 10)]
        assert sum(block.n for block in recording.pieces(1)) == 490


def test_counts_are_read_only(make):
    with Recording(make()) as recording:
        block = next(recording.blocks())
    with pytest.raises(ValueError, match="read-only"):
        block.counts[0, 0] = 1


def test_a_montage_is_made_where_none_was_recorded(make):
    with Recording(make()) as recording:
        assert recording.montage.sites == ("BFLH_L", "ST_L", "GMAX_L")
        assert recording.montage.sensors[1].channels == {1: "GMAX_L"}


def test_a_clock_of_a_file_holds_exactly(tmp_path):
    with Recorder(tmp_path / "a.emgsmr") as recorder:
        sensor = enter(recorder, family="file")
        recorder.set_clock(sensor.id, 0, 12.5, 500.0, None, "file")
        recorder.write(SampleBlock(sensor.id, 100, np.zeros((400, 2), dtype=np.int16)))
    with Recording(recorder.path) as recording:
        assert (recording.start_s, recording.end_s, recording.duration_s) == (12.5, 13.5, 1.0)
        [gap] = recording.gaps()
        assert (gap.t_start_s, gap.t_end_s, gap.cause) == (12.5, 12.7, "missing in the source file")
        assert recording.sensors[0].rails is None


def test_an_empty_recording_opens(tmp_path):
    with Recorder(tmp_path / "a.emgsmr"):
        pass
    with Recording(tmp_path / "a.emgsmr") as recording:
        assert recording.duration_s == 0.0
        assert list(recording.blocks()) == []
        assert recording.gaps() == recording.events() == recording.sensors == ()


def test_a_closed_recording_says_so(make):
    recording = Recording(make())
    recording.close()
    recording.close()
    with pytest.raises(ArgumentError, match="closed"):
        list(recording.blocks())


def test_reading_changes_nothing(make):
    path = make()
    before = path.read_bytes(), sorted(path.parent.iterdir())
    with Recording(path) as recording:
        list(recording.blocks())
        recording.gaps()
    assert (path.read_bytes(), sorted(path.parent.iterdir())) == before


def test_a_name_with_odd_characters(make, tmp_path):
    path = tmp_path / "Läufer 1 #2?mode=rw%20.emgsmr"
    shutil.copy(make(), path)
    with Recording(path) as recording:
        assert recording.duration_s > 1


@pytest.fixture
def no_lock_files(monkeypatch):
    """SQLite may make no lock files, as on a read-only medium (the superuser always may)."""
    check = schema._check_schema

    def refuse(connection, path):
        [(_, _, opened)] = connection.execute("PRAGMA database_list")
        assert opened == str(path)
        if len(seen) == 0:
            seen.append(path)
            error = sqlite3.OperationalError("unable to open database file")
            error.sqlite_errorcode = sqlite3.SQLITE_CANTOPEN
            raise error
        check(connection, path)

    seen: list[Path] = []
    monkeypatch.setattr(schema, "_check_schema", refuse)


@pytest.mark.usefixtures("no_lock_files")
def test_a_closed_recording_on_a_read_only_medium_opens(make):
    with Recording(make()) as recording:
        assert recording.duration_s > 1


@pytest.mark.usefixtures("no_lock_files")
def test_an_unclosed_recording_on_a_read_only_medium_says_what_to_do(make):
    path = make()
    path.with_name(path.name + "-wal").write_bytes(b"")
    with pytest.raises(RecordingError, match="elsewhere"):
        Recording(path)
