"""The strides of one period and their resamples, of both legs together.

What is resampled are units: a stride of the leg with more of them, with the other leg's that begin in it; in
a long period several in a row. So what moves both legs or several muscles alike moves them in each resample.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from emgsmr import dsp
from emgsmr.analysis.periods import Spans, inside
from emgsmr.analysis.stride_arrays import Series, StrideArrays

FloatArray = NDArray[np.float64]

MAX_UNITS = 500
"""More strides than this are resampled in runs, so the cost does not grow with the length of a session."""

LONGER = 3.0
"""Blocks are this much longer than what gives the variance its least error: intervals suffer more from blocks
that are too short (see the coverage in docs/validation.md)."""


class PeriodStrides:
    """The strides of a period.

    Parameters
    ----------
    legs : mapping of side to StrideArrays
    spans : mapping of side to Spans
    stream : int
        Periods that are compared with each other have different ones.
    """

    def __init__(self, legs: Mapping[str, StrideArrays], spans: Mapping[str, Spans], *, stream: int) -> None:
        self._legs = legs
        self._stream = stream
        self._rows = {
            side: np.flatnonzero(inside(leg.t_start_s, spans.get(side, ()))) for side, leg in legs.items()
        }
        lead = max(sorted(self._rows), key=lambda side: len(self._rows[side]))
        n_lead = len(self._rows[lead])
        self.per_unit = max(1, -(-n_lead // MAX_UNITS))
        self.n_units = -(-n_lead // self.per_unit)
        starts = legs[lead].t_start_s[self._rows[lead]]
        self._unit = {
            side: np.maximum(np.searchsorted(starts, legs[side].t_start_s[rows], side="right") - 1, 0)
            // self.per_unit
            for side, rows in self._rows.items()
        }
        self._counts: dict[float, NDArray[np.int16]] = {}
        self._medians: dict[tuple[str, Series, float], FloatArray] = {}
        self._means: dict[tuple[str, str, float], FloatArray] = {}
        self._blocks: dict[tuple[str, Series], float] = {}

    def span(self, sides: Sequence[str]) -> tuple[float, float]:
        """Start of the first and end of the last stride of some legs; NaN without any."""
        starts = [self._legs[s].t_start_s[self._rows[s]] for s in sides]
        ends = [self._legs[s].t_end_s[self._rows[s]] for s in sides]
        if not sum(map(len, starts)):
            return float("nan"), float("nan")
        return float(np.concatenate(starts).min()), float(np.concatenate(ends).max())

    def n_strides(self, side: str) -> int:
        """Strides of a leg, valid at some site or not."""
        return len(self._rows[side])

    def series(self, side: str, series: Series) -> FloatArray:
        """A series over the strides of a leg in the period."""
        return self._legs[side].series(series)[self._rows[side]]

    def shape(self, site: str) -> FloatArray:
        """Profiles of a site, one row per stride."""
        return self._legs[site[-1]].shape[site][self._rows[site[-1]]]

    def center_pct(self, site: str) -> FloatArray:
        """Burst centers of a site, one per stride."""
        return self._legs[site[-1]].center_pct[site][self._rows[site[-1]]]

    def block(self, side: str, series: Series) -> float:
        """Length of blocks (strides) that suits a series: one of a few, so that resamples are shared."""
        key = (side, series)
        if key not in self._blocks:
            values = self.series(side, series)
            n = int(np.isfinite(values).sum())
            wanted = LONGER * float(dsp.block_length(values[:, np.newaxis])[0])
            wanted = max(min(wanted, n / 4.0), float(self.per_unit), 1.0)
            self._blocks[key] = float(2.0 ** (np.ceil(2.0 * np.log2(wanted)) / 2.0))
        return self._blocks[key]

    def counts(self, block: float) -> FloatArray:
        """How often each unit occurs in each resample with blocks of that many strides."""
        if block not in self._counts:
            drawn = dsp.resample_counts(self.n_units, block=block / self.per_unit, stream=self._stream)
            self._counts[block] = drawn.astype(np.int16)  # a quarter of the memory
        return self._counts[block].astype(np.float64)

    def medians(self, side: str, series: Series, block: float) -> FloatArray:
        """Median of a series in each resample."""
        key = (side, series, block)
        if key not in self._medians:
            values = self.series(side, series)[:, np.newaxis]
            found = dsp.resampled_median(values, counts=self.counts(block), unit=self._unit[side])
            self._medians[key] = found[:, 0]
        return self._medians[key]

    def means(self, side: str, values: FloatArray, block: float) -> FloatArray:
        """Mean of each column in each resample; ``values`` has a row for each stride of the leg."""
        return dsp.resampled_mean(values, counts=self.counts(block), unit=self._unit[side])

    def mean_shape(self, site: str, block: float) -> FloatArray:
        """Mean profile of a site in each resample."""
        key = (site[-1], site, block)
        if key not in self._means:
            self._means[key] = self.means(site[-1], self.shape(site), block)
        return self._means[key]

    def forget_resamples(self) -> None:
        """Give back the memory of what can be computed again."""
        self._counts.clear()
        self._means.clear()
