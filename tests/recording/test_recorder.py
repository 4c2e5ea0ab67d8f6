from __future__ import annotations

import json
import sqlite3
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.errors import ArgumentError, RecordingError, RecordingExistsError
from emgsmr.recording import Event, Recorder, Recording, SampleBlock, add_event, default_montage

from .conftest import START_NS, enter, notification


def rows(path: Path, sql: str) -> list[Any]:
    connection = sqlite3.connect(path)
    try:
        return connection.execute(sql).fetchall()
    finally:
        connection.close()


def test_the_file_is_laid_out_as_documented(make):
    path = make()
    assert rows(path, "PRAGMA application_id") == [(int.from_bytes(b"EMGS", "big"),)]
    assert rows(path, "PRAGMA user_version") == [(2,)]
    assert rows(path, "PRAGMA journal_mode") == [("delete",)]
    assert rows(path, "PRAGMA integrity_check") == [("ok",)]
    tables = {
        "session": "key value",
        "sensor": "id family address name firmware rate_hz channels dtype scale_uv scale_known",
        "placement": "sensor_id channel site text inter_electrode_mm",
        "block": "sensor_id first_index n arrival_ns counts crc",
        "event": "t_s duration_s kind side site label note",
        "clock": "sensor_id index0 t0_s rate_hz residual_ms method",
        "series": "id sensor_id source quantity n",
        "reading": "series_id arrival_ns sample_index value crc",
        "motion": "series_id arrival_ns sample_index vector crc",
    }
    for table, columns in tables.items():
        assert [row[1] for row in rows(path, f"PRAGMA table_info({table})")] == columns.split()
        assert "STRICT" in rows(path, f"SELECT sql FROM sqlite_schema WHERE name = '{table}'")[0][0]
    listed = rows(path, "SELECT name FROM sqlite_schema WHERE type = 'table'")
    assert {name for (name,) in listed} == set(tables)


def test_one_row_per_notification(make):
    path = make(n=20)
    assert rows(path, "SELECT count(*) FROM block WHERE sensor_id = 1") == [(20,)]
    first, n, arrival, counts = rows(
        path, "SELECT first_index, n, arrival_ns, counts FROM block WHERE sensor_id = 1"
    )[3]
    expected = notification(1, 30)
    assert (first, n, arrival) == (30, 10, expected.arrivals[0, 1])
    assert counts == expected.counts.astype("<i2").tobytes()


def test_a_block_of_several_notifications_is_stored_as_several_rows(tmp_path):
    path = tmp_path / "a.emgsmr"
    with Recorder(path) as recorder:
        sensor = enter(recorder)
        joined = SampleBlock.join([notification(sensor.id, 10 * k) for k in range(5)])
        recorder.write(joined)
        tail = SampleBlock(sensor.id, 50, np.zeros((4, 2), dtype=np.int16))
        recorder.write(tail)
    assert [row[0] for row in rows(path, "SELECT n FROM block")] == [10] * 5 + [4]
    assert rows(path, "SELECT arrival_ns FROM block")[-1] == (None,)


def test_only_one_file_is_left(make):
    path = make()
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]


def test_session_facts(tmp_path):
    path = tmp_path / "a.emgsmr"
    with Recorder(path, session={"scenario": "x", "odd": [1, None]}, montage=default_montage()) as recorder:
        recorder.set_session("late", 1.5)
        enter(recorder)
    facts = {key: json.loads(value) for key, value in rows(path, "SELECT key, value FROM session")}
    assert facts["scenario"] == "x"
    assert facts["odd"] == [1, None]
    assert facts["late"] == 1.5
    assert facts["started_ns"] == recorder.started_ns
    assert facts["started_utc"] <= facts["ended_utc"]
    assert facts["software"] == "emgsmr"
    with Recording(path) as recording:
        assert recording.montage.sites == default_montage().sites
        assert "montage" not in recording.session


def test_never_overwritten(make):
    path = make()
    before = path.read_bytes()
    with pytest.raises(RecordingExistsError, match="never overwritten"):
        Recorder(path)
    assert path.read_bytes() == before


