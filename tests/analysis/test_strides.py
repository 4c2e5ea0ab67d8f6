"""Strides and what each muscle did in them, from signals whose power is known window by window."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis import Pipeline
from emgsmr.analysis.strides import Stride

FS = 1000.0
EVEN = np.arange(1.0, 15.0, 0.8)


def strides_of(pipeline: Pipeline, side: str = "R") -> list[Stride]:
    return pipeline.legs[side].strides


def run(
    make: SimpleNamespace, times: np.ndarray, *windows: tuple[float, float, float], **more: object
) -> list[Stride]:
    """Strides (running) of a glute that works in the given windows of each stride."""
    signals = {
        "GMAX_R": make.bursting(times, FS, windows, noise_uv=0.2),
        "BFLH_R": make.bursting(times, FS, [(0.0, 100.0, 50.0)], noise_uv=0.2),
    }
    events = make.contacts(times, stance=0.35)
    return strides_of(make.analyzed(signals, fs=FS, events=events, **more))


def test_the_power_in_a_window_is_that_of_the_tone_in_it(make: SimpleNamespace) -> None:
    """P1 looks at -15 to 20 %: of a tone on in 0 to 20 % that is 20/35 of its power."""
    for stride in run(make, EVEN, (0.0, 20.0, 80.0))[1:]:
        facts = stride.sites["GMAX_R"]
        assert facts.power["P1"] == pytest.approx(80**2 / 2 * 20 / 35, rel=0.05)
        assert stride.sites["BFLH_R"].power["P1"] == pytest.approx(50**2 / 2, rel=0.02)
        assert facts.quiet < 0.1
        assert facts.center_pct == pytest.approx(10, abs=1.5)


def test_a_window_that_wraps_is_taken_around_one_foot_contact(make: SimpleNamespace) -> None:
    """The glute works before every second contact only: it counts for the stride that begins with it."""
    times = EVEN
    signal = make.bursting(times, FS, [(85.0, 100.0, 80.0)], noise_uv=0.2)
    t = np.arange(len(signal)) / FS
    number = np.floor(np.interp(t, times, np.arange(len(times))))
    signal[number % 2 == 1] *= 0.05  # bursts end strides 0, 2, 4, ... and lead into 1, 3, 5, ...
    signals = {"GMAX_R": signal, "BFLH_R": signal}
    strides = strides_of(make.analyzed(signals, fs=FS, events=make.contacts(times, stance=0.35)))
    for k, stride in enumerate(strides[:-1]):
        if k == 0:
            continue
        expected = 80**2 / 2 * 15 / 35 if k % 2 == 1 else 0.0
        assert stride.sites["GMAX_R"].power["P1"] == pytest.approx(expected, rel=0.05, abs=25)


def test_late_swing_is_measured_in_the_stride_before_with_its_own_length(make: SimpleNamespace) -> None:
    """A slower stride before: its last 15 % are longer than 15 % of the stride that they lead into."""
    times = np.array([1.0, 1.8, 2.6, 3.4, 4.4, 5.2, 6.0])
    strides = run(make, times, (85.0, 100.0, 80.0))
    after_slow = strides[4]
    assert after_slow.previous_s == pytest.approx(1.0)
    assert after_slow.time_at(-15.0) == pytest.approx(4.4 - 0.15)
    # 150 ms of tone in 150 + 160 ms of window
    assert after_slow.sites["GMAX_R"].power["P1"] == pytest.approx(80**2 / 2 * 150 / 310, rel=0.06)


def test_walking_has_each_muscles_own_window(make: SimpleNamespace) -> None:
    times = np.arange(1.0, 16.0, 1.1)
    signals = {"MGAS_R": make.bursting(times, FS, [(25.0, 60.0, 60.0)], noise_uv=0.2)}
    strides = strides_of(make.analyzed(signals, fs=FS, events=make.contacts(times, stance=0.62)))
    assert {s.gait for s in strides} == {"walk"}
    for stride in strides[1:]:
        facts = stride.sites["MGAS_R"]
        assert set(facts.power) == {"main"}
        assert facts.power["main"] == pytest.approx(60**2 / 2, rel=0.06)
        assert facts.center_pct == pytest.approx(42.5, abs=1.5)


def test_without_toe_offs_duration_tells_gait(make: SimpleNamespace) -> None:
    for step, gait in ((0.7, "run"), (1.1, "walk")):
        times = np.arange(1.0, 12.0, step)
        signals = {"GMAX_R": make.bursting(times, FS, [(0.0, 20.0, 50.0)])}
        strides = strides_of(make.analyzed(signals, fs=FS, events=make.contacts(times)))
        assert {s.gait for s in strides} == {gait}


def test_profile_lies_where_the_tone_was(make: SimpleNamespace) -> None:
    for stride in run(make, EVEN, (30.0, 50.0, 40.0))[1:-1]:
        bins = stride.sites["GMAX_R"].bins
        on = np.zeros(50, dtype=bool)
        on[15:25] = True
        edge = np.isin(np.arange(50), [14, 15, 24, 25, 26])
        np.testing.assert_allclose(bins[on & ~edge], 40**2 / 2, rtol=0.25)
        assert bins[~on & ~edge].max() < 20


def test_the_spectrum_is_that_of_the_burst(make: SimpleNamespace) -> None:
    mnf, mdf, ln_fi = run(make, EVEN, (0.0, 100.0, 50.0))[4].sites["GMAX_R"].spectrum
    assert mnf == pytest.approx(80, abs=1)
    assert mdf == pytest.approx(80, abs=1)
    assert ln_fi == pytest.approx(-6 * np.log(80), abs=0.3)


def test_below_500_hz_there_is_no_spectrum(make: SimpleNamespace) -> None:
    signals = {"GMAX_R": make.bursting(EVEN, 400.0, [(0.0, 50.0, 50.0)], noise_uv=1)}
    strides = strides_of(make.analyzed(signals, fs=400.0, events=make.contacts(EVEN)))
    assert strides[3].sites["GMAX_R"].valid
    assert np.isnan(strides[3].sites["GMAX_R"].spectrum).all()


def test_misplaced_contacts_make_no_valid_stride(make: SimpleNamespace) -> None:
    times = np.sort(np.append(EVEN, [EVEN[8] + 0.3, EVEN[12] + 0.5]))
    strides = run(make, times, (0.0, 20.0, 50.0))
    reasons = {round(s.duration_s, 2): s.reason for s in strides if not s.valid}
    assert reasons[0.3] == "too short for a stride"
    assert "irregular" in reasons[0.5]
    assert all(s.sites == {} for s in strides if not s.valid)
    usual = [s for s in strides if round(s.duration_s, 2) == 0.8]
    assert all(s.valid for s in usual)
    assert len(usual) == len(EVEN) - 3


def test_a_pause_is_no_stride(make: SimpleNamespace) -> None:
    times = np.concatenate([np.arange(1, 6, 0.8), np.arange(20, 26, 0.7)])
    strides = run(make, times, (0.0, 20.0, 50.0))
    assert max(s.duration_s for s in strides) < 1
    assert all(s.valid for s in strides)  # what was usual before the pause is forgotten


def test_a_gap_makes_the_strides_it_touches_invalid_with_a_reason(make: SimpleNamespace) -> None:
    lost = [(6000, 6050)]
    strides = run(make, EVEN, (0.0, 20.0, 50.0), lost=lost)
    whole = run(make, EVEN, (0.0, 20.0, 50.0))
    assert len(strides) == len(whole)
    touched = [s for s in strides if not s.sites["GMAX_R"].valid]
    assert touched
    for stride in strides:
        facts = stride.sites["GMAX_R"]
        begin, end = 1000 * stride.time_at(-15.0), 1000 * stride.t_end_s
        if begin < 6050 and end > 6000:
            assert facts.reason.startswith("gap")
            assert facts.power == {}
            assert np.isnan(facts.center_pct)
        elif not 6050 <= begin < 6300:  # the filter settles for less than 0.3 s
            assert facts.valid


def test_a_bad_second_names_the_fault_of_its_channel_only(make: SimpleNamespace) -> None:
    signals = {
        "GMAX_R": make.bursting(EVEN, FS, [(0.0, 40.0, 80.0)], noise_uv=5),
        "BFLH_R": make.bursting(EVEN, FS, [(0.0, 40.0, 80.0)], noise_uv=5),
    }
    signals["GMAX_R"][7000:8000] = 3.0  # an electrode comes off
    strides = strides_of(make.analyzed(signals, fs=FS, events=make.contacts(EVEN, stance=0.35)))
    for stride in strides:
        inside = stride.time_at(-15.0) < 8 and stride.t_end_s > 7
        assert stride.sites["BFLH_R"].valid
        assert stride.sites["GMAX_R"].valid != inside
        if inside:
            assert stride.sites["GMAX_R"].reason.startswith("flat: ")


def test_each_leg_has_its_own_strides(make: SimpleNamespace) -> None:
    left, right = EVEN + 0.4, EVEN
    signals = {
        "GMAX_R": make.bursting(right, FS, [(0.0, 20.0, 50.0)]),
        "GMAX_L": make.bursting(right, FS, [(0.0, 20.0, 50.0)]),
    }
    events = sorted([*make.contacts(left, "L"), *make.contacts(right, "R")])
    pipeline = make.analyzed(signals, fs=FS, events=events)
    assert [s.t_start_s for s in strides_of(pipeline, "L")] == pytest.approx(left[:-1])
    assert [s.t_start_s for s in strides_of(pipeline, "R")] == pytest.approx(right[:-1])
    assert set(strides_of(pipeline, "L")[0].sites) == {"GMAX_L"}
