"""Rest windows on signals whose noise, spikes and movements are put in."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from types import SimpleNamespace
from typing import Any

import numpy as np
import pandas as pd
import pytest

from emgsmr.analysis.channels import SensorStream
from emgsmr.analysis.rest_windows import rest_table
from emgsmr.analysis.settings import Settings
from emgsmr.analysis.timeline import ExactTimeline
from emgsmr.recording import Event

FS = 500.0
REST = Event(10.0, 30.0, "phase", label="rest")


def resting(seconds: float = 50.0, noise_uv: float = 5.0, seed: int = 0, fs: float = FS) -> np.ndarray:
    return noise_uv * np.random.default_rng(seed).normal(size=int(seconds * fs))


def twitches(x: np.ndarray, times_s: Sequence[float], fs: float = FS, size_uv: float = 150.0) -> np.ndarray:
    """A potential of some 10 ms at each time."""
    x = x.copy()
    shape = size_uv * np.diff(np.exp(-np.square(np.linspace(-3, 3, max(round(0.016 * fs), 4)))))
    for t in times_s:
        x[int(t * fs) : int(t * fs) + len(shape)] += 3 * shape
    return x


def rested(
    make: SimpleNamespace,
    x: np.ndarray,
    *,
    fs: float = FS,
    events: Sequence[Event] = (REST,),
    legs: Mapping[str, Any] | None = None,
) -> list[dict[str, Any]]:
    stream = SensorStream(make.sensor(1, 1, fs=fs), [0], ExactTimeline(fs), Settings(remove_mains=False))
    stream.feed(make.block(x[:, np.newaxis]))
    stream.finish()
    frame = rest_table(legs or {}, {"MGAS_R": (stream, 0)}, events)
    assert isinstance(frame, pd.DataFrame)
    return list(frame.to_dict("records"))


def test_a_marked_rest_has_its_level_and_its_spikes(make: SimpleNamespace) -> None:
    times = [12.3, 15.0, 15.2, 21.7, 33.9]
    (row,) = rested(make, twitches(resting(), times))
    band = (225.0 - 30.0) / 250.0  # white noise behind the band-pass
    assert (row["t_start_s"], row["t_end_s"], row["site"], row["source"]) == (10.0, 40.0, "MGAS_R", "phase")
    assert (row["n_seconds"], row["state"]) == (30, "rest")
    assert pd.isna(row["reason"])
    assert row["rms_uV"] == pytest.approx(5.0 * np.sqrt(band), rel=0.06)
    assert row["n_spikes"] == len(times)
    assert row["spikes_per_min"] == pytest.approx(2.0 * len(times))


def test_noise_has_none(make: SimpleNamespace) -> None:
    events = [Event(2.0, 290.0, "phase", label="rest")]
    (row,) = rested(make, resting(300.0), events=events)
    assert row["n_spikes"] == 0


def test_below_500_hz_spikes_are_not_counted(make: SimpleNamespace) -> None:
    (row,) = rested(make, resting(fs=250.0), fs=250.0)
    assert row["state"] == "rest"
    assert row["rms_uV"] > 0
    assert pd.isna(row["n_spikes"])
    assert pd.isna(row["spikes_per_min"])
    assert row["reason"] == "spikes are counted from 500 Hz on"


def test_a_rest_in_which_the_muscle_works_is_none(make: SimpleNamespace) -> None:
    x = resting()
    x[int(20 * FS) : int(32 * FS)] *= 10
    (row,) = rested(make, x)
    assert (row["state"], row["reason"]) == ("not_quiet", "active or moved in 12 of 30 seconds")
    assert pd.isna(row["n_spikes"])


def test_a_short_movement_does_not_change_it(make: SimpleNamespace) -> None:
    x = twitches(resting(), [12.5])
    x[int(20 * FS) : int(23 * FS)] += 60 * np.random.default_rng(3).normal(size=int(3 * FS))
    (row,) = rested(make, x)
    assert (row["state"], row["n_spikes"]) == ("rest", 1)
    assert row["rms_uV"] == pytest.approx(4.4, rel=0.08)
    assert row["spikes_per_min"] == pytest.approx(60 / 25, rel=0.05)  # three seconds and their neighbors


@pytest.mark.parametrize(
    "event",
    [
        Event(10.0, 2.5, "phase", label="rest"),
        Event(200.0, 30.0, "phase", label="rest"),
        Event(0.0, 0.0, "phase", label="rest"),
    ],
)
def test_a_rest_that_is_too_short_says_so(make: SimpleNamespace, event: Event) -> None:
    (row,) = rested(make, resting(), events=[event])
    assert row["state"] == "short"
    assert row["reason"].endswith("usable seconds; 3 are needed")
    assert pd.isna(row["rms_uV"])


def test_a_rest_of_another_site_is_not_this_ones(make: SimpleNamespace) -> None:
    assert rested(make, resting(), events=[Event(10.0, 30.0, "phase", label="rest", site="MGAS_L")]) == []
    assert len(rested(make, resting(), events=[Event(10.0, 30.0, "phase", label="rest", side="R")])) == 1


def test_a_rest_without_an_end_goes_on(make: SimpleNamespace) -> None:
    (row,) = rested(make, resting(), events=[Event(10.0, None, "phase", label="rest")])
    assert row["t_end_s"] is None
    assert row["n_seconds"] == 40


def leg(make: SimpleNamespace, times: Sequence[float], noise_uv: float) -> SimpleNamespace:
    strides = [make.stride(k, {}, t_start_s=t) for k, t in enumerate(times)]
    return SimpleNamespace(strides=strides, baseline=SimpleNamespace(noise={"MGAS_R": noise_uv**2}))


def test_a_pause_between_strides_is_a_rest_where_the_muscle_is_quiet(make: SimpleNamespace) -> None:
    times = [*np.arange(5.0, 15.0, 0.7), *np.arange(30.0, 40.0, 0.7)]
    begin, end = times[14] + 0.7 + 1.0, 29.0
    legs = {"R": leg(make, times, 4.0)}
    (row,) = rested(make, twitches(resting(), [20.0]), events=[], legs=legs)
    assert (row["source"], row["state"], row["n_spikes"]) == ("pause", "rest", 1)
    assert (row["t_start_s"], row["t_end_s"]) == (pytest.approx(begin), pytest.approx(end))
    assert rested(make, resting(noise_uv=20.0), events=[], legs=legs) == []  # active all the time
    both = {"R": legs["R"], "L": leg(make, np.arange(14.0, 31.0, 0.7), 4.0)}
    assert rested(make, resting(), events=[], legs=both) == []  # the other leg goes on
    marked = rested(make, resting(), events=[Event(18.0, 5.0, "phase", label="rest")], legs=legs)
    assert [row["source"] for row in marked] == ["phase"]


def test_a_short_pause_is_none(make: SimpleNamespace) -> None:
    legs = {"R": leg(make, [5.0, 5.7, 6.4, 12.0, 12.7], 4.0)}
    assert rested(make, resting(), events=[], legs=legs) == []


def test_dead_channels_have_no_rest(make: SimpleNamespace) -> None:
    (row,) = rested(make, np.zeros(int(50 * FS)))
    assert row["state"] == "short"
