"""How high each channel's row reaches: fitted once to what is seen, then as the user makes it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from collections.abc import Iterable

    from emgsmr.gui.review.picture import Trace

SCALES = tuple(a * 10.0**k for k in range(-3, 7) for a in (1.0, 2.0, 5.0))
"""Half heights of a row, in its channel's unit."""

Key = tuple[int, int, bool]


class Rows:
    """Center and half height of each channel's row, raw and band-passed apart."""

    def __init__(self) -> None:
        self._centers: dict[Key, float] = {}
        self._halves: dict[Key, float] = {}
        self.touched = False
        """Whether the user has made them larger or smaller."""

    def center(self, trace: Trace) -> float:
        """What is drawn in the middle of a row: 0, or the offset of raw samples."""
        return self._centers.get(_key(trace), 0.0)

    def half(self, trace: Trace) -> float:
        """Half the height of a row, in its channel's unit."""
        return self._halves.get(_key(trace), 100.0)

    def forget(self) -> None:
        """Fit anew with the next `learn`."""
        self._centers.clear()
        self._halves.clear()

    def learn(self, found: Iterable[Trace], *, percentile: float = 99.5) -> None:
        """Fit the rows that have no height yet and something to show."""
        for trace in found:
            if _key(trace) in self._halves:
                continue
            good = trace.values[np.isfinite(trace.values)].astype(np.float64)
            if not len(good):
                continue
            center = 0.0 if trace.filtered else float(np.median(good))
            reach = float(np.percentile(np.abs(good - center), percentile))
            self._centers[_key(trace)] = center
            self._halves[_key(trace)] = next((scale for scale in SCALES if scale >= 1.2 * reach), SCALES[-1])

    def magnify(self, steps: int) -> None:
        """Make all traces larger (or smaller, where negative) by steps of 1, 2, 5."""
        self.touched = True
        for key, half in self._halves.items():
            place = SCALES.index(half) - steps
            self._halves[key] = SCALES[min(max(place, 0), len(SCALES) - 1)]


def _key(trace: Trace) -> Key:
    return trace.channel.sensor, trace.channel.column, trace.filtered
