"""What is no EMG comes back as it was handed in, by time; files of the first version open, and have none."""

from __future__ import annotations

import math
import sqlite3
import struct
import tracemalloc
import zlib
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from emgsmr.errors import ArgumentError, DamagedRecordingError
from emgsmr.recording import (
    QUANTITIES,
    Event,
    Recorder,
    Recording,
    TimedReading,
    add_event,
    list_recordings,
    recover,
)
from emgsmr.recording.readings import _MAX_HELD

from .conftest import START_NS, enter, notification

VERSION_1 = {  # as the first version wrote it
    "session": "CREATE TABLE session (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT",
    "sensor": "CREATE TABLE sensor (id INTEGER PRIMARY KEY, family TEXT NOT NULL, address TEXT NOT NULL, "
    "name TEXT NOT NULL, firmware TEXT NOT NULL, rate_hz REAL NOT NULL, channels INTEGER NOT NULL, "
    "dtype TEXT NOT NULL, scale_uv REAL NOT NULL, scale_known TEXT NOT NULL) STRICT",
    "placement": "CREATE TABLE placement (sensor_id INTEGER NOT NULL, channel INTEGER NOT NULL, "
    "site TEXT NOT NULL, text TEXT NOT NULL, inter_electrode_mm REAL) STRICT",
    "block": "CREATE TABLE block (sensor_id INTEGER NOT NULL, first_index INTEGER NOT NULL, "
    "n INTEGER NOT NULL, arrival_ns INTEGER, counts BLOB NOT NULL, crc INTEGER NOT NULL) STRICT",
    "block_index": "CREATE INDEX block_index ON block (sensor_id, first_index, n)",
    "event": "CREATE TABLE event (t_s REAL NOT NULL, duration_s REAL, kind TEXT NOT NULL, side TEXT, "
    "site TEXT, label TEXT, note TEXT) STRICT",
    "clock": "CREATE TABLE clock (sensor_id INTEGER PRIMARY KEY, index0 INTEGER NOT NULL, "
    "t0_s REAL NOT NULL, rate_hz REAL NOT NULL, residual_ms REAL, method TEXT NOT NULL) STRICT",
}


def heart(came_s: float, bpm: float = 120.0, source: str = "Polar H10") -> TimedReading:
    return TimedReading(source, None, "heart_rate_bpm", START_NS + round(came_s * 1e9), (bpm,))


def record(path: Path, readings: list[TimedReading]) -> Path:
    with Recorder(path, started_ns=START_NS) as recorder:
        enter(recorder)
        for reading in readings:
            recorder.add_reading(reading)
    return path


def read(path: Path, *arguments: str, **options: bool) -> list[TimedReading]:
    with Recording(path) as recording:
        return [reading for _, reading in recording.readings(*arguments, **options)]


def as_version_1(path: Path) -> Path:
    """The same recording as the first version would have written it: made anew, statement by statement."""
    old = path.with_name("version1.emgsmr")
    target, source = sqlite3.connect(old), sqlite3.connect(path)
    target.execute(f"PRAGMA application_id={int.from_bytes(b'EMGS', 'big')}")
    target.execute("PRAGMA user_version=1")
    for name, statement in VERSION_1.items():
        target.execute(statement)
        if statement.startswith("CREATE TABLE"):
            for row in source.execute(f"SELECT * FROM {name} ORDER BY rowid"):
                target.execute(f"INSERT INTO {name} VALUES ({', '.join('?' * len(row))})", row)
    target.commit()
    target.close()
    source.close()
    return old


