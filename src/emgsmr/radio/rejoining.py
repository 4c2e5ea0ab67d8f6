"""Where a sensor's numbers go on after its link was down: by its counter if it ran on, else by delays."""

from __future__ import annotations

from typing import TYPE_CHECKING

from emgsmr.radio.turns import bound

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from emgsmr.radio.envelope import Envelope
    from emgsmr.radio.in_order import Arrival

LONG_TURN_S = 60.0
"""A counter that needs longer never goes round while a link is down: it would be given up before."""

_SAME_S, _SAME_PART = 0.03, 0.001  # a counter that went on while the link was down is as close to the clock;
_SAME_LONG_S, _SAME_LONG_PART = (
    5.0,
    0.05,
)  # a long one may be that far: a busy host delays, nothing else would fit


def least_excess_s(
    arrivals: Sequence[Arrival], end: int, *, index: Callable[[int | None, int], int], envelope: Envelope
) -> float:
    """Least excess delay on a new link, if nothing is missing but what its counter says.

    Parameters
    ----------
    arrivals : sequence of Arrival
        What came on it.
    end : int
        Index after the newest sample before it.
    index : callable
        ``index(counter, expected)`` of a packet's first sample.
    envelope : Envelope
        Of the delays before.
    """
    least = float("inf")
    for arrival in arrivals:
        after = index(arrival.counter, end) + len(arrival.counts)
        end = max(end, after)
        least = min(least, envelope.excess(after, arrival.ns))
    return least


def rounds_while_away(excess_s: float, *, pause_s: float, turn_s: float, early_s: float) -> int | None:
    """How often a counter went round while the link was down, None if it did not go on.

    Parameters
    ----------
    excess_s : float, s
        Least excess delay on the new link (`least_excess_s`).
    pause_s : float, s
        Between the last packet of the old link and the first of the new one.
    turn_s : float, s
        Time in which the counter goes round.
    early_s : float, s
        By how much a packet may be early.
    """
    went_round = bound(excess_s, turn_s, early_s=early_s)
    rest_s = abs(excess_s - went_round * turn_s)
    if turn_s >= LONG_TURN_S:
        same_s = _SAME_LONG_S + _SAME_LONG_PART * pause_s
    else:
        same_s = _SAME_S + _SAME_PART * pause_s
    return went_round if rest_s <= min(same_s, turn_s / 4) else None
