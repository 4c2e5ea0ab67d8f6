"""How strong and how good the signal of each channel of a sensor is now, for a screen."""

from __future__ import annotations

from collections import deque
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.seconds import SecondChain

if TYPE_CHECKING:
    from collections.abc import Sequence

    from emgsmr.analysis import Settings
    from emgsmr.analysis.quality import Verdict
    from emgsmr.recording import SampleBlock, SensorInfo

FloatArray = NDArray[np.float64]

LEVEL_S = 0.25
"""Of the signal that the level is of: about as long as a burst of a running step."""

MOST_BLOCKS = 4096
"""That wait to be looked at; what is older is not looked at."""


class SensorMeter:
    """Level of all channels of a sensor, and quality of some.

    Takes blocks at once and works on them when it is looked at, so that whoever hands them in never waits.

    Parameters
    ----------
    info : SensorInfo
    judged : sequence of int
        Channels (from 0) whose quality is told.
    settings : Settings

    Attributes
    ----------
    verdicts : dict of int to Verdict
        Of the last whole second, by channel; hum is told whether or not an analysis would subtract it.
    last_ns : int
        When the last samples came; 0 = none yet.

    Examples
    --------
    >>> from emgsmr.analysis import Settings
    >>> from emgsmr.recording import SampleBlock, SensorInfo
    >>> info = SensorInfo(1, "file", "", "demo", "", 1000.0, 1, "<i4", 0.5, "known")
    >>> meter = SensorMeter(info, [0], Settings())
    >>> tone = np.rint(200 * np.sin(2 * np.pi * 100 * np.arange(2000) / 1000))[:, None].astype(int)
    >>> meter.take(SampleBlock(1, 0, tone, np.array([[2000, 2_000_000_000]])))
    >>> meter.look().round().tolist()                       # 100 µV peak, 71 µV RMS
    [71.0]
    """

    def __init__(self, info: SensorInfo, judged: Sequence[int], settings: Settings) -> None:
        self.info = info
        self.verdicts: dict[int, Verdict] = {}
        self.last_ns = 0
        self._judged = list(judged)
        self._sos = dsp.design_bandpass(
            low_hz=settings.low_hz, high_hz=settings.high_hz, fs=info.rate_hz, order=settings.filter_order
        )
        self._settle = dsp.settling_samples(self._sos)
        self._n_level = max(round(LEVEL_S * info.rate_hz), 1)
        # to subtract the hum would cost half of all this, and what is judged is the raw signal
        judging = replace(settings, remove_mains=False)
        self._chain = SecondChain(info, len(self._judged), judging) if self._judged else None
        self._pending: deque[SampleBlock] = deque(maxlen=MOST_BLOCKS)
        self._end_index = -1
        self._filter: FloatArray | None = None
        self._valid_from = 0
        self._recent: FloatArray = np.empty((0, info.channels))
        self._begun: list[NDArray[Any]] = []

    def take(self, block: SampleBlock) -> None:
        """Take in the next block."""
        self._pending.append(block)
        if len(block.arrivals):
            self.last_ns = int(block.arrivals[-1, 1])

    def look(self) -> FloatArray:
        """RMS (µV) of the last quarter of a second, shape (n_channels,); NaN while the filter starts."""
        while self._pending:
            run = [self._pending.popleft()]
            while self._pending and self._pending[0].first_index == run[-1].end_index:
                run.append(self._pending.popleft())
            self._feed(run[0].first_index, np.concatenate([block.counts for block in run]))
        if len(self._recent) < self._n_level:
            return np.full(self.info.channels, np.nan)
        return np.asarray(np.sqrt(np.mean(np.square(self._recent), axis=0)))

    def _feed(self, first_index: int, counts: NDArray[Any]) -> None:
        if not len(counts):
            return
        if first_index != self._end_index:
            self._restart(first_index)
        self._end_index = first_index + len(counts)
        x, self._filter = dsp.bandpass(counts * self.info.scale_uv, sos=self._sos, state=self._filter)
        settled = x[max(self._valid_from - first_index, 0) :]
        self._recent = np.concatenate([self._recent, settled])[-self._n_level :].copy()
        if self._chain is not None:
            self._judge(first_index, counts[:, self._judged])

    def _restart(self, index: int) -> None:
        self._filter = None
        self._valid_from = index + self._settle
        self._recent = np.empty((0, self.info.channels))
        self._begun = []
        if self._chain is not None:
            self._chain.restart()

    def _judge(self, index: int, counts: NDArray[Any]) -> None:
        """Cut where seconds end, on the grid of the sample index, as the analysis does."""
        assert self._chain is not None
        length = self._chain.second
        while len(counts):
            left = length - index % length
            self._begun.append(counts[:left])
            index += len(self._begun[-1])
            counts = counts[left:]
            if index % length == 0:
                whole = np.concatenate(self._begun)
                self._begun = []
                second, _ = self._chain.process(whole, index - len(whole))
                if second is not None:
                    self.verdicts = dict(zip(self._judged, second.verdicts, strict=True))
