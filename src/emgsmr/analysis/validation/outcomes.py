"""What became of each watched minute: an event within the horizon, none, or nobody knows.

A session that ends without an event, sooner than the horizon, says nothing about its last minutes. Leaving
only these out would leave the late minutes to sessions with an event, and anything that grows with time would
look like a forecast. So minutes that are known count for those that are not (inverse probability of
censoring; Uno et al. 2007, Blanche et al. 2013), and minutes that no session could answer count for none.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from emgsmr.analysis.validation.session import RunnerSession

FloatArray = NDArray[np.float64]

LEAST_FOLLOWED = 0.1
"""Minutes whose horizon fewer than a tenth of the sessions would have reached do not count: their weights
would rest on a few sessions."""


class Outcomes(NamedTuple):
    """The minutes whose outcome is known.

    Attributes
    ----------
    session, minute : ndarray of int, shape (n,)
        Where each comes from.
    positive : ndarray of bool, shape (n,)
        Whether an event followed within the horizon.
    weight : ndarray, shape (n,)
    """

    session: NDArray[np.int64]
    minute: NDArray[np.int64]
    positive: NDArray[np.bool_]
    weight: FloatArray

    def of(self, values: Sequence[FloatArray]) -> FloatArray:
        """Values of each session's minutes, for the minutes that are known."""
        begin = np.concatenate([[0], np.cumsum([len(own) for own in values])])
        every = np.concatenate([*values, np.empty(0)])
        return np.asarray(every[begin[self.session] + self.minute], dtype=np.float64)


def still_followed(followed_s: FloatArray, ended_by_event: NDArray[np.bool_], at_s: FloatArray) -> FloatArray:
    """Part of the sessions that would still be watched just before a time if no event had ended them.

    The Kaplan-Meier estimate of the time to the end of a recording, events being what censors it.

    Examples
    --------
    >>> followed, event = np.array([10.0, 20.0, 30.0, 40.0]), np.array([False, True, False, False])
    >>> still_followed(followed, event, np.array([10.0, 25.0, 31.0])).tolist()
    [1.0, 0.75, 0.375]
    """
    order = np.argsort(followed_s, kind="stable")
    ends, n_ended = np.unique(followed_s[~ended_by_event], return_counts=True)
    longer = len(order) - np.searchsorted(followed_s[order], ends, side="right")
    steps = np.concatenate([[1.0], np.cumprod(1.0 - n_ended / (longer + n_ended))])
    return np.asarray(steps[np.searchsorted(ends, at_s, side="left")])


def outcomes(sessions: Sequence[RunnerSession], *, horizon_s: float) -> Outcomes:
    """Label the watched minutes of all sessions.

    Parameters
    ----------
    sessions : sequence of RunnerSession
    horizon_s : float, s

    Returns
    -------
    Outcomes
    """
    followed = np.array([s.end_s - s.start_s for s in sessions], dtype=np.float64)
    event = np.array([s.event_s is not None for s in sessions], dtype=bool)
    longest = float(followed.max(initial=0.0))
    sizes = [len(session.t_s) for session in sessions]
    all_known = still_followed(
        followed, event, np.concatenate([*(s.t_s - s.start_s + horizon_s for s in sessions), np.empty(0)])
    )
    at_events = still_followed(followed, event, followed)
    rows: list[tuple[int, int, bool, float]] = []
    begin = np.concatenate([[0], np.cumsum(sizes)]).astype(np.int64)
    for number, session in enumerate(sessions):
        known = all_known[begin[number] : begin[number + 1]]
        since = session.t_s - session.start_s
        until = since + horizon_s
        hit = event[number] & (followed[number] > since) & (followed[number] <= until)
        free = until <= followed[number] if not event[number] else until < followed[number]
        for minute in np.flatnonzero((hit | free) & (until <= longest) & (known >= LEAST_FOLLOWED)):
            weight = 1.0 / float(at_events[number] if hit[minute] else known[minute])
            rows.append((number, int(minute), bool(hit[minute]), weight))
    columns = list(zip(*rows, strict=True)) if rows else [(), (), (), ()]
    return Outcomes(
        np.array(columns[0], dtype=np.int64),
        np.array(columns[1], dtype=np.int64),
        np.array(columns[2], dtype=bool),
        np.array(columns[3], dtype=np.float64),
    )
