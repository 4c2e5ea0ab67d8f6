"""Hints: each of them appears where its cause is, and nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from emgsmr.analysis.facts import N_BINS, SiteFacts
from emgsmr.analysis.hints import hints_table
from emgsmr.analysis.strides import Stride
from emgsmr.anatomy import load_catalog

RUN = {"GMAX": 4.0, "BFLH": 95.0, "MGAS": 6.0, "GMED": 8.0}
WALK = {"GMAX": 4.0, "BFLH": 95.0, "MGAS": 41.0, "TA": 84.0}
PCT = (np.arange(N_BINS) + 0.5) * 100 / N_BINS


def signals(
    centers: Mapping[str, float], n: int, *, seed: int = 0, floor_uv: float = 4.0, own: float = 0.15
) -> dict[str, np.ndarray]:
    """Mean squares (n, N_BINS) as EMG gives them: bursts, and chance in every piece of 14 ms."""
    rng = np.random.default_rng(seed)
    found = {}
    for site, center in centers.items():
        burst = 80 * np.exp(4 * (np.cos(2 * np.pi * (PCT - center) / 100) - 1))
        level = burst * np.exp(own * rng.normal(size=(n, 1)))
        found[site] = (level**2 + floor_uv**2) * rng.gamma(3.0, 1 / 3.0, (n, N_BINS))
    return found


def leg(
    bins: Mapping[str, np.ndarray],
    *,
    side: str = "R",
    gait: str = "run",
    source: str = "events",
    stride_s: float = 0.7,
) -> SimpleNamespace:
    """A leg as far as hints look at it."""
    n = len(next(iter(bins.values())))
    strides = []
    for k in range(n):
        facts = {}
        for site, power in bins.items():
            amplitude = np.sqrt(np.maximum(power[k] - np.quantile(power[k], 0.1), 0.0))
            center = np.angle(np.sum(amplitude * np.exp(2j * np.pi * PCT / 100)))
            facts[site] = SiteFacts(
                valid=True,
                reason="",
                power={"main": float(power[k].max())},
                bins=power[k],
                quiet=float(np.quantile(power[k], 0.1)),
                center_pct=float(center / (2 * np.pi) * 100 % 100),
            )
        start = k * stride_s
        where = (start, start + stride_s, stride_s, gait, source)
        strides.append(Stride(side, k + 1, *where, valid=True, reason="", sites=facts))  # type: ignore[arg-type]
    return SimpleNamespace(side=side, strides=strides, baseline=None)


def hints(*legs: SimpleNamespace, sites: Mapping[str, Any] | None = None) -> pd.DataFrame:
    return hints_table(legs, dict(sites or {}), load_catalog())


def on(side: str, centers: Mapping[str, float]) -> dict[str, float]:
    return {f"{code}_{side}": center for code, center in centers.items()}


@pytest.mark.parametrize("gait", ["run", "walk"])
@pytest.mark.parametrize("n", [0, 1, 7, 40, 300])
def test_a_good_set_up_has_no_hints(gait: str, n: int) -> None:
    book = RUN if gait == "run" else WALK
    legs = [leg(signals(on(side, book), n, seed=k), side=side, gait=gait) for k, side in enumerate("LR")]
    assert hints(*legs).empty


def test_nothing_at_all() -> None:
    assert hints().empty


@pytest.mark.parametrize("own", [0.05, 0.1])
def test_cross_talk(own: float) -> None:
    """Most of what one electrode shows is another muscle's, in each piece of each stride."""
    bins = signals(on("R", {"GMAX": 4.0, "MGAS": 6.0}), 60)
    assert hints(leg(bins)).empty  # bursts at the same time are none
    bins["MGAS_R"] = own * bins["MGAS_R"] + 0.5 * bins["GMAX_R"]
    found = hints(leg(bins))
    assert found["kind"].tolist() == ["cross_talk"]
    assert found.loc[0, ["site", "other_site"]].tolist() == ["GMAX_R", "MGAS_R"]
    assert "cannot be proven" in found["text"][0]


def test_synergists_may_agree() -> None:
    bins = signals(on("R", {"BFLH": 95.0}), 60)
    bins["ST_R"] = bins["BFLH_R"] * np.random.default_rng(0).gamma(60, 1 / 60, bins["BFLH_R"].shape)
    assert hints(leg(bins)).empty


def test_the_same_signal_twice_is_named_as_such() -> None:
    bins = signals(on("R", RUN), 20)
    bins["ST_R"] = 1.21 * bins["BFLH_R"]
    found = hints(leg(bins))
    assert found["kind"].tolist() == ["duplicate"]
    assert found.loc[0, ["site", "other_site"]].tolist() == ["BFLH_R", "ST_R"]


@pytest.mark.parametrize("gait", ["run", "walk"])
def test_exchanged_legs(gait: str) -> None:
    book = RUN if gait == "run" else WALK
    other = {code: (center + 50) % 100 for code, center in book.items()}
    legs = [leg(signals(on(side, other), 30, seed=k), side=side, gait=gait) for k, side in enumerate("LR")]
    found = hints(*legs)
    assert found["kind"].tolist() == ["swapped_sides"]
    assert "GMAX_L" in found["text"][0]
    assert "left and right" in found["text"][0]
    right = leg(signals(on("R", book), 30, seed=5), gait=gait)
    for one in (
        hints(legs[0]),
        hints(legs[0], right),
    ):  # one leg is measured, or its contacts are the other's
        assert one["kind"].tolist() == ["swapped_sides"]
        assert "_R" not in one["text"][0]


