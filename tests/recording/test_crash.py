"""What a recorder leaves behind when it is killed or the disk is full: for real, in a process of its own."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from emgsmr.errors import DiskFullError
from emgsmr.recording import Event, Recorder, Recording, SampleBlock, add_event, list_recordings, recover

from .conftest import enter, notification

RECORD = """
import sys, time
import numpy as np
from emgsmr.recording import Recorder, SampleBlock, TimedReading

recorder = Recorder(sys.argv[1])
sensor = recorder.add_sensor(
    family="umyo", address="", name="x", firmware="", rate_hz=1000.0, channels=1, dtype="<i2", scale_uv=1.0,
    scale_known="known", placements=[(0, "GMAX_L")],
)
for k in range(100_000):
    now = time.monotonic_ns()
    counts = np.full((8, 1), k % 30_000, dtype=np.int16)
    recorder.write(SampleBlock(sensor.id, 8 * k, counts, np.array([[8 * k + 8, now]])))
    recorder.add_reading(TimedReading("strap", None, "heart_rate_bpm", now, (60 + k % 100,)))
    recorder.add_reading(TimedReading("x", sensor.id, "acceleration_g", now, (0, 1, k), 8 * k + 8))
    print(now, flush=True)
    time.sleep(0.008)  # a sensor's pace
"""

FILL = """
import resource, sys, time
import numpy as np
from emgsmr.errors import EmgsmrError
from emgsmr.recording import Recorder, SampleBlock

recorder = Recorder(sys.argv[1])
resource.setrlimit(resource.RLIMIT_FSIZE, (300_000, 300_000))
sensor = recorder.add_sensor(
    family="umyo", address="", name="x", firmware="", rate_hz=1000.0, channels=1, dtype="<i2", scale_uv=1.0,
    scale_known="known", placements=[(0, "GMAX_L")],
)
try:
    for k in range(10_000_000):
        recorder.write(SampleBlock(sensor.id, 1000 * k, np.full((1000, 1), k % 30_000, dtype=np.int16)))
        time.sleep(0.005)
except EmgsmrError as error:
    print(type(error).__name__, error)
recorder.close()
print(recorder.failure is not None)
"""


def environment() -> dict[str, str]:
    """The package as these tests see it."""
    return {**os.environ, "PYTHONPATH": os.pathsep.join(path for path in sys.path if path)}


@pytest.fixture(scope="module")
def killed_once(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, int]:
    path = tmp_path_factory.mktemp("killed") / "run.emgsmr"
    with subprocess.Popen(
        [sys.executable, "-c", RECORD, str(path)], stdout=subprocess.PIPE, text=True, env=environment()
    ) as process:
        assert process.stdout is not None
        times = [int(process.stdout.readline())]
        while times[-1] - times[0] < 2_000_000_000:
            times.append(int(process.stdout.readline()))
        process.kill()
        times += [int(line) for line in process.stdout if line.endswith("\n")]
    assert process.returncode != 0
    return path, times[-1]


@pytest.fixture
def killed(tmp_path: Path, killed_once: tuple[Path, int]) -> tuple[Path, int]:
    """A recording whose recorder was killed after two seconds, and when its last samples came (ns)."""
    made, last_ns = killed_once
    for entry in made.parent.iterdir():
        shutil.copy(entry, tmp_path)
    return tmp_path / made.name, last_ns


def test_kill_takes_at_most_the_last_second(killed):
    path, last_ns = killed
    with Recording(path) as recording:
        [*_, block] = recording.blocks()
        assert last_ns - block.arrivals[-1, 1] <= 1_000_000_000
        for quantity in ("heart_rate_bpm", "acceleration_g"):
            *_, (_, reading) = recording.readings(quantity)
            assert last_ns - reading.arrival_ns <= 1_000_000_000
        assert recording.gaps() == ()
        assert recording.duration_s > 1.0
    [summary] = list_recordings(path.parent)
    assert not summary.closed
    assert summary.error is None


def test_what_was_left_behind_becomes_one_file_when_it_is_marked(killed):
    path, _ = killed
    with Recording(path) as recording:
        before = sum(block.n for block in recording.blocks())
    add_event(path, Event(1.0, None, "cramp", site="GMAX_L"))
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    with Recording(path) as recording:
        assert sum(block.n for block in recording.blocks()) == before
        assert len(recording.events()) == 1


def test_what_was_left_behind_can_be_recovered_with_its_log(killed):
    path, _ = killed
    with Recording(path) as recording:
        before = [block.counts.tolist() for block in recording.blocks(seconds=1e9)]
        readings = list(recording.readings())
    recover(path, path.with_name("new.emgsmr"))
    with Recording(path.with_name("new.emgsmr")) as recording:
        assert [block.counts.tolist() for block in recording.blocks(seconds=1e9)] == before
        assert list(recording.readings()) == readings


def test_a_broken_log_costs_what_is_in_it(killed):
    path, _ = killed
    log = path.with_name(path.name + "-wal")
    raw = bytearray(log.read_bytes())
    raw[len(raw) // 2] ^= 0xFF
    log.write_bytes(raw)
    with Recording(path) as recording:
        assert recording.sensors
        assert sum(block.n for block in recording.blocks()) > 0


def test_a_full_disk_ends_with_a_sentence_and_a_readable_file(tmp_path):
    path = tmp_path / "run.emgsmr"
    done = subprocess.run(
        [sys.executable, "-c", FILL, str(path)], capture_output=True, text=True, env=environment(), timeout=60
    )
    first, last = done.stdout.splitlines()
    assert first.startswith("DiskFullError no room is left for")
    assert last == "True"
    assert done.stderr == ""
    with Recording(path) as recording:
        assert sum(block.n for block in recording.blocks()) > 50_000
        assert recording.gaps() == ()


def test_recording_ends_before_the_disk_is_full(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    recorder = Recorder(tmp_path / "a.emgsmr")
    sensor = enter(recorder)
    recorder.write(notification(sensor.id, 0))
    monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=1 << 20))
    recorder.close()
    assert isinstance(recorder.failure, DiskFullError)
    with Recording(recorder.path) as recording:
        assert sum(block.n for block in recording.blocks()) == 10
    with pytest.raises(DiskFullError, match="only 1 MB"):
        Recorder(tmp_path / "b.emgsmr")
    assert not (tmp_path / "b.emgsmr").exists()


def test_a_failure_reaches_whoever_records(tmp_path, monkeypatch):
    usage = shutil.disk_usage(tmp_path)
    with pytest.raises(DiskFullError), Recorder(tmp_path / "a.emgsmr") as recorder:  # noqa: PT012
        sensor = enter(recorder)
        monkeypatch.setattr(shutil, "disk_usage", lambda path: usage._replace(free=0))
        for k in range(1_000_000):
            recorder.write(SampleBlock(sensor.id, 10 * k, np.zeros((10, 2), dtype=np.int16)))
