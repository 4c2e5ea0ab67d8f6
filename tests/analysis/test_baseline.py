"""The reference and the ratios against it."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.analysis import Settings
from emgsmr.analysis.baseline import Baseline, Members, fit_baseline
from emgsmr.analysis.leg import members_on, watched_pairs
from emgsmr.anatomy import load_catalog
from emgsmr.errors import SettingsError

P1 = load_catalog().pairs["P1"]
HAM = Members(("GMAX_R",), ("BFLH_R", "ST_R"))
level = st.floats(5, 500)


def baseline_of(make: SimpleNamespace, gmax: float, bflh: float, semi: float, noise: float = 0.0) -> Baseline:
    strides = [make.stride(k, sites(make, gmax, bflh, semi, noise)) for k in range(100)]
    found = fit_baseline(strides, t0_s=0.0, t1_s=1000.0, source="settings")
    assert found is not None
    return found


def sites(
    make: SimpleNamespace, gmax: float, bflh: float, semi: float, noise: float = 0.0
) -> dict[str, object]:
    def one(rms: float) -> object:
        return make.facts(rms, noise_uv=noise, quiet_uv=noise or 1e-6)

    return {"GMAX_R": one(gmax), "BFLH_R": one(bflh), "ST_R": one(semi)}


def test_equal_activation_is_the_zero_of_the_log_ratio(make: SimpleNamespace) -> None:
    baseline = baseline_of(make, 100, 50, 20)
    got = baseline.log_ratio(make.stride(200, sites(make, 100, 50, 20)), P1, HAM)
    assert got == pytest.approx((0.0, 0.0, 0.0), abs=1e-6)
    # half of everything: the same ratio
    got = baseline.log_ratio(make.stride(200, sites(make, 50, 25, 10)), P1, HAM)
    assert got == pytest.approx((0.0, np.log(0.5), np.log(0.5)), abs=1e-6)


@given(gmax=level, bflh=level, semi=level, change=st.tuples(level, level, level))
def test_a_group_is_the_geometric_mean_of_its_members(
    make: SimpleNamespace, gmax: float, bflh: float, semi: float, change: tuple[float, float, float]
) -> None:
    baseline = baseline_of(make, gmax, bflh, semi)
    got = baseline.log_ratio(make.stride(200, sites(make, *change)), P1, HAM)
    ham = np.sqrt(change[1] / bflh * (change[2] / semi))
    assert got is not None
    assert got.y == pytest.approx(np.log(ham / (change[0] / gmax)), abs=1e-6)
    assert got.prime == pytest.approx(np.log(change[0] / gmax), abs=1e-6)


@given(gains=st.tuples(*[st.floats(0.01, 100)] * 3))
def test_gains_cancel(make: SimpleNamespace, gains: tuple[float, float, float]) -> None:
    """Electrodes and amplifiers differ; a log-ratio against the own baseline does not know."""
    uv, now = (80.0, 60.0, 40.0), (60.0, 70.0, 50.0)
    plain = baseline_of(make, *uv, noise=5.0).log_ratio(make.stride(9, sites(make, *now, 5.0)), P1, HAM)

    def amplified(values: tuple[float, ...]) -> dict[str, object]:
        return {
            site: make.facts(value * g, noise_uv=5 * g, quiet_uv=5 * g)
            for site, value, g in zip(("GMAX_R", "BFLH_R", "ST_R"), values, gains, strict=True)
        }

    strides = [make.stride(k, amplified(uv)) for k in range(50)]
    baseline = fit_baseline(strides, t0_s=0, t1_s=1e3, source="settings")
    assert baseline is not None
    assert baseline.log_ratio(make.stride(9, amplified(now)), P1, HAM) == pytest.approx(plain, abs=1e-9)


def test_the_noise_floor_does_not_pull_the_ratio_to_one(make: SimpleNamespace) -> None:
    baseline = baseline_of(make, 40, 40, 40, noise=30)
    got = baseline.log_ratio(make.stride(9, sites(make, 20, 40, 40, 30)), P1, HAM)
    assert got is not None
    assert got.y == pytest.approx(np.log(2), abs=1e-6)  # without the correction: ln(50 / 36)


def test_a_member_that_is_bad_in_a_stride_leaves_it_out(make: SimpleNamespace) -> None:
    baseline = baseline_of(make, 100, 50, 20)
    bad = {**sites(make, 100, 50, 20), "ST_R": make.BAD}
    assert baseline.log_ratio(make.stride(9, bad), P1, HAM) is None
    assert np.isnan(baseline.rms(make.stride(9, bad), "ST_R", "main"))
    only = Members(("GMAX_R",), ("BFLH_R",))
    assert baseline.log_ratio(make.stride(9, bad), P1, only) == pytest.approx((0, 0, 0), abs=1e-6)


def test_another_gait_is_not_compared(make: SimpleNamespace) -> None:
    baseline = baseline_of(make, 100, 50, 20)
    assert baseline.log_ratio(make.stride(9, sites(make, 100, 50, 20), gait="walk"), P1, HAM) is None


def test_only_valid_strides_inside_count(make: SimpleNamespace) -> None:
    strides = [make.stride(k, sites(make, 100 if 10 <= k < 30 else 900, 50, 20)) for k in range(60)]
    strides += [make.stride(k, sites(make, 900, 50, 20), valid=False) for k in range(10, 30)]
    strides += [make.stride(15, sites(make, 900, 50, 20), gait="walk")]
    got = fit_baseline(strides, t0_s=7.0, t1_s=21.0, source="events")
    assert got is not None
    assert got.n_strides == 20
    assert got.gait == "run"
    assert got.level["P1", "GMAX_R"] == pytest.approx(100, rel=1e-6)
    assert got.cadence_spm == pytest.approx(120 / 0.7)
    assert fit_baseline(strides, t0_s=500, t1_s=600, source="events") is None


def test_the_level_is_a_median(make: SimpleNamespace) -> None:
    strides = [make.stride(k, sites(make, 5000 if k % 4 == 0 else 100, 50, 20)) for k in range(40)]
    got = fit_baseline(strides, t0_s=0, t1_s=99, source="events")
    assert got is not None
    assert got.level["P1", "GMAX_R"] == pytest.approx(100, rel=1e-6)


@pytest.mark.parametrize(
    ("sites", "expected"),
    [
        (("GMAX_R", "BFLH_R", "ST_R"), Members(("GMAX_R",), ("BFLH_R", "ST_R"))),
        (("GMAX_R", "ST_R", "BFLH_L"), Members(("GMAX_R",), ("ST_R",))),
        (("GMAX_R", "HAM_R"), Members(("GMAX_R",), ("HAM_R",))),
        (("GMAX_R", "HAM_R", "ST_R"), Members(("GMAX_R",), ("ST_R",))),
        (("GMAX_L", "BFLH_R"), None),
        (("BFLH_R", "ST_R"), None),
    ],
)
def test_members_of_a_pair(sites: tuple[str, ...], expected: Members | None) -> None:
    assert members_on(P1, "R", sites) == expected


def test_an_unknown_pair_is_named() -> None:
    assert [p.id for p in watched_pairs(load_catalog(), Settings())] == ["P1", "P2"]
    with pytest.raises(SettingsError, match="P77"):
        watched_pairs(load_catalog(), Settings(pairs=("P1", "P77")))


# Where the baseline of a leg lies


STRIDE_S = 0.7


@pytest.fixture(scope="module")
def run(make: SimpleNamespace):  # type: ignore[no-untyped-def]
    """Two minutes of even strides."""
    times = np.arange(0.5, 119, STRIDE_S)
    signals = {
        "GMAX_R": make.bursting(times, 250.0, [(0.0, 20.0, 80.0)], noise_uv=2),
        "BFLH_R": make.bursting(times, 250.0, [(0.0, 20.0, 80.0)], noise_uv=3),
    }

    def analyzed(settings: Settings | None = None, events: tuple[object, ...] = ()) -> Baseline:
        every = sorted([*make.contacts(times), *events])
        pipeline = make.analyzed(signals, fs=250.0, events=every, settings=settings)
        found = pipeline.legs["R"].baseline
        assert found is not None
        return found

    return analyzed


def phase(t_s: float, duration_s: float | None, label: str) -> object:
    from emgsmr.recording import Event

    return Event(t_s, duration_s, "phase", label=label)


def test_a_short_recording_is_its_own_reference(run) -> None:  # type: ignore[no-untyped-def]
    got = run()
    assert got.source == "whole recording"
    assert got.n_strides > 150


def test_automatic_after_the_warm_up(run) -> None:  # type: ignore[no-untyped-def]
    got = run(Settings(warmup_s=20, baseline_s=50))
    assert (got.source, got.t0_s, got.t1_s) == ("automatic", pytest.approx(20.5), pytest.approx(70.5))
    assert got.n_strides == pytest.approx(50 / STRIDE_S, abs=1)


def test_settings_go_before_events(run) -> None:  # type: ignore[no-untyped-def]
    got = run(Settings(baseline=(10, 30)), (phase(50, 20, "baseline"),))
    assert (got.source, got.t0_s, got.t1_s) == ("settings", 10, 30)


def test_phases_are_the_baseline(run) -> None:  # type: ignore[no-untyped-def]
    got = run(None, (phase(0, 20, "rest"), phase(50, 20, "baseline")))
    assert (got.source, got.t0_s, got.t1_s) == ("events", 50, 70)


def test_a_phase_without_a_duration_lasts_until_the_next(run) -> None:  # type: ignore[no-untyped-def]
    got = run(None, (phase(40, None, "baseline"), phase(75, None, "run")))
    assert (got.source, got.t0_s, got.t1_s) == ("events", 40, 75)


def test_a_baseline_that_ends_with_the_recording_is_one(run) -> None:  # type: ignore[no-untyped-def]
    times = (60.0, 118.0)
    got = run(Settings(baseline=times))
    assert (got.source, got.t0_s, got.t1_s) == ("settings", *times)


def test_a_baseline_without_strides_falls_back(run) -> None:  # type: ignore[no-untyped-def]
    assert run(Settings(baseline=(0, 0.2))).source == "whole recording"
