"""A sensor's sample index as time on the host's clock, from the arrival times of its notifications.

A notification comes late, never early: it waits for a connection event, for the air and for the host. So each
second bounds the sensor's time line from both sides. No arrival is earlier than the truth; and since packets
and connection events beat against each other, the earliest arrival of a second is late by no more than the
step between the delays seen in it. The lines between all bounds of the last half hour differ by little; the
middle one is taken. What contradicts the newest bounds (another rate, a jump of the index) is forgotten,
oldest first; a burst that comes late contradicts nothing.

Knots are laid one second ahead and never moved, so each sample's time is final when it is first computed and
depends on this sensor's own stream only.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from emgsmr.dsp.bounds import LARGEST_STEP_S, Bound, ceiling, corridor, hull, step_between

FloatArray = NDArray[np.float64]

LONG_GAP = 600
"""Seconds (segments) without a notification that are passed over at once: nothing can be learned in them."""

WINDOW_S = 1800.0
"""Age of the oldest bounds in the fit."""

RATE_ERROR, KNOWN_RATE_ERROR, KNOWN_AFTER = 0.06, 0.001, 30
"""A rate may differ so much from the nominal one; after so many seconds, from what it was a second ago."""

JITTER_S = 0.001
"""By how much the earliest arrivals of seconds may differ for no reason."""

STEPS = 60
"""Seconds of which the upper quartile of the step between delays is taken."""

LATE, LATE_AFTER_GAP = 20, 3
"""Seconds in a row that are late before they count as the new truth."""


@dataclass(frozen=True, slots=True)
class ClockState:
    """What `fit_clock` carries from call to call.

    Attributes
    ----------
    segment : int
        Number of the segment (``segment_samples`` long, counted from index 0) that is being collected.
    begin : int
        Index of the stream's first sample.
    arrivals : tuple of (int, float)
        Last samples of the segment's notifications, and their offsets (arrival - index / fs).
    upper, lower : tuple of (int, float)
        Bounds that can still matter: the convex hulls towards the line.
    steps : tuple of float
        Step between the delays of each of the last `STEPS` segments, s.
    late : tuple of bounds
        Upper and lower bound of the segments in a row that were late, all by about as much.
    since_gap : int
        Segments since the last one without any arrival.
    slope : float
        Seconds that the offset changes per sample (0 = the nominal rate is true).
    last_knot : tuple of (int, float), optional
    residuals : int
        Segments that were not late so far.
    mean_square : float, s²
        Of the earliest arrivals' distances from the line (running over `WINDOW_S`).
    unknown_s : float
        Half the width of what the bounds leave open: nothing in the arrivals tells more.
    """

    segment: int
    begin: int
    arrivals: tuple[Bound, ...] = ()
    upper: tuple[Bound, ...] = ()
    lower: tuple[Bound, ...] = ()
    steps: tuple[float, ...] = ()
    late: tuple[tuple[Bound, Bound], ...] = ()
    since_gap: int = LATE
    slope: float = 0.0
    last_knot: tuple[int, float] | None = None
    residuals: int = 0
    mean_square: float = float("nan")
    unknown_s: float = float("nan")

    @property
    def residual_s(self) -> float:
        """Root mean square of the earliest arrivals' distances from the line, s."""
        return float(np.sqrt(self.mean_square))


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
    >>> arrivals = np.column_stack([end, 5 + (end - 1) / 500 + late])
    >>> knots, _ = fit_clock(arrivals, fs=500, first_index=0, end_index=3000)
    >>> bool(np.abs(knots[:, 1] - (5 + knots[:, 0] / 500)).max() < 0.004)
    True
    """
    step = max(round(fs), 1)
    if state is None:
        state = ClockState(first_index // step, first_index)
    knots: list[tuple[int, float]] = []
    rows = arrivals.tolist()
    done = 0
    while True:
        boundary = (state.segment + 1) * step
        stop = done
        while stop < len(rows) and rows[stop][0] <= boundary:
            stop += 1
        if stop > done:
            # a packet can go out when its last sample was taken
            new = ((int(end) - 1, came - (end - 1) / fs) for end, came in rows[done:stop])
            state = replace(state, arrivals=(*state.arrivals, *new))
        done = stop
        if end_index < boundary:
            break
        state = _close_segment(state, fs=fs, step=step, knots=knots)
        known = end_index if done == len(rows) else min(int(rows[done][0]), end_index)
        if known - boundary > LONG_GAP * step:
            state = _pass_over(state, known // step - 1, fs=fs, step=step, knots=knots)
    return np.array(knots, dtype=np.float64).reshape(-1, 2), state


def _close_segment(state: ClockState, *, fs: float, step: int, knots: list[tuple[int, float]]) -> ClockState:
    """Fit with the segment that ended, and lay the knot at the end of the next."""
    state = _take_bounds(state, fs=fs) if state.arrivals else replace(state, since_gap=0)
    segment = state.segment + 1
    if not state.upper:  # nothing has arrived yet (the stream began within a notification)
        return replace(state, segment=segment)
    index = (segment + 1) * step
    oldest = index - WINDOW_S * fs
    found = corridor(
        tuple(bound for bound in state.upper if bound[0] >= oldest) or state.upper[-1:],
        tuple(bound for bound in state.lower if bound[0] >= oldest) or state.lower[-1:],
        index, fs=fs, slope=state.slope, free=_free(state, fs=fs),
    )  # fmt: skip
    lowest = min(found.lowest + JITTER_S, found.highest)
    level = (lowest + found.highest) / 2

    def time_of(at: int) -> float:
        return at / fs + level + found.slope * (at - index)

    last = state.last_knot
    if last is None:
        last = (state.begin, time_of(state.begin))
        knots.append(last)
        if segment * step > state.begin:
            last = (segment * step, time_of(segment * step))
            knots.append(last)
    span = (index - last[0]) / fs
    # a correction is spread over the coming second; time never runs backwards, whatever the radio did
    t = last[1] + float(np.clip(time_of(index) - last[1], 0.5 * span, 2.0 * span))
    knots.append((index, t))
    if state.arrivals and not state.late:
        earliest = min(offset + at / fs - time_of(at) for at, offset in state.arrivals)
        state = _with_residual(state, earliest)
    return replace(
        state,
        segment=segment, arrivals=(), upper=found.upper, lower=found.lower, slope=found.slope,
        last_knot=(index, t), unknown_s=(found.highest - lowest) / 2,
    )  # fmt: skip


def _with_residual(state: ClockState, residual_s: float) -> ClockState:
    n = min(state.residuals + 1, round(WINDOW_S))
    before = state.mean_square if state.residuals else 0.0
    return replace(state, residuals=n, mean_square=before + (residual_s**2 - before) / n)


def _known(state: ClockState, index: int, *, fs: float) -> float:
    """Offset of the line so far: where nothing just moved it, below the ceiling."""
    assert state.last_knot is not None
    at, t = state.last_knot
    return t - at / fs + state.slope * (index - at)


def _free(state: ClockState, *, fs: float) -> float:
    """By how much the slope may change at once, s per sample."""
    return (RATE_ERROR if state.residuals < KNOWN_AFTER else KNOWN_RATE_ERROR) / fs


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


def _take_bounds(state: ClockState, *, fs: float) -> ClockState:
    """Add what the segment says about the line: not above its earliest arrival, not a step below."""
    first = state.arrivals[0][0]
    delays = [offset - state.slope * (index - first) for index, offset in state.arrivals]
    least = delays.index(min(delays))
    index, earliest = state.arrivals[least]
    steps = (*state.steps, step_between(delays, packet_s=_packet_s(state.arrivals, fs=fs)))[-STEPS:]
    below = (index, earliest - sorted(steps)[3 * len(steps) // 4] - JITTER_S)
    since_gap = min(state.since_gap + 1, LATE)
    upper, lower = state.upper, state.lower
    late: tuple[tuple[Bound, Bound], ...] = ()
    slope, free = state.slope, _free(state, fs=fs)
    if (
        state.last_knot is not None
        and below[1] > _known(state, index, fs=fs)
        and below[1] > ceiling(upper, lower, index, fs=fs, slope=slope, free=free)
    ):
        before = state.late[-1][0] if state.late else (index, np.inf)
        by_as_much = abs(earliest - before[1] - slope * (index - before[0])) < LARGEST_STEP_S
        late = (*(state.late if by_as_much else ()), ((index, earliest), below))
    if len(late) >= (LATE if since_gap >= LATE else LATE_AFTER_GAP):  # no burst: the line has moved
        upper, lower = (late[0][0],), (late[0][1],)
        for above, under in late[1:]:
            upper, lower = hull(upper, above, side=1), hull(lower, under, side=-1)
        late = ()
    else:
        upper = hull(upper, (index, earliest), side=1)
        lower = lower if late else hull(lower, below, side=-1)
    return replace(state, upper=upper, lower=lower, steps=steps, late=late, since_gap=since_gap)


def _packet_s(arrivals: tuple[Bound, ...], *, fs: float) -> float:
    """Time from packet to packet."""
    apart = sorted(b[0] - a[0] for a, b in pairwise(arrivals))
    return apart[len(apart) // 2] / fs if apart else LARGEST_STEP_S