def test_every_quantity_has_its_unit_or_needs_none() -> None:
    counts = {
        "heart_rate_bpm": 1, "rr_interval_ms": 1, "speed_mps": 1, "cadence_spm": 1, "stride_length_m": 1,
        "distance_m": 1, "battery_pct": 1, "acceleration_g": 3, "rotation_dps": 3, "orientation": 4,
        "magnetic_au": 3, "contact": 1,
    }  # fmt: skip
    assert {name: len(quantity.axes) for name, quantity in QUANTITIES.items()} == counts
    assert all(quantity.description.endswith(".") for quantity in QUANTITIES.values())
    assert QUANTITIES["orientation"].axes == ("w", "x", "y", "z")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"source": ""}, "source"),
        ({"source": "a\0b"}, "source"),
        ({"source": "\ud800"}, "source"),
        ({"source": "x" * 300}, "source"),
        ({"quantity": ""}, "quantity"),
        ({"values": ()}, "0 values"),
        ({"values": (1.0, 2.0)}, "2 values"),
        ({"quantity": "acceleration_g"}, "1 values: it must be 3"),
        ({"quantity": "other", "values": (0.0,) * 17}, "17 values"),
        ({"values": (math.nan,)}, "not finite"),
        ({"values": (math.inf,)}, "not finite"),
        ({"arrival_ns": 1 << 63}, "beyond all times"),
        ({"sample_index": -1}, "after sample -1"),
        ({"sample_index": 1 << 63}, "after sample"),
    ],
)
def test_readings_that_cannot_be_are_refused(changes, message):
    facts = {"source": "s", "sensor": None, "quantity": "heart_rate_bpm", "arrival_ns": 0, "values": (60.0,)}
    with pytest.raises(ArgumentError, match=message):
        TimedReading(**{**facts, **changes})


def test_a_reading_of_a_sensor_that_was_not_added_is_refused(tmp_path):
    with Recorder(tmp_path / "a.emgsmr") as recorder, pytest.raises(ArgumentError, match="add_sensor"):
        recorder.add_reading(TimedReading("IMU", 7, "acceleration_g", 0, (0.0, 0.0, 1.0)))


def test_numbers_of_numpy_are_taken(tmp_path):
    vector = tuple(np.float32([0, 1, 2]))
    reading = TimedReading("IMU", 1, "acceleration_g", np.int64(START_NS), vector, np.int64(3))
    [back] = read(record(tmp_path / "a.emgsmr", [reading]))
    assert back == TimedReading("IMU", 1, "acceleration_g", START_NS, (0.0, 1.0, 2.0), 3)


def test_time_counts_from_the_start_of_the_recording(tmp_path):
    path = record(tmp_path / "a.emgsmr", [heart(-0.5), heart(1.25)])
    with Recording(path) as recording:
        assert [t_s for t_s, _ in recording.readings()] == [-0.5, 1.25]


def test_one_quantity_or_one_source(make):
    path = make(n=50)
    assert {reading.quantity for reading in read(path)} == {"acceleration_g", "heart_rate_bpm"}
    assert len(read(path, "heart_rate_bpm")) == len(read(path, vectors=False)) == 5
    assert read(path, "heart_rate_bpm") == read(path, source="Polar H10 7E2A")
    assert len(read(path, "acceleration_g", "uMyo-GML")) == 50
    assert read(path, "acceleration_g", "Polar H10 7E2A") == read(path, "speed_mps") == []


def test_what_there_is(make):
    with Recording(make(n=50)) as recording:
        found = [(e.source, e.sensor, e.quantity, e.n_values, e.n) for e in recording.reading_sources()]
    assert found == [
        ("Polar H10 7E2A", None, "heart_rate_bpm", 1, 5),
        ("uMyo-GML", 2, "acceleration_g", 3, 50),
    ]


def test_readings_come_lazily_and_while_they_are_recorded(tmp_path):
    with Recorder(tmp_path / "a.emgsmr", started_ns=START_NS) as recorder:
        enter(recorder)
        for k in range(3):
            recorder.add_reading(heart(k))
        add_event(recorder.path, Event(0.25))  # waits for the writer
        with Recording(recorder.path) as recording:
            assert len(list(recording.readings())) in (0, 3)  # committed in one go
    assert len(read(recorder.path)) == 3


def test_an_unknown_quantity_is_kept(tmp_path):
    odd = [
        TimedReading("Stryd", None, "power_w", START_NS, (231.5,)),
        TimedReading("Stryd", None, "wind", START_NS, (1.0, 2.0)),
    ]
    assert read(record(tmp_path / "a.emgsmr", odd)) == odd


def test_late_readings_are_put_in_order_and_later_ones_refused(tmp_path):
    came = [0.0, 40.0, 39.0, 12.0, 41.0, 40.0]
    with Recorder(tmp_path / "a.emgsmr", started_ns=START_NS) as recorder:
        for k, came_s in enumerate(came):
            recorder.add_reading(heart(came_s, 100 + k))
        with pytest.raises(ArgumentError, match="came 31 s before"):
            recorder.add_reading(heart(10.0))
    told = [(reading.arrival_ns, reading.values[0]) for reading in read(recorder.path)]
    assert [bpm for _, bpm in told] == [100, 103, 102, 101, 105, 104]  # at 40 s in the order recorded
    assert told == sorted(told, key=lambda item: item[0])


