"""Casts with made-up counts: small, and every sample differs from its neighbors."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pytest

from emgsmr.radio.played import Cast, PlayedSensor, address, montage_of
from emgsmr.recording import Event, MontageSensor
from emgsmr.sensors import FAMILIES

SITES = ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R", "MGAS_L", "MGAS_R", "SOL_L", "SOL_R")


def played(
    number: int,
    key: str,
    *,
    seconds: float,
    lost: tuple[tuple[int, int], ...] = (),
    rate_error: float = 0.0,
    t0_s: float = 0.0,
) -> PlayedSensor:
    family = FAMILIES[key]
    n = round(seconds * family.rate_hz)
    channels = family.channel_counts[0]
    steps = np.arange(n * channels).reshape(n, channels)
    counts = ((steps * 7919 + number) % (family.rails[1] + 1)).astype(np.int16)
    return PlayedSensor(
        family=family,
        address=address(number),
        name=f"uMyo-{number:02d}" if key == "umyo" else f"NPG-{number:02d}",
        battery_pct=60 + number,
        sites={0: SITES[number - 1]},
        rate_hz=family.rate_hz * (1 + rate_error),
        counts=counts,
        lost=lost,
        t0_s=t0_s,
    )


@pytest.fixture
def make_cast() -> Callable[..., Cast]:
    """``make_cast("umyo", "npg_lite", seconds=2.0)``, or of `played` sensors."""

    def make(*sensors: str | PlayedSensor, seconds: float = 2.0, events: tuple[Event, ...] = ()) -> Cast:
        twins = tuple(
            played(number, sensor, seconds=seconds) if isinstance(sensor, str) else sensor
            for number, sensor in enumerate(sensors, start=1)
        )
        return Cast(
            sensors=twins,
            montage=montage_of(twins),
            events=events,
            duration_s=seconds,
            truth={},
            description="made up",
        )

    return make


@pytest.fixture
def make_played() -> Callable[..., PlayedSensor]:
    """``make_played(1, "umyo", seconds=2.0, lost=((24, 48),))``."""
    return played


@pytest.fixture
def absent_sensor() -> MontageSensor:
    """A sensor that is in no cast."""
    return MontageSensor("uMyo-99", channels={1: "TA_L"})
