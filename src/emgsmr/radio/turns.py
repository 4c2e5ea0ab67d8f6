"""How often a counter went round unseen, and where: from the delays of packets that were held for it."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emgsmr.radio.in_order import Arrival

_STEADY_S = 0.025  # delays that fall by less are steady
_UNFIT_S = 2.0  # and those that fit no number of turns are waited for so long
_NEVER = float("inf")
_EVENT_S = 0.003  # what comes within this time of each other comes at one connection event
ORDINARY_S = 0.1  # by which connection intervals and a missed event or two delay a packet


class Held(NamedTuple):
    """What is known of a packet that is held.

    Attributes
    ----------
    arrival_s : float, s
        When it came, from any origin.
    excess_s : float, s
        By how much it came later than at the earliest, if the counter did not go round.
    jump : int, samples
        Missing before it, likewise.
    n : int
        Samples in it.
    """

    arrival_s: float
    excess_s: float
    jump: int
    n: int


class Doubtful(NamedTuple):
    """A packet that is held: itself, its index if the counter did not go round, and what is known of it."""

    arrival: Arrival
    first: int
    known: Held


def bound(excess_s: float, turn_s: float, *, early_s: float) -> int:
    """How often the counter can have gone round at most, if a packet came so late and none comes early.

    >>> [bound(excess_s, 0.5, early_s=0.1) for excess_s in (0.3, 0.41, 1.2)]
    [0, 1, 2]
    """
    return max(0, int((excess_s + early_s) // turn_s))


def likely(excess_s: float, turn_s: float, *, early_s: float) -> int:
    """How often it went round at least, if an ordinary delay is all that was added.

    >>> [likely(excess_s, 0.5, early_s=0.1) for excess_s in (0.3, 0.55, 1.2)]
    [0, 1, 2]
    >>> likely(0.045, 0.016, early_s=0.005)
    0
    """
    least = -int((ORDINARY_S - excess_s) // turn_s)
    return min(max(0, least), bound(excess_s, turn_s, early_s=early_s))


def freshest(held: Sequence[Held], *, settle_s: float, turn_s: float, early_s: float) -> int | None:
    """Which packet tells how often the counter went round; None while that is not settled.

    It is settled when the least delay of the last ``settle_s / 2`` is no shorter than before (what had piled
    up has come through) and is, but for an ordinary delay, that of a number of turns.
    """
    now_s = held[-1].arrival_s
    earlier_s, later_s, fresh = float("inf"), float("inf"), 0
    for i in range(len(held) - 1, -1, -1):
        age_s, excess_s = now_s - held[i].arrival_s, held[i].excess_s
        if age_s > settle_s:
            break
        if age_s > settle_s / 2:
            earlier_s = min(earlier_s, excess_s)
        elif excess_s < later_s:
            later_s, fresh = excess_s, i
    if later_s < earlier_s - min(_STEADY_S, turn_s / 4):
        return None
    rest_s = later_s - turn_s * bound(later_s, turn_s, early_s=early_s)
    if rest_s > ORDINARY_S and now_s - held[0].arrival_s < _UNFIT_S:
        return None
    return fresh


def turns(
    held: Sequence[Held],
    *,
    before_s: float,
    period_s: float,
    turn_s: float,
    early_s: float,
    most: int | None = None,
) -> list[int]:
    """How often the counter had gone round when each packet was sent.

    No packet allows more turns than a later one, and the last one allows just as many as there were. Between
    these bounds it is the likeliest course: the counter goes round where samples are known to be missing and
    where the pause is as long as the loss, and the last packet of a connection event is fresh.

    Parameters
    ----------
    held : sequence of Held
        In the order of their arrival.
    before_s : float, s
        Arrival of the last packet before them.
    period_s, turn_s, early_s : float, s
        From sample to sample; of the counter; and how much earlier than the envelope says a packet may come.
    most : int, optional
        No more than this in all.

    Examples
    --------
    A jump of 3, and 16 more that only the delay shows:

    >>> late = [Held(1.00, 0.030, 0, 7), Held(1.00, 0.023, 3, 7), Held(1.00, 0.017, 0, 7)]
    >>> turns(late, before_s=0.99, period_s=0.001, turn_s=0.016, early_s=0.005)
    [0, 1, 1]
    """
    ceilings = [bound(packet.excess_s, turn_s, early_s=early_s) for packet in held]
    ceiling = ceilings[-1] if most is None else min(ceilings[-1], most)
    for i in range(len(held) - 1, -1, -1):
        ceiling = ceilings[i] = min(ceilings[i], ceiling)
    if not ceilings[-1]:
        return ceilings
    levels = sorted({0, *ceilings})
    fresh_s = held[-1].excess_s - ceilings[-1] * turn_s
    costs = [0.0] + [_NEVER] * (len(levels) - 1)  # of the cheapest course that has reached each level
    came_from: list[list[int]] = []
    delays = [0.0] * len(levels)
    for i, packet in enumerate(held):
        before_s, pause_s = packet.arrival_s, packet.arrival_s - before_s
        origins, reached = [], []
        for level, count in enumerate(levels):
            options = [
                costs[k] + _cost(packet, pause_s, (count - levels[k]) * turn_s, delays[k])
                for k in range(level + 1)
            ]
            origin = min(range(level + 1), key=options.__getitem__)
            origins.append(origin)
            reached.append(options[origin] if count <= ceilings[i] else _NEVER)
        came_from.append(origins)
        costs = reached
        delays = [
            _delay_cost(packet.excess_s - count * turn_s - fresh_s, packet.n * period_s) for count in levels
        ]
    level = levels.index(ceilings[-1])
    course = []
    for origins in reversed(came_from):
        course.append(levels[level])
        level = origins[level]
    return course[::-1]


def _cost(packet: Held, pause_s: float, lost_s: float, delay_cost: float) -> float:
    """How unlikely a packet is after a pause in which so much was lost, beside what its counter says.

    ``delay_cost`` is that of the packet before, if it was the last of its connection event.
    """
    if not lost_s:
        return delay_cost if pause_s > _EVENT_S and not packet.jump else 0.0  # or what followed it was lost
    off_s = abs(pause_s - lost_s)
    misfit = min(6.0, 2.0 * off_s / ORDINARY_S) + 0.1 * off_s / (off_s + lost_s)
    return 6.0 + misfit + (-1e-3 * packet.jump if packet.jump else 3.0)


def _delay_cost(late_s: float, packet_s: float) -> float:
    """How unlikely it is that the last packet of a connection event was so late."""
    return min(5.0, max(0.0, 2.0 * (late_s - _EVENT_S) / packet_s - 2.0))