def test_a_file_far_out_of_order_is_damaged(tmp_path):
    path = record(tmp_path / "a.emgsmr", [heart(0.0), heart(100.0)])
    connection = sqlite3.connect(path)
    connection.execute("UPDATE reading SET rowid = 3 - rowid + 10")
    connection.commit()
    connection.close()
    with pytest.raises(DamagedRecordingError, match="out of order"):
        read(path)


def test_the_row_is_laid_out_as_documented(tmp_path):
    """An independent reading of the file: checksum over three 64-bit integers and the values' bytes."""
    vector = TimedReading("IMU", 1, "rotation_dps", START_NS + 5, (0.5, 1.0, -2.0), 77)
    exact = TimedReading("IMU", 1, "rotation_dps", START_NS + 6, (0.1, 1.0, -2.0))
    path = record(tmp_path / "a.emgsmr", [heart(0.0, 61.5), vector, exact])
    connection = sqlite3.connect(path)
    [(series, came, index, value, crc)] = connection.execute("SELECT * FROM reading").fetchall()
    assert (came, index, value) == (START_NS, None, 61.5)
    assert crc == zlib.crc32(struct.pack("<3qd", series, came, -(1 << 63), 61.5))
    short, long = connection.execute("SELECT * FROM motion").fetchall()
    assert short[1:4] == (START_NS + 5, 77, struct.pack("<3f", 0.5, 1.0, -2.0))
    assert short[4] == zlib.crc32(struct.pack("<3q", short[0], START_NS + 5, 77) + short[3])
    assert long[3] == struct.pack("<3d", 0.1, 1.0, -2.0)
    names = connection.execute("SELECT id, sensor_id, source, quantity, n FROM series").fetchall()
    assert names == [(1, None, "Polar H10", "heart_rate_bpm", 1), (2, 1, "IMU", "rotation_dps", 3)]
    connection.close()


names = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), min_size=1, max_size=20)
numbers = st.floats(allow_nan=False, allow_infinity=False) | st.floats(
    width=32, allow_nan=False, allow_infinity=False
)
odd_readings = st.builds(
    TimedReading,
    source=names,
    sensor=st.sampled_from([None, 1]),
    quantity=st.sampled_from(["power_w", "weather"]) | names.filter(lambda name: name not in QUANTITIES),
    arrival_ns=st.integers(0, 70_000_000_000).map(lambda ns: ns + START_NS),
    values=st.lists(numbers, min_size=1, max_size=16).map(tuple),
    sample_index=st.none() | st.integers(0, 1 << 61),
)


@settings(max_examples=30)
@given(readings=st.lists(odd_readings, max_size=30))
def test_what_is_written_is_read_and_recovered(tmp_path_factory, readings):
    """Every bit of every value comes back, by arrival, and so it does when it is salvaged."""
    folder = tmp_path_factory.mktemp("law")
    taken: list[TimedReading] = []
    with Recorder(folder / "a.emgsmr", started_ns=START_NS) as recorder:
        enter(recorder)
        for reading in readings:
            with suppress(ArgumentError):  # too late to be put in order
                recorder.add_reading(reading)
                taken.append(reading)
    assert taken or not readings
    back = read(folder / "a.emgsmr")
    by_table = sorted(taken, key=lambda reading: (reading.arrival_ns, len(reading.values) > 1))
    assert back == by_table
    assert [struct.pack("<d", v) for r in back for v in r.values] == [
        struct.pack("<d", v) for r in by_table for v in r.values
    ]
    recover(folder / "a.emgsmr", folder / "b.emgsmr")
    assert read(folder / "b.emgsmr") == back


def test_memory_is_bounded_whatever_the_file_says(tmp_path, monkeypatch):
    """Readings that all came at one time are not all held before the first is given."""
    monkeypatch.setattr("emgsmr.recording.readings._MAX_HELD", 1000)
    assert _MAX_HELD > 30 * 3000  # what eight sensors with fast motion send while late ones are waited for
    path = record(tmp_path / "a.emgsmr", [heart(0.0, 60 + k % 7) for k in range(20_000)])
    with Recording(path) as recording:
        tracemalloc.start()
        values = [reading.values[0] for _, reading in recording.readings()]
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    assert values == [60 + k % 7 for k in range(20_000)]
    assert peak < 4_000_000


