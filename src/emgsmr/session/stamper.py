"""The time of each sample of a live session, as the analysis will compute it too."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis.timeline import FittedTimeline
from emgsmr.recording import SampleBlock, SensorInfo

FloatArray = NDArray[np.float64]


class Stamper:
    """Gives one sensor's samples their time, as soon as it is final.

    Parameters
    ----------
    info : SensorInfo
    started_ns : int, ns
        Time 0, on the clock of the arrivals.

    Notes
    -----
    The time line is that of the analysis (`FittedTimeline`): knots are laid one second ahead and never moved,
    so that only the first second has to wait.

    Examples
    --------
    >>> info = SensorInfo(1, "umyo", "", "uMyo", "", 100.0, 1, "<i2", 2.75, "estimated")
    >>> stamper = Stamper(info, started_ns=0)
    >>> arrivals = np.array([[end, (end - 1) * 10_000_000] for end in range(10, 201, 10)])
    >>> first, second = SampleBlock(1, 0, np.zeros((200, 1), dtype=int), arrivals).cut(90)
    >>> stamper.take(first)
    []
    >>> [(len(counts), t_s[[0, -1]].round(6).tolist()) for counts, t_s in stamper.take(second)]
    [(90, [0.0, 0.89]), (110, [0.9, 1.99])]
    """

    def __init__(self, info: SensorInfo, started_ns: int) -> None:
        self.info = info
        self._timeline = FittedTimeline(info.rate_hz, started_ns)
        self._started_ns = started_ns
        self._first_index: int | None = None
        self._end_index = 0
        self._waiting: list[SampleBlock] = []

    def take(self, block: SampleBlock) -> list[tuple[NDArray[Any], FloatArray]]:
        """Counts and times (s) of samples whose time has become known, in order."""
        if self._first_index is None:
            self._first_index = self._end_index = block.first_index
        self._timeline.advance(block.arrivals, first_index=self._first_index, end_index=block.end_index)
        repeated = min(max(self._end_index - block.first_index, 0), block.n)
        self._waiting.append(block.cut(repeated)[1] if repeated else block)
        self._end_index = max(self._end_index, block.end_index)
        return self._told() if self._timeline.end_s > float("-inf") else []

    def rest(self) -> list[tuple[NDArray[Any], FloatArray]]:
        """Those that still wait: of a stream that ended within its first second, placed by its arrivals."""
        fs = self.info.rate_hz
        arrivals = [block.arrivals for block in self._waiting if len(block.arrivals)]
        if not arrivals or self._timeline.end_s > float("-inf"):
            return []
        index, t_ns = np.concatenate(arrivals).T
        offset_s = float(((t_ns - self._started_ns) / 1e9 - (index - 1) / fs).min())  # of its last sample
        waiting, self._waiting = self._waiting, []
        return [
            (block.counts, np.arange(block.first_index, block.end_index) / fs + offset_s)
            for block in waiting
            if block.n
        ]

    def _told(self) -> list[tuple[NDArray[Any], FloatArray]]:
        waiting, self._waiting = self._waiting, []
        return [
            (block.counts, self._timeline.time(np.arange(block.first_index, block.end_index)))
            for block in waiting
            if block.n
        ]
