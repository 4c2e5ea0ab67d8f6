"""Blocks on their way to a screen in another thread: the newest are kept, who is late loses the oldest."""

from __future__ import annotations

import threading
from collections import deque
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from emgsmr.recording import SampleBlock

MOST_VALUES = 400_000
"""Samples times channels: over ten seconds of eight sensors with four channels at 1 kHz; 3 MB at most."""

MOST_BLOCKS = 10_000


class BlockQueue:
    """Takes blocks in one thread and gives them in another.

    Parameters
    ----------
    most_values : int
        Samples times channels that are kept at most.

    Examples
    --------
    >>> import numpy as np
    >>> from emgsmr.recording import SampleBlock
    >>> queue = BlockQueue(most_values=20)
    >>> for first in (0, 10, 20):
    ...     queue.put(SampleBlock(1, first, np.zeros((10, 1), dtype=int)))
    >>> [block.first_index for block in queue.take()], queue.take()
    ([10, 20], [])
    """

    def __init__(self, most_values: int = MOST_VALUES) -> None:
        self._most_values = most_values
        self._lock = threading.Lock()
        self._blocks: deque[SampleBlock] = deque()
        self._values = 0

    def put(self, block: SampleBlock) -> None:
        """Add a block."""
        with self._lock:
            self._blocks.append(block)
            self._values += block.counts.size
            while len(self._blocks) > 1 and (
                self._values > self._most_values or len(self._blocks) > MOST_BLOCKS
            ):
                self._values -= self._blocks.popleft().counts.size

    def take(self) -> list[SampleBlock]:
        """All that is there; it is empty afterwards."""
        with self._lock:
            blocks, self._blocks = self._blocks, deque()
            self._values = 0
        return list(blocks)
