"""When a finding makes a sound, and when silence does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from emgsmr.gui.alerts import (
    AGAIN_S,
    ALL_AGAIN_S,
    FRESH_S,
    MOST,
    MOST_IN_S,
    SILENT_AGAIN_S,
    SILENT_S,
    Alerts,
    can_be_judged,
    is_back,
    is_out,
    limits_of,
    silent_names,
    sites_of,
)


@pytest.fixture
def running(scripted):
    """A function that makes a snapshot with one pair, its points up to now, and one finding."""

    def make(points=(20.0, 22.0, 30.0), *, now=100.0, findings=None, pairs=None, **other):
        findings = (scripted.finding(),) if findings is None else findings
        pairs = (scripted.pair(points, t_end=now - 2.0),) if pairs is None else pairs
        return scripted.streaming(stage="recording", elapsed_s=now, findings=findings, pairs=pairs, **other)

    return make


def test_a_finding_is_heard_once(scripted, running):
    alerts = Alerts()
    assert alerts.look(running()) == [scripted.finding()]
    assert alerts.look(running(now=100.1)) == []
    assert alerts.look(running(now=100.0 + 10 * AGAIN_S)) == []


@pytest.mark.parametrize(
    "points", [(20.0, 5.0, 5.0), (5.0, 5.0, 30.0), (-20.0, -20.0, -30.0), (30.0,), ()], ids=str
)
def test_points_that_are_not_out_are_not_heard(running, points):
    assert Alerts().look(running(points)) == []


def test_the_other_direction_is_heard_too(scripted, running):
    finding = scripted.finding(change=-30.0, pattern="opposite")
    assert Alerts().look(running((-20.0, -22.0, -30.0), findings=(finding,))) == [finding]
    assert Alerts().look(running(findings=(finding,))) == []


@pytest.mark.parametrize("changes", [{"tier": 0}, {"t_end_s": 90.0}, {"pattern": "standing"}], ids=str)
def test_notices_ended_and_standing_findings_are_not_heard(scripted, running, changes):
    assert Alerts().look(running(findings=(replace(scripted.finding(), **changes),))) == []


def test_a_finding_of_a_pair_that_is_not_shown_is_not_heard(running):
    assert Alerts().look(running(pairs=())) == []


@pytest.mark.parametrize("state", ["gap", "off", "flat", "clipped", "motion"])
def test_never_from_a_bad_signal(scripted, running, state):
    snapshot = running()
    bad = tuple(replace(c, state=state) if c.site == "ST_R" else c for c in snapshot.channels)
    assert Alerts().look(replace(snapshot, channels=bad)) == []
    other = tuple(replace(c, state=state) if c.site == "ST_L" else c for c in snapshot.channels)
    assert Alerts().look(replace(snapshot, channels=other)) != []


def test_hum_is_no_bad_signal(running):
    snapshot = running()
    noisy = tuple(replace(c, state="noisy") for c in snapshot.channels)
    assert Alerts().look(replace(snapshot, channels=noisy)) != []


def test_never_over_a_lost_link_nor_from_old_points(scripted, running):
    snapshot = running()
    lost = tuple(scripted.status(s.name, "lost" if s.name == "TR" else "streaming") for s in snapshot.sensors)
    assert Alerts().look(replace(snapshot, sensors=lost)) == []
    assert Alerts().look(replace(snapshot, elapsed_s=100.0 + FRESH_S)) == []


def test_it_is_heard_when_the_signal_is_good_again(running):
    alerts = Alerts()
    snapshot = running()
    bad = tuple(replace(c, state="motion") for c in snapshot.channels)
    assert alerts.look(replace(snapshot, channels=bad)) == []
    assert len(alerts.look(running(now=101.0))) == 1


def test_it_is_heard_again_after_it_was_back_and_not_sooner_than_a_minute(running):
    alerts = Alerts()
    assert len(alerts.look(running(now=100.0))) == 1
    assert alerts.look(running((5.0, 5.0, 11.0), now=110.0)) == []
    assert alerts.look(running(now=100.0 + AGAIN_S - 1.0)) == []
    assert len(alerts.look(running(now=100.0 + AGAIN_S))) == 1


def test_at_the_edge_of_the_band_nothing_is_heard_again(running):
    alerts = Alerts()
    assert len(alerts.look(running(now=100.0))) == 1
    for i in range(60):
        points = (16.0, 14.0, 16.0) if i % 2 else (14.0, 12.0, 14.0)
        assert alerts.look(running(points, now=110.0 + 7.0 * i)) == []


@pytest.mark.parametrize("changes", [{"tier": 2}, {"finding": "F2"}], ids=str)
def test_a_higher_tier_or_a_new_finding_is_heard_after_a_minute(scripted, running, changes):
    alerts = Alerts()
    alerts.look(running())
    later = (replace(scripted.finding(), **changes),)
    assert alerts.look(running(now=100.0 + AGAIN_S - 1, findings=later)) == []
    assert alerts.look(running(now=100.0 + AGAIN_S, findings=later)) == list(later)


def test_pairs_share_the_ear(scripted, running):
    """Two pairs flagged at once: the higher tier first, the other after a while."""
    findings = (scripted.finding(), scripted.finding(2, side="L", name="F2"))
    alerts, heard = Alerts(), []
    for now in (100.0, 101.0, 100.0 + ALL_AGAIN_S):
        pairs = tuple(scripted.pair((20, 22, 30), side=side, t_end=now) for side in "LR")
        heard.append([f.side for f in alerts.look(running(now=now, findings=findings, pairs=pairs))])
    assert heard == [["L"], [], ["R"]]


def test_there_is_a_most_in_ten_minutes(scripted, running):
    """A new finding every minute is a broken detector or a bad day: the ear is spared."""
    alerts, heard = Alerts(), 0
    for minute in range(int(MOST_IN_S / AGAIN_S)):
        findings = (scripted.finding(name=f"F{minute}"),)
        heard += len(alerts.look(running(now=100.0 + AGAIN_S * minute, findings=findings)))
    assert heard == MOST
    findings = (scripted.finding(name="later"),)
    assert len(alerts.look(running(now=101.0 + MOST_IN_S, findings=findings))) == 1


def test_without_a_band_the_practical_floor_counts(scripted):
    view = scripted.pair((15.0, 15.0, 15.0), band=None)
    low, high = limits_of(view)
    assert (round(low, 1), high) == (-16.7, 20.0)
    assert not is_out(view, sign=1)
    assert is_back(scripted.pair((1.0, 2.0, 3.0), band=None))
    assert not is_back(scripted.pair((1.0, 2.0)))


def test_a_pair_is_computed_from_its_own_sites(scripted):
    snapshot = scripted.streaming()
    assert sites_of(scripted.pair(), snapshot) == {"GMAX_R", "BFLH_R", "ST_R"}
    own = replace(scripted.pair(), pair="MINE")
    assert sites_of(own, snapshot) == set(scripted.MONTAGE.sites)
    group = replace(
        snapshot, channels=(scripted.channel("A", 0, "HAM_R"), scripted.channel("B", 0, "GMAX_R"))
    )
    assert sites_of(scripted.pair(), group) == {"GMAX_R", "HAM_R"}
    back = replace(snapshot, channels=(scripted.channel("A", 0, "ES_L"), scripted.channel("B", 0, "GMAX_R")))
    assert sites_of(scripted.pair(pair="P4"), back) == {"GMAX_R", "ES_L"}


def test_a_pair_without_channels_cannot_be_judged(scripted):
    snapshot = replace(scripted.streaming(), channels=(scripted.channel("A", 0, "TA_R"),))
    assert not can_be_judged(scripted.pair(), snapshot)


def test_no_channel_level_is_no_signal(scripted, running):
    snapshot = running()
    gone = tuple(replace(c, rms_uv=np.nan) if c.site == "GMAX_R" else c for c in snapshot.channels)
    assert Alerts().look(replace(snapshot, channels=gone)) == []


def test_silence_is_heard_after_a_while_and_rarely(scripted, running):
    alerts = Alerts()
    lost = (scripted.status("GL", "lost"), scripted.status("GR"))

    def looks(now, sensors=lost):
        return alerts.look_for_silence(running(now=now, sensors=sensors))

    assert not looks(100.0)
    assert not looks(100.0 + SILENT_S - 0.1)
    assert looks(100.0 + SILENT_S)
    assert not looks(100.0 + SILENT_S + 1)
    assert not looks(130.0, ())
    assert not looks(140.0)
    assert not looks(150.0)  # lost again, but heard of lately
    assert looks(100.0 + SILENT_S + SILENT_AGAIN_S)


def test_a_short_outage_is_not_heard(scripted, running):
    alerts = Alerts()
    for now in np.arange(100.0, 160.0, 2.0):
        sensors = (scripted.status("GL", "lost" if now % 4 else "streaming"),)
        assert not alerts.look_for_silence(running(now=float(now), sensors=sensors))


def test_what_is_silent(scripted):
    strap = scripted.status("H", "lost", latest={})
    channels = (
        scripted.channel("GL", 0, "GMAX_L", state="off"),
        scripted.channel("GR", 0, "GMAX_R", state="gap"),
        scripted.channel("TL", 0, "ST_L", state="motion"),
        scripted.channel("TL", 1, None, state="off"),
    )
    sensors = (scripted.status("GR", "lost"), scripted.status("GL"), strap)
    snapshot = scripted.streaming(sensors=sensors, channels=channels)
    assert silent_names(snapshot) == ["GR", "GMAX_L"]
