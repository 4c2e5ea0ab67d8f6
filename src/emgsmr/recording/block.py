"""A block of samples as a sensor sent them: what the radio hands on, the file holds, the pipeline reads."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import pairwise
from typing import TYPE_CHECKING, Any

import numpy as np

from emgsmr.errors import ArgumentError

if TYPE_CHECKING:
    from collections.abc import Sequence

    from numpy.typing import NDArray

NO_ARRIVALS = np.empty((0, 2), dtype=np.int64)
NO_ARRIVALS.flags.writeable = False


@dataclass(frozen=True, slots=True, eq=False)
class SampleBlock:
    """Consecutive samples of one sensor.

    Attributes
    ----------
    sensor : int
        The sensor's id within its recording.
    first_index : int
        Sample index of the first row, counted from the sensor's first sample. Lost samples count too:
        a jump between two blocks is a gap.
    counts : ndarray of int, shape (n_samples, n_channels), ADC counts
        Read-only, as the sensor sent them.
    arrivals : ndarray of int64, shape (n_notifications, 2)
        For each radio notification that ends in this block: the sample index after its last sample, and the
        host's monotonic clock (ns) when it came. Empty for samples that came from a file. An arrival
        belongs to its notification's last sample, so cutting a block anywhere changes no arrival.

    Examples
    --------
    >>> block = SampleBlock(1, 100, np.arange(6).reshape(3, 2), np.array([[103, 5_000_000]]))
    >>> head, tail = block.cut(2)
    >>> head.counts.tolist(), head.arrivals.tolist()
    ([[0, 1], [2, 3]], [])
    >>> tail.first_index, tail.arrivals.tolist()
    (102, [[103, 5000000]])
    >>> SampleBlock.join([head, tail]).counts.tolist() == block.counts.tolist()
    True
    """

    sensor: int
    first_index: int
    counts: NDArray[np.integer[Any]]
    arrivals: NDArray[np.int64] = field(default_factory=lambda: NO_ARRIVALS)

    def __post_init__(self) -> None:
        if self.counts.ndim != 2:
            raise ArgumentError(f"counts must be (n_samples, n_channels), not {self.counts.shape}")
        view = self.counts.view()
        view.flags.writeable = False
        object.__setattr__(self, "counts", view)

    @property
    def n(self) -> int:
        """Number of samples."""
        return len(self.counts)

    @property
    def end_index(self) -> int:
        """Sample index after the last row."""
        return self.first_index + len(self.counts)

    def cut(self, n: int) -> tuple[SampleBlock, SampleBlock]:
        """Split into the first ``n`` samples and the rest."""
        middle = self.first_index + n
        early = self.arrivals[:, 0] <= middle
        return (
            SampleBlock(self.sensor, self.first_index, self.counts[:n], self.arrivals[early]),
            SampleBlock(self.sensor, middle, self.counts[n:], self.arrivals[~early]),
        )

    @staticmethod
    def join(blocks: Sequence[SampleBlock]) -> SampleBlock:
        """One block from blocks of one sensor that follow each other without a gap."""
        first = blocks[0]
        if len(blocks) == 1:
            return first
        for before, after in pairwise(blocks):
            if after.first_index != before.end_index or after.sensor != before.sensor:
                raise ArgumentError("only blocks of one sensor that follow each other can be joined")
        arrivals = [block.arrivals for block in blocks if len(block.arrivals)]
        return SampleBlock(
            first.sensor,
            first.first_index,
            np.concatenate([block.counts for block in blocks]),
            np.concatenate(arrivals) if arrivals else NO_ARRIVALS,
        )
