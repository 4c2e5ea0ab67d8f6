"""The plan, the guess and the montage."""

from __future__ import annotations

import pytest

from emgsmr.gui.activity import Activities
from emgsmr.gui.placing import (
    channel_of,
    guess,
    montage_of,
    place,
    placed_by,
    planned_sites,
    told_apart,
)
from emgsmr.recording import Montage, MontageSensor, default_montage


def test_the_plan_is_limited_by_channels_and_begins_with_both_legs():
    assert planned_sites(None, 2) == ("GMAX_L", "GMAX_R")
    assert planned_sites(None, 6)[4:] == ("MGAS_L", "MGAS_R")
    assert set(planned_sites(None, 99)) == set(default_montage().sites)
    assert planned_sites(None, 0) == ()


def test_a_montage_with_sites_is_the_plan(scripted):
    assert planned_sites(scripted.MONTAGE, 1) == scripted.MONTAGE.sites
    assert planned_sites(Montage((MontageSensor("A"),)), 1) == ("GMAX_L",)


def test_placing_frees_the_channel_and_the_site():
    placed = {"GMAX_L": ("A", 0), "GMAX_R": ("B", 0)}
    assert place(placed, "GMAX_R", ("A", 0)) == {"GMAX_R": ("A", 0)}
    assert place(placed, "ST_L", ("C", 0)) == {**placed, "ST_L": ("C", 0)}


def test_channels_are_read_as_sensor_and_number():
    known = [("A", 0), ("A/1", 0)]
    assert channel_of("A/1/0", known) == ("A/1", 0)
    assert channel_of("A/1", known) is None
    assert channel_of("", known) is None


def activities_of(scripted, *, rest=10, levels=(), dt=0.1):
    """Rest of two sensors, then rows of (A0, B0, B1) in µV."""
    activities = Activities()
    rows = [(5.0, 5.0, 5.0)] * rest + list(levels)
    for i, (a, b, c) in enumerate(rows):
        channels = [("A", 0, a), ("B", 0, b), ("B", 1, c)]
        activities.take([scripted.channel(s, n, rms_uv=uv) for s, n, uv in channels], dt * i)
    return activities, dt * (len(rows) - 1)


def test_nothing_stands_out_of_rest(scripted):
    assert guess(Activities(), 0.0) is None
    assert guess(*activities_of(scripted)) is None


def test_the_channel_that_is_contracted_is_named(scripted):
    found = guess(*activities_of(scripted, levels=[(5.0, 60.0, 9.0)] * 12))
    assert (found.sensor, found.channel, found.sure) == ("B", 0, True)
    assert found.text.startswith("B, channel 1 is 1")


def test_it_is_not_sure_at_once_nor_of_two_at_a_time(scripted):
    assert not guess(*activities_of(scripted, levels=[(5.0, 60.0, 5.0)] * 3)).sure
    both = guess(*activities_of(scripted, levels=[(5.0, 60.0, 50.0)] * 12))
    assert not both.sure
    assert "one muscle only" in both.text


@pytest.mark.parametrize(
    ("bump", "sensor", "sure", "word"),
    [
        ((90.0, 5.0, 5.0), "A", True, "was knocked on"),
        ((5.0, 5.0, 90.0), "B", False, "which channel"),
        ((90.0, 90.0, 5.0), None, False, "one only"),
    ],
)
def test_a_knock_names_a_sensor(scripted, bump, sensor, sure, word):
    activities, now_s = activities_of(scripted, levels=[bump] * 3 + [(5.0, 5.0, 5.0)] * 2)
    found = guess(activities, now_s)
    assert sensor in (found.sensor, None)
    assert found.sure is sure
    assert word in found.text
    assert guess(activities, now_s + 4.0) is None


def test_the_montage_names_what_was_placed(scripted):
    snapshot = scripted.streaming(sites=False, found=(scripted.found("GL"), scripted.found("TL", "npg_lite")))
    montage = montage_of(snapshot, {"GMAX_L": ("GL", 0), "ST_L": ("TL", 1)})
    by_name = {sensor.name: sensor for sensor in montage.sensors}
    assert by_name["GL"] == MontageSensor("GL", "00:GL", "umyo", channels={1: "GMAX_L"})
    assert by_name["TL"].channels == {2: "ST_L"}
    assert by_name["GR"] == MontageSensor("GR", required=False)
    assert Montage.from_dict(montage.to_dict()) == montage


def test_the_montage_keeps_what_its_sensors_were(scripted):
    base = Montage(
        (MontageSensor("S", required=False, channels={1: "ST_L"}), MontageSensor("H")), 60.0, "P01"
    )
    snapshot = scripted.streaming(base)
    placed = placed_by(snapshot)
    assert placed == {"ST_L": ("S", 0)}
    montage = montage_of(snapshot, placed)
    assert (montage.mains_hz, montage.person) == (60.0, "P01")
    assert [sensor.required for sensor in montage.sensors] == [False, False]
    assert placed_by(scripted.streaming(sites=False)) == {}


def test_a_sensor_that_is_gone_without_is_not_required(scripted):
    snapshot = scripted.streaming()
    montage = montage_of(snapshot, placed_by(snapshot), without=["GL"])
    assert {sensor.name: sensor.required for sensor in montage.sensors} == {
        "GL": False, "GR": True, "TL": True, "TR": True,
    }  # fmt: skip


def test_sensors_of_one_name_are_told_apart(scripted):
    one, two, strap = scripted.found("A"), scripted.found("A"), scripted.found("H", "heart_rate")
    other = type(two)("A", "11:22:33:44:55:66", two.family, two.rssi, None, None)
    assert told_apart((one, scripted.found("B"))) is None
    montage = told_apart((one, other, strap, scripted.found("B")))
    assert [sensor.name for sensor in montage.sensors] == ["A 00:A", "A 55:66", "B"]
    assert montage.sensors[1].address == other.address
    assert montage.sites == ()


def test_a_strap_comes_along_if_asked_to(scripted):
    strap = scripted.found("H", "heart_rate")
    montage = told_apart((scripted.found("A"), strap), companions=True)
    assert [(sensor.name, sensor.required) for sensor in montage.sensors] == [("A", False), ("H", False)]
