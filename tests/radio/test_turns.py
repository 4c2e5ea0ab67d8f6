"""How often a counter went round, and where, from delays that were made up."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from emgsmr.radio.turns import Held, bound, freshest, likely, turns

BITALINO = {"period_s": 0.001, "turn_s": 0.016, "early_s": 0.0048}


def made(*events):
    """Held packets of 6 samples at 1 kHz; ``events`` = (arrival in ms, [jump before each packet])."""
    held, index = [], 0
    for arrival_ms, jumps in events:
        for jump in jumps:
            index += jump + 6
            held.append(Held(arrival_ms / 1000, (arrival_ms - index) / 1000, jump, 6))
    return held


def test_a_zero_jump_is_found_by_the_pause():
    held = made((32, [0] * 5), (130, [0] * 3), (160, [0] * 5))  # 80 samples are missing after the first event
    assert turns(held, before_s=0.0, **BITALINO) == [0] * 5 + [5] * 8


def test_a_jump_takes_the_turns_rather_than_its_neighbors():
    held = made((52, [0, 0, 4, 0, 0]), (82, [0] * 5))  # 20 samples are missing at the jump
    assert turns(held, before_s=0.022, **BITALINO) == [0, 0] + [1] * 8


def test_none_are_counted_if_a_later_packet_is_on_time():
    held = [Held(5.0, 5.0 - 0.02 * k, 0, 10) for k in range(250)]
    assert turns(held, before_s=0.0, period_s=0.002, turn_s=0.512, early_s=0.15) == [0] * 250


@given(
    st.lists(st.tuples(st.floats(0, 0.1), st.floats(0, 3), st.integers(0, 200)), min_size=1, max_size=40),
    st.none() | st.integers(0, 3),
)
def test_turns_never_fall_and_never_exceed_what_a_packet_allows(packets, most):
    arrival_s, held = 0.0, []
    for pause_s, excess_s, jump in packets:
        arrival_s += pause_s
        held.append(Held(arrival_s, excess_s, jump, 10))
    counted = turns(held, before_s=0.0, period_s=0.002, turn_s=0.512, early_s=0.15, most=most)
    assert counted == sorted(counted)
    assert all(n <= bound(p.excess_s, 0.512, early_s=0.15) for n, p in zip(counted, held, strict=True))
    ceiling = bound(held[-1].excess_s, 0.512, early_s=0.15)
    assert counted[-1] == (ceiling if most is None else min(ceiling, most))


@given(st.floats(-1, 100), st.floats(0.001, 2))
def test_a_likely_number_is_possible(excess_s, turn_s):
    assert (
        0 <= likely(excess_s, turn_s, early_s=0.3 * turn_s) <= bound(excess_s, turn_s, early_s=0.3 * turn_s)
    )


def steady(excesses_s):
    return [Held(0.02 * k, excess_s, 0, 10) for k, excess_s in enumerate(excesses_s)]


def test_a_backlog_that_dwindles_is_not_settled():
    falling = steady([3.0 - 0.05 * k for k in range(30)])
    assert freshest(falling, settle_s=0.3, turn_s=0.512, early_s=0.15) is None


def test_a_steady_delay_of_whole_turns_is_settled():
    held = steady([1.024 + 0.01 * (k % 3) for k in range(30)])
    assert freshest(held, settle_s=0.3, turn_s=0.512, early_s=0.15) in range(22, 30)


def test_a_steady_delay_that_fits_no_turns_is_waited_for():
    assert freshest(steady([0.8] * 30), settle_s=0.3, turn_s=0.512, early_s=0.15) is None
    assert freshest(steady([0.8] * 110), settle_s=0.3, turn_s=0.512, early_s=0.15) is not None
