"""The packets of a Ganglion: two ways to put two samples of four channels into 20 bytes."""

from __future__ import annotations

from collections.abc import Sequence
from operator import sub

import numpy as np

from emgsmr.errors import PacketError
from emgsmr.sensors.conversation import Packet

BYTES = 20
CHANNELS = 4
SAMPLES_PER_PACKET = 2
PACKETS_PER_CYCLE = 100  # besides firmware 2's packet 0
ADC = (-(2**23), 2**23 - 1)
PADDING = b"ABCDEFG"  # what firmware 2 writes behind the sample of packet 0

_SHIFTS = {bits: tuple(range(7 * bits, -1, -bits)) for bits in (18, 19)}
_DRIFT = SAMPLES_PER_PACKET * PACKETS_PER_CYCLE + 1  # each difference is right to one count
_ASTRAY = (99, 255)  # what firmware 3.0.1 and 3.0.2 number the first packet after a start
_KEEPS_COUNTING = "3.0.0"  # this one goes on where the last stream ended, and beyond its range


def sends_differences(software: str) -> bool:
    """Whether a unit of this software revision packs differences; one that says nothing is taken for new.

    Examples
    --------
    >>> sends_differences("2.0.1"), sends_differences("3.0.2"), sends_differences("")
    (True, False, False)
    """
    return bool(software) and not software.startswith("3")


def unpack(payload: bytes, bits: int) -> list[int]:
    """Eight fields of so many bits behind the packet's number, unsigned: two samples of four channels."""
    packed = int.from_bytes(payload[1 : 1 + bits], "big")  # eight times so many bits are so many bytes
    mask = (1 << bits) - 1
    return [packed >> shift & mask for shift in _SHIFTS[bits]]


def pack(number: int, fields: Sequence[int], bits: int) -> bytes:
    """Make a packet of eight fields, cut to so many bits; the inverse of `unpack`."""
    packed = 0
    for field in fields:
        packed = packed << bits | field & (1 << bits) - 1
    return bytes([number]) + packed.to_bytes(bits, "big") + bytes(BYTES - 1 - bits)


def _packet(place: int, counts: Sequence[int]) -> Packet:
    """Two samples of packet ``place`` (from 0) of a cycle."""
    samples = np.array(counts, dtype="<i4").reshape(SAMPLES_PER_PACKET, CHANNELS)
    samples.flags.writeable = False
    return Packet(SAMPLES_PER_PACKET * place, samples)


class Absolutes:
    """Firmware 3: each packet holds the upper 18 or 19 bits of two samples.

    Parameters
    ----------
    software : str
    """

    def __init__(self, software: str = "") -> None:
        self._software = software
        self._begun = False
        self._discard = 0

    def take(self, payload: bytes) -> list[Packet]:
        """The samples of a packet; none while the numbers cannot be trusted."""
        number = payload[0]
        if not self._begun:
            self._begun = True
            astray = self._software == _KEEPS_COUNTING and number not in (0, PACKETS_PER_CYCLE)
            self._discard = PACKETS_PER_CYCLE if astray or number in _ASTRAY else 0
        if self._discard:
            self._discard -= 1
            return []
        if number >= 2 * PACKETS_PER_CYCLE:
            raise PacketError(f"a Ganglion with firmware 3 numbers no packet {number}")
        bits = 18 if number < PACKETS_PER_CYCLE else 19
        sign, shift = 1 << bits - 1, 24 - bits
        counts = [(field & ~1 ^ sign) - sign << shift for field in unpack(payload, bits)]
        return [_packet(number % PACKETS_PER_CYCLE, counts)]


class Differences:
    """Firmware 2: packet 0 holds a sample, the hundred that follow the differences from sample to sample.

    After a lost packet there is nothing to which a difference could be added until packet 0 comes again.
    """

    def __init__(self) -> None:
        self._sample: list[int] | None = None  # the last one
        self._place = 0  # its packet within the cycle
        self._payload = b""

    def take(self, payload: bytes) -> list[Packet]:
        """The samples of a packet; none without the packet before it."""
        number = payload[0]
        if number == 0:
            self._sample = [int.from_bytes(payload[i : i + 3], "big", signed=True) for i in (1, 4, 7, 10)]
            self._place, self._payload = 0, payload
            return []
        if number > 2 * PACKETS_PER_CYCLE:
            raise PacketError(f"a Ganglion with firmware 2 numbers no packet {number}")
        bits = 18 if number <= PACKETS_PER_CYCLE else 19
        place = (number - 1) % PACKETS_PER_CYCLE + 1
        if place == self._place and payload == self._payload:
            return []  # delivered twice
        follows = place == self._place + 1
        sample, self._sample = self._sample, None
        if sample is None or not follows:
            return []
        fields = unpack(payload, bits)
        range_ = 1 << bits
        steps = [field - range_ if field & 1 else field for field in fields]
        first = list(map(sub, sample, steps[:CHANNELS]))
        second = list(map(sub, first, steps[CHANNELS:]))
        both = first + second
        lowest, highest = min(both), max(both)
        if lowest < ADC[0] - _DRIFT or highest > ADC[1] + _DRIFT:
            raise PacketError("a Ganglion sends 24-bit samples; these differences lead beyond")
        self._sample, self._place, self._payload = second, place, payload
        if lowest < ADC[0] or highest > ADC[1]:
            both = [max(ADC[0], min(ADC[1], value)) for value in both]
        return [_packet(place - 1, both)]
