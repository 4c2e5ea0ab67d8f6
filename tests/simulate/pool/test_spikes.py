"""Spike trains and potentials; the oracles are closed forms and sums over the spikes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate
from scipy.signal import welch

from emgsmr.simulate.pool.action_potentials import SurfaceUnits, conduction
from emgsmr.simulate.pool.motor_units import firing_rates, motor_units
from emgsmr.simulate.pool.spikes import GRID_S, spike_times, surface_emg

POOL = motor_units()


def units(seed: int = 1, width_s: float = 0.0024) -> SurfaceUnits:
    return SurfaceUnits.drawn(POOL, np.random.default_rng(seed)).scaled(width=width_s)


def emg(
    excitation: np.ndarray,
    *,
    own: SurfaceUnits,
    fs: float,
    seconds: float,
    capacity: float = 1.0,
    **other: float,
) -> np.ndarray:
    return surface_emg(
        POOL,
        own,
        excitation,
        np.full((2, 120), capacity),
        np.array([0.0, seconds]),
        n_samples=int(seconds * fs),
        fs=fs,
        t0_s=other.get("t0_s", 0.0),
        rng=np.random.default_rng(int(other.get("seed", 2))),
    )


def held(level: float, seconds: float) -> np.ndarray:
    return np.full(int(seconds / GRID_S), level)


def test_intervals_have_the_rate_and_the_variation() -> None:
    spikes = spike_times(held(12.0, 2000.0), GRID_S, np.random.default_rng(1))
    intervals = np.diff(spikes)
    assert intervals.mean() == pytest.approx(1 / 12, rel=0.005)
    assert intervals.std() / intervals.mean() == pytest.approx(0.2, abs=0.005)
    assert (intervals > 0.0).all()


def test_a_unit_fires_only_where_it_is_recruited_and_as_often_as_its_rate_says() -> None:
    rate = np.tile(np.repeat([0.0, 15.0], [100, 40]), 500)  # 0.5 s of rest, 0.2 s of activity
    spikes = spike_times(rate, GRID_S, np.random.default_rng(3))
    assert len(spikes) == pytest.approx(0.2 * 15 * 500, abs=31)  # four SDs: CV 0.2 times root of the number
    assert ((spikes % 0.7) >= 0.5 - 1e-9).all()
    assert not len(spike_times(np.zeros(100), GRID_S, np.random.default_rng(3)))
    assert not len(spike_times(np.zeros(0), GRID_S, np.random.default_rng(3)))


@pytest.mark.parametrize("level", [5.0, 25.0, 50.0])
def test_power_and_mean_frequency_have_their_closed_forms(level: float) -> None:
    x = emg(held(level, 30.0), own=units(), fs=2000.0, seconds=30.0)
    power = units().power(firing_rates(POOL, level))
    f, density = welch(x, 2000.0, nperseg=1024)
    # Units fire on their own, so 30 s give the rms to about 1 % and the mean frequency to 1 Hz.
    assert x.std() == pytest.approx(np.sqrt(power.sum()), rel=0.03)
    assert np.sum(f * density) / density.sum() == pytest.approx(float(units().mean_hz(power)), rel=0.015)


def test_a_tired_muscle_has_a_compressed_spectrum_and_more_power() -> None:
    fresh, tired = (
        emg(held(20.0, 30.0), own=units(), fs=2000.0, seconds=30.0, capacity=c) for c in (1.0, 0.7)
    )
    f, a = welch(fresh, 2000.0, nperseg=1024)
    _, b = welch(tired, 2000.0, nperseg=1024)
    hz = [np.sum(f * p) / p.sum() for p in (a, b)]
    assert hz[1] / hz[0] == pytest.approx(0.85, rel=0.02)  # 0.5 of 30 % less conduction velocity
    assert tired.std() / fresh.std() == pytest.approx(0.85**-0.5, rel=0.02)


def test_conduction_velocity_has_a_floor() -> None:
    assert conduction(np.array([1.0, 0.6, 0.4, 0.0])).tolist() == pytest.approx([1.0, 0.8, 0.7, 0.7])


def test_the_signal_is_the_sum_of_the_potentials() -> None:
    """One unit, its potentials summed one by one at their exact places and widths."""
    own = SurfaceUnits(np.eye(120)[3] * 5.0, np.full(120, 0.003), np.full(120, 0.4))
    excitation = held(2.0, 4.0)
    x = emg(excitation, own=own, fs=2000.0, seconds=4.0)
    rate = np.where(excitation >= POOL.threshold[3], excitation - POOL.threshold[3] + 8.0, 0.0)
    spikes = spike_times(rate, GRID_S, np.random.default_rng(2).spawn(120)[3])
    t, expected = np.arange(8000) / 2000.0, np.zeros(8000)
    for spike in spikes:
        u = (t - spike) / 0.003
        bell = np.exp(-(u**2) / 2.0)
        first = np.sqrt(0.4) * u * bell * np.sqrt(2.0 / np.sqrt(np.pi))
        second = np.sqrt(0.6) * (1.0 - u**2) * bell * np.sqrt(4.0 / (3.0 * np.sqrt(np.pi)))
        expected += 5.0 * (first + second)
    # Places are rounded to a sixteenth of a sample and widths to 3 %.
    assert np.abs(x - expected).max() < 0.03 * np.abs(expected).max()
    assert len(spikes) == pytest.approx(4 * rate[0], abs=2)


def test_two_sensors_on_one_muscle_see_the_same_spikes() -> None:
    excitation = held(15.0, 5.0)
    slow, fast = (emg(excitation, own=units(), fs=fs, seconds=5.0) for fs in (1000.0, 4000.0))
    assert np.corrcoef(slow, fast[::4])[0, 1] > 0.999
    late = emg(excitation, own=units(), fs=1000.0, seconds=4.0, t0_s=1.0)
    assert late == pytest.approx(slow[1000:5000], abs=1e-9)


def test_frequencies_above_half_the_rate_are_missing() -> None:
    own = units(width_s=0.001)  # much of its power is above 125 Hz
    slow, fast = (emg(held(20.0, 40.0), own=own, fs=fs, seconds=40.0) for fs in (250.0, 4000.0))
    f, density = welch(fast, 4000.0, nperseg=4096)
    kept = integrate.trapezoid(density[f <= 125.0], f[f <= 125.0])
    assert slow.var() == pytest.approx(kept, rel=0.06)
    assert slow.var() < 0.5 * fast.var()


def test_no_excitation_and_no_samples() -> None:
    assert not emg(held(0.0, 1.0), own=units(), fs=1000.0, seconds=1.0).any()
    assert emg(held(10.0, 1.0), own=units(), fs=1000.0, seconds=0.0).shape == (0,)
