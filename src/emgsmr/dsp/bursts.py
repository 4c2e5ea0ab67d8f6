"""Bursts of exercise: where the activation of muscles rises and falls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

LEAD_S = 0.5
"""A burst begins at most this long before it is strong."""


class Burst(NamedTuple):
    """From frame ``start`` to before ``end``; ``fault``: "cut" by a gap or an end of the signal, "long"."""

    start: int
    end: int
    fault: Literal["", "cut", "long"] = ""


@dataclass(frozen=True, slots=True)
class BurstState:
    """What `find_bursts` carries on: the next frame, and since when what goes on."""

    frame: int = 0
    rising: int | None = None
    start: int | None = None
    falling: int | None = None
    cut: bool = False
    fresh: bool = True
    long: bool = False

    @property
    def needed_from(self) -> int:
        """No burst that is still to come begins before this frame."""
        return min(x for x in (self.frame, self.rising, self.start) if x is not None)


def find_bursts(
    activation: FloatArray,
    *,
    fs: float,
    on: float = 0.6,
    off: float = 0.4,
    min_burst_s: float = 0.5,
    min_pause_s: float = 0.3,
    max_burst_s: float = 30.0,
    state: BurstState | None = None,
    last: bool = False,
) -> tuple[list[Burst], BurstState]:
    """Bursts: from where the activation rose above ``off``, if it reaches ``on``, to where it stays below.

    Parameters
    ----------
    activation : ndarray, shape (n_frames,)
        0 to 1; NaN = missing, which cuts a burst off.
    fs : float, Hz
        Frames per second.
    on, off : float
        The two thresholds. A rise that takes longer than `LEAD_S` counts from then before ``on``.
    min_burst_s, max_burst_s : float, s
        A shorter burst is none; a longer one is given out as "long", once, when it has become too long.
    min_pause_s : float, s
        A shorter dip does not end a burst.
    state : BurstState, optional
    last : bool
        No more frames will come.

    Returns
    -------
    bursts : list of Burst
        In frames since the first of all.
    state : BurstState

    Examples
    --------
    >>> x = np.array([0.0] * 9 + [0.5] + [0.9] * 40 + [0.3] * 5 + [0.7] * 20 + [0.0] * 30)
    >>> find_bursts(x, fs=50)[0]
    [Burst(start=9, end=75, fault='')]
    """
    track = _Track(state or BurstState())
    shortest, pause, longest = (round(s * fs) for s in (min_burst_s, min_pause_s, max_burst_s))
    lead = round(LEAD_S * fs)
    bursts: list[Burst] = []
    for value in activation.tolist():
        if value != value:  # missing
            bursts += track.close(track.frame, shortest, cut=True)
            track.rising, track.fresh = None, True
        elif track.start is None:
            track.rise(value, on=on, off=off, lead=lead)
        elif value <= off:
            track.falling = track.frame if track.falling is None else track.falling
            if track.frame - track.falling + 1 >= pause:
                bursts += track.close(track.falling, shortest)
        else:
            track.falling = None
            if track.frame - track.start >= longest and not track.long:
                bursts.append(Burst(track.start, track.frame, "long"))
                track.long = True
        track.frame += 1
    if last and track.start is not None:
        end = track.frame if track.falling is None else track.falling
        bursts += track.close(end, shortest, cut=track.falling is None)
    return bursts, track.state()


class _Track:
    """`BurstState` while it changes, frame by frame."""

    def __init__(self, state: BurstState) -> None:
        self.frame, self.rising, self.start = state.frame, state.rising, state.start
        self.falling, self.cut, self.fresh, self.long = state.falling, state.cut, state.fresh, state.long

    def state(self) -> BurstState:
        return BurstState(self.frame, self.rising, self.start, self.falling, self.cut, self.fresh, self.long)

    def rise(self, value: float, *, on: float, off: float, lead: int) -> None:
        """A frame while no burst goes on: one may begin."""
        if value <= off:
            self.rising, self.fresh = None, False
            return
        if self.rising is None:
            self.rising, self.cut, self.fresh = self.frame, self.fresh, False
        if value > on:
            self.start = max(self.rising, self.frame - lead)
            self.cut = self.cut and self.start == self.rising
            self.falling, self.long = None, False

    def close(self, end: int, shortest: int, *, cut: bool = False) -> list[Burst]:
        """The burst that went on is over, if there was one."""
        start, self.start, self.rising = self.start, None, None
        if start is None or self.long or end - start < shortest:
            return []
        return [Burst(start, end, "cut" if cut or self.cut else "")]
