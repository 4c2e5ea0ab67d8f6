"""Files that are damaged, made up, or made to do harm: a sentence, never a crash, a hang or gigabytes."""

from __future__ import annotations

import sqlite3
import tracemalloc
import zipfile
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest

from emgsmr.errors import DamagedRecordingError, NotARecordingError, RecordingError
from emgsmr.recording import Event, Recording, add_event
from emgsmr.recording.schema import block_crc

PAGE = 4096


def use(path: Path) -> dict[int, bytes]:
    """Do all that can be done with a recording; gives each sensor's bytes, and the readings' as sensor 0."""
    with Recording(path) as recording:
        content: dict[int, bytes] = {sensor.id: b"" for sensor in recording.sensors}
        for block in recording.blocks():
            content[block.sensor] += block.counts.tobytes()
        assert recording.duration_s >= 0
        recording.gaps()
        recording.events()
        for sensor in recording.sensors:
            list(recording.pieces(sensor.id))
        assert recording.montage.sites == recording.sites
        readings = [reading for _, reading in recording.readings()]
        assert sum(entry.n for entry in recording.reading_sources()) == len(readings)
        told = [(reading.arrival_ns, reading.sample_index, reading.values) for reading in readings]
        content[0] = repr(told).encode()
    return content


def change(path: Path, *statements: str, parameters: tuple[object, ...] = ()) -> Path:
    connection = sqlite3.connect(path)
    for statement in statements:
        connection.execute(statement, parameters)
    connection.commit()
    connection.close()
    return path


def test_no_recordings_at_all(tmp_path):
    with zipfile.ZipFile(tmp_path / "zip.emgsmr", "w") as archive:
        archive.writestr("a", "b" * 1000)
    (tmp_path / "empty.emgsmr").write_bytes(b"")
    (tmp_path / "text.emgsmr").write_text("time,GMAX\n" * 100)
    (tmp_path / "folder.emgsmr").mkdir()
    connection = sqlite3.connect(tmp_path / "other.emgsmr")
    connection.execute("CREATE TABLE block (x)")
    connection.close()
    for path in [*tmp_path.iterdir(), tmp_path / "absent.emgsmr"]:
        with pytest.raises(NotARecordingError):
            Recording(path)
        with pytest.raises(NotARecordingError):
            add_event(path, Event(1.0, None, "note"))
    with pytest.raises(RecordingError):
        Recording(Path("/dev/zero"))


def test_other_programs_and_versions(make):
    path = make()
    change(path, "PRAGMA application_id = 7")
    with pytest.raises(NotARecordingError, match="another program"):
        Recording(path)
    change(path, f"PRAGMA application_id = {int.from_bytes(b'EMGS', 'big')}", "PRAGMA user_version = 99")
    with pytest.raises(NotARecordingError, match="update emgsmr"):
        Recording(path)
    change(path, "PRAGMA user_version = 0")
    with pytest.raises(DamagedRecordingError, match="no format version"):
        Recording(path)


@pytest.mark.parametrize("keep", [1, 16, 99, 100, 511, 512, 4095, 4096, 4097, 8192, 20_000, 40_960])
def test_cut_off(make, keep):
    path = make()
    raw = path.read_bytes()
    path.write_bytes(raw[:keep])
    with pytest.raises(RecordingError):
        use(path)


def test_cut_off_at_every_page(make):
    path = make()
    raw = path.read_bytes()
    for keep in range(PAGE, len(raw), PAGE):
        path.write_bytes(raw[:keep])
        with pytest.raises(RecordingError):
            use(path)


def test_flipped_bytes_never_give_wrong_samples(make, rng):
    path = make(n=60)
    raw, content = path.read_bytes(), use(path)
    found = 0
    for place in rng.integers(0, len(raw), 300):
        broken = bytearray(raw)
        broken[place] ^= int(rng.integers(1, 256))
        path.write_bytes(broken)
        try:
            now = use(path)
        except RecordingError:
            found += 1
        else:  # a byte that nothing depends on, or a word in a name
            assert now == content
    assert found > 50


