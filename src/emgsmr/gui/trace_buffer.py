"""The last seconds of one sensor for drawing: filtered as it comes, kept in a ring, reduced to pixels."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.dsp.filters import HIGHEST
from emgsmr.errors import SamplingRateError
from emgsmr.recording import SampleBlock, SensorInfo

FloatArray = NDArray[np.float64]
Singles = NDArray[np.float32]

BAND_HZ = (30.0, 450.0)
"""What the analysis looks at; the upper corner is lowered to 0.45 of the rate where that is less."""

STEP_S = 0.05
"""The place on the time line moves only where the arrivals disagree by more than this: a picture that is
shifted by every late radio notification would tremble."""

WATCHED_S = 10.0
"""Arrivals over this time decide: some notification among them came without delay."""


class TraceBuffer:
    """One sensor's newest samples, as they are drawn.

    Parameters
    ----------
    info : SensorInfo
    seconds : float, s
        How much is kept.
    """

    def __init__(self, info: SensorInfo, *, seconds: float) -> None:
        self.fs = info.rate_hz
        self._scale = info.scale_uv
        self._sos: FloatArray | None
        try:
            low, high = BAND_HZ[0], min(BAND_HZ[1], HIGHEST * self.fs)
            self._sos = dsp.design_bandpass(low_hz=low, high_hz=high, fs=self.fs)
            self.band_hz: tuple[float, float] | None = (low, high)
        except SamplingRateError:  # too slow for EMG: drawn as it comes, and said
            self._sos = self.band_hz = None
        self._state: FloatArray | None = None
        self._ring = np.full((max(int(np.ceil(seconds * self.fs)), 1), info.channels), np.nan, np.float32)
        self.end_index = 0
        """Sample index after the newest sample."""
        self._offset_s: float | None = None
        self._least_s = np.inf
        self._watched_until = -np.inf

    @property
    def n_bytes(self) -> int:
        """Memory of the ring."""
        return self._ring.nbytes

    @property
    def end_s(self) -> float:
        """Time of the newest sample: on the host's clock, or counted from the first where nothing arrived."""
        return self.end_index / self.fs + (self._offset_s or 0.0)

    def take(self, block: SampleBlock) -> None:
        """Go on with a block; samples missing before it stay missing."""
        missing = block.first_index - self.end_index
        if missing < 0 or block.n == 0:  # told twice, or nothing
            return
        if missing > 0:
            self._state = None
            self._write(
                self.end_index, np.full((min(missing, len(self._ring)), 1), np.nan), block.first_index
            )
        x = block.counts * self._scale
        if self._sos is not None:
            x, self._state = dsp.bandpass(x, sos=self._sos, state=self._state)
        self._write(block.first_index, x, block.end_index)
        self.end_index = block.end_index
        self._watch(block)

    def _write(self, begin: int, rows: NDArray[np.floating[Any]], end: int) -> None:
        """Rows that end before sample ``end``; what is longer than the ring loses its head."""
        size = len(self._ring)
        rows = rows[-size:]
        places = np.arange(max(end - len(rows), begin), end) % size
        self._ring[places] = rows[-len(places) :] if len(places) else rows[:0]

    def _watch(self, block: SampleBlock) -> None:
        """Follow the host's clock by the notifications that came with the least delay."""
        if len(block.arrivals) == 0:
            return
        delays = block.arrivals[:, 1] * 1e-9 - block.arrivals[:, 0] / self.fs
        self._least_s = min(self._least_s, float(delays.min()))
        now_s = float(block.arrivals[-1, 1]) * 1e-9
        if self._offset_s is None:
            self._offset_s, self._watched_until = self._least_s, now_s + WATCHED_S
        elif now_s >= self._watched_until:
            if abs(self._least_s - self._offset_s) > STEP_S:
                self._offset_s = self._least_s
            self._least_s, self._watched_until = np.inf, now_s + WATCHED_S

    def columns(self, edges_s: FloatArray) -> tuple[Singles, Singles]:
        """The lowest and the highest value between times, for one pixel column each.

        Parameters
        ----------
        edges_s : ndarray, shape (n_columns + 1,), s
            Rising, on the clock of ``end_s``.

        Returns
        -------
        low, high : ndarray, shape (n_columns, n_channels), µV
            NaN where a column has no sample, and where one of its samples is missing.
        """
        size = len(self._ring)
        first = max(self.end_index - size, 0)
        index = np.ceil((edges_s - (self._offset_s or 0.0)) * self.fs - 1e-6).astype(np.int64)
        index = np.clip(index, first, self.end_index)
        low = np.full((len(index) - 1, self._ring.shape[1]), np.nan, np.float32)
        high = low.copy()
        filled = np.flatnonzero(index[1:] > index[:-1])
        if len(filled) == 0:
            return low, high
        begin, end = int(index[filled[0]]), int(index[filled[-1] + 1])
        rows = self._rows(begin, end)
        starts = index[filled] - begin
        low[filled] = np.minimum.reduceat(rows, starts, axis=0)
        high[filled] = np.maximum.reduceat(rows, starts, axis=0)
        return low, high

    def _rows(self, begin: int, end: int) -> Singles:
        size = len(self._ring)
        at, to = begin % size, (end - 1) % size + 1
        if at < to:
            return self._ring[at:to]
        return np.concatenate([self._ring[at:], self._ring[:to]])
