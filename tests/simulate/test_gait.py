from __future__ import annotations

import numpy as np
import pytest

from emgsmr.simulate import simulate_runner
from emgsmr.simulate.gait import Leg, foot_contacts


def contacts(seed: int, cadence: float = 86.0, stop: float = 3600.0) -> dict[str, np.ndarray]:
    rng = np.random.default_rng(seed)
    return foot_contacts(start_s=20.0, stop_s=stop, cadence=[(0.0, cadence)], rng=rng)


def test_cadence_and_its_variability() -> None:
    both = contacts(1)
    for side in "LR":
        strides = np.diff(both[side])
        assert 60.0 / strides.mean() == pytest.approx(86.0, rel=0.005)
        assert strides.std() / strides.mean() == pytest.approx(0.02, abs=0.003)
        assert 0.3 < np.corrcoef(strides[1:], strides[:-1])[0, 1] < 0.75
        assert both[side].min() >= 20.0
        assert both[side].max() < 3600.0


def test_legs_are_half_a_stride_apart() -> None:
    both = contacts(2)
    stride = np.searchsorted(both["R"], both["L"]) - 1
    inside = (stride >= 0) & (stride < len(both["R"]) - 1)
    right = both["R"]
    place = (both["L"][inside] - right[stride[inside]]) / np.diff(right)[stride[inside]]
    assert place.mean() == pytest.approx(0.5, abs=0.002)
    assert 0.002 < place.std() < 0.02


def test_cadence_follows_its_points() -> None:
    rng = np.random.default_rng(5)
    right = foot_contacts(start_s=0.0, stop_s=1200.0, cadence=[(400.0, 80.0), (800.0, 92.0)], rng=rng)["R"]
    for t0, t1, cadence in ((0, 400, 80.0), (580, 620, 86.0), (800, 1200, 92.0)):
        strides = np.diff(right[(right >= t0) & (right < t1)])
        assert 60.0 / strides.mean() == pytest.approx(cadence, rel=0.01)


def test_who_never_starts_has_no_contacts() -> None:
    both = foot_contacts(start_s=10.0, stop_s=10.0, cadence=[(0.0, 86.0)], rng=np.random.default_rng(1))
    assert len(both["L"]) == len(both["R"]) == 0
    assert Leg(both["L"]).phase(np.array([1.0, 2.0])).tolist() == [-3.0, -3.0]


def test_phase_is_whole_at_each_contact() -> None:
    right = contacts(3, stop=60.0)["R"]
    assert np.allclose(Leg(right).phase(right), np.arange(len(right)))


@pytest.mark.parametrize(("scenario", "low", "high"), [("healthy", 84.0, 88.0), ("walk", 54.0, 57.0)])
def test_scenarios_move_at_a_human_cadence(scenario: str, low: float, high: float) -> None:
    for seed in range(5):
        run = simulate_runner(scenario, seed=seed, minutes=10.0)
        assert low * 0.98 < 60.0 / np.diff(run.contacts["R"]).mean() < high * 1.02
