"""The place of each packet among a sensor's samples: by its counter, and where that is not enough, by time.

Almost all packets follow the one before and are placed at once. Three things make one wait:

- *doubt*: so much time has passed that the counter may have gone round (`turns`). It waits until a packet
  comes that is on time, or until the delays are steady and so tell how often it went round.
- *a new link*, to a sensor that counts anew: its place is where its delays fit those before.
- *a stray*: a counter that makes no sense. It waits until others confirm it (the sensor counts anew) or do
  not (garbage).
"""

from __future__ import annotations

from collections import deque
from typing import TYPE_CHECKING

from emgsmr.radio.envelope import Envelope
from emgsmr.radio.in_order import Arrival, Numbered
from emgsmr.radio.rejoining import LONG_TURN_S, least_excess_s, rounds_while_away
from emgsmr.radio.strays import Strays, is_old
from emgsmr.radio.turns import ORDINARY_S, Doubtful, Held, freshest, likely, turns
from emgsmr.sensors.counter import unwrap

if TYPE_CHECKING:
    from collections.abc import Callable

    from emgsmr.errors import PacketError
    from emgsmr.sensors import Counts
    from emgsmr.sensors.counter import Numbering

_SHORT_TURN_S = 0.1  # a counter that goes round within the ordinary delays of a radio
_EARLY_PART = 0.3  # of a turn: by so much a packet may be early; by the rest it may be late
_EARLY_S = 0.1  # by more no packet is early, and in the first second of a stream
_EARLY_YOUNG_S = 1.0
_SETTLE_S, _SETTLE_SHORT_S = 0.3, 0.5  # so long have the delays to be steady
_GIVE_UP_S = 10.0  # a backlog that dwindles is waited for so long
_OLD = 64  # packets that an old one is compared with
_DENIED, _FORGIVEN = 5.0, 0.02  # hints that may be denied at once, and for each packet
_PAUSE_S = 0.25  # without a counter, a shorter pause is no sign of loss


