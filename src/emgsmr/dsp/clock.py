"""A sensor's sample index as time on the host's clock, from the arrival times of its notifications.

A notification comes late, never early: radio intervals and busy hosts delay and bunch them. The earliest
arrival, relative to the nominal rate, of each second is therefore nearly the true time; a robust line through
the last two minutes of such minima gives offset and drift. Knots are laid one second ahead and never moved,
so each sample's time is final when it is first computed and depends on this sensor's own stream only.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LONG_GAP = 600
"""Seconds (segments) without a notification that are passed over at once: nothing can be learned in them."""

WINDOW = 120
"""Seconds (segments) of minima in the fit: drift of consumer crystals is constant over minutes."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """What `fit_clock` carries from call to call.

    Attributes
    ----------
    segment : int
        Number of the segment (``segment_samples`` long, counted from index 0) that is being collected.
    earliest : tuple of (int, float), optional
        Index and offset of its earliest arrival so far (offset = arrival - index / fs).
    minima : tuple of (int, float)
        Those of the last `WINDOW` complete segments.
    slope : float
        Seconds that the offset changes per sample (0 = the nominal rate is true).
    knot_index, knot_s : tuple
        Knots of the time line so far: sample index, time in s.
    """

    segment: int
    earliest: tuple[int, float] | None = None
    minima: tuple[tuple[int, float], ...] = ()
    slope: float = 0.0
    last_knot: tuple[int, float] | None = None
    residual_s: float = float("nan")
    waiting: tuple[int, ...] = field(default=())


def _median(x: FloatArray) -> float:
    """Median of finite values; numpy's own takes ten times as long for so few."""
    x = np.sort(x)
    middle = len(x) // 2
    return float(x[middle] if len(x) % 2 else (x[middle - 1] + x[middle]) / 2)


def _line(minima: tuple[tuple[int, float], ...], slope: float) -> tuple[float, float, float]:
    """Slope, level and residual of the offsets: median of slopes half a window apart, median level."""
    index = np.array([m[0] for m in minima], dtype=np.float64)
    offset = np.array([m[1] for m in minima])
    half = len(index) // 2
    if len(index) >= 3:
        slope = float(
            _median(
                (offset[half:] - offset[: len(index) - half]) / (index[half:] - index[: len(index) - half])
            )
        )
    rest = offset - slope * index
    level = _median(rest)
    return slope, level, float(np.sqrt(np.mean(np.square(rest - level))))


def fit_clock(
    arrivals: FloatArray, *, fs: float, first_index: int, end_index: int, state: ClockState | None = None
) -> tuple[FloatArray, ClockState]:
    """New knots of a sensor's time line, from the notifications up to ``end_index``.

    Parameters
    ----------
    arrivals : ndarray, shape (n_notifications, 2), index and s
        Sample index after each notification's last sample, and when it came.
    fs : float, Hz
        Nominal rate; the true one may differ by several percent.
    first_index : int
        Index of the first sample of this piece of the stream.
    end_index : int
        Index after the last sample seen so far.
    state : ClockState, optional

    Returns
    -------
    knots : ndarray, shape (n_knots, 2), index and s
        To be appended to the knots of earlier calls; strictly increasing in both columns. Between knots time
        is linear. The first second of a stream has to pass before there are any.
    state : ClockState

    Examples
    --------
    >>> end = np.arange(10, 3001, 10)
    >>> late = np.random.default_rng(0).uniform(0, 0.03, len(end))          # bunched by up to 30 ms
    >>> arrivals = np.column_stack([end, 5 + end / 500 + late])
    >>> knots, _ = fit_clock(arrivals, fs=500, first_index=0, end_index=3000)
    >>> bool(np.abs(knots[:, 1] - (5 + knots[:, 0] / 500)).max() < 0.004)
    True
    """
    step = max(round(fs), 1)
    if state is None:
        state = ClockState(segment=first_index // step, waiting=(first_index,))
    knots: list[tuple[int, float]] = []
    rows = iter(arrivals.tolist())
    row = next(rows, None)
    while True:
        boundary = (state.segment + 1) * step
        earliest = state.earliest
        while row is not None and row[0] <= boundary:
            offset = row[1] - row[0] / fs
            if earliest is None or offset < earliest[1]:
                earliest = (int(row[0]), offset)
            row = next(rows, None)
        state = replace(state, earliest=earliest)
        if end_index < boundary:
            break
        state = _close_segment(state, fs=fs, step=step, knots=knots)
        known = end_index if row is None else min(int(row[0]), end_index)
        if known - boundary > LONG_GAP * step:
            state = _pass_over(state, known // step - 1, fs=fs, step=step, knots=knots)
    return np.array(knots, dtype=np.float64).reshape(-1, 2), state


def _close_segment(state: ClockState, *, fs: float, step: int, knots: list[tuple[int, float]]) -> ClockState:
    """Fit with the segment that ended, and lay the knot at the end of the next."""
    minima = state.minima
    if state.earliest is not None:
        minima = (*minima, state.earliest)[-WINDOW:]
    segment = state.segment + 1
    if not minima:  # nothing has arrived yet (the stream began within a notification)
        return replace(state, segment=segment, earliest=None)
    slope, level, residual = _line(minima, state.slope)

    def time_of(index: int) -> float:
        return index / fs + level + slope * index

    last = state.last_knot
    if last is None:
        begin = state.waiting[0]
        last = (begin, time_of(begin))
        knots.append(last)
        if segment * step > begin:
            last = (segment * step, time_of(segment * step))
            knots.append(last)
    index = (segment + 1) * step
    span = (index - last[0]) / fs
    # a correction is spread over the coming second; time never runs backwards, whatever the radio did
    t = last[1] + float(np.clip(time_of(index) - last[1], 0.5 * span, 2.0 * span))
    knots.append((index, t))
    return ClockState(segment, None, minima, slope, (index, t), residual, state.waiting)


def _pass_over(
    state: ClockState, segment: int, *, fs: float, step: int, knots: list[tuple[int, float]]
) -> ClockState:
    """Go on at ``segment`` after a long gap, at the rate that was fitted before it."""
    last, index = state.last_knot, (segment + 1) * step
    if last is None or index <= last[0]:
        return replace(state, segment=max(segment, state.segment))
    knot = (index, last[1] + (index - last[0]) * (1.0 / fs + state.slope))
    knots.append(knot)
    return replace(state, segment=segment, last_knot=knot)
