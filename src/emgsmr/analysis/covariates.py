"""What devices told beside the EMG: the table of readings, and heart rate and speed at each stride."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from emgsmr.analysis.columns import COLUMNS, frame
from emgsmr.recording import TimedReading

COVARIATES: dict[str, tuple[str, float]] = {
    "heart_rate_bpm": ("heart_rate_bpm", 5.0),
    "speed_mps": ("speed_mps", 3.0),
    "pod_cadence_spm": ("cadence_spm", 3.0),
}
"""Column: which quantity it takes, and how old (s) a value may be."""


def readings_table(readings: Iterable[TimedReading], *, started_ns: int) -> pd.DataFrame:
    """One row per reading of a single number, by time of arrival."""
    # sorting is stable: of one device and quantity, what came together keeps its order
    kept = sorted(
        (reading for reading in readings if len(reading.values) == 1),
        key=lambda reading: (reading.arrival_ns, reading.source, reading.quantity),
    )
    rows = (
        {
            "t_s": reading.time_s(started_ns),
            "source": reading.source,
            "quantity": reading.quantity,
            "value": reading.values[0],
        }
        for reading in kept
    )
    return frame("readings", rows)


def covariates_at(readings: pd.DataFrame, t_s: Any) -> pd.DataFrame:
    """Heart rate, speed and a foot pod's cadence at some times: the last value that is not too old.

    Of several devices with a quantity, the one with the most readings counts. A heart rate of 0, or from a
    strap that says it has no contact to the skin, is none.

    Parameters
    ----------
    readings : DataFrame
        ``t_s, source, quantity, value`` by time, as `Analysis.readings`.
    t_s : array_like, s

    Returns
    -------
    DataFrame
        ``heart_rate_bpm`` (up to 5 s old), ``speed_mps`` and ``pod_cadence_spm`` (3 s); NaN = missing.

    Examples
    --------
    >>> told = pd.DataFrame({"t_s": [1.0, 2.0], "source": "strap", "quantity": "heart_rate_bpm",
    ...                      "value": [120.0, 122.0]})
    >>> covariates_at(told, [0.5, 1.5, 7.0, 7.1])["heart_rate_bpm"].tolist()
    [nan, 120.0, 122.0, nan]
    """
    times = np.atleast_1d(np.asarray(t_s, dtype=np.float64))
    found = {}
    for name, (quantity, oldest_s) in COVARIATES.items():
        rows = of_one_device(readings, quantity)
        found[name] = _last(rows, times, oldest_s)
    return pd.DataFrame(found)


def of_one_device(readings: pd.DataFrame, quantity: str) -> pd.DataFrame:
    """Rows of a quantity that count: of the device with most of them, and only what can be a heart rate."""
    rows: pd.DataFrame = readings[readings["quantity"] == quantity]
    if not len(rows):
        return rows
    counts = rows["source"].value_counts()
    source = min(counts.index[counts == counts.max()])
    rows = rows[rows["source"] == source]
    if quantity == "heart_rate_bpm":
        rows = rows[_is_beating(rows, readings[readings["source"] == source])]
    return rows


def covariates_table(strides: pd.DataFrame, readings: pd.DataFrame) -> pd.DataFrame:
    """One row per stride, where there is any of its covariates."""
    if not len(strides) or not readings["quantity"].isin([q for q, _ in COVARIATES.values()]).any():
        return frame("covariates", ())
    table = strides[["stride", "side", "t_start_s"]].reset_index(drop=True)
    table = table.rename(columns={"t_start_s": "t_s"})
    return pd.concat([table, covariates_at(readings, table["t_s"])], axis=1)[list(COLUMNS["covariates"])]


def _is_beating(rates: pd.DataFrame, told: pd.DataFrame) -> NDArray[np.bool_]:
    """Whether a strap can be believed: it gives a rate, and did not say last that it is off the skin."""
    contact = told[told["quantity"] == "contact"]
    touching = _last(contact, rates["t_s"].to_numpy(np.float64), np.inf)
    return np.asarray((rates["value"].to_numpy(np.float64) > 0) & (touching != 0))


def _last(rows: pd.DataFrame, times: NDArray[np.float64], oldest_s: float) -> NDArray[np.float64]:
    """The last value at or before each time; NaN where it is older than that, or there is none."""
    came = rows["t_s"].to_numpy(np.float64)
    at = np.searchsorted(came, times, side="right") - 1
    found = np.full(len(times), np.nan)
    known = at >= 0
    known[known] = times[known] - came[at[known]] <= oldest_s
    found[known] = rows["value"].to_numpy(np.float64)[at[known]]
    return found
