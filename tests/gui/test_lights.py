"""Lights with their words and reasons."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from emgsmr.gui.activity import Activity
from emgsmr.gui.lights import (
    UNUSABLE,
    check_light,
    found_row,
    has_signal,
    loss_text,
    missing_sensors,
    said_by,
    sensor_rows,
    signal_quality,
)
from emgsmr.gui.screen import Status
from emgsmr.recording import Montage, MontageSensor

READY = Activity(rms=5.0, rest=5.0, usual=60.0, best=12.0, contracted=True)


@pytest.mark.parametrize(
    ("state", "status"),
    [("good", "good"), ("", "wait"), ("noisy", "warn"), ("motion", "warn"), ("off", "bad"), ("gap", "bad")],
)
def test_quality_of_a_channel(scripted, state, status):
    assert signal_quality(scripted.channel(state=state)).status == status


def test_every_light_that_is_not_green_says_what_to_do(scripted):
    for state in UNUSABLE | {"noisy"}:
        light = signal_quality(scripted.channel(state=state, reason="60 % at the rail"))
        assert light.reason.endswith("(60 % at the rail)")
        assert len(light.word) < 16
    assert signal_quality(None).word == "no data"
    assert signal_quality(scripted.channel(rms_uv=math.nan)).word == "no data"


def test_what_counts_as_a_signal(scripted):
    assert has_signal(scripted.channel(state="noisy"))
    assert has_signal(scripted.channel(state=""))
    assert not has_signal(scripted.channel(rms_uv=math.nan))
    assert not has_signal(scripted.channel(state="motion"))


def test_green_needs_a_contraction_and_a_good_signal(scripted):
    light = check_light(scripted.channel(), READY)
    assert (light.status, light.word, light.reason) == ("good", "ready", "12 times rest")
    assert check_light(scripted.channel(), Activity()).word == "contract now"
    assert check_light(scripted.channel(state="noisy"), READY).word == "mains hum"
    assert check_light(scripted.channel(state="off"), READY).status == "bad"
    assert check_light(None, READY).status == "bad"
    assert check_light(scripted.channel(state=""), READY).status == "wait"


def test_another_muscle_answered(scripted):
    light = check_light(scripted.channel(), Activity(), answered_by="GMAX_L")
    assert (light.status, light.word) == ("warn", "swapped?")
    assert "left gluteus maximus answered" in light.reason


def test_found_sensors(scripted):
    row = found_row(scripted.found("TL", "npg_lite", -50))
    assert (row.light.word, row.n_channels, row.family) == ("strong", 6, "NPG Lite")
    assert found_row(scripted.found(rssi=-70)).light.word == "fair"
    assert found_row(scripted.found(rssi=-90)).light.status is Status.WARN
    assert found_row(scripted.found(battery_pct=15)).light.word == "battery low"
    assert found_row(scripted.found(battery_pct=5)).light.status is Status.BAD
    assert found_row(scripted.found(battery_pct=None)).light.word == "strong"
    assert found_row(scripted.found("H", "heart_rate")).n_channels == 0


def test_connected_sensors_with_their_sites(scripted):
    snapshot = scripted.streaming(found=(scripted.found("TL"),))
    rows = {row.name: row for row in sensor_rows(snapshot, {("TL", 1): "ST_L"})}
    assert rows["TL"].sites == ("", "ST_L")
    assert (rows["TL"].rssi_dbm, rows["TL"].address) == (-55, "00:TL")
    assert (rows["GL"].rssi_dbm, rows["GL"].light.word) == (None, "sends")
    assert rows["GL"].required


def test_sensors_without_a_montage_are_required_once_they_are_placed(scripted):
    rows = sensor_rows(scripted.streaming(sites=False), {("GL", 0): "GMAX_L"})
    assert {row.name: row.required for row in rows} == {"GL": True, "GR": False, "TL": False, "TR": False}


def test_sensors_that_should_be_there(scripted):
    montage = Montage((*scripted.MONTAGE.sensors, MontageSensor("H", "AA:BB", required=False)))
    snapshot = replace(
        scripted.streaming(montage), sensors=(scripted.status("GL"), scripted.status("GR", "lost"))
    )
    rows = {row.name: row for row in sensor_rows(snapshot, {})}
    assert (rows["TL"].light.status, rows["TL"].sites) == ("bad", ("BFLH_L", "ST_L"))
    assert (rows["H"].light.status, rows["H"].address) == ("off", "AA:BB")
    assert rows["GR"].light.word == "lost"
    assert [sensor.label for sensor in missing_sensors(snapshot)] == ["GR", "TL", "TR"]
    assert missing_sensors(scripted.streaming(sites=False)) == ()


@pytest.mark.parametrize(
    ("pct", "word"), [(None, "sends"), (80, "sends"), (20, "battery low"), (0, "battery empty")]
)
def test_battery(scripted, pct, word):
    snapshot = replace(scripted.streaming(), sensors=(scripted.status("GL", battery_pct=pct),))
    assert sensor_rows(snapshot, {})[0].light.word == word
    lost = replace(snapshot, sensors=(scripted.status("GL", "lost", battery_pct=pct),))
    assert sensor_rows(lost, {})[0].light.word == "lost"


def test_what_straps_and_pods_say(scripted):
    latest = {"heart_rate_bpm": (151.6,), "speed_mps": (3.0,), "cadence_spm": (170.2,)}
    assert said_by(scripted.status(latest=latest)) == "152 bpm, 10.8 km/h, 170 steps/min"
    assert said_by(scripted.status(latest={})) == said_by(scripted.status()) == ""


def test_loss(scripted):
    lost = scripted.streaming(
        messages=(scripted.message(), scripted.message(), scripted.message(sensor="GR"))
    )
    assert loss_text(scripted.status("GL", samples=998, missing=2), lost) == "0.2 % lost, 2 gaps"
    assert loss_text(scripted.status("GR"), lost) == "1 gap"
    assert (
        loss_text(scripted.status("X", samples=99, missing=1, loss_known="possible"), lost)
        == "possibly 1.0 % lost"
    )
    assert loss_text(scripted.status("X"), lost) == ""
