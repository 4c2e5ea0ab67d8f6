"""The same person's earlier sessions, and how much two days differ by chance."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from emgsmr.analysis.shares import BETWEEN_DAYS_CV, Shares
from emgsmr.analysis.standard_error import Error, log_sd
from emgsmr.analysis.standing_difference import Difference

if TYPE_CHECKING:
    from emgsmr.analysis.result import Analysis
    from emgsmr.analysis.settings import Settings
    from emgsmr.recording import Recording

OWN_ERROR_FROM = 3
"""From this many earlier sessions on, how much they differ says more than other people's days do."""


class Levels(NamedTuple):
    """A pair on one leg: the logarithms of both levels relative to the reference."""

    prime: float
    compensator: float


class EarlierSession(NamedTuple):
    """What an earlier session's levels are relative to, and those of each (pair, side)."""

    normalization: str | None
    levels: Mapping[tuple[str, str], Levels]


def earlier_session(session: Recording | Analysis, settings: Settings) -> EarlierSession:
    """What an earlier session says about the shares; a recording is analyzed with the same settings."""
    from emgsmr.analysis.result import Analysis, analyze

    found = session if isinstance(session, Analysis) else analyze(session, settings)
    standing = found.session["standing"]
    return EarlierSession(
        standing["normalization"],
        {
            (row["pair"], row["side"]): Levels(row["log_prime"], row["log_compensator"])
            for row in standing["shares"]
        },
    )


def between_days(values: Sequence[float], within: float) -> tuple[Error, str]:
    """Error of a new session against the mean of earlier ones, and where it comes from.

    Parameters
    ----------
    values : sequence of float
        Log-ratios of the earlier sessions.
    within : float
        Standard error of the new one within its session: two days do not differ by less.

    Examples
    --------
    >>> error, source = between_days([0.1], 0.1)
    >>> round(float(np.exp(error.times(0.05))), 1), source
    (4.7, 'the between-day CV of 41 % for one muscle, Colyer and McGuigan 2018')
    >>> between_days([0.1, 0.2, 0.3], 0.05)[1]
    'the spread of these 3 sessions'
    """
    n = len(values)
    widened = float(np.sqrt(1.0 + 1.0 / n))
    if n >= OWN_ERROR_FROM:
        spread = max(float(np.std(values, ddof=1)), within)
        return Error(widened * spread, n - 1.0), f"the spread of these {n} sessions"
    both_muscles = np.sqrt(2.0) * log_sd(BETWEEN_DAYS_CV)
    source = f"the between-day CV of {100 * BETWEEN_DAYS_CV:.0f} % for one muscle, Colyer and McGuigan 2018"
    return Error(float(widened * max(both_muscles, within)), float("inf")), source


def compare_with_earlier(
    shares: Shares, earlier: Sequence[EarlierSession], *, floor_pct: float
) -> list[Difference]:
    """Each leg's shares against the mean of the earlier sessions with the same normalization."""
    if not earlier:
        return []
    usable = [session for session in earlier if session.normalization == shares.normalization]
    missing = [
        Difference("earlier sessions", pair, side, reason=reason)
        for (pair, side), reason in shares.unknown.items()
    ]
    found = []
    for (pair, side), share in shares.legs.items():
        levels = [level for session in usable if (level := session.levels.get((pair, side))) is not None]
        if not levels:
            reason = "no earlier session has it relative to the same, recorded in that session"
            missing.append(Difference("earlier sessions", pair, side, reason=reason))
            continue
        error, source = between_days([level.compensator - level.prime for level in levels], share.error.sd)
        prime, compensator = np.array([share.prime, share.compensator]) - np.mean(levels, axis=0)
        sessions = "1 earlier session" if len(levels) == 1 else f"the mean of {len(levels)} earlier sessions"
        difference = Difference(
            "earlier sessions",
            pair,
            side,
            float(compensator - prime),
            float(prime),
            float(compensator),
            n=share.n,
            against=sessions,
            error_from=source,
        )
        found.append((difference, error))
    return missing + [
        difference.judged(error, n_comparisons=len(found), floor_pct=floor_pct) for difference, error in found
    ]
