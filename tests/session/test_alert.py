"""The user's own command for flags: what it gets, and that nothing it does disturbs a session."""

from __future__ import annotations

import json
import sys
import threading
import time
from dataclasses import dataclass

import pytest

from emgsmr.session.alert import AlertCommand, as_json


@dataclass(frozen=True)
class Finding:
    finding: str = "P1_R_1"
    tier: int = 1
    text: str = "Right hamstrings +31 % “more”"
    z: float = float("nan")
    t_end_s: float | None = None


@pytest.fixture
def said():
    return []


@pytest.fixture
def command(said):
    """``command(line, ...)``; closed at the end."""
    made = []

    def make(line, **options):
        made.append(AlertCommand(line, say=said.append, **options))
        return made[-1]

    yield make
    for alert in made:
        alert.close()


def python(code):
    return f'"{sys.executable}" -c "{code}"'


def test_the_finding_comes_in_three_ways(command, said, tmp_path):
    file = tmp_path / "got"
    code = (
        "import os, sys; w = lambda t: sys.stdout.buffer.write(t.encode() + b'\\n'); "
        "w(sys.stdin.buffer.read().decode()); "
        "w(os.environ['EMGSMR_ALERT_JSON']); w(os.environ['EMGSMR_ALERT'])"
    )
    alert = command(f"{python(code)} > {file}")
    alert.run(Finding())
    alert.close(wait_s=60.0)
    by_pipe, by_variable, text = file.read_text(encoding="utf-8").splitlines()
    assert by_pipe == by_variable == as_json(Finding())
    assert json.loads(by_pipe) == {
        "finding": "P1_R_1", "tier": 1, "text": Finding.text, "z": None, "t_end_s": None,
    }  # fmt: skip
    assert text == Finding.text
    assert said == []


def test_notices_are_no_flags(command, tmp_path):
    alert = command(f"echo x >> {tmp_path / 'got'}")
    alert.run(Finding(tier=0))
    alert.close()
    assert not (tmp_path / "got").exists()


@pytest.mark.parametrize(
    ("line", "told"),
    [("exit 3", r"failed (exit code 3)"), ("no_such_command_here 2>&-", "failed (exit code 127)"),
     ("nothing\0good", "could not be run")],
)  # fmt: skip
@pytest.mark.skipif(sys.platform == "win32", reason="for a POSIX shell")
def test_a_command_that_fails_is_told_once(command, said, line, told):
    alert = command(line)
    for _ in range(3):
        alert.run(Finding())
    alert.close(wait_s=60.0)
    assert len(said) == 1
    assert told in said[0]
    assert said[0].startswith("the alert command ")
    assert said[0].endswith(f": {line}")


@pytest.mark.skipif(sys.platform == "win32", reason="for a POSIX shell")
def test_a_command_that_hangs_is_ended_with_all_it_started(command, said, tmp_path):
    alert = command(f"(sleep 60; echo late > {tmp_path / 'late'}) & wait", patience_s=0.2)
    began = time.monotonic()
    alert.run(Finding())
    assert time.monotonic() - began < 5  # nobody waits for it
    alert.close(wait_s=60.0)
    assert time.monotonic() - began < 50
    assert "was ended, since it ran longer than 0.2 s" in said[0]


@pytest.mark.skipif(sys.platform == "win32", reason="for a POSIX shell")
def test_what_still_runs_at_the_end_is_left_alone(command, said):
    alert = command("sleep 3")
    alert.run(Finding())
    began = time.monotonic()
    alert.close(wait_s=0.05)
    assert time.monotonic() - began < 2.5
    assert said == []


@pytest.mark.skipif(sys.platform == "win32", reason="for a POSIX shell")
def test_many_flags_do_not_run_it_many_times(command, said, tmp_path):
    file = tmp_path / "got"
    alert = command(f"echo x >> {file}", at_most=3)
    for _ in range(50):
        alert.run(Finding())
    alert.close(wait_s=60.0)
    assert file.read_text().splitlines() == ["x"] * 3
    assert len(said) == 1
    assert "more than 3 in a minute" in said[0]


def test_closing_twice_or_unused(command):
    alert = command("exit 0")
    before = threading.active_count()
    alert.close()
    alert.close()
    assert threading.active_count() == before
