"""Who moved: patterns of changes written down by hand."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from emgsmr.analysis.baseline import Members
from emgsmr.analysis.chart import Chart
from emgsmr.analysis.signature import Change, gains, pattern_of, weights_of

CHART = Chart(
    mu=0.0, sigma=0.08, phi=0.0, n_points=40, k=0.5, limit=17.0, normal_limit=16.0,
    part_sigmas=(0.06, 0.06), part_mus=(0.0, 0.0),
)  # fmt: skip
MEMBERS = Members(("GMAX_R",), ("BFLH_R", "ST_R"))
FLOOR = float(np.log(1.2))


def change(
    gmax: float = 1.0,
    bflh: float = 1.0,
    st: float = 1.0,
    *,
    quiet: tuple[float, float, float] = (1.0, 1.0, 1.0),
    n: int = 6,
) -> Change:
    """What factors on the three muscles, and on their quiet parts, look like."""
    levels = tuple(float(np.log(f)) for f in (gmax, bflh, st))
    compensator = (levels[1] + levels[2]) / 2
    quiets = tuple(float(np.log(q)) if q > 0 else float("nan") for q in quiet)
    return Change(compensator - levels[0], levels[0], compensator, levels, quiets, n)


@pytest.mark.parametrize(
    ("seen", "direction", "pattern"),
    [
        (change(0.75, 1.25, 1.25), 1, "compensation"),
        (change(0.6), 1, "prime_down"),
        (change(0.6, 1.05, 1.05), 1, "prime_down"),
        (change(1.0, 1.4, 1.4), 1, "compensator_up"),
        (change(0.94, 1.4, 1.4), 1, "compensator_up"),
        (change(0.6, 0.85, 0.85), 1, "prime_down"),
        (change(1.25, 1.8, 1.8), 1, "harder_work"),
        (change(1.05, 1.4, 1.4), 1, "compensator_up"),
        (change(1.4), -1, "opposite"),
        (change(1.0, 0.7, 0.7), -1, "opposite"),
        (change(1.25, 0.8, 0.8), -1, "opposite"),
        (change(1.8, 1.25, 1.25), -1, "harder_work"),
        # the quiet part moved along: a channel's gain
        (change(0.7, quiet=(0.7, 1, 1)), 1, "gain_drift"),
        (change(1.0, 2.2, 1.0, quiet=(1, 2.2, 1)), 1, "gain_drift"),
        (change(1.5, quiet=(1.4, 1, 1)), -1, "gain_drift"),
        (change(0.6, quiet=(0.95, 1, 1)), 1, "prime_down"),
        (change(0.6, quiet=(1.4, 1, 1)), 1, "prime_down"),
        (change(0.6, quiet=(-1, -1, -1)), 1, "prime_down"),  # not known
        # and what is left without it is still a compensator that rose
        (change(0.7, 1.4, 1.4, quiet=(0.7, 1, 1)), 1, "compensation"),
    ],
)
def test_patterns(seen: Change, direction: int, pattern: str) -> None:
    assert pattern_of(seen, CHART, MEMBERS, direction=direction, floor=FLOOR) == pattern


def test_a_gain_counts_for_its_share_of_the_pair() -> None:
    found = gains(change(1.0, 2.2, 1.0, quiet=(1, 2.2, 1)), CHART, MEMBERS)
    assert found == {"BFLH_R": pytest.approx(np.log(2.2) / 2)}
    assert weights_of(MEMBERS) == {"GMAX_R": -1.0, "BFLH_R": 0.5, "ST_R": 0.5}


factor = st.floats(0.3, 3.0)


@given(gmax=factor, bflh=factor, semi=factor)
def test_no_pattern_contradicts_its_muscles(gmax: float, bflh: float, semi: float) -> None:
    seen = change(gmax, bflh, semi)
    direction = 1 if seen.y > 0 else -1
    pattern = pattern_of(seen, CHART, MEMBERS, direction=direction, floor=FLOOR)
    if pattern == "compensation":
        assert seen.prime < 0 < seen.compensator
    if pattern == "prime_down":
        assert seen.prime < 0
    if pattern == "compensator_up":
        assert seen.compensator > 0
    if pattern == "harder_work":
        assert min(seen.prime, seen.compensator) > 0
    assert (pattern == "opposite") == (direction < 0 and pattern != "harder_work")