@pytest.mark.parametrize("suffix", ["-wal", "-journal"])
def test_remains_of_an_earlier_recording_are_never_taken_for_a_part_of_the_new_one(tmp_path, suffix):
    (tmp_path / f"a.emgsmr{suffix}").write_bytes(b"old")
    with pytest.raises(RecordingExistsError):
        Recorder(tmp_path / "a.emgsmr")
    assert not (tmp_path / "a.emgsmr").exists()


def test_folders_on_the_way_are_made(tmp_path):
    with Recorder(tmp_path / "2026" / "may" / "a.emgsmr") as recorder:
        enter(recorder)
    assert recorder.path.is_file()


def test_a_folder_that_cannot_be_made_is_an_error(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(RecordingError):
        Recorder(tmp_path / "file" / "a.emgsmr")


@pytest.mark.parametrize(
    ("block", "message"),
    [
        (SampleBlock(1, 0, np.zeros((3, 5), dtype=np.int16)), "channels"),
        (SampleBlock(1, 0, np.zeros((3, 2))), "integers"),
        (SampleBlock(1, 0, np.full((3, 2), 1 << 20)), "do not fit"),
        (SampleBlock(9, 0, np.zeros((3, 2), dtype=np.int16)), "add_sensor"),
        (SampleBlock(1, 0, np.zeros((3, 2), dtype=np.int16), np.array([[4, 1]])), "not in order"),
        (SampleBlock(1, 0, np.zeros((3, 2), dtype=np.int16), np.array([[2, 1], [1, 2]])), "not in order"),
        (SampleBlock(1, -3, np.zeros((3, 2), dtype=np.int16)), "in order"),
    ],
)
def test_blocks_that_cannot_be_are_refused(tmp_path, block, message):
    with Recorder(tmp_path / "a.emgsmr") as recorder:
        enter(recorder)
        with pytest.raises(ArgumentError, match=message):
            recorder.write(block)


def test_blocks_must_come_in_order(tmp_path):
    with Recorder(tmp_path / "a.emgsmr") as recorder:
        sensor = enter(recorder)
        recorder.write(notification(sensor.id, 10))
        with pytest.raises(ArgumentError, match="in order"):
            recorder.write(notification(sensor.id, 15))
        recorder.write(notification(sensor.id, 20))
    with Recording(recorder.path) as recording:
        assert [block.first_index for block in recording.blocks()] == [10]


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"placements": [(2, "GMAX_L")]}, "no channel 3"),
        ({"placements": [(0, "GMAX_L"), (0, "GMAX_R")]}, "twice"),
        ({"rate_hz": 0.0}, "samples per second"),
        ({"rate_hz": float("nan")}, "samples per second"),
        ({"dtype": "<f4"}, "type"),
        ({"scale_uv": -1.0}, "per count"),
        ({"scale_known": "maybe"}, "scale"),
        ({"channels": 0, "placements": []}, "channels"),
    ],
)
def test_sensors_that_cannot_be_are_refused(tmp_path, changes, message):
    with Recorder(tmp_path / "a.emgsmr") as recorder:
        with pytest.raises(ArgumentError, match=message):
            enter(recorder, **changes)
        assert enter(recorder).id == 1


def test_a_long_block_is_cut_into_rows_and_comes_back_whole(tmp_path, rng):
    counts = rng.integers(-(1 << 15), 1 << 15, size=(100_000, 2)).astype(np.int16)
    with Recorder(tmp_path / "a.emgsmr") as recorder:
        sensor = enter(recorder)
        recorder.write(SampleBlock(sensor.id, 5, counts))
    assert rows(recorder.path, "SELECT max(length(counts)) FROM block")[0][0] <= 1 << 16
    with Recording(recorder.path) as recording:
        np.testing.assert_array_equal(recording.counts(sensor.id, 5, 100_005), counts)


def test_nothing_is_taken_after_closing(tmp_path):
    recorder = Recorder(tmp_path / "a.emgsmr")
    sensor = enter(recorder)
    recorder.close()
    recorder.close()
    with pytest.raises(ArgumentError, match="closed"):
        recorder.write(notification(sensor.id, 0))
    assert recorder.failure is None


