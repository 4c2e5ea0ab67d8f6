"""Mains hum: how deep it goes down, what that costs the muscle, and that no hum means no change."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest
from scipy import signal

from emgsmr.dsp import Mains, bandpass, design_bandpass, remove_mains

Signal = np.ndarray


def shaped(rng: np.random.Generator, n: int, n_channels: int, fs: float) -> Signal:
    """Noise with the spectrum of surface EMG (Shwedyk, 60 and 120 Hz) and a variance of 1."""
    f = np.fft.rfftfreq(n, 1 / fs)
    gain = np.sqrt(120.0**4 * f**2 / ((f**2 + 60.0**2) * (f**2 + 120.0**2) ** 2))
    x = np.fft.irfft(np.fft.rfft(rng.normal(size=(n, n_channels)), axis=0) * gain[:, None], n=n, axis=0)
    return np.asarray(x / x.std(axis=0))


def emg(seconds: int, n_channels: int, fs: float, *, bursts: bool, seed: int = 1) -> Signal:
    """Bursts of up to 90 µV each 0.7 s, or 50 µV held; on 2 µV of white noise."""
    rng = np.random.default_rng(seed)
    t = np.arange(round(seconds * fs))[:, np.newaxis] / fs
    level = 90 * np.exp(6 * (np.cos(2 * np.pi * t / 0.7) - 1)) if bursts else 50.0
    return level * shaped(rng, len(t), n_channels, fs) + 2 * rng.normal(size=(len(t), n_channels))


def hum(seconds: int, hz: float, fs: float) -> Signal:
    """Fundamental and three harmonics, RMS 1."""
    t = np.arange(round(seconds * fs))[:, np.newaxis] / fs
    parts = [(1, 1.0), (2, 0.1), (3, 0.4), (5, 0.2)]
    x = sum(a * np.sin(2 * np.pi * k * hz * t + k) for k, a in parts if k * hz < 0.45 * fs)
    return np.asarray(x / np.sqrt(np.mean(np.square(x))))


def filtered(x: Signal, fs: float) -> Signal:
    return bandpass(x, sos=design_bandpass(low_hz=30, high_hz=450, fs=fs))[0]


def by_seconds(
    x: Signal, fs: float, mains_hz: tuple[float, ...] = (50.0, 60.0)
) -> tuple[Signal, list[Mains]]:
    n, state = round(fs), None
    pieces, found = [], []
    for first in range(0, len(x), n):
        cleaned, state = remove_mains(
            x[first : first + n], fs=fs, mains_hz=mains_hz, high_hz=450, state=state
        )
        pieces.append(cleaned)
        found.append(state)
    return np.concatenate(pieces), found


def power(x: Signal) -> float:
    return float(np.mean(np.square(x)))


def depth_db(before: Signal, after: Signal, muscle: Signal) -> float:
    """How much smaller the error is than the hum was; whatever is taken from the muscle is error, too."""
    return 10 * np.log10(power(before - muscle) / power(after - muscle))


def notched(x: Signal, fs: float, hz: float = 50.0, q: float = 30.0) -> Signal:
    for k in range(1, int(450 / hz) + 1):
        x = signal.lfilter(*signal.iirnotch(k * hz, q, fs), x, axis=0)
    return x


@pytest.mark.parametrize("fs", [200.0, 250.0, 500.0, 1000.0, 1116.0, 2000.0])
@pytest.mark.parametrize("hz", [49.93, 50.4, 60.05])
def test_hum_between_bursts_goes_down_by_30_db(fs: float, hz: float) -> None:
    """At a twentieth of the bursts' peak, it is as loud as the muscle in between, and a seventh in power."""
    muscle = filtered(emg(20, 2, fs, bursts=True), fs)
    x = muscle + filtered(20 * hum(20, hz, fs), fs)
    cleaned, found = by_seconds(x, fs)
    late = slice(round(fs), None)  # the first second holds the filter's start
    assert depth_db(x[late], cleaned[late], muscle[late]) > 30
    assert power(cleaned[late]) == pytest.approx(power(muscle[late]), rel=2e-3)
    np.testing.assert_allclose([mains.freq_hz for mains in found[1:]], hz, atol=0.05)


