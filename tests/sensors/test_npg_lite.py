"""What is special about the NPG Lite: every sample is numbered, and it takes commands."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.sensors import Advertisement, Answer, Reading
from emgsmr.sensors.npg_lite import BATTERY, CONTROL, DATA, FAMILY, Unit, decode


@given(st.lists(st.integers(0, 255), min_size=10, max_size=10))
def test_runs_are_those_of_a_slow_loop(counters):
    payload = b"".join(bytes([counter, 0, i, 0, 0, 0, 0]) for i, counter in enumerate(counters))
    runs: list[list[int]] = []
    for i, counter in enumerate(counters):
        if i and counter == (counters[i - 1] + 1) % 256:
            runs[-1].append(i)
        else:
            runs.append([i])
    packets = decode(DATA, payload)
    assert [packet.counter for packet in packets] == [counters[run[0]] for run in runs]
    assert [packet.counts[:, 0].tolist() for packet in packets] == runs


def test_battery_and_control_hold_no_emg():
    assert decode(BATTERY, b"\x55") == []
    assert decode(CONTROL, b"NPG-LITE") == []


@pytest.mark.parametrize(
    ("command", "running", "expected"),
    [
        (b"START", False, Answer("start", b"START")),
        (b" stop\r\n", True, Answer("stop", b" stop\r\n")),
        (b"WHORU", False, Answer("", b"NPG-LITE")),
        (b"STATUS", False, Answer("", b"STOPPED")),
        (b"STATUS", True, Answer("", b"RUNNING")),
        (b"\xff\xfe", True, Answer("", b"UNKNOWN COMMAND")),
        (b"", False, Answer("", b"UNKNOWN COMMAND")),
    ],
)
def test_commands(command, running, expected):
    unit = Unit()
    unit.answer(CONTROL, b"START" if running else b"STOP")
    assert unit.answer(CONTROL, command) == expected


def test_only_control_takes_commands():
    assert Unit().answer(DATA, b"START") == Answer()


def test_it_tells_its_battery_and_nothing_else():
    assert Unit().encode_reading(Reading("battery_pct", (85.0,))) == [(BATTERY, b"\x55")]
    assert Unit().encode_reading(Reading("acceleration_g", (0.0, 0.0, 1.0))) == []


def test_scale_is_that_of_the_adc():
    assert FAMILY.scale_known == "unknown"
    assert FAMILY.scale_uv == pytest.approx(805.86, abs=0.01)
    assert FAMILY.battery_pct(Advertisement("NPG-Lite-3CH:00:01")) is None
