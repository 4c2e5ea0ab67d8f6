"""What strap and pod of the simulated runner say, against the run they belong to."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.radio.cast import cast_scenario
from emgsmr.radio.cast_companions import companions
from emgsmr.sensors import Facts, Family, find
from emgsmr.simulate import simulate_runner


def values(played, quantity):
    """Times (s) and values."""
    found = [(t_s, item.values[0]) for t_s, item in played.readings if item.quantity == quantity]
    return np.array(found).T


def of(name, *, seed=1, minutes=None):
    run = simulate_runner(name, seed=seed, minutes=minutes)
    return run, *companions(run, first_number=7)


def test_a_cast_has_them_when_asked_and_the_emg_is_the_same():
    plain = cast_scenario("demo", seed=1, minutes=0.3)
    cast = cast_scenario("demo", seed=1, minutes=0.3, with_companions=True)
    assert [sensor.family.key for sensor in cast.sensors[6:]] == ["heart_rate", "foot_pod"]
    assert all(isinstance(sensor.family, Family) for sensor in plain.sensors)
    for one, other in zip(plain.sensors, cast.sensors, strict=False):
        assert np.array_equal(one.counts, other.counts)
    assert cast.montage.sensors[:6] == plain.montage.sensors
    assert [(s.required, dict(s.channels)) for s in cast.montage.sensors[6:]] == [(False, {})] * 2
    assert len({sensor.address for sensor in cast.sensors}) == 8
    for device in cast.sensors[6:]:
        assert find(device.family.advertise(device.name, 0, device.battery_pct)) is device.family


def test_they_speak_once_a_second_to_the_end():
    run, *devices = of("demo")
    for played, quantity in zip(devices, ("heart_rate_bpm", "speed_mps"), strict=True):
        t_s, _ = values(played, quantity)
        assert t_s.tolist() == list(range(1, round(run.duration_s) + 1))
        times = [t_s for t_s, _ in played.readings]
        assert times == sorted(times)


def test_the_pod_counts_the_steps_of_the_run():
    run, _, pod = of("healthy", minutes=5.0)
    t_s, cadence = values(pod, "cadence_spm")
    for second in (100, 200, 290):
        steps = sum(np.sum((c > second - 30) & (c <= second)) for c in run.contacts.values())
        assert cadence[(t_s > second - 28) & (t_s <= second)].mean() == pytest.approx(2 * steps, rel=0.02)
    assert (cadence[t_s < run.scenario.start_s] == 0).all()
    _, speed = values(pod, "speed_mps")
    _, stride = values(pod, "stride_length_m")
    _, distance = values(pod, "distance_m")
    assert np.allclose(stride * cadence / 120, speed)
    assert np.allclose(np.diff(distance), speed[1:])


def test_the_heart_follows_the_effort_with_delay_and_drift():
    run, strap, _ = of("healthy", minutes=30.0)
    t_s, bpm = values(strap, "heart_rate_bpm")
    start = run.scenario.start_s
    rest = bpm[t_s < start].mean()
    early, steady, late = (bpm[(t_s > a) & (t_s < b)].mean() for a, b in ((25, 35), (300, 480), (1700, 1800)))
    assert 60 < rest < early < steady < late < 200
    assert steady - early > 0.4 * (steady - rest)
    assert 3 < late - steady < 15
    assert np.abs(np.diff(bpm)).max() < 8


def test_a_faster_run_costs_more():
    run, strap, pod = of("speed_ramp")
    factor = run.scenario.speed[-1][1] / run.scenario.speed[0][1]
    assert factor > 1.1
    _, steady, faster = (np.mean(part) for part in np.array_split(values(strap, "heart_rate_bpm")[1], 3))
    assert faster > steady + 5
    _, speed = values(pod, "speed_mps")
    assert speed[-1] / speed[60] == pytest.approx(factor, rel=0.01)


def test_intervals_are_those_of_the_rate():
    _, strap, _ = of("demo")
    _, intervals = values(strap, "rr_interval_ms")
    _, bpm = values(strap, "heart_rate_bpm")
    assert intervals.sum() / 1000 == pytest.approx(len(bpm), abs=1.0)  # no beat is left out
    assert len(intervals) == pytest.approx(bpm.sum() / 60, abs=2.0)
    assert 250 < intervals.min() < intervals.max() < 1100


def test_one_seed_is_one_runner():
    (_, *one), (_, *again), (_, *other) = of("demo"), of("demo"), of("demo", seed=2)
    assert [d.readings for d in one] == [d.readings for d in again]
    assert all(a.readings != b.readings for a, b in zip(one, other, strict=True))


@pytest.mark.parametrize("minutes", [0.01, 0.2])
def test_a_run_may_be_shorter_than_a_beat(minutes):
    _, *devices = of("demo", minutes=minutes)
    for played in devices:
        unit = played.family.unit(Facts())
        for _, item in played.readings:
            unit.encode_reading(item)