def test_hum_under_a_held_contraction_goes_down_too() -> None:
    """Plain least squares: the error is the noise of a few lines, 1 Hz or so of the muscle's band each."""
    fs = 1000.0
    muscle = filtered(emg(60, 2, fs, bursts=False), fs)
    for level, deep in ((1.0, 15), (10.0, 33)):
        x = muscle + filtered(50 * level * hum(60, 49.93, fs), fs)
        cleaned, _ = by_seconds(x, fs)
        late = slice(1000, None)
        assert depth_db(x[late], cleaned[late], muscle[late]) > deep
        assert power(cleaned[late]) == pytest.approx(power(muscle[late]), rel=0.03)


def test_nothing_but_hum() -> None:
    fs = 1000.0
    x = 100 * hum(5, 50.27, fs)
    cleaned, found = by_seconds(x, fs)
    assert power(cleaned) < 1e-6 * power(x)
    assert min(mains.removed_db[0] for mains in found) > 50
    assert found[0].lines[0].tolist() == [True, True, True, False, True, False, False, False, False]


@pytest.mark.parametrize(("fs", "bursts"), [(1000.0, True), (1000.0, False), (500.0, True), (200.0, False)])
def test_where_there_is_no_hum_nothing_changes(fs: float, bursts: bool) -> None:
    """Not a bit, but in the one to four of a thousand seconds in which a line stands out by chance."""
    x = filtered(emg(250, 8, fs, bursts=bursts, seed=3), fs)
    cleaned, found = by_seconds(x, fs)
    hit = np.array([mains.lines.any(axis=1) for mains in found])
    assert hit.mean() < 0.005  # expected 0.001 to 0.003; the share that is 5 standard errors above
    same = (cleaned == x).reshape(-1, round(fs), 8).all(axis=1)
    np.testing.assert_array_equal(same, ~hit)
    assert abs(power(cleaned) / power(x) - 1) < 1e-3


def test_a_notch_eats_of_the_muscle_and_misses_a_clock_that_is_off() -> None:
    """What is turned down: nine notches of Q 30 take a tenth of the power; this takes a thousandth."""
    fs = 1000.0
    late = slice(1000, None)
    muscle = filtered(emg(40, 4, fs, bursts=True), fs)
    for hz in (50.0, 50.5):  # the sensor's clock is 1 % slow
        x = muscle + filtered(20 * hum(40, hz, fs), fs)
        cleaned, _ = by_seconds(x, fs)
        notch = notched(x, fs)
        assert 1 - power(notched(muscle, fs)[late]) / power(muscle[late]) > 0.05
        assert abs(1 - power(cleaned[late]) / power(muscle[late])) < 0.002
        ours, theirs = (depth_db(x[late], y[late], muscle[late]) for y in (cleaned, notch))
        assert ours > theirs + 20


@pytest.mark.parametrize("begins", [0.1, 0.37, 0.5, 0.8])
def test_hum_that_begins_or_ends_in_a_second_is_added_nowhere(begins: float) -> None:
    fs = 1000.0
    muscle = filtered(emg(6, 4, fs, bursts=True, seed=5), fs)
    t = np.arange(6000)[:, np.newaxis] / fs
    there = (t >= 2 + begins) & (t < 4 + begins)
    x = muscle + np.where(there, 20 * hum(6, 49.93, fs), 0.0)
    cleaned, _ = by_seconds(x, fs)
    np.testing.assert_array_equal(cleaned[:2000], muscle[:2000])
    # a line may be kept by chance in the second after
    assert power(cleaned[5000:] - muscle[5000:]) < 0.001 * 20**2
    whole = slice(3000, 4000)
    assert depth_db(x[whole], cleaned[whole], muscle[whole]) > 30
    for seam in (2, 4):
        here = slice(1000 * seam, 1000 * (seam + 1))
        error = np.square(cleaned - muscle)[here]
        assert error.sum() < 1.02 * np.square(x - muscle)[here].sum()
        # between the bursts, where it would count, no hum is added
        quiet = np.cos(2 * np.pi * t[here, 0] / 0.7) < 0.5  # below 5 µV
        absent = error[~there[here, 0] & quiet]
        assert len(absent) == 0 or absent.mean() < 0.1 * 20**2


