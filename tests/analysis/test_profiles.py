"""Mean profiles against plain loops."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis.baseline import fit_baseline
from emgsmr.analysis.facts import N_BINS
from emgsmr.analysis.profiles import profiles_table
from emgsmr.recording import Event


def leg_of(make: SimpleNamespace, bins: np.ndarray, **spoiled: list[int]) -> SimpleNamespace:
    """One leg, one site, a stride for each row."""
    strides = []
    for number, row in enumerate(bins):
        facts = replace(make.facts(5.0), bins=row)
        bad = number in spoiled.get("sites", [])
        strides.append(
            make.stride(
                number,
                {"GMAX_R": make.BAD if bad else facts},
                valid=number not in spoiled.get("strides", []),
                gait="walk" if number in spoiled.get("walked", []) else "run",
            )
        )
    baseline = fit_baseline(strides, t0_s=0.0, t1_s=7.0, source="events")
    return SimpleNamespace(side="R", strides=strides, baseline=baseline)


def test_mean_and_standard_deviation_of_the_amplitude(
    make: SimpleNamespace, rng: np.random.Generator
) -> None:
    bins = rng.gamma(2.0, size=(40, N_BINS))
    bins[4, 7] = np.nan  # a part without a sample
    table = profiles_table([leg_of(make, bins, sites=[3], strides=[5, 6], walked=[30])])
    assert list(table["period"].unique()) == ["baseline", "all"]
    kept = {"baseline": [0, 1, 2, 4, 7, 8, 9], "all": [k for k in range(40) if k not in (3, 5, 6, 30)]}
    for period, rows in kept.items():
        curve = table[table["period"] == period]
        assert curve["pct"].tolist() == [2.0 * k for k in range(N_BINS)]
        assert (curve["n"] == len(rows)).all()
        for k in range(N_BINS):
            values = [np.sqrt(bins[r, k]) for r in rows if np.isfinite(bins[r, k])]
            assert curve["mean_uV"].iloc[k] == pytest.approx(sum(values) / len(values))
            assert curve["sd_uV"].iloc[k] == pytest.approx(np.std(values, ddof=1))


def test_phases_are_periods_and_one_stride_has_no_spread(make: SimpleNamespace) -> None:
    events = [Event(14.0, 0.5, "phase", label="sprint"), Event(900.0, 5.0, "phase", label="rest")]
    table = profiles_table([leg_of(make, np.full((30, N_BINS), 4.0))], (), events)
    sprint = table[table["period"] == "sprint"]
    assert sprint["n"].eq(1).all()
    assert sprint["mean_uV"].eq(2.0).all()
    assert sprint["sd_uV"].isna().all()
    assert "rest" not in set(table["period"])


def test_bins_that_are_empty_in_every_stride_are_missing(make: SimpleNamespace) -> None:
    bins = np.full((12, N_BINS), 9.0)
    bins[:, 3] = np.nan
    table = profiles_table([leg_of(make, bins)])
    assert table[table["pct"] == 6.0][["mean_uV", "sd_uV"]].isna().all(axis=None)
    assert table[table["pct"] == 4.0]["mean_uV"].eq(3.0).all()
    assert len(profiles_table([SimpleNamespace(side="R", strides=[], baseline=None)])) == 0
