from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pandas as pd
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.analysis import covariates_at
from emgsmr.analysis.covariates import COVARIATES, covariates_table, readings_table
from emgsmr.recording import TimedReading


def told(*rows: tuple[float, str, str, float]) -> pd.DataFrame:
    """A table of readings from (t_s, source, quantity, value)."""
    readings = [TimedReading(s, None, q, round(t * 1e9), (v,)) for t, s, q, v in rows]
    return readings_table(readings, started_ns=0)


def test_readings_come_by_time_and_vectors_are_left_out() -> None:
    table = readings_table(
        [
            TimedReading("strap", None, "rr_interval_ms", 3_000_000_000, (500.0,)),
            TimedReading("strap", None, "rr_interval_ms", 3_000_000_000, (400.0,)),
            TimedReading("thigh", 1, "acceleration_g", 3_000_000_000, (0.0, 0.0, 1.0), 5),
            TimedReading("pod", None, "speed_mps", 3_000_000_000, (3.0,)),
            TimedReading("strap", None, "heart_rate_bpm", 2_000_000_000, (120.0,)),
        ],
        started_ns=1_000_000_000,
    )
    assert list(table.itertuples(index=False, name=None)) == [
        (1.0, "strap", "heart_rate_bpm", 120.0),
        (2.0, "pod", "speed_mps", 3.0),
        (2.0, "strap", "rr_interval_ms", 500.0),  # in the order in which the strap told them
        (2.0, "strap", "rr_interval_ms", 400.0),
    ]


def test_values_that_are_too_old_are_missing() -> None:
    readings = told(
        (1.0, "s", "heart_rate_bpm", 120), (1.0, "p", "speed_mps", 3.0), (1.0, "p", "cadence_spm", 170)
    )
    table = covariates_at(readings, [0.999, 1.0, 4.0, 4.001, 6.0, 6.001])
    nan = float("nan")
    np.testing.assert_array_equal(table["heart_rate_bpm"], [nan, 120, 120, 120, 120, nan])
    np.testing.assert_array_equal(table["speed_mps"], [nan, 3, 3, nan, nan, nan])
    np.testing.assert_array_equal(table["pod_cadence_spm"], [nan, 170, 170, nan, nan, nan])


def test_a_strap_off_the_skin_has_no_heart_rate() -> None:
    readings = told(
        (1.0, "s", "contact", 1), (1.0, "s", "heart_rate_bpm", 120), (2.0, "s", "contact", 0),
        (2.0, "s", "heart_rate_bpm", 210), (3.0, "s", "contact", 1), (3.0, "s", "heart_rate_bpm", 0),
        (8.0, "s", "heart_rate_bpm", 125), (8.0, "other", "contact", 0),
    )  # fmt: skip
    rates = covariates_at(readings, [1.5, 2.5, 3.5, 7.0, 9.0])["heart_rate_bpm"]
    np.testing.assert_array_equal(rates, [120, 120, 120, np.nan, 125])


def test_one_of_several_devices_counts() -> None:
    readings = told(
        (1.0, "b", "speed_mps", 3.0), (1.1, "a", "speed_mps", 9.0), (2.0, "b", "speed_mps", 3.1),
        (1.0, "z", "heart_rate_bpm", 90), (1.5, "y", "heart_rate_bpm", 91),
    )  # fmt: skip
    table = covariates_at(readings, 2.5)
    assert table.to_dict("records")[0]["speed_mps"] == 3.1
    assert table.to_dict("records")[0]["heart_rate_bpm"] == 91  # as many each: the first by name


@given(
    rows=st.lists(
        st.tuples(
            st.floats(0, 60), st.sampled_from(["a", "b"]), st.sampled_from(["heart_rate_bpm", "speed_mps"]),
            st.floats(1, 200),
        ),
        max_size=40,
    ),
    times=st.lists(st.floats(-1, 70), min_size=1, max_size=20),
)  # fmt: skip
def test_the_same_as_looking_for_each_time_by_hand(
    rows: list[tuple[float, str, str, float]], times: list[float]
) -> None:
    readings = told(*rows)
    table = covariates_at(readings, times)
    for name, (quantity, oldest_s) in COVARIATES.items():
        mine = readings[readings["quantity"] == quantity]
        names = sorted(set(mine["source"]), key=lambda s: (-(mine["source"] == s).sum(), s))
        for t, got in zip(times, table[name], strict=True):
            inside = [
                row.value
                for row in mine.itertuples()
                if row.source == names[0] and row.t_s <= t and t - row.t_s <= oldest_s
            ]
            np.testing.assert_equal(got, inside[-1] if inside else np.nan)


def test_each_stride_has_what_was_told_before_it(make: SimpleNamespace) -> None:
    pipeline = make.analyzed(
        {"GMAX_R": np.zeros(10_000)}, fs=500.0, events=make.contacts(np.arange(1.0, 15.0, 0.7))
    )
    assert len(pipeline.analysis().covariates) == 0
    pipeline.push_reading(TimedReading("strap", None, "heart_rate_bpm", 5_000_000_000, (133,)))
    result = pipeline.analysis()
    assert result.covariates["stride"].tolist() == result.strides["stride"].tolist()
    assert result.covariates["t_s"].tolist() == result.strides["t_start_s"].tolist()
    known = result.covariates["heart_rate_bpm"].notna()
    assert known.tolist() == result.strides["t_start_s"].between(5.0, 10.0).tolist()
    assert set(result.covariates["heart_rate_bpm"][known]) == {133.0}
    assert result.covariates[["speed_mps", "pod_cadence_spm"]].isna().all(axis=None)
    battery = readings_table([TimedReading("thigh", 1, "battery_pct", 0, (90,))], started_ns=0)
    assert len(covariates_table(result.strides, battery)) == 0