def test_weak_hum_that_lasts_is_followed_under_a_held_contraction() -> None:
    """A tenth of the muscle's power is not seen in each single second; that it was there just now helps."""
    fs = 1000.0
    x = filtered(emg(60, 8, fs, bursts=False) + 50 * 0.32 * hum(60, 49.93, fs), fs)
    alone = [remove_mains(x[k : k + 1000], fs=fs, mains_hz=50, high_hz=450)[1] for k in range(0, 60000, 1000)]
    _, followed = by_seconds(x, fs, (50.0,))
    share = [np.mean([mains.lines.any(axis=1) for mains in found]) for found in (alone, followed)]
    assert share[0] < 0.6
    assert share[1] > 0.8


def test_only_the_frequency_asked_for() -> None:
    fs = 1000.0
    x = filtered(emg(3, 1, fs, bursts=True) + 40 * hum(3, 60, fs), fs)
    found = {
        hz: remove_mains(x[1000:2000], fs=fs, mains_hz=hz, high_hz=450)[1]
        for hz in (50.0, 60.0, (50.0, 60.0))
    }
    assert np.flatnonzero(found[50.0].lines[0]).tolist() in ([], [5])  # 300 Hz belongs to both
    assert found[60.0].freq_hz[0] == found[50.0, 60.0].freq_hz[0] == pytest.approx(60, abs=0.02)


def test_harmonics_above_the_band_stay() -> None:
    t = np.arange(1000)[:, np.newaxis] / 1000
    rng = np.random.default_rng(0)
    x = rng.normal(size=(1000, 1)) + 10 * np.sin(2 * np.pi * 250 * t)
    cleaned, found = remove_mains(x, fs=1000, mains_hz=50, high_hz=220)
    np.testing.assert_array_equal(cleaned, x)
    assert found.lines.shape == (1, 4)


NOT_A_SECOND: dict[str, Callable[[Signal], Signal]] = {
    "empty": lambda x: x[:0],
    "one sample": lambda x: x[:1],
    "short": lambda x: x[:249],
}


@pytest.mark.parametrize("cut", list(NOT_A_SECOND))
def test_what_is_too_short_is_left_as_it_is(cut: str) -> None:
    x = NOT_A_SECOND[cut](100 * np.repeat(hum(1, 50, 1000), 2, axis=1))
    cleaned, found = remove_mains(x, fs=1000, mains_hz=(50, 60), high_hz=450)
    np.testing.assert_array_equal(cleaned, x)
    assert np.isnan(found.removed_db).all()
    assert found.removed_db.shape == (2,)


@pytest.mark.parametrize("n", [250, 333, 1009])
def test_any_length_from_a_quarter_of_a_second(n: int) -> None:
    x = 100 * hum(2, 50, 1000)[:n] + np.random.default_rng(0).normal(size=(n, 1))
    cleaned, found = remove_mains(x, fs=1000, mains_hz=(50, 60), high_hz=450)
    assert found.lines.any()
    assert power(cleaned) < 0.05 * power(x)


def test_bad_channels_are_left_as_they_are_and_spoil_no_other() -> None:
    x = np.repeat(100 * hum(1, 50, 1000) + np.random.default_rng(0).normal(size=(1000, 1)), 7, axis=1)
    x[3, 1], x[3, 2], x[:, 3], x[:, 4] = np.nan, np.inf, 0.0, 7.0
    x[100:, 5] = 0.0  # dead after a tenth of a second
    x[:, 6] = np.clip(x[:, 6], -50, 50)
    cleaned, found = remove_mains(x, fs=1000, mains_hz=(50, 60), high_hz=450)
    np.testing.assert_array_equal(cleaned[:, 1:5], x[:, 1:5])
    assert np.isnan(found.removed_db[1:5]).all()
    alone, _ = remove_mains(x[:, :1], fs=1000, mains_hz=(50, 60), high_hz=450)
    np.testing.assert_allclose(cleaned[:, :1], alone, rtol=1e-12)
    assert np.isfinite(cleaned[:, 5:]).all()
    assert power(cleaned[:, 5]) <= power(x[:, 5])
    assert power(cleaned[:, 6]) < 0.2 * power(x[:, 6])  # the overtones that clipping made go, too