def test_a_deleted_file_ends_the_recording(tmp_path):
    recorder = Recorder(tmp_path / "a.emgsmr")
    sensor = enter(recorder)
    for entry in tmp_path.iterdir():
        entry.unlink()
    recorder.write(notification(sensor.id, 0))
    recorder.close()
    assert isinstance(recorder.failure, RecordingError)


def test_a_growing_file_can_be_read_and_marked(tmp_path):
    path = tmp_path / "a.emgsmr"
    with Recorder(path, started_ns=START_NS) as recorder:
        sensor = enter(recorder)
        for k in range(30):
            recorder.write(notification(sensor.id, 10 * k))
        add_event(path, Event(0.25, None, "cramp", site="BFLH_L"))
        with Recording(path) as recording:
            assert [event.kind for event in recording.events()] == ["cramp"]
        recorder.write(notification(sensor.id, 300))
    with Recording(path) as recording:
        assert sum(block.n for block in recording.blocks()) == 310
        assert len(recording.events()) == 1


blocks_of_a_sensor = st.lists(
    st.tuples(
        st.sampled_from([0, 0, 0, 1, 7, 1000]),  # missing before it
        st.lists(st.integers(0, 12), max_size=4),  # samples of its notifications
        st.integers(0, 5),  # samples after the last notification
    ),
    max_size=8,
)


@given(
    plans=st.lists(blocks_of_a_sensor, min_size=1, max_size=3),
    seconds=st.sampled_from([0.0, 0.01, 0.1, 10.0, float("inf")]),
    seed=st.integers(0, 1000),
)
def test_what_is_written_is_read(tmp_path_factory, plans, seconds, seed):
    """Every sample and every arrival comes back at its place, however the file is cut into blocks."""
    rng = np.random.default_rng(seed)
    path = tmp_path_factory.mktemp("law") / "a.emgsmr"
    written: dict[int, list[SampleBlock]] = {}
    with Recorder(path, started_ns=0) as recorder:
        for number, plan in enumerate(plans):
            dtype, channels = ("<i2", "<i4")[number % 2], 1 + number
            sensor = enter(recorder, dtype=dtype, channels=channels, placements=[])
            written[sensor.id] = []
            index = 0
            for missing, notifications, rest in plan:
                index += missing
                n = sum(notifications) + rest
                limits = np.iinfo(dtype)
                counts = rng.integers(limits.min, limits.max, size=(n, channels), dtype=dtype, endpoint=True)
                ends = index + np.cumsum(np.array(notifications, dtype=np.int64))
                arrivals = np.column_stack([ends, ends * 2_000_000 + rng.integers(0, 999, len(ends))])
                written[sensor.id].append(SampleBlock(sensor.id, index, counts, arrivals))
                index += n
        longest = max(len(plan) for plan in plans)
        for k in range(longest):
            for blocks in written.values():
                if k < len(blocks):
                    recorder.write(blocks[k])
    with Recording(path) as recording:
        read = list(recording.blocks(seconds=seconds))
        again = list(recording.blocks(seconds=seconds))
        gaps = {(gap.sensor, gap.first_missing, gap.n_missing) for gap in recording.gaps()}
    assert [(b.sensor, b.first_index, b.n) for b in read] == [(b.sensor, b.first_index, b.n) for b in again]
    expected_gaps = set()
    for sensor_id, blocks in written.items():
        mine = [block for block in read if block.sensor == sensor_id]
        assert indices(mine) == indices(blocks)
        assert content(mine, "counts") == content(blocks, "counts")
        assert content(mine, "arrivals") == content(blocks, "arrivals")
        end = 0
        for block in blocks:
            if block.first_index > end:
                expected_gaps.add((sensor_id, end, block.first_index - end))
            end = block.end_index
    assert gaps == expected_gaps


def indices(blocks: list[SampleBlock]) -> list[int]:
    return [index for block in blocks for index in range(block.first_index, block.end_index)]


def content(blocks: list[SampleBlock], what: str) -> list[list[int]]:
    return [row for block in blocks for row in getattr(block, what).tolist()]
