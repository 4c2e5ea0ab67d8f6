"""Gauges, legs, time line, marks, banners and facts."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest

from emgsmr.gui import run_view
from emgsmr.gui.activity import Activities
from emgsmr.gui.outages import Outages
from emgsmr.gui.screen import Status
from emgsmr.recording import Event


@pytest.fixture
def running(scripted):
    def make(points=(1.0, 2.0, 3.0), **other):
        given = {"pairs": (scripted.pair(points),)} | other
        return scripted.streaming(stage="recording", elapsed_s=100.0, **given)

    return make


def out(snapshot, *, for_s=5.0):
    """Outages that have lasted for so long, if there are any."""
    outages = Outages()
    outages.take(replace(snapshot, elapsed_s=snapshot.elapsed_s - for_s))
    outages.take(snapshot)
    return outages


def gauge_of(snapshot):
    return run_view.gauge(snapshot.pairs[0], snapshot, out(snapshot))


def banner_of(snapshot):
    return run_view.banner(snapshot, out(snapshot))


def muscles_of(snapshot, activities):
    return run_view.muscles(snapshot, activities, out(snapshot))


def test_a_bad_second_is_not_shown(running):
    snapshot = running()
    bad = replace(snapshot, channels=tuple(replace(c, state="motion") for c in snapshot.channels))
    gauge = run_view.gauge(bad.pairs[0], bad, out(bad, for_s=1.0))
    assert gauge.word == "usual"
    muscles = run_view.muscles(bad, Activities(), out(bad, for_s=1.0))
    assert {muscle.status for muscle in muscles} == {Status.GOOD}
    assert gauge_of(bad).word == "no signal"


def test_a_usual_ratio(running):
    gauge = gauge_of(running())
    assert (gauge.title, gauge.value_pct, gauge.word) == ("Right hamstrings : gluteus maximus", 3.0, "usual")
    assert gauge.status is Status.GOOD
    assert gauge.text == "Hamstrings +3 % relative to gluteus maximus, against your own baseline."


def test_one_odd_point_is_usual_and_two_of_three_drift(running):
    assert gauge_of(running((1.0, 2.0, 30.0))).word == "usual"
    drifting = gauge_of(running((1.0, 20.0, 30.0)))
    assert (drifting.word, drifting.status) == ("drifting", Status.WARN)
    assert gauge_of(running((1.0, -20.0, -30.0))).word == "drifting"


@pytest.mark.parametrize(
    ("tier", "points", "word", "status"),
    [
        (1, (20, 22, 30), "hamstrings do more", Status.WARN),
        (2, (20, 22, 30), "hamstrings do more", Status.BAD),
        (1, (-20, -22, -30), "hamstrings do less", Status.WARN),
        (1, (20, 2, 3), "settling", Status.WARN),
    ],
)
def test_a_flagged_ratio(scripted, running, tier, points, word, status):
    gauge = gauge_of(running(points, findings=(scripted.finding(tier, change=points[-1]),)))
    assert (gauge.word, gauge.status) == (word, status)
    assert gauge.text == scripted.finding().text


def test_what_is_over_or_of_another_pair_is_not_shown(scripted, running):
    over = (scripted.finding(t_end=90.0), scripted.finding(0), scripted.finding(side="L"))
    assert gauge_of(running((20, 22, 30), findings=over)).word == "drifting"


def calf_to_hamstrings(scripted, change, side="R"):
    points = (change, change, change)
    return replace(scripted.pair(points, pair="P2", side=side), prime="HAM", compensator="CALF")


def test_what_moves_along_with_a_flagged_pair_is_no_warning_of_its_own(scripted, running):
    # the hamstrings rose by 38 %: calf to hamstrings falls to 1 / 1.38, by 28 %
    flag = replace(scripted.finding(change=115.0), d_prime_pct=-38.0, d_compensator_pct=38.0)
    own = scripted.pair((100.0, 110.0, 115.0))

    def shown(view, *findings):
        snapshot = running(pairs=(view, own), findings=findings)
        return run_view.gauge(view, snapshot, out(snapshot))

    along = shown(calf_to_hamstrings(scripted, -34.0), flag)
    assert (along.word, along.status, along.value_pct) == ("moved along with P1", Status.GOOD, -34.0)
    assert along.text.endswith("It shares a muscle with P1.")
    for view, findings in (
        (calf_to_hamstrings(scripted, -34.0), ()),  # nothing is flagged
        (calf_to_hamstrings(scripted, 34.0), (flag,)),  # the other way: the hamstrings cannot be it
        (calf_to_hamstrings(scripted, -60.0), (flag,)),  # far more than the hamstrings account for
        (calf_to_hamstrings(scripted, -34.0), (replace(flag, t_end_s=90.0),)),  # over
        (calf_to_hamstrings(scripted, -34.0), (replace(flag, side="L"),)),
        (calf_to_hamstrings(scripted, -34.0), (replace(flag, d_compensator_pct=math.nan),)),
    ):
        assert (shown(view, *findings).word, shown(view, *findings).status) == ("drifting", Status.WARN)
    second = replace(flag, finding="F2", pair="P2", prime="HAM", compensator="CALF", change_pct=-34.0)
    assert shown(calf_to_hamstrings(scripted, -34.0), flag, second).word == "calf does less"


def test_waiting(scripted, running):
    first = scripted.pair((), state="watching")
    gauge = gauge_of(running(pairs=(first,)))
    assert (gauge.word, gauge.value_pct, gauge.status) == ("wait", None, Status.WAIT)
    assert "ten strides" in gauge.text
    none = scripted.pair((), state="no baseline")
    assert gauge_of(running(pairs=(none,))).text == "No baseline."
    paused = scripted.pair((1.0,), state="paused: pace differs from the baseline")
    gauge = gauge_of(running(pairs=(paused,)))
    assert (gauge.word, gauge.value_pct) == ("paused", None)


def test_no_signal_says_which_and_shows_no_number(scripted, running):
    snapshot = running()
    off = tuple(replace(c, state="off") if c.site == "ST_R" else c for c in snapshot.channels)
    gauge = gauge_of(replace(snapshot, channels=off))
    assert (gauge.word, gauge.value_pct, gauge.status) == ("no signal", None, Status.OFF)
    assert gauge.text.startswith("Right semitendinosus: electrode off.")
    lost = tuple(scripted.status(s.name, "lost") for s in snapshot.sensors)
    assert gauge_of(replace(snapshot, sensors=lost)).text == "A sensor of this pair does not send."


def test_words_are_short_enough_for_two_meters(scripted):
    from emgsmr.anatomy import load_catalog
    from emgsmr.gui.words import does

    for pair in load_catalog().pairs.values():
        if pair.enabled:
            assert len(does(pair.compensator_name, "more")) <= 20


def test_muscles_light_up_by_activation(scripted, running):
    activities = Activities()
    snapshot = running(channels=(scripted.channel("GR", 0, "GMAX_R"), scripted.channel("X", 0, None)))
    for i, uv in enumerate([5.0] * 10 + [100.0] * 3):
        channels = [replace(c, rms_uv=uv) for c in snapshot.channels]
        activities.take(channels, 0.1 * i)
    [muscle] = muscles_of(snapshot, activities)
    assert (muscle.site, muscle.level, muscle.status) == ("GMAX_R", 1.0, Status.GOOD)


def test_muscles_that_are_flagged_or_unusable(scripted, running):
    snapshot = running((20, 22, 30), findings=(scripted.finding(),))
    bad = tuple(replace(c, state="motion") if c.site == "GMAX_L" else c for c in snapshot.channels)
    shown = {m.site: m for m in muscles_of(replace(snapshot, channels=bad), Activities())}
    assert shown["ST_R"].word == "flagged in P1"
    assert (shown["GMAX_L"].word, shown["GMAX_L"].level) == ("motion", 0.0)
    assert shown["ST_L"].status is Status.GOOD
    unknown = replace(snapshot, channels=(replace(snapshot.channels[0], rms_uv=math.nan),))
    assert muscles_of(unknown, Activities())[0].status is Status.BAD


def test_the_time_line_has_its_episodes(scripted, running):
    findings = (
        scripted.finding(t_end=90.0),
        scripted.finding(2),
        scripted.finding(0),
        scripted.finding(side="L"),
    )
    [line] = run_view.lines(running(findings=findings))
    assert line.episodes == ((60.0, 90.0, 1), (60.0, 100.0, 2))
    np.testing.assert_array_equal(line.change_pct, [1.0, 2.0, 3.0])
    assert len(line.t_s) == 3


def test_marks(running):
    events = (
        Event(0.0, None, "phase", label="rest"),
        Event(1.0, None, "phase"),
        Event(2.0, None, "cramp", site="GMAX_R"),
        Event(3.0, None, "fatigue", side="L"),
        Event(4.0, None, "note", note="shoe untied"),
        Event(5.0, 1.0, "gap"),
        Event(6.0, None, "lap"),
    )
    texts = [mark.text for mark in run_view.marks(running(events=events))]
    assert texts == ["rest", "phase", "right gluteus maximus cramp", "left fatigue", "shoe untied", "lap"]


def test_banners_say_what_is_worst(scripted, running):
    assert banner_of(running()) is None
    flagged = running((20, 22, 30), findings=(scripted.finding(), scripted.finding(2, name="F2")))
    banner = banner_of(flagged)
    assert (banner.kind, banner.title, banner.finding) == ("flag", "Right hamstrings do more (+30 %)", "F2")
    less = banner_of(running((-20, -22, -30), findings=(scripted.finding(change=-30.0, side="R"),)))
    assert less.title == "Right hamstrings do less (-30 %)"
    lost = replace(flagged, sensors=(scripted.status("GL", "lost"), *flagged.sensors[1:]))
    assert banner_of(lost).title == "No data from GL"
    assert banner_of(lost).text == "It is looked for; the others go on."
    told = replace(lost, messages=(scripted.message(),))
    assert banner_of(told).text == "GL is lost."
    assert banner_of(replace(told, error="The disk is full.")).text == "The disk is full."


def test_no_flag_is_shown_from_a_bad_signal(scripted, running):
    snapshot = running((20, 22, 30), findings=(scripted.finding(),))
    bad = tuple(replace(c, state="motion") for c in snapshot.channels)
    assert banner_of(replace(snapshot, channels=bad)) is None


def test_notices_go_away(scripted, running):
    battery = scripted.message("battery", "GL", "GL: battery low.", t_s=80.0)
    everyone = scripted.message("resumed", "", "All are back.", t_s=85.0)
    assert banner_of(running(messages=(battery,))).title == "GL"
    assert banner_of(running(messages=(battery, everyone))).title == "Session"
    old = replace(battery, t_s=60.0)
    assert banner_of(running(messages=(old,))) is None


def test_facts(scripted, running):
    plain = {fact.name: fact.value for fact in run_view.facts(running(file_bytes=12_345_678))}
    assert plain == {"recorded": "1:40", "file": "12.3 MB"}
    sensors = (
        scripted.status("H", latest={"heart_rate_bpm": (150.0,)}),
        scripted.status("GL", battery_pct=15, samples=99, missing=1),
        scripted.status("GR", battery_pct=None),
    )
    shown = run_view.facts(running(sensors=sensors, cadence_spm=171.6))
    assert [(fact.name, fact.value) for fact in shown[2:]] == [
        ("cadence", "172 steps/min"),
        ("H", "150 bpm"),
        ("GL", "1.0 % lost"),
        ("GL", "battery 15 %"),
    ]
    assert run_view.size_text(1_234) == "1 kB"
