"""From a sensor's packets to blocks of numbered samples: what was lost is known to the sample.

Each packet gets its place (`placing`), waits for those that are late (`in_order`), and leaves as a block.
There is no other clock here than the arrival times: the same packets give the same blocks.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from emgsmr.errors import PacketError
from emgsmr.radio.in_order import Arrival, InOrder
from emgsmr.radio.placing import Placing
from emgsmr.recording import SampleBlock

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from emgsmr.radio.in_order import Numbered
    from emgsmr.sensors import Packet
    from emgsmr.sensors.counter import Numbering

_ECHO_NS = 100_000_000  # a notification that is delivered twice comes twice at once


class Assembler:
    """Numbers the samples of one sensor, from its first one to the end of the session.

    Parameters
    ----------
    sensor : int
        Id that the blocks get; may be set later.
    numbering : Numbering
        How the sensor counts.

    Attributes
    ----------
    channels : int
        0 until the first packet.
    samples : int
        Samples that were handed on.
    missing : int
        Samples that are known to be missing.
    estimated_missing : int
        Those of them whose number is an estimate, right to a few ms: on a new link, of a sensor that counts
        anew or not at all.
    refused : int
        Notifications that were no packet, and packets that fit nowhere.
    last_error : PacketError or None
        What was wrong with the last one that was refused.

    Examples
    --------
    Packets of two samples, each 10 ms, of which two are lost:

    >>> from emgsmr.sensors import Packet
    >>> from emgsmr.sensors.counter import Numbering
    >>> assembler = Assembler(1, Numbering(200.0, 256, late_packets=0))
    >>> for k in (0, 1, 4):
    ...     blocks = assembler.take(10_000_000 * k, [Packet(2 * k, np.full((2, 1), k))])
    >>> blocks[0].first_index, assembler.missing
    (8, 4)
    """

    def __init__(self, sensor: int, numbering: Numbering) -> None:
        self.sensor = sensor
        self.numbering = numbering
        self.channels = self.samples = self.missing = self.estimated_missing = self.refused = 0
        self.last_error: PacketError | None = None
        self._placing = Placing(numbering, self.refuse)
        self._order = InOrder(late=numbering.late_packets if numbering.back else 0)
        self._end = 0
        self._zero = 0  # what `_end` was where the numbers of the blocks begin
        self._pauses = 0  # samples that seem to be missing
        self._echoes = 0
        self._newest: tuple[int, Sequence[Packet]] = (0, ())

    @property
    def end_index(self) -> int:
        """Index after the last sample that was handed on."""
        return self._end - self._zero

    @property
    def repeated(self) -> int:
        """Samples that came more than once (or so late that their place was given up)."""
        return self._order.repeated + self._echoes

    @property
    def possibly_missing(self) -> int:
        """Samples that seem to be missing, of a sensor that cannot know.

        Those in pauses and, if it does not count at all, those by which it fell short of its slowest rate.
        """
        if self.numbering.modulus is not None:
            return self._pauses
        return self._pauses + int(self._placing.envelope.shortage_s() * self.numbering.rate_hz)

    def take(self, arrival_ns: int, packets: Sequence[Packet]) -> list[SampleBlock]:
        """Take the packets of a notification; return the blocks that are now known.

        Parameters
        ----------
        arrival_ns : int, ns
            When the notification came, on the host's monotonic clock.
        packets : sequence of Packet
            In their order, each a run of consecutive samples.
        """
        if self._is_echo(arrival_ns, packets):
            self._echoes += sum(len(packet.counts) for packet in packets)
            return []
        self._newest = (arrival_ns, packets)
        blocks: list[SampleBlock] = []
        for i, packet in enumerate(packets):
            counts = packet.counts
            if counts.shape[1] != self.channels and not self._has_channels(counts.shape[1]):
                continue
            arrival = Arrival(arrival_ns, packet.counter, counts, i == 0, i == len(packets) - 1)
            blocks += self._blocks(self._placing.place(arrival))
        return blocks

    def refuse(self, error: PacketError) -> None:
        """Note a notification that was no packet."""
        self.refused += 1
        self.last_error = error

    def number_anew(self) -> None:
        """Give number 0 to the sample after the last that was handed on."""
        self._zero = self._end

    def flush(self) -> list[SampleBlock]:
        """Number what is held; nothing more will come."""
        blocks = self._blocks(self._placing.flush())
        return blocks + [self._block(packet) for packet in self._order.flush()]

    def restart(self) -> list[SampleBlock]:
        """The link is a new one; the sensor may count from 0 again. Returns what was held."""
        blocks = self._blocks(self._placing.restart())
        return blocks + [self._block(packet) for packet in self._order.flush()]

    def _is_echo(self, arrival_ns: int, packets: Sequence[Packet]) -> bool:
        """Whether it is the notification before, once more."""
        newest_ns, newest = self._newest
        if arrival_ns - newest_ns > _ECHO_NS or len(packets) != len(newest) or not packets:
            return False
        for packet, before in zip(packets, newest, strict=True):
            if packet.counter != before.counter or packet.counts.tobytes() != before.counts.tobytes():
                return False
        # without a counter, a flat signal repeats itself
        return packets[0].counter is not None or any(
            np.ptp(packet.counts, axis=0).any() for packet in packets
        )

    def _has_channels(self, n: int) -> bool:
        if self.channels:
            self.refuse(PacketError(f"a packet of {n} channels after one of {self.channels}"))
            return False
        self.channels = n
        return True

    def _blocks(self, placed: Iterable[Numbered]) -> list[SampleBlock]:
        return [self._block(ready) for numbered in placed for ready in self._order.put(numbered)]

    def _block(self, packet: Numbered) -> SampleBlock:
        gap = packet.first - self._end
        if gap:
            self._count_gap(gap, estimated=min(gap, packet.estimated))
        self._end = end = packet.first + len(packet.counts)
        self.samples += len(packet.counts)
        first = packet.first - self._zero
        if packet.ends:
            stamp = np.array([[end - self._zero, packet.arrival_ns]], dtype=np.int64)
            return SampleBlock(self.sensor, first, packet.counts, stamp)
        return SampleBlock(self.sensor, first, packet.counts)

    def _count_gap(self, n: int, *, estimated: int) -> None:
        self.missing += estimated
        self.estimated_missing += estimated
        if self.numbering.certain and self.numbering.modulus is not None:
            self.missing += n - estimated
        else:
            self._pauses += n - estimated
