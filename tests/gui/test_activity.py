"""Activity of a channel against its own rest."""

from __future__ import annotations

import math

import pytest

from emgsmr.gui.activity import HELD_S, TIMES_REST, Activities, Activity


def play(levels, dt=0.1):
    activity = Activity()
    for i, uv in enumerate(levels):
        activity.take(uv, dt, dt * i)
    return activity


def test_nothing_is_known_of_a_channel_that_was_not_heard():
    activity = Activities().of(("A", 0))
    assert (activity.times_rest, activity.level, activity.contracted) == (0.0, 0.0, False)


def test_a_contraction_stands_out_and_is_remembered():
    activity = play([5.0] * 20 + [50.0] * 12 + [5.0])
    assert activity.contracted
    assert 8 < activity.best <= 10
    assert activity.level < 0.05


@pytest.mark.parametrize(
    "levels", [[5.0] * 40, [5.0] * 20 + [15.0] * 20, [5.0] * 20 + [80.0] * 5 + [5.0] * 9]
)
def test_rest_weak_contractions_and_knocks_do_not_pass(levels):
    assert not play(levels).contracted


def test_a_knock_is_remembered_with_its_time():
    activity = play([5.0] * 20 + [80.0] * 3 + [5.0] * 5)
    assert activity.knocked_s == pytest.approx(2.3)
    assert play([5.0] * 20 + [80.0] * 20 + [5.0]).knocked_s == -math.inf


def test_rest_is_found_after_a_start_in_contraction():
    activity = play([60.0] * 5 + [5.0] * 30)
    assert activity.rest == pytest.approx(5.0, rel=0.05)


def test_a_long_contraction_hardly_raises_rest():
    activity = play([5.0] * 20 + [60.0] * 50)
    assert activity.rest < 5.0 * 1.15


def test_bursts_of_running_count_together():
    assert play(([5.0] * 4 + [60.0] * 3) * 12).contracted is False or HELD_S < 1.0
    quick = play(([5.0] * 3 + [60.0] * 4) * 12)
    assert quick.contracted


def test_level_is_relative_to_the_strongest_of_late():
    activity = play([5.0] * 20 + [100.0] * 5 + [52.5])
    assert activity.level == pytest.approx(0.5, abs=0.02)
    activity.take(500.0, 0.1, 3.0)
    assert activity.level == 1.0


def test_noise_does_not_light_a_muscle_up():
    activity = play([5.0] * 50 + [5.4])
    assert activity.level < 0.05
    assert TIMES_REST > 2


def test_a_gap_is_no_activity_and_nothing_is_lost_by_it():
    activity = play([5.0] * 20 + [50.0] * 12 + [math.nan] * 3)
    assert (activity.level, activity.times_rest, activity.above_s) == (0.0, 0.0, 0.0)
    assert activity.contracted
    assert activity.rest > 0


def test_a_flat_channel_has_no_level():
    assert play([0.0] * 10).level == 0.0


def test_channels_are_kept_apart_and_a_long_pause_counts_as_a_second(scripted):
    activities = Activities()
    for t_s in (0.0, 0.1, 0.2):
        activities.take([scripted.channel("A", 0), scripted.channel("A", 1)], t_s)
    activities.take([scripted.channel("A", 0), scripted.channel("A", 1, rms_uv=50.0)], 500.0)
    assert activities.of(("A", 1)).above_s == 1.0
    assert activities.of(("A", 0)).above_s == 0.0
    activities.test_again(("A", 1))
    assert activities.of(("A", 1)).above_s == 0.0
    activities.test_again(("A", 9))