class Placing:
    """Places the packets of one sensor.

    Parameters
    ----------
    numbering : Numbering
    refuse : callable
        Told the error of each packet that cannot be placed.

    Attributes
    ----------
    envelope : Envelope
        Of the packets that were placed.
    """

    def __init__(self, numbering: Numbering, refuse: Callable[[PacketError], None]) -> None:
        self.envelope = Envelope(numbering.rate_hz, numbering.rate_tolerance)
        self._numbering = numbering
        self._strays = Strays(numbering.modulus or 1, refuse)
        self._modulus = numbering.modulus
        self._back = numbering.back
        self._set_turn(numbering.modulus or 1)
        self._end: int | None = None  # index after the newest sample that was placed
        self._end_ns = 0  # its arrival
        self._shift = 0  # index = counter + shift, modulo the modulus
        self._recent: deque[tuple[int, Counts]] = deque()  # what an old packet is compared with
        self._queue: deque[Arrival] = deque()
        self._doubtful: list[Doubtful] = []
        self._doubtful_end = 0
        self._link_is_new = False
        self._on_new_link: list[Arrival] = []
        self._denied = 0.0  # hints
        self._estimated = 0  # samples that are missing before the next packet by an estimate

    def place(self, *arrivals: Arrival) -> list[Numbered]:
        """Take packets; give those whose place is now known."""
        self._queue.extend(arrivals)
        placed: list[
            Numbered
        ] = []  # what was held and is let go comes back into the queue, before newer ones
        while self._queue:
            placed += self._step(self._queue.popleft())
        return placed

    def _step(self, arrival: Arrival) -> list[Numbered]:
        if self._end is None:
            self._begin(arrival)
        elif self._link_is_new:
            self._on_new_link.append(arrival)
            return self._join() if self._can_join() else []
        assert self._end is not None
        if self._doubtful:
            self._hold(arrival)
            return self._resolve()
        index = self._lowest(arrival, self._end)
        excess_s = self.envelope.excess(index + len(arrival.counts), arrival.ns)
        if excess_s >= self._doubt_s and self._is_doubt(excess_s):
            self._strays.drop()
            self._doubtful_end = self._end
            self._hold(arrival)
            return []
        if index != self._end:
            if self._back and index > self._end and excess_s < self._earliest_s(arrival.ns):
                self._on_new_link = self._strays.keep(arrival)
                self._link_is_new = bool(self._on_new_link)
                return []
            if not self._numbering.certain and excess_s < -self._early_s:
                self._deny_hint(arrival, index)
                self._queue.appendleft(arrival)
                return []
        self._strays.drop()
        return [self._accept(arrival, index)]

    def flush(self) -> list[Numbered]:
        """Place what waits, with what is known."""
        self._strays.drop()
        placed = []
        if self._on_new_link:
            placed = [*self._join(), *self.place()]
        if self._doubtful:
            excess_s = self._doubtful[-1].known.excess_s
            most = likely(excess_s, self._turn_s, early_s=self._early_s)
            # of a counter that goes round within a missed event or two, the end of a stream tells nothing
            placed += self._release(len(self._doubtful), most=most if self._turn_s > _SHORT_TURN_S else 0)
        return placed + self.place()

    def restart(self) -> list[Numbered]:
        """The link is a new one. Gives what waited."""
        placed = self.flush()
        self._link_is_new = self._end is not None
        return placed

    # -- by the counter ---

    def _set_turn(self, samples: int) -> None:
        self._turn_samples = samples
        self._turn_s = samples / self._numbering.rate_hz
        self._early_s = _EARLY_PART * self._turn_s
        self._doubt_s = self._turn_s - self._early_s if self._modulus else max(_PAUSE_S, 4 * self._turn_s)

    def _begin(self, arrival: Arrival) -> None:
        """Number the first packet: a counter that starts at 0 shows what was lost before it."""
        self._end = 0
        self._end_ns = arrival.ns
        if arrival.counter is None or self._modulus is None:
            self._set_turn(len(arrival.counts))  # each packet could be the one after a lost one
            return
        numbering = self._numbering
        shows = numbering.restarts and numbering.certain and arrival.counter < self._modulus // 2
        self._shift = 0 if shows else -arrival.counter

    def _index(self, counter: int | None, expected: int) -> int:
        if counter is None or self._modulus is None:
            return expected
        modulus = self._modulus
        return unwrap((counter + self._shift) % modulus, modulus=modulus, expected=expected, back=self._back)

    def _lowest(self, arrival: Arrival, expected: int) -> int:
        """Lowest index that a packet can have."""
        index = self._index(arrival.counter, expected)
        if index < expected:
            held = ((waiting.first, waiting.arrival.counts) for waiting in self._doubtful[-_OLD:])
            # only a repeated packet, no late one, comes as late as after a turn
            is_soon = self.envelope.excess(index, arrival.ns) < self._doubt_s
            late = self._numbering.late_packets if is_soon else -1
            if not is_old(index, arrival.counts, [*self._recent, *held], late=late):
                index += self._turn_samples
        return index

    def _earliest_s(self, arrival_ns: int) -> float:
        """Least excess delay that a packet can have by any error of the envelope."""
        early_s = _EARLY_S if self.envelope.is_mature else _EARLY_YOUNG_S
        return -early_s - self._numbering.rate_tolerance * (arrival_ns - self._end_ns) * 1e-9

    def _deny_hint(self, arrival: Arrival, index: int) -> None:
        """A hint that the clock denies is none; a sensor whose hints are often denied gives none."""
        assert self._end is not None
        self._shift += self._end - index
        self._denied += 1.0
        if self._denied > _DENIED:
            self._modulus = None
            self._set_turn(len(arrival.counts))

    def _accept(self, arrival: Arrival, index: int) -> Numbered:
        end = index + len(arrival.counts)
        self.envelope.add(end, arrival.ns)
        assert self._end is not None
        if end > self._end:
            self._end = end
            self._end_ns = arrival.ns
        if self._back:
            recent = self._recent
            recent.append((index, arrival.counts))
            while recent[0][0] < end - self._back:
                recent.popleft()
        self._denied = max(0.0, self._denied - _FORGIVEN)
        estimated, self._estimated = self._estimated, 0
        return Numbered(index, arrival.counts, arrival.ns, arrival.opens, arrival.ends, estimated)

    # -- doubt ---

    def _is_doubt(self, excess_s: float) -> bool:
        if self._turn_s < _SHORT_TURN_S and not self.envelope.is_mature:
            return excess_s >= ORDINARY_S
        return self._turn_s < LONG_TURN_S

    def _hold(self, arrival: Arrival) -> None:
        doubtful, n = self._doubtful, len(arrival.counts)
        expected = self._doubtful_end
        index = self._lowest(arrival, expected)
        excess_s = self.envelope.excess(index + n, arrival.ns)
        known = Held(arrival.ns * 1e-9, excess_s, max(0, index - expected), n)
        doubtful.append(Doubtful(arrival, index, known))
        self._doubtful_end = max(expected, index + n)

    def _resolve(self) -> list[Numbered]:
        """Release what is held, as far as it is known by now."""
        doubtful = self._doubtful
        newest = doubtful[-1].known
        if newest.excess_s < self._doubt_s:
            return self._release(len(doubtful), most=0)
        held_s = newest.arrival_s - doubtful[0].known.arrival_s
        settle_s = _SETTLE_SHORT_S if self._turn_s < _SHORT_TURN_S else _SETTLE_S
        if held_s < settle_s:
            return []
        if held_s >= _GIVE_UP_S:
            return self._release(len(doubtful), most=0)
        fresh = freshest(
            [waiting.known for waiting in doubtful],
            settle_s=settle_s,
            turn_s=self._turn_samples * self.envelope.period_s,
            early_s=self._early_s,
        )
        return [] if fresh is None else self._release(fresh + 1)

    def _release(self, n: int, *, most: int | None = None) -> list[Numbered]:
        """Place the first ``n`` of those that are held, and see about the others."""
        known, rest = self._doubtful[:n], self._doubtful[n:]
        self._doubtful = []
        counted = turns(
            [doubtful.known for doubtful in known],
            before_s=self._end_ns * 1e-9,
            period_s=self.envelope.period_s,
            turn_s=self._turn_samples * self.envelope.period_s,
            early_s=self._early_s,
            most=most,
        )
        placed = [
            self._accept(doubtful.arrival, doubtful.first + went_round * self._turn_samples)
            for doubtful, went_round in zip(known, counted, strict=True)
        ]
        self._queue.extendleft(doubtful.arrival for doubtful in reversed(rest))
        return placed

    # -- a new link ---

    def _can_join(self) -> bool:
        if self._on_new_link[-1].ns - self._on_new_link[0].ns >= _SETTLE_SHORT_S * 1e9:
            return True
        return self._turn_s >= LONG_TURN_S and self._went_on() is not None

    def _join(self) -> list[Numbered]:
        """Place the first packet on a new link, and let the others follow; its delays may be other ones."""
        waiting, end = self._on_new_link, self._end
        assert end is not None
        went_on = self._went_on()
        if went_on is not None:
            self._end = end + went_on
        else:
            first = waiting[0].counter
            if first is not None:
                self._shift = end - first
            lost = max(0, round(self._freshest_s() / self.envelope.period_s))
            self._shift += lost
            self._end = end + lost
            self._estimated = lost
        self._on_new_link = []
        self._link_is_new = False
        self._recent.clear()
        self._queue.extendleft(reversed(waiting[1:]))
        return [self._accept(waiting[0], self._index(waiting[0].counter, self._end))]

    def _went_on(self) -> int | None:
        """Samples by which the counter went round while the link was down; None if it did not go on."""
        if self._modulus is None or self._numbering.restarts or not self._numbering.certain:
            return None
        went_round = rounds_while_away(
            self._freshest_s(),
            pause_s=(self._on_new_link[0].ns - self._end_ns) * 1e-9,
            turn_s=self._modulus * self.envelope.period_s,
            early_s=self._early_s,
        )
        return None if went_round is None else went_round * self._modulus

    def _freshest_s(self) -> float:
        assert self._end is not None
        return least_excess_s(self._on_new_link, self._end, index=self._index, envelope=self.envelope)