def test_pages_of_noise(make, rng):
    path = make(n=60)
    raw, content = path.read_bytes(), use(path)
    found = 0
    for page in range(1, len(raw) // PAGE):
        broken = bytearray(raw)
        broken[page * PAGE : (page + 1) * PAGE] = rng.bytes(PAGE)
        path.write_bytes(broken)
        try:
            now = use(path)
        except DamagedRecordingError:
            found += 1
        else:  # the key's own index of the table session is never asked
            assert now == content
    assert found >= len(raw) // PAGE - 2


@pytest.mark.parametrize(
    "statements",
    [
        ["CREATE VIEW extra AS SELECT 1"],
        ["CREATE TRIGGER extra AFTER INSERT ON event BEGIN DELETE FROM block; END"],
        ["CREATE TABLE extra (x)"],
        ["DROP INDEX block_index", "CREATE INDEX block_index ON block (abs(n), first_index, sensor_id)"],
        ["ALTER TABLE event ADD COLUMN more TEXT"],
        ["ALTER TABLE event ADD COLUMN more INTEGER GENERATED ALWAYS AS (zeroblob(1000000000)) VIRTUAL"],
        ["DROP TABLE clock"],
        ["DROP TABLE reading"],
        ["CREATE INDEX extra ON reading (abs(value))"],
        ["PRAGMA user_version = 1"],
        [
            "DROP TABLE reading",
            "CREATE VIEW reading AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
            "SELECT 1 AS series_id, x AS arrival_ns, NULL AS sample_index, 0.0 AS value, 0 AS crc FROM c",
        ],
        [
            "DROP TABLE event",
            "CREATE VIEW event AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c) "
            "SELECT x AS t_s, NULL AS duration_s, 'note' AS kind, NULL AS side, NULL AS site, NULL AS label, "
            "hex(zeroblob(1000000)) AS note FROM c",
        ],
    ],
)
def test_what_is_not_laid_out_like_a_recording_is_not_opened(make, statements):
    path = change(make(n=5), *statements)
    with pytest.raises(DamagedRecordingError, match="laid out"):
        Recording(path)
    with pytest.raises(DamagedRecordingError, match="laid out"):
        add_event(path, Event(1.0, None, "note"))


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE sensor SET channels = 3",
        "UPDATE sensor SET channels = 1000000000",
        "UPDATE sensor SET channels = -1",
        "UPDATE sensor SET dtype = '<i4' WHERE id = 1",
        "UPDATE sensor SET dtype = 'O'",
        "UPDATE sensor SET rate_hz = 1e300",
        "UPDATE sensor SET rate_hz = 9e999",
        "UPDATE sensor SET rate_hz = 1e-300",
        "UPDATE sensor SET scale_uv = 0",
        "UPDATE sensor SET scale_known = 'yes'",
        "DELETE FROM sensor WHERE id = 2",
        "UPDATE sensor SET id = 7 WHERE id = 2",
        "UPDATE placement SET channel = 5",
        "UPDATE placement SET channel = 0",
        "UPDATE placement SET sensor_id = 9",
        "UPDATE placement SET site = ''",
        "UPDATE placement SET inter_electrode_mm = 9e999",
        "UPDATE block SET n = 1000000000 WHERE rowid = 3",
        "UPDATE block SET n = -1 WHERE rowid = 3",
        "UPDATE block SET n = 9 WHERE rowid = 3",
        "UPDATE block SET first_index = 9223372036854775807 WHERE rowid = 3",
        "UPDATE block SET first_index = -5 WHERE rowid = 3",
        "UPDATE block SET sensor_id = 3 - sensor_id",
        "UPDATE block SET arrival_ns = 9223372036854775807",
        "UPDATE block SET arrival_ns = NULL",
        "UPDATE block SET crc = 0",
        "UPDATE block SET counts = zeroblob(length(counts))",
        "UPDATE block SET counts = zeroblob(3000000) WHERE rowid = 4",
        "UPDATE reading SET value = 9e999",
        "UPDATE reading SET value = value + 1 WHERE rowid = 2",
        "UPDATE reading SET crc = 0",
        "UPDATE reading SET arrival_ns = 9223372036854775807 WHERE rowid = 2",
        "UPDATE reading SET arrival_ns = -9223372036854775807",
        "UPDATE reading SET arrival_ns = arrival_ns + 1",
        "UPDATE reading SET sample_index = 5",
        "UPDATE reading SET series_id = 3 - series_id",
        "UPDATE reading SET series_id = 99",
        "INSERT INTO reading SELECT 2, 5, NULL, 1.0, 0",
        "UPDATE motion SET series_id = 3 - series_id",
        "UPDATE motion SET vector = zeroblob(12) WHERE rowid = 3",
        "UPDATE motion SET vector = zeroblob(13)",
        "UPDATE motion SET vector = zeroblob(900000)",
        "UPDATE motion SET vector = x''",
        "UPDATE motion SET sample_index = -1",
        "UPDATE motion SET sample_index = NULL",
        "UPDATE series SET n = 4 WHERE n = 3",
        "UPDATE series SET n = 1",
        "UPDATE series SET n = 1000000000",
        "UPDATE series SET n = -1",
        "UPDATE series SET sensor_id = 9",
        "UPDATE series SET source = ''",
        "UPDATE series SET source = hex(zeroblob(1000))",
        "UPDATE series SET quantity = ''",
        "UPDATE series SET quantity = 'unheard_of', n = 2",
        "DELETE FROM series WHERE id = 1",
        "INSERT INTO series WITH RECURSIVE c(x) AS (SELECT 9 UNION ALL SELECT x + 1 FROM c LIMIT 5000) "
        "SELECT x, NULL, 's', 'q', 1 FROM c",
        "UPDATE event SET t_s = 9e999",
        "UPDATE event SET duration_s = -1",
        "UPDATE event SET kind = 'party'",
        "UPDATE event SET side = 'X'",
        "UPDATE session SET value = '{'",
        "UPDATE session SET value = '\"soon\"' WHERE key = 'started_ns'",
        "UPDATE session SET value = '1e400' WHERE key = 'started_ns'",
        "INSERT INTO session VALUES ('deep', replace(hex(zeroblob(40000)), '00', '['))",
        "INSERT INTO session VALUES ('long', hex(zeroblob(2000000)))",
        "INSERT INTO session VALUES ('montage', '[1, 2]')",
        "INSERT INTO session VALUES ('montage', '{\"sensor\": [{\"channels\": {}}]}')",
        "INSERT INTO clock VALUES (1, 0, 9e999, 1000, NULL, 'file')",
        "INSERT INTO clock VALUES (1, 0, 0, -1000, NULL, 'file')",
        "INSERT INTO clock VALUES (1, 0, 0, 1e-300, NULL, 'file')",
    ],
)
def test_lies_in_the_tables(make, statement):
    path = change(make(n=20), statement)
    tracemalloc.start()
    with pytest.raises(RecordingError):
        use(path)
    assert tracemalloc.get_traced_memory()[1] < 30_000_000
    tracemalloc.stop()


