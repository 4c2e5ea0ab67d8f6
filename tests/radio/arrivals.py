"""A radio on paper: which packets of a sensor arrive, and when. It knows every sample that it withholds.

A sensor takes samples at its own rate and sends them in notifications, which come through at connection
events: several at once, an event now and then missed, a host that stalls for seconds. The counts of each
sample are its own number, so that whoever numbers them can be checked sample by sample.
"""

from __future__ import annotations

import math
import random
from dataclasses import dataclass, field

import numpy as np

from emgsmr.sensors import Packet
from emgsmr.sensors.counter import Numbering

START_NS = 10**9


@dataclass(frozen=True)
class Kind:
    """How a sensor counts and sends; ``frame_bytes`` for a byte stream that is cut into pieces of 20."""

    numbering: Numbering
    n: int
    rate_error: tuple[float, float] = (-200e-6, 200e-6)
    frame_bytes: int = 0


KINDS = {
    "umyo": Kind(Numbering(1116.0, 2**32), 24, (-0.03, 0.03)),
    "npg_lite": Kind(Numbering(500.0, 256, restarts=True, rate_tolerance=1e-3), 10),
    "ganglion": Kind(Numbering(200.0, 200, restarts=True, rate_tolerance=0.01), 2, (-0.0052, -0.0048)),
    "gforce_numbered": Kind(Numbering(500.0, 524288, restarts=True, rate_tolerance=0.01), 8),
    "shimmer": Kind(Numbering(512.0, 524288, rate_tolerance=1e-3), 7),
    "bitalino": Kind(Numbering(1000.0, 16, restarts=True, rate_tolerance=5e-4), 6, frame_bytes=3),
    "bitalino_2": Kind(Numbering(1000.0, 16, restarts=True, rate_tolerance=5e-4), 5, frame_bytes=4),
    "bitalino_whole": Kind(Numbering(1000.0, 16, restarts=True, rate_tolerance=5e-4), 6),
    "myo": Kind(Numbering(200.0, 8, certain=False, rate_tolerance=0.01), 2, (-0.005, 0.005)),
    "gforce": Kind(Numbering(500.0, None, certain=False, rate_tolerance=0.01), 16, (-0.005, 0.005)),
}


@dataclass(frozen=True)
class Sent:
    """A notification: its samples, from ``first`` to before ``stop``, and when it was complete."""

    first: int
    stop: int
    t_s: float


@dataclass
class Radio:
    """What lies between a sensor and the host; all times in s from the first sample."""

    kind: Kind
    seed: int
    interval_s: float = 0.03
    missed_events: float = 0.02
    jitter_s: float = 0.001
    stalls: list[tuple[float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.random = random.Random(self.seed)
        self.rate_hz = self.kind.numbering.rate_hz * (1 + self.random.uniform(*self.kind.rate_error))
        self.drift = self.random.uniform(-10e-6, 10e-6)
        self.phase_s = self.random.uniform(0, self.interval_s)

    def taken_s(self, index: float) -> float:
        """When a sample is taken, by a clock whose rate sways a little."""
        t_s = index / self.rate_hz
        return t_s + self.drift * 60 * math.sin(t_s / 60)

    def sent(self, seconds: float) -> list[Sent]:
        """All notifications."""
        size = self.kind.frame_bytes
        sent: list[Sent] = []
        first = 0
        while not sent or sent[-1].t_s < seconds:
            k = len(sent) + 1
            stop = 20 * k // size if size else self.kind.n * k
            last = math.ceil(20 * k / size) if size else stop  # the frame that has the last byte
            sent.append(Sent(first, stop, self.taken_s(last)))
            first = stop
        return sent

    def received(self, sent: list[Sent], lost: set[int]) -> list[tuple[int, list[Packet], int]]:
        """(arrival, packets, number of the notification) of all that are not lost."""
        numbering = self.kind.numbering
        arrived, event_s, at_s, before_ns = [], self.phase_s, -1.0, 0
        for k, notification in enumerate(sent):
            while event_s < notification.t_s or (
                at_s < event_s and self.random.random() < self.missed_events
            ):
                event_s += self.interval_s
            at_s = event_s
            if k in lost:
                continue
            first = notification.first
            if self.kind.frame_bytes and k - 1 in lost:
                first = math.ceil(20 * k / self.kind.frame_bytes)  # its head is missing
            t_s = event_s + self.random.uniform(0, self.jitter_s)
            for begin_s, end_s in self.stalls:
                if begin_s <= t_s < end_s:
                    t_s = end_s
            arrival_ns = max(START_NS + round(t_s * 1e9), before_ns + 20_000)
            before_ns = arrival_ns
            counts = np.arange(first, notification.stop, dtype=np.int32)[:, None]
            counter = None if numbering.modulus is None else first % numbering.modulus
            if len(counts):
                arrived.append((arrival_ns, [Packet(counter, counts)], k))
        return arrived


def singles_and_gaps(
    sent: list[Sent], rng: random.Random, *, singles: float, gaps_s: list[float]
) -> set[int]:
    """Numbers of notifications to withhold: never the first, so that the first sample is known."""
    lost = {k for k in range(1, len(sent)) if rng.random() < singles}
    period_s = sent[-1].t_s / len(sent)
    for gap_s in gaps_s:
        begin = rng.randrange(1, len(sent))
        lost |= set(range(begin, min(len(sent), begin + max(1, round(gap_s / period_s)))))
    return lost


def truly_missing(received: list[tuple[int, list[Packet], int]]) -> int:
    """Samples that are missing among those that came, from sample 0 on."""
    indices = {int(i) for _, packets, _ in received for packet in packets for i in packet.counts[:, 0]}
    return max(indices) + 1 - len(indices)
