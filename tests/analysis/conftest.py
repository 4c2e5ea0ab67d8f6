"""Signals, strides and pipelines made by hand, so that the truth about them is known."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import pairwise
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from emgsmr.analysis import Pipeline, Settings
from emgsmr.analysis.facts import N_BINS, SiteFacts
from emgsmr.analysis.strides import Stride
from emgsmr.recording import ClockRow, Event, Placement, SampleBlock, SensorInfo, Wiring

SCALE_UV = 0.01


def sensor(
    number: int, n_channels: int, *, fs: float, family: str = "file", scale_uv: float = SCALE_UV
) -> SensorInfo:
    return SensorInfo(number, family, "", f"sensor {number}", "", fs, n_channels, "<i4", scale_uv, "known")


def wired(sites: Sequence[str], *, fs: float, t0_s: float = 0.0) -> Wiring:
    """One sensor from a file, a channel per site."""
    placements = tuple(Placement(1, column, site) for column, site in enumerate(sites))
    clock = ClockRow(1, 0, t0_s, fs, 0.0, "file")
    return Wiring((sensor(1, len(sites), fs=fs),), placements, {1: clock})


def block(x_uv: np.ndarray, first: int = 0) -> SampleBlock:
    return SampleBlock(1, first, np.round(x_uv / SCALE_UV).astype("<i4"))


def analyzed(
    signals: Mapping[str, np.ndarray],
    *,
    fs: float,
    events: Sequence[Event] = (),
    settings: Settings | None = None,
    lost: Sequence[tuple[int, int]] = (),
    t0_s: float = 0.0,
) -> Pipeline:
    """A finished pipeline over µV signals of one sensor; ``lost``: ranges of samples that never came."""
    pipeline = Pipeline(wired(list(signals), fs=fs, t0_s=t0_s), settings, events=events)
    x = np.column_stack(list(signals.values()))
    first = 0
    for start, stop in [*lost, (len(x), len(x))]:
        pipeline.push(block(x[first:start], first))
        first = stop
    pipeline.finish()
    return pipeline


def contacts(times: Sequence[float], side: str = "R", stance: float | None = None) -> list[Event]:
    """Foot contacts, with toe-offs after a share ``stance`` of each stride."""
    found = [Event(float(t), kind="foot_contact", side=side) for t in times]
    if stance is not None:
        for t, after in pairwise(times):
            found.append(Event(float(t + stance * (after - t)), kind="toe_off", side=side))
    return sorted(found)


def bursting(
    contact_s: Sequence[float],
    fs: float,
    windows: Sequence[tuple[float, float, float]],
    *,
    noise_uv: float = 0.0,
) -> np.ndarray:
    """An 80 Hz tone that is on only in windows (from %, to %, amplitude µV) of each stride."""
    t = np.arange(int((contact_s[-1] + 1) * fs)) / fs
    stride = np.interp(t, contact_s, np.arange(len(contact_s)), left=-1, right=-1)
    pct = np.where(stride < 0, np.nan, 100 * (stride % 1))
    level = np.zeros(len(t))
    for start, stop, amplitude in windows:
        level[(pct >= start) & (pct < stop)] = amplitude
    tone = np.sin(2 * np.pi * 80 * t)
    return np.asarray(level * tone + noise_uv * np.random.default_rng(0).normal(size=len(t)))


def runner(
    sites: Mapping[str, float],
    *,
    fs: float,
    seconds: float,
    stride_s: float = 0.7,
    first_s: float = 0.3,
    seed: int = 0,
    gain: Callable[[str, np.ndarray], Any] = lambda _site, _t: 1.0,
) -> dict[str, np.ndarray]:
    """Noise bursts around the given centers (% of the stride after a contact at ``first_s``); µV."""
    rng = np.random.default_rng(seed)
    t = np.arange(int(seconds * fs)) / fs
    phase = (t - first_s) / stride_s
    return {
        site: rng.normal(size=len(t))
        * (3 + 90 * gain(site, t) * np.exp(6 * (np.cos(2 * np.pi * (phase - center / 100)) - 1)))
        for site, center in sites.items()
    }


def facts(rms: float, *, quiet_uv: float = 1.0, mnf: float = 100.0, noise_uv: float = 0.0) -> SiteFacts:
    """A muscle of that noise-free RMS in every window; noise power added as a sensor would."""
    power = rms**2 + noise_uv**2
    return SiteFacts(
        valid=True,
        reason="",
        power={"P1": power, "P2": power, "main": power},
        bins=np.where(np.arange(N_BINS) < 30, power, quiet_uv**2),
        quiet=quiet_uv**2,
        center_pct=5.0,
        spectrum=(mnf, 0.9 * mnf, 0.0),
    )


BAD = SiteFacts(valid=False, reason="clipped: 3.0 % of the samples at the end of the range")


def stride(
    number: int,
    sites: Mapping[str, SiteFacts],
    *,
    duration_s: float = 0.7,
    t_start_s: float | None = None,
    gait: str = "run",
    side: str = "R",
    valid: bool = True,
) -> Stride:
    start = number * duration_s if t_start_s is None else t_start_s
    return Stride(
        side, number, start, start + duration_s, duration_s, gait, "events",  # type: ignore[arg-type]
        valid=valid, reason="" if valid else "too short for a stride", sites=dict(sites),
    )  # fmt: skip


@pytest.fixture(scope="session")
def make() -> SimpleNamespace:
    return SimpleNamespace(
        sensor=sensor, wired=wired, block=block, analyzed=analyzed, contacts=contacts, bursting=bursting,
        runner=runner, facts=facts, stride=stride, BAD=BAD,
    )  # fmt: skip
