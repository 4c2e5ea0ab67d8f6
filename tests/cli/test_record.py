from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest

from emgsmr.cli.journal import Journal
from emgsmr.cli.main import main
from emgsmr.errors import EmgsmrError
from emgsmr.radio.channel import SensorStatus
from emgsmr.radio.link import LinkState, StateChange
from emgsmr.radio.watch import Notice
from emgsmr.radio.write_cast import write_cast
from emgsmr.recording import open_recording
from emgsmr.session import Update

SOURCES = str(Path(__file__).parents[2] / "src")
SLACK_S = 1.0  # how far the simulated clock may lag behind a busy computer's; the file itself: test_crash


@pytest.fixture
def radio(tmp_path, make_cast):
    """``radio(seconds)``: a virtual radio of two uMyo, which play a recording of that length."""

    def make(seconds):
        folder = tmp_path / "played"
        write_cast(make_cast("umyo", "npg_lite", seconds=seconds), folder / "small.emgsmr").close()
        return f"virtual:{folder / 'small.emgsmr'}"

    return make


def recorded_s(path):
    """How much is in a recording that is being written, s."""
    try:
        with open_recording(path) as recording:
            return recording.duration_s
    except (EmgsmrError, OSError):
        return 0.0  # not there yet, or just being made


@pytest.fixture
def running(tmp_path, radio):
    """A real ``emgsmr record`` at life's pace, as soon as it has recorded something; and its file."""
    out = tmp_path / "run" / "run.emgsmr"
    command = [sys.executable, "-m", "emgsmr", "record", "-o", str(out), "--radio", radio(60.0)]
    process = subprocess.Popen(
        command,
        env={**os.environ, "PYTHONPATH": SOURCES},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    try:
        deadline = time.monotonic() + 60
        while recorded_s(out) < 1.5:
            assert process.poll() is None, process.communicate()
            assert time.monotonic() < deadline
            time.sleep(0.02)  # another process: there is no event to wait for
        yield process, out
    finally:
        process.kill()
        process.communicate()


def test_what_was_played_is_recorded_and_summed_up(tmp_path, radio, capsys):
    out = tmp_path / "run.emgsmr"
    assert main(["record", "-o", str(out), "--radio", radio(5.0), "--speed", "1000"]) == 0
    captured = capsys.readouterr()
    first, *clocks, last = captured.out.splitlines()
    assert (first, last) == (f"Recorded 0:05 from 2 sensors: {out}", "No flags.")
    said = [re.fullmatch(r"(\S+): (\S+) samples per second .* within (\S+) ms of the fit", c) for c in clocks]
    assert [m and m[1] for m in said] == ["uMyo-01", "uMyo-02"]
    with open_recording(out) as recording:
        assert recording.duration_s == pytest.approx(5.0, abs=0.1)
        assert [p.site for p in recording.placements] == ["GMAX_L", "GMAX_R"]


def test_json_is_one_object_and_nothing_else(tmp_path, radio, capsys):
    out = tmp_path / "run.emgsmr"
    arguments = [
        "record",
        "-o",
        str(out),
        "--radio",
        radio(5.0),
        "--seconds",
        "2",
        "--speed",
        "1000",
        "--json",
    ]
    assert main(arguments) == 0
    result = json.loads(capsys.readouterr().out)
    assert result["recording"] == str(out)
    assert result["duration_s"] == pytest.approx(2.0, abs=0.1)
    assert [(s["name"], s["sites"], s["missing"]) for s in result["sensors"]] == [
        ("uMyo-01", ["GMAX_L"], 0),
        ("uMyo-02", ["GMAX_R"], 0),
    ]
    assert (result["findings"], result["absent"]) == ([], [])
    for sensor in result["sensors"]:
        assert sensor["clock"].keys() == {"rate_hz", "drift_ppm", "residual_ms", "unknown_ms"}


def test_an_existing_file_is_refused_before_any_radio(tmp_path, capsys):
    out = tmp_path / "run.emgsmr"
    out.write_bytes(b"precious")
    assert main(["record", "-o", str(out), "--radio", "no such radio"]) == 2
    assert "never overwritten" in capsys.readouterr().err
    assert out.read_bytes() == b"precious"


def test_no_bluetooth_here_and_no_montage(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("DBUS_SYSTEM_BUS_ADDRESS", f"unix:path={tmp_path}/no-such-bus")
    assert main(["record", "-o", str(tmp_path / "run.emgsmr")]) == 3
    lines = capsys.readouterr().err.splitlines()
    assert lines[0].startswith("No montage")
    assert lines[1].startswith("Error: ")
    assert not (tmp_path / "run.emgsmr").exists()


def test_a_sensor_that_is_not_there(tmp_path, radio, capsys):
    montage = tmp_path / "montage.toml"
    montage.write_text('[[sensor]]\nname = "uMyo-77"\n[sensor.channels]\n1 = "GMAX_L"\n')
    arguments = ["record", "-o", str(tmp_path / "run.emgsmr"), "--radio", radio(1.0), "--speed", "1000"]
    assert main([*arguments, "--montage", str(montage)]) == 4
    assert "uMyo-77 (GMAX_L): not in range" in capsys.readouterr().err
    assert main([*arguments, "--montage", str(tmp_path / "none.toml")]) == 2


def test_kill_takes_at_most_the_last_second(running):
    process, out = running
    process.kill()
    killed = datetime.now(UTC)
    process.wait()
    with open_recording(out) as recording:
        ran_s = (killed - datetime.fromisoformat(recording.session["started_utc"])).total_seconds()
        assert recording.duration_s > ran_s - 1.0 - SLACK_S
        assert recording.gaps() == ()
        assert sum(block.n for block in recording.blocks()) > 2 * 1116


@pytest.mark.skipif(sys.platform == "win32", reason="no SIGINT for another process there")
@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_ends_it_cleanly(running, number):
    process, out = running
    process.send_signal(number)
    output, errors = process.communicate(timeout=30)
    assert process.returncode == 0, errors
    assert output.splitlines()[0].endswith(f"from 2 sensors: {out}")
    assert [path.name for path in out.parent.iterdir()] == ["run.emgsmr"]
    with open_recording(out) as recording:
        assert "ended_utc" in recording.session
        assert recording.duration_s >= 1.5


@dataclass(frozen=True)
class Finding:
    finding: str = "P1_R_1"
    t_alarm_s: float = 760.0
    t_tier2_s: float | None = None
    tier: int = 1
    text: str = "Right hamstrings +31 %"
    t_tier3_s: float | None = None


@pytest.fixture
def journal():
    def make(**options):
        session = SimpleNamespace(out=Path("run.emgsmr"))
        return Journal(session, **{"on_alert": None, "lines_to_stderr": False, **options})

    return make


def test_a_flag_is_printed_when_it_comes_and_when_it_rises(journal, capsys):
    tell = journal().take
    for finding in (
        Finding(),
        Finding(),
        Finding(t_tier2_s=772.0, tier=2),
        Finding("gain_1", 800.0, None, 0, "gain"),
    ):
        tell(Update(finding.t_alarm_s, finding=finding))
    assert capsys.readouterr().out.splitlines() == [
        "12:40 tier 1: Right hamstrings +31 %",
        "12:52 tier 2: Right hamstrings +31 %",
        "13:20 notice: gain",
    ]


def test_a_command_is_run_with_each_flag(journal, tmp_path, capfd):
    file = tmp_path / "alerts"
    diary = journal(
        on_alert=f"{sys.executable} -c \"import os; print(os.environ['EMGSMR_ALERT'])\" >> {file}"
    )
    diary.take(Update(760.0, finding=Finding()))
    diary.take(Update(760.0, finding=Finding("gain_1", tier=0)))  # a notice is no alarm
    diary.close()
    assert file.read_text().splitlines() == ["Right hamstrings +31 %"]


def test_what_happens_to_links_is_said_on_standard_error(journal, capsys):
    diary = journal()
    for t_s, state, reason in (
        (-1.0, LinkState.ABSENT, "not in range"),
        (1.0, LinkState.STREAMING, ""),
        (61.0, LinkState.LOST, "the connection broke"),
        (65.0, LinkState.CONNECTING, ""),
        (66.0, LinkState.STREAMING, ""),
    ):
        diary.take(Update(t_s, change=StateChange(0, "uMyo-01", state, reason)))
    text = "uMyo-01 is back after 5.0 s; 5580 samples are missing"
    diary.take(Update(66.1, notice=Notice(0, "uMyo-01", "resumed", text)))
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.splitlines() == [
        "uMyo-01: not in range; recording goes on without it",
        "1:01 uMyo-01 lost (the connection broke); trying to bring it back",
        "1:06 uMyo-01 is back after 5.0 s; 5580 samples are missing",
    ]


def test_devices_without_emg_show_what_they_said_last(journal):
    """Of a strap the heart rate is of interest, and no count."""
    emg = SensorStatus("uMyo-01", "uMyo", ("GMAX_L",), LinkState.STREAMING, 1.0, 1116, 24, "exact", 61)
    strap, pod = (
        SensorStatus(name, name, (), LinkState.STREAMING, 1.0, 33, 0, "possible", None, said)
        for name, said in (
            ("Strap", {"contact": (1.0,), "heart_rate_bpm": (152.0,)}),
            ("Pod", {"cadence_spm": (172.0,), "speed_mps": (3.06,)}),
        )
    )
    off = replace(strap, name="Off", latest={"contact": (0.0,)})
    lost = replace(strap, name="Lost", latest={})
    diary = journal()
    diary.session.status = lambda: (emg, strap, pod, off, lost)
    diary.session.elapsed_s = 1.0
    diary.session.air = SimpleNamespace(name="virtual")
    diary.session.absent, diary.session.pipeline = (), None
    diary.session.clocks = dict
    columns = [list(column.cells) for column in diary._table().columns]
    assert columns[3] == ["1116", "152 bpm", "3.1 m/s, 172/min", "no contact", ""]
    assert columns[4] == ["24", "", "", "", ""]
    summary = diary.summary()
    assert [entry["name"] for entry in summary["sensors"]] == ["uMyo-01"]
    assert [(entry["name"], entry["readings"]) for entry in summary["companions"]] == [
        ("Strap", 33),
        ("Pod", 33),
        ("Off", 33),
        ("Lost", 33),
    ]
