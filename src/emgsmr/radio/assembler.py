"""From a sensor's notifications to blocks of numbered samples: decode, count, drop what came twice."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgsmr.errors import PacketError
from emgsmr.recording import SampleBlock
from emgsmr.sensors.counter import unwrap

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emgsmr.sensors import Family, Packet

_FRESH_AFTER_NS = 150_000_000  # after a stall, what was held up has come by then
_SAME_COUNTER_S = 0.5  # a counter that went on while the link was down is this close to the clock's estimate,
_SAME_COUNTER_PART = 0.05  # and this part of what is missing: rates differ from their nominal value
_RATE_AFTER_NS = 30_000_000_000  # from then on the sensor's own rate is better known than its nominal one


class Assembler:
    """Numbers the samples of one sensor, from its first one to the end of the session.

    Parameters
    ----------
    sensor : int
        Id that the blocks get; may be set later.
    family : Family

    Attributes
    ----------
    samples, missing, repeated, refused : int
        Samples taken, samples known to be missing, samples that came more than once, notifications that were
        no packet.
    last_error : PacketError or None
        What was wrong with the last refused notification.

    Notes
    -----
    A counter tells losses up to its range. After a stall in which a short counter may have gone round,
    packets are held until the radio has caught up: the arrival of a late packet says nothing about its time,
    that of a fresh one does.
    """

    def __init__(self, sensor: int, family: Family) -> None:
        self.sensor = sensor
        self.family = family
        self.channels = 0
        self.samples = self.missing = self.repeated = self.refused = 0
        self.last_error: PacketError | None = None
        self._expected: int | None = None
        self._shift = 0
        self._arrival_ns = 0  # of the last sample that was taken
        self._first: tuple[int, int] = (0, 0)  # index after the first packet, and its arrival
        self._restarted = False
        self._held: list[tuple[int, Packet, bool]] = []
        modulus = family.counter_modulus
        assert modulus is not None
        self._modulus = modulus
        # with so many samples missing by the clock, the counter alone is not trusted
        self._doubt = modulus * 3 // 8

    @property
    def end_index(self) -> int:
        """Index after the last sample that was numbered."""
        return self._expected or 0

    def refuse(self, error: PacketError) -> None:
        """A notification was no packet."""
        self.refused += 1
        self.last_error = error

    def take(self, arrival_ns: int, packets: Sequence[Packet]) -> list[SampleBlock]:
        """Take the packets of a notification; return the blocks that are now known."""
        blocks: list[SampleBlock] = []
        for packet in packets:
            last = packet is packets[-1]
            if self._held or self._is_doubtful(arrival_ns, packet):
                self._held.append((arrival_ns, packet, last))
            else:
                blocks += self._place(arrival_ns, packet, self._index(arrival_ns, packet), stamped=last)
        if self._held and arrival_ns - self._held[0][0] >= _FRESH_AFTER_NS:
            blocks += self.flush()
        return blocks

    def flush(self) -> list[SampleBlock]:
        """Number what is held; nothing more will come."""
        held, self._held = self._held, []
        if not held or self._expected is None:
            return []
        modulus = self._modulus
        arrival_ns, newest, _ = held[-1]
        index = unwrap(
            (_number(newest) + self._shift) % modulus,
            modulus=modulus,
            expected=self._expected,
            elapsed_samples=self._lost_by_clock(arrival_ns, newest),
        )
        starts = [index]
        for (_, packet, _), (_, later, _) in zip(held[-2::-1], held[:0:-1], strict=True):
            starts.append(starts[-1] - (_number(later) - _number(packet)) % modulus)
        starts.reverse()
        while starts[0] < self._expected - modulus // 8:  # the clock's estimate was short by a whole turn
            starts = [start + modulus for start in starts]
        return [
            block
            for (arrival, packet, last), start in zip(held, starts, strict=True)
            for block in self._place(arrival, packet, start, stamped=last)
        ]

    def restart(self) -> list[SampleBlock]:
        """The link is a new one; the sensor may count from 0 again. Returns what was held."""
        blocks = self.flush()
        self._restarted = self._expected is not None
        return blocks

    def _lost_by_clock(self, arrival_ns: int, packet: Packet) -> float:
        """Samples missing before a packet that came when its last sample was taken."""
        return (arrival_ns - self._arrival_ns) * 1e-9 * self._rate_hz() - len(packet.counts)

    def _rate_hz(self) -> float:
        index, arrival_ns = self._first
        if self._expected is None or self._arrival_ns - arrival_ns < _RATE_AFTER_NS:
            return self.family.rate_hz
        return (self._expected - index) / ((self._arrival_ns - arrival_ns) * 1e-9)

    def _is_doubtful(self, arrival_ns: int, packet: Packet) -> bool:
        if self._expected is None or self._restarted:
            return False
        return self._lost_by_clock(arrival_ns, packet) > self._doubt

    def _index(self, arrival_ns: int, packet: Packet) -> int:
        modulus = self._modulus
        if self._expected is None:
            # A counter that starts at 0 shows what was lost before the first packet came through.
            first = _number(packet) if self.family.counter_restarts and _number(packet) < modulus // 2 else 0
            self._expected = 0
            self._shift = first - _number(packet)
            self._arrival_ns = arrival_ns
            self._first = (first + len(packet.counts), arrival_ns)
            return first
        if self._restarted:
            self._restarted = False
            return self._index_after_restart(arrival_ns, packet)
        return unwrap((_number(packet) + self._shift) % modulus, modulus=modulus, expected=self._expected)

    def _index_after_restart(self, arrival_ns: int, packet: Packet) -> int:
        assert self._expected is not None
        modulus = self._modulus
        lost = max(0, round(self._lost_by_clock(arrival_ns, packet)))
        by_clock = self._expected + lost
        if not self.family.counter_restarts:
            counted = unwrap(
                (_number(packet) + self._shift) % modulus, modulus=modulus, expected=self._expected
            )
            tolerance = _SAME_COUNTER_S * self.family.rate_hz + _SAME_COUNTER_PART * lost
            if counted >= self._expected and abs(counted - by_clock) <= tolerance:
                return counted
        self._shift = by_clock - _number(packet)
        return by_clock

    def _place(self, arrival_ns: int, packet: Packet, index: int, *, stamped: bool) -> list[SampleBlock]:
        """The block of a packet, without what was there before."""
        assert self._expected is not None
        counts = packet.counts
        self.channels = self.channels or counts.shape[1]
        old = min(max(0, self._expected - index), len(counts))
        self.repeated += old
        if old == len(counts):
            return []
        if counts.shape[1] != self.channels:
            self.refused += 1
            self.last_error = PacketError(
                f"a packet of {counts.shape[1]} channels after one of {self.channels}"
            )
            return []
        index += old
        end = index + len(counts) - old
        self.missing += index - self._expected
        self.samples += len(counts) - old
        self._expected = end
        self._arrival_ns = arrival_ns
        if stamped:
            return [
                SampleBlock(self.sensor, index, counts[old:], np.array([[end, arrival_ns]], dtype=np.int64))
            ]
        return [SampleBlock(self.sensor, index, counts[old:])]


def _number(packet: Packet) -> int:
    assert packet.counter is not None
    return packet.counter