@pytest.mark.parametrize(
    ("first", "n", "size"),
    [
        (0, 10, 40),
        (195, 10, 40),
        (1 << 61, 10, 40),
        (200, 10, 39),
        (200, 1 << 60, 40),
        (200, -10, 40),
        (200, 0, 4),
    ],
)
def test_a_right_checksum_does_not_make_a_lie_true(make, first, n, size):
    path = make(n=20)
    counts = bytes(size)
    change(
        path,
        "INSERT INTO block VALUES (1, ?, ?, NULL, ?, ?)",
        parameters=(first, n, counts, block_crc(1, first, n, None, counts)),
    )
    with pytest.raises(DamagedRecordingError):
        use(path)


def interior_pages(raw: bytes) -> list[int]:
    return [page for page in range(1, len(raw) // PAGE) if raw[page * PAGE] in (0x02, 0x05)]


def pointing(raw: bytes, page: int, target: int) -> bytes:
    """All children of an interior page become one page (numbers from 1)."""
    broken, start = bytearray(raw), page * PAGE
    cells = int.from_bytes(raw[start + 3 : start + 5], "big")
    broken[start + 8 : start + 12] = target.to_bytes(4, "big")
    for k in range(cells):
        cell = start + int.from_bytes(raw[start + 12 + 2 * k : start + 14 + 2 * k], "big")
        broken[cell : cell + 4] = target.to_bytes(4, "big")
    return bytes(broken)


def test_trees_that_point_to_themselves_or_to_one_page(make: Callable[..., Path]):
    path = make(n=2000)
    raw = path.read_bytes()
    pages = interior_pages(raw)
    assert pages
    for page in pages:
        for target in (1, page + 1, page, page + 2):
            path.write_bytes(pointing(raw, page, target))
            with pytest.raises(RecordingError):
                use(path)


def test_a_tree_like_a_bomb(make):
    """Interior pages in a chain, each with many pointers to the next: billions of rows in a few pages."""
    path = make(n=2000)
    raw = path.read_bytes()
    roots = [page for page in interior_pages(raw) if raw[page * PAGE] == 0x05]
    assert len(roots) == 3  # blocks, readings and motion
    for root in roots:
        leaf = raw[root * PAGE + 8 : root * PAGE + 12]
        depth = 12
        broken = bytearray(pointing(raw, root, len(raw) // PAGE + 1))
        for k in range(depth):
            number = len(raw) // PAGE + 1 + k
            page = bytearray(raw[root * PAGE : (root + 1) * PAGE])
            below = (number + 1).to_bytes(4, "big") if k < depth - 1 else leaf
            broken += pointing(bytes(PAGE) + bytes(page), 1, int.from_bytes(below, "big"))[PAGE:]
        broken[28:32] = (len(broken) // PAGE).to_bytes(4, "big")
        path.write_bytes(broken)
        with pytest.raises(DamagedRecordingError):
            use(path)


def test_a_log_of_noise(make, rng):
    path = make()
    content = use(path)
    path.with_name(path.name + "-wal").write_bytes(rng.bytes(50_000))
    with suppress(RecordingError):
        assert use(path) == content


def test_names_that_are_no_text(make):
    path = change(make(n=5), "UPDATE sensor SET name = CAST(x'ff00fe' AS TEXT)")
    with pytest.raises(DamagedRecordingError):
        Recording(path)


def test_counts_of_samples_are_never_read_from_the_index_alone(make):
    """An index that disagrees with its table is damage, not another truth."""
    path = make(n=20)
    connection = sqlite3.connect(path)
    connection.execute("PRAGMA writable_schema = ON")
    connection.execute(
        "UPDATE sqlite_schema SET sql = replace(sql, 'INDEX', 'index') WHERE name = 'block_index'"
    )
    connection.commit()
    connection.close()
    with pytest.raises(DamagedRecordingError, match="laid out"):
        Recording(path)
