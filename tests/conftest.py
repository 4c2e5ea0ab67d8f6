"""What all tests share: real time and the radio stay out, and randomness is seeded."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

from emgsmr.radio.played import Cast, PlayedSensor, address, montage_of
from emgsmr.recording import Event
from emgsmr.sensors import FAMILIES, gforce_protocol

os.environ.setdefault("MPLBACKEND", "Agg")

# The machines that run these tests are slow and shared: a slow example is no failure, and a failing one is
# the same for everybody.
settings.register_profile(
    "emgsmr",
    deadline=None,
    derandomize=True,
    max_examples=50,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.function_scoped_fixture],
    database=None,
)
settings.load_profile("emgsmr")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What tries the whole program takes longest, and would keep one worker busy when the other is done."""
    top = Path(__file__).parent
    items.sort(key=lambda item: item.path.parent != top)


@pytest.fixture
def rng() -> np.random.Generator:
    """The same random numbers in every run."""
    return np.random.default_rng(20240817)


@pytest.fixture(scope="session")
def real_data() -> Path:
    """The folder with public real recordings; tests that need it are left out where it is not there."""
    folder = os.environ.get("EMGSMR_REAL_DATA", "")
    if not folder:
        pytest.skip("EMGSMR_REAL_DATA is not set: no real recordings here")
    return Path(folder)


STEMS = {"umyo": "uMyo", "npg_lite": "NPG"}
SITES = ("GMAX_L", "GMAX_R", "BFLH_L", "BFLH_R", "MGAS_L", "MGAS_R", "SOL_L", "SOL_R")


def _played(
    number: int,
    key: str,
    *,
    seconds: float,
    lost: tuple[tuple[int, int], ...] = (),
    rate_error: float = 0.0,
    t0_s: float = 0.0,
) -> PlayedSensor:
    """Small, and every sample differs from its neighbors."""
    family = FAMILIES[key]
    n = round(seconds * family.rate_hz)
    channels = family.channel_counts[0]
    steps = np.arange(n * channels).reshape(n, channels)
    low, high = family.rails
    counts = low + (steps * 7919 + number) * family.step % (high + 1 - low)
    counts = (counts // family.step * family.step).astype(family.dtype)
    if key == "gforce_ids":  # what 12 bits and an exponent can hold
        counts = gforce_protocol.from_train_data(gforce_protocol.to_train_data(counts))
    return PlayedSensor(
        family=family,
        address=address(number),
        name=f"{STEMS.get(key) or family.advertise('', channels, 50).name}-{number:02d}",
        battery_pct=60 + number,
        sites={0: SITES[number - 1]},
        rate_hz=family.rate_hz * (1 + rate_error),
        counts=counts,
        lost=lost,
        t0_s=t0_s,
    )


@pytest.fixture
def make_cast() -> Callable[..., Cast]:
    """``make_cast("umyo", "npg_lite", seconds=2.0)``, or of `make_played` sensors."""

    def make(*sensors: str | PlayedSensor, seconds: float = 2.0, events: tuple[Event, ...] = ()) -> Cast:
        twins = tuple(
            _played(number, sensor, seconds=seconds) if isinstance(sensor, str) else sensor
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
    return _played
