"""What a second's measures are called, and what of it cannot be used."""

from __future__ import annotations

import numpy as np
import pytest

from emgsmr.analysis.quality import UNUSABLE, judge
from emgsmr.dsp import SignalMeasures


def measures(sd: float = 40, clipped: float = 0, mains: float = -20, motion: float = 5) -> SignalMeasures:
    one = [np.array([[0.0, value]]) for value in (sd, clipped, mains, motion)]
    return SignalMeasures(*one)


@pytest.mark.parametrize(
    ("case", "state"),
    [
        (measures(), "good"),
        (measures(sd=0.5), "flat"),
        (measures(sd=0.0, mains=-60, motion=0.0), "flat"),
        (measures(clipped=0.6), "clipped"),
        (measures(clipped=0.1), "good"),
        (measures(mains=12), "off"),
        (measures(mains=-3), "noisy"),
        (measures(mains=float("nan")), "good"),
        (measures(motion=0.05), "motion"),
        (measures(motion=0.5), "good"),
    ],
)
def test_each_fault_has_its_name(case: SignalMeasures, state: str) -> None:
    got, reason = judge(case, 1)
    assert got == state
    assert bool(reason) == (state != "good")
    assert (got in UNUSABLE) == (state not in ("good", "noisy"))


def test_a_flat_channel_is_not_called_moving() -> None:
    assert judge(measures(sd=0.2, motion=0.0, mains=10.0), 1)[0] == "flat"


def test_each_channel_is_judged_by_its_own_column() -> None:
    assert judge(measures(), 0)[0] == "flat"
