"""Whether a muscle rests as usual, second by second, on seconds made by hand."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pytest

from emgsmr.analysis.quality import Verdict
from emgsmr.analysis.resting import ENOUGH_S, LASTING_S, Resting, Tops
from emgsmr.analysis.seconds import Second

NAN = float("nan")


def second(least_uv: float, most_uv: float = 150.0, state: str = "good") -> Second:
    verdict = Verdict(state, "" if state == "good" else "made so", 0.0)  # type: ignore[arg-type]
    power = (least_uv**2,)
    return Second(
        0, 1000, (verdict,), (0.0,), (1.0,), power, power, (NAN,), power, (most_uv**2,), (least_uv,), (0.0,)
    )


def followed(seconds: Sequence[Second], resting: Resting | None = None, t_s: float = 0.0) -> Resting:
    resting = resting or Resting(0, in_uv=True)
    for k, one in enumerate(seconds):
        resting.second(one, t_s + k + 1.0)
    return resting


def usual(n: int = 60, seed: int = 0) -> list[Second]:
    """Rest of 4 µV between bursts of 150 µV, both within 15 %."""
    rng = np.random.default_rng(seed)
    return [second(4 * np.exp(0.15 * a), 150 * np.exp(0.15 * b)) for a, b in rng.normal(size=(n, 2))]


def test_it_knows_what_is_usual_after_so_many_seconds() -> None:
    assert np.isnan(followed(usual(ENOUGH_S - 1)).rest_uv)
    known = followed(usual())
    assert known.rest_uv == pytest.approx(4.0, rel=0.1)
    assert known.burst_uv == pytest.approx(150 * np.exp(0.15 * 1.28), rel=0.1)  # the upper decile
    assert known.sustained is None


def test_activity_without_rest_begins_with_the_span_of_its_first_second() -> None:
    resting = followed([*usual(), second(40.0), second(45.0), second(50.0)])
    assert resting.sustained is not None
    assert (resting.sustained.t_start_s, resting.sustained.t_end_s) == (59.5, 63.0)
    assert resting.sustained.level_uv == 45.0
    assert resting.share == pytest.approx(45.0 / resting.burst_uv)


@pytest.mark.parametrize(
    ("least_uv", "most_uv", "why"),
    [
        (11.0, 150.0, "less than three times the usual"),
        (14.0, 150.0, "less than a tenth of the burst"),
        (40.0, 500.0, "a tenth of the burst as it is now: the gain, or more effort"),
    ],
)
def test_what_is_not_enough(least_uv: float, most_uv: float, why: str) -> None:
    assert followed([*usual(), second(least_uv, most_uv)]).sustained is None, why


def test_where_the_usual_scatters_more_is_asked_for() -> None:
    """Three standard deviations: of a quiet level that scatters by 100 %, twenty times the mean."""
    rng = np.random.default_rng(1)
    wild = [second(4 * np.exp(rng.normal())) for _ in range(100)]
    assert followed([*wild, second(40.0)], Resting(0, in_uv=True)).sustained is None
    assert followed([*usual(), second(40.0)], Resting(0, in_uv=True)).sustained is not None


def test_an_amplifiers_noise_is_no_activity_where_the_unit_is_known() -> None:
    quiet = [second(0.5, 5.0) for _ in range(60)]
    assert followed([*quiet, second(3.0, 5.0)], Resting(0, in_uv=True)).sustained is None
    assert followed([*quiet, second(3.0, 5.0)], Resting(0, in_uv=False)).sustained is not None


def test_it_may_wane_but_not_cease() -> None:
    begun = [*usual(), second(40.0)]
    assert followed([*begun, second(12.0)]).sustained is not None
    assert followed([*begun, second(6.0)]).sustained is None


def test_seconds_that_cannot_be_judged_are_bridged_for_a_while() -> None:
    begun = [*usual(), second(40.0)]
    bad = [second(4.0, state="motion"), second(NAN), second(0.0, 0.0)]
    resting = followed([*begun, *bad])
    assert resting.sustained is not None
    assert not resting.good
    assert resting.sustained.t_end_s == 61.0
    assert followed([*begun, *bad, second(NAN)]).sustained is None


@pytest.mark.parametrize("state", ["noisy", "motion", "clipped", "flat", "off"])
def test_only_good_seconds_can_be_sustained_or_usual(state: str) -> None:
    assert followed([*usual(), second(40.0, state=state)]).sustained is None
    assert np.isnan(followed([second(4.0, state=state) for _ in range(100)]).rest_uv)


def test_what_lasts_becomes_usual() -> None:
    resting = followed(usual())
    ended = []
    for k in range(400):
        resting.second(second(40.0), 61.0 + k)
        if resting.sustained is not None and resting.sustained.length_s >= 5.0:
            resting.sustained.said = True
        if resting.ended is not None:
            ended.append(resting.ended)
    assert [e.length_s for e in ended] == [LASTING_S + 0.5]
    assert resting.sustained is None
    assert resting.rest_uv == pytest.approx(40.0)


def test_what_was_not_said_ends_silently() -> None:
    resting = followed([*usual(), second(40.0), second(4.0)])
    assert resting.ended is None


def test_tops_are_the_upper_decile_of_the_last_ten_minutes() -> None:
    rng = np.random.default_rng(4)
    values = rng.lognormal(size=1000)
    tops = Tops()
    assert tops.usual == 0.0
    for value in values:
        tops.add(float(value))
    assert tops.usual == np.sort(values[-600:])[(9 * 599) // 10]


def test_garbage_is_neither_usual_nor_an_error() -> None:
    resting = Resting(0, in_uv=True)
    for least, most in ((NAN, NAN), (float("inf"), 1.0), (0.0, 5.0), (1e-300, 1e-300), (1e150, 1e150)) * 50:
        resting.second(second(least, most), 1.0)
    assert resting.sustained is None or np.isfinite(resting.share)
