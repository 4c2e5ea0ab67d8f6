"""A leg whose muscles fall silent, beside the other one."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis import Settings
from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.contacts import WindowContacts
from emgsmr.analysis.emg_rhythm import EmgRhythm, RhythmChannel
from emgsmr.analysis.timeline import ExactTimeline

FS = 1000.0
STRIDE_S = 1.05
SECONDS = 45.0
WALK = (4.0, 95.0, 41.0)
RUN = (4.0, 95.0, 6.0)
FIRST_S = {"R": 0.3, "L": 0.3 + 0.46 * STRIDE_S}
"""The left foot comes a little early after the right one: this person's gait is not even."""
TRUTH = 0.3 + STRIDE_S * np.arange(43)


def walking(make: SimpleNamespace) -> dict[str, np.ndarray]:
    """Three muscles of each leg, (n_samples, 3)."""
    sites = dict(zip("abc", WALK, strict=True))
    legs = {}
    for seed, (side, first_s) in enumerate(FIRST_S.items()):
        found = make.runner(sites, fs=FS, seconds=SECONDS, stride_s=STRIDE_S, first_s=first_s, seed=seed)
        legs[side] = np.column_stack(list(found.values()))
    return legs


def silence(x: np.ndarray, begin_s: float, end_s: float) -> None:
    """Nothing but the sensor's noise."""
    part = x[int(begin_s * FS) : int(end_s * FS)]
    part[:] = np.random.default_rng(9).normal(0, 3, part.shape)


def right_contacts(
    make: SimpleNamespace, legs: dict[str, np.ndarray], *, both: bool = True, step_s: float = SECONDS
) -> np.ndarray:
    """Contacts of the right leg, asked for every ``step_s``; a sensor a leg."""
    channels: dict[str, list[RhythmChannel]] = {}
    for side, x in legs.items():
        stream = SensorStream(make.sensor(1, 3, fs=FS), [0, 1, 2], ExactTimeline(FS), Settings())
        stream.feed(make.block(x))
        channels[side] = [RhythmChannel(stream, c, RUN[c], WALK[c]) for c in range(3)]
    contacts = WindowContacts([EmgRhythm(channels["R"], channels["L"] if both else ())])
    found = []
    for t in np.arange(step_s, SECONDS + 0.01, step_s):
        found += contacts.until(float(t))
    return np.array([c.t_s for c in [*found, *contacts.finish()]])


def missed(found: np.ndarray) -> int:
    """Contacts of the right leg (the ends aside) with none found near."""
    inside = TRUTH[(TRUTH > 1.0) & (TRUTH < SECONDS - 1.0)]
    return sum(float(np.min(np.abs(found - t))) > 0.1 * STRIDE_S for t in inside)


@pytest.mark.parametrize("silent_s", [3.5, 4.2])
def test_a_silent_leg_is_carried_by_the_other(make: SimpleNamespace, silent_s: float) -> None:
    legs = walking(make)
    silence(legs["R"], 25.0, 25.0 + silent_s)
    found = right_contacts(make, legs)
    assert missed(found) == 0
    assert np.diff(found).min() > 0.8 * STRIDE_S  # none too many
    assert missed(right_contacts(make, legs, both=False)) > 0  # alone it cannot know


def test_it_is_not_carried_for_ever(make: SimpleNamespace) -> None:
    """A leg that does not walk any more, for whatever reason, has no strides."""
    legs = walking(make)
    silence(legs["R"], 25.0, SECONDS)
    found = right_contacts(make, legs)
    assert 25.0 + 2 * STRIDE_S < found.max() < 25.0 + 3.0 + 2 * STRIDE_S


@pytest.mark.parametrize("stand_s", [3.0, 4.0, 6.0])
def test_who_stands_gets_no_more_strides_than_from_one_leg(make: SimpleNamespace, stand_s: float) -> None:
    """Gait goes on where it had stopped in the stride, as if it had been counted on: the hardest case."""
    legs = walking(make)
    begin_s, end_s = 25.0, 25.0 + stand_s
    for x in legs.values():
        silence(x, begin_s, end_s)

    def standing(found: np.ndarray) -> int:
        return int(((found > begin_s + 0.15 * STRIDE_S) & (found < end_s - 0.15 * STRIDE_S)).sum())

    assert standing(right_contacts(make, legs)) <= standing(right_contacts(make, legs, both=False))


def test_how_often_it_is_asked_changes_no_bit(make: SimpleNamespace) -> None:
    legs = walking(make)
    silence(legs["R"], 15.0, 19.0)
    silence(legs["L"], 30.0, 34.0)
    np.testing.assert_array_equal(right_contacts(make, legs), right_contacts(make, legs, step_s=0.5))


def test_a_leg_beside_noise_is_as_alone(make: SimpleNamespace) -> None:
    legs = walking(make)
    legs["L"] = np.random.default_rng(2).normal(0, 60, legs["L"].shape)
    found, alone = right_contacts(make, legs), right_contacts(make, legs, both=False)
    assert missed(found) == 0
    assert len(found) == len(alone)
    np.testing.assert_allclose(found, alone, atol=0.02)
