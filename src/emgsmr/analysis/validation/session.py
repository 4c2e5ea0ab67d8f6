"""One session of one runner, as validation sees it: what was known each minute, the flags, and the event."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]

MINUTE_S = 60.0

MERGE_S = 120.0
"""Flags less than two minutes apart are one."""

Span = tuple[float, float]


@dataclass(frozen=True, slots=True, eq=False)
class RunnerSession:
    """One session, from the end of its baseline to its first marked event or the end of the recording.

    Attributes
    ----------
    name : str
        Of the recording.
    runner : str
        Code of the person; sessions of one runner are resampled and left out together.
    started : str
        ISO 8601, orders the sessions of a runner; empty where the recording does not know.
    start_s, end_s : float, s
        What was watched.
    event_s : float, optional, s
        The first event (equals ``end_s``); None = there was none.
    t_s : ndarray, shape (n_minutes,), s
        When each watched minute begins: `start_s` and every minute from then on, before ``end_s``.
    predictors : mapping of str to ndarray, shape (n_minutes,)
        What was known by then, by name (`emgsmr.analysis.validation.grid`); NaN = nothing.
    flags : tuple of (start_s, end_s)
        When an alarm (tier 1 or above) was on, merged; within what was watched.
    usual_cadence : float, 1/min
        Of the baseline.
    simulated : bool
    """

    name: str
    runner: str
    started: str
    start_s: float
    end_s: float
    event_s: float | None
    t_s: FloatArray
    predictors: Mapping[str, FloatArray]
    flags: tuple[Span, ...] = ()
    usual_cadence: float = float("nan")
    simulated: bool = False
    notes: tuple[str, ...] = field(default=())

    @property
    def hours(self) -> float:
        """How long it was watched, h."""
        return (self.end_s - self.start_s) / 3600.0


def merged(spans: Sequence[Span], *, within: Span, apart_s: float = MERGE_S) -> tuple[Span, ...]:
    """Flags cut to what was watched; those less than ``apart_s`` apart are one.

    Examples
    --------
    >>> merged([(0, 50), (100, 130), (400, 900)], within=(20, 600))
    ((20, 130), (400, 600))
    """
    out: list[Span] = []
    for start, end in sorted((max(a, within[0]), min(b, within[1])) for a, b in spans):
        if end <= start:
            continue
        if out and start - out[-1][1] < apart_s:
            out[-1] = (out[-1][0], max(out[-1][1], end))
        else:
            out.append((start, end))
    return tuple(out)


def with_history(sessions: Sequence[RunnerSession]) -> tuple[RunnerSession, ...]:
    """Add what the earlier sessions of each runner tell: ``history`` and ``pace``.

    ``history`` counts the earlier sessions with an event; ``pace`` is ln of the cadence over the runner's
    usual one: the median of the baselines before, in a first session the own baseline.
    """
    out: dict[int, RunnerSession] = {}
    by_runner: dict[str, list[int]] = {}
    for i in sorted(range(len(sessions)), key=lambda i: (sessions[i].started, sessions[i].name)):
        by_runner.setdefault(sessions[i].runner, []).append(i)
    for indices in by_runner.values():
        before = 0
        usual: list[float] = []
        for i in indices:
            session = sessions[i]
            known = [value for value in usual if np.isfinite(value)] or [session.usual_cadence]
            drift = session.predictors["cadence"]
            added = {
                "history": np.full(len(session.t_s), float(before)),
                "pace": drift + np.log(session.usual_cadence / float(np.median(known))),
            }
            out[i] = replace(session, predictors={**session.predictors, **added})
            before += session.event_s is not None
            usual.append(session.usual_cadence)
    return tuple(out[i] for i in range(len(sessions)))
