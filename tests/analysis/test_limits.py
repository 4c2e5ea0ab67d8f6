"""What a sampling rate allows, against the model spectrum whose numbers the docstring quotes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.integrate import quad

from emgsmr.analysis.limits import limits_at


def power(f: float) -> float:
    """Model spectrum of surface EMG (Stulen and De Luca's form) with corners at 60 and 120 Hz."""
    return 120.0**4 * f**2 / ((f**2 + 60.0**2) * (f**2 + 120.0**2) ** 2)


@pytest.mark.parametrize(("fs", "kept"), [(1000, 0.97), (500, 0.90), (250, 0.62), (200, 0.48)])
def test_the_power_that_a_rate_keeps_is_the_one_quoted(fs: float, kept: float) -> None:
    band = quad(power, 20, {1000: 450, 500: 240, 250: 120, 200: 95}[fs])[0]
    assert band / quad(power, 0, np.inf)[0] == pytest.approx(kept, abs=0.005)
    assert f"{100 * kept:.0f} %" in (limits_at.__doc__ or "")


@pytest.mark.parametrize(
    ("fs", "spectrum", "amplitude"),
    [
        (200, "none", "degraded"),
        (499.9, "none", "degraded"),
        (500, "degraded", "full"),
        (999, "degraded", "full"),
        (1000, "full", "full"),
        (2000, "full", "full"),
    ],
)
def test_levels_by_rate(fs: float, spectrum: str, amplitude: str) -> None:
    limits = limits_at(fs)
    assert (limits.spectrum, limits.amplitude) == (spectrum, amplitude)
    assert limits.onset_floor_ms == pytest.approx(1000 / fs)
    assert bool(limits.says) == (fs < 1000)
