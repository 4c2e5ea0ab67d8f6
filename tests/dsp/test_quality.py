"""Each fault of a signal shows in its own measure and in no other."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.dsp import SignalMeasures, signal_measures
from emgsmr.dsp.quality import Measured

FS = 1000.0
T = np.arange(1000) / FS


def muscle(seed: int = 0, sd: float = 100.0) -> np.ndarray:
    """Counts of a working muscle: noise from 30 to 300 Hz."""
    rng = np.random.default_rng(seed)
    f = np.fft.rfftfreq(1000, 1 / FS)
    spectrum = np.where((f > 30) & (f < 300), rng.normal(size=501) + 1j * rng.normal(size=501), 0)
    x = np.fft.irfft(spectrum, 1000)
    return np.asarray(x / x.std() * sd)


def measure(
    *columns: np.ndarray, mains_hz: float = 50.0, rails: tuple[int, int] | None = None
) -> SignalMeasures:
    counts = np.round(np.column_stack(columns)).astype(np.int32)
    return signal_measures(counts[np.newaxis], fs=FS, mains_hz=mains_hz, rails=rails)


def test_a_clean_second() -> None:
    got = measure(muscle() + 2048, rails=(0, 4095))
    assert got.sd_counts[0, 0] == pytest.approx(100, rel=0.01)
    assert got.clipped_pct[0, 0] == 0
    assert got.mains_db[0, 0] < -10
    assert got.motion_ratio[0, 0] > 20


def test_clipping_counts_the_samples_at_the_rails() -> None:
    counts = np.full(1000, 2000)
    counts[100:103], counts[500:502] = 4095, 0
    assert measure(counts, rails=(0, 4095)).clipped_pct[0, 0] == pytest.approx(0.5)
    assert (
        measure(counts).clipped_pct[0, 0] == 0
    )  # nobody knows the rails, and these are too few to show them


def test_a_flat_second_has_no_deviation_and_finite_measures() -> None:
    got = measure(np.full(1000, 2048))
    assert got.sd_counts[0, 0] == 0
    assert got.frozen_s[0, 0] == 1.0
    assert got.clipped_pct[0, 0] == 0
    endless = [name for name in Measured._fields if not np.isfinite(getattr(got, name)).all()]
    assert endless == ["step_counts", "other_hum_share"]  # no two values differ; nobody asked for the other


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
@pytest.mark.parametrize("db", [-3.0, 0.0, 6.0, 15.0])
def test_hum_is_measured_against_the_muscle(mains_hz: float, db: float) -> None:
    hum = np.sqrt(2) * 100 * 10 ** (db / 20) * np.sin(2 * np.pi * mains_hz * T + 0.3)
    got = measure(*(muscle(seed) + hum for seed in range(8)), mains_hz=mains_hz)
    assert np.median(got.mains_db) == pytest.approx(db, abs=1.0)
    other = measure(*(muscle(seed) + hum for seed in range(8)), mains_hz=110.0 - mains_hz)
    assert np.median(other.mains_db) < -8


def test_hum_at_harmonics_counts_as_hum() -> None:
    hum = 200 * np.sin(2 * np.pi * 150 * T)
    assert measure(muscle() + hum).mains_db[0, 0] == pytest.approx(
        10 * np.log10(200**2 / 2 / 100**2), abs=1.5
    )


def test_motion_is_slow_power() -> None:
    sway = np.sqrt(2) * 400 * np.sin(2 * np.pi * 4 * T)
    assert measure(muscle() + sway).motion_ratio[0, 0] == pytest.approx(100**2 / 400**2, rel=0.15)


def test_channels_and_seconds_do_not_touch_each_other() -> None:
    counts = np.round(np.stack([np.column_stack([muscle(s), muscle(s + 9)]) for s in range(3)])).astype(int)
    together = signal_measures(counts, fs=FS, mains_hz=50, rails=(-400, 400))
    for second in range(3):
        for channel in range(2):
            one = counts[second : second + 1, :, channel : channel + 1]
            alone = signal_measures(one, fs=FS, mains_hz=50, rails=(-400, 400))
            np.testing.assert_allclose(alone.channel(0), together.channel(channel, second), rtol=1e-9)


def test_counts_are_not_changed() -> None:
    counts = np.round(muscle()).astype(np.int16)[np.newaxis, :, np.newaxis]
    before = counts.copy()
    signal_measures(counts, fs=FS, mains_hz=50)
    np.testing.assert_array_equal(counts, before)


@pytest.mark.parametrize("mains_hz", [50.0, 60.0])
def test_a_short_rest_of_a_second_says_nothing_about_hum(mains_hz: float) -> None:
    """In a tenth of a second every fifth bin is one of the mains: muscle would be taken for hum."""
    for n in (8, 50, 124):
        got = signal_measures(np.arange(n)[np.newaxis, :, np.newaxis], fs=500.0, mains_hz=mains_hz)
        assert np.isnan(got.mains_db[0, 0])
        assert np.isfinite([got.sd_counts[0, 0], got.clipped_pct[0, 0], got.motion_ratio[0, 0]]).all()
    t = np.arange(250) / 500
    hum = np.round(300 * np.sin(2 * np.pi * mains_hz * t)).astype(int)
    assert signal_measures(hum[np.newaxis, :, np.newaxis], fs=500.0, mains_hz=mains_hz).mains_db[0, 0] > 5


def test_what_movement_sends_into_the_band() -> None:
    low = np.sqrt(2) * 100 * np.sin(2 * np.pi * 30 * T)
    got = measure(muscle() + low, muscle())
    assert got.low_share[0, 0] == pytest.approx(0.5, abs=0.06)
    assert got.low_share[0, 1] < 0.1


def test_hum_shares_are_zero_on_average_where_there_is_no_hum() -> None:
    """So that a mean over seconds finds what no single second shows."""
    got = measure(*(muscle(seed) for seed in range(60)), mains_hz=50.0)
    assert np.mean(got.hum_share) == pytest.approx(0, abs=0.015)
    hum = 100 * np.sqrt(2 * 0.08) * np.sin(2 * np.pi * 50 * T)
    got = measure(*(muscle(seed) + hum for seed in range(60)), mains_hz=50.0)
    assert np.mean(got.hum_share) == pytest.approx(0.08 / 1.08, abs=0.015)
    assert np.isnan(got.other_hum_share).all()


def test_two_mains_frequencies_keep_their_own_shares() -> None:
    counts = np.round(muscle() + 200 * np.sin(2 * np.pi * 60 * T)).astype(int)[np.newaxis, :, np.newaxis]
    got = signal_measures(counts, fs=FS, mains_hz=(50.0, 60.0))
    assert got.other_hum_share[0, 0] > 0.6 > 0.1 > abs(got.hum_share[0, 0])


def test_power_above_20_hz_is_a_mean_square() -> None:
    assert measure(muscle(sd=100.0)).fast_power[0, 0] == pytest.approx(100.0**2, rel=0.1)


@pytest.mark.parametrize("at", [100, 312, 325, 900])
def test_a_spike_stands_out_of_what_is_around_it(at: int) -> None:
    x = muscle()
    around = np.sqrt(np.mean(np.square(np.diff(x))))
    x[at] += 30 * around
    assert measure(x).spike[0, 0] == pytest.approx(30, rel=0.5)


@pytest.mark.parametrize("seed", range(5))
def test_a_burst_is_no_spike(seed: int) -> None:
    """Over a whole second bursts are far from Gaussian; against their own surroundings they are not."""
    burst = np.where((T > 0.3) & (T < 0.5), 1.0, 0.02) * muscle(seed)
    assert measure(muscle(seed)).spike[0, 0] < 8
    assert measure(burst).spike[0, 0] < 10


@pytest.mark.parametrize("n", [0, 1, 2, 7, 40])
def test_hardly_any_samples(n: int) -> None:
    got = signal_measures(np.arange(n)[np.newaxis, :, np.newaxis], fs=1000.0, mains_hz=50.0)
    assert got.n[0, 0] == n
    assert np.isnan(got.mains_db[0, 0])


def test_an_unknown_measure_is_no_attribute() -> None:
    with pytest.raises(AttributeError):
        _ = measure(muscle()).loudness
