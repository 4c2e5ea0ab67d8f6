"""Notices of why nothing is watched: one for a stretch, and only if it lasts."""

from __future__ import annotations

from types import SimpleNamespace

import numpy as np
import pytest

from emgsmr.analysis import Finding
from emgsmr.analysis.notices import LASTING_S, LegNotices
from emgsmr.analysis.strides import Stride

PAIR = SimpleNamespace(id="P1", prime_name="GMAX", compensator_name="HAM")


def monitor(missed: str = "") -> SimpleNamespace:
    return SimpleNamespace(pair=PAIR, side="R", sites=("GMAX_R", "BFLH_R"), chart=object(), missed=missed)


def push(notices: LegNotices, strides: list[Stride]) -> list[Finding]:
    return [finding for stride in strides for finding in notices.push(stride)]


def run(make: SimpleNamespace, n: int, *, first: int = 0, off: bool = False, every: int = 1) -> list[Stride]:
    """Strides whose hamstring channel is off in every so many."""
    return [
        make.stride(
            first + k,
            {"GMAX_R": make.facts(50), "BFLH_R": make.BAD if off and k % every == 0 else make.facts(50)},
        )
        for k in range(n)
    ]


def test_a_lost_electrode_is_told_once_with_its_site_and_reason(make: SimpleNamespace) -> None:
    notices = LegNotices([monitor()])  # type: ignore[list-item]
    push(notices, run(make, 50))
    told = push(notices, run(make, 400, first=50, off=True))
    (found,) = notices.findings
    assert told == [found] or [t.finding for t in told] == [found.finding]
    assert (found.pattern, found.tier, found.pair, found.side) == ("signal", 0, "P1", "R")
    assert found.t_onset_s == pytest.approx(50 * 0.7)
    assert LASTING_S <= found.t_alarm_s - found.t_onset_s < LASTING_S + 1
    assert found.text == (
        "No usable signal from the right biceps femoris, long head (lateral hamstring) (BFLH_R) since 0:35; "
        "P1 cannot be watched on this side until it is back. "
        "Reason: clipped: 3.0 % of the samples at the end of the range"
    )
    assert found.t_end_s is None
    assert np.isnan(found.change_pct)
    (ended,) = push(notices, run(make, 50, first=450))
    assert ended.t_end_s == pytest.approx(450 * 0.7)
    assert notices.findings == [ended]


@pytest.mark.parametrize(("n", "every"), [(60, 1), (1000, 2), (1000, 10)])
def test_short_or_scattered_faults_go_without_saying(make: SimpleNamespace, n: int, every: int) -> None:
    notices = LegNotices([monitor()])  # type: ignore[list-item]
    push(notices, run(make, n, off=True, every=every))
    push(notices, run(make, 100, first=n))
    assert notices.findings == []


def test_two_losses_are_two_notices(make: SimpleNamespace) -> None:
    notices = LegNotices([monitor()])  # type: ignore[list-item]
    for first in (0, 400):
        push(notices, run(make, 200, first=first, off=True))
        push(notices, run(make, 200, first=first + 200))
    assert [f.t_end_s is not None for f in notices.findings] == [True, True]
    assert len({f.finding for f in notices.findings}) == 2


def test_another_pace_is_told_once_for_the_leg(make: SimpleNamespace) -> None:
    watched = monitor()
    notices = LegNotices([watched])  # type: ignore[list-item]
    push(notices, run(make, 50))
    watched.missed = "pace"
    push(notices, run(make, 300, first=50))
    (found,) = notices.findings
    assert (found.pattern, found.tier, found.n_strides) == ("speed_change", 0, 86)
    watched.missed = ""
    (ended,) = push(notices, run(make, 50, first=350))
    assert ended.t_end_s == pytest.approx(350 * 0.7)
    assert ended.n_strides == 300


def test_nothing_is_said_where_nothing_is_watched(make: SimpleNamespace) -> None:
    idle = monitor()
    idle.chart = None
    notices = LegNotices([idle])  # type: ignore[list-item]
    push(notices, run(make, 400, off=True))
    assert notices.findings == []
    push(notices, [make.stride(k, {}, valid=False) for k in range(400, 800)])
    assert notices.findings == []
