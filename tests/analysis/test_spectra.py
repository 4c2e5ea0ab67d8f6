"""Pooled spectra: which bursts come together, what their table says, and that nothing piles up."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from emgsmr import dsp
from emgsmr.analysis import Analysis, Settings
from emgsmr.analysis.pool import MIN_BURSTS, SpectrumPool, signal_to_noise_db
from emgsmr.analysis.strides import Stride
from emgsmr.recording import Event

FREQS = np.arange(20.0, 451.0)


def strides_of(
    make: SimpleNamespace, n: int, *, first: int = 0, at_s: float = 0.0, **more: Any
) -> list[Stride]:
    """Strides whose periodograms are noise around 100 Hz."""
    rng = np.random.default_rng(first)
    found = []
    for k in range(n):
        power = rng.exponential(size=len(FREQS)) * np.exp(-0.5 * ((FREQS - 100) / 40) ** 2)
        facts = replace(make.facts(20.0 + k % 3), periodogram=(FREQS, power))
        start = at_s + 0.7 * k
        found.append(make.stride(first + k, {"GMAX_R": facts, "ST_R": make.BAD}, t_start_s=start, **more))
    return found


def pooled(strides: list[Stride], n_bursts: int = 20) -> SpectrumPool:
    pool = SpectrumPool(n_bursts)
    for stride in strides:
        pool.take(stride)
    return pool


def test_a_block_is_the_pooled_spectrum_of_its_bursts(make: SimpleNamespace) -> None:
    strides = strides_of(make, 45)
    powers = [s.sites["GMAX_R"].periodogram[1] for s in strides]  # type: ignore[index]
    pool = pooled(strides)
    assert list(pool.blocks) == ["GMAX_R"]
    first, second = pool.blocks["GMAX_R"]
    for block, members, power in (
        (first, strides[:20], powers[:20]),
        (second, strides[20:40], powers[20:40]),
    ):
        assert (block.t_s, block.t_end_s) == (members[0].t_start_s, members[-1].t_end_s)
        assert block.indices == dsp.pooled_indices(FREQS, np.stack(power))
        assert block.cadence_spm == pytest.approx(120 / 0.7)
        np.testing.assert_array_equal(block.power, [s.sites["GMAX_R"].power["main"] for s in members])


def test_no_stride_keeps_its_periodogram(make: SimpleNamespace) -> None:
    """Only bursts that still wait have one: memory does not grow with the recording."""
    strides = strides_of(make, 50)
    pool = pooled(strides)
    assert all(facts.periodogram is None for s in strides for facts in s.sites.values())
    waiting = [burst for bursts in pool._open.values() for burst in bursts]
    assert len(waiting) == 10


def test_what_does_not_enter(make: SimpleNamespace) -> None:
    good = strides_of(make, 20)
    others = [
        *strides_of(make, 3, first=100, at_s=3.6, gait="walk"),
        *strides_of(make, 3, first=200, at_s=5.1, valid=False),
        make.stride(300, {"GMAX_R": make.BAD}, t_start_s=8.0),
        make.stride(301, {"GMAX_R": replace(make.facts(9.0), power={"main": float("nan")})}, t_start_s=9.0),
    ]
    mixed = sorted([*good, *others], key=lambda s: s.t_start_s)
    expected = dsp.pooled_indices(FREQS, np.stack([s.sites["GMAX_R"].periodogram[1] for s in good]))  # type: ignore[index]
    (block,) = pooled(mixed).blocks["GMAX_R"]
    assert block.indices == expected


def test_gaits_have_blocks_of_their_own(make: SimpleNamespace) -> None:
    pool = pooled([*strides_of(make, 20), *strides_of(make, 20, at_s=20.0, gait="walk")])
    assert [block.gait for block in pool.blocks["GMAX_R"]] == ["run", "walk"]


@pytest.mark.parametrize(("pause_s", "sizes"), [(20.0, [20]), (40.0, [12, 8])])
def test_a_rest_begins_a_new_block(make: SimpleNamespace, pause_s: float, sizes: list[int]) -> None:
    pool = pooled([*strides_of(make, 12), *strides_of(make, 8, first=12, at_s=12 * 0.7 + pause_s)])
    pool.finish()
    assert [len(block.power) for block in pool.blocks["GMAX_R"]] == sizes


@pytest.mark.parametrize(("n", "blocks"), [(MIN_BURSTS - 1, 0), (MIN_BURSTS, 1), (19, 1)])
def test_what_is_left_at_the_end_counts_if_it_is_enough(make: SimpleNamespace, n: int, blocks: int) -> None:
    pool = pooled(strides_of(make, n))
    assert not pool.blocks
    pool.finish()
    assert len(pool.blocks.get("GMAX_R", [])) == blocks


def test_bursts_without_a_spectrum_still_have_an_amplitude(make: SimpleNamespace) -> None:
    strides = strides_of(make, 20)
    for stride in strides[:13]:
        stride.sites["GMAX_R"] = replace(stride.sites["GMAX_R"], periodogram=None)
    (block,) = pooled(strides).blocks["GMAX_R"]
    assert block.indices is None
    assert block.rms(1.0) == pytest.approx(np.exp(np.mean(np.log(np.sqrt(block.power - 1.0)))))


def test_signal_to_noise() -> None:
    assert signal_to_noise_db(101.0, 1.0) == pytest.approx(20.0)
    assert signal_to_noise_db(0.5, 1.0) == -np.inf
    for power, noise in ((np.nan, 1.0), (1.0, np.nan), (1.0, 0.0)):
        assert np.isnan(signal_to_noise_db(power, noise))


def analysis_of(make: SimpleNamespace, fs: float, *, quiet_uv: float = 2.0) -> Analysis:
    """A minute of strides of 0.7 s with noise bursts."""
    rng = np.random.default_rng(1)
    times = np.arange(1.0, 60.0, 0.7)
    level = make.bursting(times, fs, [(0, 35, 1.0), (65, 100, 1.0)]) != 0
    x = rng.normal(size=len(level)) * np.where(level, 60.0, quiet_uv)
    events = [*make.contacts(times, stance=0.35), Event(5.0, 20.0, "phase", label="baseline")]
    return make.analyzed({"GMAX_R": x}, fs=fs, events=events).analysis()  # type: ignore[no-any-return]


@pytest.mark.parametrize(
    ("fs", "state", "reason"),
    [
        (250.0, "none", "no spectrum at 250 Hz"),
        (500.0, "degraded", "spectrum degraded at 500 Hz: compare within this sensor only"),
        (999.0, "degraded", "spectrum degraded at 999 Hz: compare within this sensor only"),
        (1000.0, "full", None),
    ],
)
def test_the_table_says_what_the_rate_allows(
    make: SimpleNamespace, fs: float, state: str, reason: str | None
) -> None:
    spectra = analysis_of(make, fs).spectra
    assert len(spectra) == 4
    assert spectra["n_bursts"].tolist() == [20, 20, 20, 20] or spectra["n_bursts"].iloc[-1] >= MIN_BURSTS
    assert set(spectra["state"]) == {state}
    assert set(spectra["reason"]) == {reason}
    numbers = spectra[["mnf_hz", "mdf_hz", "ln_fi", "mnf_ci_low_hz", "ln_fi_ci_high"]]
    assert numbers.notna().all().all() == (state != "none")
    assert (spectra["rms_uV"].astype(float) > 30).all()
    if state != "none":
        assert (spectra["mnf_ci_low_hz"] < spectra["mnf_hz"]).all()
        assert (spectra["mnf_hz"] < spectra["mnf_ci_high_hz"]).all()
        # white noise between the filter's corners: its mean frequency is their middle
        top = min(450.0, 0.45 * fs)
        assert spectra["mnf_hz"].astype(float).mean() == pytest.approx((30 + top) / 2, rel=0.04)


def test_a_weak_muscle_has_no_spectrum(make: SimpleNamespace) -> None:
    spectra = analysis_of(make, 1000.0, quiet_uv=30.0).spectra
    assert set(spectra["state"]) == {"none"}
    assert spectra["mnf_hz"].isna().all()
    assert spectra["reason"].str.match(r"signal \d dB above the noise floor; 10 dB needed").all()
    assert spectra["snr_db"].between(4, 10).all()


def test_the_settings_decide_how_many_bursts(make: SimpleNamespace) -> None:
    pool = pooled(strides_of(make, 20), Settings(spectrum_bursts=5).spectrum_bursts)
    assert [len(block.power) for block in pool.blocks["GMAX_R"]] == [5, 5, 5, 5]
    assert all(block.indices is not None for block in pool.blocks["GMAX_R"])