def test_the_rhythm_of_the_emg_itself_knows_no_other_leg() -> None:
    other = {code: (center + 50) % 100 for code, center in RUN.items()}
    assert hints(leg(signals(on("R", other), 30), source="emg")).empty


def test_one_muscle_at_the_wrong_time_is_no_exchanged_leg() -> None:
    assert hints(leg(signals(on("R", RUN | {"BFLH": 45.0}), 30))).empty


def test_exchanged_muscles() -> None:
    found = hints(leg(signals(on("R", WALK | {"MGAS": 95.0, "BFLH": 41.0}), 30), gait="walk"))
    assert found["kind"].tolist() == ["swapped_muscles"]
    assert found.loc[0, ["site", "other_site"]].tolist() == ["BFLH_R", "MGAS_R"]


def drifting(shape: str, size: float, *, noise_too: bool = True) -> pd.DataFrame:
    """The glute's channel changes to ``size`` over 300 strides."""
    bins = signals(on("R", RUN), 300, seed=3)
    time = np.linspace(0, 1, 300)[:, np.newaxis]
    gain = {"ramp": np.exp(np.log(size) * time), "bump": np.exp(np.log(size) * np.sin(np.pi * time))}[shape]
    if noise_too:
        bins["GMAX_R"] = bins["GMAX_R"] * gain**2
    else:
        muscle = signals({"GMAX_R": 4.0}, 300, seed=3, floor_uv=0.0)["GMAX_R"]
        noise = signals({"GMAX_R": 4.0}, 300, seed=4, floor_uv=1.0)["GMAX_R"].min(axis=1, keepdims=True)
        bins["GMAX_R"] = muscle * gain**2 + 4.0**2 * noise
    return hints(leg(bins))


@pytest.mark.parametrize("size", [0.6, 0.7, 1.5])
def test_gain_drift(size: float) -> None:
    found = drifting("ramp", size)
    assert found["kind"].tolist() == ["gain_drift"]
    assert found["site"][0] == "GMAX_R"
    assert ("fell" in found["text"][0]) == (size < 1)
    said = int(found["text"][0].split(" alike by ")[1].split(" %")[0])
    assert said == pytest.approx(100 * abs(size**0.8 - 1), abs=4)  # from the first fifth to the last


def test_no_gain_drift_where_only_the_muscle_changes() -> None:
    assert drifting("ramp", 0.6, noise_too=False).empty
    assert drifting("ramp", 1.05).empty
    assert drifting("bump", 0.6).empty  # it came back


def test_no_gain_drift_where_all_channels_change() -> None:
    bins = signals(on("R", RUN), 300, seed=3)
    gain = np.exp(0.5 * np.linspace(0, 1, 300)[:, np.newaxis])
    assert hints(leg({site: power * gain for site, power in bins.items()})).empty


@pytest.mark.parametrize(
    ("scale", "hint"), [(1.0, ""), (1e3, "mV"), (3e4, "V"), (0.01, "nV"), (0.1, ""), (20.0, "")]
)
def test_wrong_unit_without_strides(make: SimpleNamespace, scale: float, hint: str) -> None:
    x = scale * np.random.default_rng(0).normal(0, 60, 5000)
    found = make.analyzed({"VL_R": x, "BFLH_R": x * 0.7}, fs=1000.0).analysis().hints
    found = found[(found["kind"] == "wrong_unit") & (found["site"] == "VL_R")]
    assert len(found) == bool(hint)
    if hint:
        assert f" {hint} rms" in found["text"].iloc[0]


def test_an_unknown_unit_cannot_be_wrong(make: SimpleNamespace) -> None:
    from dataclasses import replace

    from emgsmr.analysis import Pipeline

    wiring = make.wired(["VL_R"], fs=1000.0)
    unknown = replace(wiring, sensors=tuple(replace(s, scale_known="unknown") for s in wiring.sensors))
    pipeline = Pipeline(unknown)
    pipeline.run([make.block(np.random.default_rng(0).normal(0, 1e6, (3000, 1)))])
    assert pipeline.analysis().hints.empty


@pytest.mark.parametrize("sign", [1, -1])
def test_one_channel_on_two_sites(make: SimpleNamespace, sign: int) -> None:
    x = np.random.default_rng(0).normal(0, 60, 5000)
    y = np.random.default_rng(1).normal(0, 60, 5000)
    result = make.analyzed({"VL_R": x, "BFLH_R": y, "ST_L": sign * x}, fs=1000.0).analysis()
    assert result.hints["kind"].tolist() == ["duplicate"]
    assert result.hints.loc[0, ["site", "other_site"]].tolist() == ["ST_L", "VL_R"]
    assert any(line.startswith("To check: ST_L and VL_R carry the same signal") for line in result.summary())


def test_two_dead_channels_are_dead_and_no_duplicates(make: SimpleNamespace) -> None:
    result = make.analyzed({"VL_R": np.zeros(5000), "BFLH_R": np.zeros(5000)}, fs=1000.0).analysis()
    assert result.hints["kind"].tolist() == ["unusable", "unusable"]
    assert set(result.quality["state"]) == {"flat"}
