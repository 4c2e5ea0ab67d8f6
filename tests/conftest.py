"""What all tests share: real time and the radio stay out, and randomness is seeded."""

from __future__ import annotations

import os
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, settings

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


@pytest.fixture
def rng() -> np.random.Generator:
    """The same random numbers in every run."""
    return np.random.default_rng(20240817)


@pytest.fixture
def real_data() -> Path:
    """The folder with public real recordings; tests that need it are left out where it is not there."""
    folder = os.environ.get("EMGSMR_REAL_DATA", "")
    if not folder:
        pytest.skip("EMGSMR_REAL_DATA is not set: no real recordings here")
    return Path(folder)
