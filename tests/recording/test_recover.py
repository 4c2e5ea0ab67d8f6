from __future__ import annotations

import sqlite3
from pathlib import Path

import numpy as np
import pytest

from emgsmr.errors import DamagedRecordingError, NotARecordingError, RecordingExistsError
from emgsmr.recording import Recorder, Recording, SampleBlock, default_montage, recover

from .conftest import START_NS, enter

PAGE = 4096


def samples(path: Path) -> dict[int, dict[int, tuple[int, ...]]]:
    """Each sensor's samples by index."""
    with Recording(path) as recording:
        found: dict[int, dict[int, tuple[int, ...]]] = {sensor.id: {} for sensor in recording.sensors}
        for block in recording.blocks():
            for index, counts in enumerate(block.counts.tolist(), start=block.first_index):
                found[block.sensor][index] = tuple(counts)
    return found


def test_a_whole_recording_comes_back_whole(make, tmp_path):
    path, out = make(lost=[40]), tmp_path / "out.emgsmr"
    done = recover(path, out)
    assert (done.n_blocks, done.n_events, done.n_bad, done.notes) == (399, 2, 0, ())
    assert done.samples == {"NPG-THL": 1990, "uMyo-GML": 2000}
    with Recording(path) as old, Recording(out) as new:
        assert new.sensors == old.sensors
        assert new.placements == old.placements
        assert new.events() == old.events()
        assert new.gaps() == old.gaps()
        assert new.session["started_ns"] == START_NS
        assert new.session["ended_utc"] == old.session["ended_utc"]
        assert new.session["recovered_from"] == path.name
        for a, b in zip(old.blocks(seconds=0), new.blocks(seconds=0), strict=True):
            assert (a.sensor, a.first_index, a.arrivals.tolist()) == (
                b.sensor,
                b.first_index,
                b.arrivals.tolist(),
            )
            np.testing.assert_array_equal(a.counts, b.counts)


def test_montage_and_clocks_come_back(tmp_path):
    with Recorder(tmp_path / "a.emgsmr", montage=default_montage()) as recorder:
        sensor = enter(recorder, dtype="<i4")
        recorder.set_clock(sensor.id, 0, 0.5, 500.0, 1.25, "file")
        recorder.write(SampleBlock(sensor.id, 0, np.full((100_000, 2), 1 << 20)))  # rows over several pages
    recover(tmp_path / "a.emgsmr", tmp_path / "b.emgsmr")
    with Recording(tmp_path / "a.emgsmr") as old, Recording(tmp_path / "b.emgsmr") as new:
        assert new.montage.sensors == old.montage.sensors
        assert new.clock(1) == old.clock(1)
    assert samples(tmp_path / "a.emgsmr") == samples(tmp_path / "b.emgsmr")


def test_every_page_but_the_broken_one_comes_back(make, tmp_path, rng):
    """Whichever page is lost, what is recovered is right, and it is most of what there was."""
    path, out = make(n=100), tmp_path / "out.emgsmr"
    raw, before = path.read_bytes(), samples(path)
    whole = sum(len(found) for found in before.values())
    for page in range(len(raw) // PAGE):
        broken = bytearray(raw)
        broken[page * PAGE : (page + 1) * PAGE] = rng.bytes(PAGE)
        path.write_bytes(broken)
        out.unlink(missing_ok=True)
        done = recover(path, out)
        after = samples(out)
        assert sum(done.samples.values()) == sum(len(found) for found in after.values())
        if "only blocks are left" not in str(done.notes) and "is lost: nothing" not in str(done.notes):
            for sensor, found in after.items():
                assert found.items() <= before[sensor].items()
        assert sum(len(found) for found in after.values()) >= 0.5 * whole


@pytest.mark.parametrize("keep", [0.3, 0.6, 0.9])
def test_the_part_before_the_cut_comes_back(make, tmp_path, keep):
    path, out = make(n=2000), tmp_path / "out.emgsmr"
    raw, before = path.read_bytes(), samples(path)
    path.write_bytes(raw[: int(keep * len(raw))])
    recover(path, out)
    after = samples(out)
    for sensor, found in after.items():
        assert found.items() <= before[sensor].items()
    assert sum(map(len, after.values())) > (keep - 0.2) * sum(map(len, before.values()))


def test_a_block_with_a_wrong_checksum_becomes_a_gap(make, tmp_path):
    path = make()
    connection = sqlite3.connect(path)
    connection.execute("UPDATE block SET crc = crc + 1 WHERE first_index = 500 AND sensor_id = 1")
    connection.commit()
    connection.close()
    with Recording(path) as recording, pytest.raises(DamagedRecordingError, match="recover"):
        list(recording.blocks())
    assert recover(path, tmp_path / "out.emgsmr").n_bad == 1
    with Recording(tmp_path / "out.emgsmr") as recording:
        assert [(gap.first_missing, gap.n_missing) for gap in recording.gaps()] == [(500, 10)]


def test_sensors_that_nothing_tells_of_are_known_by_their_blocks(make, tmp_path):
    path = make()
    connection = sqlite3.connect(path)
    connection.execute("DELETE FROM sensor WHERE id = 2")
    connection.execute("DELETE FROM session WHERE key = 'started_ns'")
    connection.commit()
    connection.execute("VACUUM")
    connection.close()
    done = recover(path, tmp_path / "out.emgsmr")
    assert len(done.notes) == 2
    with Recording(tmp_path / "out.emgsmr") as recording:
        [_, made_up] = recording.sensors
        assert made_up.rate_hz == pytest.approx(500.0)
        assert (made_up.channels, made_up.scale_known) == (1, "unknown")


def test_nothing_to_recover(tmp_path):
    for content in (b"", b"text" * 5000, bytes(50_000)):
        (tmp_path / "x.emgsmr").write_bytes(content)
        with pytest.raises(NotARecordingError):
            recover(tmp_path / "x.emgsmr", tmp_path / "out.emgsmr")
        assert not (tmp_path / "out.emgsmr").exists()
    with pytest.raises(NotARecordingError):
        recover(tmp_path / "absent.emgsmr", tmp_path / "out.emgsmr")


def test_nothing_is_overwritten(make, tmp_path):
    path = make()
    before = path.read_bytes()
    with pytest.raises(RecordingExistsError):
        recover(path, path)
    assert path.read_bytes() == before