def test_a_version_1_file_opens_as_ever(make: Callable[..., Path], tmp_path: Path) -> None:
    path = make(n=60, lost=[20])
    old = as_version_1(path)
    with Recording(old) as before, Recording(path) as now:
        assert before.sensors == now.sensors
        assert before.events() == now.events()
        assert before.gaps() == now.gaps()
        assert [b.counts.tolist() for b in before.blocks()] == [b.counts.tolist() for b in now.blocks()]
        assert list(before.readings()) == []
        assert before.reading_sources() == ()
    add_event(old, Event(1.0, None, "cramp", side="L"))
    assert [summary.error for summary in list_recordings(tmp_path)] == [None, None]
    done = recover(old, tmp_path / "new.emgsmr")
    assert (done.n_blocks, done.n_events, done.n_readings, done.notes) == (119, 3, 0, ())


def test_readings_alone_are_a_recording(tmp_path):
    with Recorder(tmp_path / "a.emgsmr", started_ns=START_NS) as recorder:
        recorder.add_reading(heart(1.0))
    done = recover(tmp_path / "a.emgsmr", tmp_path / "b.emgsmr")
    assert (done.n_blocks, done.n_readings) == (0, 1)
    assert read(tmp_path / "b.emgsmr") == [heart(1.0)]


def test_readings_are_recovered_with_their_sensors(make, tmp_path):
    path = make(n=300)
    done = recover(path, tmp_path / "out.emgsmr")
    assert done.n_readings == 330
    assert read(tmp_path / "out.emgsmr") == read(path)


def test_whatever_page_is_lost_the_readings_left_are_right(make, tmp_path, rng):
    path, out = make(n=200), tmp_path / "out.emgsmr"
    raw, before = path.read_bytes(), set(read(path))
    whole = 0
    for page in range(len(raw) // 4096):
        path.write_bytes(raw[: page * 4096] + rng.bytes(4096) + raw[(page + 1) * 4096 :])
        out.unlink(missing_ok=True)
        done = recover(path, out)
        left = read(out)
        assert len(left) == done.n_readings
        named = {reading for reading in left if reading.source != "unknown"}
        if not any("sensor" in note for note in done.notes):
            assert named <= before
        whole += named == before
    assert whole > 0.6 * len(raw) / 4096


def test_broken_readings_are_counted_and_left_out(make, tmp_path):
    path = make(n=40)
    connection = sqlite3.connect(path)
    connection.execute("UPDATE motion SET crc = crc + 1 WHERE rowid = 7")
    connection.execute("DELETE FROM series WHERE quantity = 'heart_rate_bpm'")
    connection.commit()
    connection.execute("VACUUM")
    connection.close()
    done = recover(path, tmp_path / "out.emgsmr")
    assert done.notes == ("1 readings were broken and are left out",)
    left = read(tmp_path / "out.emgsmr")
    assert sum(reading.quantity == "acceleration_g" for reading in left) == 39
    nameless = [reading.values[0] for reading in left if reading.source == "unknown"]
    assert nameless == [120.0 + k % 7 for k in range(0, 40, 10)]


def test_hours_of_motion_stay_cheap(tmp_path, rng):
    """Under 45 bytes a row: three vectors at 50 Hz are 25 MB an hour."""
    n = 10_000
    values = (rng.integers(-2000, 2000, (n, 3)) / 2048).tolist()
    path = tmp_path / "a.emgsmr"
    with Recorder(path, started_ns=10**14) as recorder:
        enter(recorder)
        empty = path.stat().st_size
        for k, vector in enumerate(values):
            recorder.add_reading(
                TimedReading("IMU", 1, "acceleration_g", 10**14 + 20_000_000 * k, tuple(vector), 20 * k)
            )
    assert (path.stat().st_size - empty) / n < 45


def test_readings_and_blocks_share_one_timeline(tmp_path):
    with Recorder(tmp_path / "a.emgsmr", started_ns=START_NS) as recorder:
        sensor = enter(recorder)
        block = notification(sensor.id, 0)
        recorder.write(block)
        came = int(block.arrivals[0, 1])
        recorder.add_reading(TimedReading("NPG-THL", sensor.id, "battery_pct", came, (88,), 10))
    with Recording(recorder.path) as recording:
        [(t_s, reading)] = recording.readings()
        assert t_s == recording.end_s
        assert reading.sample_index == next(recording.blocks()).end_index
