"""How flags fare event by event: caught, how long before, false ones per hour, and what chance catches."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from scipy import stats

from emgsmr.analysis.validation.session import MERGE_S, MINUTE_S, RunnerSession, Span

FloatArray = NDArray[np.float64]

SEED = 20110415
"""Shifts are drawn, and always the same."""

N_SHIFTS = 1000

MOST_FALSE_PER_HOUR = 0.5
"""Beyond one false alarm in two hours nobody listens: the partial area ends here."""

N_THRESHOLDS = 60


class Counts(NamedTuple):
    """Of each threshold and session, shape (n_thresholds, n_sessions).

    Whether its event was caught, how many flags were false, and event-free hours under a flag.
    """

    caught: FloatArray
    false: FloatArray
    on_h: FloatArray


class EventScore(NamedTuple):
    """Event-level results of one set of flags.

    ``lead_s`` are times from the beginning of the flag to the event; ``false_on`` is the part of the
    event-free time under a flag.
    """

    n_events: int
    n_caught: int
    n_began_within: int
    sensitivity_ci: tuple[float, float]
    lead_s: tuple[float, ...]
    n_false: int
    hours: float
    false_per_hour: float
    false_per_hour_ci: tuple[float, float]
    ppv: float
    ppv_ci: tuple[float, float]
    false_on: float
    chance: float
    shifted: float
    shifted_range: tuple[float, float]
    p_shifted: float

    @property
    def sensitivity(self) -> float:
        """Part of the events that were caught."""
        return self.n_caught / self.n_events if self.n_events else float("nan")


def poisson_rate_interval(count: int, hours: float, *, level: float = 0.95) -> tuple[float, float]:
    """Exact (Garwood) interval of a rate per hour.

    Examples
    --------
    >>> low, high = poisson_rate_interval(0, 10.0)
    >>> low, round(high, 3)
    (0.0, 0.369)
    """
    if not hours > 0:
        return 0.0, float("inf")
    tail = (1.0 - level) / 2.0
    low = 0.0 if count == 0 else float(stats.chi2.ppf(tail, 2 * count)) / 2.0
    return low / hours, float(stats.chi2.ppf(1.0 - tail, 2 * count + 2)) / 2.0 / hours


def proportion_interval(count: int, of: int, *, level: float = 0.95) -> tuple[float, float]:
    """Exact (Clopper-Pearson) interval of a proportion.

    Examples
    --------
    >>> [round(end, 3) for end in proportion_interval(9, 10)]
    [0.555, 0.997]
    """
    if not of:
        return float("nan"), float("nan")
    found = stats.binomtest(count, of).proportion_ci(level, method="exact")
    return float(found.low), float(found.high)


def free_hours(session: RunnerSession, horizon_s: float) -> float:
    """Watched time that is no horizon of an event, h."""
    watched = session.end_s - session.start_s
    return (watched - (min(horizon_s, watched) if session.event_s is not None else 0.0)) / 3600.0


def is_true(span: Span, event_s: float | None, horizon_s: float) -> bool:
    """Whether the event came while a flag was on, or within the horizon after it."""
    return event_s is not None and span[0] < event_s <= span[1] + horizon_s


def score_flags(
    sessions: Sequence[RunnerSession], flags: Sequence[Sequence[Span]], *, horizon_s: float
) -> EventScore:
    """Judge flags event by event.

    Parameters
    ----------
    sessions : sequence of RunnerSession
    flags : sequence of sequences of (start_s, end_s)
        Of each session, merged.
    horizon_s : float, s

    Notes
    -----
    An event is caught if a flag was on, or had just ended, within the horizon before it; its lead is counted
    from the flag's beginning. A flag without an event before its end and the horizon after is false, also if
    the recording ended sooner. Chance: flags at the false ones' rate, thrown at random; and the flags
    themselves, shifted around a circle on which all sessions are laid one after the other.
    """
    with_event = [s for s in sessions if s.event_s is not None]
    leads, false, true, began = [], 0, 0, 0
    for session, spans in zip(sessions, flags, strict=True):
        hits = [span for span in spans if is_true(span, session.event_s, horizon_s)]
        true += len(hits)
        false += len(spans) - len(hits)
        if hits and session.event_s is not None:
            leads.append(session.event_s - hits[0][0])
            began += any(span[0] >= session.event_s - horizon_s for span in hits)
    hours = float(sum(free_hours(session, horizon_s) for session in sessions))
    on_h = sum(free_time_under(s, spans, horizon_s) for s, spans in zip(sessions, flags, strict=True))
    shifted = shifted_sensitivity(sessions, flags, horizon_s=horizon_s)
    sensitivity = len(leads) / len(with_event) if with_event else float("nan")
    rate = false / hours if hours else float("nan")
    return EventScore(
        n_events=len(with_event),
        n_caught=len(leads),
        n_began_within=began,
        sensitivity_ci=proportion_interval(len(leads), len(with_event)),
        lead_s=tuple(leads),
        n_false=false,
        hours=hours,
        false_per_hour=rate,
        false_per_hour_ci=poisson_rate_interval(false, hours),
        ppv=true / (true + false) if true + false else float("nan"),
        ppv_ci=proportion_interval(true, true + false),
        false_on=on_h / hours if hours else float("nan"),
        chance=float(-np.expm1(-rate * horizon_s / 3600.0)),
        shifted=float(np.mean(shifted)) if len(shifted) else float("nan"),
        shifted_range=_middle(shifted),
        p_shifted=float((1 + np.sum(shifted >= sensitivity - 1e-12)) / (1 + len(shifted)))
        if len(shifted)
        else float("nan"),
    )


def _middle(values: FloatArray) -> tuple[float, float]:
    if not len(values):
        return float("nan"), float("nan")
    low, high = np.quantile(values, [0.025, 0.975])
    return float(low), float(high)


def shifted_sensitivity(
    sessions: Sequence[RunnerSession],
    flags: Sequence[Sequence[Span]],
    *,
    horizon_s: float,
    n_shifts: int = N_SHIFTS,
) -> FloatArray:
    """Sensitivity of the same flags, as many and as long, moved at random along all that was watched.

    Returns
    -------
    ndarray, shape (n_shifts,)
        Empty where there is no event.
    """
    length = np.array([s.end_s - s.start_s for s in sessions])
    begin = np.concatenate([[0.0], np.cumsum(length)])
    total = float(begin[-1])
    events = [(begin[i + 1], length[i]) for i, s in enumerate(sessions) if s.event_s is not None]
    if not events or not total > 0:
        return np.empty(0)
    spans = [
        (begin[i] + a - s.start_s, begin[i] + b - s.start_s)
        for i, (s, own) in enumerate(zip(sessions, flags, strict=True))
        for a, b in own
    ]
    shift = np.random.default_rng(SEED).uniform(0.0, total, size=(n_shifts, 1))
    caught = np.zeros(n_shifts)
    for at, watched in events:
        reach = min(horizon_s, watched)
        hit = np.zeros(n_shifts, dtype=bool)
        for a, b in spans:
            # on the circle, how far the flag's beginning lies before the event
            before = np.mod(at - (a + shift[:, 0]), total)
            hit |= before <= (b - a) + reach
        caught += hit
    return caught / len(events)


def spans_above(session: RunnerSession, score: FloatArray, threshold: float) -> tuple[Span, ...]:
    """When a score that is known each minute was at or above a threshold, merged as flags are."""
    on = np.flatnonzero(score >= threshold)  # NaN is never
    if not len(on):
        return ()
    begin, end = session.t_s[on], np.minimum(session.t_s[on] + MINUTE_S, session.end_s)
    parted = np.flatnonzero(begin[1:] - end[:-1] >= MERGE_S)
    first, last = np.concatenate([[0], parted + 1]), np.concatenate([parted, [len(on) - 1]])
    return tuple(zip(begin[first].tolist(), end[last].tolist(), strict=True))


def counts_by_threshold(
    sessions: Sequence[RunnerSession], scores: Sequence[FloatArray], *, horizon_s: float
) -> Counts:
    """What flags at thresholds from high to low would catch and cost in each session."""
    levels = np.unique(np.concatenate([*scores, np.empty(0)]))
    levels = levels[np.isfinite(levels)]
    if len(levels) > N_THRESHOLDS:
        levels = np.unique(np.quantile(levels, np.linspace(0.0, 1.0, N_THRESHOLDS), method="nearest"))
    counts = Counts(*(np.zeros((len(levels), len(sessions))) for _ in range(3)))
    for row, level in enumerate(levels[::-1].tolist()):
        for column, (session, score) in enumerate(zip(sessions, scores, strict=True)):
            spans = spans_above(session, score, level)
            true = sum(is_true(span, session.event_s, horizon_s) for span in spans)
            counts.caught[row, column] = true > 0
            counts.false[row, column] = len(spans) - true
            counts.on_h[row, column] = free_time_under(session, spans, horizon_s)
    return counts


def free_time_under(session: RunnerSession, spans: Sequence[Span], horizon_s: float) -> float:
    """Event-free time under a flag, h."""
    until = session.end_s - (horizon_s if session.event_s is not None else 0.0)
    return sum(max(0.0, min(b, until) - a) for a, b in spans) / 3600.0


def best_within(counts: Counts, *, hours: float, n_events: int, most_on: float) -> float:
    """Highest sensitivity of any threshold with at most this part of the event-free time under a flag."""
    if not n_events or not hours:
        return float("nan")
    allowed = counts.caught.sum(axis=1)[counts.on_h.sum(axis=1) / hours <= most_on + 1e-9]
    return float(allowed.max(initial=0.0)) / n_events


def partial_area(
    counts: Counts, *, hours: float, n_events: int, most_per_hour: float = MOST_FALSE_PER_HOUR
) -> float:
    """Mean sensitivity between no false flag and the highest bearable rate of them (0 to 1)."""
    if not n_events or not hours:
        return float("nan")
    rate = counts.false.sum(axis=1) / hours
    order = np.argsort(rate, kind="stable")
    rate, sensitivity = rate[order], np.maximum.accumulate(counts.caught.sum(axis=1)[order] / n_events)
    inside = rate <= most_per_hour
    edges = np.concatenate([[0.0], rate[inside], [most_per_hour]])
    heights = np.concatenate([[0.0], sensitivity[inside]])
    return float(np.sum(np.diff(edges) * heights) / most_per_hour)
